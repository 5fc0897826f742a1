"""The instrument: a questionnaire with the constructs its items reflect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeVar

from pydantic import Field, model_validator

from surveysem.errors import InstrumentError, Problem
from surveysem.instrument.constructs import Construct
from surveysem.instrument.draft import SECTIONS, Draft, Location
from surveysem.instrument.overview import overview_html, overview_text
from surveysem.instrument.questions import (
    AttentionCheck,
    GroupingQuestion,
    Item,
    ObservedMeasure,
    Question,
    ScreeningQuestion,
)
from surveysem.instrument.rules import find_flaws
from surveysem.instrument.scales import ResponseScale
from surveysem.instrument.suggestions import available_names
from surveysem.instrument.values import Identifier, LanguageTag, LocalizedText, NonEmptyText, Part
from surveysem.instrument.works import CitedWork
from surveysem.references import REFERENCES, Reference

SomePart = TypeVar("SomePart", ResponseScale, Construct, Item, Question)


class InstrumentHeader(Part):
    """What an instrument says about itself."""

    id: Identifier
    """Name of the instrument."""
    title: LocalizedText
    """Title shown to respondents and readers, per language."""
    version: NonEmptyText
    """Version of the wording; change it whenever a question changes."""
    languages: Annotated[tuple[LanguageTag, ...], Field(min_length=1)]
    """Languages every text is given in; the first is the default."""
    sources: tuple[str, ...] = ()
    """Reference keys of the works the instrument as a whole rests on."""
    introduction: LocalizedText | None = None
    """What respondents read before the first question, per language."""
    consent: LocalizedText | None = None
    """Declaration of consent, per language."""
    note: NonEmptyText | None = None
    """Remark for researchers; never shown to respondents."""


class Instrument(InstrumentHeader):
    """A questionnaire with the constructs its items reflect.

    Raises
    ------
    InstrumentError
        When parts contradict each other; every contradiction is listed.

    Examples
    --------
    >>> from surveysem.instrument import read_instrument
    >>> instrument = read_instrument("political_democracy")
    >>> [item.id for item in instrument.items_of("industrialization_1960")]
    ['x1', 'x2', 'x3']
    """

    references: tuple[CitedWork, ...] = ()
    """Works cited here that the package does not list."""
    response_scales: Annotated[tuple[ResponseScale, ...], Field(min_length=1)]
    """Scales the questions are answered on."""
    constructs: Annotated[tuple[Construct, ...], Field(min_length=1)]
    """Theoretical concepts measured."""
    screening_questions: tuple[ScreeningQuestion, ...] = ()
    """Questions that decide who may take part."""
    grouping_questions: tuple[GroupingQuestion, ...] = ()
    """Questions for groups, clusters and controls."""
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    """Questions that reflect constructs, in the order they are asked."""
    attention_checks: tuple[AttentionCheck, ...] = ()
    """Questions that only an attentive respondent answers as expected."""
    observed_measures: tuple[ObservedMeasure, ...] = ()
    """Measurements that stand beside constructs."""

    @model_validator(mode="after")
    def _keep_the_rules(self) -> Instrument:
        parts: dict[Location, Part] = {
            (section, index): part for section in SECTIONS for index, part in enumerate(getattr(self, section))
        }
        flaws = find_flaws(Draft(content=self.model_dump(), header=self, parts=parts))
        if flaws:
            problems = [
                Problem(where=".".join(map(str, flaw.path)) or self.id, found=flaw.found, remedy=flaw.remedy)
                for flaw in flaws
            ]
            raise InstrumentError(f"The instrument {self.id} is not valid.", problems)
        return self

    @property
    def default_language(self) -> str:
        """First of the declared languages."""
        return self.languages[0]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question in the order of the questionnaire; observed measures taken from records included.

        Screening questions first, then grouping questions asked before the items, the items with attention checks
        after the item they name, observed measures, and the remaining grouping questions.
        """
        before = [question for question in self.grouping_questions if question.position == "before_items"]
        after = [question for question in self.grouping_questions if question.position == "after_items"]
        items = list(self._items_with_checks())
        return (*self.screening_questions, *before, *items, *self.observed_measures, *after)

    @property
    def respondent_questions(self) -> tuple[Question, ...]:
        """The questions put to respondents: all but the measures taken from records."""
        records = {measure.id for measure in self.observed_measures if measure.collected_from == "records"}
        return tuple(question for question in self.questions if question.id not in records)

    # Hides a deprecated class method of pydantic on purpose.
    def construct(self, construct_id: str) -> Construct:  # type: ignore[override]
        """The construct of that id.

        Raises
        ------
        InstrumentError
            When there is none; the available ones are named.
        """
        return self._find("construct", construct_id, self.constructs)

    def item(self, item_id: str) -> Item:
        """The item of that id.

        Raises
        ------
        InstrumentError
            When there is none; the available ones are named.
        """
        return self._find("item", item_id, self.items)

    def scale(self, scale_id: str) -> ResponseScale:
        """The response scale of that id.

        Raises
        ------
        InstrumentError
            When there is none; the available ones are named.
        """
        return self._find("response scale", scale_id, self.response_scales)

    def question(self, question_id: str) -> Question:
        """The question of that id, whatever its sort.

        Raises
        ------
        InstrumentError
            When there is none; the available ones are named.
        """
        return self._find("question", question_id, self.questions)

    def items_of(self, construct_id: str) -> tuple[Item, ...]:
        """Items that reflect a construct, in file order.

        Raises
        ------
        InstrumentError
            When there is no such construct; the available ones are named.
        """
        construct = self.construct(construct_id)
        return tuple(item for item in self.items if item.construct == construct.id)

    def reference(self, key: str) -> Reference:
        """The work of that key, among those of this instrument and of the package.

        Raises
        ------
        InstrumentError
            When there is none; the available ones are named.
        """
        known = {**REFERENCES, **{work.key: work.as_reference() for work in self.references}}
        if key not in known:
            raise self._not_found("reference", key, list(known))
        return known[key]

    def _items_with_checks(self) -> Iterator[Question]:
        for item in self.items:
            yield item
            yield from (check for check in self.attention_checks if check.after == item.id)
        yield from (check for check in self.attention_checks if check.after is None)

    def _find(self, what: str, name: str, parts: Sequence[SomePart]) -> SomePart:
        for part in parts:
            if part.id == name:
                return part
        raise self._not_found(what, name, [part.id for part in parts])

    def _not_found(self, what: str, name: str, available: list[str]) -> InstrumentError:
        problem = Problem(
            where=f"instrument {self.id}",
            found=f"there is no {what} {name!r}",
            remedy=available_names(name, available),
        )
        return InstrumentError(f"The instrument {self.id} has no {what} {name!r}.", [problem])

    def __repr__(self) -> str:
        return overview_text(self)

    def __str__(self) -> str:
        return overview_text(self)

    def _repr_html_(self) -> str:
        return overview_html(self)
