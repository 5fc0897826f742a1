"""Observed measures that go with the latent variable they accompany."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import ndtr

from surveysem.data.answer_draws import amounts, draw_answers
from surveysem.instrument import Instrument, ObservedMeasure
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True)
class Companion:
    """How an observed measure goes with its construct.

    Parameters
    ----------
    construct : str
        The construct.
    correlation : float
        Of the latent variable with the normal variable behind the measure.
    typical : float or None
        Median of the measure; None for that of its scale.
    spread : float
        Standard deviation of its logarithm.
    least : float
        Smallest value, where the scale allows less.
    of_influencer : bool
        Whether all who follow one influencer share the value.
    """

    construct: str
    correlation: float
    typical: float | None = None
    spread: float = 0.8
    least: float = 0.0
    of_influencer: bool = False


RELEVANT, TOTAL = "nrr_relevant_followers", "nrr_total_followers"
_RATIO_CENTRE, _RATIO_SLOPE = -0.6, 0.5  # a network relevance ratio of 0.27 for the median influencer
COMPANIONS: Mapping[str, Companion] = {
    TOTAL: Companion(construct="network_relevance", correlation=0.0, typical=8000.0, least=100.0, of_influencer=True),
    RELEVANT: Companion(construct="network_relevance", correlation=0.6, of_influencer=True),
    "years_of_practice": Companion(construct="professional_expertise", correlation=0.5, of_influencer=True),
    "n_certifications": Companion(
        construct="professional_expertise", correlation=0.4, typical=3.0, spread=0.7, of_influencer=True
    ),
    "interaction_frequency": Companion(construct="relational_engagement", correlation=0.5, typical=6.0),
    "comment_length": Companion(construct="relational_engagement", correlation=0.4, spread=0.6, of_influencer=True),
    "degree_centrality": Companion(construct="relational_engagement", correlation=0.5, of_influencer=True),
    "betweenness_centrality": Companion(construct="relational_engagement", correlation=0.4, of_influencer=True),
    "sales_cycle_days": Companion(
        construct="decision_efficiency", correlation=-0.4, typical=120.0, spread=0.6, least=1.0
    ),
    "n_stakeholders": Companion(construct="decision_efficiency", correlation=-0.3, typical=5.0, spread=0.5, least=2.0),
    "deal_value": Companion(construct="decision_efficiency", correlation=0.0, typical=60_000.0, spread=1.2, least=1.0),
    "echo_internal_shares": Companion(construct="organizational_echo", correlation=0.6, typical=4.0),
    "echo_crm_mentions": Companion(construct="organizational_echo", correlation=0.5, typical=3.0),
    "echo_document_reuse": Companion(construct="organizational_echo", correlation=0.5, typical=2.0),
}
"""Measures of the framework of Lima (2026), with correlations assumed for planning and demonstration."""


def observed_answers(
    instrument: Instrument,
    scores: Mapping[str, FloatArray],
    clusters: IntArray | None,
    n: int,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Observed measures of *n* respondents.

    Parameters
    ----------
    instrument : Instrument
        Whose measures they are.
    scores : Mapping of str to ndarray, shape (n,)
        Latent scores by construct.
    clusters : ndarray, shape (n,), or None
        Influencer of each respondent, from 0.
    n : int
        Respondents.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        By measure.

    Notes
    -----
    A measure listed in ``COMPANIONS`` whose construct is simulated is an increasing function of *rη + √(1 − r²)ε*, with
    *η* the latent score; what belongs to an influencer rests on the mean of *η* among its respondents and is the same
    for all of them. Relevant followers are binomial out of all followers, with probability
    *Φ(−0.6 + 0.5(rη + √(1 − r²)ε))*: never more than all. Other measures are independent of everything.
    """
    known = {
        measure.id: companion
        for measure in instrument.observed_measures
        if (companion := _companion(measure, instrument, scores)) is not None
    }
    answers = {}
    for measure in instrument.observed_measures:
        scale = instrument.scale(measure.scale)
        companion = known.get(measure.id)
        if companion is None:
            answers[measure.id] = draw_answers(measure.id, scale, n, rng)
            continue
        units = clusters if companion.of_influencer else None
        tendency = _tendency(companion, scores[companion.construct], units, rng)
        answers[measure.id] = amounts(
            scale, tendency, typical=companion.typical, spread=companion.spread, least=companion.least
        )
    if RELEVANT in known and TOTAL in known:
        companion = known[RELEVANT]
        tendency = _tendency(companion, scores[companion.construct], clusters, rng)
        answers[RELEVANT] = _relevant(answers[TOTAL], tendency, clusters, rng)
    return answers


def _companion(measure: ObservedMeasure, instrument: Instrument, scores: Mapping[str, FloatArray]) -> Companion | None:
    companion = COMPANIONS.get(measure.id)
    if companion is None or companion.construct != measure.construct or measure.construct not in scores:
        return None
    return companion if instrument.scale(measure.scale).kind == "number" else None


def _tendency(companion: Companion, scores: FloatArray, units: IntArray | None, rng: np.random.Generator) -> FloatArray:
    """Normal variable behind a measure, equal within units; shape (n,)."""
    own = sqrt(1 - companion.correlation**2)
    if units is None:
        return companion.correlation * scores + own * rng.standard_normal(scores.size)
    sizes = np.maximum(np.bincount(units), 1)
    means = np.bincount(units, weights=scores) / sizes
    spread = means.std()
    standardised = (means - means.mean()) / spread if spread > 0 else np.zeros_like(means)
    return (companion.correlation * standardised + own * rng.standard_normal(sizes.size))[units]


def _relevant(total: FloatArray, tendency: FloatArray, units: IntArray | None, rng: np.random.Generator) -> FloatArray:
    """Followers in relevant decision roles out of all followers, equal within units; shape (n,)."""
    probability = ndtr(_RATIO_CENTRE + _RATIO_SLOPE * tendency)
    if units is None:
        return rng.binomial(total.astype(np.int64), probability).astype(np.float64)
    first = np.unique(units, return_index=True)[1]
    drawn = np.zeros(units.max() + 1)
    drawn[units[first]] = rng.binomial(total[first].astype(np.int64), probability[first])
    return drawn[units]
