"""Questions asked of a fitted measurement model, as functions."""

from __future__ import annotations

import pandas as pd

from surveysem.inference.fit import Fit
from surveysem.inference.validity import htmt_table


def reliability(fit: Fit) -> pd.DataFrame:
    """Alpha, omega, composite reliability and average variance extracted per latent variable.

    Parameters
    ----------
    fit : Fit
        A measurement model.

    Returns
    -------
    pandas.DataFrame
        Indexed by latent variable (by group too where there are several); columns n_items, alpha, omega,
        composite_reliability, average_variance_extracted.

    Examples
    --------
    >>> import surveysem as ss
    >>> fit = ss.cfa("dem60 =~ y1 + y2 + y3 + y4", ss.load_study("political_democracy").bundled_data())
    >>> round(float(ss.reliability(fit).loc["dem60", "alpha"]), 3)
    0.859
    """
    return fit.reliability


def htmt(fit: Fit, *, version: int = 1) -> pd.DataFrame:
    """Heterotrait–monotrait ratios of all pairs of latent variables.

    Parameters
    ----------
    fit : Fit
        A measurement model.
    version : {1, 2}
        Arithmetic means of correlations (Henseler et al. 2015), or geometric ones, which do not assume equal loadings
        (HTMT2; Roemer et al. 2021).

    References
    ----------
    henseler_2015, roemer_2021
    """
    return fit.htmt if version == 1 else fit.by_group(lambda group: htmt_table(group, version=version))


def fornell_larcker(fit: Fit) -> pd.DataFrame:
    """Correlations of the latent variables, with the square root of AVE on the diagonal.

    References
    ----------
    fornell_larcker_1981
    """
    return fit.fornell_larcker
