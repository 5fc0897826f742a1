"""A table as LaTeX: booktabs rules, notes as wide as the table, page breaks where it is long."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from surveysem.report.render.latex_text import LONGEST_WORD, citation, escape_latex, inline_latex
from surveysem.report.render.layout import (
    INDENT_EMS,
    PADDING_EMS,
    PrintedCell,
    TableLayout,
    below,
    cells,
    decimal_padding,
    first_span,
    fits_one_page,
    heads,
    spanners,
)
from surveysem.report.table import Column, Row, Table

_WIDEST_LETTER_EMS = 0.55


def latex_table(table: Table, layout: TableLayout, cited: Collection[str], *, counter: int | None = None) -> str:
    """The lines of a table's own file.

    Parameters
    ----------
    table : Table
        What is to be shown.
    layout : TableLayout
        Widths of the columns and size of the letters.
    cited : collection of str
        Keys of the bibliography.
    counter : int or None
        What LaTeX's counter must hold before the table, where tables are not numbered as they follow each other.
    """
    lines = _short(table, layout, cited) if fits_one_page(table, layout) else _long(table, layout, cited)
    opening = [rf"\setcounter{{table}}{{{counter}}}"] if counter is not None else []
    sized = [
        r"\begingroup",
        rf"\fontsize{{{layout.points:g}}}{{{1.25 * layout.points:g}}}\selectfont",
        rf"\setlength{{\tabcolsep}}{{{_points(layout.points * PADDING_EMS / 2)}}}",
        *lines,
        r"\endgroup",
    ]
    turned = [r"\begin{landscape}", *sized, r"\end{landscape}"] if layout.landscape else sized
    return "\n".join([*opening, *turned]) + "\n"


def _short(table: Table, layout: TableLayout, cited: Collection[str]) -> Iterator[str]:
    yield r"\begin{table}[H]"
    yield rf"\fontsize{{{layout.points:g}}}{{{1.25 * layout.points:g}}}\selectfont"
    yield r"\begin{threeparttable}"
    yield _caption(table)
    yield rf"\begin{{tabular}}{{{_preamble(table, layout)}}}"
    yield from [r"\toprule", *_head(table, layout), r"\midrule", *_body(table, layout, cited), r"\bottomrule"]
    yield r"\end{tabular}"
    if table.notes:
        yield r"\begin{tablenotes}[flushleft]"
        yield r"\footnotesize"
        yield from (rf"\item {note}" for note in _notes(table, cited))
        yield r"\end{tablenotes}"
    yield from [r"\end{threeparttable}", r"\end{table}"]


def _long(table: Table, layout: TableLayout, cited: Collection[str]) -> Iterator[str]:
    columns = len(layout.widths)
    yield rf"\begin{{longtable}}[l]{{{_preamble(table, layout)}}}"
    yield rf"\multicolumn{{{columns}}}{{@{{}}p{{{_points(_inner(layout))}}}@{{}}}}{{{_own_caption(table)}}}\\[3pt]"
    yield from [r"\toprule", *_head(table, layout), r"\midrule", r"\endfirsthead"]
    yield rf"\multicolumn{{{columns}}}{{@{{}}l@{{}}}}{{\textit{{Table \thetable{{}} continued}}}}\\"
    yield from [r"\toprule", *_head(table, layout), r"\midrule", r"\endhead"]
    yield from [r"\midrule", r"\endfoot", r"\bottomrule"]
    for note in _notes(table, cited):
        yield rf"\multicolumn{{{columns}}}{{@{{}}p{{{_points(_inner(layout))}}}@{{}}}}{{\footnotesize\strut {note}}}\\"
    yield r"\endlastfoot"
    yield from _body(table, layout, cited)
    yield r"\end{longtable}"


def _caption(table: Table) -> str:
    return rf"\caption{{{escape_latex(table.full_title)}}}\label{{tab:{table.name}}}"


def _own_caption(table: Table) -> str:
    """A caption as wide as the table, which that of longtable is not; longtable has counted already."""
    title = escape_latex(table.full_title)
    listed = rf"\addcontentsline{{lot}}{{table}}{{\protect\numberline{{\thetable}}{title}}}"
    return rf"{listed}\normalsize\textbf{{Table \thetable}}\newline\textit{{{title}}}\label{{tab:{table.name}}}"


def _notes(table: Table, cited: Collection[str]) -> Iterator[str]:
    for place, note in enumerate(table.notes):
        opening = r"\textit{Note.} " if place == 0 else ""
        yield opening + inline_latex(note, cited)


def _points(length: float) -> str:
    return f"{length:.1f}pt"


def _inner(layout: TableLayout) -> float:
    """Width between the outer edges, which have no padding; a trifle less, so that rounding widens nothing."""
    return layout.width - PADDING_EMS * layout.points - 2.0


def _column_width(layout: TableLayout, place: int) -> str:
    return _points(layout.widths[place] - PADDING_EMS * layout.points)


def _preamble(table: Table, layout: TableLayout) -> str:
    columns = [_column(column, layout, place) for place, column in enumerate(heads(table))]
    return f"@{{}}{''.join(columns)}@{{}}"


def _column(column: Column, layout: TableLayout, place: int) -> str:
    width = _column_width(layout, place)
    return rf">{{\raggedright\arraybackslash}}p{{{width}}}" if column.kind == "text" else f"W{{r}}{{{width}}}"


def _edges(place: int, span: int, count: int) -> tuple[str, str]:
    return "@{}" if place == 0 else "", "@{}" if place + span == count else ""


def _head(table: Table, layout: TableLayout) -> Iterator[str]:
    columns = heads(table)
    if groups := spanners(table):
        yield from _spanner_lines(groups, len(columns))
    yield _line([_heading(column, layout, place, len(columns)) for place, column in enumerate(columns)])


def _spanner_lines(groups: Sequence[tuple[str, int]], count: int) -> Iterator[str]:
    made, rules, start = [], [], 0
    for spanner, span in groups:
        left, right = _edges(start, span, count)
        made.append(rf"\multicolumn{{{span}}}{{{left}c{right}}}{{{escape_latex(spanner)}}}")
        if spanner:
            rules.append(rf"\cmidrule(lr){{{start + 1}-{start + span}}}")
        start += span
    yield _line(made)
    yield "".join(rules)


def _heading(column: Column, layout: TableLayout, place: int, count: int) -> str:
    left, right = _edges(place, 1, count)
    label = rf"\textit{{{escape_latex(column.label)}}}" if column.symbol else escape_latex(column.label)
    side = r"\raggedright" if column.kind == "text" else r"\raggedleft"
    return rf"\multicolumn{{1}}{{{left}b{{{_column_width(layout, place)}}}{right}}}{{{side}\arraybackslash {label}}}"


def _body(table: Table, layout: TableLayout, cited: Collection[str]) -> Iterator[str]:
    padding = [decimal_padding(table, column) for column in heads(table)]
    for row in table.rows:
        remarks = below(table, row)
        made = [
            _cell(cell, pads.get(cell.text, ""), cited, row.indent if place == 0 else 0, layout.ems(place))
            for place, (cell, pads) in enumerate(zip(cells(table, row), padding, strict=True))
        ]
        span = first_span(table, row)
        if span > 1:
            made = [_spanned(made[0], layout, span), *made[span:]]
        yield _line(made, kept=bool(remarks) or row.strong)
        if remarks:
            yield _remarks(remarks, layout, row)


def _spanned(cell: str, layout: TableLayout, span: int) -> str:
    """A heading over the first columns, a trifle narrower than they are, so that it widens none."""
    width = _points(sum(layout.widths[:span]) - PADDING_EMS * layout.points - 2.0)
    right = _edges(0, span, len(layout.widths))[1]
    return rf"\multicolumn{{{span}}}{{@{{}}p{{{width}}}{right}}}{{\raggedright\arraybackslash {cell}}}"


def _cell(cell: PrintedCell, pad: str, cited: Collection[str], indent: int, ems: float) -> str:
    longest = int((ems - INDENT_EMS * indent) / _WIDEST_LETTER_EMS) if cell.column.kind == "text" else LONGEST_WORD
    words = escape_latex(cell.text, longest) if cell.citation is None else citation(cell.citation, cited)
    words = rf"\textbf{{{words}}}" if cell.strong and words else words
    blank = rf"\phantom{{{escape_latex(pad)}}}" if pad else ""
    return f"{_indented(indent) if words else ''}{words}{blank}"


def _indented(depth: int) -> str:
    return rf"\leftskip={INDENT_EMS * depth:g}em\relax " if depth else ""


def _remarks(remarks: Sequence[tuple[str, str]], layout: TableLayout, row: Row) -> str:
    words = " ".join(rf"\textit{{{escape_latex(label)}.}} {escape_latex(text)}" for label, text in remarks)
    size = rf"\fontsize{{{layout.points - 0.5:g}}}{{{1.2 * layout.points:g}}}\selectfont"
    cell = rf"\raggedright\arraybackslash{size}{_indented(row.indent + 1)}{words}"
    span = rf"@{{}}p{{{_points(_inner(layout))}}}@{{}}"
    return rf"\multicolumn{{{len(layout.widths)}}}{{{span}}}{{{cell}}}\\"


def _line(made: Sequence[str], *, kept: bool = False) -> str:
    """A line of cells; nothing at its start can be taken for an option of the line before."""
    words = " & ".join(made)
    guarded = f"{{}}{words}" if words.startswith(("[", "*")) else words
    return guarded + (r"\\*" if kept else r"\\")
