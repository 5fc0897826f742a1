"""Answers that are not given, not asked for, or given as "does not apply"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from surveysem.data.simulation.items import ItemPlan
from surveysem.data.simulation.options import Missingness, PlannedForms, Shares
from surveysem.typing import FloatArray, IntArray

FORM_COLUMN = "form"
LEFT_OUT = ("C", "B", "A")
"""Block that forms 1, 2 and 3 leave out."""


def gap_probabilities(answers: FloatArray, *, share: float, strength: float) -> FloatArray:
    """Probability of a gap, by a logistic function of an observed answer; shape (n,).

    Parameters
    ----------
    answers : ndarray, shape (n,)
        Observed answers.
    share : float
        Mean of the probabilities, in (0, 1).
    strength : float
        Change of the log-odds for one standard deviation of the answers.

    Notes
    -----
    logit *πᵢ* = *a* + strength·*zᵢ*, with *z* the answers standardised in the sample (denominator *n*); *a* is found
    by root search. Answers that are all equal give *share* to everyone.

    Examples
    --------
    >>> round(float(gap_probabilities(np.array([1.0, 2.0, 6.0]), share=0.2, strength=1.5).mean()), 12)
    0.2
    """
    deviation = answers.std()
    if deviation == 0 or strength == 0:
        return np.full(answers.shape, share)
    tilt = strength * (answers - answers.mean()) / deviation
    reach = float(np.abs(tilt).max())
    low, high = logit(share) - reach - 1, logit(share) + reach + 1
    intercept = brentq(lambda a: float(expit(a + tilt).mean()) - share, low, high, xtol=1e-13)
    return np.asarray(expit(intercept + tilt))


def gaps(
    missing: Missingness, items: Sequence[str], predictor: FloatArray | None, n: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Which answers are missing, by item, shape (n,) each; items are independent given the predictor."""
    found = {}
    for name in items:
        share = share_of(missing.share, name)
        draws = rng.random(n)
        if share == 0 or name == missing.depends_on:
            continue
        if predictor is None:
            found[name] = draws < share
        else:
            found[name] = draws < gap_probabilities(predictor, share=share, strength=missing.strength)
    return found


def form_numbers(n: int, rng: np.random.Generator) -> IntArray:
    """Form of every respondent, 1 to 3, each as often as the others or once more; shape (n,)."""
    return np.asarray(rng.permutation(n) % 3 + 1)


def form_gaps(forms: PlannedForms, numbers: IntArray, *, answered_by_all: str | None) -> dict[str, np.ndarray]:
    """Which answers are not asked for, by item, shape (n,) each."""
    return {
        name: numbers == number
        for number, block in enumerate(LEFT_OUT, start=1)
        for name in getattr(forms, block)
        if name != answered_by_all
    }


def dealt_forms(indicators: Mapping[str, Sequence[str]]) -> PlannedForms:
    """Blocks of a three-form design: the first item of each latent variable for all, the others dealt out in turn.

    Examples
    --------
    >>> dealt_forms({"f": ["a", "b", "c"], "g": ["d", "e"]})
    PlannedForms(A=('b',), B=('c',), C=('e',))
    """
    others = [name for items in indicators.values() for name in items[1:]]
    return PlannedForms(A=tuple(others[0::3]), B=tuple(others[1::3]), C=tuple(others[2::3]))


def refusals(
    shares: Shares, plans: Sequence[ItemPlan], n: int, rng: np.random.Generator, *, answered_by_all: str | None
) -> dict[str, tuple[int, np.ndarray]]:
    """By item the code of "does not apply" and who chooses it, shape (n,)."""
    chosen = {}
    for plan in plans:
        draws = rng.random(n)
        share = share_of(shares, plan.id)
        if share > 0 and plan.scale.missing and plan.id != answered_by_all:
            chosen[plan.id] = next(iter(plan.scale.missing)), draws < share
    return chosen


def share_of(shares: Shares, name: str) -> float:
    """Share of one item."""
    return float(shares.get(name, 0.0)) if isinstance(shares, Mapping) else float(shares)
