"""Units in which a model is handed to an engine, so that the scales of its variables do not matter to an optimiser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt

import numpy as np

from surveysem.specification import Parameter, ParameterTable
from surveysem.typing import FloatArray

_START_LOADING = 0.7


def variable_units(table: ParameterTable, covariance: FloatArray) -> Mapping[str, float]:
    """Unit of each variable: the standard deviation of an observed one, that of its marker for a latent one.

    In these units fixed loadings that set a scale, and fixed latent variances, are 1.

    Parameters
    ----------
    table : ParameterTable
        The model.
    covariance : array of shape (p, p)
        Sample covariance in the order of ``table.observed``.
    """
    units = dict(zip(table.observed, np.sqrt(np.diag(covariance)).tolist(), strict=True))
    waiting = list(table.latent)
    while waiting:
        ready = [name for name in waiting if _marker(table, name, units) is not None]
        name = ready[0] if ready else waiting[0]
        marker = _marker(table, name, units)
        units[name] = _latent_variance_unit(table, name) if marker is None else units[marker.rhs] / _size(marker)
        waiting.remove(name)
    return units


def _marker(table: ParameterTable, latent: str, units: Mapping[str, float]) -> Parameter | None:
    """First loading fixed to another value than 0 on a variable whose unit is known."""
    rows = (row for row in table if row.op == "=~" and row.lhs == latent and row.value and row.rhs in units)
    return next(rows, None)


def _size(row: Parameter) -> float:
    return abs(row.value or 1.0)


def _latent_variance_unit(table: ParameterTable, latent: str) -> float:
    values = [row.value for row in table if row.op == "~~" and row.lhs == row.rhs == latent and row.value]
    return sqrt(abs(values[0])) if values else 1.0


def unit_factor(row: Parameter, units: Mapping[str, float]) -> float:
    """What a parameter in the variables' own units is multiplied with to be in those of *units*."""
    if row.op == "=~":
        return units[row.lhs] / units[row.rhs]
    if row.op == "~":
        return units[row.rhs] / units[row.lhs]
    return 1.0 / (units[row.lhs] * units[row.rhs])


def in_units(row: Parameter, units: Mapping[str, float]) -> Parameter:
    """A row with its fixed value and start value in other units."""
    factor = unit_factor(row, units)
    return replace(
        row,
        value=None if row.value is None else row.value * factor,
        start=None if row.start is None else row.start * factor,
    )


def start_values(table: ParameterTable, correlation: FloatArray) -> Mapping[int, float]:
    """Start values by number of the free parameter: the author's, and loadings where no loading sets the scale.

    Loadings that all start at 0 stand on a saddle point, from which no optimiser finds away.

    Parameters
    ----------
    table : ParameterTable
        The model in units of :func:`variable_units`.
    correlation : array of shape (p, p)
        Sample covariance in these units.
    """
    starts: dict[int, float] = {}
    for latent in table.latent:
        loadings = [row for row in table if row.op == "=~" and row.lhs == latent]
        if not any(row.value for row in loadings):
            signs = _signs([row.rhs for row in loadings], table.observed, correlation)
            starts |= {row.free: _START_LOADING * signs[row.rhs] for row in loadings if row.free}
    return starts | {row.free: row.start for row in table if row.free and row.start is not None}


def _signs(indicators: list[str], observed: tuple[str, ...], correlation: FloatArray) -> dict[str, float]:
    """Sign of each observed indicator's correlation with the first observed one; 1 for latent indicators."""
    measured = [name for name in indicators if name in observed]
    signs = dict.fromkeys(indicators, 1.0)
    for name in measured:
        signs[name] = -1.0 if correlation[observed.index(measured[0]), observed.index(name)] < 0 else 1.0
    return signs
