"""What a report says about a preregistration: values alone, as the comparison left them."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """One thing that is not as it was registered.

    Parameters
    ----------
    topic : str
        Part of the plan, such as ``"Exclusions"``.
    item : str
        What differs within it.
    registered, done : str
        As it was registered; as it was done. A dash where there was nothing.
    """

    topic: str
    item: str
    registered: str
    done: str


@dataclass(frozen=True, kw_only=True)
class PlannedPower:
    """Power of one proposition at one sample size, as it was registered.

    Parameters
    ----------
    proposition : str
        Its id.
    n : int
        Respondents analysed.
    power : float
        Share of samples in which it would be supported.
    ci_lower, ci_upper : float
        Limits of the Monte Carlo interval; NaN without one.
    """

    proposition: str
    n: int
    power: float
    ci_lower: float = nan
    ci_upper: float = nan


@dataclass(frozen=True, kw_only=True)
class PlannedSample:
    """The sample that was registered, and its power.

    Parameters
    ----------
    n, n_maximum : int or None
        Respondents to be analysed at least and at most.
    method : str
        How power was computed, in words; empty where it is not told.
    power : tuple of PlannedPower
        By proposition and sample size; empty without a power analysis.
    """

    n: int | None = None
    n_maximum: int | None = None
    method: str = ""
    power: tuple[PlannedPower, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PreregistrationCheck:
    """An analysis held against its preregistration.

    Parameters
    ----------
    source : str
        File of the preregistration.
    date, version : str
        Day on which it was written, in ISO 8601; version of the software that wrote it.
    content_hash : str
        SHA-256 that the file states of its content.
    intact : bool
        Whether its content still has that hash.
    deviations : tuple of Deviation
        Everything that is not as registered.
    robustness : tuple of str
        Planned robustness checks, which the authors have to report.
    remarks : tuple of str
        What could not be compared, and why.
    sample : PlannedSample
        Sample size and power that were registered.
    """

    source: str
    date: str
    version: str
    content_hash: str
    intact: bool
    deviations: tuple[Deviation, ...]
    robustness: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    sample: PlannedSample = PlannedSample()
