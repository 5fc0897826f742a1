"""Models with latent products, fitted by latent moderated structural equations or quasi-maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypeAlias, get_args

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.errors import DataError, EstimationError, Problem, UnsupportedError
from surveysem.estimation import Discrepancy, FullInformation, Solution, estimate_model
from surveysem.estimation.latent_moderation.fitting import QuadratureCheck, estimate_by_quadrature
from surveysem.estimation.quasi_likelihood import QuasiLikelihood
from surveysem.findings import Finding
from surveysem.inference import Fit, infer
from surveysem.linalg import log_determinant
from surveysem.modelling.moderator_notes import moderator_notes
from surveysem.modelling.prepare import PreparedData
from surveysem.modelling.product_indicator import Centering
from surveysem.specification import Parameter, ParameterTable
from surveysem.specification.expressions import names_in
from surveysem.specification.products import Pairs
from surveysem.typing import EstimatorName, FloatArray

InteractionMethod: TypeAlias = Literal["product_indicator", "lms", "qml"]

_WHERE = "latent interaction"
_LEAST_NODES = 3
_LEAST_SHARE = 0.02
"""Least share of residual variance in an observed variable's variance at the start."""
_NORMALITY: Mapping[str, Finding] = {
    "lms": Finding(
        severity="note",
        where=_WHERE,
        message="Latent moderated structural equations take the latent variables and residuals for normal; skewed "
        "latent variables bias the effects of products.",
    ),
    "qml": Finding(
        severity="note",
        where=_WHERE,
        message="Quasi-maximum likelihood takes the factors of products for normal, and approximates the distribution "
        "of the outcomes' indicators.",
    ),
}
"""What each method rests on."""


def check_interaction(interaction: str, *, centering: str, pairs: str) -> None:
    """Refuse options of latent interactions that are not offered, all at once."""
    given = {
        "interaction": (interaction, InteractionMethod),
        "centering": (centering, Centering),
        "pairs": (pairs, Pairs),
    }
    problems = [
        _problem(name, f"{value!r} is not offered", f"Use one of: {', '.join(get_args(known))}.")
        for name, (value, known) in given.items()
        if value not in get_args(known)
    ]
    if problems:
        raise UnsupportedError("The options of the latent interaction are not understood.", problems)


def check_idle_options(interaction: str, *, centering: str, pairs: str | None, nodes: int | None) -> None:
    """Refuse options of latent interactions that would do nothing with the method, all at once."""
    if interaction == "product_indicator":
        idle: dict[str, object] = {} if nodes is None else {"nodes": nodes}
        remedy = 'Leave it out, or use interaction="lms".'
    else:
        idle = {"centering": centering} if centering != "double" else {}
        idle |= {"pairs": pairs} if pairs is not None else {}
        remedy = 'Leave it out, or use interaction="product_indicator".'
    problems = [_problem(name, f"{value!r} does nothing with {interaction!r}", remedy) for name, value in idle.items()]
    if problems:
        raise UnsupportedError("The options of the latent interaction do not go together.", problems)


def fit_moderated(
    table: ParameterTable,
    prepared: PreparedData,
    *,
    estimator: EstimatorName,
    method: InteractionMethod,
    nodes: int | None,
    engine: str,
    notes: tuple[Finding, ...],
) -> Fit:
    """A model whose table has latent products, fitted from the rows of its indicators.

    Parameters
    ----------
    table : ParameterTable
        The model, with means and rows ``Y ~ X:Z``.
    prepared : PreparedData
        Rows of each group.
    estimator : {"ML", "MLR"}
        Standard errors: from observed information, or robust.
    method : {"lms", "qml"}
        How the likelihood is computed.
    nodes : int, optional
        Nodes of quadrature in each dimension, for ``"lms"``.
    engine : str
        Only ``"native"``.
    notes : tuple of Finding
        What was noticed before.

    Raises
    ------
    UnsupportedError
        Lists what these methods do not offer.
    DataError
        When observed factors of products have missing values.
    EstimationError
        When no maximum was found, or the integral did not settle.
    """
    _check_offered(table, estimator=estimator, method=method, nodes=nodes, engine=engine)
    _check_factors_complete(table, prepared)
    start = _linear_estimates(table, prepared)
    references = [
        _reference(sample, discrepancy)
        for sample, discrepancy in zip(prepared.samples, prepared.discrepancies, strict=True)
    ]
    if method == "qml":
        solution = _quasi_maximum(table, prepared, references, start)
        found: tuple[Finding, ...] = ()
    else:
        solution, check = _integrated_maximum(table, prepared, references, start, nodes)
        found = quadrature_findings(check)
    return infer(
        solution,
        estimator=estimator,
        products=table.products,
        group_labels=prepared.group_labels,
        notes=(*notes, *prepared.notes, *found, *moderator_notes(table, prepared.samples), _NORMALITY[method]),
        rows=prepared.rows,
    )


def quadrature_findings(check: QuadratureCheck) -> tuple[Finding, ...]:
    """What a reader must know of how the integral was computed."""
    factors = ", ".join(check.factors)
    if not check.factors:
        message = "Given the observed factors of the products the model is linear: nothing had to be integrated."
        return (Finding(severity="note", where=_WHERE, message=message),)
    message = (
        f"The likelihood was integrated over {factors} with {check.nodes} nodes. With {check.denser_nodes} the "
        f"log-likelihood changes by {abs(check.change):.1g} and no estimate by more than {check.shift:.1g} standard "
        "errors."
    )
    if check.holds:
        found = [Finding(severity="note", where=_WHERE, message=message)]
    else:
        found = [
            Finding(
                severity="serious",
                where=_WHERE,
                message=f"{message} That is too much: leave out nodes, or ask for more.",
            )
        ]
    if check.second_search_failed:
        message = "A second search, from opposite effects of the products, led elsewhere but ended at no maximum."
        found.append(Finding(severity="note", where=_WHERE, message=message))
    if check.deficit is not None:
        message = (
            "Two maxima were found, from starts with opposite effects of the products; the log-likelihood of the other "
            f"is lower by {check.deficit:.3g}. The higher one is reported."
        )
        found.append(Finding(severity="warning", where=_WHERE, message=message))
    return tuple(found)


def _check_offered(table: ParameterTable, *, estimator: str, method: str, nodes: int | None, engine: str) -> None:
    problems = []
    if estimator not in ("ML", "MLR"):
        problems.append(_problem("estimator", f"{estimator!r} is not offered", "Use ML or MLR."))
    if engine != "native":
        problems.append(_problem("engine", f"{engine!r} cannot fit them", "Leave out engine."))
    if table.ordered:
        remedy = "Treat them as continuous (leave out ordered)."
        problems.append(_problem("ordered", f"{len(table.ordered)} ordered variables", remedy))
    if nodes is not None and (method != "lms" or not isinstance(nodes, int) or nodes < _LEAST_NODES):
        remedy = f'Leave it out, or give a whole number from {_LEAST_NODES} on with interaction="lms".'
        problems.append(_problem("nodes", f"{nodes!r} with interaction={method!r}", remedy))
    if problems:
        raise UnsupportedError(f"The latent interactions cannot be fitted by {method.upper()} like this.", problems)


def _check_factors_complete(table: ParameterTable, prepared: PreparedData) -> None:
    """Refuse observed factors of products with missing values: nothing tells what they would have been."""
    factors = dict.fromkeys(name for pair in table.products.values() for name in pair if name in table.observed)
    problems = []
    for name in factors:
        at = table.observed.index(name)
        missing = sum(int(np.isnan(sample.observations[:, at]).sum()) for sample in prepared.samples)
        if missing:
            remedy = "Leave these rows out, or make it a latent variable with one indicator."
            problems.append(_problem(f"variable {name}", f"{missing} missing values in a factor of a product", remedy))
    if problems:
        raise DataError("Observed factors of products have missing values.", problems)


def _problem(where: str, found: str, remedy: str) -> Problem:
    return Problem(where=where, found=found, remedy=remedy)


def _integrated_maximum(
    table: ParameterTable, prepared: PreparedData, references: list[float], linear: FloatArray, nodes: int | None
) -> tuple[Solution, QuadratureCheck]:
    """Maximum by quadrature; where there is none, residual variances that are to blame are named."""
    start = _with_positive_residuals(linear, table, prepared)
    try:
        return estimate_by_quadrature(table, prepared.samples, references=references, start=start, nodes=nodes)
    except EstimationError as error:
        problems = [
            _problem(
                f"residual variance of {row.lhs}",
                f"{linear[row.free - 1]:.3f} in the model without the products, so that there may be no maximum",
                f"Give it a lower bound: {row.lhs} ~~ r*{row.lhs}, r > 0.01 (in the units of the variable).",
            )
            for row in table
            if row.free and row.op == "~~" and row.lhs == row.rhs and linear[row.free - 1] <= 0.0
        ]
        raise EstimationError(error.message, [*error.problems, *problems]) from None


def _quasi_maximum(
    table: ParameterTable, prepared: PreparedData, references: list[float], start: FloatArray
) -> Solution:
    discrepancies = [
        QuasiLikelihood(observations=np.asarray(sample.observations), reference=reference)
        for sample, reference in zip(prepared.samples, references, strict=True)
    ]
    return estimate_model(table, prepared.samples, discrepancies=discrepancies, start=start)


def _linear_estimates(table: ParameterTable, prepared: PreparedData) -> FloatArray:
    """Estimates (q,) of the model in which products have no effect: where the search starts."""
    products = [row for row in table if row.op == "~" and row.rhs in table.products]
    labels = {row.label for row in products if row.label}
    kept = [row for row in table if row not in products and not (row.op in ("==", "<", ">") and labels & _names(row))]
    numbers = sorted({row.free for row in kept if row.free})
    rows = tuple(replace(row, free=numbers.index(row.free) + 1 if row.free else 0) for row in kept)
    linear = estimate_model(
        replace(table, rows=rows), prepared.samples, discrepancies=prepared.discrepancies, engine="native"
    )
    start = np.zeros(table.n_free)
    start[np.array(numbers) - 1] = linear.theta
    for row in products:
        if row.free and row.start is not None:
            start[row.free - 1] = row.start
    return start


def _with_positive_residuals(start: FloatArray, table: ParameterTable, prepared: PreparedData) -> FloatArray:
    """The start with residual variances away from 0, where the density given the latent variables breaks down."""
    lifted = np.array(start)
    variances = {name: float(prepared.samples[0].covariance[at, at]) for at, name in enumerate(table.observed)}
    for row in table:
        if row.free and row.op == "~~" and row.lhs == row.rhs and row.lhs in variances:
            lifted[row.free - 1] = max(lifted[row.free - 1], _LEAST_SHARE * variances[row.lhs])
    return lifted


def _names(constraint: Parameter) -> set[str]:
    return set(names_in(f"({constraint.lhs}) - ({constraint.rhs})"))


def _reference(sample: SampleMoments, discrepancy: Discrepancy) -> float:
    """Log-likelihood of the saturated normal model of one group."""
    if isinstance(discrepancy, FullInformation):
        return discrepancy.saturated.log_likelihood
    p = len(sample.variables)
    return -sample.n_obs / 2.0 * (p * float(np.log(2.0 * np.pi)) + log_determinant(sample.covariance) + p)
