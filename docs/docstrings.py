"""What the documentation site makes of docstrings: links for roles, full entries for keys of the bibliography."""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension

import surveysem as ss
from surveysem.references import REFERENCES, bibliography_entry

_ROLE = re.compile(r":\w+:`~?(?P<target>[\w.]+)`")
_REFERENCES = re.compile(r"^References\n-+\n(?P<keys>[\w ,\n]+?)(?=\n\n|\Z)", flags=re.MULTILINE)


class Docstrings(Extension):
    """Docstrings as the site shows them."""

    def on_object(self, *, obj: Any, **_: Any) -> None:
        """Rewrite one docstring."""
        if obj.docstring is not None:
            obj.docstring.value = _REFERENCES.sub(_bibliography, _ROLE.sub(_link, obj.docstring.value))


def _link(role: re.Match[str]) -> str:
    name = role["target"].split(".")[-1]
    return f"[`{name}`][{getattr(ss, name).__module__}.{name}]" if name in ss.__all__ else f"`{name}`"


def _bibliography(section: re.Match[str]) -> str:
    """The section as notes, since a numpydoc reader leaves out sections of references."""
    keys = re.split(r"[\s,]+", section["keys"].strip())
    entries = [f"* {bibliography_entry(key) if key in REFERENCES else key}" for key in keys]
    return "\n".join(["Notes", "-----", "References:", "", *entries])
