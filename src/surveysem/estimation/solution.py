"""What an engine takes and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from surveysem.estimation.problem import EstimationProblem
from surveysem.typing import FloatArray

REMEDY_FOR_NO_SOLUTION = (
    "Check the model against the data: indicators that hardly correlate or nearly repeat each other, too few "
    "respondents for the number of parameters, variances fixed to impossible values."
)
"""What to do when an engine finds no minimum."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EngineResult:
    """Numbers an engine hands back, before anybody believes them.

    Parameters
    ----------
    engine : str
        Name and version of the software that made them.
    theta : array of shape (q,)
        Free parameters, in the order of the parameter table.
    standard_errors : array of shape (q,)
        The engine's own, from expected information; NaN where it gives none.
    n_iterations : int
        Steps of the optimiser.
    message : str
        What the optimiser said.
    """

    engine: str
    theta: FloatArray
    standard_errors: FloatArray
    n_iterations: int
    message: str

    def __post_init__(self) -> None:
        for name in ("theta", "standard_errors"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)


class Engine(Protocol):
    """Software that minimises a discrepancy."""

    @property
    def name(self) -> str:
        """Short name, as in ``engine="semopy"``."""

    def fit(self, problem: EstimationProblem) -> EngineResult:
        """Minimum of the discrepancy for one model and its data.

        Raises
        ------
        UnsupportedError
            When the engine cannot express the model.
        EstimationError
            When it breaks off.
        """
