"""Word: the questionnaire on paper, A4, with codes and ids for data entry in small print."""

from __future__ import annotations

import io
from collections.abc import Iterable

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from surveysem.findings import Finding
from surveysem.instrument.export.escaping import one_line
from surveysem.instrument.export.questionnaire import Block, Questionnaire, numeric_hint
from surveysem.instrument.questions import Question, ScreeningQuestion
from surveysem.instrument.scales import ResponseScale

_BOX, _CIRCLE = "☐", "○"
_GREY = RGBColor(0x6B, 0x6B, 0x6B)
_WIDTH = 17.4  # centimetres between the margins


def render_word(questionnaire: Questionnaire) -> bytes:
    """The questionnaire as a Word file."""
    document = _page()
    _opening(document, questionnaire)
    number = 0
    for blocks in (questionnaire.screening, *questionnaire.parts):
        for block in blocks:
            if block.is_matrix:
                _matrix(document, questionnaire, block, first_number=number + 1)
            else:
                _single(document, questionnaire, block, number=number + 1)
            number += len(block.questions)
    ending = document.add_paragraph(questionnaire.phrases.thanks)
    ending.paragraph_format.space_before = Pt(14)
    ending.runs[0].bold = True
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def word_findings(questionnaire: Questionnaire) -> list[Finding]:
    """What paper cannot do."""
    if not questionnaire.randomize:
        return []
    message = "On paper the rows of matrices keep their order, and nothing enforces an answer."
    return [Finding(severity="note", where="docx", message=message)]


def _page() -> WordDocument:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.8)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(4)
    return document


def _opening(document: WordDocument, questionnaire: Questionnaire) -> None:
    instrument, language, phrases = questionnaire.instrument, questionnaire.language, questionnaire.phrases
    document.core_properties.title = one_line(instrument.title[language])
    document.core_properties.author = ""
    document.add_heading(one_line(instrument.title[language]), level=1)
    if instrument.introduction is not None:
        _paragraphs(document, instrument.introduction[language])
    if instrument.consent is not None:
        document.add_heading(phrases.consent_heading, level=2)
        _paragraphs(document, instrument.consent[language])
        document.add_paragraph(f"{_BOX} {phrases.agree}        {_BOX} {phrases.decline}")
        document.add_paragraph(phrases.stop).runs[0].italic = True


def _single(document: WordDocument, questionnaire: Questionnaire, block: Block, *, number: int) -> None:
    question, scale, language = block.questions[0], block.scale, questionnaire.language
    heading = document.add_paragraph()
    heading.paragraph_format.space_before = Pt(10)
    heading.paragraph_format.keep_with_next = True
    heading.add_run(f"{number}.  {one_line(question.text[language])}").bold = True
    _small(heading, f"  {question.id}")
    if scale.options:
        _options(document, scale, language)
    else:
        hint = numeric_hint(scale, questionnaire.phrases, language) if scale.kind == "number" else ""
        document.add_paragraph(f"{'_' * (20 if hint else 75)} {hint}".rstrip())
    if isinstance(question, ScreeningQuestion):
        _routing(document, questionnaire, question, scale)


def _options(document: WordDocument, scale: ResponseScale, language: str) -> None:
    answers = (*scale.options.items(), *scale.missing.items())
    for place, (code, label) in enumerate(answers, start=1):
        line = document.add_paragraph(f"{_BOX} {one_line(label[language])}")
        line.paragraph_format.left_indent, line.paragraph_format.space_after = Cm(0.6), Pt(1)
        line.paragraph_format.keep_with_next = place < len(answers)
        _small(line, f"  {code}")


def _routing(
    document: WordDocument, questionnaire: Questionnaire, question: ScreeningQuestion, scale: ResponseScale
) -> None:
    labels = {**scale.options, **scale.missing}
    leaving = [f"“{labels[code][questionnaire.language]}”" for code in labels if code not in question.eligible]
    if leaving:
        text = questionnaire.phrases.stop_for.format(answers=" / ".join(leaving))
        document.add_paragraph(text).runs[0].italic = True


def _matrix(document: WordDocument, questionnaire: Questionnaire, block: Block, *, first_number: int) -> None:
    instruction = document.add_paragraph()
    instruction.add_run(questionnaire.phrases.each_statement).bold = True
    instruction.paragraph_format.space_before = Pt(12)
    instruction.paragraph_format.keep_with_next = True
    labels, language = {**block.scale.options, **block.scale.missing}, questionnaire.language
    table = document.add_table(rows=1, cols=len(labels) + 1, style="Table Grid")
    widths = _widths(len(labels))
    for cell, (code, label) in zip(table.rows[0].cells[1:], labels.items(), strict=True):
        _heading_cell(cell, one_line(label[language]), code)
    _keep_heading(table)
    for number, question in enumerate(block.questions, start=first_number):
        _statement(table, question, number, language, last=number == first_number + len(block.questions) - 1)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)
    _layout(table, widths)


def _widths(n_options: int) -> list[float]:
    """Widths in centimetres: as much for the statements as the options leave."""
    option = min(1.45, 0.66 * _WIDTH / n_options)
    return [_WIDTH - option * n_options, *[option] * n_options]


def _heading_cell(cell: _Cell, label: str, code: int) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.add_run(label).font.size = Pt(6.5)
    paragraph.add_run().add_break()
    _small(paragraph, str(code))


def _statement(table: Table, question: Question, number: int, language: str, *, last: bool) -> None:
    cells = table.add_row().cells  # type: ignore[no-untyped-call]
    text = cells[0].paragraphs[0]
    text.add_run(f"{number}.  {one_line(question.text[language])}").font.size = Pt(9.5)
    _small(text, f"  {question.id}")
    text.paragraph_format.space_after = Pt(2)
    text.paragraph_format.keep_with_next = not last
    for cell in cells[1:]:
        mark = cell.paragraphs[0]
        mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
        mark.paragraph_format.space_after = Pt(0)
        mark.add_run(_CIRCLE).font.size = Pt(13)


def _keep_heading(table: Table) -> None:
    """The heading again on every page, and no row over two pages."""
    properties = table.rows[0]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:tblHeader"))
    for paragraph in (cell.paragraphs[0] for cell in table.rows[0].cells):
        paragraph.paragraph_format.keep_with_next = True


def _layout(table: Table, widths: Iterable[float]) -> None:
    """Fixed widths, narrow cell margins, vertically centred marks."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    margins = OxmlElement("w:tblCellMar")
    for side in ("top", "left", "bottom", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "30")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell in row.cells:
            align = OxmlElement("w:vAlign")
            align.set(qn("w:val"), "center")
            cell._tc.get_or_add_tcPr().append(align)


def _paragraphs(document: WordDocument, text: str) -> None:
    for line in text.splitlines():
        if line.strip():
            document.add_paragraph(one_line(line))


def _small(paragraph: Paragraph, text: str) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(7)
    run.font.color.rgb = _GREY
