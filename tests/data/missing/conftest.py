"""Incomplete data of several shapes, a dictionary of elements, and the textbook formulas pattern by pattern."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from surveysem.data.missing import MissingMoments, missing_patterns


def _incomplete(n: int, p: int, share: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(p, p)) + 2.0 * np.eye(p)
    values = rng.normal(size=(n, p)) @ mixing.T + rng.uniform(-3.0, 3.0, p)
    values[rng.random((n, p)) < share] = np.nan
    return pd.DataFrame(values, columns=[f"x{place}" for place in range(p)])


@pytest.fixture(scope="session")
def scattered() -> pd.DataFrame:
    """Most rows have a pattern of their own."""
    return _incomplete(80, 6, 0.3, seed=1)


@pytest.fixture(scope="session")
def planned() -> pd.DataFrame:
    """Three crowded patterns, two of one row, two empty rows."""
    frame = _incomplete(120, 5, 0.0, seed=2)
    frame.loc[:39, ["x0", "x1"]] = np.nan
    frame.loc[40:79, "x4"] = np.nan
    frame.loc[[5, 50]] = np.nan
    frame.loc[90, ["x0", "x2", "x3", "x4"]] = np.nan
    frame.loc[91, "x2"] = np.nan
    return frame


@pytest.fixture(scope="session", params=["scattered", "planned"])
def missing(request) -> MissingMoments:
    frame = request.getfixturevalue(request.param)
    return missing_patterns(frame, list(frame.columns))


@dataclass(frozen=True)
class Point:
    """A mean, a covariance, and elements that change them: variances, covariances, rank-one columns, means."""

    mu: np.ndarray
    sigma: np.ndarray
    columns: np.ndarray
    u: np.ndarray
    v: np.ndarray
    scale: np.ndarray
    mean_directions: np.ndarray

    @property
    def elements(self) -> dict[str, np.ndarray]:
        return {name: getattr(self, name) for name in ("columns", "u", "v", "scale")}

    def direction(self, element: int) -> np.ndarray:
        u, v = self.columns[:, self.u[element]], self.columns[:, self.v[element]]
        return self.scale[element] * (np.outer(u, v) + np.outer(v, u))

    def moved(self, element: int, step: float) -> tuple[np.ndarray, np.ndarray]:
        mu = self.mu + step * self.mean_directions[:, element]
        return mu, self.sigma + step * self.direction(element)


@pytest.fixture(scope="session")
def point(missing) -> Point:
    p = len(missing.variables)
    rng = np.random.default_rng(9)
    columns = np.hstack([np.eye(p), rng.normal(size=(p, 3))])
    u = np.array([0, 1, 2, p, p + 1, p, 0, 0])
    v = np.array([0, 3, p, p, p + 2, p + 1, 0, p])
    mixing = rng.normal(size=(p, p)) + 3.0 * np.eye(p)
    return Point(
        mu=np.nanmean(missing.observations, axis=0) + 0.3,
        sigma=mixing @ mixing.T,
        columns=columns,
        u=u,
        v=v,
        scale=np.array([0.5, 1.0, 1.0, 0.5, 1.0, 1.0, 0.0, 1.0]),
        mean_directions=rng.normal(size=(p, len(u))) * np.array([0.0, 0, 0, 0, 0, 0, 1.0, 1.0]),
    )


@dataclass(frozen=True)
class PlainPattern:
    """n_k / n, the padded inverse W, W T W and W d of one pattern, each by its definition."""

    share: float
    inverse: np.ndarray
    weighted: np.ndarray
    solved: np.ndarray


@pytest.fixture(scope="session")
def plain_patterns(missing, point) -> list[PlainPattern]:
    return [_plain(pattern, missing.n_obs, point) for pattern in missing.patterns]


def _plain(pattern, n_obs, point) -> PlainPattern:
    p, at = len(point.mu), np.ix_(pattern.observed, pattern.observed)
    inverse, second, first = np.zeros((p, p)), np.zeros((p, p)), np.zeros(p)
    inverse[at] = np.linalg.inv(point.sigma[at])
    first[pattern.observed] = pattern.means - point.mu[pattern.observed]
    second[at] = pattern.covariance
    second += np.outer(first, first)
    return PlainPattern(pattern.n_obs / n_obs, inverse, inverse @ second @ inverse, inverse @ first)
