"""surveysem: from a questionnaire to a defensible verdict.

>>> import surveysem as ss
>>> study = ss.load_study("political_democracy")
>>> result = ss.fit_study(study, study.bundled_data())
>>> round(float(result.verdicts.loc["D1", "estimate"]), 3)
1.483
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from surveysem.data import ScreeningRules as ScreeningRules
    from surveysem.data import write_responses as write_responses
    from surveysem.data import write_table as write_table
    from surveysem.data.careless import careless_indices as careless_indices
    from surveysem.data.clustering import intraclass_correlations as intraclass_correlations
    from surveysem.data.descriptives import item_descriptives as item_descriptives
    from surveysem.data.missingness import missingness as missingness
    from surveysem.data.network_relevance import network_relevance as network_relevance
    from surveysem.data.normality import mardia_test as mardia_test
    from surveysem.data.simulation import SimulationOptions as SimulationOptions
    from surveysem.data.simulation import simulation_options as simulation_options
    from surveysem.errors import SurveySEMError as SurveySEMError
    from surveysem.inference import Fit as Fit
    from surveysem.inference import compare as compare
    from surveysem.inference import factor_scores as factor_scores
    from surveysem.inference import fornell_larcker as fornell_larcker
    from surveysem.inference import htmt as htmt
    from surveysem.inference import reliability as reliability
    from surveysem.inference import wald_test as wald_test
    from surveysem.inference.measurement import cross_loadings as cross_loadings
    from surveysem.inference.measurement import factor_correlations as factor_correlations
    from surveysem.inference.measurement import htmt_intervals as htmt_intervals
    from surveysem.inference.measurement import omega_hierarchical as omega_hierarchical
    from surveysem.inference.measurement import reliability_coefficients as reliability_coefficients
    from surveysem.inference.probing import conditional_indirect as conditional_indirect
    from surveysem.inference.probing import johnson_neyman as johnson_neyman
    from surveysem.inference.probing import moderation_effects as moderation_effects
    from surveysem.inference.probing import predicted_values as predicted_values
    from surveysem.inference.probing import simple_slopes as simple_slopes
    from surveysem.instrument import Instrument as Instrument
    from surveysem.instrument import read_instrument as read_instrument
    from surveysem.instrument.export.exporting import export_survey as export_survey
    from surveysem.modelling import cfa as cfa
    from surveysem.modelling import measurement_invariance as measurement_invariance
    from surveysem.modelling import sem as sem
    from surveysem.modelling.advice import advise_estimator as advise_estimator
    from surveysem.modelling.exploratory import efa as efa
    from surveysem.modelling.group_moderation import group_moderation as group_moderation
    from surveysem.modelling.imputation import fit_imputed as fit_imputed
    from surveysem.modelling.latent_means import latent_means as latent_means
    from surveysem.modelling.longitudinal_invariance import longitudinal_invariance as longitudinal_invariance
    from surveysem.modelling.median_split import median_split as median_split
    from surveysem.modelling.moderated_regression import moderated_regression as moderated_regression
    from surveysem.modelling.parallel_analysis import parallel_analysis as parallel_analysis
    from surveysem.planning.expected import ExpectedPower as ExpectedPower
    from surveysem.planning.power import power as power
    from surveysem.planning.result import Power as Power
    from surveysem.planning.rmsea_power import rmsea_power as rmsea_power
    from surveysem.planning.rmsea_power import rmsea_sample_size as rmsea_sample_size
    from surveysem.report.codebook import codebook as codebook
    from surveysem.report.figures.correlation_map import plot_correlations as plot_correlations
    from surveysem.report.figures.interactions import plot_conditional_indirect as plot_conditional_indirect
    from surveysem.report.figures.interactions import plot_interaction_surface as plot_interaction_surface
    from surveysem.report.figures.interactions import plot_johnson_neyman as plot_johnson_neyman
    from surveysem.report.figures.interactions import plot_simple_slopes as plot_simple_slopes
    from surveysem.report.figures.item_distributions import plot_items as plot_items
    from surveysem.report.figures.missing_pattern import plot_missingness as plot_missingness
    from surveysem.report.figures.scree_plot import plot_scree as plot_scree
    from surveysem.study import Study as Study
    from surveysem.study import StudyResult as StudyResult
    from surveysem.study import fit_study as fit_study
    from surveysem.study import load_study as load_study
    from surveysem.study import model_frame as model_frame
    from surveysem.study import read_responses as read_responses
    from surveysem.study import response_simulator as response_simulator
    from surveysem.study import simulate_responses as simulate_responses
    from surveysem.study.bundles.reproduction import Reproduction as Reproduction
    from surveysem.study.bundles.reproduction import replicate as replicate
    from surveysem.study.combining.combination import CombinedResult as CombinedResult
    from surveysem.study.combining.combination import combine as combine
    from surveysem.study.effects import effects as effects
    from surveysem.study.measurement import common_method_bias as common_method_bias
    from surveysem.study.measurement import compare_measurement as compare_measurement
    from surveysem.study.measurement import discriminant_validity as discriminant_validity
    from surveysem.study.measurement import item_deletion as item_deletion
    from surveysem.study.measurement import scores as scores
    from surveysem.study.moderation.methods import compare_moderation as compare_moderation
    from surveysem.study.moderation.regression import moderated_regression_of as moderated_regression_of
    from surveysem.study.registration.preregistration import Preregistration as Preregistration
    from surveysem.study.registration.preregistration import preregister as preregister
    from surveysem.study.registration.preregistration import read_preregistration as read_preregistration
    from surveysem.study.rivals.comparison import compare_rivals as compare_rivals
    from surveysem.study.robustness.influence import Influence as Influence
    from surveysem.study.robustness.influence import influence as influence
    from surveysem.study.robustness.multiverse import Multiverse as Multiverse
    from surveysem.study.robustness.multiverse import multiverse as multiverse
    from surveysem.study.robustness.plan import MeasurementVariant as MeasurementVariant
    from surveysem.study.screening_sensitivity import compare_screening as compare_screening

try:
    __version__ = version("surveysem")
except PackageNotFoundError:  # run from a source tree that was not installed
    __version__ = "0+unknown"

_ROOMS = {
    "data.careless.overview": ("careless_indices",),
    "data.clustering": ("intraclass_correlations",),
    "data.descriptives": ("item_descriptives",),
    "data.imports.responses": ("write_responses",),
    "data.imports.writing": ("write_table",),
    "data.missingness": ("missingness",),
    "data.network_relevance": ("network_relevance",),
    "data.normality": ("mardia_test",),
    "data.screening_rules": ("ScreeningRules",),
    "data.simulation.options": ("SimulationOptions", "simulation_options"),
    "errors": ("SurveySEMError",),
    "inference.comparison": ("compare",),
    "inference.fit": ("Fit",),
    "inference.probing.conditional_indirect": ("conditional_indirect",),
    "inference.probing.johnson_neyman": ("johnson_neyman",),
    "inference.probing.moderation_effects": ("moderation_effects",),
    "inference.probing.predicted": ("predicted_values",),
    "inference.probing.simple_slopes": ("simple_slopes",),
    "inference.questions": ("fornell_larcker", "htmt", "reliability"),
    "inference.scores": ("factor_scores",),
    "inference.wald": ("wald_test",),
    "instrument.export.exporting": ("export_survey",),
    "instrument.instrument": ("Instrument",),
    "instrument.reading": ("read_instrument",),
    "modelling.advice": ("advise_estimator",),
    "modelling.group_moderation": ("group_moderation",),
    "modelling.imputation": ("fit_imputed",),
    "modelling.invariance": ("measurement_invariance",),
    "modelling.latent_means": ("latent_means",),
    "modelling.longitudinal_invariance": ("longitudinal_invariance",),
    "modelling.median_split": ("median_split",),
    "modelling.moderated_regression": ("moderated_regression",),
    "modelling.sem": ("cfa", "sem"),
    "planning.expected": ("ExpectedPower",),
    "planning.power": ("power",),
    "planning.result": ("Power",),
    "planning.rmsea_power": ("rmsea_power", "rmsea_sample_size"),
    "report.codebook": ("codebook",),
    "report.figures.correlation_map": ("plot_correlations",),
    "report.figures.item_distributions": ("plot_items",),
    "report.figures.missing_pattern": ("plot_missingness",),
    "report.figures.moderator_curve": ("plot_conditional_indirect", "plot_johnson_neyman"),
    "report.figures.simple_slopes": ("plot_simple_slopes",),
    "report.figures.surface": ("plot_interaction_surface",),
    "study.effects": ("effects",),
    "study.fitting": ("fit_study",),
    "study.robustness.influence": ("Influence", "influence"),
    "study.moderation.regression": ("moderated_regression_of",),
    "study.moderation.methods": ("compare_moderation",),
    "study.robustness.multiverse": ("Multiverse", "multiverse"),
    "study.robustness.plan": ("MeasurementVariant",),
    "study.combining.combination": ("CombinedResult", "combine"),
    "study.registration.preregistration": ("Preregistration", "preregister", "read_preregistration"),
    "study.read": ("load_study",),
    "study.bundles.reproduction": ("Reproduction", "replicate"),
    "study.responses": ("model_frame", "read_responses", "response_simulator", "simulate_responses"),
    "study.result": ("StudyResult",),
    "study.rivals.comparison": ("compare_rivals",),
    "study.screening_sensitivity": ("compare_screening",),
    "study.study": ("Study",),
    "inference.measurement": (
        "cross_loadings",
        "factor_correlations",
        "htmt_intervals",
        "omega_hierarchical",
        "reliability_coefficients",
    ),
    "modelling.exploratory": ("efa",),
    "modelling.parallel_analysis": ("parallel_analysis",),
    "report.figures.scree_plot": ("plot_scree",),
    "study.measurement": (
        "common_method_bias",
        "compare_measurement",
        "discriminant_validity",
        "item_deletion",
        "scores",
    ),
}
"""Public names by the module that defines them, which is loaded when one of them is first asked for."""

_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}
__all__ = [
    "CombinedResult",
    "ExpectedPower",
    "Fit",
    "Influence",
    "Instrument",
    "MeasurementVariant",
    "Multiverse",
    "Power",
    "Preregistration",
    "Reproduction",
    "ScreeningRules",
    "SimulationOptions",
    "Study",
    "StudyResult",
    "SurveySEMError",
    "advise_estimator",
    "careless_indices",
    "cfa",
    "codebook",
    "combine",
    "common_method_bias",
    "compare",
    "compare_measurement",
    "compare_moderation",
    "compare_rivals",
    "compare_screening",
    "conditional_indirect",
    "cross_loadings",
    "discriminant_validity",
    "efa",
    "effects",
    "export_survey",
    "factor_correlations",
    "factor_scores",
    "fit_imputed",
    "fit_study",
    "fornell_larcker",
    "group_moderation",
    "htmt",
    "htmt_intervals",
    "influence",
    "intraclass_correlations",
    "item_deletion",
    "item_descriptives",
    "johnson_neyman",
    "latent_means",
    "load_study",
    "longitudinal_invariance",
    "mardia_test",
    "measurement_invariance",
    "median_split",
    "missingness",
    "model_frame",
    "moderated_regression",
    "moderated_regression_of",
    "moderation_effects",
    "multiverse",
    "network_relevance",
    "omega_hierarchical",
    "parallel_analysis",
    "plot_conditional_indirect",
    "plot_correlations",
    "plot_interaction_surface",
    "plot_items",
    "plot_johnson_neyman",
    "plot_missingness",
    "plot_scree",
    "plot_simple_slopes",
    "power",
    "predicted_values",
    "preregister",
    "read_instrument",
    "read_preregistration",
    "read_responses",
    "reliability",
    "reliability_coefficients",
    "replicate",
    "response_simulator",
    "rmsea_power",
    "rmsea_sample_size",
    "scores",
    "sem",
    "simple_slopes",
    "simulate_responses",
    "simulation_options",
    "wald_test",
    "write_responses",
    "write_table",
]


def __getattr__(name: str) -> object:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'surveysem' has no attribute {name!r}")
    value: object = getattr(import_module(f"surveysem.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
