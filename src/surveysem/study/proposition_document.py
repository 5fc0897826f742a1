"""The schema of propositions and of the rules that decide them in a study file."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from surveysem.instrument.values import Identifier, LocalizedText, Part
from surveysem.propositions import Multiplicity, Sides
from surveysem.study.quality.document import MinimumQualityEntry

Probability = Annotated[float, Field(gt=0, lt=0.5)]
UnmeasuredTreatment: TypeAlias = Literal["refuse", "not_testable"]


class GroupDifferenceEntry(Part):
    """A hypothesis that paths differ between groups."""

    group: Identifier
    """Grouping question."""
    paths: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    """Ids of paths."""


class PartEntry(Part):
    """A proposition that one effect decides."""

    id: Identifier
    """Name in the paper, such as P1."""
    statement: LocalizedText
    """The proposition in words, per language."""
    tests: Identifier | None = None
    """Id of the path or moderation that decides; the proposition's own id if left out."""
    differs: GroupDifferenceEntry | None = None
    """A difference between groups that decides instead."""
    expected: Literal["positive", "negative", "two-sided"] | None = None
    """Sign foretold."""
    smallest_effect: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Smallest standardised effect of interest, where it differs from the study's; parts take that of the whole."""
    alpha: Probability | None = None
    """Error rate, where it differs from the study's; likewise."""
    sides: Sides | None = None
    """Whether the proposition is tested in its direction only, where that differs from the study; likewise."""
    family: Identifier | None = None
    """Name of the propositions whose p are adjusted together; without one all are one family. Likewise."""


class PropositionEntry(PartEntry):
    """A proposition, decided by one effect or by its parts."""

    parts: tuple[PartEntry, ...] = ()
    """Parts that are judged one by one and combined."""


class DecisionEntry(Part):
    """How estimates become verdicts, declared before data are read."""

    alpha: Probability = 0.05
    """Error rate of each family of propositions."""
    sides: Sides = "two"
    """Whether directed propositions are tested in their direction only."""
    smallest_effect: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Smallest standardised effect of interest."""
    multiplicity: Multiplicity = "none"
    """Adjustment of p over all propositions of a family; all are one family unless they name theirs."""
    minimum_quality: MinimumQualityEntry | None = None
    """Measurement below which a proposition is not judged."""
    unmeasured: UnmeasuredTreatment = "refuse"
    """What becomes of constructs none of whose items are among the answers: the answers are refused, or the
    constructs are left out of the model and the propositions that need them are not testable."""
