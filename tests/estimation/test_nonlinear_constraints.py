"""Constraints that are not linear: derivatives, minima, units, special cases that collapse, and refusals."""

from importlib.metadata import distribution

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import null_space
from scipy.optimize import minimize

import surveysem as ss
from surveysem.errors import EstimationError, IdentificationError, ModelSyntaxError, UnsupportedError
from surveysem.estimation.constraint_equations import constraint_equations
from surveysem.estimation.constraints import constraints_of
from surveysem.estimation.nonlinear_constraints import NonlinearConstraints, dependent_parameters, tangent_basis

MODEL = """
visual =~ x1 + l2*x2 + l3*x3 + l4*x4
speed =~ x7 + l8*x8 + l9*x9
visual ~~ v*visual
speed ~~ w*speed
visual ~~ c*speed
"""
PATHS = """
x7 ~ b1*x4 + b2*x5 + direct*x1
x4 ~ a1*x1
x5 ~ a2*x1
x4 ~~ x5
indirect := a1*b1
"""
CONSTRAINTS = {
    "explicit": "l4 == l2*l3",
    "chain": "l4 == l2*l3; l9 == exp(l4) - 0.4; w == sqrt(v)/2",
    "implicit": "l2*l3 == l8*l9 - l4; c^2 == 0.2*v*w",
    "with linear ones": "l2 + l3 == 1.4; l4 == l2*l3; 2*l8 == l9 + 1",
    "defined on the right": "l2*l3 == l4",
}


@pytest.fixture(scope="module")
def pupils():
    return pd.read_csv(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv"))


@pytest.fixture(scope="module", params=CONSTRAINTS)
def fit(request, pupils):
    """Fits under constraints of every kind."""
    return ss.sem(f"{MODEL}; {CONSTRAINTS[request.param]}", pupils)


def _labelled(fit):
    rows = fit.estimates[fit.estimates["label"] != ""]
    return dict(zip(rows["label"], rows["estimate"], strict=True))


def _moved(constraints, at, step):
    return constraints.project(at + step)


def test_derivatives_of_the_equations(fit):
    system, theta, step = fit.solution.problem.constraints.system, fit.solution.theta, 1e-6
    columns = [
        (system.evaluated(theta + step * unit).values - system.evaluated(theta - step * unit).values) / (2 * step)
        for unit in np.eye(len(theta))
    ]
    np.testing.assert_allclose(system.evaluated(theta).jacobian, np.array(columns).T, atol=1e-8)


def test_the_basis_is_the_null_space_of_the_derivatives(fit):
    constraints = fit.solution.problem.constraints
    np.testing.assert_allclose(constraints.jacobian @ constraints.basis, 0, atol=1e-13)
    q, k = len(fit.solution.theta), len(constraints.jacobian)
    assert np.linalg.matrix_rank(constraints.basis) == q - k


def test_the_lagrangian_is_the_hessian_along_the_constraints(fit):
    """Central differences of the gradient by the independent parameters, the others following from them."""
    problem, theta, step = fit.solution.problem, np.array(fit.solution.theta), 1e-5

    def slope(at):
        here = problem.at(at)
        return here.constraints.basis.T @ here.gradient(here.implied(at))

    basis = problem.constraints.basis
    rows = [
        (
            slope(_moved(problem.constraints, theta, step * each))
            - slope(_moved(problem.constraints, theta, -step * each))
        )
        / (2 * step)
        for each in basis.T
    ]
    hessian = basis.T @ problem.lagrangian_hessian(problem.implied(theta)) @ basis
    # differences of steps of 1e-5 leave about 1e-8 of elements near 50
    np.testing.assert_allclose(hessian, np.array(rows), rtol=1e-5, atol=1e-6)
    curvature = problem.constraints.curvature(problem.gradient(problem.implied(theta)))
    assert np.abs(basis.T @ curvature @ basis).max() > 1e-4


def test_constraints_hold_and_no_neighbour_that_meets_them_is_better(fit):
    solution, constraints = fit.solution, fit.solution.problem.constraints
    found = constraints.system.evaluated(solution.theta)
    assert (np.abs(found.values) <= 1e-12 * found.sizes).all()
    rng = np.random.default_rng(3)
    for _ in range(20):
        step = constraints.basis @ rng.normal(size=constraints.basis.shape[1]) * 0.003
        neighbour = _moved(constraints, solution.theta, step)
        assert solution.problem.value(solution.problem.implied(neighbour)) > solution.discrepancy


def test_each_constraint_takes_one_degree_of_freedom(fit, pupils):
    free = ss.sem(MODEL, pupils)
    k = len(fit.table.constraints)
    assert fit.fit_indices["df"] == free.fit_indices["df"] + k
    assert fit.fit_indices["npar"] == free.fit_indices["npar"] - k
    test = ss.compare(fit, free)
    assert test["df_diff"].iloc[1] == k
    assert test["chisq_diff"].iloc[1] > 0
    assert fit.score_test().degrees_of_freedom == k


def test_another_minimiser_finds_the_same_minimum(pupils):
    """Sequential quadratic programming of scipy, with nothing but our F and its gradient."""
    fit = ss.sem(f"{MODEL}; {CONSTRAINTS['implicit']}", pupils)
    problem, system = fit.solution.problem, fit.solution.problem.constraints.system
    found = minimize(
        lambda theta: problem.value(problem.implied(theta)),
        np.array(fit.solution.theta) + 0.05,
        jac=lambda theta: problem.gradient(problem.implied(theta)),
        constraints={"type": "eq", "fun": lambda theta: system.evaluated(theta).values},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    # its stop leaves about 1e-6
    np.testing.assert_allclose(found.x, fit.solution.theta, rtol=1e-5, atol=1e-5)
    assert found.fun == pytest.approx(fit.solution.discrepancy, rel=1e-9)


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
@pytest.mark.parametrize("written", ["l2^2 == l3^2", "exp(l2) == exp(l3)", "l2/l3 == 1", "log(l3) - log(l2) == 0"])
def test_a_linear_constraint_in_disguise(pupils, written, estimator):
    fit = ss.sem(f"{MODEL}; {written}", pupils, estimator=estimator)
    linear = ss.sem(f"{MODEL}; l2 == l3", pupils, estimator=estimator)
    assert isinstance(fit.solution.problem.constraints, NonlinearConstraints)
    assert not isinstance(linear.solution.problem.constraints, NonlinearConstraints)
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(fit.estimates[column], linear.estimates[column], rtol=1e-7, atol=1e-9)
    for name, value in linear.fit_indices.items():
        assert fit.fit_indices[name] == pytest.approx(value, rel=1e-8, abs=1e-9), name


@pytest.mark.parametrize("estimator", ["ML", "MLR", "MLMV"])
def test_comparisons_with_a_constrained_model(pupils, estimator):
    """Of the larger model too; a linear constraint in disguise says what the numbers are."""
    tables = []
    for written in ("l4^2 == l3^2", "l4 == l3"):
        larger = ss.sem(f"{MODEL}; {written}", pupils, estimator=estimator)
        restricted = ss.sem(f"{MODEL}; {written}; l8 == l9", pupils, estimator=estimator)
        tables.append(ss.compare(restricted, larger)[["chisq", "df", "chisq_diff", "p_value"]])
    np.testing.assert_allclose(*tables, rtol=1e-7)


def test_units_of_the_items_do_not_matter(pupils):
    """x2 in millionths and x9 in millions: l2 grows and l9 shrinks by as much."""
    text = f"{MODEL}; l4 == l2*l3; c == l9*w*v"
    scaled = f"{MODEL}; l4 == l2*l3/10^6; c == 10^6*l9*w*v"
    fit = ss.sem(text, pupils, estimator="MLR")
    other = ss.sem(scaled, pupils.assign(x2=pupils["x2"] * 1e6, x9=pupils["x9"] / 1e6), estimator="MLR")
    for name in ("chisq", "chisq.scaling.factor", "df"):
        assert other.fit_indices[name] == pytest.approx(fit.fit_indices[name], rel=1e-7), name
    np.testing.assert_allclose(other.estimates["z"], fit.estimates["z"], rtol=1e-6)
    np.testing.assert_allclose(other.estimates["std_all"], fit.estimates["std_all"], rtol=1e-6)


def test_the_size_of_a_constraint_does_not_matter(pupils):
    one = ss.sem(f"{MODEL}; l2*l3 == l4", pupils)
    other = ss.sem(f"{MODEL}; 10^9*l2*l3 == 10^9*l4", pupils)
    np.testing.assert_allclose(other.estimates["estimate"], one.estimates["estimate"], rtol=1e-10)


def test_constraints_on_defined_quantities(pupils):
    by_name = ss.sem(f"{PATHS}; indirect == 0.1", pupils)
    by_labels = ss.sem(f"{PATHS}; a1*b1 == 0.1", pupils)
    np.testing.assert_allclose(by_name.estimates["estimate"], by_labels.estimates["estimate"], rtol=1e-9)
    defined = by_name.estimates.set_index("lhs").loc["indirect"]
    assert defined["estimate"] == pytest.approx(0.1, abs=1e-12)
    assert defined["std_error"] == pytest.approx(0.0, abs=1e-9)


def test_paths_that_start_at_zero(pupils):
    """There both products and all their derivatives are 0."""
    fit = ss.sem(f"{PATHS}; a1*b1 == a2*b2", pupils)
    values = _labelled(fit)
    assert values["a1"] * values["b1"] == pytest.approx(values["a2"] * values["b2"], rel=1e-12)
    assert fit.fit_indices["df"] == 1
    free = _labelled(ss.sem(PATHS, pupils))
    assert np.sign(values["a1"]) == np.sign(free["a1"])


def test_an_inequality_beside_them(pupils):
    bounded = ss.sem(f"{MODEL}; l4 == l2*l3; l2 > 0.9", pupils)
    fixed = ss.sem(f"{MODEL}; l4 == l2*l3; l2 == 0.9", pupils)
    np.testing.assert_allclose(bounded.estimates["estimate"], fixed.estimates["estimate"], rtol=1e-8)
    assert any("boundary" in finding.message for finding in bounded.findings)
    loose = ss.sem(f"{MODEL}; l4 == l2*l3; l2 > 0.1", pupils)
    assert loose.fit_indices["chisq"] < bounded.fit_indices["chisq"]


def test_a_constraint_can_set_the_scale(pupils):
    marker = ss.sem("visual =~ x1 + x2 + x3 + x4", pupils)
    for scale in ("a + b + c == 3", "a*b*c == 1", "a^2 + b^2 == 2"):
        fit = ss.sem(f"visual =~ NA*x1 + a*x1 + b*x2 + c*x3 + x4; {scale}", pupils)
        assert fit.fit_indices["chisq"] == pytest.approx(marker.fit_indices["chisq"], rel=1e-8)
        assert fit.fit_indices["df"] == marker.fit_indices["df"]
    with pytest.raises(IdentificationError, match="information matrix is singular"):
        ss.sem("visual =~ NA*x1 + a*x1 + b*x2 + c*x3 + x4; a*b == c^2", pupils)


REFUSED = {
    "no solution": ("l2^2 == -1", EstimationError, "the left side exceeds the right by"),
    "no real value": ("log(0 - l2^2) == l3", EstimationError, "no real value at the start values"),
    "the same twice": ("l2 == l3*l4; 2*l2 == 2*l3*l4", ModelSyntaxError, "2*l2 == 2*l3*l4: it follows"),
    "a contradiction": ("l2 == l3*l4; l2 == l3*l4 + 1", ModelSyntaxError, "follows from the other constraints or"),
    "a linear one twice": ("l2 == l3; l3 == l2", ModelSyntaxError, "l3 == l2: it follows"),
    "nothing": ("l2*0 == 0", ModelSyntaxError, "it holds of no free parameter"),
    "dependent at the solution": ("l2 == l3; l2^2 == l3^2", EstimationError, "not independent of each other where"),
    "no derivative": ("c^2 == 0", EstimationError, "c^2 == 0: its derivatives vanish"),
    "all that is unknown": ("l2 == q*l3; l4 == r^2", ModelSyntaxError, "r^2"),
    "no number": ("l2 == l3^2 + 1/0", ModelSyntaxError, "no real value, whatever"),
    "a number that is none": ("l2^2 == 1/0", ModelSyntaxError, "1/0 is no real number"),
    "an inequality": ("l2*l3 > 0.2", UnsupportedError, "l2*l3 > 0.2: it is not linear"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(pupils, case):
    constraint, kind, message = REFUSED[case]
    with pytest.raises(kind) as caught:
        ss.sem(f"{MODEL}; {constraint}", pupils)
    assert message in str(caught.value)


def test_a_constraint_that_closes_every_way_to_a_proper_model(pupils):
    with pytest.raises(EstimationError):
        ss.sem(f"{MODEL}; v == 0 - exp(l2)", pupils)


def test_dependent_parameters_are_those_that_formulas_define(pupils):
    table = ss.sem(MODEL, pupils).table
    names = table.free_names
    constrained = ss.sem(f"{MODEL}; {CONSTRAINTS['chain']}", pupils).solution
    system = constraints_of(constrained.table)
    assert [names[at] for at in system.preferred()] == ["l4", "l9", "w"]
    assert [names[at] for at in constrained.problem.constraints.coordinates] == ["l4", "l9", "w"]


def test_pivoting_ignores_units():
    jacobian = np.random.default_rng(2).normal(size=(4, 9))
    units = 10.0 ** np.array([-6, 5, 0, 3, -3, 6, 0, 2, -5])
    scaled = 10.0 ** np.array([4, -7, 0, 2])[:, None] * jacobian * units
    dependent = dependent_parameters(scaled, np.array([], dtype=int))
    assert dependent is not None
    basis = tangent_basis(scaled, dependent) * units[:, None]
    reference = null_space(jacobian)
    kept = reference @ (reference.T @ basis)
    np.testing.assert_allclose(kept / np.linalg.norm(basis, axis=0), basis / np.linalg.norm(basis, axis=0), atol=1e-9)
    assert dependent_parameters(np.vstack([scaled, scaled[0] + scaled[2]]), dependent) is None


def test_equations_at_many_points(pupils):
    table = ss.sem(f"{PATHS}; indirect + exp(b2) == a2", pupils).table
    (equation,) = constraint_equations(table, table.constraints)
    points = np.random.default_rng(1).normal(size=(5, table.n_free))
    one_by_one = [equation.expanded(point)[0].value for point in points]
    np.testing.assert_allclose(equation.at_each(points), one_by_one, rtol=1e-13)


def test_monte_carlo_draws_meet_the_constraints(pupils):
    """One quantity written in two ways has one interval."""
    text = f"{MODEL}; l4 == l2*l3; first := l4; second := l2*l3"
    intervals = ss.sem(text, pupils).monte_carlo_intervals(500, seed=1)
    columns = ["estimate", "std_error", "ci_lower", "ci_upper"]
    np.testing.assert_allclose(
        intervals.loc[0, columns].astype(float), intervals.loc[1, columns].astype(float), rtol=1e-8
    )
    assert intervals["n_draws"].tolist() == [500, 500]


def test_bootstrap_replicates_meet_the_constraints(pupils):
    fit = ss.sem(f"{MODEL}; l4 == l2*l3; first := l4; second := l2*l3", pupils)
    bootstrap = fit.bootstrap(6, seed=2)
    assert bootstrap.n_failed == 0
    first, second = (bootstrap.draws["estimate", name] for name in ("first", "second"))
    np.testing.assert_allclose(first, second, rtol=1e-9)
    assert first.nunique() == 6


def test_what_a_constraint_says_cannot_be_tested(pupils):
    fit = ss.sem(f"{MODEL}; l4 == l2*l3; l8 == l9^2", pupils)
    assert ss.wald_test(fit, "l2 == l3").degrees_of_freedom == 1
    with pytest.raises(ModelSyntaxError, match="no freedom of its own"):
        ss.wald_test(fit, "l4 == l2*l3")


def test_an_inequality_that_does_not_bind_is_no_constraint_to_give_up(pupils):
    test = ss.sem(f"{MODEL}; l4 == l2*l3; l8 < 5", pupils).score_test()
    assert test.degrees_of_freedom == 1
    assert test.constraints["lhs"].tolist() == ["l4"]


def test_semopy_refuses_them(pupils):
    with pytest.raises(UnsupportedError, match="constraints written as formulas"):
        ss.sem(f"{MODEL}; l4 == l2*l3", pupils, engine="semopy")
