"""Quasi-maximum likelihood of latent products: against its definition, differences, and cases that must collapse."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.linalg import null_space
from scipy.stats import multivariate_normal

from surveysem.data.moments import SampleMoments
from surveysem.errors import UnsupportedError
from surveysem.estimation import MaximumLikelihood
from surveysem.estimation.quasi_likelihood import QuasiLikelihood, casewise_scores_qml
from surveysem.implied import model_moments, moment_structure
from surveysem.specification import parameter_table, parse_syntax

FACTORS = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3"
MODELS = {
    "one interaction": f"{FACTORS}; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z",
    "quadratic": "X =~ x1 + x2 + x3; Y =~ y1 + y2; Y ~ X + X:X; X ~ 0.3*1",
    "endogenous factor": f"{FACTORS}; Z ~ X; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z + 0.1*Z:Z",
    "chain of outcomes": f"{FACTORS}; Y =~ y1 + y2 + y3; U =~ u1 + u2 + y2; V =~ v1 + v2; Y ~ X + Z + a*X:Z + X:X; "
    "U ~ Y + X + a*X:X; V ~ U + Z; y1 ~~ u1; x1 ~~ v2; X ~ 0.2*1",
    "two outcomes, one product": f"{FACTORS}; Y =~ y1 + y2; U =~ u1 + u2; Y ~ X + Z + X:Z; U ~ X + Z + X:Z; Y ~~ U",
    "observed factor and outcome": "X =~ x1 + x2 + x3; y ~ X + w + X:w; X ~ w",
    "second-order outcome": f"{FACTORS}; F =~ f1 + f2; G =~ g1 + g2; H =~ h1 + h2; Y =~ F + G + H; Y ~ X + Z + X:Z",
}


def _table(syntax):
    return parameter_table(parse_syntax(syntax))


def _rows(p, n=60, seed=4):
    """Rows whose sample covariance is not far from the identity."""
    return np.random.default_rng(seed).standard_normal((n, p)) + 0.2


def _holes(rows, seed=5):
    """Every fifth value left out, but never both of the last two."""
    rows, rng = rows.copy(), np.random.default_rng(seed)
    rows[rng.random(rows.shape) < 0.2] = np.nan
    filled = np.isnan(rows[:, -2:]).all(axis=1)
    rows[filled, -1] = 0.1
    return rows


def _point(table, structure, seed=3):
    """Parameters at which all covariances are positive definite and products matter."""
    rng = np.random.default_rng(seed)
    theta = rng.uniform(0.3, 0.7, structure.n_free)
    for row in table:
        if row.free and row.op == "~~":
            theta[row.free - 1] = rng.uniform(0.9, 1.3) if row.lhs == row.rhs else 0.15
        if row.free and row.op == "=~":
            theta[row.free - 1] = rng.uniform(0.6, 1.1)
    return theta


def _structure(table, rows):
    filled = np.where(np.isnan(rows), 0.0, rows)
    return moment_structure(table, table.n_free, np.cov(filled, rowvar=False, bias=True), filled.mean(axis=0))


@pytest.fixture(params=MODELS)
def case(request):
    """A model with complete rows and a point in its parameter space."""
    table = _table(MODELS[request.param])
    rows = _rows(len(table.observed))
    structure = _structure(table, rows)
    return rows, structure, _point(table, structure)


def _log_likelihood(rows, structure, theta):
    """Of the whole sample; F is measured from a log-likelihood of 0."""
    discrepancy = QuasiLikelihood(observations=rows, reference=0.0)
    return -len(rows) / 2 * discrepancy.value(model_moments(structure, theta))


def _brute_force(row, structure, theta):
    """Quasi-log-likelihood of one row from its definition.

    All disturbances and residuals are conditioned on the contrasts of indicators from which the outcomes cancel; the
    moments of one indicator an outcome given these are integrated by Gauss-Hermite quadrature, exact for polynomials
    of degree 9.
    """
    loadings, paths, latent_residual, residual, intercepts, latent_intercepts = structure.matrices(theta)
    seen = np.flatnonzero(~np.isnan(row))
    total = np.linalg.inv(np.eye(len(paths)) - paths)
    onto = (loadings @ total)[seen]
    outcomes = [at for at in np.unique(structure.outcome) if np.abs(onto[:, at]).max() > 0]
    indicators = [int(np.argmax(np.abs(onto[:, at]) * (1 + _only(onto, at, outcomes)))) for at in outcomes]
    contrasts = null_space(onto[:, outcomes].T).T
    others = np.eye(len(seen))[indicators]
    # Disturbances and residuals are the primitives; factors and observed variables are linear in them.
    primitive = np.block(
        [
            [latent_residual, np.zeros((len(paths), len(seen)))],
            [np.zeros((len(seen), len(paths))), residual[np.ix_(seen, seen)]],
        ]
    )
    observed = np.hstack([onto, np.eye(len(seen))])
    means = intercepts[seen, 0] + onto @ latent_intercepts[:, 0]
    factors = np.unique([structure.first, structure.second])
    wanted = np.vstack([np.hstack([total[factors], np.zeros((len(factors), len(seen)))]), others @ observed])
    given = contrasts @ observed
    spread = given @ primitive @ given.T
    gain = wanted @ primitive @ given.T @ np.linalg.inv(spread)
    centre = np.concatenate([(total @ latent_intercepts)[factors, 0], others @ means])
    centre = centre + gain @ (contrasts @ (row[seen] - means))
    remaining = wanted @ primitive @ wanted.T - gain @ given @ primitive @ wanted.T
    values, vectors = np.linalg.eigh(remaining)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    grid = np.array(list(product(nodes, repeat=len(centre))))
    mass = np.prod(np.array(list(product(weights / weights.sum(), repeat=len(centre)))), axis=1)
    draws = centre + grid @ root.T
    latent = dict(zip(factors.tolist(), draws[:, : len(factors)].T, strict=True))
    moved = draws[:, len(factors) :].copy()
    for at, first, second, omega in zip(
        structure.outcome, structure.first, structure.second, structure.coefficients(theta), strict=True
    ):
        moved += np.outer(omega * latent[int(first)] * latent[int(second)], others @ onto[:, at])
    mean = mass @ moved
    covariance = (moved - mean).T @ ((moved - mean) * mass[:, None])
    log_likelihood = multivariate_normal.logpdf(contrasts @ row[seen], contrasts @ means, spread)
    if outcomes:
        log_likelihood += multivariate_normal.logpdf(others @ row[seen], mean, covariance)
    return log_likelihood + np.linalg.slogdet(np.vstack([contrasts, others]))[1]


def _only(onto, at, outcomes):
    """Favours indicators of one outcome alone, so that the indicators chosen tell the outcomes apart."""
    return 10 * (np.abs(onto[:, outcomes]).sum(axis=1) == np.abs(onto[:, at]))


def test_likelihood_is_that_of_the_definition(case):
    rows, structure, theta = case
    expected = sum(_brute_force(row, structure, theta) for row in rows)
    assert _log_likelihood(rows, structure, theta) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("name", ["one interaction", "chain of outcomes", "two outcomes, one product"])
def test_likelihood_of_incomplete_rows_is_that_of_the_definition(name):
    table = _table(MODELS[name])
    rows = _measured(_holes(_rows(len(table.observed))), table)
    structure = _structure(table, rows)
    theta = _point(table, structure)
    assert len(np.unique(np.isnan(rows), axis=0)) > 20
    expected = sum(_brute_force(row, structure, theta) for row in rows)
    assert _log_likelihood(rows, structure, theta) == pytest.approx(expected, rel=1e-10)


def _measured(rows, table):
    """Rows with an indicator of each outcome that has others depend on it."""
    for outcome in {row.lhs for row in table if row.op == "~" and ":" in row.rhs}:
        at = [table.observed.index(name) for name in table.indicators_of(outcome)]
        lacking = np.isnan(rows[:, at]).all(axis=1)
        rows[lacking, at[0]] = 0.3
    return rows


def test_rows_without_any_indicator_of_the_outcome_count_with_the_others():
    table = _table(MODELS["one interaction"])
    rows = _rows(9)
    rows[:20, [table.observed.index(name) for name in ("y1", "y2", "y3")]] = np.nan
    structure = _structure(table, rows)
    theta = _point(table, structure)
    expected = sum(_brute_force(row, structure, theta) for row in rows)
    assert _log_likelihood(rows, structure, theta) == pytest.approx(expected, rel=1e-10)


def test_an_outcome_told_by_its_consequences_alone_is_refused():
    table = _table("X =~ x1 + x2 + x3; Y =~ y1 + y2; V =~ v1 + v2 + v3; Y ~ X + X:X; V ~ Y")
    rows = _rows(8)
    rows[:20, [table.observed.index(name) for name in ("y1", "y2")]] = np.nan
    structure = _structure(table, rows)
    discrepancy = QuasiLikelihood(observations=rows, reference=0.0)
    with pytest.raises(UnsupportedError, match=r"(?s)outcome Y.*lms"):
        discrepancy.value(model_moments(structure, _point(table, structure)))


def _difference(function, theta, step=1e-5):
    unit = step * np.eye(len(theta))
    return np.array([(function(theta + e) - function(theta - e)) / (2 * step) for e in unit])


def _check_derivatives(rows, structure, theta):
    # Central differences with this step are good to about 1e-8 here.
    discrepancy = QuasiLikelihood(observations=rows, reference=0.0)
    at = model_moments(structure, theta)
    gradient, hessian = discrepancy.gradient(at), discrepancy.hessian(at)
    by_value = _difference(lambda point: discrepancy.value(model_moments(structure, point)), theta)
    by_gradient = _difference(lambda point: discrepancy.gradient(model_moments(structure, point)), theta)
    np.testing.assert_allclose(gradient, by_value, atol=1e-7 * np.abs(gradient).max())
    np.testing.assert_allclose(hessian, by_gradient, atol=1e-7 * np.abs(hessian).max())
    scores = casewise_scores_qml(discrepancy, at)
    assert scores.shape == (len(rows), len(theta))
    np.testing.assert_allclose(-2 / len(rows) * scores.sum(axis=0), gradient, atol=1e-10 * np.abs(gradient).max())


def test_derivatives_are_those_of_the_value(case):
    _check_derivatives(*case)


def test_derivatives_of_incomplete_rows_are_those_of_the_value():
    table = _table(MODELS["chain of outcomes"])
    rows = _measured(_holes(_rows(len(table.observed))), table)
    structure = _structure(table, rows)
    _check_derivatives(rows, structure, _point(table, structure))


def test_scores_of_a_row_are_derivatives_of_its_log_likelihood():
    table = _table(MODELS["endogenous factor"])
    rows = _rows(len(table.observed))
    structure = _structure(table, rows)
    theta = _point(table, structure)
    discrepancy = QuasiLikelihood(observations=rows, reference=0.0)
    scores = casewise_scores_qml(discrepancy, model_moments(structure, theta))
    differences = _difference(lambda point: _brute_force(rows[7], structure, point), theta)
    # The brute-force value carries rounding of about 1e-12, which the step divides.
    np.testing.assert_allclose(scores[7], differences, atol=1e-6)


def test_metric_is_positive_definite(case):
    rows, structure, theta = case
    metric = QuasiLikelihood(observations=rows, reference=0.0).metric_hessian(model_moments(structure, theta))
    scale = np.sqrt(np.diag(metric))
    assert np.linalg.eigvalsh(metric / np.outer(scale, scale))[0] > 1e-4


def test_metric_is_exact_for_the_means_of_a_model_without_effects_of_products():
    table = _table(MODELS["one interaction"])
    structure = _structure(table, np.zeros((2, 9)))
    theta = _point(table, structure)
    omega = int(structure.product_parameter[0])
    theta[omega] = 0.0
    # Rows drawn from the model: the expected Hessian is then the mean of the observed one.
    at = model_moments(structure, theta)
    rows = np.random.default_rng(2).multivariate_normal(at.mean, at.covariance, 20_000)
    discrepancy = QuasiLikelihood(observations=rows, reference=0.0)
    means = [*(row.free - 1 for row in table if row.op == "~1" and row.free), omega]
    block = np.ix_(means, means)
    exact, metric = discrepancy.hessian(at)[block], discrepancy.metric_hessian(at)[block]
    scale = np.sqrt(np.diag(exact))
    added = metric[-1, -1] / exact[-1, -1]
    # Sampling error of 20 000 rows is about 1 %. The coefficient moves variances too, which the metric leaves out.
    np.testing.assert_allclose(
        metric[:-1] / np.outer(scale, scale)[:-1], (exact / np.outer(scale, scale))[:-1], atol=0.03
    )
    assert 0.5 < added <= 1.01


def test_without_effects_of_products_it_is_maximum_likelihood(case):
    rows, structure, theta = case
    theta = theta.copy()
    theta[structure.product_parameter[structure.product_parameter >= 0]] = 0.0
    structure = replace(structure, product_value=np.zeros_like(structure.product_value))
    at = model_moments(structure, theta)
    sample = SampleMoments(
        variables=structure.observed,
        covariance=np.cov(rows, rowvar=False, bias=True),
        means=rows.mean(axis=0),
        n_obs=len(rows),
        observations=rows,
    )
    p = rows.shape[1]
    saturated = -len(rows) / 2 * (p * np.log(2 * np.pi) + np.linalg.slogdet(sample.covariance)[1] + p)
    discrepancy = QuasiLikelihood(observations=rows, reference=saturated)
    assert discrepancy.value(at) == pytest.approx(MaximumLikelihood(moments=sample).value(at.linear), rel=1e-12)


def test_scales_and_their_indicators_make_no_difference():
    table = _table(MODELS["chain of outcomes"])
    rows = _rows(len(table.observed))
    structure = _structure(table, rows)
    theta = _point(table, structure)
    first = _log_likelihood(rows, structure, theta)
    stretch = np.array([10.0 if name in ("y1", "x2") else 1.0 for name in structure.observed])
    stretched = [
        row.free - 1
        for row in table
        if row.free and ((row.op == "=~" and row.rhs == "x2") or (row.op == "~1" and row.lhs in ("y1", "x2")))
    ]
    variances = {row.lhs: row.free - 1 for row in table if row.op == "~~" and row.lhs == row.rhs}
    # Y is in units of y1: its other loadings shrink, its equation and its effects follow.
    other = theta.copy()
    other[stretched] *= 10.0
    other[[variances["x2"], variances["y1"], variances["Y"]]] *= 100.0
    for row in table:
        if row.free and row.op == "=~" and row.lhs == "Y":
            other[row.free - 1] /= 10.0
        if row.free and row.op == "~" and row.lhs == "Y" and not row.label:
            other[row.free - 1] *= 10.0
        if row.free and row.op == "~" and row.rhs == "Y":
            other[row.free - 1] /= 10.0
        if row.free and row.op == "~~" and {row.lhs, row.rhs} == {"y1", "u1"}:
            other[row.free - 1] *= 10.0
    free_label = _table(MODELS["chain of outcomes"].replace("a*", ""))
    structure, theta = _unlabelled(free_label, table, rows, theta, other)
    second = _log_likelihood(rows * stretch, structure, theta)
    assert second == pytest.approx(first - len(rows) * np.log(stretch).sum(), rel=1e-12)


def _unlabelled(target, source, rows, before, after):
    """The point of the stretched model without the label, whose two coefficients are no longer equal."""
    structure = _structure(target, rows)
    theta = np.empty(structure.n_free)
    for row, given in zip(target, source, strict=True):
        if row.free:
            theta[row.free - 1] = after[given.free - 1]
            if given.label and row.lhs == "Y":
                theta[row.free - 1] = 10.0 * before[given.free - 1]
    return structure, theta


def test_order_of_rows_makes_no_difference_and_scores_follow_it():
    table = _table(MODELS["one interaction"])
    rows = _holes(_rows(9))
    structure = _structure(table, rows)
    at = model_moments(structure, _point(table, structure))
    order = np.random.default_rng(0).permutation(len(rows))
    first = QuasiLikelihood(observations=rows, reference=0.0)
    second = QuasiLikelihood(observations=rows[order], reference=0.0)
    assert second.value(at) == pytest.approx(first.value(at), rel=1e-12)
    np.testing.assert_allclose(casewise_scores_qml(second, at), casewise_scores_qml(first, at)[order], atol=1e-9)


def test_information_it_does_not_have_is_refused(case):
    rows, structure, theta = case
    discrepancy, at = QuasiLikelihood(observations=rows, reference=0.0), model_moments(structure, theta)
    for refused in (discrepancy.expected_hessian, discrepancy.structured_hessian):
        with pytest.raises(UnsupportedError, match="observed and first-order information"):
            refused(at)


def test_an_impossible_point_is_no_number():
    table = _table(MODELS["one interaction"])
    rows = _rows(9)
    structure = _structure(table, rows)
    theta = _point(table, structure)
    theta[next(row.free - 1 for row in table if row.lhs == row.rhs == "Y")] = -30.0
    discrepancy = QuasiLikelihood(observations=rows, reference=0.0)
    with pytest.raises(np.linalg.LinAlgError):
        discrepancy.value(model_moments(structure, theta))
