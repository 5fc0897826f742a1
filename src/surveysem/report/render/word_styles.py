"""Styles, pages and properties of the Word report, after the seventh edition of the APA manual."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from docx import Document as new_document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from surveysem.report.document import Document
from surveysem.report.render.characters import printable
from surveysem.report.render.word_xml import element, field, paragraph, runs

TYPEFACE = "Times New Roman"
LOCALES = {"en": "en-GB", "pt": "pt-BR", "es": "es-ES", "de": "de-DE", "fr": "fr-FR", "it": "it-IT", "nl": "nl-NL"}
_MARK_COLOUR = RGBColor(0xA3, 0x3A, 0x00)
_LONGEST_PROPERTY = 255
_EPOCH = datetime(2000, 1, 1)


def styled_document(document: Document) -> WordDocument:
    """An empty Word document with the styles, page and properties of a report."""
    word = new_document()
    _page(word, document)
    _language(word, LOCALES.get(document.language, document.language))
    _base_styles(word)
    _own_styles(word)
    _properties(word, document)
    return word


def _page(word: WordDocument, document: Document) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(25.4))
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer._p.extend(field("PAGE", "1"))
    header = section.header.paragraphs[0]
    header.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for mark in document.marks:
        run = header.add_run(printable(mark))
        run.bold, run.font.color.rgb = True, _MARK_COLOUR


def _language(word: WordDocument, locale: str) -> None:
    defaults = word.styles.element.find(qn("w:docDefaults")).find(f"{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(element("w:lang", val=locale, eastAsia="zh-CN", bidi="ar-SA"))


def _base_styles(word: WordDocument) -> None:
    normal = word.styles["Normal"]
    _typeface(normal, points=11)
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.15
    for name, points, before in (("Title", 18, 0), ("Heading 1", 14, 18), ("Heading 2", 12, 12)):
        style = word.styles[name]
        _typeface(style, points=points, bold=True)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(6)
        for border in style.element.pPr.findall(qn("w:pBdr")):
            style.element.pPr.remove(border)
    _typeface(word.styles["Subtitle"], points=11)
    word.styles["Subtitle"].paragraph_format.space_after = Pt(12)
    word.styles["List Bullet"].paragraph_format.space_after = Pt(3)
    link = word.styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = RGBColor(0x05, 0x63, 0xC1), True


def _typeface(style: Any, *, points: float, bold: bool = False, italic: bool = False) -> None:
    """Letters of a style, whatever theme the template follows."""
    font = style.font
    font.name, font.size, font.bold, font.italic = TYPEFACE, Pt(points), bold, italic
    font.color.rgb = RGBColor(0, 0, 0)
    _complex_size(style.element.rPr, points)
    faces = style.element.rPr.rFonts
    for name in list(faces.attrib):
        del faces.attrib[name]
    for kind in ("ascii", "hAnsi", "eastAsia", "cs"):
        faces.set(qn(f"w:{kind}"), TYPEFACE)


def _complex_size(properties: BaseOxmlElement, points: float) -> None:
    """Size of letters written from right to left, which Word keeps apart."""
    for old in properties.findall(qn("w:szCs")):
        properties.remove(old)
    properties.find(qn("w:sz")).addnext(element("w:szCs", val=str(round(2 * points))))


def _own_styles(word: WordDocument) -> None:
    number = _style(word, "Table Number", points=11, before=12, bold=True)
    title = _style(word, "Table Title", points=11, after=4, italic=True)
    number.paragraph_format.keep_with_next = title.paragraph_format.keep_with_next = True
    _style(word, "Table Text", points=10, before=1, after=1)
    _style(word, "Table Note", points=9.5, before=3, after=3).paragraph_format.keep_together = True
    _style(word, "Figure", points=11, before=6, after=3).paragraph_format.keep_with_next = True
    _style(word, "Definition", points=11, after=1)
    equation = _style(word, "Equation", points=11, before=4, after=8)
    equation.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    entry = _style(word, "Reference Entry", points=11, after=4)
    entry.paragraph_format.left_indent, entry.paragraph_format.first_line_indent = Mm(12.7), Mm(-12.7)
    for name, colour in (("Notice note", "7F7F7F"), ("Notice warning", "C98A00"), ("Notice serious", "B00020")):
        _framed(_style(word, name, points=11, before=4, after=6), colour)


def _style(
    word: WordDocument,
    name: str,
    *,
    points: float,
    before: float = 0,
    after: float = 0,
    bold: bool = False,
    italic: bool = False,
) -> ParagraphStyle:
    style: ParagraphStyle = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = word.styles["Normal"]
    _typeface(style, points=points, bold=bold, italic=italic)
    layout = style.paragraph_format
    layout.space_before, layout.space_after, layout.line_spacing = Pt(before), Pt(after), 1.0
    return style


def _framed(style: ParagraphStyle, colour: str) -> None:
    """A bar at the left in the colour of how bad the news are."""
    style.paragraph_format.left_indent = Pt(12)
    bar = element("w:pBdr", element("w:left", val="single", sz="24", space="8", color=colour))
    style.element.get_or_add_pPr().insert_element_before(bar, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")


def _properties(word: WordDocument, document: Document) -> None:
    """Properties of the file, of which Word keeps 255 characters each."""
    made = datetime.fromisoformat(document.date) if document.date else _EPOCH
    made = made.astimezone(UTC).replace(tzinfo=None) if made.tzinfo else made
    about = word.core_properties
    about.title = printable(document.title)[:_LONGEST_PROPERTY]
    about.subject = printable(document.subtitle)[:_LONGEST_PROPERTY]
    about.author = about.last_modified_by = "surveysem"
    about.comments, about.keywords = "; ".join(document.marks), ""
    about.language = LOCALES.get(document.language, document.language)
    about.created = about.modified = made
    about.revision = 1


def opening_lines(document: Document) -> list[Any]:
    """Title and subtitle."""
    return [paragraph("Title", *runs(document.title)), paragraph("Subtitle", *runs(document.subtitle))]
