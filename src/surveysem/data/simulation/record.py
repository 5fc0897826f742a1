"""The record of a simulation, kept with the answers it made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Record(dict[str, Any]):
    """A dictionary that copies share: pandas copies what it keeps with a frame at every step, and this never changes.

    Examples
    --------
    >>> from copy import deepcopy
    >>> record = Record(seed=7)
    >>> deepcopy(record) is record
    True
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Record:
        return self


def as_record(values: Mapping[str, Any]) -> Record:
    """Plain values that JSON can hold, every mapping among them a :class:`Record`."""
    return Record({str(key): _recorded(value) for key, value in values.items()})


def _recorded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return as_record(value)
    if isinstance(value, list | tuple):
        return [_recorded(each) for each in value]
    return value.item() if hasattr(value, "item") else value
