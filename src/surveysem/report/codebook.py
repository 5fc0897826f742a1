"""The codebook: every variable of a study's data with its wording, codes and place in the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from surveysem.data.imports.writing import write_whole
from surveysem.errors import Problem, UnsupportedError
from surveysem.instrument import Instrument, ResponseScale
from surveysem.instrument.questions import (
    AttentionCheck,
    GroupingQuestion,
    Item,
    ObservedMeasure,
    Question,
    ScreeningQuestion,
)
from surveysem.references import Reference
from surveysem.report.render.codebook_html import render_codebook_html
from surveysem.report.render.codebook_xlsx import render_codebook_xlsx
from surveysem.specification import ModelSpecification

_SORTS: Mapping[type[Question], str] = {
    ScreeningQuestion: "screening question",
    GroupingQuestion: "grouping question",
    AttentionCheck: "attention check",
    ObservedMeasure: "observed measure",
    Item: "item",
}


class StudyLike(Protocol):
    """What a codebook needs to know of a study."""

    @property
    def id(self) -> str:
        """Name of the study."""

    @property
    def title(self) -> str:
        """Title of the study."""

    @property
    def instrument(self) -> Instrument:
        """The questionnaire."""

    @property
    def specification(self) -> ModelSpecification:
        """The model."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the files."""


@dataclass(frozen=True, kw_only=True)
class CodebookTable:
    """One table of a codebook.

    Parameters
    ----------
    name, title : str
        Short name (of the sheet) and heading.
    columns : tuple of str
        Headings of the columns.
    rows : tuple of tuple of str
        Cells as text.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """What a codebook says.

    Parameters
    ----------
    title : str
        Title of the study.
    facts : Mapping of str to str
        Study, instrument, version, languages and the fingerprint of the files.
    tables : tuple of CodebookTable
        Variables, response scales, constructs and sources.
    """

    title: str
    facts: Mapping[str, str]
    tables: tuple[CodebookTable, ...]


def codebook(study: StudyLike, path: str | Path, *, force: bool = False) -> Path:
    """The codebook of a study as an HTML page or an Excel workbook.

    Parameters
    ----------
    study : Study
        Whose variables are described.
    path : str or pathlib.Path
        Ends in ``.html`` or ``.xlsx``.
    force : bool
        Whether a file of that name is replaced.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    UnsupportedError
        When the name ends otherwise.
    InputFileError
        When the file exists and may not be replaced, or cannot be written.

    Notes
    -----
    Codes are those respondents give: reverse-keyed items are marked, and are reversed when answers are read.

    Examples
    --------
    >>> import tempfile
    >>> import surveysem as ss
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ss.codebook(ss.load_study("political_democracy"), f"{folder}/codebook.html").name
    'codebook.html'
    """
    path = Path(path)
    renderers = {".html": render_codebook_html, ".xlsx": render_codebook_xlsx}
    renderer = renderers.get(path.suffix.lower())
    if renderer is None:
        found = f"a name that ends in {path.suffix!r}"
        problem = Problem(where=str(path), found=found, remedy=f"Let it end in {' or '.join(renderers)}.")
        raise UnsupportedError("A codebook is not written in this kind of file.", [problem])
    content = renderer(codebook_content(study))

    def write(name: str) -> None:
        Path(name).write_bytes(content)

    write_whole(path, write, force=force)
    return path


def codebook_content(study: StudyLike) -> Codebook:
    """What the codebook of a study says, as text."""
    instrument = study.instrument
    facts = {
        "Study": study.id,
        "Questionnaire": f"{instrument.id}, version {instrument.version}",
        "Languages": ", ".join(instrument.languages),
        "Questions": f"{len(instrument.questions)}, of which {len(instrument.respondent_questions)} put to respondents",
        "SHA-256 of the files": study.fingerprint,
    }
    if instrument.note:
        facts["Note"] = instrument.note
    tables = (_variables(study), _scales(instrument), _constructs(instrument), _sources(instrument))
    return Codebook(title=f"Codebook: {study.title}", facts=facts, tables=tuple(each for each in tables if each.rows))


def _variables(study: StudyLike) -> CodebookTable:
    instrument = study.instrument
    indicated = {name: each.name for each in study.specification.latent_variables for name in each.indicators}
    wordings = tuple(f"wording ({language})" for language in instrument.languages)
    columns = ("variable", "sort", *wordings, "answers", "codes", "missing", "construct", "in the model", "remarks")
    rows = []
    for question in instrument.questions:
        scale = instrument.scale(question.scale)
        texts = [question.text[language] for language in instrument.languages]
        codes = (_codes(scale), ", ".join(map(str, scale.missing)))
        place = (_construct(question), indicated.get(question.id, ""), _remarks(question))
        rows.append((question.id, _SORTS[type(question)], *texts, scale.id, *codes, *place))
    return CodebookTable(name="variables", title="Variables", columns=columns, rows=tuple(rows))


def _codes(scale: ResponseScale) -> str:
    """Codes of a scale, or the limits of a number, in a few signs."""
    codes = scale.codes
    if scale.options:
        run = len(codes) > 2 and codes == tuple(range(codes[0], codes[0] + len(codes)))
        return f"{codes[0]}–{codes[-1]}" if run else ", ".join(map(str, codes))
    if scale.kind == "text":
        return "text"
    limits = [f"≥ {scale.minimum:g}"] if scale.minimum is not None else []
    limits += [f"≤ {scale.maximum:g}"] if scale.maximum is not None else []
    return ", ".join(["whole number" if scale.integer else "number", *limits, *([scale.unit] if scale.unit else [])])


def _construct(question: Question) -> str:
    if isinstance(question, ObservedMeasure):
        return question.construct
    if not isinstance(question, Item):
        return ""
    return f"{question.construct} ({question.facet})" if question.facet else question.construct


def _remarks(question: Question) -> str:
    remarks = []
    if isinstance(question, Item) and question.reverse:
        remarks.append("Reverse-keyed: reversed when answers are read.")
    if isinstance(question, AttentionCheck):
        remarks.append(f"Attentive respondents choose {question.expected}.")
    if isinstance(question, ScreeningQuestion):
        remarks.append(f"Takes part: {', '.join(map(str, question.eligible))}.")
    if isinstance(question, ObservedMeasure) and question.collected_from == "records":
        remarks.append("Taken from records, not asked.")
    if isinstance(question, Item | ObservedMeasure) and question.sources:
        remarks.append(f"Sources: {', '.join(question.sources)}.")
    return " ".join([*remarks, question.note or ""]).strip()


def _scales(instrument: Instrument) -> CodebookTable:
    columns = ("answers", "kind", "code", *(f"label ({language})" for language in instrument.languages), "stands for")
    rows = [row for scale in instrument.response_scales for row in _options(scale, instrument)]
    return CodebookTable(name="answers", title="Response scales", columns=columns, rows=tuple(rows))


def _options(scale: ResponseScale, instrument: Instrument) -> Iterator[tuple[str, ...]]:
    if not scale.options:
        yield (scale.id, scale.kind, _codes(scale), *("" for _ in instrument.languages), "an answer")
    for labels, meaning in ((scale.options, "an answer"), (scale.missing, "no answer")):
        for code, label in labels.items():
            texts = (label[language] for language in instrument.languages)
            yield (scale.id, scale.kind, str(code), *texts, meaning)


def _constructs(instrument: Instrument) -> CodebookTable:
    language = instrument.default_language
    rows = tuple(
        (
            construct.id,
            construct.label[language],
            construct.role,
            construct.definition[language],
            ", ".join(facet.label[language] for facet in construct.facets),
            ", ".join(item.id for item in instrument.items_of(construct.id)),
            ", ".join(construct.sources),
        )
        for construct in instrument.constructs
    )
    columns = ("construct", "name", "role", "definition", "facets", "items", "sources")
    return CodebookTable(name="constructs", title="Constructs", columns=columns, rows=rows)


def _sources(instrument: Instrument) -> CodebookTable:
    cited = [instrument.sources, *(each.sources for each in instrument.constructs)]
    cited += [*(each.sources for each in instrument.items), *(each.sources for each in instrument.observed_measures)]
    keys = sorted({key for sources in cited for key in sources})
    rows = tuple((key, _citation(instrument.reference(key))) for key in keys)
    return CodebookTable(name="sources", title="Sources", columns=("key", "work"), rows=rows)


def _citation(work: Reference) -> str:
    link = f" https://doi.org/{work.doi}" if work.doi else ""
    return f"{'; '.join(work.authors)} ({work.year}). {work.title}. {work.source}.{link}"
