"""Direct, indirect and total effects among the variables of a fitted model, plain and standardised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from surveysem.errors import DataError, EstimationError, Problem, UnsupportedError
from surveysem.estimation import GroupSolution
from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.bootstrap_intervals import acceleration_of, bootstrap_interval
from surveysem.inference.delta import delta_standard_errors, normal_theory
from surveysem.inference.effects_algebra import (
    Effect,
    EffectKind,
    EffectSystem,
    effect_derivatives,
    evaluate_effects,
    list_effects,
    spectral_radius,
)
from surveysem.inference.fit import Fit
from surveysem.inference.least_squares import is_least_squares
from surveysem.inference.probing.uncertainty import _influence
from surveysem.inference.standardized import Rows, plain_rows, standardized_rows
from surveysem.specification import Parameter
from surveysem.typing import FloatArray

__all__ = ["ALL_KINDS", "EffectKind", "effects_table"]

ALL_KINDS: tuple[EffectKind, ...] = get_args(EffectKind)
ARROW = " → "


def effects_table(
    fit: Fit,
    *,
    kinds: Sequence[EffectKind] = ALL_KINDS,
    predictor: str | None = None,
    outcome: str | None = None,
    bootstrap: Bootstrap | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Effects of every variable on every other it acts on; see :func:`surveysem.effects`, which takes results too.

    Raises
    ------
    UnsupportedError
        For unknown options, variables between which there is no effect, and BCa intervals under least squares.
    EstimationError
        When effects feed back so strongly that their sum has no limit.
    DataError
        When the bootstrap is of another fit.
    """
    _check(fit, kinds, bootstrap, level)
    groups = [_group_system(group, fit.products) for group in fit.solution.groups]
    _check_names(groups[0].system, predictor, outcome)
    influence = _influence(fit) if bootstrap is not None and bootstrap.confidence == "bca" else None
    tables = []
    for number, group in enumerate(groups):
        chosen = [each for each in list_effects(group.system, kinds) if _wanted(each, group.system, predictor, outcome)]
        _check_limit(group, chosen)
        table = _identity(group, chosen)
        for prefix, standardized in (("", False), ("std_", True)):
            columns = _inferred(fit, group, chosen, bootstrap, influence, level=level, standardized=standardized)
            table = table.assign(**{prefix + name: values for name, values in columns.items()})
        if len(groups) > 1:
            table.insert(0, "group", fit.group_labels[number])
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Group:
    """The arrows of one group, as rows of its table, and their values."""

    solution: GroupSolution
    system: EffectSystem
    places: tuple[int, ...]
    plain: Rows
    standardized: Rows

    def rows(self, *, standardized: bool) -> Rows:
        source = self.standardized if standardized else self.plain
        places = list(self.places)
        return Rows(values=source.values[places], jacobian=source.jacobian[places])


def _group_system(group: GroupSolution, products: Mapping[str, tuple[str, str]]) -> _Group:
    shown = {name: ":".join(pair) for name, pair in products.items()}
    parameters = group.table.parameters
    passing = {row.rhs for row in parameters if row.op == "~"}
    arrows = [(place, _ends(row)) for place, row in enumerate(parameters) if _is_arrow(row, passing)]
    named = [(place, shown.get(first, first), second) for place, (first, second) in arrows]
    order = dict.fromkeys([*(first for _, first, _ in named), *(second for _, _, second in named)])
    at = {name: number for number, name in enumerate(order)}
    return _Group(
        solution=group,
        system=EffectSystem(
            variables=tuple(order),
            outcome=np.array([at[second] for _, _, second in named], dtype=np.int64),
            predictor=np.array([at[first] for _, first, _ in named], dtype=np.int64),
        ),
        places=tuple(place for place, _, _ in named),
        plain=plain_rows(group),
        standardized=standardized_rows(group, "std_all", products),
    )


def _is_arrow(row: Parameter, passing: set[str]) -> bool:
    """Regressions, and loadings of what predicts something itself; not those fixed to 0."""
    acts = row.op == "~" or (row.op == "=~" and row.rhs in passing)
    return acts and bool(row.free or row.value)


def _ends(row: Parameter) -> tuple[str, str]:
    """Predictor and outcome."""
    return (row.rhs, row.lhs) if row.op == "~" else (row.lhs, row.rhs)


def _identity(group: _Group, effects: Sequence[Effect]) -> pd.DataFrame:
    names = group.system.variables
    return pd.DataFrame(
        {
            "predictor": [names[each.predictor] for each in effects],
            "outcome": [names[each.outcome] for each in effects],
            "effect": [each.kind for each in effects],
            "through": [_mediators(each, group.system) for each in effects],
        }
    )


def _mediators(effect: Effect, system: EffectSystem) -> str:
    return ARROW.join(system.variables[system.outcome[arrow]] for arrow in effect.arrows[:-1])


def _inferred(
    fit: Fit,
    group: _Group,
    effects: Sequence[Effect],
    bootstrap: Bootstrap | None,
    influence: FloatArray | None,
    *,
    level: float,
    standardized: bool,
) -> dict[str, FloatArray]:
    rows = group.rows(standardized=standardized)
    estimate = evaluate_effects(group.system, effects, rows.values[None])[0]
    jacobian = effect_derivatives(group.system, effects, rows.values) @ rows.jacobian
    if bootstrap is None:
        errors = delta_standard_errors(jacobian, fit.parameter_covariance)
        tested = normal_theory(estimate, errors, level=level)
        return {
            "estimate": estimate,
            "std_error": tested.std_error,
            "z": tested.z,
            "p_value": tested.p_value,
            "ci_lower": tested.ci_lower,
            "ci_upper": tested.ci_upper,
        }
    draws = evaluate_effects(group.system, effects, _drawn(fit, group, bootstrap, standardized=standardized))
    skews = np.zeros(len(effects)) if influence is None else acceleration_of(influence @ jacobian.T)
    found = [
        bootstrap_interval(
            draw, value, confidence=bootstrap.confidence, level=bootstrap.level, acceleration=float(skew)
        )
        for draw, value, skew in zip(draws.T, estimate.tolist(), skews, strict=True)
    ]
    return {
        "estimate": estimate,
        "std_error": np.array([each.std_error for each in found]),
        "p_value": np.array([each.p_value for each in found]),
        "ci_lower": np.array([each.lower for each in found]),
        "ci_upper": np.array([each.upper for each in found]),
        "n_draws": np.array([each.n_draws for each in found]),
    }


def _drawn(fit: Fit, group: _Group, bootstrap: Bootstrap, *, standardized: bool) -> FloatArray:
    """Coefficients (b, e) of the arrows in each replicate; what is fixed stays as it is."""
    solution = "std_all" if standardized else "estimate"
    shown = {name: ":".join(pair) for name, pair in fit.products.items()}
    drawn, columns = bootstrap.draws[solution], []
    values = group.rows(standardized=standardized).values
    for place, value in zip(group.places, values.tolist(), strict=True):
        row = group.solution.table.parameters[place]
        end = f".g{row.group}" if row.group > 1 else ""
        name = f"{shown.get(row.lhs, row.lhs)}{row.op}{shown.get(row.rhs, row.rhs)}{end}"
        columns.append(drawn[name].to_numpy(dtype=float) if name in drawn else np.full(len(drawn), value))
    return np.column_stack(columns)


def _wanted(effect: Effect, system: EffectSystem, predictor: str | None, outcome: str | None) -> bool:
    first, last = system.variables[effect.predictor], system.variables[effect.outcome]
    return predictor in (None, first) and outcome in (None, last)


def _check(fit: Fit, kinds: Sequence[str], bootstrap: Bootstrap | None, level: float) -> None:
    problems = []
    if isinstance(kinds, str) or not kinds or set(kinds) - set(ALL_KINDS):
        problems.append(_problem("kinds", repr(kinds), f"Give a sequence of some of: {', '.join(ALL_KINDS)}."))
    if not 0.0 < level < 1.0:
        problems.append(_problem("level", repr(level), "A confidence level lies between 0 and 1."))
    if bootstrap is not None and bootstrap.confidence == "bca" and is_least_squares(fit.solution):
        remedy = "Use fit.bootstrap(..., confidence='percentile'), 'basic' or 'normal'."
        problems.append(_problem("bootstrap", "BCa intervals under least squares", remedy))
    if not (fit.estimates["op"] == "~").any():
        problems.append(_problem("model", "there is no regression in it", "Effects are those of regressions (~)."))
    if problems:
        raise UnsupportedError("The effects cannot be computed.", problems)
    if bootstrap is not None and not _is_of(bootstrap, fit):
        raise DataError("The bootstrap is of another fit: its estimates are not those of this one. Bootstrap this fit.")


def _is_of(bootstrap: Bootstrap, fit: Fit) -> bool:
    given, own = bootstrap.intervals["estimate"], fit.estimates["estimate"]
    return len(given) == len(own) and np.array_equal(given, own, equal_nan=True)


def _check_names(system: EffectSystem, predictor: str | None, outcome: str | None) -> None:
    known = system.variables
    problems = [
        _problem(where, f"{name!r} is no variable with effects", f"Available: {', '.join(known)}.")
        for where, name in (("predictor", predictor), ("outcome", outcome))
        if name is not None and name not in known
    ]
    both = not problems and predictor is not None and outcome is not None
    if both and not system.reaches[known.index(outcome), known.index(predictor)]:
        remedy = "Leave out one of them to see what there is."
        problems.append(_problem("predictor", f"{predictor} has no effect on {outcome}", remedy))
    if problems:
        raise UnsupportedError("There are no such effects.", problems)


def _check_limit(group: _Group, effects: Sequence[Effect]) -> None:
    radius = float(spectral_radius(group.system.matrix(group.plain.values[list(group.places)][None]))[0])
    if radius >= 1.0 and any(not each.arrows for each in effects):
        raise EstimationError(
            f"Effects feed back so strongly (largest modulus of an eigenvalue {radius:.3g}, not below 1) that their "
            'sum has no limit: there are no total or indirect effects. Available: kinds=("direct", "specific").'
        )


def _problem(where: str, found: str, remedy: str) -> Problem:
    return Problem(where=where, found=found, remedy=remedy)
