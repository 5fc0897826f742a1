"""Pieces of a sentence as escaped HTML."""

from __future__ import annotations

from markupsafe import Markup, escape

from surveysem.report.inline import Citation, Code, Inline, Strong, Symbol


def inline_markup(part: Inline) -> Markup:
    """One piece as HTML; a citation is its words alone.

    Examples
    --------
    >>> print(inline_markup(Strong("<script>")))
    <strong>&lt;script&gt;</strong>
    """
    match part:
        case Symbol():
            return Markup("<i>{}</i>").format(part.text)
        case Strong():
            return Markup("<strong>{}</strong>").format(part.text)
        case Code():
            return Markup("<code>{}</code>").format(part.text)
        case Citation():
            return escape(part.text)
    return escape(part)
