"""The slope of one variable in the equation of another, as the variables it interacts with take values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from surveysem.inference.probing.group import Points, ProbedGroup, Term


def slope(group: ProbedGroup, thetas: Points, *, outcome: str, predictor: str, raw: Mapping[str, Points]) -> Points:
    """Derivative of the outcome with respect to a predictor, of shape (b, k).

    Parameters
    ----------
    group : ProbedGroup
        One group.
    thetas : array of shape (b, q)
        Parameters.
    outcome, predictor : str
        The equation and the variable.
    raw : Mapping of str to array of shape (k,)
        Values of variables in their units; the others are at their means. Values do not move with the parameters.
    """
    values = {name: np.atleast_1d(mean) for name, mean in group.means.items()}
    values |= {name: np.atleast_1d(chosen) for name, chosen in raw.items()}
    return _summed(group.equation(outcome), thetas, predictor, values)


def standardized_slope(
    group: ProbedGroup, thetas: Points, *, outcome: str, predictor: str, standard: Mapping[str, Points]
) -> Points:
    """The slope with all variables at unit variance, of shape (b, k): βx + βxz·k at *k* standard deviations.

    Parameters
    ----------
    group, thetas, outcome, predictor
        As of :func:`slope`.
    standard : Mapping of str to array of shape (k,)
        Values of variables in standard deviations from the mean; the others are at their means.
    """
    moments = group.latent_moments(thetas)
    values = {
        name: moments.mean_of(name) if group.has_products else np.full((1, 1), group.means[name])
        for name in group.names
    }
    for name, chosen in standard.items():
        values[name] = values[name] + np.atleast_1d(chosen) * moments.deviation_of(name)
    plain = _summed(group.equation(outcome), thetas, predictor, values)
    return plain * moments.deviation_of(predictor) / moments.deviation_of(outcome)


def _summed(equation: tuple[Term, ...], thetas: Points, predictor: str, values: Mapping[str, Points]) -> Points:
    width = np.broadcast_shapes(*(each.shape[-1:] for each in values.values()))[0]
    total = np.zeros((len(thetas), width))
    for term in equation:
        total = total + term.coefficient(thetas) * _weight(term, predictor, values)
    return total


def _weight(term: Term, predictor: str, values: Mapping[str, Points]) -> Points:
    """Derivative of a term, over its coefficient."""
    if predictor not in term.factors:
        return 0.0
    if len(term.factors) == 1:
        return 1.0
    first, second = (values[name] - centre for name, centre in zip(term.factors, term.centres, strict=True))
    return (second if term.factors[0] == predictor else 0.0) + (first if term.factors[1] == predictor else 0.0)
