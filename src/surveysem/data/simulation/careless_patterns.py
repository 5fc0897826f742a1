"""Answers of respondents who do not read, and the time respondents take."""

from __future__ import annotations

import numpy as np

from surveysem.data.answer_draws import careless_answers
from surveysem.data.simulation.options import CARELESS_KINDS, Carelessness
from surveysem.instrument import AttentionCheck, Instrument, Item
from surveysem.typing import FloatArray, IntArray

SECONDS_COLUMN = "completion_seconds"
_SECONDS_PER_QUESTION = 7.0
_SPREAD = 0.3  # standard deviation of the logarithm of the time of those who read
_FASTEST, _FAST = 0.5, 1.8  # seconds an item; two are the usual limit (Huang et al. 2012)


def careless_kinds(is_careless: np.ndarray, careless: Carelessness, rng: np.random.Generator) -> IntArray:
    """Kind of every respondent as its place in CARELESS_KINDS, −1 of those who read; shape (n,)."""
    kinds = np.full(is_careless.size, -1)
    rows = rng.permutation(np.flatnonzero(is_careless))
    shares = np.array([getattr(careless, kind) for kind in CARELESS_KINDS])
    if rows.size:
        ends = np.round(np.cumsum(shares) / shares.sum() * rows.size).astype(int)
        kinds[rows] = np.searchsorted(ends, np.arange(rows.size), side="right")
    return kinds


def answer_in_patterns(
    answers: dict[str, np.ndarray], instrument: Instrument, kinds: IntArray, rng: np.random.Generator
) -> None:
    """Write the answers of those who follow a pattern over the others, in the order of the questionnaire.

    Parameters
    ----------
    answers : dict of str to ndarray, shape (n,)
        By question; items and attention checks with options are changed in place.
    instrument : Instrument
        The questionnaire.
    kinds : ndarray, shape (n,)
        Kinds of respondents.
    rng : numpy.random.Generator
        Source of randomness.
    """
    start = rng.random(kinds.size)
    other = rng.random(kinds.size)
    asked = [each for each in instrument.questions if isinstance(each, Item | AttentionCheck) and each.id in answers]
    for step, question in enumerate(asked):
        codes = np.sort(np.array(instrument.scale(question.scale).codes))
        if codes.size < 2:
            continue
        for kind, positions in _positions(codes.size, step, start, other).items():
            rows = kinds == CARELESS_KINDS.index(kind)
            if rows.any():
                answers[question.id] = np.where(rows, codes[positions], answers[question.id])


def _positions(size: int, step: int, start: FloatArray, other: FloatArray) -> dict[str, IntArray]:
    """Places of the options chosen, by kind, shape (n,) each."""
    half = size // 2
    low, high = (start * half).astype(int), size - 1 - (other * half).astype(int)
    round_trip = max(2 * (size - 1), 1)
    along = (np.floor(start * round_trip).astype(int) + step) % round_trip
    return {
        "straight_lining": (start * size).astype(int),
        "alternating": low if step % 2 == 0 else high,
        "diagonal": np.where(along < size, along, round_trip - along),
    }


def completion_seconds(instrument: Instrument, kinds: IntArray, rng: np.random.Generator) -> FloatArray:
    """Seconds respondents take: log-normal around 7 a question, or 0.5 to 1.8 an item of those who are too fast."""
    usual = _SECONDS_PER_QUESTION * len(instrument.respondent_questions)
    taken = usual * np.exp(_SPREAD * rng.standard_normal(kinds.size))
    fast = len(instrument.items) * rng.uniform(_FASTEST, _FAST, size=kinds.size)
    return np.asarray(np.round(np.where(kinds == CARELESS_KINDS.index("too_fast"), fast, taken), 1), dtype=np.float64)


def attention_answers(
    instrument: Instrument, is_careless: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Answers to the attention checks: as expected, or at random."""
    answers = {}
    for check in instrument.attention_checks:
        random = careless_answers(instrument.scale(check.scale), is_careless.size, rng)
        answers[check.id] = np.where(is_careless, random, check.expected)
    return answers
