"""The likelihood of models with latent products against integration from its definition, and its derivatives."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss

from surveysem.errors import UnsupportedError
from surveysem.estimation.latent_moderation import LatentModeration, latent_moderation, likelihood, measurement
from surveysem.implied import Matrix, ModeratedStructure, model_moments, moment_structure
from surveysem.specification import parameter_table, parse_syntax
from surveysem.specification.defaults import SEM_DEFAULTS

STEP = 1e-5

FACTORS = "X =~ x1 + x2 + x3\nZ =~ z1 + z2\nY =~ y1 + y2\n"
FOUR = "X =~ x1 + x2\nZ =~ z1 + z2\nW =~ w1 + w2\nY =~ y1 + y2\n"
MODELS = {
    "interaction": FACTORS + "Y ~ X + Z + X:Z",
    "quadratic": FACTORS + "Y ~ X + Z + X:X",
    "quadratics and interaction, two dimensions": FACTORS + "Y ~ X + Z + X:X + X:Z + Z:Z",
    "endogenous factor": FACTORS + "Z ~ X\nY ~ X + Z + X:Z",
    "endogenous factor that is held": FACTORS + "Z ~ X\nY ~ X + Z + Z:Z",
    "product in the middle of a chain": FOUR + "W ~ X + Z + X:Z\nY ~ W + X",
    "correlated residuals": FACTORS + "Y ~ X + Z + X:Z\nx1 ~~ y1\nz1 ~~ z2",
    "cross-loading": FACTORS + "Y ~ X + Z + X:Z\nX =~ y2",
    "observed factor": "X =~ x1 + x2 + x3\nY =~ y1 + y2\nY ~ X + z1 + X:z1",
    "observed factor and latent ones": FACTORS + "Y ~ X + Z + w + X:w + X:Z",
    "observed outcome": "X =~ x1 + x2 + x3\nZ =~ z1 + z2\ny1 ~ X + Z + X:Z",
    "observed mediator": FACTORS + "w ~ X\nY ~ X + Z + w + X:Z",
    "equal labels": FACTORS + "Y ~ a*X + Z + a*X:Z",
    "fixed coefficient": FACTORS + "Y ~ X + Z + 0.4*X:Z",
    "two outcomes share a factor": FOUR + "W ~ X + Z + b*X:Z\nY ~ X + W + Z + b*X:Z",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A model at some point, with a few rows."""

    structure: ModeratedStructure
    theta: np.ndarray
    discrepancy: LatentModeration
    observations: np.ndarray

    def value(self, theta: np.ndarray) -> float:
        return self.discrepancy.value(model_moments(self.structure, theta))

    def gradient(self, theta: np.ndarray) -> np.ndarray:
        return self.discrepancy.gradient(model_moments(self.structure, theta))

    @property
    def log_likelihood(self) -> float:
        return -len(self.observations) * self.value(self.theta) / 2.0


def make_case(syntax: str, *, n_obs: int = 12, missing: bool = False, spacing: float = 0.5, seed: int = 3) -> Case:
    """Random rows of the variables, and parameters near what they might be."""
    rng = np.random.default_rng(seed)
    table = parameter_table(parse_syntax(syntax), SEM_DEFAULTS, means=True)
    observations = rng.standard_normal((n_obs, len(table.observed))) * 1.3 + 0.2
    if missing:
        acting = {name for row in table if row.op == "~" for name in (row.lhs, *row.rhs.split(":"))}
        complete = [name in acting for name in table.observed]
        lost = (rng.random(observations.shape) < 0.25) & ~np.array(complete)
        lost[:, 0] = lost[0] = False
        observations[lost] = np.nan
    covariance = np.cov(np.nan_to_num(observations, nan=0.2).T, bias=True) + 0.3 * np.eye(len(table.observed))
    structure = moment_structure(table, table.n_free, covariance, np.nanmean(observations, axis=0))
    assert isinstance(structure, ModeratedStructure)
    theta = np.zeros(table.n_free)
    for row in table:
        if row.free and row.op in ("=~", "~", "~1"):
            theta[row.free - 1] = (
                0.9 if row.op == "=~" else 0.3 if row.op == "~" else 0.1
            ) + 0.05 * rng.standard_normal()
        elif row.free:
            theta[row.free - 1] = 0.9 + 0.1 * rng.standard_normal() if row.lhs == row.rhs else 0.2
    made = latent_moderation(model_moments(structure, theta), observations, reference=0.0)
    discrepancy = made.denser(model_moments(structure, theta), spacing=spacing, radius=9.0)
    return Case(structure=structure, theta=theta, discrepancy=discrepancy, observations=observations)


def integrated_log_likelihood(case: Case, n_nodes: int) -> float:
    """From the definition: the normal disturbances are integrated over by Gauss–Hermite rules, row by row.

    Disturbances of observed variables that act as latent are known once the others are.
    """
    structure, theta = case.structure, case.theta
    loadings, paths, residual, uniqueness, intercepts, means = structure.matrices(theta)
    m = len(structure.latent)
    acting = [at for at, name in enumerate(structure.latent) if name in structure.observed]
    hidden = [at for at in range(m) if at not in acting]
    columns = [structure.observed.index(structure.latent[at]) for at in acting]
    others = [at for at in range(len(structure.observed)) if at not in columns]
    points, weights = hermegauss(n_nodes)
    weights = weights / np.sqrt(2.0 * np.pi)
    grid = np.array(list(product(points, repeat=len(hidden))))
    mass = np.array(list(product(weights, repeat=len(hidden)))).prod(axis=1)
    # Disturbances: hidden ones from their marginal distribution; observed ones then given them.
    disturbances = grid @ np.linalg.cholesky(residual[np.ix_(hidden, hidden)]).T
    slope = residual[np.ix_(acting, hidden)] @ np.linalg.inv(residual[np.ix_(hidden, hidden)])
    left = residual[np.ix_(acting, acting)] - slope @ residual[np.ix_(hidden, acting)]
    total = 0.0
    for row in case.observations:
        eta = np.zeros((len(grid), m))
        eta[:, acting] = row[columns]
        for _ in range(m):
            for position, at in enumerate(hidden):
                eta[:, at] = (
                    means[at, 0] + eta @ paths[at] + _products(structure, theta, eta, at) + disturbances[:, position]
                )
        own = np.column_stack(
            [eta[:, at] - means[at, 0] - eta @ paths[at] - _products(structure, theta, eta, at) for at in acting]
            or [np.zeros((len(grid), 0))]
        )
        density = mass * _normal(own - disturbances @ slope.T, left)
        seen = [at for at in others if np.isfinite(row[at])]
        deviations = row[seen] - intercepts[seen, 0] - eta @ loadings[seen].T
        total += np.log((density * _normal(deviations, uniqueness[np.ix_(seen, seen)])).sum())
    return float(total)


def _products(structure: ModeratedStructure, theta: np.ndarray, eta: np.ndarray, outcome: int) -> np.ndarray:
    concerned = np.flatnonzero(structure.outcome == outcome)
    coefficients = structure.coefficients(theta)[concerned]
    return (eta[:, structure.first[concerned]] * eta[:, structure.second[concerned]]) @ coefficients


def _normal(deviations: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    if not deviations.shape[1]:
        return np.ones(len(deviations))
    distances = (deviations @ np.linalg.inv(covariance) * deviations).sum(axis=1)
    return np.exp(-0.5 * distances) / np.sqrt(np.linalg.det(2.0 * np.pi * covariance))


NEEDS_NO_CHAIN = [name for name in MODELS if "chain" not in name and "two outcomes" not in name]


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("name", NEEDS_NO_CHAIN)
def test_the_likelihood_is_that_of_the_definition(name: str, missing: bool) -> None:
    case = make_case(MODELS[name], missing=missing, n_obs=3)
    # 46 nodes in each of up to three dimensions resolve posteriors of these few indicators to about 1e-7.
    assert case.log_likelihood == pytest.approx(integrated_log_likelihood(case, 46), abs=2e-6)


def test_a_product_in_the_middle_of_a_chain_is_integrated_right() -> None:
    case = make_case(MODELS["product in the middle of a chain"], n_obs=2)
    # Four dimensions leave room for 26 nodes in each.
    assert case.log_likelihood == pytest.approx(integrated_log_likelihood(case, 26), abs=2e-4)


def finite_difference(function: Callable[[np.ndarray], object], theta: np.ndarray) -> np.ndarray:
    steps = STEP * np.eye(len(theta))
    return np.array([(np.asarray(function(theta + h)) - np.asarray(function(theta - h))) / (2 * STEP) for h in steps])


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_gradient_and_scores_are_derivatives_of_the_value(name: str, missing: bool) -> None:
    case = make_case(MODELS[name], missing=missing)
    gradient = case.gradient(case.theta)
    # Central differences of rounded values are good to about 1e-9.
    np.testing.assert_allclose(gradient, finite_difference(case.value, case.theta), atol=2e-8)
    scores = case.discrepancy.casewise_scores(model_moments(case.structure, case.theta))
    np.testing.assert_allclose(-2.0 / len(scores) * scores.sum(axis=0), gradient, atol=1e-9)


@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("name", MODELS)
def test_the_hessian_is_the_derivative_of_the_gradient(name: str, missing: bool) -> None:
    case = make_case(MODELS[name], missing=missing)
    hessian = case.discrepancy.hessian(model_moments(case.structure, case.theta))
    np.testing.assert_allclose(hessian, finite_difference(case.gradient, case.theta), atol=3e-8)


def test_paths_in_a_circle() -> None:
    syntax = FACTORS + "W =~ w1 + w2\nV =~ v1 + v2\nW ~ V + X + Z + X:Z\nV ~ W + X"
    case = make_case(syntax, missing=True)
    np.testing.assert_allclose(case.gradient(case.theta), finite_difference(case.value, case.theta), atol=2e-8)
    hessian = case.discrepancy.hessian(model_moments(case.structure, case.theta))
    np.testing.assert_allclose(hessian, finite_difference(case.gradient, case.theta), atol=3e-8)


@pytest.mark.parametrize("missing", [False, True])
def test_projection_on_the_latent_space_is_the_dense_computation(
    missing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(MODELS["two outcomes share a factor"], missing=missing)
    implied = model_moments(case.structure, case.theta)
    expected = case.value(case.theta), case.gradient(case.theta), case.discrepancy.hessian(implied)
    monkeypatch.setattr(measurement, "_LEAST_UNIQUENESS", np.inf)
    dense = make_case(MODELS["two outcomes share a factor"], missing=missing)
    assert dense.value(case.theta) == pytest.approx(expected[0], abs=1e-11)
    np.testing.assert_allclose(dense.gradient(case.theta), expected[1], atol=1e-10)
    np.testing.assert_allclose(dense.discrepancy.hessian(implied), expected[2], atol=1e-9)


@pytest.mark.parametrize("variance", [1e-9, 0.0, -0.02])
def test_residual_variances_at_zero_or_below_are_no_obstacle(variance: float) -> None:
    case = make_case(MODELS["interaction"], missing=True)
    theta = np.array(case.theta)
    at = case.structure.matrix == Matrix.RESIDUAL_COVARIANCE
    # Beside the latent factor that is held, one of its indicators may not be exact.
    of_outcome = at & (case.structure.row == case.structure.observed.index("y1"))
    theta[case.structure.parameter[of_outcome]] = variance
    np.testing.assert_allclose(case.gradient(theta), finite_difference(case.value, theta), atol=1e-6)
    hessian = case.discrepancy.hessian(model_moments(case.structure, theta))
    np.testing.assert_allclose(hessian, finite_difference(case.gradient, theta), atol=1e-6)


def test_covariances_that_are_not_positive_definite_are_told() -> None:
    case = make_case(MODELS["interaction"])
    theta = np.array(case.theta)
    at = (case.structure.matrix == Matrix.LATENT_COVARIANCE) & (case.structure.row == case.structure.column)
    theta[case.structure.parameter[at]] = -1.0
    with pytest.raises(np.linalg.LinAlgError):
        case.value(theta)


@pytest.mark.parametrize("name", ["interaction", "quadratics and interaction, two dimensions"])
def test_the_trapezoidal_rule_converges_as_fast_as_promised(name: str) -> None:
    fine = make_case(MODELS[name], spacing=0.4).log_likelihood
    errors = [abs(make_case(MODELS[name], spacing=spacing).log_likelihood - fine) for spacing in (2.0, 1.0)]
    assert errors[1] < 1e-6
    assert errors[1] < errors[0] / 100.0


def test_the_order_of_the_rows_does_not_matter() -> None:
    case = make_case(MODELS["interaction"], missing=True)
    implied = model_moments(case.structure, case.theta)
    reversed_rows = latent_moderation(implied, case.observations[::-1], reference=0.0)
    forwards = latent_moderation(implied, case.observations, reference=0.0)
    assert reversed_rows.value(implied) == pytest.approx(forwards.value(implied), abs=1e-13)
    np.testing.assert_allclose(
        reversed_rows.casewise_scores(implied)[::-1], forwards.casewise_scores(implied), atol=1e-10
    )


def test_rows_may_be_visited_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    syntax = MODELS["observed factor and latent ones"]
    whole = make_case(syntax, missing=True)
    assert len(whole.discrepancy._parts) == 1
    monkeypatch.setattr(likelihood, "_CELLS_AT_A_TIME", 60)
    parts = make_case(syntax, missing=True)
    implied = model_moments(parts.structure, parts.theta)
    assert len(parts.discrepancy._parts) > 2
    assert parts.value(parts.theta) == pytest.approx(whole.value(whole.theta), abs=1e-12)
    for name in ("gradient", "hessian", "casewise_scores", "expected_scores"):
        one, other = (getattr(case.discrepancy, name)(implied) for case in (whole, parts))
        np.testing.assert_allclose(other, one, atol=1e-11, err_msg=name)


def test_grids_that_would_not_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likelihood, "_MOST_VALUES", 100)
    with pytest.raises(UnsupportedError, match="qml"):
        make_case(MODELS["quadratics and interaction, two dimensions"])


def test_the_factor_that_takes_fewer_nodes_is_held() -> None:
    case = make_case(MODELS["interaction"])
    theta = np.array(case.theta)
    # Answers that tell X well leave it a narrow posterior, which takes many nodes: Z is held instead.
    at = case.structure.matrix == Matrix.RESIDUAL_COVARIANCE
    for name in ("x1", "x2", "x3"):
        row = at & (case.structure.row == case.structure.observed.index(name))
        theta[case.structure.parameter[row]] = 0.05
    made = latent_moderation(model_moments(case.structure, theta), case.observations, reference=0.0)
    assert [case.structure.latent[position] for position in made.factors.latent] == ["Z"]


def test_without_effects_of_products_the_likelihood_is_normal() -> None:
    case = make_case(MODELS["interaction"])
    theta = np.array(case.theta)
    theta[case.structure.product_parameter] = 0.0
    implied = model_moments(case.structure, theta)
    deviations = case.observations - implied.mean
    expected = np.log(_normal(deviations, implied.covariance)).sum()
    assert -len(deviations) * case.value(theta) / 2.0 == pytest.approx(expected, abs=1e-8)
    scores = case.discrepancy.expected_scores(implied)
    loadings = case.structure.matrices(theta)[Matrix.LOADINGS]
    regression = implied.latent_mean + deviations @ implied.inverse @ loadings @ implied.latent_covariance
    np.testing.assert_allclose(scores, regression, atol=1e-7)
