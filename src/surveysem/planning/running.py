"""Replications one after the other or in several processes: the same numbers either way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from joblib import Parallel, cpu_count, delayed  # type: ignore[import-untyped]
from joblib.parallel import get_active_backend  # type: ignore[import-untyped]
from rich.console import Console
from rich.progress import Progress
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from surveysem import __version__
from surveysem.data.simulation import SimulationOptions
from surveysem.planning.checkpoints import Checkpoints, Task
from surveysem.planning.design import PowerDesign
from surveysem.planning.outcomes import Outcomes

CHUNK = 25
"""Replications fitted together. Their composition is fixed, so that no rounding depends on the number of processes."""


class Replication(Protocol):
    """A way to draw, fit and judge samples; it is sent to other processes."""

    def run(self, n: int, seeds: Sequence[Any]) -> Outcomes:
        """Replications with *n* respondents, one a seed."""


def tasks_of(design: PowerDesign) -> list[Task]:
    """All replications of a design in chunks, the most laborious first."""
    return [
        Task(n=n, first=first, size=min(CHUNK, design.reps - first))
        for n in sorted(design.sizes, reverse=True)
        for first in range(0, design.reps, CHUNK)
    ]


def run_tasks(
    design: PowerDesign, *, checkpoints: Checkpoints | None = None, n_jobs: int | None = None, progress: bool = False
) -> dict[int, Outcomes]:
    """Outcomes of all replications, by sample size.

    Parameters
    ----------
    design : PowerDesign
        What is simulated.
    checkpoints : Checkpoints, optional
        Where results are kept as they come, and taken from if they are there.
    n_jobs : int, optional
        Processes; by default those of an active ``joblib.parallel_config``, else one a processor.
    progress : bool
        Show a bar, on a terminal or in a notebook.
    """
    tasks = tasks_of(design)
    found = {} if checkpoints is None else _kept(tasks, checkpoints)
    console = Console(stderr=True)
    hidden = not (progress and (console.is_terminal or console.is_jupyter))
    with Progress(console=console, disable=hidden) as bar:
        shown = bar.add_task("Power", total=design.reps * len(design.sizes))
        bar.advance(shown, sum(task.size for task in found))
        open_tasks = [task for task in tasks if task not in found]
        for task, outcomes in _results(design, open_tasks, n_jobs):
            if checkpoints is not None:
                checkpoints.save(task, outcomes)
            found[task] = outcomes
            bar.advance(shown, task.size)
    return {n: Outcomes.joined([found[task] for task in tasks if task.n == n]) for n in design.sizes}


def content_of(design: PowerDesign) -> Mapping[str, object]:
    """What the numbers of a design depend on, for comparison with checkpoints; sizes and reps may grow."""
    population = design.study.population
    assert population is not None
    return {
        "version": __version__,
        "study": design.study.id,
        "fingerprint": design.study.fingerprint,
        "population": population.as_text_keys(),
        "seed": design.seed,
        "options": {name: str(value) for name, value in design.options.items()},
        "responses": _named(design.responses),
        "chunk": CHUNK,
    }


def _named(responses: object) -> object:
    """What draws the answers, as plain values."""
    if isinstance(responses, SimulationOptions):
        return responses.as_record()
    return f"{getattr(responses, '__module__', '')}.{getattr(responses, '__qualname__', type(responses).__qualname__)}"


def _kept(tasks: Sequence[Task], checkpoints: Checkpoints) -> dict[Task, Outcomes]:
    loaded = {task: checkpoints.load(task) for task in tasks}
    return {task: outcomes for task, outcomes in loaded.items() if outcomes is not None}


def _results(design: PowerDesign, tasks: Sequence[Task], n_jobs: int | None) -> Iterator[tuple[Task, Outcomes]]:
    if not tasks:
        return
    replication = design.replication()
    jobs = _processes(n_jobs)
    if jobs == 1 or len(tasks) == 1:
        yield from (_run(replication, design, task) for task in tasks)
        return
    calls = (delayed(_run)(replication, design, task) for task in tasks)
    yield from Parallel(n_jobs=jobs, prefer="processes", batch_size=1, return_as="generator_unordered")(calls)


def _processes(n_jobs: int | None) -> int:
    if n_jobs is not None:
        return n_jobs
    _, configured = get_active_backend()
    return int(configured) if configured not in (None, 1) else int(cpu_count())


def _run(replication: Replication, design: PowerDesign, task: Task) -> tuple[Task, Outcomes]:
    with threadpool_limits(limits=1, user_api="blas"):
        return task, replication.run(task.n, design.seeds(task.n, task.first, task.size))
