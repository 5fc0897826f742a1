"""Replicates of a fitted model by fast refits, of complete or incomplete rows fitted by maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from surveysem.estimation import FullInformation, Solution
from surveysem.estimation.incomplete_stacks import IncompleteRows, incomplete_rows, incomplete_stack
from surveysem.estimation.refit import RefitPlan, plan_refits
from surveysem.estimation.stacks import BoolArray, SampleStack
from surveysem.inference.recentring import ProductColumns, recentred_product_moments, recentred_product_rows
from surveysem.inference.replicates import ReplicatedGroup, RowRules, replicated_rows, row_rules
from surveysem.inference.resampling import weighted_moments
from surveysem.typing import FloatArray

_FREQUENCIES_AT_ONCE = 2**22
_VALUES_AT_ONCE = 2**22

NO_STATISTIC = "The covariance matrix of the replicate is not positive definite, so that it has no statistic of fit."


@dataclass(frozen=True, kw_only=True, eq=False)
class Replicates:
    """What a stack of *b* samples gave; *s* of them have a solution.

    Parameters
    ----------
    solved : bool array of shape (b,)
        Which have one.
    estimates, standardized : arrays of shape (s, k)
        Rows of the table of estimates, definitions last.
    admissible : bool array of shape (s,)
        Whether some population could have each solution.
    chi_squares : array of shape (s,)
        Statistics of fit, where asked for; else NaN.
    failures : Mapping of int to str
        Why others have no solution, by place in the stack.
    n_retried : int
        Samples fitted by the native engine from its own start.
    """

    solved: BoolArray
    estimates: FloatArray
    standardized: FloatArray
    admissible: BoolArray
    chi_squares: FloatArray
    failures: Mapping[int, str] = field(default_factory=dict)
    n_retried: int = 0


class Replication(Protocol):
    """A way to refit a model to rows that count repeatedly; it is sent to other processes, and therefore small."""

    @property
    def samples_at_once(self) -> int:
        """How many samples fit into memory together."""

    def run(self, frequencies: Sequence[FloatArray]) -> Replicates:
        """Solutions of samples in which rows count as often as *frequencies* say: arrays (b, n), one a group."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CompleteReplication:
    """Refits to moments of complete rows.

    Parameters
    ----------
    plan : RefitPlan
        What refits share.
    rules : tuple of RowRules
        Of the table of estimates, one a group.
    rows : tuple of arrays of shape (n, p)
        Observations of each group.
    products : ProductColumns
        Columns that are centred anew in each replicate.
    with_chi_square : bool
        Compute statistics of fit too.
    """

    plan: RefitPlan
    rules: tuple[RowRules, ...]
    rows: tuple[FloatArray, ...]
    products: ProductColumns
    with_chi_square: bool = False

    @property
    def samples_at_once(self) -> int:
        """Frequencies of that many samples are held together."""
        return max(_FREQUENCIES_AT_ONCE // max(len(rows) for rows in self.rows), 1)

    def run(self, frequencies: Sequence[FloatArray]) -> Replicates:
        """Solutions of samples; see :class:`Replication`."""
        samples = [weighted_moments(rows, counts) for rows, counts in zip(self.rows, frequencies, strict=True)]
        if len(self.products):
            samples = recentred_product_moments(samples, self.rows, self.products)
        refits = self.plan.fit(samples)
        failures, solved = dict(refits.failures), np.isfinite(refits.theta[:, 0])
        chi_squares = np.full(len(solved), np.nan)
        if self.with_chi_square:
            stacks = [stack.take(solved) for stack in samples]
            n_obs = np.sum([stack.n_obs for stack in stacks], axis=0)
            chi_squares[solved] = n_obs * self.plan.discrepancy(refits.theta[solved], stacks)
            failures |= dict.fromkeys(np.flatnonzero(np.isinf(chi_squares)).tolist(), NO_STATISTIC)
            solved &= np.isfinite(chi_squares)
        return _replicates(
            self.plan, self.rules, refits.theta, samples, solved, chi_squares, failures, refits.n_retried
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class IncompleteReplication:
    """Refits by full information to incomplete rows; see :class:`CompleteReplication`.

    Parameters
    ----------
    rows : tuple of IncompleteRows
        Observations of each group and their patterns.
    """

    plan: RefitPlan
    rules: tuple[RowRules, ...]
    rows: tuple[IncompleteRows, ...]
    products: ProductColumns

    @property
    def samples_at_once(self) -> int:
        """Values of that many samples are held together."""
        return max(_VALUES_AT_ONCE // sum(rows.observations.size for rows in self.rows), 1)

    def run(self, frequencies: Sequence[FloatArray]) -> Replicates:
        """Solutions of samples; see :class:`Replication`."""
        values: Sequence[FloatArray | None] = [None] * len(self.rows)
        if len(self.products):
            values = recentred_product_rows([rows.observations for rows in self.rows], frequencies, self.products)
        samples = [
            incomplete_stack(rows, counts, made)
            for rows, counts, made in zip(self.rows, frequencies, values, strict=True)
        ]
        refits = self.plan.fit(samples)
        solved = np.isfinite(refits.theta[:, 0])
        moments = [stack.moments for stack in samples]
        none = np.full(len(solved), np.nan)
        return _replicates(
            self.plan, self.rules, refits.theta, moments, solved, none, refits.failures, refits.n_retried
        )


def _replicates(
    plan: RefitPlan,
    rules: tuple[RowRules, ...],
    theta: FloatArray,
    samples: Sequence[SampleStack],
    solved: BoolArray,
    chi_squares: FloatArray,
    failures: Mapping[int, str],
    n_retried: int,
) -> Replicates:
    groups = [
        ReplicatedGroup(rules=rule, stacked=stacked, theta=theta[solved], samples=stack.take(solved))
        for rule, stacked, stack in zip(rules, plan.groups, samples, strict=True)
    ]
    estimates, standardized = replicated_rows(plan.table, groups)
    return Replicates(
        solved=solved,
        estimates=estimates,
        standardized=standardized,
        admissible=np.all([group.admissible for group in groups], axis=0),
        chi_squares=chi_squares[solved],
        failures=failures,
        n_retried=n_retried,
    )


def likelihood_replication(
    solution: Solution,
    products: Mapping[str, tuple[str, str]],
    columns: ProductColumns,
    *,
    rows: Sequence[FloatArray] | None = None,
    with_chi_square: bool = False,
) -> CompleteReplication | IncompleteReplication:
    """Fast refits of a solution of maximum likelihood.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    products : Mapping of str to (str, str)
        Latent products by name.
    columns : ProductColumns
        Observed products to centre anew.
    rows : sequence of arrays of shape (n, p), optional
        Complete rows to draw from instead of the observations.
    with_chi_square : bool
        Compute statistics of fit too, from complete rows.
    """
    plan = plan_refits(solution)
    rules = tuple(row_rules(group, products) for group in solution.groups)
    found = [group.discrepancy for group in solution.groups]
    incomplete = tuple(incomplete_rows(each.missing) for each in found if isinstance(each, FullInformation))
    if incomplete:
        return IncompleteReplication(plan=plan, rules=rules, rows=incomplete, products=columns)
    observed = tuple(np.array(group.moments.observations) for group in solution.groups)
    return CompleteReplication(
        plan=plan,
        rules=rules,
        rows=observed if rows is None else tuple(rows),
        products=columns,
        with_chi_square=with_chi_square,
    )
