"""Model fit held against declared cut-offs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

from surveysem.findings import Finding
from surveysem.number_formats import format_bounded


@dataclass(frozen=True, kw_only=True)
class FitCriteria:
    """Cut-offs a model should meet.

    Parameters
    ----------
    cfi, tli : float
        Lowest acceptable values.
    rmsea, srmr : float
        Highest acceptable values.

    References
    ----------
    hu_bentler_1999, mcneish_wolf_2023
    """

    cfi: float = 0.95
    tli: float = 0.95
    rmsea: float = 0.06
    srmr: float = 0.08


def judge_fit(indices: Mapping[str, float], criteria: FitCriteria, *, model: str) -> Finding:
    """What the cut-offs say about one model; robust versions of the indices are used where there are any.

    Parameters
    ----------
    indices : Mapping of str to float
        Under lavaan's names.
    criteria : FitCriteria
        The cut-offs.
    model : str
        Name of the model, for the finding.

    Returns
    -------
    Finding
        A note when all are met; a warning otherwise, which calls the fit poor when half of them or more are missed.

    Examples
    --------
    >>> indices = {"cfi": 0.90, "tli": 0.88, "rmsea": 0.09, "srmr": 0.07, "df": 24.0}
    >>> print(judge_fit(indices, FitCriteria(), model="model").message)
    Poor fit: it misses CFI .900 (≥ .95), TLI .880 (≥ .95) and RMSEA .090 (≤ .06).
    """
    if indices["df"] == 0:
        return Finding(severity="note", where=model, message="The model is saturated; its fit cannot be judged.")
    missed = _missed(indices, criteria)
    if not missed:
        return Finding(severity="note", where=model, message="The fit meets all declared cut-offs.")
    verdict = "Poor fit" if len(missed) >= 2 else "Mixed fit"
    listed = missed[0] if len(missed) == 1 else f"{', '.join(missed[:-1])} and {missed[-1]}"
    return Finding(severity="warning", where=model, message=f"{verdict}: it misses {listed}.")


def _missed(indices: Mapping[str, float], criteria: FitCriteria) -> list[str]:
    missed = []
    for key, cut_off, at_least in (
        ("cfi", criteria.cfi, True),
        ("tli", criteria.tli, True),
        ("rmsea", criteria.rmsea, False),
        ("srmr", criteria.srmr, False),
    ):
        robust = not isnan(indices.get(f"{key}.robust", nan))
        value = indices[f"{key}.robust" if robust else key]
        met = value >= cut_off if at_least else value <= cut_off
        if not met:
            name = f"{'robust ' if robust else ''}{key.upper()}"
            sign = "≥" if at_least else "≤"
            missed.append(f"{name} {_told_apart(value, cut_off)} ({sign} {format_bounded(cut_off)})")
    return missed


def _told_apart(value: float, cut_off: float) -> str:
    """The value with three decimals, or as many as it takes not to look like the cut-off it misses."""
    for decimals in range(3, 8):
        text = format_bounded(value, decimals)
        if text != format_bounded(cut_off, decimals):
            break
    return text
