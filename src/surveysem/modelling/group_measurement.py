"""Whether measurement is the same in all groups, as far as comparisons of paths need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from surveysem.modelling.group_statements import measurement_part
from surveysem.modelling.invariance import Invariance, InvarianceCriteria, loss_of_fit, measurement_invariance
from surveysem.modelling.invariance_levels import InvarianceLevel, invariance_levels
from surveysem.number_formats import format_p_equation
from surveysem.specification import Statement, lavaan_syntax, ordered_variables
from surveysem.specification.roles import variable_roles


def ordered_names(ordered: Sequence[str] | bool, statements: Sequence[Statement]) -> tuple[str, ...]:
    """Ordered ones among the observed variables of a model."""
    roles = variable_roles(statements)
    named = set(
        roles.observed_not_exogenous if ordered is True else ((ordered,) if isinstance(ordered, str) else ordered or ())
    )
    named |= set(ordered_variables(statements))
    return tuple(name for name in roles.observed if name in named)


def measurement_ladder(
    statements: Sequence[Statement],
    data: pd.DataFrame,
    partial: Sequence[str],
    criteria: InvarianceCriteria,
    ordered: Sequence[str] | bool,
    options: Mapping[str, Any],
) -> Invariance | None:
    """Tests of invariance of a model's measurement part; None where there is none.

    Parameters
    ----------
    statements : sequence of Statement
        The whole model.
    data : pandas.DataFrame
        One row a respondent.
    partial, criteria, ordered
        As of :func:`~surveysem.modelling.group_moderation.group_moderation`.
    options : Mapping
        Estimator, missing and group.
    """
    measurement = measurement_part(statements)
    if not measurement:
        return None
    return measurement_invariance(
        lavaan_syntax(measurement),
        data,
        ordered=ordered_names(ordered, measurement),
        group_partial=partial,
        criteria=criteria,
        up_to="scalar",
        **options,
    )


def needed_level(model: Sequence[Statement], ladder: Invariance | None, partial: Sequence[str]) -> InvarianceLevel:
    """What is equal across groups in the models of paths."""
    if ladder is None:
        return InvarianceLevel(name="configural", equal=())
    levels = invariance_levels(ladder.fits["configural"].table, model, partial)
    return next(each for each in levels if each.name == needed(ladder))


def needed(ladder: Invariance) -> str:
    """Level that comparisons of paths need: the first from the metric one on that was tested."""
    failed = _failed(ladder)
    skipped = "metric" not in ladder.fits and failed != "thresholds"
    return "scalar" if skipped and ladder.fits["configural"].table.ordered else "metric"


def _failed(ladder: Invariance) -> str:
    """First level that fails; empty when none does."""
    return next((str(name) for name in ladder.table.index[~ladder.table["holds"]]), "")


_DIFFERING = {
    "thresholds": "thresholds",
    "metric": "loadings",
    "scalar": "thresholds, loadings or intercepts",
}


def measurement_obstacle(ladder: Invariance | None, criteria: InvarianceCriteria, group: str) -> str:
    """What differs between groups so that paths cannot be compared; empty when nothing does.

    Parameters
    ----------
    ladder : Invariance or None
        Tests of the measurement part.
    criteria : InvarianceCriteria
        Largest tolerable losses of fit.
    group : str
        The grouping column.
    """
    failed = "" if ladder is None else _failed(ladder)
    if ladder is None or not failed or failed not in ("thresholds", "metric", needed(ladder)):
        return ""
    before = list(ladder.fits)[list(ladder.fits).index(failed) - 1]
    lost = loss_of_fit(ladder.fits[failed], ladder.fits[before], level=failed, criteria=criteria)
    reason = lost or f"difference test p {format_p_equation(float(ladder.table['p_value'][failed]))}"
    return f"{_DIFFERING[failed]} differ between the groups of {group} ({reason})"
