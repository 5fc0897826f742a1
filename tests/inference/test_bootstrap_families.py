"""The bootstrap of incomplete rows, clusters, least squares and products: replicates against ordinary fits."""

import numpy as np
import pandas as pd
import pytest

from surveysem.errors import EstimationError, UnsupportedError
from surveysem.inference import bootstrap as module
from surveysem.inference.bootstrap import bootstrap
from surveysem.inference.bootstrap_tables import jackknife_accelerations, likelihood_accelerations
from surveysem.inference.resampling import RowSampler
from surveysem.modelling import sem

MODEL = "f =~ y1 + y2 + y3 + y4; g =~ y5 + y6 + y7 + y8; g ~ b*f; twice := 2*b"
METHODS = ("percentile", "bca", "basic", "normal")


@pytest.fixture(scope="module")
def answers():
    """Two correlated latent variables with four indicators each, in 50 clusters of different sizes."""
    rng = np.random.default_rng(5)
    town = np.sort(rng.integers(0, 50, 400))
    shared = 0.5 * rng.standard_normal((50, 2))[town]
    f = shared[:, 0] + rng.standard_normal(400)
    g = 0.5 * f + shared[:, 1] + rng.standard_normal(400)
    rows = np.repeat(np.c_[f, g], 4, axis=1) * 0.8 + 0.7 * rng.standard_normal((400, 8))
    frame = pd.DataFrame(rows, columns=[f"y{number}" for number in range(1, 9)])
    return frame.assign(town=town, half=np.where(town % 2, "odd", "even"))


@pytest.fixture(scope="module")
def incomplete(answers):
    holes = np.random.default_rng(6).random(answers.shape) < 0.12
    holes[:120] = False
    holes[:, -2:] = False
    return answers.mask(holes)


@pytest.fixture(scope="module")
def ordered(answers):
    cut = np.digitize(answers.filter(like="y"), [-1.2, -0.2, 0.8])
    return pd.DataFrame(cut, columns=list(answers.filter(like="y").columns))


def drawn_rows(sampler, seed, size):
    """Places of the rows of the replicates of the first chunk."""
    rng = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
    for counts in sampler.frequencies(size, rng):
        yield np.arange(sampler.n_obs).repeat(counts.astype(int))


def assert_draws_are_fits(fit, sampler, refit, *, rtol, size=2, seed=9):
    """Replicates have the estimates, plain and standardised, of a model fitted to the rows drawn."""
    draws = bootstrap(fit, size, seed=seed, chunk=size).draws
    for number, rows in enumerate(drawn_rows(sampler, seed, size), start=1):
        again = refit(rows)
        free = (again["free"] > 0) | (again["op"] == ":=")
        np.testing.assert_allclose(draws.loc[number]["estimate"], again.loc[free, "estimate"], rtol=rtol, atol=1e-6)
        varying = fit.estimates["std_std_error"] != 0
        np.testing.assert_allclose(draws.loc[number]["std_all"], again.loc[varying, "std_all"], rtol=rtol, atol=1e-6)


def test_draws_from_incomplete_rows_are_fits_to_the_drawn_rows(incomplete):
    def refit(rows):
        return sem(MODEL, incomplete.iloc[rows].reset_index(drop=True), missing="fiml").estimates

    fit = sem(MODEL, incomplete, missing="fiml")
    assert_draws_are_fits(fit, RowSampler(n_obs=len(incomplete)), refit, rtol=1e-6)


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_clusters_are_drawn_whole(answers, incomplete, missing):
    data = answers if missing == "listwise" else incomplete

    def refit(rows):
        drawn = data.iloc[rows].reset_index(drop=True)
        return sem(MODEL, drawn, missing=missing, meanstructure=True).estimates

    fit = sem(MODEL, data, cluster="town", missing=missing)
    codes = pd.factorize(data["town"])[0]
    # 1e-5: refits of complete rows stop within 1e-5 standard errors
    assert_draws_are_fits(fit, RowSampler(n_obs=len(data), clusters=codes), refit, rtol=1e-5)
    result = bootstrap(fit, 60, seed=1)
    sizes = data.groupby("town").size()
    assert f"{len(sizes)} clusters of {sizes.min()} to {sizes.max()} rows" in repr(result)
    assert sorted(result.cluster_sizes) == sorted(sizes)
    assert result.findings == ()


def test_groups_count_by_their_size_in_the_replicate(answers):
    """Clusters differ in size, so that groups take another share of each replicate."""
    fit = sem(MODEL, answers, cluster="town", group="half", group_equal=["loadings", "regressions"])
    draws = bootstrap(fit, 2, seed=3, chunk=2).draws
    parts = [answers[answers["half"] == name] for name in fit.group_labels]
    rng = np.random.default_rng(np.random.SeedSequence(3).spawn(1)[0])
    counts = []
    for part in parts:
        codes = pd.factorize(part["town"])[0]
        counts.append(RowSampler(n_obs=len(part), clusters=codes).frequencies(2, rng))
    for number in range(2):
        chosen = [
            part.loc[part.index.repeat(each[number].astype(int))] for part, each in zip(parts, counts, strict=True)
        ]
        drawn = pd.concat(chosen, ignore_index=True)
        again = sem(MODEL, drawn, group="half", group_equal=["loadings", "regressions"]).estimates
        free = (again["free"] > 0) | (again["op"] == ":=")
        np.testing.assert_allclose(draws.loc[number + 1]["estimate"], again.loc[free, "estimate"], rtol=1e-5, atol=1e-6)


def test_cluster_bootstrap_standard_errors_are_those_of_the_sandwich(answers):
    fit = sem(MODEL, answers, cluster="town")
    result = bootstrap(fit, 1000, seed=2)
    free = fit.estimates["free"] > 0
    ratio = result.intervals.loc[free, "std_error"] / fit.estimates.loc[free, "std_error"]
    # 15 %: both are estimates from 50 clusters, equal only in the limit
    assert ratio.between(0.85, 1.15).all()
    independent = sem(MODEL, answers, meanstructure=True).estimates.loc[free, "std_error"]
    means = fit.estimates.loc[free, "op"] == "~1"
    assert (result.intervals.loc[free, "std_error"] / independent)[means].min() > 1.15


def test_few_clusters_are_pointed_out(answers):
    fit = sem(MODEL, answers.assign(town=answers["town"] % 12), cluster="town")
    result = bootstrap(fit, 10, seed=1)
    assert [finding.severity for finding in result.findings] == ["warning"]
    assert "12 clusters" in result.warnings[0]


def test_incomplete_rows_give_all_intervals_and_standard_errors_of_maximum_likelihood(incomplete):
    fit = sem(MODEL, incomplete, missing="fiml")
    results = {method: bootstrap(fit, 600, seed=2, confidence=method) for method in METHODS}
    free = fit.estimates["free"] > 0
    for result in results.values():
        assert result.n_failed == 0
        assert result.intervals.loc[free, ["ci_lower", "ci_upper", "p_value"]].notna().all(axis=None)
    for name in ("std_error", "std_std_error"):
        ratio = results["percentile"].intervals.loc[free, name] / fit.estimates.loc[free, name]
        # 18 %: four standard deviations of a standard error from 600 draws, and sampling kurtosis
        assert ratio.dropna().between(0.82, 1.18).all()
    assert not results["bca"].intervals["ci_lower"].equals(results["percentile"].intervals["ci_lower"])


def test_full_information_of_complete_rows_draws_what_complete_rows_draw(answers):
    complete = bootstrap(sem(MODEL, answers, meanstructure=True), 20, seed=4, chunk=20)
    full = bootstrap(sem(MODEL, answers, missing="fiml"), 20, seed=4, chunk=20)
    pd.testing.assert_frame_equal(complete.draws, full.draws, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("estimator", ["GLS", "ULS", "DWLS", "WLS"])
def test_draws_by_least_squares_are_fits_to_the_drawn_rows(answers, estimator):
    def refit(rows):
        return sem(MODEL, answers.iloc[rows].reset_index(drop=True), estimator=estimator).estimates

    fit = sem(MODEL, answers, estimator=estimator)
    assert_draws_are_fits(fit, RowSampler(n_obs=len(answers)), refit, rtol=1e-6)


@pytest.mark.parametrize(
    ("estimator", "names"),
    [("WLSMV", True), ("ULSMV", True), ("WLS", True), ("WLSMV", ["y1", "y2", "y3", "y4", "y6"])],
)
def test_draws_of_ordered_variables_are_fits_to_the_drawn_rows(answers, ordered, estimator, names):
    data = ordered if names is True else ordered.assign(y5=answers["y5"], y7=answers["y7"], y8=answers["y8"])

    def refit(rows):
        drawn = data.iloc[rows].reset_index(drop=True)
        return sem(MODEL, drawn, ordered=names, estimator=estimator).estimates

    fit = sem(MODEL, data, ordered=names, estimator=estimator)
    assert_draws_are_fits(fit, RowSampler(n_obs=len(data)), refit, rtol=1e-6)


def test_standard_errors_of_ordered_variables_are_those_of_the_fit(ordered):
    fit = sem(MODEL, ordered, ordered=True)
    result = bootstrap(fit, 200, seed=2, n_jobs=2)
    free = fit.estimates["free"] > 0
    ratio = result.intervals.loc[free, "std_error"] / fit.estimates.loc[free, "std_error"]
    # 30 %: four standard deviations of a standard error from 200 draws, and rare categories
    assert ratio.between(0.7, 1.3).all()
    assert result.intervals.loc[fit.estimates["op"] == "|", "std_error"].gt(0).all()


def test_replicates_without_a_category_are_counted_with_the_reason(ordered):
    rare = ordered.assign(y1=np.where(np.arange(len(ordered)) == 0, 9, ordered["y1"]))
    result = bootstrap(sem(MODEL, rare, ordered=True), 30, seed=1)
    assert 0 < result.n_failed < 30
    assert set(result.failures) == {"Nobody in the replicate gave the answer 9 to y1."}
    assert f"{result.n_failed} failed" in repr(result)
    assert "the answer 9 to y1" in result.warnings[0]
    # each row is left out of a replicate with probability (1 − 1/n)ⁿ
    assert result.n_failed == pytest.approx(30 * np.exp(-1), abs=10)


def test_when_no_replicate_has_a_solution_the_reason_is_raised(answers, monkeypatch):
    fit = sem(MODEL, answers, estimator="GLS")

    def refuse(*_, **__):
        raise EstimationError("The model did not converge: for a test.")

    monkeypatch.setattr("surveysem.inference.replication_least_squares.estimate_model", refuse)
    with pytest.raises(EstimationError, match=r"10 of 10 replicates have no solution: .* for a test"):
        bootstrap(fit, 10, seed=1)
    with pytest.raises(EstimationError, match="10 of 10"):
        bootstrap(fit, 10, seed=1, confidence="bca")


def test_accelerations_of_least_squares_are_those_of_maximum_likelihood_nearly(answers):
    """GLS and ML estimates agree in the limit, and so do the shapes of their distributions."""
    some = answers.iloc[:150]
    fit = sem(MODEL, some, estimator="GLS")
    samplers = [RowSampler(n_obs=150)]
    found, _ = module._jackknifed(module._replication(fit, "nonparametric"), samplers, 50, n_jobs=1, progress=False)
    expected, _ = likelihood_accelerations(sem(MODEL, some))
    free = (fit.estimates["free"] > 0).to_numpy()
    assert np.corrcoef(found[free], expected[free])[0, 1] > 0.9
    result = bootstrap(fit, 40, seed=1, confidence="bca")
    assert result.intervals.loc[free, "ci_lower"].notna().all()


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_accelerations_of_clusters_are_those_of_leaving_each_out(answers, incomplete, missing):
    fit = sem(MODEL, incomplete if missing == "fiml" else answers, cluster="town", missing=missing)
    codes = pd.factorize(answers["town"])[0]
    kept = (codes != np.arange(codes.max() + 1)[:, None]).astype(float)
    estimates = module._replication(fit, "nonparametric").run([kept]).estimates
    jackknife = jackknife_accelerations(estimates, [len(kept)])
    found, _ = likelihood_accelerations(fit)
    free = (fit.estimates["free"] > 0).to_numpy()
    # 0.02: the infinitesimal jackknife is the limit of the jackknife, 50 clusters away from it
    np.testing.assert_allclose(found[free], jackknife[free], atol=0.02)
    assert np.corrcoef(found[free], jackknife[free])[0, 1] > 0.98


def test_jackknife_accelerations_of_means_are_their_skewness():
    sample = np.random.default_rng(2).exponential(size=60)
    left = (sample.sum() - sample) / 59
    deviations = sample - sample.mean()
    expected = (deviations**3).sum() / 6 / (deviations**2).sum() ** 1.5
    assert jackknife_accelerations(left[:, None], [60])[0] == pytest.approx(expected)


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_replicates_that_do_not_fit_into_memory_together_are_the_same(answers, incomplete, missing, monkeypatch):
    fit = sem(MODEL, incomplete if missing == "fiml" else answers, missing=missing)
    whole = bootstrap(fit, 9, seed=3)
    for name in ("_FREQUENCIES_AT_ONCE", "_VALUES_AT_ONCE"):
        monkeypatch.setattr(f"surveysem.inference.replication.{name}", 4 * 400 * (8 if "VALUES" in name else 1))
    pd.testing.assert_frame_equal(bootstrap(fit, 9, seed=3).draws, whole.draws, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("options", [{"missing": "fiml"}, {"estimator": "GLS"}, {"cluster": "town"}])
def test_processes_draw_the_same(answers, incomplete, options):
    fit = sem(MODEL, incomplete if "missing" in options else answers, **options)
    one, two = (bootstrap(fit, 12, seed=3, chunk=4, n_jobs=jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.draws, two.draws, rtol=0, atol=0)
    pd.testing.assert_frame_equal(one.intervals, two.intervals, rtol=0, atol=0)


def test_what_cannot_be_bootstrapped_is_refused_at_once(answers, incomplete):
    fit = sem(MODEL, answers)
    with pytest.raises(UnsupportedError) as caught:
        bootstrap(fit, 1, seed=1, confidence="bc", kind="parametric", level=95, n_jobs=0, chunk=0)
    for word in ("confidence='bc'", "kind='parametric'", "level=95", "n_replicates=1", "n_jobs=0", "chunk=0"):
        assert word in str(caught.value)
    with pytest.raises(UnsupportedError, match="complete rows fitted by maximum likelihood"):
        bootstrap(sem(MODEL, incomplete, missing="fiml"), seed=1, kind="bollen_stine")
    with pytest.raises(UnsupportedError, match="independent rows"):
        bootstrap(sem(MODEL, answers, cluster="town"), seed=1, kind="bollen_stine")


def test_ordered_variables_beside_exogenous_ones_are_refused(ordered, answers):
    fit = sem("f =~ y1 + y2 + y3; f ~ y8", ordered.assign(y8=answers["y8"]), ordered=["y1", "y2", "y3"])
    with pytest.raises(UnsupportedError, match="beside observed exogenous"):
        bootstrap(fit, seed=1)


def test_models_that_are_not_linear_are_refused(answers):
    fit = sem("f =~ y1 + y2 + y3; g =~ y5 + y6; h =~ y4 + y8; h ~ f + g + f:g", answers, interaction="lms")
    with pytest.raises(UnsupportedError, match="linear models"):
        bootstrap(fit, seed=1)
