"""Reports written to disk: all of a report or nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from matplotlib.figure import Figure

from surveysem.errors import UnsupportedError
from surveysem.report.content import ReportContent
from surveysem.report.document import Document, ReferenceList
from surveysem.report.figures import paper_figures
from surveysem.report.inline import Citation
from surveysem.report.narrative import build_document
from surveysem.report.render.bibtex import render_bibtex
from surveysem.report.render.folder import check_folder, write_together
from surveysem.report.render.html import render_html
from surveysem.report.render.latex import render_latex
from surveysem.report.render.markdown import FIGURE_FOLDER, render_markdown
from surveysem.report.render.pictures import png_bytes
from surveysem.report.sections.manuscript import manuscript_document

FORMATS = ("html", "docx", "latex", "markdown")
LATEX_FOLDER = "latex"


def write_report(
    content: ReportContent,
    folder: str | Path,
    formats: Sequence[str] = ("html", "markdown"),
    *,
    attachments: Mapping[str, bytes] = MappingProxyType({}),
) -> tuple[Path, ...]:
    """The report written into a folder.

    Everything is rendered before anything is written, and files take their place only when all are complete.
    Other files in the folder are left alone.

    Parameters
    ----------
    content : ReportContent
        Results of the analysis.
    folder : str or pathlib.Path
        Made if it does not exist.
    formats : sequence of {"html", "docx", "latex", "markdown"}
        What to write: ``report.html``; ``report.docx``; ``latex/main.tex`` with its tables, figures and bibliography;
        ``report.md`` with PNG files under ``figures``. With each come ``paragraphs.md``, text for a manuscript, and
        ``references.bib``, every work cited.
    attachments : mapping of str to bytes
        Further files by name, such as a bundle.

    Returns
    -------
    tuple of pathlib.Path
        The files written.

    Raises
    ------
    UnsupportedError
        For another format; those supported are named. For a table wider than a printed page.
    InputFileError
        When the folder is a file or cannot be written.
    """
    _check_formats(formats)
    target = Path(folder)
    check_folder(target, "The report")
    document = build_document(content)
    files = _render(document, paper_figures(content), formats) | dict(attachments)
    files |= {
        "paragraphs.md": render_markdown(manuscript_document(content)).encode("utf-8"),
        "references.bib": render_bibtex(_works(document)).encode("utf-8"),
    }
    return write_together(files, target, "The report")


def write_document(
    document: Document, figures: Mapping[str, Figure], folder: str | Path, formats: Sequence[str]
) -> tuple[Path, ...]:
    """A document with its figures and ``references.bib`` written into a folder, all or nothing.

    Parameters
    ----------
    document : Document
        What to write.
    figures : mapping of str to matplotlib.figure.Figure
        By name.
    folder, formats
        As of :func:`write_report`.

    Raises
    ------
    UnsupportedError, InputFileError
        As of :func:`write_report`.
    """
    _check_formats(formats)
    check_folder(Path(folder), "The report")
    files = _render(document, figures, formats)
    files |= {"references.bib": render_bibtex(_works(document)).encode("utf-8")}
    return write_together(files, Path(folder), "The report")


def _works(document: Document) -> tuple[Citation, ...]:
    return tuple(work for block in document.blocks if isinstance(block, ReferenceList) for work in block.works)


def _check_formats(formats: Sequence[str]) -> None:
    supported = ", ".join(FORMATS)
    if isinstance(formats, str):
        raise UnsupportedError(f"formats={formats!r} is a word, not a sequence. Write formats=({formats!r},).")
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        found = ", ".join(map(repr, unknown)) or "nothing"
        raise UnsupportedError(f"A report cannot be written as {found}. Supported formats: {supported}.")


def _render(document: Document, figures: Mapping[str, Figure], formats: Sequence[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    drawn = {"docx", "markdown"} & set(formats)
    pictures = {name: png_bytes(figure) for name, figure in figures.items()} if drawn else {}
    if "html" in formats:
        files["report.html"] = render_html(document, figures).encode("utf-8")
    if "docx" in formats:
        from surveysem.report.render.docx import render_docx  # loads Word's library only where it is wanted

        files["report.docx"] = render_docx(document, figures, pictures=pictures)
    if "latex" in formats:
        project = render_latex(document, figures)
        files |= {f"{LATEX_FOLDER}/{name}": content for name, content in project.items()}
    if "markdown" in formats:
        files["report.md"] = render_markdown(document).encode("utf-8")
        files |= {f"{FIGURE_FOLDER}/{name}.png": picture for name, picture in pictures.items()}
    return files
