"""Log-likelihood and the information criteria made from it."""

from __future__ import annotations

from math import log, pi


def log_likelihood(*, discrepancy: float, log_determinant_sample: float, n_variables: int, n_obs: int) -> float:
    """Normal log-likelihood of a covariance structure whose means are those of the sample.

    Parameters
    ----------
    discrepancy : float
        F = ln|Σ| + tr(SΣ⁻¹) − ln|S| − p; 0 gives the saturated model.
    log_determinant_sample : float
        ln|S|, S divided by *n*.
    n_variables, n_obs : int
        *p* and *n*.
    """
    deviance = n_variables * log(2 * pi) + discrepancy + log_determinant_sample + n_variables
    return -n_obs / 2.0 * deviance


def aic(*, log_likelihood: float, n_parameters: int) -> float:
    """Akaike's information criterion.

    References
    ----------
    akaike_1974

    Examples
    --------
    >>> round(aic(log_likelihood=-3737.745, n_parameters=21), 3)
    7517.49
    """
    return -2.0 * log_likelihood + 2.0 * n_parameters


def adjusted_bic(*, log_likelihood: float, n_parameters: int, n_obs: int) -> float:
    """Bayesian information criterion adjusted for sample size, with (n + 2)/24 in place of *n* (lavaan's ``bic2``).

    References
    ----------
    sclove_1987

    Examples
    --------
    >>> round(adjusted_bic(log_likelihood=-3737.745, n_parameters=21, n_obs=301), 2)
    7528.74
    """
    return bic(log_likelihood=log_likelihood, n_parameters=n_parameters, n_obs=(n_obs + 2) / 24)


def bic(*, log_likelihood: float, n_parameters: int, n_obs: float) -> float:
    """Bayesian information criterion of Schwarz.

    References
    ----------
    schwarz_1978

    Examples
    --------
    >>> round(bic(log_likelihood=-3737.745, n_parameters=21, n_obs=301), 2)
    7595.34
    """
    return -2.0 * log_likelihood + n_parameters * log(n_obs)
