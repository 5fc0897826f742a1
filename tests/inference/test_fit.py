"""A fit as researchers see it: columns, findings, summary."""

import numpy as np
import pandas as pd
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference import infer
from surveysem.modelling import sem

COLUMNS = [
    "lhs",
    "op",
    "rhs",
    "block",
    "group",
    "label",
    "free",
    "estimate",
    "std_error",
    "z",
    "p_value",
    "ci_lower",
    "ci_upper",
    "std_lv",
    "std_all",
]


def test_columns_are_numeric(every_fit):
    assert list(every_fit.estimates.columns[:15]) == COLUMNS
    for column in every_fit.estimates.columns[6:]:
        assert pd.api.types.is_numeric_dtype(every_fit.estimates[column]), column


def test_no_estimate_is_missing(any_fit):
    assert any_fit.estimates[["estimate", "std_error", "std_lv", "std_all"]].notna().all(axis=None)
    free = any_fit.estimates[any_fit.estimates["free"] > 0]
    assert free[["z", "p_value", "ci_lower", "ci_upper"]].notna().all(axis=None)
    assert (free["std_error"] > 0).all()


def test_converged_and_admissible(any_fit):
    assert any_fit.converged
    assert any_fit.admissible == (not any_fit.warnings)


def test_implied_covariance_reproduces_a_saturated_model(democracy):
    fit = sem("f =~ x1 + x2 + x3", democracy)
    sample = democracy[["x1", "x2", "x3"]].cov(ddof=0)
    # 1e-5: the engine stops about 1e-6 standard errors from the minimum
    np.testing.assert_allclose(fit.implied_covariance, sample, rtol=1e-5)
    assert list(fit.implied_covariance.index) == ["x1", "x2", "x3"]


def test_summary_tells_the_story(democracy_fit):
    text = democracy_fit.summary()
    for part in ("Estimator MLR, n = 75", "surveysem", "χ²(", "scaled χ²(", "robust CFI", "Loadings", "Regressions"):
        assert part in text
    assert "dem65 ~ dem60" in text
    assert "nan" not in text.lower()


def test_repr(democracy_fit):
    assert repr(democracy_fit).startswith("<Fit MLR, n = 75, χ²(")


def test_unknown_estimators(democracy_fit):
    with pytest.raises(UnsupportedError, match=r"no estimator 'BAYES'\. Available: ML, MLR"):
        infer(democracy_fit.solution, estimator="BAYES")


def test_least_squares_with_observed_exogenous_variables_is_refused(democracy):
    with pytest.raises(UnsupportedError, match=r"GLS of continuous .*\(x1, x2\)\. Available: ML"):
        sem("f =~ y1 + y2 + y3; f ~ x1 + x2", democracy, estimator="GLS")
