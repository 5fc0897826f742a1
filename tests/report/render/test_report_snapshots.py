"""Whole documents beside stored ones, in every format; ``REMAKE_SNAPSHOTS=1 pytest`` on this file writes them anew.

A small document holds one block of every kind. Of a real report, the outline is kept: headings, captions, column heads,
number of rows, and the first words of each paragraph.
"""

import os
import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from surveysem.report import build_document, render_html, render_latex, render_markdown
from surveysem.report.document import (
    BulletList,
    DefinitionList,
    Equation,
    FigureBlock,
    Notice,
    Paragraph,
    ReferenceList,
)
from surveysem.report.inline import plain
from surveysem.report.render.docx import render_docx
from surveysem.report.table import Table

FOLDER = Path(__file__).parents[1] / "snapshots"
REMAKE = os.environ.get("REMAKE_SNAPSHOTS") == "1"
WORDS = 6


def outline(document) -> str:
    """One line for each block of a document."""
    lines = [document.title, *(f"highlight: {each.label}" for each in document.summary)]
    for section in document.sections:
        lines += ["", f"## {section.heading}", *(line for block in section.blocks for line in described(block))]
    return "\n".join(lines) + "\n"


def described(block) -> list[str]:
    match block:
        case Paragraph():
            return [f"paragraph: {first_words(plain(block.text))}"]
        case Notice():
            return [f"{block.severity}: {first_words(plain(block.text))}"]
        case BulletList():
            return [f"list of {len(block.items)}"]
        case DefinitionList():
            return [f"terms: {', '.join(term for term, _ in block.entries)}"]
        case Equation():
            return [f"equation: {block.text}"]
        case FigureBlock():
            return [f"figure {block.number} {block.name}: {block.title}"]
        case ReferenceList():
            return [f"{len(block.works)} works"]
        case Table():
            heads = " | ".join(f"{column.spanner}: {column.label}".removeprefix(": ") for column in block.columns)
            return [
                f"table {block.number} {block.name}: {block.full_title}",
                f"    {heads}",
                f"    {len(block.rows)} rows",
            ]
    raise AssertionError(block)


def first_words(text: str) -> str:
    """The first words, without numbers that another processor may round otherwise."""
    return re.sub(r"\d[\d.,]*", "#", " ".join(text.split()[:WORDS]))


def html_text(page: str) -> str:
    """A page without styles and pictures."""
    bare = re.sub(r"<style>.*?</style>", "<style></style>", page, flags=re.DOTALL)
    return re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,", bare)


def word_text(content: bytes) -> str:
    """The text of a Word file, one paragraph a line with its style."""
    xml = ZipFile(BytesIO(content)).read("word/document.xml").decode("utf-8")
    lines = []
    for paragraph in re.findall(r"<w:p[ >].*?</w:p>", xml, re.DOTALL):
        style = re.search(r'<w:pStyle w:val="(\w+)"', paragraph)
        words = "".join(re.findall(r"<w:t(?: [^>]*)?>(.*?)</w:t>", paragraph, re.DOTALL))
        lines.append(f"[{style[1] if style else ''}] {words}".rstrip())
    return "\n".join(lines) + "\n"


def tex_text(files: dict[str, bytes]) -> str:
    """The text files of a LaTeX project, one after the other, without the preamble."""
    texts = {name: content.decode("utf-8") for name, content in sorted(files.items()) if not name.endswith(".pdf")}
    texts["main.tex"] = texts["main.tex"].partition(r"\begin{document}")[2]
    return "\n".join(f"%%% {name}\n{text.strip()}\n" for name, text in texts.items())


def rendered(document, figures) -> dict[str, str]:
    return {
        "small.outline.txt": outline(document),
        "small.html": html_text(render_html(document, figures)),
        "small.md": render_markdown(document),
        "small.tex": tex_text(render_latex(document, figures)),
        "small.docx.txt": word_text(render_docx(document, figures)),
    }


def check(name: str, text: str) -> None:
    path = FOLDER / name
    if REMAKE:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["small.outline.txt", "small.html", "small.md", "small.tex", "small.docx.txt"])
def test_a_small_document_is_rendered_as_before(name, make_document, make_figures):
    check(name, rendered(make_document(), make_figures())[name])


def test_a_real_report_has_the_parts_it_had(democracy_result):
    check("political_democracy.outline.txt", outline(build_document(democracy_result._content)))
