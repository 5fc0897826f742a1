"""Fit indices: published values, limits, and what must not change them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, kurtosis, ncx2

from surveysem.inference.indices import (
    adjusted_goodness_of_fit_index,
    aic,
    bic,
    cfi,
    critical_n,
    goodness_of_fit_index,
    ifi,
    log_likelihood,
    nfi,
    rfi,
    rmsea,
    rmsea_interval,
    rmsea_p_close,
    rmsea_p_not_close,
    rni,
    srmr,
    tli,
    yuan_bentler_scaling_factor,
)
from surveysem.inference.indices.absolute import weighted_squares
from surveysem.inference.indices.scaling import saturated_trace
from surveysem.inference.indices.statistics import (
    baseline_statistic,
    divided,
    independence_trace,
    mean_and_variance_adjusted,
    scaled_and_shifted,
)
from surveysem.inference.satorra_bentler import ScalingTraces
from surveysem.modelling import sem

HOLZINGER = {
    "chi_square": 85.306,
    "degrees_of_freedom": 24,
    "baseline_chi_square": 918.852,
    "baseline_degrees_of_freedom": 36,
}


def test_perfect_fit():
    fit = {
        "chi_square": 10.0,
        "degrees_of_freedom": 20,
        "baseline_chi_square": 500.0,
        "baseline_degrees_of_freedom": 30,
    }
    assert cfi(**fit) == 1.0
    assert tli(**fit) > 1.0
    assert rmsea(chi_square=10.0, degrees_of_freedom=20, n_obs=100) == 0.0
    assert rmsea_interval(chi_square=10.0, degrees_of_freedom=20, n_obs=100)[0] == 0.0


def test_no_better_than_the_baseline():
    fit = {
        "chi_square": 500.0,
        "degrees_of_freedom": 20,
        "baseline_chi_square": 500.0,
        "baseline_degrees_of_freedom": 30,
    }
    assert cfi(**fit) == 0.0
    assert tli(**fit) < 0.0


def test_scaling_factors_give_robust_versions():
    robust = cfi(**HOLZINGER, scaling=0.979, baseline_scaling=1.044)
    by_hand = 1 - (85.306 - 0.979 * 24) / (918.852 - 1.044 * 36)
    assert robust == pytest.approx(by_hand)
    by_hand = 1 - ((85.306 - 0.979 * 24) / 24) / ((918.852 - 1.044 * 36) / 36)
    assert tli(**HOLZINGER, scaling=0.979, baseline_scaling=1.044) == pytest.approx(by_hand)


@pytest.mark.parametrize("scaling", [1.0, 1.3])
@pytest.mark.parametrize(("chi_square", "df"), [(85.306, 24.0), (38.125, 35.0), (3000.0, 1000.0), (60.0, 30.5)])
def test_limits_of_rmsea_are_quantiles(chi_square, df, scaling):
    lower, upper = rmsea_interval(chi_square=chi_square, degrees_of_freedom=df, n_obs=200, scaling=scaling)
    for limit, probability in ((lower, 0.95), (upper, 0.05)):
        noncentrality = limit**2 * df * 200 / scaling
        if limit > 0:
            assert ncx2.cdf(chi_square / scaling, df, noncentrality) == pytest.approx(probability, abs=1e-8)
    point = rmsea(chi_square=chi_square, degrees_of_freedom=df, n_obs=200, scaling=scaling)
    assert lower <= point <= upper


def test_close_fit_is_the_upper_tail_at_five_hundredths():
    p = rmsea_p_close(chi_square=85.306, degrees_of_freedom=24, n_obs=301)
    assert p == pytest.approx(ncx2.sf(85.306, 24, 301 * 24 * 0.0025))


def test_close_fit_of_data_that_fit_perfectly():
    """scipy's survival function overflows here."""
    perfect = {"chi_square": 1e-13, "degrees_of_freedom": 39, "n_obs": 3108}
    assert rmsea_p_close(**perfect) == 1.0
    assert rmsea_p_not_close(**perfect) == pytest.approx(0.0, abs=1e-12)


def test_not_close_fit_is_the_lower_tail_at_eight_hundredths():
    """With the same bound the two p-values are the two tails of one distribution."""
    p = rmsea_p_not_close(chi_square=85.306, degrees_of_freedom=24, n_obs=301)
    assert p == pytest.approx(ncx2.cdf(85.306, 24, 301 * 24 * 0.0064))
    tails = [
        function(chi_square=60.0, degrees_of_freedom=24, n_obs=301, scaling=1.2, n_groups=2, **{bound: 0.06})
        for function, bound in ((rmsea_p_close, "close"), (rmsea_p_not_close, "not_close"))
    ]
    assert sum(tails) == pytest.approx(1.0)


def test_the_sample_of_critical_size_is_at_the_border_of_rejection():
    """Hoelter counts one more than the size at which n·F is the critical value."""
    size = critical_n(chi_square=85.306, degrees_of_freedom=24, n_obs=301)
    assert chi2.sf((size - 1) * 85.306 / 301, 24) == pytest.approx(0.05)
    assert np.isnan(critical_n(chi_square=0.0, degrees_of_freedom=0, n_obs=301))


def test_incremental_indices_at_their_limits():
    """Perfect fit gives 1, no better than independence 0; a model with fewer restrictions than independence none."""
    perfect = HOLZINGER | {"chi_square": 24.0}
    useless = HOLZINGER | {"chi_square": 918.852, "degrees_of_freedom": 36}
    assert rni(**perfect) == 1.0
    assert nfi(**(HOLZINGER | {"chi_square": 0.0})) == 1.0
    assert (rni(**useless), nfi(**useless), rfi(**useless)) == (0.0, 0.0, 0.0)
    restricted = HOLZINGER | {"degrees_of_freedom": 37}
    assert np.isnan([nfi(**restricted), rfi(**restricted)]).all()
    assert ifi(chi_square=24.0, degrees_of_freedom=24, baseline_chi_square=918.852) == 1.0
    assert np.isnan(ifi(chi_square=24.0, degrees_of_freedom=24, baseline_chi_square=24.0))


def test_goodness_of_fit_from_eigenvalues():
    """With the eigenvalues λ of Σ⁻¹S it is 1 − Σ(λ − 1)² / Σλ²."""
    rng = np.random.default_rng(6)
    sample, implied = (each @ each.T for each in rng.standard_normal((2, 4, 9)))
    inverse = np.linalg.inv(implied)
    misfit, total = weighted_squares(sample - implied, inverse), weighted_squares(sample, inverse)
    roots = np.linalg.eigvals(inverse @ sample).real
    expected = 1 - np.sum((roots - 1) ** 2) / np.sum(roots**2)
    assert goodness_of_fit_index(misfit=misfit, total=total) == pytest.approx(expected)
    assert np.isnan(adjusted_goodness_of_fit_index(gfi=1.0, n_variables=3, degrees_of_freedom=0))


def test_saturated_models():
    assert rmsea(chi_square=0.0, degrees_of_freedom=0, n_obs=100) == 0.0
    assert rmsea_interval(chi_square=0.0, degrees_of_freedom=0, n_obs=100) == (0.0, 0.0)
    assert np.isnan(rmsea_p_close(chi_square=0.0, degrees_of_freedom=0, n_obs=100))
    assert tli(chi_square=0.0, degrees_of_freedom=0, baseline_chi_square=5.0, baseline_degrees_of_freedom=3) == 1.0


def test_tli_without_a_baseline_is_not_a_number():
    assert np.isnan(tli(chi_square=1.0, degrees_of_freedom=1, baseline_chi_square=3.0, baseline_degrees_of_freedom=3))


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0, 1e4),
    st.integers(1, 400),
    st.floats(0, 1e5),
    st.integers(1, 500),
    st.integers(20, 5000),
    st.floats(0.3, 3),
)
def test_indices_stay_in_their_ranges(chi_square, df, baseline, baseline_df, n_obs, scaling):
    value = cfi(
        chi_square=chi_square,
        degrees_of_freedom=df,
        baseline_chi_square=baseline,
        baseline_degrees_of_freedom=baseline_df,
        scaling=scaling,
    )
    assert 0.0 <= value <= 1.0
    lower, upper = rmsea_interval(chi_square=chi_square, degrees_of_freedom=df, n_obs=n_obs, scaling=scaling)
    assert 0.0 <= lower <= upper
    assert 0.0 <= rmsea_p_close(chi_square=chi_square, degrees_of_freedom=df, n_obs=n_obs, scaling=scaling) <= 1.0


def test_srmr_by_hand():
    sample = np.array([[4.0, 1.0], [1.0, 9.0]])
    implied = np.array([[4.0, 0.4], [0.4, 8.1]])
    residuals = [0.0, (1.0 - 0.4) / 6, 0.9 / 9]
    assert srmr(sample_covariance=sample, implied_covariance=implied) == pytest.approx(
        np.sqrt(np.mean(np.square(residuals)))
    )


def test_information_criteria_by_hand():
    assert aic(log_likelihood=-100.0, n_parameters=7) == 214.0
    assert bic(log_likelihood=-100.0, n_parameters=7, n_obs=50) == pytest.approx(200 + 7 * np.log(50))


def test_log_likelihood_of_a_saturated_model_is_that_of_the_normal_distribution():
    rng = np.random.default_rng(3)
    data = rng.standard_normal((40, 3)) @ np.diag([1.0, 2.0, 0.5])
    centred = data - data.mean(axis=0)
    sample = centred.T @ centred / 40
    direct = -0.5 * (
        40 * (3 * np.log(2 * np.pi) + np.linalg.slogdet(sample).logabsdet)
        + np.einsum("ni,ij,nj->", centred, np.linalg.inv(sample), centred)
    )
    found = log_likelihood(
        discrepancy=0.0, log_determinant_sample=np.linalg.slogdet(sample).logabsdet, n_variables=3, n_obs=40
    )
    assert found == pytest.approx(direct)


def test_traces_of_the_saturated_and_the_independence_model_by_their_definition():
    """tr(B A⁻¹) from casewise scores of every variance and covariance, and from kurtosis for independence."""
    rng = np.random.default_rng(4)
    data = rng.exponential(size=(300, 3)) @ np.array([[1.0, 0.3, 0.0], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    centred = data - data.mean(axis=0)
    sample = centred.T @ centred / len(centred)
    rows, columns = np.tril_indices(3)
    products = centred[:, rows] * centred[:, columns]
    gamma = np.cov(products, rowvar=False, bias=True)
    normal = sample[rows][:, rows] * sample[columns][:, columns] + sample[rows][:, columns] * sample[columns][:, rows]
    assert saturated_trace(centred, sample) == pytest.approx(np.trace(np.linalg.solve(normal, gamma)))
    assert saturated_trace(centred, sample, has_means=True) == pytest.approx(saturated_trace(centred, sample) + 3)
    of_independence = np.sum(kurtosis(data, fisher=False) - 1) / 2
    solution = sem("f =~ a + b + c", pd.DataFrame(data, columns=list("abc"))).solution
    assert independence_trace(solution) == pytest.approx(of_independence)
    factor = baseline_statistic(solution, "MLR").factor
    assert factor == pytest.approx((saturated_trace(centred, sample) - of_independence) / 3)


def test_clusters_of_one_row_stretch_the_traces_only():
    """By n / (n − 1)."""
    rng = np.random.default_rng(4)
    centred = rng.exponential(size=(60, 3)) - 1.0
    centred -= centred.mean(axis=0)
    sample = centred.T @ centred / 60
    for has_means in (False, True):
        plain = saturated_trace(centred, sample, has_means=has_means)
        alone = saturated_trace(centred, sample, has_means=has_means, clusters=np.arange(60))
        assert alone == pytest.approx(plain * 60 / 59)


def test_corrected_statistics_have_the_moments_they_are_corrected_to():
    """Of a statistic Σ wᵢ χ²₁: the mean of its degrees of freedom (MLM), and their variance too (MLMV, MLMVS)."""
    weights = np.array([0.5, 1.0, 1.5, 3.0])
    traces = ScalingTraces(trace=weights.sum(), trace_of_square=(weights**2).sum())
    mean, variance = weights.sum(), 2 * (weights**2).sum()
    scaled = divided(1.0, 4, traces.trace / 4)
    assert mean * scaled.scaled == pytest.approx(4)
    shifted = scaled_and_shifted(1.0, 4, traces)
    scale = shifted.scaled - shifted.shift
    assert scale * mean + shifted.shift == pytest.approx(4)
    assert scale**2 * variance == pytest.approx(8)
    adjusted = mean_and_variance_adjusted(1.0, 4, traces)
    assert adjusted.scaled * mean == pytest.approx(adjusted.scaled_degrees_of_freedom)
    assert adjusted.scaled**2 * variance == pytest.approx(2 * adjusted.scaled_degrees_of_freedom)


def test_normal_data_are_not_scaled():
    """With B = A both traces are counts of parameters, and the factor is 1."""
    matrix = np.diag([2.0, 3.0])
    factor = yuan_bentler_scaling_factor(
        saturated_trace=6.0, first_order=matrix, inverse_observed=np.linalg.inv(matrix), degrees_of_freedom=4
    )
    assert factor == 1.0


MODEL = "f =~ x1 + x2 + x3; g =~ y1 + y2 + y3 + y4; g ~ f; y2 ~~ y4"


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(["x1", "x2", "y1", "y3"]), st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
def test_units_of_a_variable_do_not_matter(democracy, variable, factor, shift):
    plain = sem(MODEL, democracy, estimator="MLR")
    other = sem(MODEL, democracy.assign(**{variable: factor * democracy[variable] + shift}), estimator="MLR")
    for name, value in plain.fit_indices.items():
        if name not in ("logl", "unrestricted.logl", "aic", "bic", "bic2"):  # densities have units
            # 1e-6: a shift by 1e3 costs up to seven of sixteen digits
            assert other.fit_indices[name] == pytest.approx(value, rel=1e-6, abs=1e-7), name
    for column in ("std_all", "std_std_error"):
        np.testing.assert_allclose(other.estimates[column], plain.estimates[column], rtol=1e-5, atol=1e-7)


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(75)), st.permutations(range(11)))
def test_order_of_rows_and_columns_does_not_matter(democracy, rows, columns):
    plain = sem(MODEL, democracy, estimator="MLR")
    other = sem(MODEL, democracy.iloc[rows, columns], estimator="MLR")
    for name, value in plain.fit_indices.items():
        assert other.fit_indices[name] == pytest.approx(value, rel=1e-8, abs=1e-8), name
    np.testing.assert_allclose(other.estimates["std_error"], plain.estimates["std_error"], rtol=1e-7)


def test_indices_are_read_only(democracy_fit):
    with pytest.raises(TypeError):
        democracy_fit.fit_indices["cfi"] = 1.0


def test_groups_of_equal_rows_have_the_fit_of_one(democracy):
    """Two copies as two groups with everything equal: the same F, twice the observations."""
    twice = pd.concat([democracy.assign(copy="a"), democracy.assign(copy="b")], ignore_index=True)
    equal = ("loadings", "intercepts", "means", "residuals", "residual_covariances", "regressions")
    equal += ("latent_variances", "latent_covariances")
    one = sem(MODEL, democracy, meanstructure=True).fit_indices
    two = sem(MODEL, twice, group="copy", group_equal=equal).fit_indices
    assert two["npar"] == one["npar"]
    assert two["fmin"] == pytest.approx(one["fmin"], rel=1e-8)
    assert two["chisq"] == pytest.approx(2 * one["chisq"], rel=1e-8)
    assert two["df"] == one["df"] + 35  # the moments of the second copy
    for name in ("srmr", "logl"):
        assert two[name] == pytest.approx(one[name] * (2 if name == "logl" else 1), rel=1e-8)


def test_full_information_of_complete_rows_is_maximum_likelihood(democracy):
    for estimator in ("ML", "MLR"):
        plain = sem(MODEL, democracy, estimator=estimator, meanstructure=True)
        full = sem(MODEL, democracy, estimator=estimator, missing="fiml")
        robust = {name for name in full.fit_indices if name.endswith(".robust")}  # corrected in another way
        assert set(full.fit_indices) - robust == {name for name in plain.fit_indices if not name.endswith(".robust")}
        for name in set(full.fit_indices) - robust:
            assert full.fit_indices[name] == pytest.approx(plain.fit_indices[name], rel=1e-7, abs=1e-8), name
        np.testing.assert_allclose(full.estimates["estimate"], plain.estimates["estimate"], rtol=1e-5, atol=1e-7)
        if estimator == "MLR":  # plain standard errors are from observed information, as in lavaan
            np.testing.assert_allclose(full.estimates["std_error"], plain.estimates["std_error"], rtol=1e-5, atol=1e-7)


def test_scaled_indices_come_with_the_robust_estimator_only(democracy, democracy_fit):
    plain = sem(MODEL, democracy).fit_indices
    assert not [name for name in plain if name.endswith((".scaled", ".robust"))]
    assert "cfi.robust" in democracy_fit.fit_indices
