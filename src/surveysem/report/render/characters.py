"""Characters that files made of XML can hold."""

from __future__ import annotations

import re

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def printable(text: str) -> str:
    """Text whose control characters, which no XML may hold, are shown as U+FFFD; all on one line.

    Examples
    --------
    >>> printable("a\\x07b\\n c")
    'a\N{REPLACEMENT CHARACTER}b c'
    """
    return _UNPRINTABLE.sub("\ufffd", " ".join(re.split(r"[\t\n\r ]+", text)))
