"""The same estimator written slowly: one pair at a time, scipy's integration, derivatives by finite differences."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.linalg import block_diag
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import multivariate_normal, norm

from surveysem.data.ordinal import ordinal_moments

Parameters = np.ndarray  # thresholds of an ordered variable; mean and variance of a continuous one
STEP = 1e-4


def _factor_data(n_obs: int, cuts: dict[str, list[float]], seed: int) -> pd.DataFrame:
    """One-factor data; a variable without cuts is continuous, with mean 2 and standard deviation 3."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=n_obs)
    scores = {name: 0.75 * factor + 0.66 * rng.normal(size=n_obs) for name in cuts}
    return pd.DataFrame(
        {name: np.searchsorted(cut, scores[name]) if cut else 2 + 3 * scores[name] for name, cut in cuts.items()}
    )


FRAMES = {
    "ordered": _factor_data(120, {"a": [0.1], "b": [-0.6, 0.7], "c": [-0.5, 0.9]}, seed=5),
    "mixed": _factor_data(120, {"a": [0.1], "y": [], "b": [-0.6, 0.7], "z": []}, seed=6),
}
ORDERED = {"ordered": ["a", "b", "c"], "mixed": ["a", "b"]}


def _interval(codes: np.ndarray, thresholds: Parameters) -> tuple[np.ndarray, np.ndarray]:
    ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
    return ends[codes], ends[codes + 1]


def _rectangle(low: tuple[float, float], high: tuple[float, float], rho: float) -> float:
    rest = np.sqrt(1 - rho**2)

    def slab(x: float) -> float:
        height = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        return height * (ndtr((high[1] - rho * x) / rest) - ndtr((low[1] - rho * x) / rest))

    return quad(slab, max(low[0], -9), min(high[0], 9), epsabs=1e-15, epsrel=1e-13)[0]


def _log_likelihood_one(values: np.ndarray, is_ordered: bool, parameters: Parameters) -> np.ndarray:
    if not is_ordered:
        return norm.logpdf(values, parameters[0], np.sqrt(parameters[1]))
    low, high = _interval(values.astype(int), parameters)
    return np.log(ndtr(high) - ndtr(low))


def _log_likelihood_two(
    values: tuple[np.ndarray, np.ndarray],
    is_ordered: tuple[bool, bool],
    parameters: tuple[Parameters, Parameters],
    rho: float,
) -> np.ndarray:
    if is_ordered == (False, True):
        return _log_likelihood_two(values[::-1], (True, False), parameters[::-1], rho)
    if is_ordered == (False, False):
        (m1, v1), (m2, v2) = parameters
        covariance = rho * np.sqrt(v1 * v2)
        return multivariate_normal([m1, m2], [[v1, covariance], [covariance, v2]]).logpdf(np.column_stack(values))
    low, high = _interval(values[0].astype(int), parameters[0])
    if is_ordered == (True, False):
        z, rest = (values[1] - parameters[1][0]) / np.sqrt(parameters[1][1]), np.sqrt(1 - rho**2)
        conditional = ndtr((high - rho * z) / rest) - ndtr((low - rho * z) / rest)
        return np.log(conditional) + norm.logpdf(values[1], parameters[1][0], np.sqrt(parameters[1][1]))
    low_two, high_two = _interval(values[1].astype(int), parameters[1])
    cells = {}
    for cell in zip(low, low_two, high, high_two, strict=True):
        if cell not in cells:
            cells[cell] = np.log(_rectangle(cell[:2], cell[2:], rho))
    return np.array([cells[cell] for cell in zip(low, low_two, high, high_two, strict=True)])


def _derivatives(function: Callable[[Parameters], np.ndarray], at: Parameters) -> np.ndarray:
    """Central differences of fourth order, shape (parameters, rows)."""
    steps = np.eye(len(at)) * STEP
    return np.array(
        [
            (8 * (function(at + h) - function(at - h)) - (function(at + 2 * h) - function(at - 2 * h))) / (12 * STEP)
            for h in steps
        ]
    )


class Oracle:
    """Estimates, scores and the sandwich for one frame."""

    def __init__(self, frame: pd.DataFrame, ordered: list[str]) -> None:
        self.names, self.n_obs = list(frame), len(frame)
        self.values = [frame[name].to_numpy() for name in frame]
        self.is_ordered = [name in ordered for name in frame]
        self.parameters = [self._first_stage(number) for number in range(len(self.names))]
        self.pairs = list(combinations(range(len(self.names)), 2))
        self.rho = [brentq(self._total_score, -0.9, 0.95, args=(pair,), xtol=1e-10) for pair in self.pairs]

    def _first_stage(self, number: int) -> Parameters:
        values = self.values[number]
        if not self.is_ordered[number]:
            return np.array([values.mean(), values.var()])
        return norm.ppf([(values <= code).mean() for code in np.unique(values)[:-1]])

    def _of_pair(self, pair: tuple[int, int], first: Parameters, second: Parameters, rho: float) -> np.ndarray:
        one, two = pair
        values, kinds = (self.values[one], self.values[two]), (self.is_ordered[one], self.is_ordered[two])
        return _log_likelihood_two(values, kinds, (first, second), rho)

    def _score_of_rho(self, rho: float, pair: tuple[int, int]) -> np.ndarray:
        first, second = (self.parameters[number] for number in pair)
        return _derivatives(lambda value: self._of_pair(pair, first, second, value[0]), np.array([rho]))[0]

    def _total_score(self, rho: float, pair: tuple[int, int]) -> float:
        return float(self._score_of_rho(rho, pair).sum())

    def _scores_one(self, number: int) -> np.ndarray:
        values, kind = self.values[number], self.is_ordered[number]
        return _derivatives(lambda at: _log_likelihood_one(values, kind, at), self.parameters[number])

    def _cross(self, pair: tuple[int, int], rho: float, offsets: np.ndarray) -> np.ndarray:
        """Mean products of the score of the correlation with those of the pair's first-stage parameters."""
        first, second = (self.parameters[number] for number in pair)
        of_rho = self._score_of_rho(rho, pair)
        row = np.zeros(offsets[-1])
        of_first = _derivatives(lambda at: self._of_pair(pair, at, second, rho), first)
        of_second = _derivatives(lambda at: self._of_pair(pair, first, at, rho), second)
        row[offsets[pair[0]] : offsets[pair[0] + 1]] = of_first @ of_rho / self.n_obs
        row[offsets[pair[1]] : offsets[pair[1] + 1]] = of_second @ of_rho / self.n_obs
        return row

    def covariance_of_parameters(self) -> np.ndarray:
        """Of √n times first-stage parameters variable by variable, then correlations."""
        first = [self._scores_one(number) for number in range(len(self.names))]
        second = np.array([self._score_of_rho(rho, pair) for rho, pair in zip(self.rho, self.pairs, strict=True)])
        offsets = np.cumsum([0, *(len(block) for block in first)])
        below = np.array([self._cross(pair, rho, offsets) for rho, pair in zip(self.rho, self.pairs, strict=True)])
        corner = np.diag((second**2).mean(axis=1))
        on_diagonal = block_diag(*(block @ block.T / self.n_obs for block in first))
        bread = np.linalg.inv(np.block([[on_diagonal, np.zeros(below.T.shape)], [below, corner]]))
        scores = np.vstack([*first, second])
        return bread @ (scores @ scores.T / self.n_obs) @ bread.T

    def statistics(self, parameters: Parameters) -> np.ndarray:
        """Statistics in the order of the fit from the vector of parameters."""
        sizes = [len(block) for block in self.parameters]
        *first, rho = np.split(parameters, np.cumsum(sizes))
        variances = [1.0 if kind else block[1] for block, kind in zip(first, self.is_ordered, strict=True)]
        located = [block if kind else -block[:1] for block, kind in zip(first, self.is_ordered, strict=True)]
        spread = [block[1:] for block, kind in zip(first, self.is_ordered, strict=True) if not kind]
        together = [value * np.sqrt(variances[i] * variances[j]) for value, (i, j) in zip(rho, self.pairs, strict=True)]
        return np.concatenate([*located, *spread, together])


@pytest.mark.parametrize("case", FRAMES)
def test_correlations_and_gamma_are_those_of_the_slow_version(case):
    """Finite differences and scipy's integration leave about 1e-9 in the scores."""
    oracle = Oracle(FRAMES[case], ORDERED[case])
    ours = ordinal_moments(FRAMES[case], list(FRAMES[case]), ORDERED[case])
    estimates = np.concatenate([*oracle.parameters, oracle.rho])
    np.testing.assert_allclose(ours.statistics, oracle.statistics(estimates), rtol=0, atol=1e-8)
    jacobian = _derivatives(oracle.statistics, estimates).T
    gamma = jacobian @ oracle.covariance_of_parameters() @ jacobian.T
    np.testing.assert_allclose(ours.gamma, gamma, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("rho", [-0.97, 0.2, 0.9])
def test_the_correlation_maximises_the_likelihood(rho):
    rng = np.random.default_rng(8)
    scores = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=400, method="cholesky")
    frame = pd.DataFrame({"a": np.searchsorted([-1, 0, 1], scores[:, 0]), "b": np.searchsorted([0.5, 1], scores[:, 1])})
    ours = ordinal_moments(frame, ["a", "b"], ["a", "b"])
    values = frame["a"].to_numpy(), frame["b"].to_numpy()
    thresholds = ours.thresholds["a"], ours.thresholds["b"]
    here, left, right = (
        _log_likelihood_two(values, (True, True), thresholds, ours.correlation[0, 1] + shift).sum()
        for shift in (0.0, -1e-4, 1e-4)
    )
    assert here > left
    assert here > right
    assert abs(left - right) < 0.01 * (2 * here - left - right)  # the top lies in the middle, to 1e-6
