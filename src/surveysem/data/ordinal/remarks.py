"""What a reader must know about the correlations of ordered variables."""

from __future__ import annotations

import numpy as np

from surveysem.data.ordinal.bivariate_normal import LARGEST_CORRELATION
from surveysem.data.ordinal.influence import TwoStageEstimates
from surveysem.data.ordinal.polychoric import empty_cells, is_adjusted
from surveysem.data.wording import counted, listed
from surveysem.findings import Finding, Severity
from surveysem.linalg import is_positive_definite
from surveysem.typing import FloatArray, IntArray

_WHERE = "correlations of ordered variables"
_SHOWN = 10

_EMPTY = "some combination of categories occurs in no row"
_ADJUSTED = "a 2 × 2 table with one empty cell, to which one half was added, margins kept, to estimate the correlation"
_AT_LIMIT = f"the correlation reaches ±{LARGEST_CORRELATION}; the variables may repeat each other"
_UNDETERMINED = (
    "the data do not determine the correlation (standard error above 1), as when no row combines the rarer categories; "
    "join categories or leave an item out"
)
_IMPROBABLE = (
    "some rows are all but impossible under the estimated correlation; their share in its standard error cannot be "
    "computed and was left out"
)


def pairs_with_empty_cells(names: tuple[str, ...], estimates: TwoStageEstimates) -> tuple[tuple[str, str], ...]:
    """Pairs of ordered variables with combinations of categories that no row has."""
    has_empty = empty_cells(estimates.tables).any(axis=(1, 2))
    return tuple((names[first], names[second]) for first, second in _polychoric(estimates)[has_empty])


def remarks(
    names: tuple[str, ...],
    estimates: TwoStageEstimates,
    correlation: FloatArray,
    standard_errors: FloatArray,
    *,
    adjusts: bool = True,
) -> tuple[Finding, ...]:
    """Findings about empty cells, doubtful correlations, improbable rows and an indefinite matrix.

    Parameters
    ----------
    names : tuple of str, length *p*
        Variables.
    estimates : TwoStageEstimates
        Correlations of their pairs.
    correlation : ndarray, shape (p, p)
        The same as a matrix.
    standard_errors : ndarray, shape (b,)
        Of the correlations of the pairs.
    adjusts : bool
        Whether one half was added to the only empty cell of 2 × 2 tables.
    """
    polychoric = _polychoric(estimates)
    at_limit = np.abs(estimates.correlation) >= LARGEST_CORRELATION
    about_pairs: tuple[tuple[Severity, str, IntArray], ...] = (
        ("note", _EMPTY, polychoric[empty_cells(estimates.tables).any(axis=(1, 2))]),
        ("warning", _ADJUSTED, polychoric[is_adjusted(estimates.tables) & adjusts]),
        ("serious", _AT_LIMIT, estimates.pairs[at_limit]),
        ("serious", _UNDETERMINED, estimates.pairs[standard_errors > 1.0]),
        ("warning", _IMPROBABLE, estimates.pairs[estimates.is_improbable]),
    )
    found = [_about(severity, what, names, pairs) for severity, what, pairs in about_pairs if len(pairs)]
    return (*found, *_indefinite(correlation))


def _polychoric(estimates: TwoStageEstimates) -> IntArray:
    pairs: IntArray = estimates.pairs[estimates.is_polychoric]
    return pairs


def _about(severity: Severity, what: str, names: tuple[str, ...], pairs: IntArray) -> Finding:
    named = listed((f"{names[first]} with {names[second]}" for first, second in pairs), limit=_SHOWN)
    return Finding(severity=severity, where=_WHERE, message=f"{counted(len(pairs), 'pair')}: {what} ({named}).")


def _indefinite(correlation: FloatArray) -> tuple[Finding, ...]:
    if is_positive_definite(correlation):
        return ()
    smallest = float(np.linalg.eigvalsh(correlation)[0])
    message = (
        f"The matrix is not positive definite (smallest eigenvalue {smallest:.3g}); it was estimated pair by pair and "
        "is used as it is. Look for items that repeat each other and for rare categories."
    )
    return (Finding(severity="warning", where=_WHERE, message=message),)
