"""Estimates, standard errors, standardised values and fit indices against lavaan's, as stored."""

import numpy as np
import pandas as pd
import pytest

OURS = {
    "est": "estimate",
    "se": "std_error",
    "z": "z",
    "pvalue": "p_value",
    "ci.lower": "ci_lower",
    "ci.upper": "ci_upper",
    "std.lv": "std_lv",
    "std.all": "std_all",
    "est.std": "std_all",
    "est.std.se": "std_std_error",
    "est.std.ci.lower": "std_ci_lower",
    "est.std.ci.upper": "std_ci_upper",
}
TESTS = {"z", "pvalue", "ci.lower", "ci.upper", "est.std.ci.lower", "est.std.ci.upper"}
PLAIN = [
    "npar",
    "fmin",
    "chisq",
    "df",
    "pvalue",
    "baseline.chisq",
    "baseline.df",
    "baseline.pvalue",
    "cfi",
    "tli",
    "nfi",
    "rfi",
    "ifi",
    "rni",
    "logl",
    "unrestricted.logl",
    "aic",
    "bic",
    "bic2",
    "ntotal",
    "rmsea",
    "rmsea.ci.lower",
    "rmsea.ci.upper",
    "rmsea.pvalue",
    "rmsea.notclose.pvalue",
    "srmr",
    "mfi",
    "cn_05",
    "cn_01",
    "ecvi",
]
OF_COVARIANCES = ["gfi", "agfi"]
SCALED = [
    "chisq.scaled",
    "df.scaled",
    "pvalue.scaled",
    "chisq.scaling.factor",
    "baseline.chisq.scaled",
    "baseline.df.scaled",
    "baseline.pvalue.scaled",
    "baseline.chisq.scaling.factor",
    "cfi.scaled",
    "tli.scaled",
    "nfi.scaled",
    "rfi.scaled",
    "ifi.scaled",
    "rni.scaled",
    "rmsea.scaled",
    "rmsea.ci.lower.scaled",
    "rmsea.ci.upper.scaled",
    "rmsea.pvalue.scaled",
    "rmsea.notclose.pvalue.scaled",
]
ROBUST = [
    "cfi.robust",
    "tli.robust",
    "rni.robust",
    "rmsea.robust",
    "rmsea.ci.lower.robust",
    "rmsea.ci.upper.robust",
    "rmsea.pvalue.robust",
    "rmsea.notclose.pvalue.robust",
]
# 0/0 in saturated models, which lavaan leaves empty; ours say perfect fit, as its own plain cfi, tli and rmsea do.
UNDEFINED_WHEN_SATURATED = {
    "cfi.robust",
    "tli.robust",
    "rni.robust",
    "rmsea.scaled",
    "rmsea.ci.lower.scaled",
    "rmsea.ci.upper.scaled",
}
NONE_WHEN_SATURATED = {"cn_05", "cn_01", "agfi"}
"""Of which lavaan prints 1."""


def _keyed(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by lhs, op, rhs: covariances whichever side comes first, definitions by name, products by lavaan's name."""
    keys = []
    groups = table["group"] if "group" in table else [1] * len(table)
    for lhs, op, rhs, group in zip(table["lhs"], table["op"], table["rhs"], groups, strict=True):
        pair = sorted((lhs, rhs)) if op == "~~" else [lhs, "" if op == ":=" else rhs]
        keys.append((pair[0], op, pair[1], 0 if op == ":=" else group))
    return table.set_axis(pd.Index(keys, tupleize_cols=False), axis=0)


def _fixed(column: str, theirs: pd.DataFrame) -> np.ndarray:
    standard_error = "est.std.se" if column.startswith("est.std") else "se"
    return (theirs[standard_error] == 0).to_numpy()


def test_the_rows_are_the_same(run):
    ours, theirs = _keyed(run.fit.estimates), _keyed(run.estimates)
    assert set(ours.index) == set(theirs.index)
    assert len(ours) == len(theirs)
    # lavaan labels what group.equal holds equal: .p2.
    labels = ["" if label.startswith(".") else label for label in theirs["label"]]
    assert ours.loc[theirs.index, "label"].tolist() == labels


@pytest.mark.parametrize("column", OURS)
def test_estimates_agree(run, column):
    """1e-4 relative: lavaan's own stop leaves up to 8e-5 in a z near 1; 2e-5 absolute covers values near zero."""
    theirs = _keyed(run.estimates)
    ours = _keyed(run.fit.estimates).loc[theirs.index, OURS[column]].to_numpy(dtype=float)
    if column in TESTS:  # lavaan repeats the value of a fixed parameter as its interval
        fixed = _fixed(column, theirs)
        assert np.isnan(ours[fixed]).all()
        ours, theirs = ours[~fixed], theirs[~fixed]
    np.testing.assert_allclose(ours, theirs[column].to_numpy(dtype=float), rtol=1e-4, atol=2e-5)


def _offered(run) -> list[str]:
    """Indices under an estimator.

    Robust ones are offered of incomplete rows under ML too (Zhang & Savalei 2023), but not of the statistic with
    fractional degrees of freedom; lavaan prints no shift parameter among its measures. GFI and AGFI are those of models
    of covariances alone.
    """
    solution, estimator = run.fit.solution, run.fit.estimator  # MLR where there are clusters, whatever was asked for
    has_means = any(group.structure.has_means for group in solution.groups)
    plain = PLAIN + ([] if has_means or solution.table.exogenous_observed else OF_COVARIANCES)
    if estimator == "ML":
        return plain + (ROBUST if solution.incomplete else [])
    return plain + SCALED + (ROBUST if estimator != "MLMVS" else [])


def test_fit_indices_agree(run):
    saturated = run.measures["df"] == 0
    assert set(run.fit.fit_indices) - {"chisq.shift.parameter"} == set(_offered(run))
    for name in _offered(run):
        value = run.fit.fit_indices[name]
        if saturated and name in UNDEFINED_WHEN_SATURATED:
            assert np.isnan(run.measures[name]), name
        elif saturated and name in NONE_WHEN_SATURATED:
            assert np.isnan(value), name
        else:
            # 1e-6: the discrepancy is flat at its minimum, so indices agree better than estimates do
            assert value == pytest.approx(run.measures[name], rel=1e-6, abs=1e-6, nan_ok=True), name


def test_robust_indices_of_a_saturated_model_say_perfect_fit(reference_of):
    indices = reference_of("saturated", "MLR").fit.fit_indices
    for name in UNDEFINED_WHEN_SATURATED:
        perfect = 0.0 if name.startswith("rmsea") else 1.0
        assert indices[name] == pytest.approx(perfect, abs=1e-9)
