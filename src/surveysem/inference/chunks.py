"""Chunks of replicates, one after the other or in several processes: same numbers either way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from rich.console import Console
from rich.progress import Progress
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from surveysem.inference.replication import Replicates, Replication
from surveysem.inference.resampling import RowSampler
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """Samples drawn at random: *size* of them from number *first* on, with random numbers of their own."""

    first: int
    size: int
    seed: np.random.SeedSequence

    def frequencies(self, samplers: Sequence[RowSampler], at_once: int) -> Iterator[list[FloatArray]]:
        """How often rows count, some samples at a time: arrays (b, n), one a group."""
        rng = np.random.default_rng(self.seed)
        for begin in range(0, self.size, at_once):
            size = min(at_once, self.size - begin)
            yield [sampler.frequencies(size, rng) for sampler in samplers]


@dataclass(frozen=True, kw_only=True, eq=False)
class LeftOut:
    """Samples that each leave out one row of all groups: *size* of them, from row *first* on."""

    first: int
    size: int

    def frequencies(self, samplers: Sequence[RowSampler], at_once: int) -> Iterator[list[FloatArray]]:
        """How often rows count, some samples at a time: arrays (b, n), one a group."""
        ends = np.cumsum([sampler.n_obs for sampler in samplers])
        for begin in range(self.first, self.first + self.size, at_once):
            rows = np.arange(begin, min(begin + at_once, self.first + self.size))
            kept = np.ones((len(rows), ends[-1]))
            kept[np.arange(len(rows)), rows] = 0.0
            yield np.split(kept, ends[:-1], axis=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Chunk:
    """Results of one chunk; *numbers* are those of the samples with a solution, from 0."""

    numbers: np.ndarray[tuple[int], np.dtype[np.int64]]
    estimates: FloatArray
    standardized: FloatArray
    chi_squares: FloatArray
    n_inadmissible: int
    n_retried: int
    failures: dict[int, str]


def run_chunks(
    replication: Replication,
    samplers: Sequence[RowSampler],
    tasks: Sequence[Drawn | LeftOut],
    *,
    n_jobs: int = 1,
    progress: bool = False,
    what: str = "Bootstrap",
) -> list[Chunk]:
    """Results of all chunks, in their order.

    Parameters
    ----------
    replication : Replication
        How a sample is fitted.
    samplers : sequence of RowSampler
        One a group.
    tasks : sequence of Drawn or LeftOut
        Which samples; each task is run as a whole, in one process.
    n_jobs : int
        Processes. Each uses one thread for its matrix products, which are too small to gain from more.
    progress : bool
        Show a bar, on a terminal or in a notebook.
    what : str
        What the bar is called.
    """
    found = []
    console = Console(stderr=True)
    hidden = not (progress and (console.is_terminal or console.is_jupyter))
    with Progress(console=console, disable=hidden) as bar:
        shown = bar.add_task(what, total=sum(task.size for task in tasks))
        for task, chunk in zip(tasks, _results(replication, samplers, tasks, n_jobs), strict=True):
            found.append(chunk)
            bar.advance(shown, task.size)
    return found


def _results(
    replication: Replication, samplers: Sequence[RowSampler], tasks: Sequence[Drawn | LeftOut], n_jobs: int
) -> Iterator[Chunk]:
    if n_jobs == 1 or len(tasks) == 1:
        yield from (_run(replication, samplers, task) for task in tasks)
        return
    calls = (delayed(_run)(replication, samplers, task) for task in tasks)
    yield from Parallel(n_jobs=min(n_jobs, len(tasks)), backend="loky", return_as="generator")(calls)


def _run(replication: Replication, samplers: Sequence[RowSampler], task: Drawn | LeftOut) -> Chunk:
    parts, numbers, first = [], [], task.first
    failures: dict[int, str] = {}
    with threadpool_limits(limits=1, user_api="blas"):
        for frequencies in task.frequencies(samplers, replication.samples_at_once):
            part: Replicates = replication.run(frequencies)
            parts.append(part)
            numbers.append(np.flatnonzero(part.solved).astype(np.int64) + first)
            failures |= {first + number: reason for number, reason in part.failures.items()}
            first += len(part.solved)
    return Chunk(
        numbers=np.concatenate(numbers),
        estimates=np.vstack([part.estimates for part in parts]),
        standardized=np.vstack([part.standardized for part in parts]),
        chi_squares=np.concatenate([part.chi_squares for part in parts]),
        n_inadmissible=sum(int((~part.admissible).sum()) for part in parts),
        n_retried=sum(part.n_retried for part in parts),
        failures=failures,
    )
