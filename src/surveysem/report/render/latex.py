"""The report as a LaTeX project: main.tex, a file per table, figures as PDF and the works cited as BibTeX."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure

from surveysem.errors import UnsupportedError
from surveysem.report.document import (
    Block,
    BulletList,
    DefinitionList,
    Document,
    Equation,
    FigureBlock,
    Highlight,
    Notice,
    Paragraph,
    ReferenceList,
    Section,
)
from surveysem.report.inline import Citation
from surveysem.report.render.bibtex import render_bibtex
from surveysem.report.render.latex_table import latex_table
from surveysem.report.render.latex_text import citation_label, escape_latex, inline_latex, linked_latex, pdf_text
from surveysem.report.render.layout import table_layout
from surveysem.report.render.pictures import is_wide, pdf_bytes, printed_width
from surveysem.report.table import Table

_BABEL = {"en": "english", "pt": "brazilian", "es": "spanish", "de": "ngerman", "fr": "french", "it": "italian"}
_PREAMBLE = r"""% Compile twice with pdfLaTeX.
\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage{mathptmx}
\usepackage{tgtermes}
\usepackage[scale=0.9]{tgcursor}
\usepackage[<language>]{babel}
\usepackage[margin=25.4mm,headheight=14pt]{geometry}
\usepackage{amsmath}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage{threeparttable}
\usepackage{pdflscape}
\usepackage{graphicx}
\usepackage{xcolor}
\usepackage{caption}
\usepackage{float}
\usepackage{fancyhdr}
\usepackage[authoryear,round]{natbib}
\usepackage[hidelinks,unicode]{hyperref}
\hypersetup{pdflang={<code>}}
\makeatletter % title and subject in UTF-16, as PDF keeps them
\edef\@pdftitle{<title>}
\edef\@pdfsubject{<subject>}
\makeatother
\captionsetup{labelfont=bf,textfont=it,labelsep=newline,justification=raggedright,singlelinecheck=false,position=top}
\definecolor{mark}{HTML}{A33A00}
\pagestyle{fancy}
\fancyhf{}
\renewcommand{\headrulewidth}{0pt}
\fancyhead[C]{\textcolor{mark}{\textbf{<marks>}}}
\fancyfoot[C]{\thepage}
\renewcommand{\bibsection}{}
\setlength{\bibsep}{3pt}
\setlength{\LTleft}{0pt}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\setlength{\emergencystretch}{4em}
\raggedbottom
% Letters of a script that pdfLaTeX has no fonts for: the name of the script stands in their place. To print them,
% load fonts that hold them and redefine this command as its second argument.
\DeclareRobustCommand{\otherscript}[2]{[#1]}
% A work by its key and words. To cite and list works in the style of a journal, redefine this command as \citet{#1} and
% put \bibliographystyle{...} and \bibliography{references} in place of the list at the end.
\newcommand{\cited}[2]{\hyperlink{cite.#1}{#2}}
\newcommand{\notice}[2]{\begin{list}{}{\setlength{\leftmargin}{1.5em}\setlength{\topsep}{0pt}%
  \setlength{\partopsep}{0pt}\setlength{\parsep}{0pt}}
  \item[]\textbf{#1} #2\end{list}}
"""


def render_latex(document: Document, figures: Mapping[str, Figure]) -> dict[str, bytes]:
    """A document as the files of a LaTeX project.

    Parameters
    ----------
    document : Document
        What is to be shown.
    figures : mapping of str to matplotlib.figure.Figure
        A figure for the name of every figure block.

    Returns
    -------
    dict of str to bytes
        ``main.tex``, ``references.bib``, ``tables/<name>.tex`` and ``figures/<name>.pdf`` by path. pdfLaTeX compiles
        ``main.tex`` with the packages of TeX Live's recommended and extra LaTeX collections.

    Raises
    ------
    UnsupportedError
        When a table is too wide for a printed page, or the document's language is unknown to babel here.
    """
    works = [work for block in document.blocks if isinstance(block, ReferenceList) for work in block.works]
    project = _Project(figures=figures, cited=frozenset(work.key for work in works), counters=_counters(document))
    files = {"main.tex": _main(document, project), "references.bib": render_bibtex(works)}
    for block in document.blocks:
        if isinstance(block, Table):
            counter = project.counters.get(id(block))
            files[f"tables/{block.name}.tex"] = latex_table(block, table_layout(block), project.cited, counter=counter)
    pictures = {f"figures/{name}.pdf": pdf_bytes(figure) for name, figure in figures.items()}
    return {name: text.encode("utf-8") for name, text in files.items()} | pictures


@dataclass(frozen=True, kw_only=True)
class _Project:
    """What blocks need to know of the rest."""

    figures: Mapping[str, Figure]
    cited: Collection[str]
    counters: Mapping[int, int]


def _counters(document: Document) -> dict[int, int]:
    """What LaTeX's counter must be set to before a table or figure whose number does not follow the last one's."""
    counters: dict[int, int] = {}
    last = {Table: 0, FigureBlock: 0}
    for block in document.blocks:
        if isinstance(block, Table | FigureBlock):
            if block.number != last[type(block)] + 1:
                counters[id(block)] = block.number - 1
            last[type(block)] = block.number
    return counters


def _main(document: Document, project: _Project) -> str:
    lines = [_preamble(document), r"\begin{document}", *_opening(document, project)]
    for section in document.sections:
        lines += _section(section, project)
    return "\n".join([*lines, r"\end{document}"]) + "\n"


def _preamble(document: Document) -> str:
    if document.language not in _BABEL:
        raise UnsupportedError(
            f"A report in the language {document.language!r} cannot be written as LaTeX. "
            f"Supported languages: {', '.join(_BABEL)}."
        )
    values = {
        "language": _BABEL[document.language],
        "code": document.language,
        "title": pdf_text(document.title),
        "subject": pdf_text(document.subtitle),
        "marks": escape_latex("; ".join(document.marks)),
    }
    made = _PREAMBLE
    for name, value in values.items():
        made = made.replace(f"<{name}>", value, 1)
    return made


def _opening(document: Document, project: _Project) -> Iterator[str]:
    yield rf"{{\LARGE\bfseries\raggedright {escape_latex(document.title)}\par}}"
    yield rf"{{\raggedright {escape_latex(document.subtitle)}\par}}"
    yield r"\bigskip"
    for mark in document.marks:
        words = inline_latex(document.banner, project.cited)
        yield rf"\notice{{\textcolor{{mark}}{{{escape_latex(mark)}.}}}}{{{words}}}"
    yield from map(_highlight, document.summary)


def _highlight(highlight: Highlight) -> str:
    label, value = escape_latex(highlight.label), escape_latex(highlight.value)
    return rf"\notice{{{label}: {value}.}}{{{escape_latex(highlight.detail)}}}"


def _section(section: Section, project: _Project) -> Iterator[str]:
    yield ""
    yield rf"\section{{{escape_latex(section.heading)}}}"
    for block in section.blocks:
        yield ""
        yield from _block(block, project)


def _block(block: Block, project: _Project) -> Iterator[str]:
    match block:
        case Paragraph():
            yield _guarded(inline_latex(block.text, project.cited))
        case Notice():
            yield rf"\notice{{{block.severity.capitalize()}.}}{{{inline_latex(block.text, project.cited)}}}"
        case BulletList():
            items = [rf"\item {_guarded(inline_latex(item, project.cited))}" for item in block.items]
            yield from _environment("itemize", items)
        case DefinitionList():
            items = [rf"\item[{{{escape_latex(term)}}}] {linked_latex(text)}" for term, text in block.entries]
            yield from _environment("description", items)
        case Equation():
            yield from [r"\begin{equation*}", block.latex, r"\end{equation*}"]
        case FigureBlock():
            yield from _figure(block, project)
        case ReferenceList():
            yield from _references(block)
        case Table():
            yield rf"\input{{tables/{block.name}}}"


def _guarded(words: str) -> str:
    """Words that cannot be taken for an option of the command before them."""
    return f"{{}}{words}" if words.startswith(("[", "*")) else words


def _environment(name: str, items: list[str]) -> Iterator[str]:
    if items:
        yield rf"\begin{{{name}}}"
        yield r"\setlength{\itemsep}{1pt}\setlength{\parskip}{0pt}"
        yield from items
        yield rf"\end{{{name}}}"


def _figure(block: FigureBlock, project: _Project) -> Iterator[str]:
    figure = project.figures[block.name]
    turned = is_wide(figure)
    mark = " (SIMULATED DATA)" if block.simulated else ""
    if id(block) in project.counters:
        yield rf"\setcounter{{figure}}{{{project.counters[id(block)]}}}"
    yield from [r"\begin{landscape}"] if turned else []
    yield r"\begin{figure}[H]"
    yield rf"\caption{{{escape_latex(block.title)}{mark}}}\label{{fig:{block.name}}}"
    yield rf"% In words: {escape_latex(block.alt)}"
    yield rf"\includegraphics[width={printed_width(figure):.1f}pt]{{figures/{block.name}.pdf}}"
    yield rf"\par\smallskip{{\footnotesize\textit{{Note.}} {inline_latex(block.caption, project.cited)}\par}}"
    yield r"\end{figure}"
    yield from [r"\end{landscape}"] if turned else []


def _references(block: ReferenceList) -> Iterator[str]:
    if block.works:
        yield rf"\begin{{thebibliography}}{{{len(block.works)}}}"
        yield from map(_bibitem, block.works)
        yield r"\end{thebibliography}"


def _bibitem(work: Citation) -> str:
    return rf"\bibitem[{{{citation_label(work)}}}]{{{work.key}}} {linked_latex(work.entry)}"
