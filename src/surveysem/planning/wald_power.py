"""Power of Wald tests."""

from __future__ import annotations

from math import ceil, nan, sqrt

from scipy.special import ndtr, ndtri

from surveysem.errors import UnsupportedError
from surveysem.propositions import DecisionRule


def wald_power(
    effect: float, std_error: float, *, n: float, alpha: float = 0.05, two_sided: bool = True, sign: int = 0
) -> float:
    """Power of the Wald test of an effect.

    Parameters
    ----------
    effect : float
        In the population.
    std_error : float
        Its standard error in a sample of one, √n times that of *n* respondents.
    n : float
        Respondents.
    alpha : float
        Error rate.
    two_sided : bool
        Whether the p counts both signs.
    sign : {-1, 0, 1}
        Sign an estimate must have to count; 0 for either.

    Raises
    ------
    UnsupportedError
        For a standard error that is not positive, and an error rate outside 0 to 1.

    Examples
    --------
    >>> round(wald_power(0.2, 1.0, n=196), 4)
    0.7996
    """
    if not (std_error > 0 and n > 0 and 0 < alpha < 1):
        raise UnsupportedError("A standard error, a sample and an error rate within their ranges are needed.")
    critical = -float(ndtri(alpha / 2.0 if two_sided else alpha))
    centre = effect * sqrt(n) / std_error
    upper, lower = float(ndtr(centre - critical)), float(ndtr(-centre - critical))
    return upper if sign > 0 else lower if sign < 0 else upper + lower


def wald_sample_size(
    effect: float, std_error: float, *, power: float = 0.8, alpha: float = 0.05, two_sided: bool = True, sign: int = 0
) -> float:
    """Smallest sample whose Wald test has a power; NaN where no sample does, the effect being 0 or of the other sign.

    Parameters
    ----------
    effect, std_error, alpha, two_sided, sign
        As in :func:`wald_power`.
    power : float
        Wanted.

    Examples
    --------
    >>> wald_sample_size(0.2, 1.0)
    197.0
    """
    if effect == 0 or effect * sign < 0:
        return nan
    critical = -float(ndtri(alpha / 2.0 if two_sided else alpha))
    # The other tail adds less than α / 2: it makes the size given here at most one too large.
    root = (critical + float(ndtri(power))) * std_error / abs(effect)
    n = max(float(ceil(root**2)), 2.0)
    options = {"alpha": alpha, "two_sided": two_sided, "sign": sign}
    while n > 2 and wald_power(effect, std_error, n=n - 1, **options) >= power:  # type: ignore[arg-type]
        n -= 1
    return n


def power_under(rule: DecisionRule, effect: float, std_error: float, *, n: float, tests: int = 1) -> float:
    """Probability that an effect is significant with the sign a rule foretells; alpha is divided by *tests*."""
    return wald_power(
        effect,
        std_error,
        n=n,
        alpha=rule.alpha / tests,
        two_sided=not rule.one_sided,
        sign={"positive": 1, "negative": -1}.get(rule.expected, 0),
    )


def size_under(rule: DecisionRule, effect: float, std_error: float, *, power: float, tests: int = 1) -> float:
    """Sample that gives :func:`power_under`; NaN where none does."""
    return wald_sample_size(
        effect,
        std_error,
        power=power,
        alpha=rule.alpha / tests,
        two_sided=not rule.one_sided,
        sign={"positive": 1, "negative": -1}.get(rule.expected, 0),
    )
