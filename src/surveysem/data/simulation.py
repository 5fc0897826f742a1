"""Simulated answers to a questionnaire, drawn from declared population values and marked as simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import betainc, ndtri

from surveysem.data.answer_draws import bounded, careless_answers, draw_answers, screening_answers
from surveysem.data.marking import ATTRIBUTE, MARK_COLUMN, simulation_mark
from surveysem.data.population import (
    PopulationMoments,
    PopulationValues,
    correlation_matrix,
    disturbance_deviation,
)
from surveysem.data.simulation_checks import (
    indicator_problems,
    latent_variable_problems,
    number_problems,
    share_problems,
    threshold_problems,
)
from surveysem.errors import Problem, StudyError
from surveysem.instrument import Instrument, Item, ResponseScale
from surveysem.typing import FloatArray

RESPONDENT_COLUMN = "respondent"
_SKEW = (3.0, 2.0)  # Beta(3, 2): agreement is answered more often than disagreement


def default_thresholds(n_options: int) -> FloatArray:
    """Cuts of a standard normal variable that give a mildly left-skewed ordinal item.

    Parameters
    ----------
    n_options : int
        Options of the scale, *k*.

    Returns
    -------
    ndarray, shape (k − 1,)
        Increasing values; the options' shares are those of a Beta(3, 2) variable over *k* equal parts of (0, 1).

    Examples
    --------
    >>> default_thresholds(7).round(2)
    array([-2.31, -1.45, -0.79, -0.19,  0.46,  1.28])
    """
    return np.asarray(ndtri(betainc(*_SKEW, np.arange(1, n_options) / n_options)), dtype=np.float64)


def simulate_latent_scores(
    population: PopulationValues, latent_variables: Sequence[str], n: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Scores of latent variables with mean 0 and variance 1 in the population.

    Parameters
    ----------
    population : PopulationValues
        Standardised paths, interactions and correlations.
    latent_variables : sequence of str, length *m*
        Columns wanted; all latent variables of *population*, and others, which are independent of them.
    n : int
        Respondents.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    pandas.DataFrame, shape (n, m)
        Scores.

    Raises
    ------
    StudyError
        When *population* names latent variables that are not among *latent_variables*, or no population has its values.

    Notes
    -----
    Exogenous scores and disturbances are normal; products are centred by their population mean. Variances are exact
    unless a predictor or moderator in a product is itself moderated; see :class:`PopulationMoments`.

    Examples
    --------
    >>> population = PopulationValues(paths={("y", "x"): 0.5})
    >>> simulate_latent_scores(population, ["x", "y"], 3, np.random.default_rng(1)).shape
    (3, 2)
    """
    names = list(dict.fromkeys(latent_variables))
    _refuse([*number_problems(n=(n, 1)), *latent_variable_problems(population, names)])
    moments = PopulationMoments(population)
    noise = pd.DataFrame(rng.standard_normal((n, len(names))), columns=names)
    scores = noise.copy()
    exogenous = [name for name in names if name not in population.endogenous]
    root = np.linalg.cholesky(correlation_matrix(population, exogenous))
    scores[exogenous] = noise[exogenous].to_numpy() @ root.T
    for outcome in population.endogenous:
        scores[outcome] = disturbance_deviation(moments, outcome) * noise[outcome]
        for term, coefficient in population.equation(outcome).items():
            mean = moments.covariance(term[:1], term[1:]) if len(term) == 2 else 0.0
            scores[outcome] += coefficient * (scores[list(term)].prod(axis=1) - mean)
    return scores


def simulate_responses(
    population: PopulationValues,
    instrument: Instrument,
    *,
    n: int,
    seed: int,
    indicators: Mapping[str, Sequence[str]],
    thresholds: Mapping[int, Sequence[float]] | None = None,
    careless: float = 0.02,
    ineligible: float = 0.01,
) -> pd.DataFrame:
    """Answers of simulated respondents to a questionnaire, as they would be collected.

    Parameters
    ----------
    population : PopulationValues
        Standardised parameters; a loading for every item in *indicators*.
    instrument : Instrument
        The questionnaire.
    n : int
        Respondents.
    seed : int
        Seed; the same seed gives the same answers.
    indicators : Mapping
        From latent variable to its items. Items of no latent variable are not simulated.
    thresholds : Mapping, optional
        From a scale's number of options *k* to *k* − 1 increasing cuts of a standard normal variable; where none is
        given, :func:`default_thresholds`.
    careless : float
        Share of respondents who answer items and attention checks at random.
    ineligible : float
        Share of respondents with an answer to a screening question that rules them out.

    Returns
    -------
    pandas.DataFrame, *n* rows
        ``respondent``, a column per question, and ``simulated``, whose every cell says so.

    Raises
    ------
    StudyError
        Lists everything that cannot be simulated as asked.

    Notes
    -----
    An item is *λη + √(1 − λ²)ε*, cut into its options; reverse-keyed items are written as a respondent would answer
    them. Items on number scales stay continuous: standard normal, or mapped monotonically into the bounds of the scale.
    Shares are rounded to whole respondents.

    Examples
    --------
    >>> from surveysem.instrument import read_instrument
    >>> population = PopulationValues(loadings={"x1": 0.9, "x2": 0.9, "x3": 0.8})
    >>> frame = simulate_responses(
    ...     population,
    ...     read_instrument("political_democracy"),
    ...     n=2,
    ...     seed=7,
    ...     indicators={"industrialization_1960": ["x1", "x2", "x3"]},
    ... )
    >>> frame[["respondent", "simulated"]].to_numpy().tolist()
    [[1, 'SIMULATED (seed 7)'], [2, 'SIMULATED (seed 7)']]
    """
    cuts = {size: np.asarray(values, dtype=np.float64) for size, values in (thresholds or {}).items()}
    _refuse(
        [
            *number_problems(n=(n, 1), seed=(seed, 0)),
            *share_problems(careless=careless, ineligible=ineligible),
            *threshold_problems(cuts),
            *indicator_problems(population, instrument, indicators),
            *latent_variable_problems(population, list(indicators)),
        ]
    )
    rng = np.random.default_rng(seed)
    scores = simulate_latent_scores(population, list(indicators), n, rng)
    is_careless = _chosen(n, careless, rng)
    answers = _item_answers(population, instrument, scores, indicators, cuts, is_careless, rng)
    for check in instrument.attention_checks:
        random = careless_answers(instrument.scale(check.scale), n, rng)
        answers[check.id] = np.where(is_careless, random, check.expected)
    answers |= screening_answers(instrument, _chosen(n, ineligible, rng), rng)
    for question in (*instrument.grouping_questions, *instrument.observed_measures):
        answers[question.id] = draw_answers(question.id, instrument.scale(question.scale), n, rng)
    return _marked(answers, instrument, population, n=n, seed=seed)


def _item_answers(
    population: PopulationValues,
    instrument: Instrument,
    scores: pd.DataFrame,
    indicators: Mapping[str, Sequence[str]],
    thresholds: Mapping[int, FloatArray],
    is_careless: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    answers = {}
    for latent_variable, items in indicators.items():
        for item_id in items:
            item = instrument.item(item_id)
            scale = instrument.scale(item.scale)
            loading = population.loadings[item_id]
            error = rng.standard_normal(len(scores))
            tendency = loading * scores[latent_variable].to_numpy() + np.sqrt(1 - loading**2) * error
            random = careless_answers(scale, len(scores), rng)
            answers[item_id] = np.where(is_careless, random, _written(tendency, item, scale, thresholds))
    return answers


def _written(
    tendency: FloatArray, item: Item, scale: ResponseScale, thresholds: Mapping[int, FloatArray]
) -> np.ndarray:
    """Answers a respondent with this tendency writes down."""
    if scale.kind == "number":
        return bounded(tendency, scale)
    codes = np.sort(np.array(scale.codes))
    cuts = thresholds[codes.size] if codes.size in thresholds else default_thresholds(codes.size)
    chosen = codes[np.searchsorted(cuts, tendency)]
    return codes[0] + codes[-1] - chosen if item.reverse else chosen


def _chosen(n: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Which respondents belong to a share, rounded to whole respondents."""
    return rng.permutation(n) < round(share * n)


def _marked(
    answers: Mapping[str, np.ndarray], instrument: Instrument, population: PopulationValues, *, n: int, seed: int
) -> pd.DataFrame:
    """Answers in the order of the questionnaire, marked as simulated in a column and in the frame's attributes."""
    ordered = {question.id: answers[question.id] for question in instrument.questions if question.id in answers}
    frame = pd.DataFrame({RESPONDENT_COLUMN: np.arange(1, n + 1), **ordered, MARK_COLUMN: simulation_mark(seed)})
    frame.attrs[ATTRIBUTE] = {
        "source": "simulated answers",
        "simulated": True,
        "seed": int(seed),
        "population": population.as_text_keys(),
    }
    return frame


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise StudyError("The simulation cannot be run as asked.", problems)
