"""The bootstrap: moments of resamples, rows of replicates, intervals that agree with p-values, counted failures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from surveysem.errors import EstimationError, UnsupportedError
from surveysem.estimation import refit
from surveysem.estimation.refit import plan_refits
from surveysem.estimation.stacks import SampleStack
from surveysem.implied import implied_moments
from surveysem.inference.admissibility import admissibility_findings
from surveysem.inference.bootstrap import bootstrap
from surveysem.inference.bootstrap_intervals import acceleration_of, bootstrap_interval
from surveysem.inference.bootstrap_tables import likelihood_accelerations
from surveysem.inference.replicates import ReplicatedGroup, replicated_rows, row_rules
from surveysem.inference.resampling import model_conforming_rows, resampled_moments
from surveysem.modelling import sem

MEDIATION = (
    "f =~ y1 + y2 + y3 + y4; g =~ y5 + y6 + y7 + y8; f ~ a*x1; g ~ b*f + c*x1; indirect := a*b; total := a*b + c"
)
METHODS = ("percentile", "bca", "basic", "normal")


@pytest.fixture(scope="module")
def mediation(democracy):
    return sem(MEDIATION, democracy)


@pytest.fixture(scope="module")
def normal_fit():
    """A large normal sample to which the model fits."""
    rng = np.random.default_rng(11)
    f = rng.standard_normal(1500)
    g = 0.5 * f + np.sqrt(0.75) * rng.standard_normal(1500)
    rows = np.repeat(np.c_[f, g], 3, axis=1) * 0.8 + 0.6 * rng.standard_normal((1500, 6))
    return sem("f =~ a + b + c; g =~ d + e + i; g ~ path*f", pd.DataFrame(rows, columns=list("abcdei")))


def full_sample(fit, n_copies=1):
    """The fitted model as a replicate of itself."""
    plan = plan_refits(fit.solution)
    return [
        ReplicatedGroup(
            rules=row_rules(group, fit.products),
            stacked=stacked,
            theta=np.tile(fit.solution.theta, (n_copies, 1)),
            samples=SampleStack(
                covariances=np.tile(group.moments.covariance, (n_copies, 1, 1)),
                means=np.tile(group.moments.means, (n_copies, 1)),
                n_obs=np.full(n_copies, group.moments.n_obs),
            ),
        )
        for group, stacked in zip(fit.solution.groups, plan.groups, strict=True)
    ]


def test_resampled_moments_are_those_of_the_drawn_rows():
    rows = np.random.default_rng(1).exponential(size=(50, 4)) + 100.0
    stack = resampled_moments(rows, 3, np.random.default_rng(2))
    drawn = np.random.default_rng(2).integers(0, 50, size=(3, 50))
    for number, chosen in enumerate(drawn):
        np.testing.assert_allclose(stack.means[number], rows[chosen].mean(axis=0), rtol=1e-12)
        expected = np.cov(rows[chosen], rowvar=False, bias=True)
        np.testing.assert_allclose(stack.covariances[number], expected, atol=1e-12)
        np.testing.assert_array_equal(stack.covariances[number], stack.covariances[number].T)


def test_rows_summed_in_blocks_give_the_same_moments(monkeypatch):
    rows = np.random.default_rng(1).standard_normal((50, 3))
    whole = resampled_moments(rows, 4, np.random.default_rng(2))
    monkeypatch.setattr("surveysem.inference.resampling._ROWS_AT_ONCE", 7)
    blocks = resampled_moments(rows, 4, np.random.default_rng(2))
    np.testing.assert_allclose(blocks.covariances, whole.covariances, atol=1e-14)


def test_model_conforming_rows_have_the_implied_moments(every_fit):
    if every_fit.solution.incomplete:
        pytest.skip("transformed rows are complete ones")
    for group in every_fit.solution.groups:
        rows = model_conforming_rows(group)
        expected = group.implied.mean if group.structure.has_means else group.moments.means
        np.testing.assert_allclose(rows.mean(axis=0), expected, atol=1e-10)
        np.testing.assert_allclose(np.cov(rows, rowvar=False, bias=True), group.implied.covariance, atol=1e-10)


def test_rows_of_the_full_sample_are_the_table_of_estimates(every_fit):
    estimates, standardized = replicated_rows(every_fit.table, full_sample(every_fit, 2))
    for copy in range(2):
        np.testing.assert_allclose(estimates[copy], every_fit.estimates["estimate"], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(standardized[copy], every_fit.estimates["std_all"], rtol=1e-10, atol=1e-12)


def test_paths_of_products_are_standardised_by_their_components(democracy):
    fit = replace(
        sem("f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; h =~ x1 + x2 + x3; f ~ g + h", democracy), products={"h": ("g", "f")}
    )
    _, standardized = replicated_rows(fit.table, full_sample(fit))
    np.testing.assert_allclose(standardized[0], fit.estimates["std_all"], rtol=1e-10)


def test_admissibility_of_replicates_is_that_of_a_fit(democracy_fit):
    group = full_sample(democracy_fit, 40)[0]
    spread = np.linspace(0, 2, 40)[:, None] * np.random.default_rng(4).uniform(-1, 1, group.theta.shape)
    wild = replace(group, theta=group.theta * (1 + spread))
    solution = democracy_fit.solution.groups[0]
    single = [not admissibility_findings(_at(solution, point)) for point in wild.theta]
    assert wild.admissible.tolist() == single
    assert len(set(single)) == 2


def _at(group, theta):
    return replace(group, implied=implied_moments(group.structure, theta))


def test_draws_do_not_depend_on_processes_and_grow_by_chunks(mediation):
    one = bootstrap(mediation, 60, seed=3, chunk=20)
    two = bootstrap(mediation, 60, seed=3, chunk=20, n_jobs=2)
    fewer = bootstrap(mediation, 40, seed=3, chunk=20)
    pd.testing.assert_frame_equal(one.draws, two.draws)
    pd.testing.assert_frame_equal(one.draws.loc[:40], fewer.draws)
    assert not one.draws.equals(bootstrap(mediation, 60, seed=4, chunk=20).draws)


def test_draws_are_fits_to_the_drawn_rows(democracy):
    fit = sem(MEDIATION, democracy)
    draws = bootstrap(fit, 2, seed=9, chunk=2).draws
    rng = np.random.default_rng(np.random.SeedSequence(9).spawn(1)[0])
    for number, rows in enumerate(rng.integers(0, len(democracy), size=(2, len(democracy))), start=1):
        again = sem(MEDIATION, democracy.iloc[rows].reset_index(drop=True)).estimates
        indirect = again[again["lhs"] == "indirect"].iloc[0]
        assert draws.loc[number, ("estimate", "indirect")] == pytest.approx(indirect["estimate"], rel=1e-5)
        assert draws.loc[number, ("std_all", "indirect")] == pytest.approx(indirect["std_all"], rel=1e-5)


def test_intervals_have_the_rows_and_values_of_the_estimates(mediation):
    result = bootstrap(mediation, 100, seed=1)
    columns = ["lhs", "op", "rhs", "label", "free", "estimate", "std_all"]
    pd.testing.assert_frame_equal(result.intervals[columns], mediation.estimates[columns])
    fixed = (mediation.estimates["free"] == 0) & (mediation.estimates["op"] != ":=")
    assert (result.intervals.loc[fixed, "std_error"] == 0).all()
    assert result.intervals.loc[fixed, "ci_lower"].isna().all()
    assert (result.intervals.loc[~fixed, "std_error"] > 0).all()
    indirect = result.intervals.set_index("lhs").loc["indirect"]
    drawn = result.draws["estimate", "indirect"]
    assert indirect["std_error"] == pytest.approx(drawn.std(), rel=1e-12)
    assert indirect["ci_lower"] == pytest.approx(np.quantile(drawn, 0.025, method="weibull"))


def test_standard_errors_of_normal_data_are_those_of_maximum_likelihood(normal_fit):
    result = bootstrap(normal_fit, 1000, seed=2)
    free = normal_fit.estimates["free"] > 0
    ratio = result.intervals.loc[free, "std_error"] / normal_fit.estimates.loc[free, "std_error"]
    # 12 %: four standard deviations of a standard error from 1000 draws, and sampling kurtosis
    assert ratio.between(0.88, 1.12).all()
    standardized = (result.intervals["std_std_error"] / normal_fit.estimates["std_std_error"])[free]
    assert standardized.dropna().between(0.88, 1.12).all()


def test_groups_are_resampled_within(democracy):
    halves = democracy.assign(half=np.where(np.arange(len(democracy)) % 2, "odd", "even"))
    fit = sem("f =~ y1 + y2 + y3 + y4", halves, group="half", group_equal=["loadings"])
    result = bootstrap(fit, 50, seed=1)
    assert ("estimate", "y1~1.g2") in result.draws.columns
    assert result.n_failed == 0
    means = result.draws["estimate", "y1~1"].mean(), result.draws["estimate", "y1~1.g2"].mean()
    expected = halves.groupby("half")["y1"].mean()
    np.testing.assert_allclose(means, [expected["even"], expected["odd"]], atol=0.25)


def test_bollen_stine_p_value_agrees_with_the_normal_one_for_normal_data(normal_fit):
    result = bootstrap(normal_fit, 1000, seed=5, kind="bollen_stine")
    assert result.chi_square == normal_fit.fit_indices["chisq"]
    # 0.06: four standard errors of a proportion from 1000 draws
    assert result.p_value == pytest.approx(normal_fit.fit_indices["pvalue"], abs=0.06)
    assert stats.kstest(result.chi_squares, stats.chi2(normal_fit.fit_indices["df"]).cdf).pvalue > 1e-3


def test_a_plain_bootstrap_has_no_p_value_of_fit(mediation):
    with pytest.raises(UnsupportedError, match="bollen_stine"):
        _ = bootstrap(mediation, 2, seed=1).p_value


@pytest.mark.parametrize("confidence", METHODS)
@pytest.mark.parametrize("acceleration", [-0.1, 0.0, 0.08])
def test_p_values_say_what_intervals_say(confidence, acceleration):
    rng = np.random.default_rng(6)
    for shift in np.linspace(-3.5, 3.5, 29):
        draws = stats.skewnorm(3).rvs(499, random_state=rng) + shift
        estimate = float(draws.mean() + 0.1)
        options = {"confidence": confidence, "acceleration": acceleration}
        p_value = bootstrap_interval(draws, estimate, **options).p_value
        for level in (0.8, 0.9, 0.95, 0.99):
            interval = bootstrap_interval(draws, estimate, level=level, **options)
            assert (interval.lower > 0 or interval.upper < 0) == (p_value < 1 - level)


def test_percentile_and_basic_intervals_are_reflections():
    draws = np.arange(1.0, 100.0)
    percentile = bootstrap_interval(draws, 40.0, level=0.9)
    assert (percentile.lower, percentile.upper) == (pytest.approx(5.0), pytest.approx(95.0))
    basic = bootstrap_interval(draws, 40.0, level=0.9, confidence="basic")
    assert (basic.lower, basic.upper) == (pytest.approx(-15.0), pytest.approx(75.0))
    assert percentile.p_value == pytest.approx(0.02)


def test_normal_interval_takes_the_bias_off():
    draws = np.random.default_rng(1).normal(1.2, 0.5, 4000)
    interval = bootstrap_interval(draws, 1.0, confidence="normal")
    assert (interval.lower + interval.upper) / 2 == pytest.approx(2.0 - draws.mean())
    assert interval.upper - interval.lower == pytest.approx(2 * 1.959964 * draws.std(ddof=1), rel=1e-6)


def test_bca_equals_scipys_for_a_mean():
    sample = np.random.default_rng(2).exponential(size=60)
    reference = stats.bootstrap((sample,), np.mean, method="BCa", n_resamples=20_000, rng=np.random.default_rng(3))
    acceleration = acceleration_of((sample - sample.mean())[:, None])[0]
    assert acceleration == pytest.approx(stats.skew(sample) / 6 / np.sqrt(60))
    interval = bootstrap_interval(
        reference.bootstrap_distribution, sample.mean(), confidence="bca", acceleration=acceleration
    )
    expected = reference.confidence_interval
    # 1e-3: the two take quantiles of 20 000 draws by different rules
    assert (interval.lower, interval.upper) == (
        pytest.approx(expected.low, abs=1e-3),
        pytest.approx(expected.high, abs=1e-3),
    )


def test_accelerations_are_those_of_the_jackknife(democracy):
    fit = sem("f =~ y1 + y2 + y3 + y4; g =~ y5 + y6 + y7 + y8; g ~ b*f; twice := 2*b", democracy)
    rows = fit.solution.groups[0].moments.observations
    left = [np.delete(rows, number, axis=0) for number in range(len(rows))]
    stack = SampleStack(
        covariances=np.array([np.cov(each, rowvar=False, bias=True) for each in left]),
        means=np.array([each.mean(axis=0) for each in left]),
        n_obs=np.full(len(rows), len(rows) - 1.0),
    )
    theta = plan_refits(fit.solution).fit([stack]).theta
    jackknife = acceleration_of(theta.mean(axis=0) - theta)
    plain, _ = likelihood_accelerations(fit)
    free = (fit.estimates["free"] > 0).to_numpy()
    # 0.02: the infinitesimal jackknife is the limit of the jackknife, 75 rows away from it
    np.testing.assert_allclose(plain[free], jackknife, atol=0.02)
    assert np.corrcoef(plain[free], jackknife)[0, 1] > 0.99
    assert plain[-1] == pytest.approx(plain[fit.estimates["label"] == "b"][0])


def test_quantities_that_are_fixed_or_never_defined_have_no_interval():
    fixed = bootstrap_interval(np.ones(100), 1.0)
    assert fixed.std_error == 0
    assert np.isnan([fixed.lower, fixed.upper, fixed.p_value]).all()
    undefined = bootstrap_interval(np.full(100, np.nan), np.nan)
    assert undefined.n_draws == 0
    assert np.isnan([undefined.std_error, undefined.lower, undefined.p_value]).all()
    partly = bootstrap_interval(np.r_[np.arange(50.0), np.full(50, np.nan)], 20.0)
    assert partly.n_draws == 50


def test_failures_are_counted_with_their_reasons(mediation, monkeypatch):
    whole = bootstrap(mediation, 30, seed=1, chunk=10)
    monkeypatch.setattr(refit, "_LARGEST_ITERATIONS", 14)

    def refuse(*_, **__):
        raise EstimationError("The model did not converge: for a test.")

    monkeypatch.setattr(refit, "estimate_model", refuse)
    result = bootstrap(mediation, 30, seed=1, chunk=10)
    assert 0 < result.n_failed < 30
    assert result.n_failed == len(result.failures) == result.n_retried == 30 - len(result.draws)
    assert set(result.failures) == {"The model did not converge: for a test."}
    assert set(result.failures.index) | set(result.draws.index) == set(range(1, 31))
    pd.testing.assert_frame_equal(result.draws, whole.draws.loc[result.draws.index])
    assert f"{result.n_failed} failed" in repr(result)


def test_inadmissible_replicates_are_counted_and_kept():
    rng = np.random.default_rng(8)
    rows = 0.7 * rng.standard_normal((60, 1)) + rng.standard_normal((60, 3))
    fit = sem("f =~ a + b + c", pd.DataFrame(rows, columns=list("abc")))
    result = bootstrap(fit, 60, seed=1)
    negative = (result.draws["estimate"][["a~~a", "b~~b", "c~~c", "f~~f"]] < 0).any(axis=1)
    assert 0 < negative.sum() == result.n_inadmissible
    assert result.n_failed + len(result.draws) == 60
    assert f"{result.n_inadmissible} inadmissible" in repr(result)


def test_what_cannot_be_bootstrapped_is_refused_at_once(democracy, mediation):
    with pytest.raises(UnsupportedError) as caught:
        bootstrap(mediation, 1, seed=1, confidence="bc", kind="parametric", level=95, n_jobs=0, chunk=0)
    for word in ("confidence='bc'", "kind='parametric'", "level=95", "n_replicates=1", "n_jobs=0", "chunk=0"):
        assert word in str(caught.value)


def test_progress_is_shown_on_a_terminal_when_asked_for(mediation, capsys, monkeypatch):
    bootstrap(mediation, 10, seed=1)
    assert capsys.readouterr().out == ""
    bootstrap(mediation, 10, seed=1, progress=True)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")  # how rich is told that it writes to a terminal
    bootstrap(mediation, 10, seed=1, progress=True)
    assert "Bootstrap" in capsys.readouterr().err
