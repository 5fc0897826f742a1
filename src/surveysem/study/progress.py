"""What a researcher sees of stages that take their time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


def wanted(progress: bool | None) -> bool:
    """Whether to show bars: as told, else on a terminal alone, for a notebook would keep them.

    Parameters
    ----------
    progress : bool or None
        What was asked for.
    """
    return Console(stderr=True).is_terminal if progress is None else progress


@contextmanager
def stage(name: str, *, progress: bool) -> Iterator[None]:
    """A spinner with the name of a stage while it lasts; nothing where no person looks on.

    Parameters
    ----------
    name : str
        Of the stage.
    progress : bool
        Whether to show it.
    """
    console = Console(stderr=True)
    if not (progress and console.is_terminal):
        yield
        return
    with console.status(f"{name} …"):
        yield
