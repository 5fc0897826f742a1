"""Score tests of parameters that are fixed, one by one, as those of equality constraints are reported."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import chi2

from surveysem.estimation import LeastSquares
from surveysem.inference.extended import extend
from surveysem.inference.fit import Fit
from surveysem.inference.least_squares import UNCORRECTED
from surveysem.inference.least_squares_scores import expected_curvature, score_covariance
from surveysem.inference.modification import release, robust_release
from surveysem.specification import Parameter


def fixed_parameter_tests(fit: Fit, rows: Sequence[Parameter]) -> pd.DataFrame:
    """Score tests of freeing fixed parameters, each alone.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    rows : sequence of Parameter
        Fixed rows of its table.

    Returns
    -------
    pandas.DataFrame
        One row a parameter, with the columns of :class:`~surveysem.inference.modification.ScoreTest`'s constraints:
        rhs is the value it is fixed to, and epc the expected change.

    References
    ----------
    satorra_1989
    """
    model, k = extend(fit.solution, rows), len(rows)
    slope, curvature = model.gradient(), expected_curvature(model.problem, model.implied)
    free, released = model.basis[:, :-k], model.basis[:, -k:]
    alone = release(slope, curvature, free, released, fit.n_obs)
    frame = pd.DataFrame(
        {
            "lhs": [row.name for row in rows],
            "op": "==",
            "rhs": [f"{row.value or 0.0:g}" for row in rows],
            "parameter": [f"{row.lhs}{row.op}{row.rhs}" for row in rows],
            "chi_square": alone.statistic,
            "df": 1,
            "p_value": chi2.sf(alone.statistic, 1),
            "epc": alone.change,
        }
    )
    discrepancies = model.problem.discrepancies
    if fit.estimator not in UNCORRECTED and all(isinstance(each, LeastSquares) for each in discrepancies):
        meat = score_covariance(model.problem, model.implied)
        robust = robust_release(slope, curvature, meat, free, released, fit.n_obs)
        frame["chi_square_robust"] = np.where(np.isnan(alone.statistic), np.nan, robust)
        frame["p_value_robust"] = chi2.sf(frame["chi_square_robust"], 1)
    return frame
