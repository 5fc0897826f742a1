"""Little's test that values are missing completely at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from surveysem.data.missing.patterns import MissingMoments
from surveysem.data.missing.saturated import SaturatedMoments
from surveysem.errors import DataError


@dataclass(frozen=True, kw_only=True)
class LittleTest:
    """Little's test.

    Parameters
    ----------
    chi_square : float
        d², large where rows that lack different variables have different means.
    degrees_of_freedom : int
        Means of all patterns less those of all variables.
    p_value : float
        Upper tail.
    n_patterns : int
        Patterns of missing values, complete rows included.
    """

    chi_square: float
    degrees_of_freedom: int
    p_value: float
    n_patterns: int

    def __repr__(self) -> str:
        p = "< .001" if self.p_value < 0.001 else f"= {self.p_value:.3f}".replace("0.", ".", 1)
        return f"χ²({self.degrees_of_freedom}) = {self.chi_square:.3f}, p {p}, {self.n_patterns} patterns"


def little_test(missing: MissingMoments, saturated: SaturatedMoments) -> LittleTest:
    """Little's (1988) test that values are missing completely at random (MCAR).

    Parameters
    ----------
    missing : MissingMoments
        The rows; those without any value are not among them.
    saturated : SaturatedMoments
        Their maximum likelihood means μ̂ and covariances Σ̂.

    Raises
    ------
    DataError
        When all rows have the same variables.

    Notes
    -----
    d² = Σₖ nₖ (ȳₖ − μ̂ₖ)ᵀ Σ̂ₖ⁻¹ (ȳₖ − μ̂ₖ) over the patterns. Programs that multiply Σ̂ by n/(n − 1) report
    (n − 1)/n times as much. The χ² distribution is one of large samples and normal variables; a large p does not prove
    that values are missing completely at random.

    References
    ----------
    little_1988

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns, saturated_moments
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 4.0, 3.0, 6.0], "b": [2.0, 1.0, 5.0, 3.0, np.nan]})
    >>> missing = missing_patterns(frame, ["a", "b"])
    >>> test = little_test(missing, saturated_moments(missing))
    >>> round(test.chi_square, 4), test.degrees_of_freedom
    (3.3108, 1)
    """
    if len(missing.patterns) < 2:
        raise DataError("Little's test needs rows that lack different variables; all rows have the same ones.")
    chi_square, n_means = 0.0, 0
    for pattern in missing.patterns:
        deviation = pattern.means - saturated.means[pattern.observed]
        block = saturated.covariance[np.ix_(pattern.observed, pattern.observed)]
        chi_square += pattern.n_obs * float(deviation @ np.linalg.solve(block, deviation))
        n_means += len(deviation)
    degrees_of_freedom = n_means - len(missing.variables)
    return LittleTest(
        chi_square=chi_square,
        degrees_of_freedom=degrees_of_freedom,
        p_value=float(chdtrc(degrees_of_freedom, chi_square)),
        n_patterns=len(missing.patterns),
    )
