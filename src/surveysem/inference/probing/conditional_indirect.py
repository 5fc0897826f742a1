"""Conditional indirect effects: how strongly an effect is mediated, as a moderator varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from surveysem.errors import Problem, UnsupportedError
from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.fit import Fit
from surveysem.inference.probing.group import Points, ProbedGroup, probed_groups
from surveysem.inference.probing.simple_slopes import labelled
from surveysem.inference.probing.slopes import slope, standardized_slope
from surveysem.inference.probing.uncertainty import IntervalMethod, Quantity, Uncertainty, choose_uncertainty, inferred
from surveysem.inference.probing.values import Units, Values, chosen_values

Step = tuple[str, str]


@dataclass(frozen=True, kw_only=True, eq=False)
class ConditionalIndirect:
    """Indirect effects along a path at values of a moderator.

    Parameters
    ----------
    path : tuple of str
        Predictor, mediators, outcome.
    moderator : str
        What the effect depends on.
    moderated_steps : tuple of (str, str)
        Steps of the path, predictor and outcome, that the moderator moderates.
    effects : pandas.DataFrame
        One row a value (and group): group (where there are several), at, moderator_value, indirect, std_error, z,
        p_value, ci_lower, ci_upper, and std_indirect, std_std_error … std_ci_upper; n_draws where there are draws.
    index : pandas.DataFrame
        The index of moderated mediation, what the indirect effect changes by per unit of the moderator: one row a
        group; columns index, std_error … and std_index (per standard deviation, all variables at unit variance) …
        Empty where several steps are moderated: the effect is then no straight line.
    differences : pandas.DataFrame
        Between each two of the values: from_at, to_at, from_value, to_value, difference, std_error …
    intervals : str
        How intervals were computed.
    level : float
        Their confidence level.
    """

    path: tuple[str, ...]
    moderator: str
    moderated_steps: tuple[Step, ...]
    effects: pd.DataFrame
    index: pd.DataFrame
    differences: pd.DataFrame
    intervals: str
    level: float

    @property
    def description(self) -> str:
        """What is moderated, and what that makes of the indirect effect."""
        steps = " and ".join(f"{first} → {second}" for first, second in self.moderated_steps)
        start = f"{self.moderator} moderates {steps} of {' → '.join(self.path)}."
        if len(self.moderated_steps) == 1:
            return f"{start} The indirect effect is a straight line along {self.moderator}; its slope is the index."
        degree = {2: "quadratic"}.get(len(self.moderated_steps), f"a polynomial of degree {len(self.moderated_steps)}")
        return f"{start} The indirect effect is {degree} in {self.moderator}: there is no single index."

    def __repr__(self) -> str:
        return f"<ConditionalIndirect {self.description}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.description)}</p>{self.effects.dropna(axis=1, how='all').to_html(index=False)}"


def conditional_indirect(
    fit: Fit,
    *,
    path: Sequence[str],
    moderator: str,
    at: Sequence[float] | None = None,
    units: Units = "sd",
    intervals: IntervalMethod | None = None,
    bootstrap: Bootstrap | None = None,
    level: float = 0.95,
    n_draws: int = 20_000,
    seed: int = 1,
) -> ConditionalIndirect:
    """Indirect effects at values of a moderator, the index of moderated mediation, and differences.

    Parameters
    ----------
    fit : Fit
        A model in which every step of the path is a regression and *moderator* multiplies at least one of them.
    path : sequence of str
        Predictor, one or more mediators, outcome.
    moderator : str
        A variable that multiplies the predictor of one or more steps; it may be on the path itself.
    at, units
        Values of the moderator, as of :func:`simple_slopes`.
    intervals : {"monte_carlo", "delta", "bootstrap"}, optional
        Quantiles of draws of the estimates by default, because a product of estimates is not normal; normal theory;
        or from the draws of a bootstrap, where one is given.
    bootstrap : Bootstrap, optional
        Result of ``fit.bootstrap(...)``.
    level : float
        Confidence level.
    n_draws, seed : int
        Of the Monte Carlo draws.

    Raises
    ------
    UnsupportedError
        When a step is missing or none is moderated, or options make no sense.

    Notes
    -----
    The effect is the product of the slopes of all steps, each at the value of the moderator. Moderators other than
    this one are at their means. Where one step is moderated the effect is a straight line whose slope is Hayes's
    index; a test of the index is a test of any difference between two values. As in :func:`simple_slopes`, values of
    the moderator count as chosen, and standardised effects are those at standard deviations from its mean.

    References
    ----------
    hayes_2015, mackinnon_2004, preacher_rucker_hayes_2007

    Examples
    --------
    >>> import numpy as np
    >>> import surveysem as ss
    >>> rng = np.random.default_rng(1)
    >>> x, z, e, u = rng.normal(size=(4, 500))
    >>> m = 0.5 * x + 0.3 * z + 0.3 * x * z + e
    >>> v = {"x": x, "z": z, "m": m, "y": 0.5 * m + u}
    >>> data = pd.DataFrame({f"{n}{i}": v[n] + rng.normal(size=500) / 2 for n in v for i in (1, 2, 3)})
    >>> model = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; M =~ m1 + m2 + m3; Y =~ y1 + y2 + y3; M ~ X + Z + X:Z; Y ~ M + X"
    >>> result = ss.conditional_indirect(ss.sem(model, data), path=("X", "M", "Y"), moderator="Z")
    >>> result.moderated_steps, bool(result.index.loc[0, "ci_lower"] > 0)
    ((('X', 'M'),), True)
    """
    effects = _prepared(
        fit,
        path,
        moderator,
        choose_uncertainty(
            fit, method=intervals, default="monte_carlo", bootstrap=bootstrap, level=level, n_draws=n_draws, seed=seed
        ),
    )
    groups = [each.group for each in effects]
    chosen = chosen_values(groups, moderator, at, units)
    pairs = list(zip(effects, chosen, strict=True))
    return replace(
        _indexed(effects),
        effects=labelled([each.at(values, standardized=True) for each, values in pairs], groups),
        differences=labelled([each.differences(values) for each, values in pairs], groups),
    )


def indirect_curve(
    fit: Fit,
    *,
    path: Sequence[str],
    moderator: str,
    at: Sequence[float],
    intervals: IntervalMethod | None = None,
    bootstrap: Bootstrap | None = None,
    level: float = 0.95,
    n_draws: int = 20_000,
    seed: int = 1,
) -> ConditionalIndirect:
    """Indirect effects at many values of a moderator, for a plot: without differences and standardised effects.

    Parameters
    ----------
    fit, path, moderator, intervals, bootstrap, level, n_draws, seed
        As of :func:`conditional_indirect`.
    at : sequence of float
        Standard deviations from the mean of the moderator.
    """
    uncertainty = choose_uncertainty(
        fit, method=intervals, default="monte_carlo", bootstrap=bootstrap, level=level, n_draws=n_draws, seed=seed
    )
    effects = _prepared(fit, path, moderator, uncertainty)
    groups = [each.group for each in effects]
    chosen = chosen_values(groups, moderator, at, "sd")
    curves = [each.at(values, standardized=False) for each, values in zip(effects, chosen, strict=True)]
    return replace(_indexed(effects), effects=labelled(curves, groups))


def _prepared(fit: Fit, path: Sequence[str], moderator: str, uncertainty: Uncertainty) -> list[_Effects]:
    groups = probed_groups(fit)
    steps = tuple(pairwise(path))
    _check_path(groups[0], path, steps, moderator)
    return [
        _Effects(fit=fit, group=group, steps=steps, moderator=moderator, uncertainty=uncertainty) for group in groups
    ]


def _indexed(effects: Sequence[_Effects]) -> ConditionalIndirect:
    """What does not depend on values of the moderator."""
    first = effects[0]
    moderated = tuple(step for step in first.steps if _is_moderated(first.group, step, first.moderator))
    straight = len(moderated) == 1
    return ConditionalIndirect(
        path=(first.steps[0][0], *(outcome for _, outcome in first.steps)),
        moderator=first.moderator,
        moderated_steps=moderated,
        effects=pd.DataFrame(),
        index=labelled([each.index() for each in effects], [e.group for e in effects]) if straight else pd.DataFrame(),
        differences=pd.DataFrame(),
        intervals=first.uncertainty.name,
        level=first.uncertainty.level,
    )


def _is_moderated(group: ProbedGroup, step: Step, moderator: str) -> bool:
    predictor, outcome = step
    products = [set(term.factors) for term in group.equation(outcome) if len(term.factors) > 1]
    return {predictor, moderator} in products


def _check_path(group: ProbedGroup, path: Sequence[str], steps: tuple[Step, ...], moderator: str) -> None:
    problems = []
    if isinstance(path, str) or len(path) < 3 or len(set(path)) < len(path):
        remedy = "Give predictor, mediators and outcome, each once, such as path=('X', 'M', 'Y')."
        problems.append(Problem(where="path", found=f"{path!r} is no indirect path", remedy=remedy))
        raise UnsupportedError("The conditional indirect effect cannot be computed.", problems)
    for predictor, outcome in steps:
        predictors = dict.fromkeys(term.factors[0] for term in group.equation(outcome) if len(term.factors) == 1)
        if predictor not in predictors:
            remedy = f"Predictors of {outcome}: {', '.join(predictors) or 'none'}."
            problems.append(Problem(where="path", found=f"{predictor} does not predict {outcome}", remedy=remedy))
    if not problems and not any(_is_moderated(group, step, moderator) for step in steps):
        remedy = f"Available for moderators of a step: {', '.join(_moderators(group, steps)) or 'none'}."
        problems.append(Problem(where="moderator", found=f"{moderator!r} moderates no step of the path", remedy=remedy))
    if problems:
        raise UnsupportedError("The conditional indirect effect cannot be computed.", problems)


def _moderators(group: ProbedGroup, steps: tuple[Step, ...]) -> dict[str, None]:
    found: dict[str, None] = {}
    for predictor, outcome in steps:
        for term in group.equation(outcome):
            if len(term.factors) == 2 and predictor in term.factors:
                first, second = term.factors
                found[second if first == predictor else first] = None
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class _Effects:
    """The indirect effect of one group as a function of the moderator."""

    fit: Fit
    group: ProbedGroup
    steps: tuple[Step, ...]
    moderator: str
    uncertainty: Uncertainty

    def _raw(self, thetas: Points, values: Points) -> Points:
        product = 1.0
        for predictor, outcome in self.steps:
            at = {self.moderator: values}
            product = product * slope(self.group, thetas, outcome=outcome, predictor=predictor, raw=at)
        return product

    def _standard(self, thetas: Points, values: Points) -> Points:
        product = 1.0
        for predictor, outcome in self.steps:
            at = {self.moderator: values}
            product = product * standardized_slope(
                self.group, thetas, outcome=outcome, predictor=predictor, standard=at
            )
        return product

    def _inferred(self, quantity: Quantity, name: str, prefix: str = "") -> pd.DataFrame:
        return inferred(self.fit, quantity, self.uncertainty, name=name, prefix=prefix)

    def at(self, values: Values, *, standardized: bool) -> pd.DataFrame:
        """Effects at the values."""
        tables = [
            pd.DataFrame({"at": values.standard, "moderator_value": values.raw}),
            self._inferred(lambda thetas: self._raw(thetas, values.raw), "indirect"),
        ]
        if standardized:
            tables.append(
                self._inferred(lambda thetas: self._standard(thetas, values.standard), "std_indirect", "std_")
            )
        return pd.concat(tables, axis=1)

    def index(self) -> pd.DataFrame:
        """Change per unit of the moderator; exact differences, since the effect is a straight line."""
        mean = self.group.means[self.moderator]
        ends, standard_ends = mean + np.array([0.0, 1.0]), np.array([0.0, 1.0])
        return pd.concat(
            [
                self._inferred(lambda thetas: np.diff(self._raw(thetas, ends)), "index"),
                self._inferred(lambda thetas: np.diff(self._standard(thetas, standard_ends)), "std_index", "std_"),
            ],
            axis=1,
        )

    def differences(self, values: Values) -> pd.DataFrame:
        """Differences between each two values, the earlier taken from the later."""
        pairs = np.array(list(combinations(range(len(values.raw)), 2)), dtype=np.int64).reshape(-1, 2)
        first, second = pairs.T

        def difference(thetas: Points) -> Points:
            effects = self._raw(thetas, values.raw)
            return effects[:, second] - effects[:, first]

        ends = pd.DataFrame(
            {
                "from_at": values.standard[first],
                "to_at": values.standard[second],
                "from_value": values.raw[first],
                "to_value": values.raw[second],
            }
        )
        return pd.concat([ends, self._inferred(difference, "difference")], axis=1)
