"""What latent variables share among the members of a cluster, or with themselves at the next wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from surveysem.data.population import PopulationMoments, PopulationValues, correlation_matrix
from surveysem.data.wording import listed
from surveysem.errors import Problem
from surveysem.typing import FloatArray

_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class SharedPart:
    """Covariances between two members of a cluster, or between two successive waves.

    Parameters
    ----------
    exogenous : ndarray, shape (m, m)
        Of the latent variables that nothing predicts, in the order asked for.
    disturbances : Mapping of str to float
        By outcome the correlation of its disturbance.
    problems : tuple of Problem
        Shares that no population has.
    """

    exogenous: FloatArray
    disturbances: Mapping[str, float]
    problems: tuple[Problem, ...]


class SharedMoments(PopulationMoments):
    """Covariances of latent variables between two members of a cluster, or between two successive waves.

    Parameters
    ----------
    population : PopulationValues
        Parameters.
    shares : Mapping of str to float
        Covariance of a latent variable with its own at another member or wave. An exogenous one that is not named has
        0, an outcome that is not named what its predictors pass on.

    Notes
    -----
    Covariances of exogenous latent variables are *r √(s₁s₂)*. Everything else follows as in
    :class:`PopulationMoments`, products included: Cov(XZ, X'Z') = s_X·s_Z + Cov(X, Z')².
    """

    def __init__(self, population: PopulationValues, shares: Mapping[str, float]) -> None:
        self._shares = shares
        super().__init__(population)

    def _variance(self, name: str) -> float:
        if name in self._shares or name not in self._equations:
            return self._shares.get(name, 0.0)
        return self.explained_variance(name)

    def _given_correlation(self, first: str, second: str) -> float:
        return super()._given_correlation(first, second) * sqrt(self._variance(first) * self._variance(second))


def shared_part(
    population: PopulationValues, shares: Mapping[str, float], exogenous: tuple[str, ...], *, where: str
) -> SharedPart:
    """Covariances that give latent variables these shares; with the shares that are impossible.

    Parameters
    ----------
    population : PopulationValues
        Parameters.
    shares : Mapping of str to float
        In [0, 1), by latent variable.
    exogenous : tuple of str
        Latent variables that nothing predicts.
    where : str
        Option the problems name.

    Notes
    -----
    The disturbance of an outcome has what is left of its share after its predictors, divided by its variance. It has to
    lie in [0, 1]; and what exogenous latent variables do not share has to have a positive semidefinite covariance
    matrix.
    """
    total, shared = PopulationMoments(population), SharedMoments(population, shares)
    roots = np.sqrt([shares.get(name, 0.0) for name in exogenous])
    matrix = correlation_matrix(population, exogenous)
    between = matrix * np.outer(roots, roots)
    disturbances, problems = {}, []
    for outcome in population.endogenous:
        passed_on, unexplained = shared.explained_variance(outcome), 1 - total.explained_variance(outcome)
        wanted = shares.get(outcome, passed_on)
        disturbances[outcome] = (wanted - passed_on) / unexplained
        if not -_ROUNDING <= disturbances[outcome] <= 1 + _ROUNDING:
            low, high = passed_on, passed_on + unexplained
            found = f"{wanted:g} cannot be reached: its predictors pass on {passed_on:.3f}"
            remedy = f"Give a value from {low:.3f} to {high:.3f}, or other values for its predictors."
            problems.append(Problem(where=f"{where} of {outcome}", found=found, remedy=remedy))
    if exogenous and np.linalg.eigvalsh(matrix - between)[0] < -_ROUNDING:
        found = "with their correlations, nothing is left that differs"
        remedy = "Bring these values closer together, or lower them."
        problems.append(Problem(where=f"{where} of {listed(exogenous, limit=9)}", found=found, remedy=remedy))
    kept = {name: min(max(value, 0.0), 1.0) for name, value in disturbances.items()}  # beyond by rounding only
    return SharedPart(exogenous=between, disturbances=kept, problems=tuple(problems))


def by_name(shares: float | Mapping[str, float], names: tuple[str, ...]) -> dict[str, float]:
    """A share of every name, from one value for all or values by name."""
    return dict(shares) if isinstance(shares, Mapping) else dict.fromkeys(names, float(shares))
