"""The works cited as a BibTeX file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from surveysem.references import REFERENCES, Reference
from surveysem.report.inline import Citation
from surveysem.report.render.latex_text import escape_latex

_ARTICLE = re.compile(r"(?P<journal>.+), (?P<volume>\d+)(?:\((?P<number>[^)]+)\))?, (?P<pages>[^,]+)")
_CHAPTER = re.compile(r"In (?P<editor>.+) \(Eds?\.\), (?P<booktitle>.+) \(pp\. (?P<pages>[^)]+)\)\. (?P<publisher>.+)")


def render_bibtex(works: Sequence[Citation]) -> str:
    """Works as BibTeX, in order; one that the package does not list keeps its printed entry as a note.

    Examples
    --------
    >>> from surveysem.report.inline import cited
    >>> print(render_bibtex([cited("ohanian_1990")]).splitlines()[0])
    @article{ohanian_1990,
    """
    return "\n\n".join(map(_work, works)) + ("\n" if works else "")


def _work(work: Citation) -> str:
    reference = REFERENCES.get(work.key)
    if reference is None:
        return _entry("misc", work.key, {"key": escape_latex(work.text), "note": escape_latex(work.entry)})
    kind, place = _source(reference)
    fields = {"author": " and ".join(map(_author, reference.authors)), "year": str(reference.year)}
    fields |= {"title": f"{{{escape_latex(reference.title)}}}", **place}
    if reference.doi:
        fields["doi"] = reference.doi
    return _entry(kind, work.key, fields)


def _author(name: str) -> str:
    """An author; an institution, which has no initials, stays in one piece."""
    return escape_latex(name) if "," in name else f"{{{escape_latex(name)}}}"


def _source(reference: Reference) -> tuple[str, Mapping[str, str]]:
    if article := _ARTICLE.fullmatch(reference.source):
        return "article", _fields(article)
    if chapter := _CHAPTER.fullmatch(reference.source):
        editors = re.split(r", | & ", chapter["editor"])
        return "incollection", _fields(chapter) | {"editor": " and ".join(map(escape_latex, editors))}
    return "misc", {"howpublished": escape_latex(reference.source)}


def _fields(match: re.Match[str]) -> dict[str, str]:
    fields = {name: escape_latex(text) for name, text in match.groupdict().items() if text}
    return fields | {"pages": fields["pages"].replace(r"\textendash{}", "--")}


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = (f"  {name} = {{{text}}}" for name, text in fields.items())
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"
