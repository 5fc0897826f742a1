"""What respondents are asked: items, attention checks, screening and grouping questions, observed measures."""

from __future__ import annotations

import warnings
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from surveysem.instrument.values import Identifier, LocalizedText, NonEmptyText, Part


class Question(Part):
    """A question and the scale it is answered on."""

    id: Identifier
    """Name of the question, of its column in the data and, for items, of its indicator in the model."""
    text: LocalizedText
    """Wording per language."""
    scale: str
    """Id of the response scale."""
    note: NonEmptyText | None = None
    """Remark for researchers; never shown to respondents."""


class AttentionCheck(Question):
    """A question whose right answer is given in its wording."""

    expected: StrictInt
    """Code that an attentive respondent chooses."""
    after: str | None = None
    """Id of the item it follows in the questionnaire; without it, it follows the last item."""


class ScreeningQuestion(Question):
    """A question that decides who belongs to the population studied."""

    eligible: Annotated[tuple[StrictInt, ...], Field(min_length=1)]
    """Codes that let a respondent take part."""


class GroupingQuestion(Question):
    """A question that describes the respondent or the case, for groups, clusters and controls."""

    position: Literal["before_items", "after_items"] = "after_items"
    """Whether it is asked before or after the items."""


# The field `construct` deliberately hides pydantic's deprecated class method of that name.
with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message='Field name "construct" in', category=UserWarning)

    class Item(Question):
        """A question that reflects a construct.

        Examples
        --------
        >>> Item(id="bt_1", construct="brand_trust", scale="agree7", text={"en": "It kept its promises."}).reverse
        False
        """

        construct: str  # type: ignore[assignment]
        """Id of the construct the item reflects."""
        facet: str | None = None
        """Id of the construct's facet the item covers."""
        reverse: StrictBool = False
        """Whether agreement speaks against the construct; such answers are reversed after import."""
        sources: tuple[str, ...] = ()
        """Reference keys of the scales or passages the wording is adapted from."""

    class ObservedMeasure(Question):
        """A measurement outside the agreement scales that stands beside a construct."""

        construct: str  # type: ignore[assignment]
        """Id of the construct it accompanies."""
        sources: tuple[str, ...] = ()
        """Reference keys of where the measure was proposed."""
        collected_from: Literal["respondent", "records"] = "respondent"
        """Whether respondents are asked, or the value is taken from records such as a CRM or a follower export."""
