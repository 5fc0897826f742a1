"""Score tests: what would change if a fixed or absent parameter were free, or an equality were given up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations, product

import numpy as np
import pandas as pd
from scipy.linalg import null_space
from scipy.stats import chi2

from surveysem.errors import UnsupportedError
from surveysem.estimation import EstimationProblem, LeastSquares, Solution
from surveysem.estimation.constraint_equations import Equation, constraint_equations
from surveysem.inference.extended import exogenous_moments, extend, parameter_key, rebuilt_problem
from surveysem.inference.fit import Fit
from surveysem.inference.latent_moderation import refuse_latent_products
from surveysem.inference.least_squares import UNCORRECTED
from surveysem.inference.least_squares_scores import expected_curvature, score_covariance
from surveysem.inference.standardized import Standardization, standardizing_factors
from surveysem.specification import Operator, Parameter, ParameterTable
from surveysem.typing import FloatArray

_UNDETERMINED = 1e-8
"""Share of a parameter's information that the others leave, at or below which it could not be estimated."""
_FIT_LARGER = "Fit the larger model and compare the two with compare()."
_AT_A_TIME = 150
"""Candidates whose derivatives are taken together: information matrices of all would not fit into memory."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Release:
    """Score statistics of directions in which the parameters were not allowed to move; arrays of shape (k,).

    Parameters
    ----------
    statistic : array of shape (k,)
        Expected decrease of χ², one degree of freedom each; NaN where the model would not be identified.
    change : array of shape (k,)
        Expected movement along each direction.
    """

    statistic: FloatArray
    change: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreTest:
    """Score test of a model's equality constraints.

    Parameters
    ----------
    chi_square : float
        Expected decrease of χ² if all constraints were given up together.
    degrees_of_freedom : int
        Parameters that would become estimable by that. (lavaan counts constraints, some of which may only have set
        a scale.)
    p_value : float
        Of the two.
    constraints : pandas.DataFrame
        One row a constraint, sorted by chi_square: lhs, op (``==``), rhs; parameter, its name as ``group_partial``
        takes it, where both sides are one parameter in two groups; chi_square, df, p_value and epc, the expected
        difference between the two sides, of giving up this one alone. After least squares with robust inference
        (WLSMV, ULSMV and their kin) chi_square_robust and p_value_robust too: there the plain chi_square, which is
        lavaan's, has no chi-square distribution, and the rows are sorted by the robust one.
    """

    chi_square: float
    degrees_of_freedom: int
    p_value: float
    constraints: pd.DataFrame


def modification_indices(fit: Fit) -> pd.DataFrame:
    """Modification indices and expected parameter changes of all fixed and absent parameters.

    Parameters
    ----------
    fit : Fit
        The fitted model.

    Returns
    -------
    pandas.DataFrame
        Columns lhs, op, rhs, group, mi, epc, sepc_lv, sepc_all, sorted by mi. Candidates are those of lavaan's
        ``modindices()``: loadings of all latent variables on all indicators, covariances among residuals of
        indicators and among latent variables, paths among all variables that take part in one, and fixed parameters.
        Left out are parameters that could not be estimated beside the others, and moments among observed exogenous
        variables, which the model takes from the sample. A path to one of those is judged as if they were free;
        lavaan gives that value under ``fixed.x = FALSE``.

    Notes
    -----
    MI = n s² / V and EPC = s / V, with s the mean score of the candidate and V its expected information less what
    the free parameters explain of it. Under robust estimators it is the same normal-theory test; after least squares
    V comes from the weights, so that with diagonal ones (WLSMV and kin) MI ranks candidates but has no chi-square
    distribution, here as in lavaan. sepc_all of a residual covariance is in units of the residuals' standard
    deviations; of the scale of a latent response it is the plain change.

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> indices = modification_indices(ss.sem("dem60 =~ y1 + y2 + y3 + y4", data))
    >>> round(float(indices.loc[0, "mi"]), 2)
    9.25
    """
    refuse_latent_products(fit, "Modification indices are", _FIT_LARGER)
    solution = fit.solution
    candidates = [row for group in solution.groups for row in _candidates(group.table)]
    released = [_release(solution, chunk) for chunk in _chunks(candidates)]
    mi = np.concatenate([np.empty(0), *(each.statistic for each in released)])
    epc = np.concatenate([np.empty(0), *(each.change for each in released)])
    shown = {name: ":".join(pair) for name, pair in fit.products.items()}
    columns = {
        "lhs": [shown.get(row.lhs, row.lhs) for row in candidates],
        "op": [row.op for row in candidates],
        "rhs": [shown.get(row.rhs, row.rhs) for row in candidates],
        "group": [row.group for row in candidates],
        "mi": mi,
        "epc": epc,
        "sepc_lv": epc * _factors(fit, candidates, "std_lv"),
        "sepc_all": epc * _factors(fit, candidates, "std_all"),
    }
    frame = pd.DataFrame(columns).dropna(subset=["mi"])
    return frame.sort_values("mi", ascending=False, kind="stable", ignore_index=True)


def score_test(fit: Fit) -> ScoreTest:
    """Score test of giving up equality constraints: parameters that share a label, are equal across groups, or ``==``.

    Raises
    ------
    UnsupportedError
        When the model has no equality constraints.

    Notes
    -----
    As lavaan's ``lavTestScore()``: of parameters that are all equal, each is compared with the first. The robust
    statistic is n s² / (cᵀΔᵀVΓVΔc), c being the constraint's direction less what the free parameters take up of it
    (the generalised score test).

    References
    ----------
    satorra_1989

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> test = score_test(ss.sem("dem60 =~ y1 + a*y2 + a*y3 + a*y4", data))
    >>> test.degrees_of_freedom, round(test.chi_square, 2)
    (2, 2.25)
    """
    refuse_latent_products(fit, "Score tests are", _FIT_LARGER)
    solution = fit.solution
    rows = [row for row in solution.table if row.free]
    constraints = _equalities(solution, rows)
    if not constraints:
        raise UnsupportedError("The model has no equality constraints that a score test could give up.")
    matrix = np.array([coefficients for *_, coefficients in constraints])
    problem, theta = _split(solution, rows)
    directions, basis = np.linalg.pinv(matrix), null_space(matrix)
    implied = problem.implied(theta)
    slope, curvature = problem.gradient(implied), expected_curvature(problem, implied)
    alone = release(slope, curvature, basis, directions, solution.n_obs)
    # A constraint that follows from the others cannot be given up alone.
    separable = np.isclose(np.diag(matrix @ directions), 1.0)
    statistic = np.where(separable, alone.statistic, np.nan)
    frame = pd.DataFrame(
        {
            "lhs": [first for first, *_ in constraints],
            "op": "==",
            "rhs": [second for _, second, *_ in constraints],
            "parameter": [name for *_, name, _ in constraints],
            "chi_square": statistic,
            "df": 1,
            "p_value": chi2.sf(statistic, 1),
            "epc": np.where(separable, alone.change, np.nan),
        }
    )
    by = "chi_square"
    if fit.estimator not in UNCORRECTED and all(isinstance(each, LeastSquares) for each in problem.discrepancies):
        by = "chi_square_robust"
        meat = score_covariance(problem, implied)
        robust = robust_release(slope, curvature, meat, basis, directions, solution.n_obs)
        frame[by] = np.where(np.isnan(statistic), np.nan, robust)
        frame["p_value_robust"] = chi2.sf(frame[by], 1)
    frame = frame.sort_values(by, ascending=False, kind="stable", ignore_index=True)
    together, df = _release_all(slope, curvature, basis, directions, solution.n_obs)
    return ScoreTest(
        chi_square=together, degrees_of_freedom=df, p_value=float(chi2.sf(together, df)), constraints=frame
    )


def release(slope: FloatArray, curvature: FloatArray, basis: FloatArray, directions: FloatArray, n_obs: int) -> Release:
    """Univariate score statistics of *directions*, the parameters being free to move within *basis*.

    Parameters
    ----------
    slope : array of shape (q,)
        ∂F/∂θ at the estimates, zero within *basis*.
    curvature : array of shape (q, q)
        Expected Hessian of F.
    basis : array of shape (q, r)
        Directions in which the minimum was sought.
    directions : array of shape (q, k)
        Directions released, each on its own.
    n_obs : int
        *n*.
    """
    score, own, left = _projected(slope, curvature, basis, directions)
    remaining = np.diag(left)
    usable = np.where(remaining > _UNDETERMINED * np.diag(own), remaining, np.nan)
    return Release(statistic=n_obs * score**2 / usable, change=score / usable)


def robust_release(
    slope: FloatArray,
    curvature: FloatArray,
    covariance: FloatArray,
    basis: FloatArray,
    directions: FloatArray,
    n_obs: int,
) -> FloatArray:
    """Generalised score statistics (k,) of *directions*; see :func:`release`.

    Parameters
    ----------
    covariance : array of shape (q, q)
        Of the scores of one observation, half the gradient of F.

    References
    ----------
    satorra_1989
    """
    information = curvature / 2.0
    taken = np.linalg.solve(basis.T @ information @ basis, basis.T @ information @ directions)
    left = directions - basis @ taken
    score = -directions.T @ slope / 2.0
    statistics: FloatArray = n_obs * score**2 / np.einsum("qk,qr,rk->k", left, covariance, left)
    return statistics


def _release_all(
    slope: FloatArray, curvature: FloatArray, basis: FloatArray, directions: FloatArray, n_obs: int
) -> tuple[float, int]:
    """Score statistic of all directions together, and its degrees of freedom."""
    score, own, left = _projected(slope, curvature, basis, directions)
    scale = np.sqrt(np.diag(own))
    values, vectors = np.linalg.eigh(left / np.outer(scale, scale))
    kept = values > _UNDETERMINED * values.max()
    along = vectors[:, kept].T @ (score / scale)
    return float(n_obs * np.sum(along**2 / values[kept])), int(kept.sum())


def _projected(
    slope: FloatArray, curvature: FloatArray, basis: FloatArray, directions: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean score along each direction (k,), information among them (k, k), and what *basis* leaves of it."""
    information = curvature / 2.0
    own = directions.T @ information @ directions
    across = basis.T @ information @ directions
    within = basis.T @ information @ basis
    explained: FloatArray = across.T @ np.linalg.solve(within, across)
    return -directions.T @ slope / 2.0, own, own - explained


def _chunks(candidates: Sequence[Parameter]) -> Iterator[Sequence[Parameter]]:
    return (candidates[start : start + _AT_A_TIME] for start in range(0, len(candidates), _AT_A_TIME))


def _release(solution: Solution, candidates: Sequence[Parameter]) -> Release:
    """The candidates as parameters that stay where they are, each released on its own.

    Moments of observed exogenous variables are free: a path to one of them changes what they explain. Beside ordered
    variables everything is given the exogenous ones, and there are no such paths.
    """
    sampled = [] if solution.table.ordered else exogenous_moments(solution)
    model = extend(solution, [*sampled, *candidates])
    n_released = len(candidates)
    free, released = model.basis[:, :-n_released], model.basis[:, -n_released:]
    curvature = expected_curvature(model.problem, model.implied)
    return release(model.gradient(), curvature, free, released, solution.n_obs)


def _candidates(table: ParameterTable) -> list[Parameter]:
    """Fixed and absent parameters of one group, by lavaan's rules."""
    group = table.rows[0].group
    present = {parameter_key(row) for row in table}
    absent = [Parameter(lhs=lhs, op=op, rhs=rhs, group=group, user=False) for lhs, op, rhs in _conceivable(table)]
    fixed = [row for row in table.parameters if not row.free and not row.exogenous]
    # The loading of a latent indicator is the path of its regression on the factor.
    as_loading = [replace(row, lhs=row.rhs, op="=~", rhs=row.lhs) for row in absent]
    return fixed + [
        row
        for row, loading in zip(absent, as_loading, strict=True)
        if parameter_key(row) not in present and not (row.op == "~" and parameter_key(loading) in present)
    ]


def _conceivable(table: ParameterTable) -> Iterator[tuple[str, Operator, str]]:
    """All lhs, op, rhs that could be parameters of one group, those the model has included."""
    exogenous = set(table.exogenous_observed)
    indicators = {row.rhs for row in table if row.op == "=~"}
    in_regressions = list(dict.fromkeys(name for row in table if row.op == "~" for name in (row.lhs, row.rhs)))
    measured = [name for name in table.observed if name in indicators]
    explained = [name for name in table.observed if name not in exogenous and name not in in_regressions]
    yield from ((latent, "=~", item) for latent, item in product(table.latent, explained))
    yield from ((first, "~~", second) for first, second in combinations(measured, 2))
    yield from ((first, "~~", second) for first, second in combinations(table.latent, 2))
    for outcome, predictor in permutations(in_regressions, 2):
        is_cross_loading = outcome in indicators and outcome in table.observed and predictor in table.latent
        is_given = outcome in exogenous and (table.ordered or predictor in exogenous)
        if not is_cross_loading and not is_given:
            yield outcome, "~", predictor


def _factors(fit: Fit, candidates: Sequence[Parameter], kind: Standardization) -> FloatArray:
    """What standardises each candidate."""
    groups = fit.solution.groups
    parts = [
        standardizing_factors(group, [row for row in candidates if row.group == number], kind, fit.products).values
        for number, group in enumerate(groups, start=1)
    ]
    return np.concatenate([np.empty(0), *parts])


def _equalities(solution: Solution, rows: Sequence[Parameter]) -> list[tuple[str, str, str, FloatArray]]:
    """Each constraint as left side, right side, name of the parameter and coefficients (s,) of the rows."""
    found = []
    first_at: dict[int, int] = {}
    for index, row in enumerate(rows):
        at = first_at.setdefault(row.free, index)
        if at != index:
            coefficients = np.zeros(len(rows))
            coefficients[[at, index]] = 1.0, -1.0
            plain = [replace(each, group=1).name for each in (rows[at], row)]
            found.append((rows[at].name, row.name, plain[0] if plain[0] == plain[1] else "", coefficients))
    held = solution.problem.constraints.boundaries if solution.problem.constraints else ()
    equations = constraint_equations(solution.table, solution.table.constraints)
    return found + [_formula(solution, each, rows) for each in equations if each.row.op == "==" or each.written in held]


def _formula(solution: Solution, equation: Equation, rows: Sequence[Parameter]) -> tuple[str, str, str, FloatArray]:
    """A constraint, by its derivatives at the estimates; a label stands for the first row that has it."""
    difference, _ = equation.expanded(solution.theta)
    coefficients = np.zeros(len(rows))
    for label, slope in zip(equation.labels, difference.gradient.tolist(), strict=True):
        coefficients[next(index for index, row in enumerate(rows) if row.label == label)] += slope
    return equation.row.lhs, equation.row.rhs, "", coefficients


def _split(solution: Solution, rows: Sequence[Parameter]) -> tuple[EstimationProblem, FloatArray]:
    """The problem in which every free row is a parameter of its own, and its parameters."""
    numbers = {parameter_key(row): number for number, row in enumerate(rows, start=1)}
    table = replace(
        solution.table,
        rows=tuple(replace(row, free=numbers[parameter_key(row)]) if row.free else row for row in solution.table),
    )
    return rebuilt_problem(solution, table), np.array([solution.theta[row.free - 1] for row in rows])
