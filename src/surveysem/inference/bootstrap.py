"""The bootstrap of a fitted model: resampled moments, refits, draws, intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from rich.progress import track

from surveysem.errors import UnsupportedError
from surveysem.estimation.refit import RefitPlan, plan_refits
from surveysem.inference.bootstrap_intervals import BootstrapInterval, Confidence, acceleration_of, bootstrap_interval
from surveysem.inference.estimates import identity_columns, stacked, with_definitions
from surveysem.inference.fit import Fit
from surveysem.inference.information import casewise_scores, invert_information, observed_information
from surveysem.inference.replicates import ReplicatedGroup, replicated_rows
from surveysem.inference.resampling import model_conforming_rows, resampled_moments
from surveysem.inference.standardized import plain_rows, standardized_rows
from surveysem.specification import Parameter
from surveysem.typing import FloatArray, IntArray

BootstrapKind: TypeAlias = Literal["nonparametric", "bollen_stine"]


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
        return (
            f"<Bootstrap {self.kind}, {self.n_replicates} replicates{failed}{inadmissible}, "
            f"{self.level:.0%} {self.confidence} intervals, seed {self.seed}>"
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Chunk:
    """Results of one chunk of replicates; those without a solution are not in the arrays."""

    numbers: IntArray
    estimates: FloatArray
    standardized: FloatArray
    chi_squares: FloatArray
    n_inadmissible: int
    n_retried: int
    failures: dict[int, str] = field(default_factory=dict)


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
    chunk: int = 500,
) -> Bootstrap:
    """Bootstrap standard errors, intervals and p-values of all parameters, standardised ones and definitions.

    Parameters
    ----------
    fit : Fit
        Fitted by maximum likelihood to complete, independent rows; any number of groups, within which rows are drawn.
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
        that presume the model.
    progress : bool
        Show a progress bar.
    n_jobs : int
        Threads.
    chunk : int
        Replicates fitted at once; each chunk has random numbers of its own.

    Raises
    ------
    UnsupportedError
        For incomplete or clustered data and unknown options.

    Notes
    -----
    Each replicate is refitted from the full-sample estimates until it lies within 0.001 standard errors of its
    minimum. Replicates that do not get there are given to the native engine; what fails again is counted and listed.
    Solutions that are not admissible are counted and kept: leaving them out would bias the intervals.

    Product indicators of latent interactions are resampled as they stand in the data, as when product columns are
    made before a model is bootstrapped elsewhere: they are not centred anew in each replicate.

    The acceleration of BCa intervals is the infinitesimal jackknife's, which needs no refits.

    References
    ----------
    efron_1987

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
    _check(fit, n_replicates, confidence, level, kind, n_jobs, chunk)
    plan = plan_refits(fit.solution)
    rows = [group.moments.observations for group in fit.solution.groups]
    if kind == "bollen_stine":
        rows = [model_conforming_rows(group) for group in fit.solution.groups]
    starts = range(0, n_replicates, chunk)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    tasks = [(first, min(chunk, n_replicates - first), each) for first, each in zip(starts, seeds, strict=True)]

    def run(task: tuple[int, int, np.random.SeedSequence]) -> _Chunk:
        return _run_chunk(fit, plan, rows, task, with_chi_square=kind == "bollen_stine")

    chunks = list(_shown(_mapped(run, tasks, n_jobs), total=len(tasks), progress=progress))
    return _collected(fit, chunks, n_replicates, seed=seed, confidence=confidence, level=level, kind=kind)


def _check(fit: Fit, n_replicates: int, confidence: str, level: float, kind: str, n_jobs: int, chunk: int) -> None:
    problems = []
    if confidence not in get_args(Confidence):
        problems.append(f"confidence={confidence!r}; available: {', '.join(get_args(Confidence))}")
    if kind not in get_args(BootstrapKind):
        problems.append(f"kind={kind!r}; available: {', '.join(get_args(BootstrapKind))}")
    if not 0.0 < level < 1.0:
        problems.append(f"level={level!r}; a confidence level lies between 0 and 1")
    problems += [
        f"{name}={value!r}; it must be at least {least}"
        for name, value, least in (("n_replicates", n_replicates, 2), ("n_jobs", n_jobs, 1), ("chunk", chunk, 1))
        if value < least
    ]
    if any(group.moments.clusters is not None for group in fit.solution.groups):
        problems.append("clustered rows; available for independent rows")
    if fit.solution.incomplete:
        problems.append("missing='fiml'; available for complete rows (missing='listwise')")
    if problems:
        raise UnsupportedError(f"The bootstrap cannot be run with {'; '.join(problems)}.")


def _mapped(
    run: Callable[[tuple[int, int, np.random.SeedSequence]], _Chunk],
    tasks: list[tuple[int, int, np.random.SeedSequence]],
    n_jobs: int,
) -> Iterator[_Chunk]:
    """Results in the order of the tasks."""
    if n_jobs == 1:
        yield from map(run, tasks)
        return
    with ThreadPoolExecutor(max_workers=n_jobs) as pool:
        yield from pool.map(run, tasks)


def _shown(chunks: Iterator[_Chunk], *, total: int, progress: bool) -> Iterable[_Chunk]:
    return track(chunks, description="Bootstrap", total=total) if progress else chunks


def _run_chunk(
    fit: Fit,
    plan: RefitPlan,
    rows: list[FloatArray],
    task: tuple[int, int, np.random.SeedSequence],
    *,
    with_chi_square: bool,
) -> _Chunk:
    first, size, seed = task
    rng = np.random.default_rng(seed)
    samples = [resampled_moments(each, size, rng) for each in rows]
    refits = plan.fit(samples)
    failures = dict(refits.failures)
    solved = np.isfinite(refits.theta[:, 0])
    chi_squares = np.zeros(size)
    if with_chi_square:
        chi_squares[solved] = fit.n_obs * plan.discrepancy(
            refits.theta[solved], [stack.take(solved) for stack in samples]
        )
        failures |= dict.fromkeys(
            np.flatnonzero(np.isinf(chi_squares)).tolist(),
            "The covariance matrix of the replicate is not positive definite, so that it has no statistic of fit.",
        )
        solved &= np.isfinite(chi_squares)
    theta = refits.theta[solved]
    groups = [
        ReplicatedGroup(group=group, stacked=stacked, theta=theta, samples=stack.take(solved))
        for group, stacked, stack in zip(fit.solution.groups, plan.groups, samples, strict=True)
    ]
    estimates, standardized = replicated_rows(fit.table, groups, fit.products)
    admissible = np.all([group.admissible for group in groups], axis=0)
    return _Chunk(
        numbers=np.flatnonzero(solved).astype(np.int64) + first + 1,
        estimates=estimates,
        standardized=standardized,
        chi_squares=chi_squares[solved],
        n_inadmissible=int((~admissible).sum()),
        n_retried=refits.n_retried,
        failures={first + 1 + number: reason for number, reason in failures.items()},
    )


def _collected(
    fit: Fit,
    chunks: list[_Chunk],
    n_replicates: int,
    *,
    seed: int,
    confidence: Confidence,
    level: float,
    kind: BootstrapKind,
) -> Bootstrap:
    numbers = pd.Index(np.concatenate([each.numbers for each in chunks]), name="replicate", dtype=np.int64)
    estimates = np.vstack([each.estimates for each in chunks])
    standardized = np.vstack([each.standardized for each in chunks])
    failures = {number: reason for each in chunks for number, reason in each.failures.items()}
    chi_squares = pd.Series(np.concatenate([each.chi_squares for each in chunks]), index=numbers, name="chisq")
    accelerations = _accelerations(fit) if confidence == "bca" else None
    return Bootstrap(
        draws=_draws_frame(fit, estimates, standardized, numbers),
        intervals=_intervals_frame(fit, estimates, standardized, accelerations, confidence=confidence, level=level),
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
    )


def _table_rows(fit: Fit) -> tuple[Parameter, ...]:
    return (*fit.table.parameters, *fit.table.definitions)


def _draws_frame(fit: Fit, estimates: FloatArray, standardized: FloatArray, numbers: pd.Index[int]) -> pd.DataFrame:
    rows, shown = _table_rows(fit), fit.estimates
    suffix = [f".g{row.group}" if row.group > 1 else "" for row in rows]
    names = [
        row.lhs if row.op == ":=" else f"{lhs}{row.op}{rhs}{end}"
        for row, lhs, rhs, end in zip(rows, shown["lhs"], shown["rhs"], suffix, strict=True)
    ]
    free = np.array([row.free > 0 or row.op == ":=" for row in rows])
    varying = shown["std_std_error"].to_numpy() != 0
    columns = [("estimate", name) for name, kept in zip(names, free, strict=True) if kept]
    columns += [("std_all", name) for name, kept in zip(names, varying, strict=True) if kept]
    return pd.DataFrame(
        np.hstack([estimates[:, free], standardized[:, varying]]),
        index=numbers,
        columns=pd.MultiIndex.from_tuples(columns, names=["solution", "parameter"]),
    )


def _intervals_frame(
    fit: Fit,
    estimates: FloatArray,
    standardized: FloatArray,
    accelerations: tuple[FloatArray, FloatArray] | None,
    *,
    confidence: Confidence,
    level: float,
) -> pd.DataFrame:
    rows, shown = _table_rows(fit), fit.estimates
    columns: dict[str, object] = dict(identity_columns(rows, fit.products))
    exogenous = np.array([row.exogenous for row in rows])
    for place, (prefix, name, draws) in enumerate((("", "estimate", estimates), ("std_", "std_all", standardized))):
        values = shown[name].to_numpy()
        if not place:
            # Moments of observed exogenous variables follow the sample and are no estimates.
            draws = np.where(exogenous, values, draws)
        skews = np.zeros(len(rows)) if accelerations is None else accelerations[place]
        found = [
            bootstrap_interval(draw, value, confidence=confidence, level=level, acceleration=float(skew))
            for draw, value, skew in zip(draws.T, values.tolist(), skews, strict=True)
        ]
        columns[name] = values
        columns |= _interval_columns(found, prefix)
    return pd.DataFrame(columns)


def _interval_columns(found: list[BootstrapInterval], prefix: str) -> dict[str, list[float]]:
    return {
        f"{prefix}std_error": [each.std_error for each in found],
        f"{prefix}ci_lower": [each.lower for each in found],
        f"{prefix}ci_upper": [each.upper for each in found],
        f"{prefix}p_value": [each.p_value for each in found],
        f"{prefix}n_draws": [each.n_draws for each in found],
    }


def _accelerations(fit: Fit) -> tuple[FloatArray, FloatArray]:
    """Accelerations of the estimates and of the standardised ones, in the order of the rows."""
    solution = fit.solution
    inverse = invert_information(observed_information(solution), solution)
    influence = np.vstack([casewise_scores(group) for group in solution.groups]) @ inverse
    plain = stacked([plain_rows(group) for group in solution.groups])
    standardized = stacked([standardized_rows(group, "std_all", fit.products) for group in solution.groups])
    of_plain, of_standardized = (
        acceleration_of(influence @ with_definitions(fit.table, rows).jacobian.T) for rows in (plain, standardized)
    )
    return of_plain, of_standardized
