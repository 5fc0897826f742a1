"""What a report on several studies is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Literal

from surveysem.findings import Finding
from surveysem.inference.meta_analysis import PooledEffect
from surveysem.propositions import Verdict


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One study's effect and what it adds to the pooled one.

    Parameters
    ----------
    study : str
        Its name.
    n : float
        Respondents; NaN where it does not tell.
    estimate, std_error, ci_lower, ci_upper : float
        Effect, with its normal interval.
    weight : float
        Share of the pooled effect; NaN where nothing is pooled.
    """

    study: str
    n: float
    estimate: float
    std_error: float
    ci_lower: float
    ci_upper: float
    weight: float


@dataclass(frozen=True, kw_only=True, eq=False)
class CombinationContent:
    """Evidence across studies, as it was computed.

    Parameters
    ----------
    title : str
        Of the study whose propositions are judged.
    study_id, fingerprint : str
        Its name, and the hash of its files, which hold the rules.
    labels : Mapping of str to str
        Readers' names of the latent variables.
    symbol : {"β", "b"}
        Of the effects pooled.
    heterogeneity, interval : str
        Estimator of τ² and kind of interval.
    studies : Mapping of str to float
        Respondents by name of the study; NaN where unknown.
    simulated : bool
        Whether any study is of simulated answers.
    verdicts, extensions : tuple of Verdict
        On pooled evidence.
    pooled : Mapping of str to PooledEffect
        By proposition.
    contributions : Mapping of str to tuple of Contribution
        By proposition.
    findings : tuple of Finding
        What a reader must know.
    generated : str
        Date in ISO 8601.
    software : str
        Version of the software.
    """

    title: str
    study_id: str
    fingerprint: str
    labels: Mapping[str, str]
    symbol: Literal["β", "b"]
    heterogeneity: str
    interval: str
    studies: Mapping[str, float]
    simulated: bool
    verdicts: tuple[Verdict, ...]
    extensions: tuple[Verdict, ...]
    pooled: Mapping[str, PooledEffect]
    contributions: Mapping[str, tuple[Contribution, ...]]
    findings: tuple[Finding, ...]
    generated: str
    software: str

    def label(self, latent_variable: str) -> str:
        """Reader's name of a latent variable."""
        return self.labels.get(latent_variable, latent_variable)

    def n(self, proposition: str) -> float:
        """Respondents of all studies pooled for a proposition; NaN where one does not tell."""
        return sum((each.n for each in self.contributions.get(proposition, ())), 0.0) or nan
