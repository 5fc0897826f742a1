"""Helpful endings for messages about names that are not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def closest(name: str, available: Iterable[str]) -> str | None:
    """The available name most like *name*, or None when nothing comes near."""
    matches = get_close_matches(name, list(available), n=1)
    return matches[0] if matches else None


def available_names(name: str, available: Iterable[str]) -> str:
    """Sentence that proposes the closest name and lists all.

    Examples
    --------
    >>> available_names("agre7", ["agree5", "agree7"])
    'Did you mean agree7? Available: agree5, agree7.'
    """
    names = list(available)
    if not names:
        return "None is declared yet."
    match = closest(name, names)
    listing = f"Available: {', '.join(names)}."
    return f"Did you mean {match}? {listing}" if match else listing
