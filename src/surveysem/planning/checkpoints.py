"""Results of a simulation kept in a folder, so that one that was interrupted goes on where it stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from uuid import uuid4

import numpy as np

from surveysem.errors import InputFileError, Problem, StudyError
from surveysem.planning.outcomes import Outcomes

_DESIGN = "design.json"


@dataclass(frozen=True, kw_only=True)
class Task:
    """Some replications of one sample size: *size* of them, from number *first* on."""

    n: int
    first: int
    size: int

    @property
    def name(self) -> str:
        """Name of the file its results are kept in."""
        return f"n{self.n:07d}-from{self.first:06d}-{self.size}.npz"


@dataclass(frozen=True, kw_only=True)
class Checkpoints:
    """A folder with one file a task; a file is there whole or not at all.

    Parameters
    ----------
    folder : pathlib.Path
        Where they are.
    """

    folder: Path

    def save(self, task: Task, outcomes: Outcomes) -> None:
        """Keep the results of a task."""
        temporary = self.folder / f".{uuid4().hex}.npz"
        with temporary.open("wb") as file:
            np.savez(file, **{each.name: getattr(outcomes, each.name) for each in fields(Outcomes)})
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.folder / task.name)

    def load(self, task: Task) -> Outcomes | None:
        """Results of a task, where they are kept.

        Raises
        ------
        InputFileError
            When the file cannot be read.
        """
        path = self.folder / task.name
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return Outcomes(**{each.name: arrays[each.name] for each in fields(Outcomes)})
        except (OSError, ValueError, KeyError) as error:
            raise InputFileError(
                "A checkpoint cannot be read.",
                [Problem(where=str(path), found=str(error), remedy="Delete this file; its replications are run anew.")],
            ) from None


def open_checkpoints(folder: str | Path, design: Mapping[str, object]) -> Checkpoints:
    """The checkpoints of a design, new or begun.

    Parameters
    ----------
    folder : str or pathlib.Path
        Made if it does not exist.
    design : Mapping of str to object
        What the numbers depend on; JSON values.

    Raises
    ------
    StudyError
        When the folder holds those of another design; lists what differs.
    InputFileError
        When the folder cannot be written or read.
    """
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        kept = path / _DESIGN
        if kept.is_file():
            _check_same(path, json.loads(kept.read_text(encoding="utf-8")), design)
        else:
            temporary = path / f".{uuid4().hex}.json"
            temporary.write_text(json.dumps(design, indent=2), encoding="utf-8")
            temporary.replace(kept)
    except (OSError, json.JSONDecodeError) as error:
        problem = Problem(where=str(path), found=str(error), remedy="Name a folder that can be written.")
        raise InputFileError("The checkpoints cannot be kept.", [problem]) from None
    return Checkpoints(folder=path)


def _check_same(path: Path, kept: Mapping[str, object], design: Mapping[str, object]) -> None:
    wanted = json.loads(json.dumps(design))
    problems = [
        Problem(where=name, found=f"{kept.get(name)!r} there, {wanted.get(name)!r} here", remedy="Use another folder.")
        for name in sorted({*kept, *wanted})
        if kept.get(name) != wanted.get(name)
    ]
    if problems:
        raise StudyError(f"The folder {path} holds checkpoints of another simulation.", problems)
