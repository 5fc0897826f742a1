"""What a researcher declares about an export: its tool, its sheet, its columns and its ways of saying nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

from surveysem.errors import Problem, UnsupportedError

ToolName: TypeAlias = Literal[
    "plain", "qualtrics", "limesurvey", "redcap", "kobotoolbox", "odk", "google_forms", "microsoft_forms"
]
TOOL_NAMES: tuple[str, ...] = get_args(ToolName)


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_answers() -> Mapping[str, Mapping[str, int]]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class ImportSettings:
    """Declarations about an export; what is not declared is detected and reported.

    Parameters
    ----------
    format : str or None
        Survey tool that wrote the export (``"plain"``: none of them); detected by its marks if None.
    sheet : str or None
        Sheet of a workbook; may be left out where one sheet alone has content.
    encoding : str or None
        Character encoding of a text file, such as ``"cp1252"``; detected if None.
    columns : Mapping of str to str
        Header of the column that holds the answers, by id of the question.
    missing : tuple of float or str
        Cells that stand for no answer, in every question: numbers such as 999, or texts such as ``"N/A"``.
    answers : Mapping of str to Mapping of str to int
        Code of each text that is no label of the questionnaire, by id of the response scale.

    Raises
    ------
    UnsupportedError
        When *format* is not among those known, or *missing* holds what is neither a number nor a text.

    Examples
    --------
    >>> ImportSettings(columns={"cred_1": "Q5_1"}, missing=(999, "N/A")).columns["cred_1"]
    'Q5_1'
    """

    format: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=_nothing)
    missing: tuple[float | str, ...] = ()
    answers: Mapping[str, Mapping[str, int]] = field(default_factory=_no_answers)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))
        object.__setattr__(self, "answers", MappingProxyType(dict(self.answers)))
        if self.format is not None and self.format not in TOOL_NAMES:
            remedy = f"Choose one of: {', '.join(TOOL_NAMES)}; or leave it out to have the tool detected."
            raise UnsupportedError(
                "The format of the answers is not known.",
                [Problem(where="format", found=f"{self.format!r}", remedy=remedy)],
            )
        odd = [each for each in self.missing if isinstance(each, bool) or not isinstance(each, Real | str)]
        if odd:
            remedy = "Give numbers such as 999 or texts such as 'N/A'; empty cells are missing without being declared."
            raise UnsupportedError(
                "The cells that stand for no answer cannot be told.",
                [Problem(where="missing", found=repr(each), remedy=remedy) for each in odd],
            )
