"""Engines: interchangeable software behind one protocol."""

from __future__ import annotations

from surveysem.errors import UnsupportedError
from surveysem.estimation.engines.native import NativeEngine
from surveysem.estimation.engines.semopy import SemopyEngine
from surveysem.estimation.solution import Engine

_ALL: tuple[Engine, ...] = (NativeEngine(), SemopyEngine())
ENGINES: dict[str, Engine] = {engine.name: engine for engine in _ALL}


def find_engine(name: str) -> Engine:
    """The engine of that name.

    Raises
    ------
    UnsupportedError
        When there is none; the names there are are listed.
    """
    if name not in ENGINES:
        raise UnsupportedError(f"There is no engine {name!r}. Available: {', '.join(ENGINES)}.")
    return ENGINES[name]
