"""The questionnaire as respondents meet it: consent, screening, then sections of blocks, whatever the tool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from surveysem.errors import Problem, UnsupportedError
from surveysem.instrument.export.phrases import Phrases, phrases_in
from surveysem.instrument.instrument import Instrument
from surveysem.instrument.questions import AttentionCheck, GroupingQuestion, Item, Question, ScreeningQuestion
from surveysem.instrument.scales import ResponseScale


@dataclass(frozen=True, kw_only=True)
class Block:
    """Questions shown together: one question, or several in a matrix on one scale.

    Parameters
    ----------
    name : str
        Unlike the id of any question.
    scale : ResponseScale
        Scale of all of them.
    questions : tuple of Question
        In the order they are asked.
    """

    name: str
    scale: ResponseScale
    questions: tuple[Question, ...]

    @property
    def is_matrix(self) -> bool:
        """Whether the questions are rows of a matrix."""
        return len(self.questions) > 1


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """A questionnaire laid out.

    Parameters
    ----------
    instrument : Instrument
        Whose questions are asked.
    language : str
        Language that is shown first, or alone.
    required : bool
        Whether questions with options must be answered.
    randomize : bool
        Whether the rows of matrices change places, where the tool offers it.
    screening : tuple of Block
        Questions that decide who takes part.
    parts : tuple of tuple of Block
        Everything else, one tuple a page.
    consent_name, introduction_name, ineligible_name : str
        Names for what is no question of the instrument.
    """

    instrument: Instrument
    language: str
    required: bool
    randomize: bool
    screening: tuple[Block, ...]
    parts: tuple[tuple[Block, ...], ...]
    consent_name: str
    introduction_name: str
    ineligible_name: str

    @property
    def phrases(self) -> Phrases:
        """Fixed wordings in the language."""
        return phrases_in(self.language)

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language of the instrument, the chosen one first."""
        others = [each for each in self.instrument.languages if each != self.language]
        return (self.language, *others)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Every block in order."""
        return (*self.screening, *(block for part in self.parts for block in part))

    @property
    def scales(self) -> tuple[ResponseScale, ...]:
        """Scales that are used, in order of their first use."""
        return tuple({block.scale.id: block.scale for block in self.blocks}.values())

    def is_required(self, question: Question) -> bool:
        """Whether an answer is required: to screening questions always, to questions with options if so chosen."""
        if isinstance(question, ScreeningQuestion):
            return True
        return self.required and bool(self.instrument.scale(question.scale).options)

    def screening_questions(self) -> Iterator[ScreeningQuestion]:
        """The screening questions in order."""
        for block in self.screening:
            yield from (each for each in block.questions if isinstance(each, ScreeningQuestion))


def lay_out(instrument: Instrument, *, language: str, required: bool, randomize: bool) -> Questionnaire:
    """The questionnaire of an instrument: items of one construct in a row make a matrix, others stand alone."""
    taken = {question.id.casefold() for question in instrument.questions}
    number = count(1)

    def block(questions: Sequence[Question]) -> Block:
        name = free_name(f"block{next(number)}", taken)
        return Block(name=name, scale=instrument.scale(questions[0].scale), questions=tuple(questions))

    asked = instrument.respondent_questions
    screening = tuple(block([each]) for each in asked if isinstance(each, ScreeningQuestion))
    screened = {question.id for each in screening for question in each.questions}
    before = [each for each in asked if isinstance(each, GroupingQuestion) and each.position == "before_items"]
    statements = [each for each in asked if isinstance(each, Item | AttentionCheck)]
    placed = screened | {each.id for each in (*before, *statements)}
    after = [each for each in asked if each.id not in placed]
    parts = [
        tuple(block([each]) for each in before),
        *((block(run),) for run in _runs(statements, instrument)),
        tuple(block([each]) for each in after),
    ]
    return Questionnaire(
        instrument=instrument,
        language=language,
        required=required,
        randomize=randomize,
        screening=screening,
        parts=tuple(part for part in parts if part),
        consent_name=free_name("consent", taken),
        introduction_name=free_name("introduction", taken),
        ineligible_name=free_name("ineligible", taken),
    )


def free_name(wanted: str, taken: set[str]) -> str:
    """The name wanted, with an x or more after it while it is taken.

    Examples
    --------
    >>> free_name("consent", {"consent"})
    'consentx'
    """
    while wanted.casefold() in taken:
        wanted = f"{wanted}x"
    return wanted


def numeric_hint(scale: ResponseScale, phrases: Phrases, language: str) -> str:
    """Limits, unit and missing codes of an open number, for the respondent."""
    values = {"low": _plain(scale.minimum), "high": _plain(scale.maximum)}
    if scale.minimum is not None and scale.maximum is not None:
        limits = phrases.from_to.format(**values)
    elif scale.minimum is not None:
        limits = phrases.at_least.format(**values)
    else:
        limits = "" if scale.maximum is None else phrases.at_most.format(**values)
    missing = [f"{code} = {label[language]}" for code, label in scale.missing.items()]
    unit = phrases.unit.format(unit=scale.unit) if scale.unit else ""
    return ", ".join(filter(None, [unit, phrases.whole if scale.integer else "", limits, *missing]))


def limits_of(scale: ResponseScale) -> tuple[str, str]:
    """Smallest and largest number to accept as text; widened by missing codes, empty where there is none."""
    low, high = scale.minimum, scale.maximum
    codes = tuple(scale.missing)
    lowest = None if low is None else min((low, *codes))
    highest = None if high is None else max((high, *codes))
    return _plain(lowest), _plain(highest)


def refuse(tool: str, problems: Iterable[Problem]) -> None:
    """Raise what a tool cannot hold, all at once.

    Raises
    ------
    UnsupportedError
        When there is a problem.
    """
    found = list(problems)
    if found:
        raise UnsupportedError(f"{tool} cannot hold this questionnaire.", found)


def clashing_names(questions: Iterable[Question], key: Callable[[str], str], rule: str) -> Iterator[Problem]:
    """Ids that become one name in the tool."""
    seen: dict[str, str] = {}
    for question in questions:
        name = key(question.id)
        if name in seen:
            found = f"{seen[name]} and {question.id} are both {name!r} there: {rule}"
            yield Problem(where=f"question {question.id}", found=found, remedy="Rename one of them in the instrument.")
        seen.setdefault(name, question.id)


def _runs(statements: Sequence[Question], instrument: Instrument) -> Iterator[list[Question]]:
    """Statements in a row of one construct on one scale that has options; attention checks join the items before."""
    run: list[Question] = []
    construct = ""
    for statement in statements:
        own = statement.construct if isinstance(statement, Item) else construct
        joins = run and statement.scale == run[-1].scale and (own == construct or not construct)
        if run and not (joins and instrument.scale(statement.scale).options):
            yield run
            run = []
        construct = own
        run.append(statement)
    if run:
        yield run


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"
