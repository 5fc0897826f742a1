"""Direct, indirect and total effects of a system of regressions, as functions of its coefficients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

import numpy as np

from surveysem.errors import UnsupportedError
from surveysem.typing import FloatArray, IntArray

EffectKind: TypeAlias = Literal["direct", "specific", "indirect", "total"]

MOST_ROUTES = 5_000
"""Indirect routes that a table can hold."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EffectSystem:
    """Which variables act on which: a graph of *m* variables with *e* arrows.

    Parameters
    ----------
    variables : tuple of str
        Names.
    outcome, predictor : int arrays of shape (e,)
        Where each arrow ends and begins, as positions among the variables.
    """

    variables: tuple[str, ...]
    outcome: IntArray
    predictor: IntArray

    def matrix(self, coefficients: FloatArray) -> FloatArray:
        """B of shape (b, m, m), outcomes in rows, from coefficients (b, e) of the arrows."""
        size = len(self.variables)
        matrix = np.zeros((len(coefficients), size, size))
        matrix[:, self.outcome, self.predictor] = coefficients
        return matrix

    @property
    def pattern(self) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """Where arrows are, of shape (m, m), outcomes in rows."""
        found = np.zeros((len(self.variables), len(self.variables)), dtype=bool)
        found[self.outcome, self.predictor] = True
        return found

    @property
    def reaches(self) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """Whether a variable (column) acts on another (row) along any arrows, of shape (m, m)."""
        found = self.pattern
        for middle in range(len(self.variables)):
            found |= found[:, [middle]] & found[[middle]]
        return found

    @property
    def is_recursive(self) -> bool:
        """Whether no variable acts on itself."""
        return not self.reaches.diagonal().any()


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One effect of a variable on another.

    Parameters
    ----------
    kind : {"direct", "specific", "indirect", "total"}
        Of the arrow alone; along one route through others; along all of these; altogether.
    arrows : tuple of int
        Those it is the product of, for direct and specific effects.
    predictor, outcome : int
        Positions among the variables.
    """

    kind: EffectKind
    predictor: int
    outcome: int
    arrows: tuple[int, ...] = ()


def total_effects(direct: FloatArray) -> FloatArray:
    """Total effects T = (I − B)⁻¹ − I of shape (…, m, m), outcomes in rows.

    Parameters
    ----------
    direct : array of shape (…, m, m)
        B: direct effects, outcomes in rows.

    Returns
    -------
    ndarray
        The sum of all powers of B; NaN where that sum has no limit, the largest modulus of an eigenvalue of B being 1
        or more.

    Notes
    -----
    Without feedback, powers of B beyond the longest chain are 0 and the sum always exists.

    References
    ----------
    bollen_1987

    Examples
    --------
    >>> chain = np.array([[0.0, 0.0, 0.0], [0.5, 0.0, 0.0], [0.2, 0.4, 0.0]])
    >>> total_effects(chain)[2, 0].round(3)
    np.float64(0.4)
    """
    identity = np.eye(direct.shape[-1])
    radius = spectral_radius(direct).reshape(*direct.shape[:-2], 1, 1)
    exists = radius < 1.0
    inverse = np.linalg.inv(np.where(exists, identity - direct, identity))
    total: FloatArray = np.where(exists, inverse - identity, np.nan)
    return total


def spectral_radius(direct: FloatArray) -> FloatArray:
    """Largest modulus of an eigenvalue of B (…, m, m), of shape (…); 0 where nothing feeds back.

    Examples
    --------
    >>> spectral_radius(np.array([[0.0, 0.5], [0.32, 0.0]])).round(3)
    np.float64(0.4)
    """
    present = np.abs(direct).reshape(-1, *direct.shape[-2:]).any(axis=0)
    size = direct.shape[-1]
    if not np.linalg.matrix_power(present.astype(float), size).any():
        return np.zeros(direct.shape[:-2])
    known = np.isfinite(direct).all(axis=(-2, -1), keepdims=True)
    values = np.abs(np.linalg.eigvals(np.where(known, direct, 0.0))).max(axis=-1)
    radius: FloatArray = np.where(known.reshape(direct.shape[:-2]), values, np.inf)
    return radius


def list_effects(system: EffectSystem, kinds: Sequence[EffectKind]) -> list[Effect]:
    """Effects of every variable on every other it acts on, outcome by outcome.

    Parameters
    ----------
    system : EffectSystem
        The arrows.
    kinds : sequence of {"direct", "specific", "indirect", "total"}
        Which; indirect ones only where some route leads through another variable.

    Raises
    ------
    UnsupportedError
        When there are more specific routes than a table can hold.
    """
    arrow = {(int(o), int(p)): e for e, (o, p) in enumerate(zip(system.outcome, system.predictor, strict=True))}
    routes = _routes_by_ends(system, arrow) if "specific" in kinds else {}
    pattern, reaches = system.pattern, system.reaches
    through = (pattern.astype(int) @ reaches.astype(int)) > 0
    found = []
    for outcome, predictor in zip(*np.nonzero(reaches), strict=True):
        ends = (int(outcome), int(predictor))
        if outcome == predictor:
            continue
        if "direct" in kinds and ends in arrow:
            found.append(_effect("direct", ends, (arrow[ends],)))
        found += [_effect("specific", ends, each) for each in routes.get(ends, [])]
        if "indirect" in kinds and through[ends]:
            found.append(_effect("indirect", ends))
        if "total" in kinds:
            found.append(_effect("total", ends))
    return found


def _effect(kind: EffectKind, ends: tuple[int, int], arrows: tuple[int, ...] = ()) -> Effect:
    return Effect(kind=kind, predictor=ends[1], outcome=ends[0], arrows=arrows)


def _routes_by_ends(
    system: EffectSystem, arrow: dict[tuple[int, int], int]
) -> dict[tuple[int, int], list[tuple[int, ...]]]:
    """Routes of two or more arrows that pass no variable twice, by (outcome, predictor)."""
    found: dict[tuple[int, int], list[tuple[int, ...]]] = {}
    followers = {p: [o for o, q in arrow if q == p] for p in range(len(system.variables))}
    for count, route in enumerate(_routes(followers), start=1):
        if count > MOST_ROUTES:
            raise UnsupportedError(
                f"There are more than {MOST_ROUTES:,} specific indirect effects. Leave them out: "
                'kinds=("direct", "indirect", "total").'
            )
        steps = tuple(arrow[after, before] for before, after in pairwise(route))
        found.setdefault((route[-1], route[0]), []).append(steps)
    return found


def _routes(followers: dict[int, list[int]]) -> Iterator[tuple[int, ...]]:
    waiting: list[tuple[int, ...]] = [(start,) for start in reversed(list(followers))]
    while waiting:
        route = waiting.pop()
        if len(route) > 2:
            yield route
        waiting += [(*route, after) for after in reversed(followers[route[-1]]) if after not in route]


def evaluate_effects(system: EffectSystem, effects: Sequence[Effect], coefficients: FloatArray) -> FloatArray:
    """Effects of shape (b, k) at coefficients (b, e) of the arrows.

    NaN where a sum over all routes has no limit; see :func:`total_effects`.
    """
    direct = system.matrix(coefficients)
    total = total_effects(direct) if any(not each.arrows for each in effects) else direct
    columns = [_column(each, direct, total, coefficients) for each in effects]
    return np.array(columns).reshape(len(effects), len(coefficients)).T


def _column(effect: Effect, direct: FloatArray, total: FloatArray, coefficients: FloatArray) -> FloatArray:
    if effect.arrows:
        product: FloatArray = coefficients[:, list(effect.arrows)].prod(axis=1)
        return product
    altogether = total[:, effect.outcome, effect.predictor]
    return altogether - direct[:, effect.outcome, effect.predictor] if effect.kind == "indirect" else altogether


def effect_derivatives(system: EffectSystem, effects: Sequence[Effect], coefficients: FloatArray) -> FloatArray:
    """Derivatives (k, e) of effects with respect to the coefficients (e,) of the arrows.

    Notes
    -----
    ∂T/∂B_ij = A eᵢ eⱼᵀ A with A = (I − B)⁻¹ (Sobel 1986); of a product of arrows, the product of the others.

    References
    ----------
    sobel_1986
    """
    inverse = total_effects(system.matrix(coefficients[None])[0]) + np.eye(len(system.variables))
    jacobian = np.zeros((len(effects), len(coefficients)))
    for place, effect in enumerate(effects):
        if effect.arrows:
            for arrow in effect.arrows:
                others = [each for each in effect.arrows if each != arrow]
                jacobian[place, arrow] = coefficients[others].prod()
            continue
        jacobian[place] = inverse[effect.outcome, system.outcome] * inverse[system.predictor, effect.predictor]
        if effect.kind == "indirect":
            own = (system.outcome == effect.outcome) & (system.predictor == effect.predictor)
            jacobian[place] -= own
    return jacobian
