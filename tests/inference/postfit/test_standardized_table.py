"""The standardised solution against lavaan's standardizedSolution()."""

import numpy as np
import pandas as pd
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference.standardized_table import standardized_solution

CASES = ["democracy", "democracy_mlr", "democracy_means", "second_order", "covariates", "observed_paths", "scalar_mlr"]
COLUMNS = {"est_std": "est.std", "std_error": "se", "z": "z", "p_value": "pvalue", "ci_lower": "ci.lower"}


def keyed(table):
    rows = zip(table["lhs"], table["op"], table["rhs"].fillna(""), table["group"], strict=True)
    keys = [
        (*sorted((lhs, rhs)), op, group) if op == "~~" else (lhs, rhs.replace(" ", ""), op, 0 if op == ":=" else group)
        for lhs, op, rhs, group in rows
    ]
    return table.set_axis(pd.Index(keys, tupleize_cols=False), axis=0)


@pytest.mark.parametrize("kind", ["std_all", "std_lv", "std_nox"])
@pytest.mark.parametrize("case", CASES)
def test_the_solution_is_lavaans(case, kind, fit_of, stored):
    ours = keyed(standardized_solution(fit_of(case), kind))
    theirs = keyed(stored("standardized", case=case, kind=kind.replace("_", "."))).loc[list(ours.index)]
    for name, their_name in COLUMNS.items():
        mine, other = ours[name], theirs[their_name]
        if name == "ci_lower":  # of fixed values lavaan's interval is the value itself
            mine, other = mine[ours["std_error"] > 0], other[ours["std_error"] > 0]
        # 2e-5: lavaan's estimates are up to 1e-4 standard errors from the minimum; z multiplies that by 1/SE
        tolerance = 2e-3 if name == "z" else 2e-5
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=tolerance, err_msg=name)


def test_covariates_keep_their_units_only_where_asked(fit_of):
    tables = {kind: standardized_solution(fit_of("covariates"), kind) for kind in ("std_all", "std_nox")}
    path = {kind: table.query("lhs == 'textual' and rhs == 'sex'")["est_std"].item() for kind, table in tables.items()}
    deviation = np.sqrt(fit_of("covariates").implied_covariance.loc["sex", "sex"])
    assert path["std_all"] == pytest.approx(path["std_nox"] * deviation)


def test_the_level_widens_the_interval(fit_of):
    narrow, wide = (standardized_solution(fit_of("democracy"), level=level) for level in (0.9, 0.99))
    assert (wide["ci_upper"] - narrow["ci_upper"]).dropna().gt(0).all()


def test_an_unknown_kind_is_refused(fit_of):
    with pytest.raises(UnsupportedError, match="'std_all', 'std_lv', 'std_nox'"):
        standardized_solution(fit_of("democracy"), "std_y")
