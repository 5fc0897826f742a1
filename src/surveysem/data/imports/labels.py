"""Labels of answers as exports write them, and the codes they stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from html import unescape

from surveysem.instrument import ResponseScale

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_SIGNS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "\u2011": "-"})
_NUMBER_FIRST = re.compile(r"[(\[]\s*([+-]?\d+)\s*[)\]]\s*[-.:=]?\s*(.+)|([+-]?\d+)\s*[-.:=)]\s*(.+)")
_NUMBER_LAST = re.compile(r"(.+?)\s*[(\[]\s*([+-]?\d+)\s*[)\]]")


def normalised(text: str) -> str:
    """Text without HTML and differences of spacing, letter case, quotes, dashes and composition of accents.

    Examples
    --------
    >>> normalised("  Strongly   AGREE. ")
    'strongly agree'
    """
    plain = unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text
    key = " ".join(unicodedata.normalize("NFC", plain).translate(_SIGNS).split()).casefold()
    return key.rstrip(".:; ") or key


def codes_by_label(scale: ResponseScale) -> Mapping[str, frozenset[int]]:
    """Codes each normalised label may stand for, over all languages, options and missing codes.

    Examples
    --------
    >>> scale = ResponseScale(id="yes_no", kind="nominal", options={0: {"en": "No"}, 1: {"en": "Yes"}})
    >>> codes_by_label(scale)["yes"]
    frozenset({1})
    """
    codes: dict[str, set[int]] = {}
    for code, translations in (*scale.options.items(), *scale.missing.items()):
        for label in translations.values():
            codes.setdefault(normalised(label), set()).add(code)
    return {label: frozenset(found) for label, found in codes.items()}


def numbered_label(key: str) -> tuple[int, str] | None:
    """Number and label of ``5 - agree``, ``5. agree``, ``(5) agree`` or ``agree (5)``; None for other texts.

    Parameters
    ----------
    key : str
        A normalised text.

    Examples
    --------
    >>> numbered_label("5 - strongly agree"), numbered_label("strongly agree (5)")
    ((5, 'strongly agree'), (5, 'strongly agree'))
    """
    first = _NUMBER_FIRST.fullmatch(key)
    if first:
        number, label = first.group(1) or first.group(3), first.group(2) or first.group(4)
        return int(number), label
    last = _NUMBER_LAST.fullmatch(key)
    return (int(last.group(2)), last.group(1)) if last else None
