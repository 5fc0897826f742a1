"""What a report is made from: results of the earlier stages, gathered once and never recomputed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import Protocol

import pandas as pd

from surveysem.findings import Finding
from surveysem.inference.bootstrap import Bootstrap
from surveysem.instrument import Instrument
from surveysem.propositions import FitCriteria, Verdict
from surveysem.report.description import DescriptionContent
from surveysem.report.deviations import PreregistrationCheck
from surveysem.report.measurement_quality import MeasurementQuality, QualityCutoffs
from surveysem.report.moderation import ModerationContent
from surveysem.report.robustness import InfluenceContent, RobustnessContent


class FittedModel(Protocol):
    """Estimates of one model and how well it reproduces the data."""

    @property
    def estimates(self) -> pd.DataFrame:
        """One row per parameter, lavaan's columns, with standard errors and intervals of the standardised solution."""

    @property
    def fit_indices(self) -> Mapping[str, float]:
        """Fit indices under lavaan's keys."""

    @property
    def n_obs(self) -> int:
        """Number of observations analysed."""

    @property
    def estimator(self) -> str:
        """Name of the estimator, ``"ML"`` or ``"MLR"``."""

    @property
    def engine(self) -> str:
        """Name of the engine that minimised the discrepancy."""

    @property
    def converged(self) -> bool:
        """Whether the minimum was found."""

    @property
    def admissible(self) -> bool:
        """Whether all variances are positive and all covariance matrices positive definite."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the estimation noticed."""

    @property
    def r_squared(self) -> pd.Series:
        """Explained variance of each endogenous variable, indicators included."""

    @property
    def effect_sizes(self) -> Mapping[tuple[str, str], float]:
        """Cohen's f² by outcome and predictor; a product of latent variables is written ``x:z``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportContent:
    """Everything a report says, as the earlier stages computed it.

    Parameters
    ----------
    title, study_id : str
        Title of the report and name of the study.
    instrument : Instrument
        The questionnaire, for the wording of items and the sources of constructs.
    labels : mapping of str to str
        Reader's name of each latent variable.
    simulated : bool
        Whether the answers come from a simulation.
    simulated_note, population_note : str
        How they were simulated and from which population; empty for real data.
    source : str
        Where the answers were read from; a report shows the file's name alone.
    n_read, n_analysed : int
        Respondents read and analysed.
    flow : pandas.DataFrame
        Screening flow: ``step``, ``rule``, ``action``, ``n_affected``, ``n_remaining``.
    measurement, structural : FittedModel
        The two models.
    reliability : pandas.DataFrame
        Per latent variable: ``n_items``, ``alpha``, ``omega``, ``composite_reliability``,
        ``average_variance_extracted``.
    htmt, fornell_larcker : pandas.DataFrame
        Square, per latent variable; √AVE on the diagonal of the second and correlations below it.
    verdicts, extensions : tuple of Verdict
        Judgements on the propositions, and on hypotheses beyond them.
    effects : pandas.DataFrame
        Indirect effects: ``label``, ``estimate``, ``std_error``, ``ci_lower``, ``ci_upper``, ``p_value``,
        ``std_estimate``.
    fit_judgement, findings : tuple of Finding
        What the cut-offs say about fit, and everything else noticed on the way.
    agreement : str
        One sentence on the agreement of two engines; may be empty.
    software, settings : mapping of str to str
        Versions, and the options of the analysis.
    fit_criteria : FitCriteria
        The cut-offs the study declares.
    generated : str
        Date in ISO 8601.
    fingerprint : str
        Hash of the study file, which holds the decision rules.
    structural_linear : FittedModel or None
        The structural model without its latent products, whose fit is judged where the full model has no chi-square.
    moderation : ModerationContent or None
        Method, tests and probing of the latent interactions.
    methods : pandas.DataFrame or None
        The latent interactions by all methods: hypothesis, outcome, predictor, moderator, method, estimate, std_error,
        beta, beta_std_error, z, p_value, ci_lower, ci_upper, n_obs, admissible, seconds, problem.
    description : DescriptionContent or None
        The answers: respondents, missing ones, distributions.
    robustness : RobustnessContent or None
        The study in every combination of defensible choices.
    influence : InfluenceContent or None
        Respondents and clusters on which the estimates rest.
    measurement_quality : MeasurementQuality or None
        Checks of measurement.
    bundle : str
        Name of the bundle beside the report, from which the results can be computed again; empty without one.
    preregistration : PreregistrationCheck or None
        The analysis held against its preregistration.
    bootstrap : Bootstrap or None
        Of the structural model; where there is one, paths and effects have its intervals and p.
    decomposition : pandas.DataFrame or None
        Direct, indirect and total effects, as of :func:`surveysem.effects`; None where their sum has no limit.
    variance_inflation : Mapping of (str, str) to float, or None
        Variance inflation factor of each predictor, by outcome and predictor.
    rivals : pandas.DataFrame or None
        The study's model and its rivals, as of :func:`surveysem.compare_rivals`, with aic_behind and bic_behind: what
        each model's criterion is above that of the study's.
    rival_findings : tuple of Finding
        What was noticed about the rivals.
    effects_note : str
        Why there is no decomposition of effects; empty where there is one.
    residuals : mapping of str to pandas.DataFrame
        Residual correlations of the ``measurement`` and the ``structural`` model, the farthest from zero first: first,
        second, residual.
    data_hash : str
        SHA-256 of the analysed answers, whatever the order of their rows; that of a bundle.
    left_out : tuple of str
        Sentences on what the model was fitted without, because the answers do not measure it.
    """

    title: str
    study_id: str
    instrument: Instrument
    labels: Mapping[str, str]
    simulated: bool
    simulated_note: str
    population_note: str
    source: str
    n_read: int
    n_analysed: int
    flow: pd.DataFrame
    measurement: FittedModel
    structural: FittedModel
    reliability: pd.DataFrame
    htmt: pd.DataFrame
    fornell_larcker: pd.DataFrame
    verdicts: tuple[Verdict, ...]
    extensions: tuple[Verdict, ...]
    effects: pd.DataFrame
    fit_judgement: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    agreement: str
    software: Mapping[str, str]
    settings: Mapping[str, str]
    fit_criteria: FitCriteria
    generated: str
    fingerprint: str
    structural_linear: FittedModel | None = None
    moderation: ModerationContent | None = None
    methods: pd.DataFrame | None = None
    description: DescriptionContent | None = None
    measurement_quality: MeasurementQuality | None = None
    robustness: RobustnessContent | None = None
    influence: InfluenceContent | None = None
    bundle: str = ""
    preregistration: PreregistrationCheck | None = None
    bootstrap: Bootstrap | None = None
    decomposition: pd.DataFrame | None = None
    variance_inflation: Mapping[tuple[str, str], float] | None = None
    rivals: pd.DataFrame | None = None
    rival_findings: tuple[Finding, ...] = ()
    effects_note: str = ""
    residuals: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    data_hash: str = ""
    left_out: tuple[str, ...] = ()

    def label(self, latent_variable: str) -> str:
        """Reader's name of a latent variable; its id where the study declares none."""
        return self.labels.get(latent_variable, latent_variable)

    def in_english(self, text: Mapping[str, str]) -> str:
        """A text of the instrument in English, or in its default language where it is not translated."""
        return text["en"] if "en" in text else text[self.instrument.default_language]

    @property
    def quality_cutoffs(self) -> QualityCutoffs:
        """What coefficients of measurement are held against."""
        return QualityCutoffs() if self.measurement_quality is None else self.measurement_quality.cutoffs

    @property
    def source_name(self) -> str:
        """Name of the file the answers came from, without the folders it lies in.

        Examples
        --------
        >>> file_name("/home/ana/answers.csv"), file_name(r"C:\\data\\answers.csv"), file_name("a data frame")
        ('answers.csv', 'answers.csv', 'a data frame')
        """
        return file_name(self.source)

    @property
    def poor_fit(self) -> bool:
        """Whether the declared cut-offs speak against the fit of a model."""
        return any(finding.severity != "note" for finding in self.fit_judgement)


def file_name(source: str) -> str:
    """Last part of a path written on any system."""
    return PureWindowsPath(PurePosixPath(source).name).name or source
