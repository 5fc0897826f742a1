"""Models with latent products, fitted by latent moderated structural equations or quasi-maximum likelihood."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from surveysem.data.moments import SampleMoments
from surveysem.errors import Problem, UnsupportedError
from surveysem.estimation import Discrepancy, estimate_model
from surveysem.findings import Finding
from surveysem.inference import Fit, infer
from surveysem.modelling.prepare import PreparedData
from surveysem.modelling.product_indicator import Centering
from surveysem.specification import ParameterTable
from surveysem.specification.products import Pairs
from surveysem.typing import EstimatorName

InteractionMethod: TypeAlias = Literal["product_indicator", "lms", "qml"]


def check_interaction(interaction: str, *, centering: str, pairs: str) -> None:
    """Refuse options of latent interactions that are not offered, all at once."""
    given = {
        "interaction": (interaction, InteractionMethod),
        "centering": (centering, Centering),
        "pairs": (pairs, Pairs),
    }
    problems = [
        Problem(where=name, found=f"{value!r} is not offered", remedy=f"Use one of: {', '.join(get_args(known))}.")
        for name, (value, known) in given.items()
        if value not in get_args(known)
    ]
    if problems:
        raise UnsupportedError("The options of the latent interaction are not understood.", problems)


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
        The model, with rows ``Y ~ X:Z``.
    prepared : PreparedData
        Rows of each group.
    estimator : {"ML", "MLR"}
        Standard errors: from observed information, or robust.
    method : {"lms", "qml"}
        How the likelihood is computed.
    nodes : int, optional
        Nodes of quadrature in each dimension.
    engine : str
        Only ``"native"``.
    notes : tuple of Finding
        What was noticed before.
    """
    discrepancies = tuple(
        _discrepancy(table.in_group(number), sample, method, nodes)
        for number, sample in enumerate(prepared.samples, start=1)
    )
    solution = estimate_model(table, prepared.samples, discrepancies=discrepancies, engine=engine)
    return infer(
        solution,
        estimator=estimator,
        products=table.products,
        group_labels=prepared.group_labels,
        notes=(*notes, *prepared.notes),
    )


def _discrepancy(
    table: ParameterTable, sample: SampleMoments, method: InteractionMethod, nodes: int | None
) -> Discrepancy:
    raise NotImplementedError
