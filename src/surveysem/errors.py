"""The error tree: every error says where, what was found and what to do.

Readers of files collect every :class:`Problem` before raising, so that a researcher makes one trip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong with an input.

    Parameters
    ----------
    where : str
        Place a person can go to: file and line, row and column, or the name of an option.
    found : str
        What stands there.
    remedy : str
        What to do about it.

    Examples
    --------
    >>> print(Problem(where="answers.csv, row 3, column cred_1", found="9", remedy="Use a code from 1 to 7."))
    answers.csv, row 3, column cred_1: 9. Use a code from 1 to 7.
    """

    where: str
    found: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {_sentence(self.found)} {self.remedy}".rstrip()


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


class SurveySEMError(Exception):
    """Root of all errors this package raises on purpose.

    Parameters
    ----------
    message : str
        One sentence that names the input and what is wrong with it.
    problems : sequence of Problem
        Everything found wrong, in the order a person would repair it.
    """

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.message = message
        self.problems = tuple(problems)
        super().__init__(message)

    def __str__(self) -> str:
        lines = [f"  {number}. {problem}" for number, problem in enumerate(self.problems, start=1)]
        return "\n".join([self.message, *lines])

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the error alone, without the calls in between."""
        return f"{type(self).__name__}: {self}".splitlines()


class InputFileError(SurveySEMError):
    """A file that cannot be found, read or understood as text."""


class InstrumentError(SurveySEMError):
    """A questionnaire that is not valid."""


class StudyError(SurveySEMError):
    """A study file that is not valid, or a study asked for what it does not declare."""


class ModelSyntaxError(SurveySEMError):
    """A model that cannot be parsed."""


class IdentificationError(SurveySEMError):
    """A model whose parameters the data cannot determine."""


class DataError(SurveySEMError):
    """Answers that do not fit the questionnaire or cannot carry the model."""


class EstimationError(SurveySEMError):
    """An estimate that could not be obtained."""


class UnsupportedError(SurveySEMError):
    """A combination of options that is not offered; the message names those that are."""


class MissingIndexError(UnsupportedError, KeyError):
    """A fit index that a model does not have."""
