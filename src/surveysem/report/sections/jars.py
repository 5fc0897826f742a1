"""The reporting standards for structural equation models as a checklist, ticked from what the report holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from surveysem.report.content import ReportContent
from surveysem.report.document import Block, FigureBlock, Section
from surveysem.report.inline import cited, counted, listing
from surveysem.report.sections.phrases import paragraph
from surveysem.report.table import Column, Row, Table
from surveysem.report.tables.columns import is_interaction, rows_of

HEADING = "Reporting standards"
IN_REPORT, IN_PART, BY_AUTHOR, NOT_CALLED_FOR = "in the report", "in part", "author", "does not apply"


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """What a report holds, for the items to look into.

    Parameters
    ----------
    content : ReportContent
        Results of the analysis.
    headings : frozenset of str
        Headings of the sections that say something.
    tables : Mapping of str to int
        Numbers of the tables shown, by name.
    figures : Mapping of str to int
        Numbers of the figures shown, by name.
    """

    content: ReportContent
    headings: frozenset[str]
    tables: Mapping[str, int]
    figures: Mapping[str, int]

    def section(self, heading: str) -> list[str]:
        """Where a section is, if it is there."""
        return [f"section “{heading}”"] if heading in self.headings else []

    def table(self, *names: str) -> list[str]:
        """Where tables are, those that are there."""
        return [f"Table {self.tables[name]}" for name in names if name in self.tables]

    def figure(self, *names: str) -> list[str]:
        """Where figures are, those that are there."""
        return [f"Figure {self.figures[name]}" for name in names if name in self.figures]

    @property
    def interactions(self) -> bool:
        """Whether the model has products of latent variables."""
        return any(is_interaction(str(term)) for term in rows_of(self.content.structural, "~")["rhs"])


_Places: TypeAlias = Callable[[Told], list[str]]


def _nowhere(_: Told) -> list[str]:
    return []


def _always(_: Told) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class JarsItem:
    """One item of the standards, in our words.

    Parameters
    ----------
    part, text : str
        Part of the paper; what is to be reported.
    places : callable
        Where the report tells it; empty where it does not.
    author : str
        What the author must add; empty where the report tells all.
    applies : callable
        Whether the item concerns this study.
    """

    part: str
    text: str
    places: _Places = _nowhere
    author: str = ""
    applies: Callable[[Told], bool] = _always


ITEMS: tuple[JarsItem, ...] = (
    JarsItem(
        part="Title and abstract",
        text="Name the mechanism the model is about, where it is complex",
        author="Title",
    ),
    JarsItem(
        part="Title and abstract",
        text="Give at least two global indices of fit, with a word on local fit and on whether the model was changed",
        places=lambda told: told.section("Fit of the models"),
        author="Put the numbers into the abstract",
    ),
    JarsItem(
        part="Introduction",
        text="Justify the directions of effects, and what is taken to cause what",
        author="Theory behind each path, and what the design can say on causes",
    ),
    JarsItem(
        part="Introduction",
        text="Say of the primary model what is confirmatory, and which rival models are considered",
        places=lambda told: [*told.section("Propositions"), *told.section("Rival models")],
        author="Rivals that theory suggests, if none are compared",
    ),
    JarsItem(
        part="Measures",
        text="Describe each indicator, single items or parcels, and the latent variable it belongs to",
        places=lambda told: told.table("measurement"),
        author="How measures were adapted and translated",
    ),
    JarsItem(
        part="Measures",
        text="Report reliability and validity of the scores",
        places=lambda told: told.table("reliability", "discriminant_validity"),
    ),
    JarsItem(
        part="Sample",
        text="Say whether data are collected or simulated, and how respondents were reached",
        places=lambda told: told.section("Sample and screening"),
        author="Population, sampling, dates, consent and ethics",
    ),
    JarsItem(
        part="Sample",
        text="Justify the sample size by power or by precision of estimates",
        places=lambda told: told.section("Power"),
        author="The planning itself (surveysem power), and where the assumed effects come from",
    ),
    JarsItem(
        part="Data",
        text="Report amount and pattern of missing answers, and their treatment with its assumption",
        places=lambda told: [*told.section("Missing data"), *told.table("missing_data")],
        author="Why answers may be missing",
    ),
    JarsItem(
        part="Data",
        text="Report the distributions of indicators, tests of normality, and outlying answers",
        places=lambda told: [*told.section("Descriptive statistics"), *told.table("item_descriptives")],
        author="Transformations, if there were any",
    ),
    JarsItem(
        part="Data",
        text="Give covariances or correlations and means, or the data, so that others can analyse them",
        places=lambda told: ["bundle beside the report"] if told.content.bundle else [],
        author="Deposit the bundle (write_bundle), and the data where respondents agreed",
    ),
    JarsItem(
        part="Specification",
        text="Specify the model completely: free and fixed parameters, means, constraints, a diagram",
        places=lambda told: [
            *told.section("Measures and model"),
            *told.figure("path_diagram"),
            *(["bundle beside the report"] if told.content.bundle else []),
        ],
    ),
    JarsItem(
        part="Specification",
        text="Give degrees of freedom, and say how the model is identified",
        places=lambda told: told.table("fit"),
        author="The rule by which it is identified; a model that is not is refused before it is fitted",
    ),
    JarsItem(
        part="Specification",
        text="Say how interactions of latent variables are estimated",
        places=lambda told: told.section("Moderation"),
        applies=lambda told: told.interactions,
    ),
    JarsItem(
        part="Specification",
        text="Justify residual covariances and equality constraints",
        author="Reasons for each residual covariance",
        applies=lambda told: _residual_covariances(told.content),
    ),
    JarsItem(
        part="Estimation",
        text="Name software with version, method of estimation, and why it was chosen",
        places=lambda told: [*told.section("Measures and model"), *told.section("Reproduction")],
    ),
    JarsItem(
        part="Estimation",
        text="Say whether the solutions converged and are admissible",
        places=lambda told: [*told.section("Text for a manuscript"), *told.section("Findings")],
    ),
    JarsItem(
        part="Fit",
        text="Report the χ² test, indices of fit with intervals, and the criteria they are held against",
        places=lambda told: [*told.section("Fit of the models"), *told.table("fit")],
    ),
    JarsItem(
        part="Fit",
        text="Report local fit: residuals or modification indices",
        places=lambda told: told.table("modification_indices", "residuals"),
        author="What they show, and why nothing or something was changed",
    ),
    JarsItem(
        part="Respecification",
        text="Report each change of the model made after seeing the data, with its reason",
        places=lambda told: told.section("Deviations from the preregistration"),
        author="Changes made before this analysis, or that there were none",
    ),
    JarsItem(
        part="Estimates",
        text="Report unstandardised and standardised estimates with standard errors, and indirect effects",
        places=lambda told: told.table("paths", "total_effects", "effects"),
    ),
    JarsItem(
        part="Estimates",
        text="Report interactions with their probing along the moderator",
        places=lambda told: told.table("moderation", "simple_slopes"),
        applies=lambda told: told.interactions,
    ),
    JarsItem(
        part="Estimates",
        text="Test measurement invariance before groups are compared",
        places=lambda told: told.section("Measurement invariance"),
        author="measurement_invariance() for the groups compared",
        applies=lambda told: _compares_groups(told.content) or "Measurement invariance" in told.headings,
    ),
    JarsItem(
        part="Discussion",
        text="Say what speaks for the model among those that fit equally well, and what the data cannot tell",
        author="Equivalent models, limits to causal interpretation and to generalisation",
    ),
)


def _residual_covariances(content: ReportContent) -> bool:
    loadings, covariances = rows_of(content.measurement, "=~"), rows_of(content.measurement, "~~")
    among_items = covariances["lhs"].isin(loadings["rhs"]) & (covariances["lhs"] != covariances["rhs"])
    return bool(among_items.any())


def _compares_groups(content: ReportContent) -> bool:
    tests = [type(each.proposition.test).__name__ for each in (*content.verdicts, *content.extensions)]
    return "GroupDifferenceTest" in tests


def jars_section(content: ReportContent, sections: Sequence[Section], *, number: int) -> Section:
    """The checklist, ticked from the sections it is given.

    Parameters
    ----------
    content : ReportContent
        Results of the analysis.
    sections : sequence of Section
        Everything else the report says.
    number : int
        Number of the table.
    """
    told = _told(content, sections)
    rows = tuple(_rows(told))
    left = sum(row.cells.get("status") in (IN_PART, BY_AUTHOR) for row in rows)
    opening = paragraph(
        "What ",
        cited("appelbaum_2018"),
        " ask of reports on structural equation models, in our words, and where this report tells it. "
        f"{counted(left, 'item')} of {sum('status' in row.cells for row in rows)} still "
        f"{'needs' if left == 1 else 'need'} the author.",
    )
    table = Table(
        name="jars",
        title="Reporting standards for structural equation models",
        columns=(
            Column(key="item", label="To be reported"),
            Column(key="status", label="Where it stands"),
            Column(key="places", label="In this report"),
            Column(key="author", label="The author adds"),
        ),
        rows=rows,
        notes=((_NOTE,),),
        number=number,
        simulated=content.simulated,
    )
    return Section(heading=HEADING, blocks=(opening, table))


_NOTE = (
    "In part: the report tells what it can, and the author adds the rest. The places are those of this report; what "
    "stands in a place must still be judged by a reader."
)


def _rows(told: Told) -> Iterator[Row]:
    part = ""
    for item in ITEMS:
        if item.part != part:
            part = item.part
            yield Row(cells={"item": part}, strong=True)
        yield Row(cells=_cells(item, told), indent=1)


def _cells(item: JarsItem, told: Told) -> dict[str, str]:
    if not item.applies(told):
        return {"item": item.text, "status": NOT_CALLED_FOR, "places": "", "author": ""}
    places = item.places(told)
    status = (IN_PART if item.author else IN_REPORT) if places else BY_AUTHOR
    author = item.author or ("" if places else "Everything: the report does not tell it")
    told_at = listing(places)
    return {"item": item.text, "status": status, "places": f"{told_at[:1].upper()}{told_at[1:]}", "author": author}


def _told(content: ReportContent, sections: Sequence[Section]) -> Told:
    blocks: list[Block] = [block for section in sections for block in section.blocks]
    return Told(
        content=content,
        headings=frozenset(section.heading for section in sections if section.blocks),
        tables={block.name: block.number for block in blocks if isinstance(block, Table)},
        figures={block.name: block.number for block in blocks if isinstance(block, FigureBlock)},
    )
