"""Statistics of ordered variables given observed exogenous ones: lavaan's, the likelihood's own, and special cases."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from surveysem.data.ordinal import ordinal_moments
from surveysem.errors import DataError, EstimationError

FOLDER = Path(__file__).resolve().parents[2] / "reference" / "lavaan_ordinal_covariates"
MODELS = {
    "main": (
        ["t1", "t2", "t3", "t4", "l1", "l2", "l3", "l4"],
        ["t1", "t2", "t3", "t4", "l1", "l3"],
        ["age", "female", "firm_size"],
    ),
    "outcomes": (["bought", "intent", "t1", "t3"], ["bought", "intent", "t1", "t3"], ["age", "female", "firm_size"]),
}


@pytest.fixture(scope="module")
def survey():
    return pd.read_csv(FOLDER / "survey.csv", encoding="utf-8")


@pytest.mark.parametrize("case", MODELS)
def test_statistics_and_gamma_are_lavaans(survey, case):
    """lavaan finds correlations to about 1e-7; gamma is compared relative to the standard errors of its statistics."""
    moments = ordinal_moments(survey, *MODELS[case])
    theirs = pd.read_csv(FOLDER / f"{case}_statistics.csv", encoding="utf-8")
    assert [str(name) for name in moments.statistic_names] == theirs["statistic"].tolist()
    np.testing.assert_allclose(moments.statistics, theirs["value"], rtol=1e-6, atol=1e-6)
    gamma = pd.read_csv(FOLDER / f"{case}_gamma.csv", encoding="utf-8").to_numpy()
    scale = np.sqrt(np.outer(np.diag(gamma), np.diag(gamma)))
    np.testing.assert_allclose(moments.gamma / scale, gamma / scale, atol=2e-6)


def test_regressions_maximise_their_likelihoods(survey):
    moments = ordinal_moments(survey, ["bought", "l2"], ["bought"], ["female", "firm_size"])
    x = survey[["female", "firm_size"]].to_numpy()
    y = survey["bought"].to_numpy() == 2

    def deviance(parameters):
        explained = x @ parameters[1:] - parameters[0]
        return -np.log(ndtr(np.where(y, explained, -explained))).sum()

    found = minimize(deviance, np.zeros(3), method="BFGS", options={"gtol": 1e-9}).x
    np.testing.assert_allclose([moments.thresholds["bought"][0], *moments.slopes[0]], found, atol=1e-6)
    design = np.column_stack([np.ones(len(x)), x])
    line = np.linalg.lstsq(design, survey["l2"].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose([moments.means["l2"], *moments.slopes[1]], line, rtol=1e-9)
    residual = survey["l2"].to_numpy() - design @ line
    assert moments.variances["l2"] == pytest.approx(np.mean(residual**2), rel=1e-10)


def test_correlations_maximise_the_likelihood_of_the_rows(survey):
    rows = survey.iloc[:120]
    moments = ordinal_moments(rows, ["bought", "t3"], ["bought", "t3"], ["age", "female"])
    explained = rows[["age", "female"]].to_numpy() @ moments.slopes.T
    ends = np.array([moments.thresholds[name][0] for name in moments.variables]) - explained
    signs = np.where(rows[["bought", "t3"]].to_numpy() == 1, 1.0, -1.0)

    def deviance(rho):
        total = 0.0
        for end, sign in zip(ends, signs, strict=True):
            cov = [[1.0, rho * sign.prod()], [rho * sign.prod(), 1.0]]
            total -= np.log(multivariate_normal.cdf(end * sign, cov=cov))
        return total

    rho = moments.correlation[0, 1]
    best = deviance(rho)
    assert best < min(deviance(rho - 0.01), deviance(rho + 0.01))
    # the minimum of the parabola through three points, whose cubic error is of the order of the step squared
    left, right = deviance(rho - 0.001), deviance(rho + 0.001)
    assert rho + 0.0005 * (left - right) / (left - 2 * best + right) == pytest.approx(rho, abs=2e-5)


def test_the_units_of_exogenous_variables_do_not_matter(survey):
    names, ordered, exogenous = MODELS["main"]
    moments = ordinal_moments(survey, names, ordered, exogenous)
    changed = ordinal_moments(survey.assign(age=(survey["age"] - 40) / 10), names, ordered, exogenous)
    np.testing.assert_allclose(changed.slopes[:, 0], 10 * moments.slopes[:, 0], rtol=1e-7)
    np.testing.assert_allclose(changed.correlation, moments.correlation, atol=1e-7)
    n_pairs = len(names) * (len(names) - 1) // 2
    np.testing.assert_allclose(changed.gamma[-n_pairs:, -n_pairs:], moments.gamma[-n_pairs:, -n_pairs:], rtol=1e-5)
    thresholds = changed.thresholds["t1"]
    np.testing.assert_allclose(thresholds, moments.thresholds["t1"] - 40 * moments.slopes[0, 0], rtol=1e-7)


def test_gamma_is_the_sampling_covariance():
    """Standard deviations over 200 simulated samples; their own standard error is 5 percent."""
    rng = np.random.default_rng(3)
    found, expected = [], []
    for _ in range(200):
        x, shared = rng.normal(size=(2, 300))
        responses = 0.5 * x + 0.6 * shared + 0.8 * rng.normal(size=(2, 300))
        frame = pd.DataFrame(
            {"u": np.digitize(responses[0], [-0.5, 0.7]), "v": np.digitize(responses[1], [0.2]), "x": x}
        )
        moments = ordinal_moments(frame, ["u", "v"], ["u", "v"], ["x"])
        found.append(moments.statistics)
        expected.append(np.sqrt(np.diag(moments.gamma) / 300))
    np.testing.assert_allclose(np.std(found, axis=0), np.mean(expected, axis=0), rtol=0.15)


def test_a_variable_that_separates_categories_is_refused(survey):
    parted = survey.assign(flag=(survey["bought"] == 2).astype(int), hint=(survey["t3"] == 2).astype(int))
    for exogenous in (["flag"], ["flag", "age"]):
        with pytest.raises(EstimationError, match="tell some of its categories apart") as caught:
            ordinal_moments(parted, ["bought", "t1"], ["bought", "t1"], exogenous)
        assert len(caught.value.problems) == 1
    with pytest.raises(EstimationError) as caught:
        ordinal_moments(parted, ["bought", "t3"], ["bought", "t3"], ["flag", "hint"])
    assert [problem.where for problem in caught.value.problems] == ["ordered variable bought", "ordered variable t3"]


def test_quasi_separation_is_refused(survey):
    """Only women among the highest category of a five-point item: its threshold for men has no estimate."""
    rare = survey.assign(t1=np.where((survey["t1"] == 5) & (survey["female"] == 0), 4, survey["t1"]))
    ordinal_moments(rare, ["t1", "t2"], ["t1", "t2"], ["female"])  # other thresholds determine the slope
    binary = rare.assign(t1=np.where(rare["t1"] == 5, 2, 1))
    with pytest.raises(EstimationError, match="categories apart"):
        ordinal_moments(binary, ["t1", "t2"], ["t1", "t2"], ["female"])


def test_problems_of_exogenous_variables_are_listed_at_once(survey):
    bad = survey.assign(constant=1.0, twice=2 * survey["age"])
    with pytest.raises(DataError) as caught:
        ordinal_moments(bad, ["t1", "t2"], ["t1", "t2"], ["age", "constant", "twice"])
    assert len(caught.value.problems) == 2


def test_nothing_is_added_to_empty_cells(survey):
    both = survey.assign(bought=np.where(survey["t3"] == 2, survey["bought"], 1))
    moments = ordinal_moments(both, ["bought", "t3"], ["bought", "t3"], ["age"])
    assert moments.empty_cells == (("bought", "t3"),)
    messages = [finding.message for finding in moments.findings]
    assert any("occurs in no row" in message for message in messages)
    assert not any("one half" in message for message in messages)
