"""Fit indices of many kinds of models against those lavaan made; script and numbers are in lavaan_fit_indices."""

from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data import read_political_democracy
from surveysem.inference import Fit
from surveysem.inference.indices import cfi, tli
from surveysem.inference.indices.categorical import correlation_statistics
from surveysem.inference.indices.incomplete import complete_data_statistics
from surveysem.modelling import sem

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FOLDER = REFERENCE / "lavaan_fit_indices"
MEASURES = pd.read_csv(FOLDER / "measures.csv", encoding="utf-8").set_index(["case", "measure"])["value"]
CASES = {
    words[0]: words[1:]
    for words in map(str.split, (FOLDER / "cases.txt").read_text(encoding="utf-8").splitlines())
    if words[0] != "#"
}
ORDERED_GROUPS = [name for name in CASES if name.startswith("ordered_") and ("group=" in " ".join(CASES[name]))]
SAME_UNDER_TWO_NAMES = {"nnfi", "nnfi.scaled", "nnfi.robust", "srmr_bentler"}
CHOSEN = {"rmsea.ci.level", "rmsea.close.h0", "rmsea.notclose.h0"}
OTHER_RESIDUALS = {
    *("rmr", "rmr_nomean", "srmr_bentler_nomean", "crmr", "crmr_nomean", "srmr_mplus", "srmr_mplus_nomean", "wrmr")
}
PARSIMONY = {"pnfi", "pnfi.scaled", "pgfi"}
PARTS = {"scaling.factor.h0", "scaling.factor.h1"}
STATISTICS = {"XX3", "df3", "c.hat3", "XX3.scaled", "XX3.null", "df3.null", "c.hat3.null"}
NOT_OFFERED = SAME_UNDER_TWO_NAMES | CHOSEN | OTHER_RESIDUALS | PARSIMONY | PARTS | STATISTICS
SATURATED_UNDEFINED = {"cn_05", "cn_01", "rmsea.scaled", "rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled"}
"""What lavaan prints otherwise of models without degrees of freedom: a critical n of 1, no scaled RMSEA."""


def _holzinger(*, missing: bool) -> pd.DataFrame:
    path = Path(str(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv")))
    frame = pd.read_csv(path, encoding="utf-8")
    row = np.arange(1, len(frame) + 1)
    for j in range(1, 10) if missing else ():  # the rule of delete_values in reference/lavaan/reference.R
        frame.loc[(7 * row**2 + 31 * row * j + 13 * j) % 101 < 10, f"x{j}"] = np.nan
    return frame.assign(cluster=frame["id"] % 40, cohort=np.where(row <= 180, "first", "last"))


@cache
def _data(name: str) -> pd.DataFrame:
    if name in ("holzinger", "missing"):
        return _holzinger(missing=name == "missing")
    if name == "democracy":
        return read_political_democracy()
    stored = "groups" if name == "copies" else name
    frame = pd.read_csv(REFERENCE / "lavaan_least_squares" / f"{stored}.csv", encoding="utf-8")
    if name == "copies":
        return pd.concat([frame.assign(copy="a"), frame.assign(copy="b")], ignore_index=True)
    return frame.assign(third=np.where(np.arange(len(frame)) < 400, "first", "last")) if name == "groups" else frame


def _models() -> dict[str, str]:
    sections = (FOLDER / "models.txt").read_text(encoding="utf-8").split("%%")[1:]
    parts = [section.split("\n", maxsplit=1) for section in sections]
    return {name.strip(): text for name, text in parts}


def _option(word: str) -> tuple[str, object]:
    name, value = word.split("=")
    if value == "True":
        return name, True
    return name, tuple(value.split(",")) if name in ("ordered", "group_equal") else value


@cache
def _fit(case: str) -> Fit:
    model, data, *options = CASES[case]
    return sem(_models()[model], _data(data), **dict(map(_option, options)))


def _expected(case: str) -> dict[str, float]:
    """lavaan's numbers that ours must be: all it prints but for what is listed above."""
    theirs = MEASURES[case].drop(list(NOT_OFFERED), errors="ignore")
    if "gfi" not in _fit(case).fit_indices:  # only offered where definitions agree
        theirs = theirs.drop(["gfi", "agfi"])
    if theirs["df"] == 0:
        return theirs.drop(list(SATURATED_UNDEFINED), errors="ignore").to_dict()
    if case in ORDERED_GROUPS:  # of another baseline; see below
        theirs = theirs.drop(["cfi.robust", "tli.robust", "rni.robust"])
    known = theirs.dropna()
    absent = theirs[theirs.isna()].index
    robust = [name for name in absent if name.endswith(".robust")]
    assert set(absent) <= {*robust, "pvalue", "baseline.pvalue", "nfi", "rfi", "nfi.scaled", "rfi.scaled"}
    return known.to_dict()


@pytest.mark.parametrize("case", CASES)
def test_every_index_is_that_of_lavaan(case):
    """1e-5: the statistic of least squares moves by as much where lavaan's optimiser stops."""
    expected, indices = _expected(case), _fit(case).fit_indices
    assert len(expected) >= 20
    assert set(expected) <= set(indices)
    found = {name: indices[name] for name in expected}
    assert found == pytest.approx(expected, rel=1e-5, abs=2e-6, nan_ok=True)


@pytest.mark.parametrize("case", CASES)
def test_where_lavaan_has_no_number_there_is_none(case):
    """But for the range of the index of a saturated model, which says perfect fit."""
    indices, theirs = _fit(case).fit_indices, MEASURES[case]
    unknown = {name for name in indices if name in theirs.index and np.isnan(theirs[name])}
    if theirs["df"] > 0:
        assert all(np.isnan(indices[name]) for name in unknown)
    assert {name for name in indices if name not in theirs.index} <= {"chisq.shift.parameter", "ntotal"}


@pytest.mark.parametrize("case", [name for name in CASES if name.startswith("fiml")])
def test_statistics_of_incomplete_rows(case):
    """1e-6: lavaan's unrestricted moments stop at 1e-8 of a standard deviation."""
    fit, theirs = _fit(case), MEASURES[case]
    model, baseline = complete_data_statistics(fit.solution, fit.estimator)
    assert baseline.plain == pytest.approx(theirs["XX3.null"], rel=1e-6)
    assert baseline.factor == pytest.approx(theirs["c.hat3.null"], rel=1e-6)
    assert (model.degrees_of_freedom, baseline.degrees_of_freedom) == (theirs["df3"], theirs["df3.null"])
    assert model.plain == pytest.approx(theirs["XX3"], rel=1e-6, abs=1e-6)
    if model.degrees_of_freedom:
        assert model.factor == pytest.approx(theirs["c.hat3"], rel=1e-6)


@pytest.mark.parametrize("case", [name for name in ORDERED_GROUPS if "thresholds" not in name])
def test_statistics_of_ordered_variables_of_several_groups(case):
    """lavaan divides each group's Γ by its share of the rows in the factor of the baseline, there alone."""
    fit, theirs = _fit(case), MEASURES[case]
    model, baseline = correlation_statistics(fit.solution)
    assert model.plain == pytest.approx(theirs["XX3"], rel=1e-5)
    assert model.factor == pytest.approx(theirs["c.hat3"], rel=1e-5)
    assert baseline.plain == pytest.approx(theirs["XX3.null"], rel=1e-6)
    pairs = baseline.degrees_of_freedom // len(fit.solution.groups)
    traces = [np.trace(group.discrepancy.gamma[-pairs:, -pairs:]) / group.weight for group in fit.solution.groups]
    divided = sum(traces) / baseline.degrees_of_freedom
    assert divided == pytest.approx(theirs["c.hat3.null"], rel=1e-6)
    statistics = {
        "chi_square": model.plain,
        "degrees_of_freedom": model.degrees_of_freedom,
        "baseline_chi_square": baseline.plain,
        "baseline_degrees_of_freedom": baseline.degrees_of_freedom,
        "scaling": model.factor,
    }
    assert cfi(**statistics, baseline_scaling=divided) == pytest.approx(theirs["cfi.robust"], rel=1e-6)
    assert tli(**statistics, baseline_scaling=divided) == pytest.approx(theirs["tli.robust"], rel=1e-6)
    assert fit.fit_indices["cfi.robust"] == pytest.approx(cfi(**statistics, baseline_scaling=baseline.factor))


def test_rows_given_twice_as_two_groups_have_the_factors_of_one():
    """Of the model and of the baseline, where lavaan's is twice that of one group."""
    model, data = CASES["ordered_copies"][:2]
    rows = _data(data)
    one = sem(_models()[model], rows[rows["copy"] == "a"], ordered=True)
    of_one, of_two = (correlation_statistics(fit.solution) for fit in (one, _fit("ordered_copies")))
    for single, double in zip(of_one, of_two, strict=True):
        assert double.plain == pytest.approx(2 * single.plain, rel=1e-7)
        assert double.factor == pytest.approx(single.factor, rel=1e-6)
    theirs = MEASURES["ordered_copies"]
    assert theirs["c.hat3.null"] == pytest.approx(2 * of_one[1].factor, rel=1e-6)
