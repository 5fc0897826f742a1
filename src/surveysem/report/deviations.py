"""What a report says about a preregistration: values alone, as the comparison left them."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    source: str
    date: str
    version: str
    content_hash: str
    intact: bool
    deviations: tuple[Deviation, ...]
    robustness: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
