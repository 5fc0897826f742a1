"""Findings: what a stage noticed and a reader must be told, kept on the result and shown in the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Severity: TypeAlias = Literal["note", "warning", "serious"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something noticed on the way that a reader of the result must know.

    Parameters
    ----------
    severity : {"note", "warning", "serious"}
        ``serious`` findings put the verdicts that rest on them in doubt.
    where : str
        The thing concerned: a model, a variable, a stage.
    message : str
        One or two sentences, fit to be printed.
    """

    severity: Severity
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.message}"
