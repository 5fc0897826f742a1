"""Response scales: which answers a question admits and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, PlainSerializer, StrictBool, StrictFloat, StrictInt

from surveysem.instrument.values import Identifier, LocalizedText, NonEmptyText, Part, ReadOnlyMapping, plain_mapping

ScaleKind: TypeAlias = Literal["ordinal", "nominal", "number", "text"]
LabelledCodes: TypeAlias = Annotated[
    Mapping[StrictInt, LocalizedText],
    AfterValidator(ReadOnlyMapping),
    PlainSerializer(plain_mapping, return_type=dict[int, dict[str, str]]),
]


class ResponseScale(Part):
    """The answers a question admits.

    Examples
    --------
    >>> yes_no = ResponseScale(id="yes_no", kind="nominal", options={0: {"en": "No"}, 1: {"en": "Yes"}})
    >>> yes_no.codes
    (0, 1)
    """

    id: Identifier
    """Name by which questions refer to the scale."""
    kind: ScaleKind
    """``ordinal`` (ordered options), ``nominal`` (unordered options), ``number`` or ``text``."""
    options: LabelledCodes = Field(default_factory=dict, validate_default=True)
    """Code of each option and its label per language; for ordinal and nominal scales."""
    missing: LabelledCodes = Field(default_factory=dict, validate_default=True)
    """Codes that stand for no answer, such as "does not apply", and their labels; read as missing values."""
    minimum: StrictFloat | None = None
    """Smallest number admitted; for number scales."""
    maximum: StrictFloat | None = None
    """Largest number admitted; for number scales."""
    integer: StrictBool = False
    """Whether only whole numbers are admitted; for number scales."""
    unit: NonEmptyText | None = None
    """Unit of measurement, such as ``days``; for number scales."""

    @property
    def codes(self) -> tuple[int, ...]:
        """Codes of the options in file order, without the missing codes."""
        return tuple(self.options)

    @property
    def lowest(self) -> float | None:
        """Smallest answer possible: the lowest code of an ordinal scale, the minimum of a number scale."""
        return min(self.options) if self.kind == "ordinal" and self.options else self.minimum

    @property
    def highest(self) -> float | None:
        """Largest answer possible: the highest code of an ordinal scale, the maximum of a number scale."""
        return max(self.options) if self.kind == "ordinal" and self.options else self.maximum
