"""Texts as survey tools take them: shown as written, never run as markup, placeholders or formulas."""

from __future__ import annotations

import re

_ENTITY = re.compile(r"&(?=#?\w+;)")
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠]")
_LINE_BREAK = re.compile(r"\s*(?:\r\n|\r|\n)\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def one_line(text: str) -> str:
    """The text without line breaks, tabs and control characters.

    Examples
    --------
    >>> one_line("first\\n\\tsecond")
    'first second'
    """
    return " ".join(_CONTROL.sub("", text).split())


def as_html(text: str, *, placeholders: str = "", line_break: str = "<br />") -> str:
    """The text as HTML of one line in which nothing is markup, a placeholder or a spreadsheet's formula.

    Parameters
    ----------
    text : str
        Plain text.
    placeholders : str
        Signs with which the tool marks placeholders; each becomes a character reference.
    line_break : str
        What stands for a line break.

    Examples
    --------
    >>> print(as_html("=1+1 {token} <b>", placeholders="{}"))
    &#61;1+1 &#123;token&#125; &lt;b>
    """
    marked = _ENTITY.sub("&amp;", text.strip()).replace("<", "&lt;")
    for sign in placeholders:
        marked = marked.replace(sign, f"&#{ord(sign)};")
    if _FORMULA.match(marked):
        marked = f"&#{ord(marked[0])};{marked[1:]}"
    return line_break.join(one_line(line) for line in _LINE_BREAK.split(marked))
