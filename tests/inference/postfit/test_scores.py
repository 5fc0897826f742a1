"""Factor scores against lavaan's, and their defining properties."""

import numpy as np
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference.scores import _bartlett_weights, _regression_weights, factor_scores
from surveysem.modelling import sem

CASES = ["democracy", "democracy_means", "covariates", "scalar", "holzinger_missing"]


def compared(fit, method, rows):
    scores = factor_scores(fit, method)
    parts = [scores.loc[label] for label in fit.group_labels] or [scores]
    ours = [parts[row.group - 1][row.latent].iloc[row.row] for row in rows]
    return np.array(ours), np.array([row.value for row in rows])


@pytest.mark.parametrize("method", ["regression", "bartlett"])
@pytest.mark.parametrize("case", CASES)
def test_scores_are_lavaans(case, method, fit_of, stored):
    rows = list(stored("factor_scores", case=case, method=method).itertuples())
    ours, theirs = compared(fit_of(case), method, rows)
    # 1e-4 for covariates, whose means of 13 years multiply the error of lavaan's paths; 1e-5 for the others
    np.testing.assert_allclose(ours, theirs, atol=1e-4 if case == "covariates" else 1e-5)


def test_scores_of_a_second_order_factor(fit_of, stored):
    rows = list(stored("factor_scores", case="second_order", method="regression").itertuples())
    ours, theirs = compared(fit_of("second_order"), "regression", rows)
    assert {row.latent for row in rows} == {"visual", "textual", "speed", "ability"}
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_shape_and_order(fit_of, holzinger):
    scores = factor_scores(fit_of("scalar"))
    assert list(scores.columns) == ["visual", "textual", "speed"]
    assert scores.index.names == ["group", "row"]
    counts = holzinger["school"].value_counts()
    assert len(scores.loc["Pasteur"]) == counts["Pasteur"]
    assert len(scores) == len(holzinger)


def test_scores_carry_the_labels_of_their_rows(holzinger):
    """Scores joined to incomplete data, in two groups, are those of the same respondents."""
    data = holzinger.assign(x1=holzinger["x1"].where(holzinger.index % 7 > 0)).set_axis(holzinger.index + 1000)
    data = data.iloc[::-1]
    fit = sem("f =~ x1 + x2 + x3 + x4", data, group="school")
    scores = factor_scores(fit)
    assert len(scores) == data["x1"].notna().sum()
    joined = data.join(scores.droplevel("group"))
    assert joined.loc[data["x1"].isna(), "f"].isna().all()
    for number, label in enumerate(fit.group_labels, start=1):
        part = joined[(joined["school"] == label) & joined["x1"].notna()]
        names = [f"x{item}" for item in range(1, 5)]
        group = fit.solution.groups[number - 1]
        expected = (part[names] - group.moments.means) @ _regression_weights(group, np.arange(4)).T
        np.testing.assert_allclose(part["f"], expected[0], atol=1e-10)


MIXED = "f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; g ~ f + y4; y4 ~ f + x1; x2 ~ g + y4"


@pytest.fixture(params=["holzinger", "covariates", "observed outcomes"])
def group(request, fit_of, democracy):
    fit = sem(MIXED, democracy) if request.param == "observed outcomes" else fit_of(request.param)
    return fit.solution.groups[0]


def test_bartlett_scores_are_unbiased(group):
    """Cov(score, η) = Cov(η, η): whatever η is, the expected score is η."""
    m, everything = len(group.table.latent), np.arange(len(group.structure.observed))
    loadings, latent = group.structure.matrices(group.theta)[0], group.implied.latent_covariance
    across = _bartlett_weights(group, everything) @ loadings @ latent[:, :m]
    np.testing.assert_allclose(across, latent[:m, :m], atol=1e-8)


def test_regression_scores_leave_an_error_that_no_answer_predicts(group):
    """Cov(η − score, y) = 0."""
    m, everything = len(group.table.latent), np.arange(len(group.structure.observed))
    across = group.implied.latent_covariance[:m] @ group.structure.matrices(group.theta)[0].T
    weights = _regression_weights(group, everything)
    np.testing.assert_allclose(weights @ group.implied.covariance, across, atol=1e-8)


def test_scores_without_means_are_centred(fit_of):
    for method in ("regression", "bartlett"):
        np.testing.assert_allclose(factor_scores(fit_of("democracy"), method).mean(), 0.0, atol=1e-12)


def test_a_row_with_one_answer_has_one_bartlett_score(democracy):
    holes = democracy.copy()
    holes.loc[3, [f"y{number}" for number in range(1, 9)]] = np.nan
    fit = sem("f =~ y1 + y2 + y3 + y4; g =~ x1 + x2 + x3", holes, missing="fiml")
    row = factor_scores(fit, "bartlett").iloc[3]
    assert np.isnan(row["f"])
    assert np.isfinite(row["g"])
    assert factor_scores(fit).notna().all(axis=None)


def test_what_does_not_exist_is_refused(fit_of):
    with pytest.raises(UnsupportedError, match="no observed indicators: ability"):
        factor_scores(fit_of("second_order"), "bartlett")
    with pytest.raises(UnsupportedError, match="'regression', 'bartlett', 'ebm', 'ml'"):
        factor_scores(fit_of("holzinger"), "anderson")
