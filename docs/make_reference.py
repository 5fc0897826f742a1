"""Write the reference pages: every public name once, from its docstring.

Run it as: python docs/make_reference.py
"""

from __future__ import annotations

from pathlib import Path

import surveysem as ss

FOLDER = Path(__file__).parent / "reference"
PAGES = {
    "studies": (
        "Studies and results",
        "From a study file to verdicts.",
        "load_study Study fit_study StudyResult compare_moderation compare_rivals compare_screening "
        "moderated_regression_of scores replicate Reproduction SurveySEMError",
    ),
    "models": (
        "Models in lavaan's syntax",
        "A model on its own, as lavaan users know it; `fit_study` rests on these.",
        "sem cfa Fit compare wald_test factor_scores fit_imputed advise_estimator",
    ),
    "groups": (
        "Groups and time",
        "Are groups comparable, and do effects differ between them?",
        "measurement_invariance longitudinal_invariance group_moderation latent_means",
    ),
    "measurement": (
        "Quality of measurement",
        "Reliability, validity, method bias, exploratory analyses.",
        "reliability reliability_coefficients omega_hierarchical htmt htmt_intervals fornell_larcker "
        "factor_correlations discriminant_validity cross_loadings item_deletion compare_measurement "
        "common_method_bias efa parallel_analysis",
    ),
    "moderation": (
        "Moderation",
        "What an interaction says, once it is estimated; see [Latent interactions](../moderation.md) for the methods.",
        "effects moderation_effects simple_slopes johnson_neyman predicted_values conditional_indirect "
        "moderated_regression median_split",
    ),
    "robustness": (
        "Robustness",
        "Do verdicts depend on choices, or on a few respondents? See [Robustness](../robustness.md).",
        "multiverse Multiverse MeasurementVariant influence Influence",
    ),
    "evidence": (
        "Plans, and evidence across studies",
        "Before the data: [preregistration](../preregistration.md). After several studies: "
        "[their joint evidence](../evidence-across-studies.md).",
        "preregister read_preregistration Preregistration combine CombinedResult",
    ),
    "planning": (
        "Power and sample size",
        "Before the data; see [Power and sample size](../power.md).",
        "power Power ExpectedPower rmsea_power rmsea_sample_size",
    ),
    "answers": (
        "Questionnaires and answers",
        "Instruments, import, screening, description, simulation.",
        "Instrument read_instrument export_survey codebook read_responses write_responses write_table model_frame "
        "simulate_responses simulation_options SimulationOptions response_simulator ScreeningRules careless_indices "
        "missingness item_descriptives mardia_test intraclass_correlations network_relevance",
    ),
    "figures": (
        "Figures",
        "matplotlib figures in print size; those of a study are in `result.figures`.",
        "plot_simple_slopes plot_johnson_neyman plot_interaction_surface plot_conditional_indirect plot_items "
        "plot_missingness plot_correlations plot_scree",
    ),
}
"""Title, introduction and public names of each page."""


def page(name: str) -> str:
    """One reference page."""
    title, introduction, names = PAGES[name]
    entries = [f"::: {defined_in(each)}.{each}\n    options:\n      heading: ss.{each}\n" for each in names.split()]
    return "\n".join([f"# {title}\n", f"{introduction} `ss` is `import surveysem as ss`.\n", *entries])


def defined_in(name: str) -> str:
    """The module that defines a public name."""
    return str(getattr(ss, name).__module__)


if __name__ == "__main__":
    for name in PAGES:
        (FOLDER / f"{name}.md").write_text(page(name), encoding="utf-8")
