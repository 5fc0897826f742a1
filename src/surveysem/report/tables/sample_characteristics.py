"""Tables: who was analysed, and what was measured of them beside the items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from surveysem.instrument.questions import Question
from surveysem.report.content import ReportContent
from surveysem.report.description import DescriptionContent
from surveysem.report.inline import Symbol
from surveysem.report.table import Cell, Column, Row, Table

_COUNTS = (
    Column(key="what", label="Characteristic"),
    Column(key="n", label="n", kind="integer", symbol=True),
    Column(key="percent", label="%", kind="decimal", decimals=1),
)
_SUMMARY = (
    Column(key="what", label="Measure"),
    Column(key="n", label="n", kind="integer", symbol=True),
    Column(key="mean", label="M", kind="decimal", symbol=True),
    Column(key="sd", label="SD", kind="decimal", symbol=True),
    Column(key="median", label="Median", kind="decimal"),
    Column(key="minimum", label="Lowest", kind="decimal"),
    Column(key="maximum", label="Highest", kind="decimal"),
)


def sample_characteristics(content: ReportContent) -> Table | None:
    """Counts of the answers to grouping questions; None without any."""
    described = content.description
    if described is None or described.categories.empty:
        return None
    return Table(
        name="sample_characteristics",
        title="Characteristics of the respondents",
        columns=_COUNTS,
        rows=tuple(_categories(content, described, _questions(content))),
        notes=((f"Percentages are of the {content.n_analysed:,} respondents analysed.",),),
        simulated=content.simulated,
    )


def observed_measures(content: ReportContent) -> Table | None:
    """Summaries of measures that are numbers; None without any."""
    described = content.description
    if described is None or described.measures.empty:
        return None
    return Table(
        name="observed_measures",
        title="Observed measures",
        columns=_SUMMARY,
        rows=tuple(_measures(content, described, _questions(content))),
        notes=(
            (
                f"Of the {content.n_analysed:,} respondents analysed, as far as known. ",
                Symbol("M"),
                " = mean; ",
                Symbol("SD"),
                " = standard deviation, divided by ",
                Symbol("n"),
                " − 1.",
            ),
        ),
        simulated=content.simulated,
    )


def _questions(content: ReportContent) -> dict[str, Question]:
    asked = (*content.instrument.grouping_questions, *content.instrument.observed_measures)
    return {question.id: question for question in asked}


def _categories(
    content: ReportContent, described: DescriptionContent, questions: Mapping[str, Question]
) -> Iterator[Row]:
    for name, rows in described.categories.groupby("question", sort=False):
        question = questions[str(name)]
        options = content.instrument.scale(question.scale).options
        yield Row(cells={"what": content.in_english(question.text)}, strong=True)
        for _, row in rows.iterrows():
            code = float(row["code"])
            label = content.in_english(options[int(code)]) if code == code else "No answer"
            cells: dict[str, Cell] = {"what": label, "n": int(row["n"]), "percent": 100.0 * float(row["share"])}
            yield Row(cells=cells, indent=1)


def _measures(
    content: ReportContent, described: DescriptionContent, questions: Mapping[str, Question]
) -> Iterator[Row]:
    for name, measure in described.measures.iterrows():
        cells: dict[str, Cell] = {"what": _with_unit(content, questions[str(name)]), "n": int(measure["n"])}
        cells |= {column.key: float(measure[column.key]) for column in _SUMMARY[2:]}
        yield Row(cells=cells)


def _with_unit(content: ReportContent, question: Question) -> str:
    """The wording of a measure, with its unit unless it says it."""
    text, unit = content.in_english(question.text), content.instrument.scale(question.scale).unit
    return f"{text} ({unit})" if unit and unit.casefold() not in text.casefold() else text
