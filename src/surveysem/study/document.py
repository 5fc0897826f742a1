"""The schema of a study file: what may stand in models/*.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from surveysem.data.imports.settings import ToolName
from surveysem.data.screening import ScreeningAction
from surveysem.inference.bootstrap_intervals import Confidence
from surveysem.instrument.values import Identifier, LocalizedText, NonEmptyText, Part
from surveysem.modelling.latent_moderation import InteractionMethod
from surveysem.modelling.product_indicator import Centering
from surveysem.specification import Pairs
from surveysem.study.proposition_document import DecisionEntry, PropositionEntry
from surveysem.study.quality.document import MeasurementQualityEntry
from surveysem.typing import EstimatorName, MissingTreatment

Coefficient = Annotated[float, Field(gt=-1, lt=1)]


class LatentVariableEntry(Part):
    """A latent variable of the model."""

    id: Identifier
    """Construct of the instrument it stands for, and its name in the model."""
    indicators: tuple[Identifier, ...] = ()
    """Items that measure it, the first of which sets the scale; all items of the construct if left out."""


class PathEntry(Part):
    """A directed effect."""

    id: Identifier
    """Name of the parameter, as propositions and effects refer to it."""
    predictor: Identifier
    """Latent variable the arrow comes from."""
    outcome: Identifier
    """Latent variable the arrow points to."""


class ModerationEntry(Part):
    """A latent interaction."""

    id: Identifier
    """Name of the parameter."""
    predictor: Identifier
    """Latent variable whose effect is moderated."""
    moderator: Identifier
    """Latent variable that moderates it."""
    outcome: Identifier
    """Latent variable on which the effect falls."""
    pairs: Pairs = "all"
    """Product indicators: every item with every other, or matched one to one."""


class IndirectEffectEntry(Part):
    """A product of paths that follow one another."""

    id: Identifier
    """Name of the quantity."""
    title: LocalizedText
    """What it says, per language."""
    through: Annotated[tuple[Identifier, ...], Field(min_length=2)]
    """Ids of the paths, each beginning where the one before ends."""


class RivalPathEntry(Part):
    """A path that a rival model adds."""

    id: Identifier
    """Name of the parameter."""
    predictor: Identifier
    """Latent variable the arrow comes from."""
    outcome: Identifier
    """Latent variable the arrow points to."""


class RivalModelEntry(Part):
    """A rival of the study's model: the same measures, other effects."""

    id: Identifier
    """Name in tables and results."""
    title: LocalizedText
    """What the rival claims, per language."""
    full_mediation: tuple[Identifier, ...] = ()
    """Ids of indirect effects that are to be all there is: paths that pass over one of their mediators are left out,
    and the moderation of these paths too."""
    drop_paths: tuple[Identifier, ...] = ()
    """Ids of paths that are left out: fixed to 0."""
    drop_moderation: tuple[Identifier, ...] = ()
    """Ids of latent interactions that are left out."""
    add_paths: tuple[RivalPathEntry, ...] = ()
    """Paths the study's model does not have."""
    hold_equal: tuple[Annotated[tuple[Identifier, ...], Field(min_length=2)], ...] = ()
    """Sets of ids of paths and moderations whose unstandardised effects are equal."""


class FitCriteriaEntry(Part):
    """Cut-offs a model should meet (Hu & Bentler 1999)."""

    cfi: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Lowest acceptable comparative fit index."""
    tli: Annotated[float, Field(gt=0, le=1)] = 0.95
    """Lowest acceptable Tucker–Lewis index."""
    rmsea: Annotated[float, Field(gt=0, lt=1)] = 0.06
    """Highest acceptable root mean square error of approximation."""
    srmr: Annotated[float, Field(gt=0, lt=1)] = 0.08
    """Highest acceptable standardised root mean square residual."""


class AnalysisEntry(Part):
    """How the study is analysed unless the researcher says otherwise."""

    estimator: EstimatorName | Literal["auto"] = "MLR"
    """Estimator of standard errors and of the test statistic; `auto` for the one that the answers call for."""
    missing: MissingTreatment = "fiml"
    """Treatment of missing answers; if left out, `listwise` with product indicators and estimators but ML and MLR."""
    interaction: InteractionMethod = "product_indicator"
    """Method of latent moderation: products of indicators, or the likelihood of LMS or QML."""
    centering: Centering = "double"
    """How product indicators are made; `lms` and `qml` need none."""
    ordered: bool | tuple[Identifier, ...] = False
    """Whether answers to all items, or to those named, are ordered categories; with least squares such as WLSMV."""
    cluster: NonEmptyText | None = None
    """Column whose values part respondents into clusters, such as `influencer_id`; standard errors allow for them."""
    compare_interactions: bool = False
    """Whether the report compares all methods of latent moderation."""
    bootstrap: Annotated[int, Field(ge=0)] = 0
    """Replicates of the bootstrap behind intervals and p of paths and effects; 0 for none."""
    seed: Annotated[int, Field(ge=0)] = 1
    """Seed of the bootstrap; the same seed gives the same numbers."""
    confidence: Confidence = "percentile"
    """Kind of bootstrap interval."""


class ScreeningEntry(Part):
    """Which respondents are left out."""

    eligibility: ScreeningAction = "exclude"
    """Respondents whom a screening question rules out."""
    duplicate_ids: ScreeningAction = "exclude"
    """Rows that repeat a respondent's id."""
    id_column: NonEmptyText | None = None
    """Column that identifies respondents."""
    duplicate_rows: ScreeningAction = "off"
    """Rows that repeat all answers of another."""
    attention_checks: ScreeningAction = "exclude"
    """Respondents who fail attention checks."""
    max_failed_attention_checks: Annotated[int, Field(ge=0)] = 0
    """Failed attention checks that are tolerated."""
    completion_time: ScreeningAction = "off"
    """Respondents who took less time than `minimum_seconds` or `minimum_seconds_per_item`."""
    time_column: NonEmptyText | None = None
    """Column with the seconds a respondent took."""
    minimum_seconds: Annotated[float, Field(gt=0)] | None = None
    """Shortest time for the questionnaire, in seconds."""
    minimum_seconds_per_item: Annotated[float, Field(gt=0)] | None = None
    """Shortest time for each item answered, in seconds."""
    straight_lining: ScreeningAction = "off"
    """Respondents who give one answer many times running."""
    longest_run: Annotated[int, Field(ge=2)] | None = None
    """Equal answers in a row that count as straight-lining."""
    low_variability: ScreeningAction = "off"
    """Respondents whose answers hardly vary (intra-individual response variability)."""
    minimum_variability: Annotated[float, Field(gt=0)] | None = None
    """Lowest standard deviation of one respondent's answers, in points of the scale."""
    missing_answers: ScreeningAction = "off"
    """Respondents who left many items unanswered."""
    maximum_missing: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Largest share of items left unanswered."""
    mahalanobis: ScreeningAction = "off"
    """Respondents far from the middle of the sample (Mahalanobis distance)."""
    mahalanobis_p: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Lowest p of the squared distance under chi-square, such as 0.001."""
    even_odd: ScreeningAction = "off"
    """Respondents whose answers to the two halves of constructs disagree (even-odd consistency)."""
    minimum_even_odd: Annotated[float, Field(ge=-1, le=1)] | None = None
    """Lowest even-odd consistency, stepped up by the Spearman-Brown formula."""
    synonyms: ScreeningAction = "off"
    """Respondents who answer psychometric synonyms differently."""
    minimum_synonyms: Annotated[float, Field(ge=-1, le=1)] | None = None
    """Lowest correlation within a respondent over pairs of synonyms."""
    synonym_correlation: Annotated[float, Field(gt=0, lt=1)] = 0.6
    """Items whose correlation in the sample exceeds it are synonyms."""
    antonyms: ScreeningAction = "off"
    """Respondents who answer psychometric antonyms alike."""
    maximum_antonyms: Annotated[float, Field(ge=-1, le=1)] | None = None
    """Highest correlation within a respondent over pairs of antonyms."""
    antonym_correlation: Annotated[float, Field(gt=-1, lt=0)] = -0.6
    """Items whose correlation in the sample lies below it are antonyms."""
    incomplete: ScreeningAction = "flag"
    """Rows that lack an answer to an item; what is flagged is left to the treatment of missing answers."""


class ImportEntry(Part):
    """How exported answers are read, where it is not to be detected."""

    format: ToolName | None = None
    """Survey tool that wrote the export; `plain` for none of them."""
    sheet: NonEmptyText | None = None
    """Sheet of a workbook."""
    encoding: NonEmptyText | None = None
    """Character encoding of a text file, such as `cp1252`."""
    columns: Mapping[Identifier, NonEmptyText] = Field(default_factory=dict)
    """Header of the column that answers a question, by id of the question."""
    missing: tuple[float | NonEmptyText, ...] = ()
    """Cells that stand for no answer in every question, such as 999 or "N/A"."""
    answers: Mapping[Identifier, Mapping[NonEmptyText, int]] = Field(default_factory=dict)
    """Code of each text that is no label of the instrument, by id of the response scale."""


class ScreeningVariantEntry(Part):
    """Another screening, to see whether verdicts depend on whom it leaves out."""

    id: Identifier
    """Name of the screening."""
    keep_careless: bool = False
    """Rules on attention checks and careless responding flag instead of leaving out."""
    rules: ScreeningEntry | None = None
    """Keys of `screening` that differ; those not written stay as the study has them."""


class ParcelEntry(Part):
    """Items whose mean stands for them."""

    id: Identifier
    """Name of the parcel."""
    latent_variable: Identifier
    """Latent variable that its parcels measure instead of all its items."""
    items: Annotated[tuple[Identifier, ...], Field(min_length=2)]
    """Items whose mean is taken."""


class MeasurementVariantEntry(Part):
    """Another measurement of the same latent variables."""

    id: Identifier
    """Name of the measurement."""
    drop: tuple[Identifier, ...] = ()
    """Items left out."""
    indicators: Mapping[Identifier, Annotated[tuple[Identifier, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    """Items that measure a latent variable instead, by its id."""
    parcels: tuple[ParcelEntry, ...] = ()
    """Means of items that measure a latent variable instead."""


class RobustnessEntry(Part):
    """Other defensible ways to analyse the same answers, all of them combined with each other."""

    estimators: tuple[EstimatorName, ...] = ()
    """Estimators besides the one of `analysis`."""
    missing: tuple[MissingTreatment, ...] = ()
    """Treatments of missing answers besides the one of `analysis`."""
    interactions: tuple[InteractionMethod, ...] = ()
    """Methods of latent moderation besides the one of `analysis`."""
    centerings: tuple[Centering, ...] = ()
    """Ways to make product indicators besides the one of `analysis`."""
    screening: tuple[ScreeningVariantEntry, ...] = ()
    """Screenings besides the one of `screening`."""
    measurement: tuple[MeasurementVariantEntry, ...] = ()
    """Measurements besides the one of `latent_variables`."""
    max_specifications: Annotated[int, Field(ge=1)] = 200
    """Most combinations that are fitted; more are refused."""
    clusters: NonEmptyText | None = None
    """Column whose values group respondents, such as `influencer_id`: each group is left out in turn."""
    always: bool = True
    """Whether every analysis of the study includes it; otherwise those that ask for it."""


class CorrelationEntry(Part):
    """A correlation in the population."""

    between: tuple[Identifier, Identifier]
    """Two exogenous latent variables."""
    value: Coefficient
    """Their correlation."""


class PopulationEntry(Part):
    """Stated population values that answers can be simulated from; all standardised."""

    note: NonEmptyText
    """Where the values come from."""
    effects: Mapping[Identifier, Coefficient]
    """Coefficient of each path and moderation, by id."""
    loading: Annotated[float, Field(gt=0, lt=1)]
    """Loading of every item that has none of its own."""
    loadings: Mapping[Identifier, Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    """Loadings of single items."""
    correlation: Coefficient = 0.0
    """Correlation of every pair of exogenous latent variables that has none of its own."""
    correlations: tuple[CorrelationEntry, ...] = ()
    """Correlations of single pairs."""


class StudyDocument(Part):
    """A study file: questionnaire, model, propositions and the rules that decide them."""

    id: Identifier
    """Name of the study."""
    title: LocalizedText
    """Title, per language."""
    description: LocalizedText | None = None
    """What the study is about, per language."""
    sources: tuple[Identifier, ...] = ()
    """Reference keys of the works the study tests."""
    instrument: NonEmptyText
    """Bundled name or path of the instrument."""
    data: Literal["political_democracy"] | None = None
    """Bundled data set; left out where the researcher brings the data."""
    data_note: LocalizedText | None = None
    """Where data for the study come from, per language."""
    latent_variables: Annotated[tuple[LatentVariableEntry, ...], Field(min_length=1)]
    """Measurement model."""
    residual_covariances: tuple[tuple[Identifier, Identifier], ...] = ()
    """Pairs of items or outcomes whose residuals covary beyond the defaults."""
    paths: tuple[PathEntry, ...] = ()
    """Structural model."""
    moderation: tuple[ModerationEntry, ...] = ()
    """Latent interactions."""
    indirect_effects: tuple[IndirectEffectEntry, ...] = ()
    """Products of paths, reported beside the propositions."""
    rival_models: tuple[RivalModelEntry, ...] = ()
    """Other models of the same answers that the study's model is compared with."""
    propositions: Annotated[tuple[PropositionEntry, ...], Field(min_length=1)]
    """What is put to the test."""
    extensions: tuple[PropositionEntry, ...] = ()
    """Hypotheses beyond the framework, judged apart and never counted among the propositions."""
    decision: DecisionEntry = DecisionEntry()
    """How estimates become verdicts."""
    fit_criteria: FitCriteriaEntry = FitCriteriaEntry()
    """Cut-offs for model fit."""
    analysis: AnalysisEntry = AnalysisEntry()
    """How the study is analysed."""
    measurement_quality: MeasurementQualityEntry = MeasurementQualityEntry()
    """Checks of measurement beyond those every report has."""
    screening: ScreeningEntry = ScreeningEntry()
    """Rules that leave respondents out or flag them."""
    import_: Annotated[ImportEntry, Field(alias="import")] = ImportEntry()
    """How exported answers are read."""
    robustness: RobustnessEntry | None = None
    """Other ways to analyse the same answers, declared to see how far verdicts depend on the choice."""
    population: PopulationEntry | None = None
    """Values to simulate answers from."""
