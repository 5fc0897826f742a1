"""Where the respondents are: factor scores of latent variables, values of observed ones."""

from __future__ import annotations

import numpy as np

from surveysem.inference.fit import Fit
from surveysem.inference.probing.group import ProbedGroup, chosen_group
from surveysem.typing import FloatArray


def respondent_values(fit: Fit, group: ProbedGroup, name: str) -> FloatArray:
    """Regression scores of a latent variable, or values of an observed one, of one group's respondents, (n,).

    Rows that do not have the observed variable are left out.

    Raises
    ------
    UnsupportedError
        Where there are no factor scores.
    """
    if group.is_observed(name):
        observed = group.observations_of(name)
        return observed[~np.isnan(observed)]
    scores = fit.factor_scores()
    within = scores.loc[group.label] if group.label else scores
    values: FloatArray = within[name].to_numpy(dtype=float)
    return values


def respondents_of(fit: Fit, name: str, group: str | None = None) -> FloatArray:
    """Regression scores of a latent variable, or values of an observed one, of the respondents, (n,).

    Parameters
    ----------
    fit : Fit
        The fitted model.
    name : str
        A variable of its equations.
    group : str, optional
        Which group, where there are several.

    Raises
    ------
    UnsupportedError
        Where there are no factor scores, or the group is not determined.
    """
    return respondent_values(fit, chosen_group(fit, group), name)
