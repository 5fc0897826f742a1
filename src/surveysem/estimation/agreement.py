"""Agreement of two engines: the same model fitted by independent software."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.errors import EstimationError, UnsupportedError
from surveysem.estimation.engines import find_engine
from surveysem.estimation.fitting import Solution
from surveysem.typing import FloatArray

_OTHER = "semopy"


@dataclass(frozen=True, kw_only=True)
class EngineAgreement:
    """How far two engines are apart on one model.

    Parameters
    ----------
    engine, other_engine : str
        Names and versions: whose estimates are reported, and who fitted the model again.
    largest_relative_difference_estimates : float
        Largest |θ − θ'| / SE over the free parameters: in units of the standard error, so that the scales of the
        variables do not matter.
    parameter : str
        The parameter concerned.
    largest_relative_difference_standard_errors : float
        Largest |SE' − SE| / SE, both from expected information.
    standard_error_parameter : str
        The parameter concerned.
    """

    engine: str
    other_engine: str
    largest_relative_difference_estimates: float
    parameter: str
    largest_relative_difference_standard_errors: float
    standard_error_parameter: str

    def sentence(self) -> str:
        """The result in one sentence, for a report."""
        return (
            f"Refitted with {self.other_engine}, independent software: estimates differ by at most "
            f"{_one_digit(self.largest_relative_difference_estimates)} of a standard error and standard errors by at "
            f"most {_one_digit(100.0 * self.largest_relative_difference_standard_errors)} %."
        )


def compare_engines(solution: Solution, standard_errors: FloatArray) -> EngineAgreement | str:
    """Agreement of a solution with a fit of the same model by semopy, or why there is none.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    standard_errors : array of shape (q,)
        From expected information, whatever is reported: that is what semopy computes.

    Returns
    -------
    EngineAgreement or str
        The reason in words where semopy cannot express the model, broke off, returned numbers that are not finite, or
        made the solution itself.

    Examples
    --------
    >>> import numpy as np
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.sem("dem60 =~ y1 + y2 + y3 + y4", data)
    >>> agreement = compare_engines(fit.solution, np.sqrt(np.diag(fit.parameter_covariance)))
    >>> agreement.largest_relative_difference_estimates < 1e-4
    True
    """
    if solution.engine_result.engine.startswith(_OTHER):
        return f"The estimates are those of {solution.engine_result.engine}: it was not asked again."
    try:
        other = find_engine(_OTHER).fit(solution.problem)
    except (UnsupportedError, EstimationError) as error:
        return f"The model was not refitted with {_OTHER}: {error.message}"
    if not (np.isfinite(other.theta).all() and np.isfinite(other.standard_errors).all()):
        return f"{other.engine} refitted the model but gave no finite estimates and standard errors ({other.message})."
    estimates = np.abs(other.theta - solution.theta) / standard_errors
    errors = np.abs(other.standard_errors - standard_errors) / standard_errors
    names = solution.table.free_names
    return EngineAgreement(
        engine=solution.engine_result.engine,
        other_engine=other.engine,
        largest_relative_difference_estimates=float(estimates.max()),
        parameter=names[int(estimates.argmax())],
        largest_relative_difference_standard_errors=float(errors.max()),
        standard_error_parameter=names[int(errors.argmax())],
    )


def _one_digit(value: float) -> str:
    """One significant digit, as 3e-06, 0.0002 or 2."""
    return f"{value:.1g}"
