"""Random answers to the questions around the items of a questionnaire."""

from __future__ import annotations

from math import ceil, exp, floor, log

import numpy as np
from scipy.special import ndtr, ndtri

from surveysem.instrument import Instrument, ResponseScale, ScreeningQuestion
from surveysem.typing import FloatArray

_N_TEXTS = 20
_SPREAD = 0.8  # standard deviation of the logarithm of amounts
_TYPICAL = 30.0  # median of amounts without a declared maximum


def draw_answers(name: str, scale: ResponseScale, n: int, rng: np.random.Generator) -> np.ndarray:
    """Plausible answers of *n* respondents to a grouping question or an observed measure.

    Parameters
    ----------
    name : str
        Id of the question.
    scale : ResponseScale
        Options are drawn uniformly; numbers are log-normal above the minimum (else 0) and below the maximum; text is
        one of twenty made-up values.
    n : int
        Respondents.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n,)
        Codes, numbers or text.
    """
    if scale.kind == "text":
        return np.array([f"{name}_{number}" for number in rng.integers(1, _N_TEXTS + 1, size=n)], dtype=object)
    return _random_amounts(scale, n, rng) if scale.kind == "number" else rng.choice(np.array(scale.codes), size=n)


def careless_answers(scale: ResponseScale, n: int, rng: np.random.Generator) -> np.ndarray:
    """Answers of respondents who do not read: every option is as likely as the others; shape (n,)."""
    if scale.kind == "number":
        return bounded(rng.standard_normal(n), scale)
    return rng.choice(np.array(scale.codes), size=n)


def screening_answers(
    instrument: Instrument, is_ineligible: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Answers to the screening questions; who is not eligible gives a wrong answer to one of them."""
    selective = [question for question in instrument.screening_questions if _ineligible_codes(instrument, question)]
    failed = rng.integers(0, max(len(selective), 1), size=is_ineligible.size)
    answers = {}
    for question in instrument.screening_questions:
        right = rng.choice(np.array(question.eligible), size=is_ineligible.size)
        answers[question.id] = right
        if question in selective:
            wrong = rng.choice(np.array(_ineligible_codes(instrument, question)), size=is_ineligible.size)
            fails_here = is_ineligible & (failed == selective.index(question))
            answers[question.id] = np.where(fails_here, wrong, right)
    return answers


def bounded(values: FloatArray, scale: ResponseScale) -> FloatArray:
    """Standard normal values on a number scale, shape (n,).

    Unchanged where the scale has no bounds; through the normal distribution function between two bounds; exponentially
    away from a single one. All three keep the order. Scales of whole numbers are rounded.
    """
    low, high = _bounds(scale)
    if low is not None and high is not None:
        answers = low + (high - low) * ndtr(values)
    elif low is not None:
        answers = low + np.exp(values)
    elif high is not None:
        answers = high - np.exp(-values)
    else:
        answers = values
    return np.asarray(np.round(answers) if scale.integer else answers, dtype=np.float64)


def amounts(
    scale: ResponseScale,
    tendency: FloatArray,
    *,
    typical: float | None = None,
    spread: float = _SPREAD,
    least: float = 0.0,
) -> FloatArray:
    """Log-normal amounts that increase with a standard normal variable, shape (n,).

    Parameters
    ----------
    scale : ResponseScale
        Number scale with a minimum of 0, or none. With a maximum the distribution is truncated there.
    tendency : ndarray, shape (n,)
        Standard normal values.
    typical : float, optional
        Median above *least* before truncation; by default 30, or what is usual between the scale's bounds.
    spread : float
        Standard deviation of the logarithm.
    least : float
        Smallest amount.
    """
    low, high = _bounds(scale)
    low = max(0.0 if low is None else low, least)
    centre = log(typical) if typical else log(_TYPICAL) if high is None else _log_middle(high - low)
    logarithm = centre + spread * tendency
    if high is not None:
        below = ndtr((log(high - low) - centre) / spread)
        logarithm = centre + spread * ndtri(below * ndtr(tendency))
    made = low + np.exp(logarithm)
    return np.asarray(np.floor(made) if scale.integer else made, dtype=np.float64)


def _random_amounts(scale: ResponseScale, n: int, rng: np.random.Generator) -> FloatArray:
    low, high = _bounds(scale)
    if low is None and high is not None and high <= 0:
        drawn = high - rng.lognormal(log(_TYPICAL), _SPREAD, size=n)
    else:
        low = 0.0 if low is None else low
        centre = log(_TYPICAL) if high is None else _log_middle(high - low)
        below = 1.0 if high is None else ndtr((log(high - low) - centre) / _SPREAD)
        drawn = low + np.exp(centre + _SPREAD * ndtri(rng.uniform(0, below, size=n)))
    return np.asarray(np.floor(drawn) if scale.integer else drawn, dtype=np.float64)


def _bounds(scale: ResponseScale) -> tuple[float | None, float | None]:
    """Bounds of a number scale; the outermost whole numbers inside them, if it admits only those."""
    low, high = scale.minimum, scale.maximum
    if not scale.integer:
        return low, high
    return None if low is None else float(ceil(low)), None if high is None else float(floor(high))


def _log_middle(width: float) -> float:
    """Logarithm of a typical amount: nearly a third of a narrow range, the geometric middle of a wide one."""
    return log(0.3 * width) if width <= exp(5) else log(width) / 2


def _ineligible_codes(instrument: Instrument, question: ScreeningQuestion) -> list[int]:
    return [code for code in instrument.scale(question.scale).codes if code not in question.eligible]
