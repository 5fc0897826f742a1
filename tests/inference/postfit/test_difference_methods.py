"""Corrections of likelihood-ratio differences against lavaan's, and what stands in for a negative scaling factor."""

from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import UnsupportedError
from surveysem.inference.comparison import compare, nested_difference
from surveysem.inference.fit import Fit

FOLDER = Path(__file__).resolve().parents[2] / "reference" / "lavaan_difference_tests"
MEASUREMENT = "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9"
RESTRICTED = {
    "near": f"{MEASUREMENT}; textual ~~ 0.2*speed",
    "far": f"{MEASUREMENT}; visual ~~ 0*speed; visual ~~ 0.5*textual",
    "equal": "visual =~ x1 + a*x2 + b*x3; textual =~ x4 + c*x5 + d*x6; speed =~ x7 + x8 + x9; a == b; c == d",
    "loadings": MEASUREMENT,
}
METHODS = ("satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000")


@cache
def holzinger() -> pd.DataFrame:
    path = Path(str(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv")))
    return pd.read_csv(path, encoding="utf-8")


@cache
def pair(case: str) -> tuple[Fit, Fit]:
    name, estimator = case.split("_")
    groups = {"group": "school"} if name == "loadings" else {}
    equal = {"group_equal": ("loadings",)} if name == "loadings" else {}
    larger = ss.sem(MEASUREMENT, holzinger(), estimator=estimator.upper(), **groups)
    return ss.sem(RESTRICTED[name], holzinger(), estimator=estimator.upper(), **groups, **equal), larger


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", [f"{name}_{estimator}" for name in RESTRICTED for estimator in ("mlm", "mlr")])
def test_each_correction_is_lavaans(case, method):
    stored = pd.read_csv(FOLDER / "difference_tests.csv").set_index(["case", "method"]).loc[(case, method)]
    row = compare(*pair(case), method=method).iloc[-1]
    assert row["finding"] == ""
    assert row["df_diff"] == stored["df_diff"]
    np.testing.assert_allclose(row["chisq_diff"], stored["chisq_diff"], rtol=1e-4)
    # a p of 1e-7 changes by seven times the relative change of its statistic
    np.testing.assert_allclose(row["p_value"], stored["p_value"], rtol=1e-4, atol=1e-9)


def test_the_default_is_that_of_2001():
    plain, named = (compare(*pair("far_mlr"), method=method) for method in (None, "satorra_bentler_2001"))
    pd.testing.assert_frame_equal(plain, named)


def test_against_a_saturated_model_both_scaled_differences_are_the_scaled_statistic():
    data = holzinger()
    saturated = ss.sem("x1 ~~ x2 + x3 + x4; x2 ~~ x3 + x4; x3 ~~ x4", data, estimator="MLM")
    factor = ss.sem("f =~ x1 + x2 + x3 + x4", data, estimator="MLM")
    assert saturated.fit_indices["df"] == 0
    for method in METHODS[:2]:
        row = compare(factor, saturated, method=method).iloc[-1]
        assert row["chisq_diff"] == pytest.approx(factor.fit_indices["chisq.scaled"], rel=1e-9)


def test_where_the_factor_of_2001_is_negative_the_test_of_2000_stands_in_and_says_so(monkeypatch):
    restricted, larger = pair("loadings_mlr")
    expected = compare(restricted, larger, method="satorra_2000").iloc[-1]
    indices = {
        id(restricted): dict(restricted.fit_indices) | {"chisq.scaling.factor": 0.5},
        id(larger): dict(larger.fit_indices) | {"chisq.scaling.factor": 1.5},
    }
    monkeypatch.setattr(Fit, "fit_indices", property(lambda self: indices[id(self)]))
    failed = compare(restricted, larger).iloc[-1]
    assert np.isnan(failed["p_value"])
    assert "satorra_2000" in failed["finding"]
    assert "satorra_bentler_2010" in failed["finding"]
    stands_in = nested_difference(restricted, larger)
    assert stands_in["p_value"] == expected["p_value"]
    assert "the test is Satorra's (2000)" in stands_in["finding"]


def test_nothing_stands_in_where_the_factor_is_positive():
    row = nested_difference(*pair("loadings_mlr"))
    assert row["finding"] == ""
    assert row["method"] == "Satorra and Bentler (2001), scaled"


def test_models_that_are_not_nested_have_no_difference_of_2010():
    data = ss.load_study("political_democracy").bundled_data()
    larger = ss.sem("f =~ y1 + y2 + y3 + y4; y1 ~~ y2", data, estimator="MLM")
    other = ss.sem("f =~ y1 + a*y2 + y3 + a*y4; y2 ~~ y4", data, estimator="MLM")
    row = compare(larger, other, method="satorra_bentler_2010").iloc[-1]
    assert np.isnan(row["p_value"])
    assert row["finding"]


@pytest.mark.parametrize(
    ("estimator", "method", "told"),
    [
        ("ML", "satorra_2000", "not available with ML"),
        ("MLMV", "satorra_bentler_2010", "Available: satorra_2000"),
        ("MLR", "satorra_1999", "Available: satorra_bentler_2001, satorra_bentler_2010, satorra_2000"),
    ],
)
def test_corrections_an_estimator_has_not_are_refused(estimator, method, told):
    data = ss.load_study("political_democracy").bundled_data()
    fits = (ss.sem(f"f =~ y1 + {a}y2 + {a}y3 + y4", data, estimator=estimator) for a in ("a*", ""))
    with pytest.raises(UnsupportedError, match=told):
        compare(*fits, method=method)


def test_incomplete_rows_have_all_three_and_agree_with_walds_test():
    """lavaan's of 2001 and 2010; its satorra.2000 is twice the others and Wald's robust test there.

    They ask the same of one restriction, so that with incomplete rows that number is not taken for a reference.
    """
    stored = pd.read_csv(FOLDER / "difference_tests.csv").set_index(["case", "method"]).loc["incomplete_mlr"]
    folder = FOLDER.parent / "lavaan_missing" / "holzinger"
    data = pd.read_csv(folder / "data.csv", encoding="utf-8").iloc[1:]
    larger, restricted = (
        ss.cfa(model, data, estimator="MLR", missing="fiml") for model in (MEASUREMENT, RESTRICTED["near"])
    )
    found = {method: compare(larger, restricted, method=method)["chisq_diff"].iloc[-1] for method in METHODS}
    for method in METHODS[:2]:
        assert found[method] == pytest.approx(stored.loc[method, "chisq_diff"], rel=1e-4)
    row = larger.estimates.query("lhs == 'textual' and op == '~~' and rhs == 'speed'").iloc[0]
    wald = ((row["estimate"] - 0.2) / row["std_error"]) ** 2
    # the two tests are the same in large samples alone; two percent apart here, lavaan's 84
    assert found["satorra_2000"] == pytest.approx(wald, rel=0.03)
