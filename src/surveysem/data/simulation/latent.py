"""Scores of latent variables, drawn from a population whose matrices are factorised once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaincinv, ndtr

from surveysem.data.population import (
    PopulationMoments,
    PopulationValues,
    correlation_matrix,
    disturbance_deviation,
)
from surveysem.data.simulation.shared import SharedPart, shared_part
from surveysem.data.simulation_checks import latent_variable_problems, number_problems
from surveysem.errors import StudyError
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Equation:
    """An outcome as the sum of its terms and a disturbance.

    Parameters
    ----------
    outcome : int
        Its column.
    deviation : float
        Standard deviation of the disturbance.
    terms : tuple of (tuple of int, float, float)
        Columns multiplied, coefficient, and mean of the product in the population.
    """

    outcome: int
    deviation: float
    terms: tuple[tuple[tuple[int, ...], float, float], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LatentSampler:
    """A population made ready to be drawn from.

    Parameters
    ----------
    names : tuple of str, length *m*
        Latent variables.
    exogenous : tuple of int
        Columns of those that nothing predicts.
    root : ndarray, shape (m₁, m₁)
        Lower Cholesky factor of their correlations.
    equations : tuple of Equation
        Each after all that it needs.
    """

    names: tuple[str, ...]
    exogenous: tuple[int, ...]
    root: FloatArray
    equations: tuple[Equation, ...]

    def inputs(self, noise: FloatArray) -> FloatArray:
        """Exogenous scores and standardised disturbances, from independent standard normal values, shape (n, m)."""
        made = noise.copy()
        made[:, self.exogenous] = noise[:, self.exogenous] @ self.root.T
        return made

    def scores(self, inputs: FloatArray) -> FloatArray:
        """Scores from exogenous scores and standardised disturbances, shape (n, m)."""
        scores = inputs.copy()
        for equation in self.equations:
            column = equation.deviation * inputs[:, equation.outcome]
            for columns, coefficient, mean in equation.terms:
                column += coefficient * (np.prod(scores[:, columns], axis=1) - mean)
            scores[:, equation.outcome] = column
        return scores


def skewed_sources(noise: FloatArray, skewness: float) -> FloatArray:
    """Independent values with mean 0, variance 1 and this skewness, from standard normal ones; any shape.

    Notes
    -----
    Gamma variables with shape 4/skewness², standardised; their excess kurtosis is 1.5·skewness². Sums of them keep
    their means, variances and covariances, and are less skewed than each of them.

    Examples
    --------
    >>> skewed_sources(np.array([-1.0, 0.0, 1.0]), 1.0).round(3)
    array([-0.957, -0.164,  0.959])
    """
    if skewness == 0:
        return noise
    shape, sign = 4 / skewness**2, np.sign(skewness)
    return np.asarray(sign * (gammaincinv(shape, ndtr(sign * noise)) - shape) / np.sqrt(shape))


def latent_sampler(population: PopulationValues, latent_variables: Sequence[str]) -> LatentSampler:
    """A population factorised once, to draw many samples from."""
    names = tuple(dict.fromkeys(latent_variables))
    moments = PopulationMoments(population)
    place = {name: number for number, name in enumerate(names)}
    exogenous = [name for name in names if name not in population.endogenous]
    equations = []
    for outcome in population.endogenous:
        terms = tuple(
            (
                tuple(place[name] for name in term),
                coefficient,
                moments.covariance(term[:1], term[1:]) if len(term) == 2 else 0.0,
            )
            for term, coefficient in population.equation(outcome).items()
        )
        deviation = disturbance_deviation(moments, outcome)
        equations.append(Equation(outcome=place[outcome], deviation=deviation, terms=terms))
    return LatentSampler(
        names=names,
        exogenous=tuple(place[name] for name in exogenous),
        root=np.linalg.cholesky(correlation_matrix(population, exogenous)),
        equations=tuple(equations),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class NestedInputs:
    """Exogenous scores and disturbances of respondents in clusters.

    Parameters
    ----------
    between, within : ndarray, shape (m, m)
        What independent standard normal values of clusters and of respondents are multiplied by.
    """

    between: FloatArray
    within: FloatArray

    def inputs(self, of_clusters: FloatArray, of_respondents: FloatArray) -> FloatArray:
        """Sum of both parts, shape (n, m); the first already repeated for each respondent."""
        return of_clusters @ self.between.T + of_respondents @ self.within.T


@dataclass(frozen=True, kw_only=True, eq=False)
class RepeatedInputs:
    """Exogenous scores and disturbances carried on from wave to wave.

    Parameters
    ----------
    carried, renewed : ndarray, shape (m, m)
        What the inputs of the wave before, and independent standard normal values, are multiplied by.
    """

    carried: FloatArray
    renewed: FloatArray

    def inputs(self, before: FloatArray, noise: FloatArray) -> FloatArray:
        """Inputs of the next wave, shape (n, m)."""
        return before @ self.carried.T + noise @ self.renewed.T


def nested_inputs(sampler: LatentSampler, population: PopulationValues, shares: Mapping[str, float]) -> NestedInputs:
    """Parts between and within clusters that give latent variables these intraclass correlations."""
    covariance, between = _input_covariances(sampler, _shared(sampler, population, shares))
    return NestedInputs(between=_root(between), within=_root(covariance - between))


def repeated_inputs(
    sampler: LatentSampler, population: PopulationValues, shares: Mapping[str, float]
) -> RepeatedInputs:
    """Autoregression of first order that gives latent variables these correlations from wave to wave."""
    covariance, lagged = _input_covariances(sampler, _shared(sampler, population, shares))
    carried = np.asarray(np.linalg.solve(covariance, lagged).T, dtype=np.float64)
    return RepeatedInputs(carried=carried, renewed=_root(covariance - carried @ lagged))


def _shared(sampler: LatentSampler, population: PopulationValues, shares: Mapping[str, float]) -> SharedPart:
    exogenous = tuple(sampler.names[column] for column in sampler.exogenous)
    return shared_part(population, shares, exogenous, where="share")


def _input_covariances(sampler: LatentSampler, shared: SharedPart) -> tuple[FloatArray, FloatArray]:
    """Covariances of the inputs, in all and shared, shape (m, m) each."""
    total, common = np.eye(len(sampler.names)), np.zeros((len(sampler.names),) * 2)
    exogenous = np.ix_(sampler.exogenous, sampler.exogenous)
    total[exogenous] = sampler.root @ sampler.root.T
    common[exogenous] = shared.exogenous
    for equation in sampler.equations:
        common[equation.outcome, equation.outcome] = shared.disturbances[sampler.names[equation.outcome]]
    return total, common


def _root(covariance: FloatArray) -> FloatArray:
    """Symmetric square root of a covariance matrix, which may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.where(values > 0, values, 0.0))) @ vectors.T)  # below 0 by rounding only


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
    problems = [*number_problems(n=(n, 1)), *latent_variable_problems(population, names)]
    if problems:
        raise StudyError("The simulation cannot be run as asked.", problems)
    sampler = latent_sampler(population, names)
    noise = rng.standard_normal((n, len(names)))
    return pd.DataFrame(sampler.scores(sampler.inputs(noise)), columns=names)
