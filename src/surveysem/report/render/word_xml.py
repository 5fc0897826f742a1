"""Elements of WordprocessingML: runs of text, paragraphs, fields and links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement

from surveysem.report.inline import Citation, Code, Inline, Strong, Symbol, Text
from surveysem.report.render.characters import printable

_RIGHT_TO_LEFT = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_RUNS = re.compile(rf"({_RIGHT_TO_LEFT}(?:[^A-Za-z0-9]*{_RIGHT_TO_LEFT})*)")
_ADDRESS = re.compile(r"(https?://[^\s<>]+)")


def element(tag: str, *children: BaseOxmlElement, **attributes: str) -> BaseOxmlElement:
    """An element such as ``w:tc`` with children and attributes of its namespace."""
    made: BaseOxmlElement = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    made.extend(children)
    return made


def runs(
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    typewriter: bool = False,
    style: str = "",
    points: float = 0.0,
) -> list[BaseOxmlElement]:
    """Text as runs; letters written from right to left in runs of their own."""
    parts = [part for part in _RUNS.split(printable(text)) if part]
    made = []
    for part in parts:
        leftwards = bool(re.match(_RIGHT_TO_LEFT, part))
        properties = _run_properties(bold, italic, typewriter, style, points, leftwards)
        words = element("w:t")
        words.text = part
        words.set(qn("xml:space"), "preserve")
        made.append(element("w:r", *([properties] if len(properties) else []), words))
    return made


def _run_properties(
    bold: bool, italic: bool, typewriter: bool, style: str, points: float, leftwards: bool
) -> BaseOxmlElement:
    properties = element("w:rPr")
    if style:
        properties.append(element("w:rStyle", val=style))
    if typewriter:
        properties.append(element("w:rFonts", ascii="Courier New", hAnsi="Courier New", cs="Courier New"))
    for flag, tags in ((bold, ("w:b", "w:bCs")), (italic, ("w:i", "w:iCs"))):
        properties.extend(element(tag) for tag in tags if flag)
    if points:
        size = str(round(2 * points))
        properties.extend([element("w:sz", val=size), element("w:szCs", val=size)])
    if leftwards:
        properties.append(element("w:rtl"))
    return properties


def paragraph(
    style: str,
    *children: BaseOxmlElement,
    keep_next: bool = False,
    align: str = "",
    indent: float = 0.0,
    mark_points: float = 0.0,
    ruled: bool = False,
) -> BaseOxmlElement:
    """A paragraph of a style; ``indent`` in points, ``mark_points`` the size of an empty one, ``ruled`` beneath."""
    properties = element("w:pPr", element("w:pStyle", val=style))
    if keep_next:
        properties.append(element("w:keepNext"))
    if ruled:
        rule = element("w:bottom", val="single", sz="4", space="1", color="000000")
        properties.append(element("w:pBdr", rule))
    if indent:
        properties.append(element("w:ind", left=str(round(20 * indent))))
    if align:
        properties.append(element("w:jc", val=align))
    if mark_points:
        properties.append(element("w:rPr", element("w:sz", val=str(round(2 * mark_points)))))
    return element("w:p", properties, *children)


def inline_runs(text: Text, part: Part, anchors: dict[str, str], *, points: float = 0.0) -> list[BaseOxmlElement]:
    """Sentences as runs; citations lead to the bookmarks ``anchors`` names, addresses to the web."""
    return [run for piece in text for run in _inline(piece, part, anchors, points)]


def _inline(piece: Inline, part: Part, anchors: dict[str, str], points: float) -> Sequence[BaseOxmlElement]:
    match piece:
        case Symbol():
            return runs(piece.text, italic=True, points=points)
        case Strong():
            return runs(piece.text, bold=True, points=points)
        case Code():
            return runs(piece.text, typewriter=True, points=points)
        case Citation():
            return [internal_link(anchors[piece.key], piece.text, points)]
    return list(linked(piece, part, points=points))


def internal_link(anchor: str, text: str, points: float = 0.0) -> BaseOxmlElement:
    """Words that lead to a bookmark."""
    return element("w:hyperlink", *runs(text, points=points), anchor=anchor, history="1")


def linked(text: str, part: Part, *, points: float = 0.0) -> Iterator[BaseOxmlElement]:
    """Text whose web addresses are links."""
    for position, piece in enumerate(_ADDRESS.split(text)):
        if position % 2 == 0:
            yield from runs(piece, points=points)
            continue
        address = piece.rstrip(".,;)")
        yield _external_link(address, part, points)
        yield from runs(piece[len(address) :], points=points)


def _external_link(address: str, part: Part, points: float) -> BaseOxmlElement:
    link = element("w:hyperlink", *runs(address, style="Hyperlink", points=points), history="1")
    link.set(qn("r:id"), part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    return link


def field(instruction: str, shown: str, *, bold: bool = False) -> list[BaseOxmlElement]:
    """A field that Word computes, with what it shows until then."""
    code = element("w:instrText")
    code.text = f" {instruction} "
    code.set(qn("xml:space"), "preserve")
    marks = [element("w:r", element("w:fldChar", fldCharType=kind)) for kind in ("begin", "separate", "end")]
    return [marks[0], element("w:r", code), marks[1], *runs(shown, bold=bold), marks[2]]


def bookmarked(name: str, number: int, *children: BaseOxmlElement) -> list[BaseOxmlElement]:
    """Runs between the two ends of a bookmark."""
    return [
        element("w:bookmarkStart", id=str(number), name=name),
        *children,
        element("w:bookmarkEnd", id=str(number)),
    ]
