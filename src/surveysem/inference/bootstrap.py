"""The bootstrap of a fitted model: rows or clusters drawn anew, refits, draws, intervals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from surveysem.errors import EstimationError, UnsupportedError
from surveysem.estimation.refit import can_be_refitted
from surveysem.findings import Finding
from surveysem.inference.bootstrap_intervals import Confidence
from surveysem.inference.bootstrap_tables import (
    draws_frame,
    intervals_frame,
    jackknife_accelerations,
    likelihood_accelerations,
)
from surveysem.inference.chunks import Chunk, Drawn, LeftOut, run_chunks
from surveysem.inference.fit import Fit
from surveysem.inference.least_squares import is_least_squares
from surveysem.inference.recentring import product_columns
from surveysem.inference.replication import Replication, likelihood_replication
from surveysem.inference.replication_least_squares import least_squares_replication
from surveysem.inference.resampling import RowSampler, model_conforming_rows
from surveysem.typing import FloatArray

BootstrapKind: TypeAlias = Literal["nonparametric", "bollen_stine"]

_FEW_CLUSTERS = 20
_CHUNKS = {"complete": 500, "incomplete": 100, "least squares": 20}
"""Replicates of one task: so many that random numbers, processes and the bar cost little."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bootstrap:
    """Draws from the bootstrap distribution of a fitted model, and what they say.

    Parameters
    ----------
    draws : pandas.DataFrame
        One row a replicate with a solution, indexed by its number from 1; columns by solution (``estimate``,
        ``std_all``) and parameter (``lhs op rhs``, or the name of a definition). Fixed parameters are left out.
    intervals : pandas.DataFrame
        One row a row of ``fit.estimates``: lhs, op, rhs, block, group, label, free, estimate, std_error, ci_lower,
        ci_upper, p_value, n_draws, and std_all, std_std_error, std_ci_lower, std_ci_upper, std_p_value, std_n_draws.
    kind, confidence, level, seed
        As asked for.
    n_replicates, n_failed, n_inadmissible, n_retried : int
        Replicates drawn; those without a solution; those whose solution no population could have, which are kept;
        and those that took the native engine's own start.
    failures : pandas.Series
        Why replicates have no solution, by number.
    chi_squares : pandas.Series or None
        Statistic of fit of each replicate of a Bollen–Stine bootstrap.
    chi_square : float
        That of the sample.
    cluster_sizes : tuple of int
        Rows of each cluster drawn from, all groups; empty where rows were drawn.
    findings : tuple of Finding
        What a reader of the intervals must know.
    """

    draws: pd.DataFrame
    intervals: pd.DataFrame
    kind: BootstrapKind
    confidence: Confidence
    level: float
    seed: int
    n_replicates: int
    n_failed: int
    n_inadmissible: int
    n_retried: int
    failures: pd.Series
    chi_squares: pd.Series | None
    chi_square: float
    cluster_sizes: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """The findings as sentences."""
        return tuple(finding.message for finding in self.findings)

    @property
    def p_value(self) -> float:
        """Bollen–Stine p-value of exact fit: the share of replicates that fit no better than the sample.

        Raises
        ------
        UnsupportedError
            For other kinds of bootstrap, whose samples do not conform to the model.
        """
        if self.chi_squares is None:
            raise UnsupportedError('A bootstrap p-value of fit needs bootstrap(..., kind="bollen_stine").')
        return float((self.chi_squares >= self.chi_square).mean())

    def __repr__(self) -> str:
        failed = f", {self.n_failed} failed" if self.n_failed else ""
        inadmissible = f", {self.n_inadmissible} inadmissible" if self.n_inadmissible else ""
        sizes = self.cluster_sizes
        clusters = f", {len(sizes)} clusters of {min(sizes)} to {max(sizes)} rows" if sizes else ""
        return (
            f"<Bootstrap {self.kind}{clusters}, {self.n_replicates} replicates{failed}{inadmissible}, "
            f"{self.level:.0%} {self.confidence} intervals, seed {self.seed}>"
        )


def bootstrap(
    fit: Fit,
    n_replicates: int = 5000,
    *,
    seed: int,
    confidence: Confidence = "percentile",
    level: float = 0.95,
    kind: BootstrapKind = "nonparametric",
    progress: bool = False,
    n_jobs: int = 1,
    chunk: int | None = None,
) -> Bootstrap:
    """Bootstrap standard errors, intervals and p-values of all parameters, standardised ones and definitions.

    Parameters
    ----------
    fit : Fit
        Fitted by maximum likelihood to complete or incomplete rows, or by least squares to continuous or ordered
        variables; any number of groups, within which is drawn. Where the rows are clustered, whole clusters are drawn.
    n_replicates : int
        Number of samples drawn.
    seed : int
        Of the draws. The same seed and *chunk* give the same numbers whatever *n_jobs* is.
    confidence : {"percentile", "bca", "basic", "normal"}
        Kind of interval; see :func:`~surveysem.inference.bootstrap_intervals.bootstrap_interval`.
    level : float
        Confidence level.
    kind : {"nonparametric", "bollen_stine"}
        Rows as observed, or transformed so that the model holds exactly, for a p-value of fit and standard errors
        that presume the model (complete, independent rows fitted by maximum likelihood).
    progress : bool
        Show a progress bar on a terminal; in a pipe nothing is shown.
    n_jobs : int
        Processes. It takes a second or two to start them, so they gain where one process needs longer: incomplete rows
        and least squares above all.
    chunk : int, optional
        Replicates of one task; each has random numbers of its own. By default 500 for complete rows, 100 for
        incomplete ones, 20 for least squares.

    Raises
    ------
    UnsupportedError
        For other ways of fitting, combinations that are not offered, and unknown options.
    EstimationError
        When fewer than two replicates have a solution, or a row cannot be left out for BCa intervals.

    Notes
    -----
    Under maximum likelihood each replicate is refitted from the full-sample estimates until it lies within 1e-5
    standard errors of its minimum. Replicates that do not get there are given to the native engine; what fails again is
    counted and listed. Under least squares statistics, weights and estimates are computed anew in each replicate; a
    replicate in which a category of an ordered variable does not occur has no solution. Solutions that are not
    admissible are counted and kept: leaving them out would bias the intervals.

    Clusters are drawn within groups, as many as there are, so that samples differ in size.

    Products of indicators named by ``fit.product_indicators`` are centred anew in each replicate, as they would be in a
    new sample; other products are resampled as they stand in the data, which takes the means they were centred at for
    known and understates the spread of main effects.

    The acceleration of BCa intervals is the infinitesimal jackknife's under maximum likelihood, which needs no refits,
    and the jackknife's under least squares, which needs one for every row.

    References
    ----------
    cameron_gelbach_miller_2008, efron_1987, field_welsh_2007

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> result = bootstrap(ss.sem("dem60 =~ y1 + y2 + y3 + y4", data), 200, seed=1)
    >>> result
    <Bootstrap nonparametric, 200 replicates, 95% percentile intervals, seed 1>
    >>> bool((result.intervals.ci_lower[1:4] > 0).all())
    True
    """
    family = _family(fit)
    _check(fit, family, n_replicates, confidence, level, kind, n_jobs, chunk)
    replication = _replication(fit, kind)
    samplers = [_sampler(fit, number) for number in range(len(fit.solution.groups))]
    size = chunk or _CHUNKS[family or ""]
    starts = range(0, n_replicates, size)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    tasks = [
        Drawn(first=first, size=min(size, n_replicates - first), seed=each)
        for first, each in zip(starts, seeds, strict=True)
    ]
    chunks = run_chunks(replication, samplers, tasks, n_jobs=n_jobs, progress=progress)
    _check_solutions(chunks, n_replicates)
    accelerations = None
    if confidence == "bca":
        accelerations = (
            _jackknifed(replication, samplers, size, n_jobs=n_jobs, progress=progress)
            if family == "least squares"
            else likelihood_accelerations(fit)
        )
    return _collected(
        fit, chunks, accelerations, n_replicates=n_replicates, seed=seed, confidence=confidence, level=level, kind=kind
    )


def _family(fit: Fit) -> str | None:
    """How the model was fitted, as far as it matters here; None where it cannot be bootstrapped."""
    if can_be_refitted(fit.solution):
        return "incomplete" if fit.solution.incomplete else "complete"
    return "least squares" if is_least_squares(fit.solution) else None


def _check(
    fit: Fit,
    family: str | None,
    n_replicates: int,
    confidence: str,
    level: float,
    kind: str,
    n_jobs: int,
    chunk: int | None,
) -> None:
    problems = []
    if confidence not in get_args(Confidence):
        problems.append(f"confidence={confidence!r}; available: {', '.join(get_args(Confidence))}")
    if kind not in get_args(BootstrapKind):
        problems.append(f"kind={kind!r}; available: {', '.join(get_args(BootstrapKind))}")
    if not 0.0 < level < 1.0:
        problems.append(f"level={level!r}; a confidence level lies between 0 and 1")
    numbers = (("n_replicates", n_replicates, 2), ("n_jobs", n_jobs, 1), ("chunk", 1 if chunk is None else chunk, 1))
    problems += [f"{name}={value!r}; it must be at least {least}" for name, value, least in numbers if value < least]
    if family is None:
        problems.append("this model; available for linear models fitted by maximum likelihood or least squares")
    if fit.table.ordered and fit.table.exogenous_observed:
        problems.append("ordered variables beside observed exogenous ones; available for one or the other")
    if kind == "bollen_stine":
        if family != "complete":
            problems.append("kind='bollen_stine'; available for complete rows fitted by maximum likelihood")
        if _is_clustered(fit):
            problems.append("kind='bollen_stine' and clusters; available for independent rows")
    if problems:
        raise UnsupportedError(f"The bootstrap cannot be run with {'; '.join(problems)}.")


def _is_clustered(fit: Fit) -> bool:
    return any(group.moments.clusters is not None for group in fit.solution.groups)


def _sampler(fit: Fit, number: int) -> RowSampler:
    moments = fit.solution.groups[number].moments
    return RowSampler(n_obs=moments.n_obs, clusters=moments.clusters)


def _replication(fit: Fit, kind: BootstrapKind) -> Replication:
    observed = [np.asarray(group.moments.observations) for group in fit.solution.groups]
    pairs = fit.product_indicators if kind == "nonparametric" else ()
    columns = product_columns(pairs, fit.table.observed, observed)
    if is_least_squares(fit.solution):
        return least_squares_replication(fit.solution, fit.estimator, fit.products, columns)
    transformed = kind == "bollen_stine"
    rows = [model_conforming_rows(group) for group in fit.solution.groups] if transformed else None
    return likelihood_replication(fit.solution, fit.products, columns, rows=rows, with_chi_square=transformed)


def _check_solutions(chunks: list[Chunk], n_replicates: int) -> None:
    if sum(len(chunk.numbers) for chunk in chunks) < 2:
        reasons = Counter(reason for chunk in chunks for reason in chunk.failures.values())
        reason, _ = reasons.most_common(1)[0]
        raise EstimationError(f"{reasons.total()} of {n_replicates} replicates have no solution: {reason}")


def _jackknifed(
    replication: Replication, samplers: list[RowSampler], size: int, *, n_jobs: int, progress: bool
) -> tuple[FloatArray, FloatArray]:
    """Accelerations from a refit without each row in turn."""
    sizes = [sampler.n_obs for sampler in samplers]
    n_obs = sum(sizes)
    tasks = [LeftOut(first=first, size=min(size, n_obs - first)) for first in range(0, n_obs, size)]
    chunks = run_chunks(replication, samplers, tasks, n_jobs=n_jobs, progress=progress, what="Jackknife")
    failures = {number: reason for chunk in chunks for number, reason in chunk.failures.items()}
    if failures:
        first = next(iter(failures.values()))
        raise EstimationError(
            f"BCa intervals need a solution without each row in turn; {len(failures)} of {n_obs} have none: {first} "
            'Use confidence="percentile".'
        )
    plain, standardized = (
        jackknife_accelerations(np.vstack(values), sizes)
        for values in ([chunk.estimates for chunk in chunks], [chunk.standardized for chunk in chunks])
    )
    return plain, standardized


def _collected(
    fit: Fit,
    chunks: list[Chunk],
    accelerations: tuple[FloatArray, FloatArray] | None,
    *,
    n_replicates: int,
    seed: int,
    confidence: Confidence,
    level: float,
    kind: BootstrapKind,
) -> Bootstrap:
    numbers = pd.Index(np.concatenate([each.numbers for each in chunks]) + 1, name="replicate", dtype=np.int64)
    failures = {number + 1: reason for each in chunks for number, reason in each.failures.items()}
    estimates = np.vstack([each.estimates for each in chunks])
    standardized = np.vstack([each.standardized for each in chunks])
    chi_squares = pd.Series(np.concatenate([each.chi_squares for each in chunks]), index=numbers, name="chisq")
    sizes = _cluster_sizes(fit)
    return Bootstrap(
        draws=draws_frame(fit, estimates, standardized, numbers),
        intervals=intervals_frame(fit, estimates, standardized, accelerations, confidence=confidence, level=level),
        kind=kind,
        confidence=confidence,
        level=level,
        seed=seed,
        n_replicates=n_replicates,
        n_failed=len(failures),
        n_inadmissible=sum(each.n_inadmissible for each in chunks),
        n_retried=sum(each.n_retried for each in chunks),
        failures=pd.Series(failures, name="reason", dtype=object),
        chi_squares=chi_squares if kind == "bollen_stine" else None,
        chi_square=fit.fit_indices["chisq"],
        cluster_sizes=tuple(size for group in sizes for size in group),
        findings=(*_cluster_findings(sizes), *_failure_findings(failures, n_replicates)),
    )


def _cluster_sizes(fit: Fit) -> list[list[int]]:
    """Rows of each cluster, by group; empty where rows are drawn."""
    clusters = [group.moments.clusters for group in fit.solution.groups]
    return [np.bincount(each).tolist() for each in clusters if each is not None]


def _cluster_findings(sizes: list[list[int]]) -> tuple[Finding, ...]:
    fewest = min((len(each) for each in sizes), default=_FEW_CLUSTERS)
    if fewest >= _FEW_CLUSTERS:
        return ()
    message = (
        f"There are only {fewest} clusters to draw from{'' if len(sizes) == 1 else ' in a group'}; with fewer than "
        f"{_FEW_CLUSTERS} the cluster bootstrap tends to give standard errors and intervals that are too small."
    )
    return (Finding(severity="warning", where="bootstrap", message=message),)


def _failure_findings(failures: dict[int, str], n_replicates: int) -> tuple[Finding, ...]:
    if not failures:
        return ()
    reason, count = Counter(failures.values()).most_common(1)[0]
    message = (
        f"{len(failures)} of {n_replicates} replicates have no solution and are in no interval; most often ({count}): "
        f"{reason}"
    )
    return (Finding(severity="warning", where="bootstrap", message=message),)
