"""A small document with one block of every kind, and texts that mean something to some format."""

from math import nan

import pytest
from matplotlib.figure import Figure

from surveysem.report.document import (
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
from surveysem.report.inline import Citation, Code, Strong, Symbol, cited
from surveysem.report.table import Column, Interval, Quantity, Row, Table

OWN_WORK = Citation(
    "own_2020", "Ümit and Čech (2020)", "Ümit, A., & Čech, B. (2020). 50 % of {all} & <more>. Own_Press."
)


def build_table(**changes) -> Table:
    values = {
        "name": "effects",
        "title": "Effects",
        "number": 1,
        "columns": (
            Column(key="name", label="Effect"),
            Column(key="b", label="b", kind="decimal", symbol=True, spanner="Unstandardised"),
            Column(key="ci", label="95% CI", kind="interval", spanner="Unstandardised"),
            Column(key="p", label="p", kind="p", symbol=True),
            Column(key="source", label="Source"),
            Column(key="reason", label="Reason", below=True),
        ),
        "rows": (
            Row(cells={"name": "Brand trust"}, strong=True),
            Row(
                cells={
                    "name": "Risk reduction",
                    "b": 0.456,
                    "ci": Interval(lower=-0.1, upper=1.25),
                    "p": 0.0004,
                    "source": cited("ohanian_1990"),
                    "reason": "The sign was foretold",
                },
                indent=1,
            ),
            Row(
                cells={"name": "Regulation", "b": Quantity(value=-1234.5, kind="decimal", mark="†"), "p": nan}, indent=1
            ),
        ),
        "notes": (("b is unstandardised; ", Symbol("p"), " two-sided."), ("† fixed, after ", OWN_WORK, ".")),
        "simulated": True,
    }
    return Table(**(values | changes))


def build_document(text: str = "Plain words", *, table: Table | None = None, **changes) -> Document:
    works = (cited("ohanian_1990"), OWN_WORK)
    shown = table or build_table()
    first = Section(
        heading="Sample",
        blocks=(
            Paragraph(
                text=(f"{text} ", Strong("loud"), " and ", Symbol("χ²"), " = 3, ", Code("a_b"), ", ", works[0], ".")
            ),
            Notice(severity="serious", text=(text,)),
            BulletList(items=((text,), ("second",))),
            DefinitionList(entries=(("term", text),)),
            Equation(text="CR = Σλ²", latex=r"\mathrm{CR} = \sum \lambda^2"),
            shown,
        ),
    )
    picture = FigureBlock(
        name="slopes",
        number=1,
        title="Slopes",
        caption=("Lines ", Symbol("x"), "."),
        alt=f"Two lines. {text}",
        simulated=True,
    )
    closing = Section(heading="References", blocks=(ReferenceList(works=works),))
    values = {
        "title": f"A study: {text}",
        "subtitle": "Study one, 2026-03-01",
        "marks": ("SIMULATED DATA",),
        "banner": (Strong("Simulated. "), "Nobody answered."),
        "summary": (Highlight(label="Supported", value="1 of 2", detail=text, severity="warning"),),
        "sections": (first, Section(heading="Figures", blocks=(picture,)), closing),
        "date": "2026-03-01",
    }
    return Document(**(values | changes))


def build_figures(width: float = 4.0, height: float = 2.0) -> dict[str, Figure]:
    figure = Figure(figsize=(width, height))
    figure.add_subplot().plot([0, 1], [0, 1])
    return {"slopes": figure}


@pytest.fixture
def make_table():
    return build_table


@pytest.fixture
def make_document():
    return build_document


@pytest.fixture
def make_figures():
    return build_figures


HOSTILE = (
    "<script>&amp; 50 % of a_b {c} $d$ #1 ~e^2 \\f \"quoted\" 'single' `back` -- --- << >> ,, ?` !`",
    '=CMD("calc")',
    "@SUM(A1)",
    "[.12, .34] *starred*",
    "Ünïcödé ñ ç ł ø ß œ đ ế ạ ǎ ș",
    "χ² β ≤ .05 → × − – — … “q” ‘s’ √ ∞ † ‡ R² xᵢ € ™",
    "שלום עולם and مرحبا بالعالم",
    "理論 and \U0001f600 and Привет",
    "unbroken_" * 30,
    "line\nbreak\ttab and \x07bell",
)


@pytest.fixture(params=HOSTILE, ids=range(len(HOSTILE)))
def hostile(request):
    return request.param


@pytest.fixture
def hostile_texts():
    return HOSTILE
