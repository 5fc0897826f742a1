"""Models and data of the benchmarks."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import distribution
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 20260101
INDICATORS = {
    "network_relevance": 4,
    "professional_expertise": 4,
    "relational_engagement": 4,
    "product_complexity": 4,
    "regulatory_intensity": 4,
    "perceived_credibility": 6,
    "technical_validity": 5,
    "risk_reduction": 5,
    "evaluation_quality": 4,
    "brand_trust": 4,
    "decision_efficiency": 4,
    "organizational_echo": 4,
    "perceived_authenticity": 4,
    "perceived_legitimacy": 4,
}
PREDICTORS = {
    "perceived_credibility": ("network_relevance", "relational_engagement"),
    "technical_validity": ("professional_expertise",),
    "risk_reduction": ("perceived_credibility", "product_complexity"),
    "evaluation_quality": ("technical_validity",),
    "brand_trust": ("risk_reduction", "perceived_credibility", "regulatory_intensity"),
    "organizational_echo": ("perceived_credibility", "network_relevance"),
    "decision_efficiency": ("brand_trust", "organizational_echo"),
    "perceived_authenticity": ("regulatory_intensity",),
    "perceived_legitimacy": ("regulatory_intensity",),
}
"""In an order in which each outcome comes after its predictors."""
PRODUCTS = {
    "risk_reduction": ("perceived_credibility", "product_complexity"),
    "brand_trust": ("perceived_credibility", "regulatory_intensity"),
}
"""Latent interactions of the framework, by outcome: both are linear given credibility."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A model, its data and how it is fitted.

    Parameters
    ----------
    name : str
        As in the table.
    syntax : str
        The model.
    data : pandas.DataFrame
        The answers.
    estimator : str
        ML or MLR.
    group : str or None
        Grouping variable; loadings and intercepts are then equal across groups.
    missing : str
        listwise or fiml.
    ordered : bool
        Whether all indicators are ordinal.
    slow_elsewhere : bool
        Measured once in R, where it takes more than a minute.
    interaction : str
        How latent interactions are fitted, which neither lavaan nor semopy does; empty where there are none.
    """

    name: str
    syntax: str
    data: pd.DataFrame
    estimator: str = "ML"
    group: str | None = None
    missing: str = "listwise"
    ordered: bool = False
    slow_elsewhere: bool = False
    interaction: str = ""


def study_syntax() -> str:
    """The structural model of the B2B framework with 60 indicators and 151 free parameters."""
    lines = [f"{name} =~ " + " + ".join(_indicators(name)) for name in INDICATORS]
    lines += [f"{outcome} ~ " + " + ".join(predictors) for outcome, predictors in PREDICTORS.items()]
    # Written out because semopy, unlike the others, does not add them.
    predicting = {name for predictors in PREDICTORS.values() for name in predictors}
    last = [outcome for outcome in PREDICTORS if outcome not in predicting]
    lines += [f"{first} ~~ {second}" for first, second in combinations(last, 2)]
    return "\n".join(lines)


def moderated_syntax() -> str:
    """The same with the framework's two latent interactions."""
    return "\n".join([study_syntax(), *(f"{outcome} ~ {':'.join(pair)}" for outcome, pair in PRODUCTS.items())])


def study_data(n_obs: int = 400, *, moderated: bool = False) -> pd.DataFrame:
    """Simulated answers to 60 items, perhaps with the two latent interactions."""
    rng = np.random.default_rng(SEED)
    shared = rng.standard_normal(n_obs)
    scores: dict[str, np.ndarray] = {}
    for name in INDICATORS:
        if name not in PREDICTORS:
            scores[name] = 0.5 * shared + np.sqrt(0.75) * rng.standard_normal(n_obs)
    for outcome, predictors in PREDICTORS.items():
        scores[outcome] = 0.35 * sum(scores[name] for name in predictors) + 0.8 * rng.standard_normal(n_obs)
        if moderated and outcome in PRODUCTS:
            first, second = PRODUCTS[outcome]
            scores[outcome] = scores[outcome] + 0.2 * scores[first] * scores[second]
    columns = {}
    for name in INDICATORS:
        for indicator in _indicators(name):
            loading = rng.uniform(0.6, 0.9)
            noise = rng.standard_normal(n_obs)
            columns[indicator] = loading * scores[name] + np.sqrt(1 - loading**2) * noise
    return pd.DataFrame(columns)


def holzinger_data() -> pd.DataFrame:
    """Holzinger and Swineford's nine tests in two schools, as semopy ships them."""
    path = distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv")
    return pd.read_csv(Path(str(path)), encoding="utf-8")[["school", *(f"x{number}" for number in range(1, 10))]]


def incomplete_data() -> pd.DataFrame:
    """The 60 items with 10 % of the answers missing completely at random."""
    complete = study_data()
    return complete.mask(np.random.default_rng(SEED).random(complete.shape) < 0.1)


def ordinal_data(n_obs: int = 2436) -> pd.DataFrame:
    """25 six-point items of five correlated traits, of the size of the bfi data of the R package psych."""
    rng = np.random.default_rng(SEED)
    traits = 0.5 * rng.standard_normal((n_obs, 1)) + np.sqrt(0.75) * rng.standard_normal((n_obs, 5))
    responses = 0.65 * np.repeat(traits, 5, axis=1) + np.sqrt(1 - 0.65**2) * rng.standard_normal((n_obs, 25))
    names = [f"t{trait}_{item}" for trait in range(1, 6) for item in range(1, 6)]
    return pd.DataFrame(np.digitize(responses, [-1.6, -0.9, -0.3, 0.5, 1.3]) + 1, columns=names)


def cases() -> dict[str, Case]:
    """All cases by short name."""
    study, nine = study_data(), holzinger_data()
    three_factors = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
    return {
        "study": Case(name="60 indicators, ML", syntax=study_syntax(), data=study),
        "study_robust": Case(name="60 indicators, MLR", syntax=study_syntax(), data=study, estimator="MLR"),
        "incomplete": Case(
            name="60 indicators, FIML, 10 % missing, with standard errors",
            syntax=study_syntax(),
            data=incomplete_data(),
            missing="fiml",
            slow_elsewhere=True,
        ),
        "ordinal": Case(
            name="25 ordinal items, n = 2436, WLSMV",
            syntax="\n".join(f"t{t} =~ " + " + ".join(f"t{t}_{i}" for i in range(1, 6)) for t in range(1, 6)),
            data=ordinal_data(),
            estimator="WLSMV",
            ordered=True,
        ),
        "nine": Case(name="9 indicators, ML", syntax=three_factors, data=nine),
        "latent_moderation": Case(
            name="60 indicators, two latent interactions by LMS, with standard errors",
            syntax=moderated_syntax(),
            data=study_data(moderated=True),
            interaction="lms",
        ),
        "quasi_likelihood": Case(
            name="60 indicators, two latent interactions by QML, with standard errors",
            syntax=moderated_syntax(),
            data=study_data(moderated=True),
            interaction="qml",
        ),
        "groups": Case(
            name="9 indicators, two groups, scalar invariance", syntax=three_factors, data=nine, group="school"
        ),
    }


def _indicators(latent_variable: str) -> list[str]:
    return [f"{latent_variable}_{number}" for number in range(1, INDICATORS[latent_variable] + 1)]
