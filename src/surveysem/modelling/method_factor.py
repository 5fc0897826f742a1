"""A measurement model with an unmeasured method factor, sought from several starts for it has several maxima."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling.measurement_models import FitOptions, attempt, indicators
from surveysem.number_formats import format_decimal
from surveysem.specification import Statement

METHOD_FACTOR = "common_method"
_EVEN, _LEADING, _REST = 0.3, 0.5, 0.1  # standardised loadings to start from
_LEADING_CONSTRUCTS = 2
_SAME_MAXIMUM = 0.01  # difference of two χ² that tells two solutions apart, far beyond the searches' tolerance


def with_method_factor(
    statements: Sequence[Statement], *, equal: bool, starts: Mapping[str, float] | None = None
) -> tuple[Statement, ...]:
    """The model with a factor that all items load on, equally or freely, uncorrelated with the others.

    Equal loadings are 1 and the variance is free: with a free loading and variance 1 every loading of 0 would be a
    stationary point, at which searches stop (lavaan's as well). *starts* are loadings to start from, by item.
    """
    factors = indicators(statements)
    items = dict.fromkeys(item for each in factors.values() for item in each)
    begin = starts or {}
    loadings = [
        Statement(lhs=METHOD_FACTOR, op="=~", rhs=item, value=1.0 if equal else None, start=begin.get(item))
        for item in items
    ]
    variance = [Statement(lhs=METHOD_FACTOR, op="~~", rhs=METHOD_FACTOR, freed=True)] if equal else []
    uncorrelated = [Statement(lhs=METHOD_FACTOR, op="~~", rhs=name, value=0.0) for name in factors]
    return (*statements, *loadings, *variance, *uncorrelated)


def fit_free_method_factor(
    statements: Sequence[Statement], data: pd.DataFrame, options: FitOptions, *, where: str
) -> tuple[Fit | None, tuple[Finding, ...]]:
    """The best of the fits with a method factor of free loadings, from several starts, and what was found.

    Parameters
    ----------
    statements : sequence of Statement
        The measurement model, its latent variables of unit variance.
    data : pandas.DataFrame
        One row a respondent.
    options : FitOptions
        Estimator and treatment of missing values.
    where : str
        The model's name in findings.

    Notes
    -----
    A search ends at one of several maxima, as it happens to start. The best is that of the smallest χ², admissible or
    not; a note tells where searches ended elsewhere.
    """
    tried = [
        attempt(
            with_method_factor(statements, equal=False, starts=starts), data, options, where=where, unit_variances=True
        )
        for starts in _starts(statements, data, ordered=bool(options.ordered))
    ]
    fitted = [(fit, found) for fit, found in tried if fit is not None]
    if not fitted:
        return tried[0]
    best, found = min(fitted, key=lambda each: each[0].fit_indices["chisq"])
    return best, (*found, *_other_maxima([fit for fit, _ in fitted], len(tried), where))


def _starts(statements: Sequence[Statement], data: pd.DataFrame, *, ordered: bool) -> list[dict[str, float]]:
    """The engine's own start, even loadings, and loadings led by the items of each of the largest constructs."""
    factors = indicators(statements)
    items = list(dict.fromkeys(item for each in factors.values() for item in each))
    scale = {item: 1.0 if ordered else float(data[item].std()) for item in items}
    largest = sorted(factors.values(), key=len, reverse=True)[:_LEADING_CONSTRUCTS]
    led = [{item: scale[item] * (_LEADING if item in leading else _REST) for item in items} for leading in largest]
    return [{}, {item: _EVEN * scale[item] for item in items}, *led]


def _other_maxima(fits: Sequence[Fit], n_starts: int, where: str) -> tuple[Finding, ...]:
    values = sorted(fit.fit_indices["chisq"] for fit in fits)
    worse = sum(value > values[0] + _SAME_MAXIMUM for value in values)
    failed = n_starts - len(fits)
    if not worse and not failed:
        return ()
    ends = [f"{worse} ended at a worse maximum (χ² up to {format_decimal(values[-1])})"] if worse else []
    ends += [f"{failed} without a solution"] if failed else []
    message = (
        f"Of {n_starts} searches from different starts, {' and '.join(ends)}; the best is shown "
        f"(χ² = {format_decimal(values[0])}). Do not lean on the loadings on a method factor that is so hard to find."
    )
    return (Finding(severity="note", where=where, message=message),)
