"""Power of tests of fit by the RMSEA, and the sample they need."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, isfinite
from numbers import Real

from scipy.optimize import brentq
from scipy.stats import chi2, ncx2

from surveysem.errors import Problem, UnsupportedError

_LARGEST = 10**7


def rmsea_power(
    *, degrees_of_freedom: int, n: float, null: float = 0.05, alternative: float = 0.08, alpha: float = 0.05
) -> float:
    """Power of a test of fit by the root mean square error of approximation.

    Parameters
    ----------
    degrees_of_freedom : int
        Of the model.
    n : float
        Respondents; the noncentrality of the statistic is (n − 1)·df·RMSEA².
    null, alternative : float
        RMSEA under the hypothesis tested and in the population. With the alternative above the null the statistic must
        be large: ``0.05`` and ``0.08`` is the test of close fit, ``0`` and ``0.05`` that of exact fit. With the
        alternative below it must be small: ``0.05`` and ``0.01`` is the test of not-close fit.
    alpha : float
        Error rate.

    Raises
    ------
    UnsupportedError
        Lists values out of range.

    References
    ----------
    maccallum_1996

    Examples
    --------
    >>> round(rmsea_power(degrees_of_freedom=100, n=200), 3)
    0.955
    """
    _check(degrees_of_freedom=degrees_of_freedom, n=n, null=null, alternative=alternative, alpha=alpha)
    return _power(degrees_of_freedom, n, null, alternative, alpha)


def rmsea_sample_size(
    *, degrees_of_freedom: int, power: float = 0.8, null: float = 0.05, alternative: float = 0.08, alpha: float = 0.05
) -> int:
    """Smallest sample with which a test of fit by the RMSEA has a power.

    Parameters
    ----------
    degrees_of_freedom : int
        Of the model.
    power : float
        Wanted, between *alpha* and 1.
    null, alternative, alpha : float
        As in :func:`rmsea_power`.

    Raises
    ------
    UnsupportedError
        Lists values out of range; also when ten million respondents do not suffice.

    References
    ----------
    maccallum_1996

    Examples
    --------
    >>> rmsea_sample_size(degrees_of_freedom=100)
    132
    """
    _check(degrees_of_freedom=degrees_of_freedom, n=2, null=null, alternative=alternative, alpha=alpha, power=power)

    def lacking(n: float) -> float:
        return _power(degrees_of_freedom, n, null, alternative, alpha) - power

    if lacking(_LARGEST) < 0:
        raise UnsupportedError(f"Not even {_LARGEST:,} respondents give a power of {power:g}.")
    n = ceil(_root(lacking) - 1e-6)
    return n if lacking(n) >= 0 else n + 1


def _root(lacking: Callable[[float], float]) -> float:
    return 2.0 if lacking(2.0) >= 0 else float(brentq(lacking, 2.0, _LARGEST, xtol=1e-4))


def _power(df: int, n: float, null: float, alternative: float, alpha: float) -> float:
    at_null, at_alternative = ((n - 1) * df * rmsea**2 for rmsea in (null, alternative))
    if alternative > null:
        critical = chi2.isf(alpha, df) if at_null == 0 else ncx2.isf(alpha, df, at_null)
        return float(ncx2.sf(critical, df, at_alternative))
    critical = ncx2.ppf(alpha, df, at_null)
    if at_alternative == 0:
        return float(chi2.cdf(critical, df))
    return float(ncx2.cdf(critical, df, at_alternative))


def _check(**given: float) -> None:
    least = {"degrees_of_freedom": 1, "n": 2}
    problems = []
    for name, value in given.items():
        low = least.get(name, 0.0)
        wrong = not isinstance(value, Real) or isinstance(value, bool) or not isfinite(value) or value < low
        if wrong or (name in ("alpha", "power") and not 0 < value < 1) or (name == "alternative" and value > 1):
            problems.append(Problem(where=name, found=f"{value!r}", remedy="Give a number within its range."))
    if not problems and given["null"] == given["alternative"]:
        remedy = "Give a null and an alternative that differ."
        problems.append(Problem(where="null, alternative", found=f"both {given['null']:g}", remedy=remedy))
    if not problems and "power" in given and given["power"] <= given["alpha"]:
        problems.append(Problem(where="power", found=f"{given['power']:g}", remedy="Give more than alpha."))
    if problems:
        raise UnsupportedError("The power of the test of fit cannot be computed as asked.", problems)
