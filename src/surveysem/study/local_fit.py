"""Local fit of a study's models: what they leave unexplained of the correlations among items."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveysem.inference import Fit

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult


def local_fit(result: StudyResult) -> Mapping[str, pd.DataFrame]:
    """Residual correlations of the measurement and the structural model, the farthest from zero first.

    Parameters
    ----------
    result : StudyResult
        A model with products by LMS or QML implies no covariances of items; the one without them stands in for it.

    Returns
    -------
    Mapping of str to pandas.DataFrame
        By ``measurement`` and ``structural``: first, second and residual, one row a pair of items, sample less implied.

    References
    ----------
    bollen_1989
    """
    structural = result.structural if result.structural_linear is None else result.structural_linear
    models = {"measurement": result.measurement, "structural": structural}
    return {name: residual_pairs(fit) for name, fit in models.items()}


def residual_pairs(fit: Fit) -> pd.DataFrame:
    """Residual correlations of all pairs of observed variables, the farthest from zero first.

    Parameters
    ----------
    fit : Fit
        Of one group.

    Returns
    -------
    pandas.DataFrame, shape (p (p - 1) / 2, 3)
        Columns first, second, residual; products of indicators are named by their factors.

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> residual_pairs(ss.sem("dem60 =~ y1 + y2 + y3 + y4", data)).head(2).round(3)
      first second  residual
    0    y1     y3     0.095
    1    y2     y3    -0.093
    """
    matrix = fit.residuals("cor")
    names = [str(name) for name in matrix.index]
    row, column = np.triu_indices(len(names), 1)
    pairs = pd.DataFrame(
        {
            "first": [names[i] for i in row],
            "second": [names[i] for i in column],
            "residual": matrix.to_numpy(dtype=np.float64)[row, column],
        }
    )
    return pairs.sort_values("residual", key=np.abs, ascending=False, kind="stable", ignore_index=True)
