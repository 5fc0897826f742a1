"""Latent interactions by product indicators against lavaan's fits of the models written out, and published values."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveysem.inference import Fit
from surveysem.modelling import sem

HERE = Path(__file__).parent
FOLDER = HERE / "lavaan_moderation"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
OPTIONS: dict[str, dict[str, Any]] = {
    "constrained": {"centering": "constrained"},
    "clusters": {"pairs": "matched", "cluster": "cluster"},
    "fiml": {"pairs": "matched", "missing": "fiml"},
    "groups": {"pairs": "matched", "group": "part", "group_equal": ["loadings"]},
    "listwise": {"pairs": "matched"},
    "observed_binary": {},
    "observed_continuous": {},
    "quadratic": {"pairs": "matched"},
    "quadratic_all": {},
    "residual": {"centering": "residual"},
    "satorra_bentler": {"pairs": "matched"},
    "single_indicator": {},
    "two_interactions": {"pairs": "matched"},
    "two_interactions_all": {},
    "unconstrained": {"centering": "unconstrained"},
    "unconstrained_intercepts": {"centering": "unconstrained", "pairs": "matched"},
}
"""What :func:`sem` is told besides the model and the estimator, as make.R tells it to lavaan."""

ESTIMATES = {
    "est": "estimate",
    "se": "std_error",
    "std.lv": "std_lv",
    "est.std": "std_all",
    "est.std.se": "std_std_error",
}
MEASURES = ["npar", "chisq", "df", "cfi", "tli", "rmsea", "srmr", "logl", "aic", "bic", "baseline.chisq"]
SCALED = ["chisq.scaled", "chisq.scaling.factor", "cfi.robust", "rmsea.robust", "baseline.chisq.scaled"]
ONE = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z"
PLANNED_BEHAVIOUR = """
ATT =~ att1 + att2 + att3 + att4 + att5
SN =~ sn1 + sn2
PBC =~ pbc1 + pbc2 + pbc3
INT =~ int1 + int2 + int3
BEH =~ b1 + b2
INT ~ ATT + SN + PBC
BEH ~ INT + PBC + INT:PBC
"""


def _read(name: str) -> pd.DataFrame:
    path = SHARED / f"{name}.csv"
    if not path.is_file():
        pytest.skip(f"{name}.csv is not beside this checkout (../shared/data)")
    return pd.read_csv(path, encoding="utf-8")


def _incomplete() -> pd.DataFrame:
    """About one value in ten left out, by the rule of ``delete_values`` in ``lavaan/reference.R``."""
    frame = _read("oneInt").head(500)
    row = np.arange(1, len(frame) + 1)
    for j, name in enumerate(["x1", "x2", "x3", "z1", "z2", "z3", "y1", "y2", "y3"], start=1):
        frame.loc[(7 * row**2 + 31 * row * j + 13 * j) % 101 < 10, name] = np.nan
    return frame


def _data(case: str) -> pd.DataFrame:
    if case in ("fiml", "listwise"):
        return _incomplete()
    if case.startswith("two"):
        return _read("TPB")
    frame = _read("oneInt")
    number = np.arange(1, len(frame) + 1)
    part = np.where(frame["z3"] + number % 3 > 1, "high", "low")
    return frame.assign(high=(frame["z1"] > 0.5).astype(float), cluster=number % 60, part=part)


def _syntax(case: str) -> str:
    return (FOLDER / case / "model.txt").read_text(encoding="utf-8")


def _stored(folder: Path, estimator: str) -> tuple[pd.DataFrame, pd.Series]:
    estimates = pd.read_csv(folder / "estimates.csv", keep_default_na=False)
    estimates = estimates[estimates["estimator"] == estimator]
    measures = pd.read_csv(folder / "fit.csv", dtype=str)
    measures = measures[(measures["estimator"] == estimator) & (measures["measure"] != "lavaan.version")]
    return estimates, measures.set_index("measure")["value"].astype(float)


def _keys(table: pd.DataFrame) -> list[tuple[object, ...]]:
    groups = table["group"] if "group" in table else [1] * len(table)
    return [
        (*(sorted((lhs, rhs)) if op == "~~" else (lhs, rhs)), op, group)
        for lhs, op, rhs, group in zip(table["lhs"], table["op"], table["rhs"], groups, strict=True)
    ]


def _assert_agrees(fit: Fit, folder: Path, estimator: str) -> None:
    """1e-4 relative: lavaan's own stop leaves up to 8e-5; 2e-5 absolute covers values near zero."""
    theirs, measures = _stored(folder, estimator)
    theirs = theirs.assign(**{side: theirs[side].str.replace("_x_", ":") for side in ("lhs", "rhs")})
    theirs = theirs[theirs["op"] != "=="]
    ours, theirs = (
        table.set_axis(pd.Index(_keys(table), tupleize_cols=False), axis=0) for table in (fit.estimates, theirs)
    )
    assert set(ours.index) == set(theirs.index)
    is_product_path = (theirs["op"] == "~") & theirs["rhs"].str.contains(":")
    assert is_product_path.any()
    for column, mine in ESTIMATES.items():
        # lavaan standardises products by their own standard deviation (Wen, Marsh & Hau 2010 say why not to).
        rows = theirs[~is_product_path] if "std" in column else theirs
        found, expected = ours.loc[rows.index, mine], pd.to_numeric(rows[column])
        np.testing.assert_allclose(found.astype(float), expected, rtol=1e-4, atol=2e-5, err_msg=column)
    for name in MEASURES + (SCALED if "chisq.scaled" in measures else []):
        # 1e-6: the discrepancy is flat at its minimum, so indices agree better than estimates do
        assert fit.fit_indices[name] == pytest.approx(measures[name], rel=1e-6, abs=1e-6), name


def _runs() -> list[tuple[str, str]]:
    tables = {case: pd.read_csv(FOLDER / case / "estimates.csv") for case in OPTIONS}
    return [(case, estimator) for case, table in tables.items() for estimator in table["estimator"].unique()]


@pytest.mark.parametrize(("case", "estimator"), _runs())
def test_models_with_products_agree_with_lavaan(case, estimator):
    _assert_agrees(sem(_syntax(case), _data(case), estimator=estimator, **OPTIONS[case]), FOLDER / case, estimator)


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
@pytest.mark.parametrize(
    ("case", "syntax", "data", "options"),
    [
        ("one_int_all_pairs", ONE, "oneInt", {}),
        ("one_int_matched", ONE, "oneInt", {"pairs": "matched"}),
        ("tpb_all_pairs", PLANNED_BEHAVIOUR, "TPB", {}),
    ],
)
def test_double_mean_centring_agrees_with_lavaan(case, syntax, data, options, estimator):
    _assert_agrees(sem(syntax, _read(data), estimator=estimator, **options), HERE / "lavaan" / case, estimator)


def _path(fit: Fit, rhs: str) -> pd.Series:
    return fit.estimates[(fit.estimates["op"] == "~") & (fit.estimates["rhs"] == rhs)].iloc[0]


PUBLISHED = {
    "double, all pairs": ({}, (0.675, 0.561, 0.702), (0.027, 0.026, 0.027), 122.924, 111),
    "double, matched": ({"pairs": "matched"}, (None, None, 0.708), (None, None, 0.027), 52.566, 48),
    "residual": ({"centering": "residual"}, (None, None, 0.704), (None, None, 0.027), 39.277, 111),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_printed_values_of_the_simulated_interaction(name):
    options, estimates, errors, chi_square, df = PUBLISHED[name]
    fit = sem(ONE, _read("oneInt"), **options)
    assert (round(fit.fit_indices["chisq"], 3), fit.fit_indices["df"]) == (chi_square, df)
    for rhs, estimate, error in zip(("X", "Z", "X:Z"), estimates, errors, strict=True):
        if estimate is not None:
            row = _path(fit, rhs)
            assert (round(row["estimate"], 3), round(row["std_error"], 3)) == (estimate, error)


def test_printed_robust_values():
    fit = sem(ONE, _read("oneInt"), estimator="MLR")
    assert round(_path(fit, "X:Z")["std_error"], 3) == 0.030
    assert round(fit.fit_indices["chisq.scaled"], 3) == 101.272


def test_standardised_interactions_use_the_deviations_of_their_factors():
    """.4445 and .222, not .4552 and .260 as by the product's own standard deviation."""
    assert round(_path(sem(ONE, _read("oneInt")), "X:Z")["std_all"], 4) == 0.4445
    fit = sem(PLANNED_BEHAVIOUR, _read("TPB"))
    row = _path(fit, "INT:PBC")
    assert (round(row["estimate"], 3), round(row["std_error"], 3), round(row["std_all"], 3)) == (0.204, 0.018, 0.222)
    # 6e-4: printed with three decimals, where lavaan's optimiser stopped
    assert fit.fit_indices["chisq"] == pytest.approx(207.614, abs=6e-4)
    assert fit.fit_indices["df"] == 222


def test_modelling_the_mean_of_the_product_changes_no_effect():
    """Lin, Wen, Marsh and Lin (2010): the mean structure is unnecessary where products are centred twice."""
    single, double = (sem(ONE, _read("oneInt"), centering=each) for each in ("unconstrained", "double"))
    for name in ("X", "Z", "X:Z"):
        assert _path(single, name)["estimate"] == pytest.approx(_path(double, name)["estimate"], rel=1e-6)
    assert single.fit_indices["chisq"] == pytest.approx(double.fit_indices["chisq"], rel=1e-8)
    estimates = single.estimates
    mean = estimates[(estimates["lhs"] == "X:Z") & (estimates["op"] == "~1")]["estimate"].iloc[0]
    covariance = estimates[(estimates["lhs"] == "X") & (estimates["op"] == "~~") & (estimates["rhs"] == "Z")]
    assert mean == covariance["estimate"].iloc[0]
