"""Overviews of an instrument for the console and for notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from surveysem.instrument.instrument import Instrument

_HEADINGS = ("construct", "role", "items", "facets", "example item")


def overview_text(instrument: Instrument) -> str:
    """Plain-text overview: one line per construct."""
    rows = [_HEADINGS[:4], *(row[:4] for row in _rows(instrument))]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([_title(instrument), _counts(instrument), "", *lines])


def overview_html(instrument: Instrument) -> str:
    """HTML overview: a table with one row per construct; every text is escaped."""
    head = "".join(f'<th style="text-align:left">{heading}</th>' for heading in _HEADINGS)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in _rows(instrument)
    )
    return (
        f"<p><strong>{escape(_title(instrument))}</strong><br>{escape(_counts(instrument))}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _title(instrument: Instrument) -> str:
    return f"{instrument.title[instrument.default_language]} ({instrument.id}, version {instrument.version})"


def _counts(instrument: Instrument) -> str:
    counts = {
        "constructs": instrument.constructs,
        "items": instrument.items,
        "attention checks": instrument.attention_checks,
        "screening questions": instrument.screening_questions,
        "grouping questions": instrument.grouping_questions,
        "observed measures": instrument.observed_measures,
    }
    listed = [f"{name}: {len(parts)}" for name, parts in counts.items() if parts]
    return " · ".join([f"languages: {', '.join(instrument.languages)}", *listed])


def _rows(instrument: Instrument) -> Iterator[tuple[str, str, str, str, str]]:
    for construct in instrument.constructs:
        items = instrument.items_of(construct.id)
        facets = ", ".join(facet.id for facet in construct.facets) or "–"
        example = items[0].text[instrument.default_language]
        yield construct.id, construct.role, str(len(items)), facets, example
