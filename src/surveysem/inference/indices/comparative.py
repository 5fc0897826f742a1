"""Comparative fit: the model against the baseline in which no variables covary."""

from __future__ import annotations

from math import nan


def cfi(
    *,
    chi_square: float,
    degrees_of_freedom: float,
    baseline_chi_square: float,
    baseline_degrees_of_freedom: float,
    scaling: float = 1.0,
    baseline_scaling: float = 1.0,
) -> float:
    """Comparative fit index.

    Parameters
    ----------
    chi_square, degrees_of_freedom : float
        Of the model.
    baseline_chi_square, baseline_degrees_of_freedom : float
        Of the model of independence.
    scaling, baseline_scaling : float
        Scaling factors of robust statistics; give the robust version (Brosseau-Liard & Savalei 2014).

    References
    ----------
    bentler_1990, brosseau_liard_2014

    Examples
    --------
    >>> round(cfi(chi_square=85.306, degrees_of_freedom=24, baseline_chi_square=918.852,
    ...           baseline_degrees_of_freedom=36), 3)
    0.931
    """
    misfit = max(chi_square - scaling * degrees_of_freedom, 0.0)
    baseline_misfit = max(baseline_chi_square - baseline_scaling * baseline_degrees_of_freedom, misfit, 0.0)
    if baseline_misfit == 0 or degrees_of_freedom == baseline_degrees_of_freedom == 0:  # what is left is rounding
        return 1.0
    return 1.0 - misfit / baseline_misfit


def tli(
    *,
    chi_square: float,
    degrees_of_freedom: float,
    baseline_chi_square: float,
    baseline_degrees_of_freedom: float,
    scaling: float = 1.0,
    baseline_scaling: float = 1.0,
) -> float:
    """Tucker–Lewis index (non-normed); NaN where the model or the baseline leaves nothing to compare.

    Parameters are those of :func:`cfi`.

    References
    ----------
    tucker_lewis_1973, brosseau_liard_2014

    Examples
    --------
    >>> round(tli(chi_square=85.306, degrees_of_freedom=24, baseline_chi_square=918.852,
    ...           baseline_degrees_of_freedom=36), 3)
    0.896
    """
    if degrees_of_freedom == 0:
        return 1.0
    misfit = (chi_square - scaling * degrees_of_freedom) / degrees_of_freedom
    baseline = baseline_chi_square - baseline_scaling * baseline_degrees_of_freedom
    if baseline == 0 or baseline_degrees_of_freedom == 0:
        return nan
    return 1.0 - misfit * baseline_degrees_of_freedom / baseline


def nfi(
    *,
    chi_square: float,
    degrees_of_freedom: float,
    baseline_chi_square: float,
    baseline_degrees_of_freedom: float,
) -> float:
    """Normed fit index; NaN where the model has more degrees of freedom than independence.

    Parameters are those of :func:`cfi`.

    References
    ----------
    bentler_bonett_1980

    Examples
    --------
    >>> round(nfi(chi_square=85.306, degrees_of_freedom=24, baseline_chi_square=918.852,
    ...           baseline_degrees_of_freedom=36), 3)
    0.907
    """
    if baseline_chi_square == 0 or degrees_of_freedom > baseline_degrees_of_freedom:
        return nan
    return 1.0 - chi_square / baseline_chi_square


def rfi(
    *,
    chi_square: float,
    degrees_of_freedom: float,
    baseline_chi_square: float,
    baseline_degrees_of_freedom: float,
) -> float:
    """Relative fit index; NaN where the model has more degrees of freedom than independence.

    Parameters are those of :func:`cfi`.

    References
    ----------
    bollen_1986

    Examples
    --------
    >>> round(rfi(chi_square=85.306, degrees_of_freedom=24, baseline_chi_square=918.852,
    ...           baseline_degrees_of_freedom=36), 3)
    0.861
    """
    if degrees_of_freedom == 0:
        return 1.0
    if baseline_chi_square == 0 or degrees_of_freedom > baseline_degrees_of_freedom:
        return nan
    return 1.0 - chi_square / degrees_of_freedom * baseline_degrees_of_freedom / baseline_chi_square


def ifi(*, chi_square: float, degrees_of_freedom: float, baseline_chi_square: float) -> float:
    """Incremental fit index; NaN where the baseline leaves nothing to explain.

    Parameters are those of :func:`cfi`.

    References
    ----------
    bollen_incremental_1989

    Examples
    --------
    >>> round(ifi(chi_square=85.306, degrees_of_freedom=24, baseline_chi_square=918.852), 3)
    0.931
    """
    baseline = baseline_chi_square - degrees_of_freedom
    return nan if baseline == 0 else (baseline_chi_square - chi_square) / baseline


def rni(
    *,
    chi_square: float,
    degrees_of_freedom: float,
    baseline_chi_square: float,
    baseline_degrees_of_freedom: float,
    scaling: float = 1.0,
    baseline_scaling: float = 1.0,
) -> float:
    """Relative noncentrality index: the CFI, not confined to the range from 0 to 1; NaN where nothing is to explain.

    Parameters are those of :func:`cfi`.

    References
    ----------
    mcdonald_marsh_1990

    Examples
    --------
    >>> round(rni(chi_square=85.306, degrees_of_freedom=24, baseline_chi_square=918.852,
    ...           baseline_degrees_of_freedom=36), 3)
    0.931
    """
    baseline = baseline_chi_square - baseline_scaling * baseline_degrees_of_freedom
    return nan if baseline == 0 else 1.0 - (chi_square - scaling * degrees_of_freedom) / baseline
