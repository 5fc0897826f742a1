"""A study: questionnaire, model, propositions and the rules that decide them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Literal

import pandas as pd

from surveysem.data import ImportSettings, PopulationValues, ScreeningRules, read_political_democracy
from surveysem.errors import StudyError, UnsupportedError
from surveysem.instrument import Instrument
from surveysem.propositions import FitCriteria, Proposition
from surveysem.specification import (
    LatentVariable,
    ModelSpecification,
    ParameterTable,
    Statement,
    lavaan_syntax,
    measurement_statements,
    parameter_table,
    semopy_syntax,
    structural_statements,
)
from surveysem.study.document import AnalysisEntry
from surveysem.study.proposition_document import UnmeasuredTreatment
from surveysem.study.quality.document import MeasurementQualityEntry, MinimumQualityEntry
from surveysem.study.rivals.models import RivalModel
from surveysem.study.robustness.plan import RobustnessPlan

ModelName = Literal["structural", "measurement"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """Everything that is settled before data are read.

    Parameters
    ----------
    id, title, description : str
        Name, title and purpose.
    sources : tuple of str
        Reference keys of the works it tests.
    instrument : Instrument
        The questionnaire.
    specification : ModelSpecification
        The model.
    propositions : tuple of Proposition
        What is put to the test.
    extensions : tuple of Proposition
        Hypotheses beyond the framework, judged apart.
    effect_titles : Mapping of str to str
        What each indirect effect says, by its name in the model.
    analysis : AnalysisEntry
        Estimator, missing values and interaction method unless overridden.
    fit_criteria : FitCriteria
        Cut-offs for model fit.
    screening : ScreeningRules
        Which respondents are left out.
    imports : ImportSettings
        How exported answers are read, where it is declared.
    population : PopulationValues or None
        Values to simulate answers from.
    population_note : str
        Where they come from.
    bundled_data_name : str
        Data set that comes with the study; empty if none does.
    data_note : str
        Where data for the study come from.
    fingerprint : str
        SHA-256 of the study and instrument files, which hold the rules.
    files : Mapping of str to str
        Text of these files, ``study.yaml`` and ``instrument.yaml``, as they were read.
    titles : Mapping of str to str
        The title by language.
    measurement_quality : MeasurementQualityEntry
        Checks of measurement beyond those every report has.
    minimum_quality : MinimumQualityEntry or None
        Measurement below which a proposition is not judged.
    rival_models : tuple of RivalModel
        Models of the same answers that the study's model is compared with.
    robustness : RobustnessPlan or None
        Other ways to analyse the same answers, where the study declares them.
    unmeasured : {"refuse", "not_testable"}
        What becomes of constructs none of whose items are among the answers.
    not_measured : tuple of LatentVariable
        Latent variables that were left out for want of answers; their propositions are not testable.
    """

    id: str
    title: str
    description: str
    sources: tuple[str, ...]
    instrument: Instrument
    specification: ModelSpecification
    propositions: tuple[Proposition, ...]
    extensions: tuple[Proposition, ...]
    effect_titles: Mapping[str, str]
    analysis: AnalysisEntry
    fit_criteria: FitCriteria
    screening: ScreeningRules
    imports: ImportSettings
    population: PopulationValues | None
    population_note: str
    bundled_data_name: str
    data_note: str
    fingerprint: str
    files: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    measurement_quality: MeasurementQualityEntry = field(default_factory=MeasurementQualityEntry)
    minimum_quality: MinimumQualityEntry | None = None
    rival_models: tuple[RivalModel, ...] = ()
    robustness: RobustnessPlan | None = None
    unmeasured: UnmeasuredTreatment = "refuse"
    not_measured: tuple[LatentVariable, ...] = ()

    @property
    def labels(self) -> Mapping[str, str]:
        """Readers' names of the latent variables, in the instrument's first language."""
        language = self.instrument.default_language
        return {
            latent.name: self.instrument.construct(latent.construct).label[language]
            for latent in (*self.specification.latent_variables, *self.not_measured)
        }

    def statements(self, model: ModelName = "structural") -> tuple[Statement, ...]:
        """The model as written, before defaults: with its paths, or measurement alone."""
        if model == "structural":
            return structural_statements(self.specification)
        if model == "measurement":
            return measurement_statements(self.specification)
        raise UnsupportedError(f"There is no model {model!r}. Available: structural, measurement.")

    def parameter_table(self, model: ModelName = "structural") -> ParameterTable:
        """The model with lavaan's defaults added and free parameters numbered."""
        return parameter_table(self.statements(model))

    def model_syntax(self, dialect: str = "lavaan", *, model: ModelName = "structural") -> str:
        """The model as text for lavaan's ``sem()`` or for semopy.

        Parameters
        ----------
        dialect : {"lavaan", "semopy"}
            Whose syntax.
        model : {"structural", "measurement"}
            With the paths, or the confirmatory factor model.

        Notes
        -----
        Latent interactions are written with product indicators, columns that :meth:`model_frame` makes.

        Raises
        ------
        UnsupportedError
            For another dialect or model.

        Examples
        --------
        >>> import surveysem as ss
        >>> print(ss.load_study("political_democracy").model_syntax("lavaan").splitlines()[1])
        industrialization_1960 =~ x1 + x2 + x3
        """
        if dialect == "lavaan":
            return lavaan_syntax(self.statements(model))
        if dialect == "semopy":
            return semopy_syntax(self.parameter_table(model))
        raise UnsupportedError(f"There is no dialect {dialect!r}. Available: lavaan, semopy.")

    def bundled_data(self) -> pd.DataFrame:
        """The data set that comes with the study.

        Raises
        ------
        StudyError
            When none does; it says where data come from.
        """
        if self.bundled_data_name != "political_democracy":
            raise StudyError(f"The study {self.id} comes without data. {self.data_note}".strip())
        return read_political_democracy()

    def __repr__(self) -> str:
        return "\n".join([f"Study {self.id}: {self.title}", *(f"  {line}" for line in self._lines())])

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(line)}</li>" for line in self._lines())
        return f"<p><b>{escape(self.title)}</b> ({escape(self.id)})</p><ul>{items}</ul>"

    def _lines(self) -> list[str]:
        model = self.specification
        counts = f"{len(model.latent_variables)} latent variables, {len(model.indicators)} indicators, "
        counts += f"{len(model.paths)} paths, {len(model.interactions)} latent interactions"
        return [counts, *(f"{each.id}: {each.statement}" for each in self.propositions)]
