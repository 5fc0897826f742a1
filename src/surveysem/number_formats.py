"""Numbers as the seventh edition of the APA manual prints them: the only place where results are rounded."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from math import isinf, isnan

DASH = "—"
MINUS = "−"
_ENOUGH_DIGITS = Context(prec=400, rounding=ROUND_HALF_UP)


def format_decimal(value: float, decimals: int = 2) -> str:
    """A number with fixed decimals, halves rounded away from zero, thousands set apart.

    Parameters
    ----------
    value : float
        NaN gives a dash.
    decimals : int
        Digits after the point.

    Examples
    --------
    >>> format_decimal(1234.565), format_decimal(-0.004), format_decimal(float("nan"))
    ('1,234.57', '0.00', '—')
    """
    if isnan(value):
        return DASH
    if isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), context=_ENOUGH_DIGITS)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{abs(rounded):,f}"


def format_bounded(value: float, decimals: int = 2) -> str:
    """A quantity that cannot properly exceed 1, without the zero before the point.

    A value that does exceed 1, as an inadmissible loading may, keeps its integer part.

    Examples
    --------
    >>> format_bounded(0.4567), format_bounded(-0.5), format_bounded(1.04), format_bounded(0.999)
    ('.46', '−.50', '1.04', '1.00')
    """
    text = format_decimal(value, decimals)
    if text.startswith("0."):
        return text[1:]
    return f"{MINUS}{text[2:]}" if text.startswith(f"{MINUS}0.") else text


def format_integer(value: float) -> str:
    """A count; one that is not whole, such as adjusted degrees of freedom, keeps two decimals.

    Examples
    --------
    >>> format_integer(1234), format_integer(17.5)
    ('1,234', '17.50')
    """
    return format_decimal(value, 0 if isnan(value) or float(value).is_integer() else 2)


def format_p(value: float) -> str:
    """A p to three decimals, never 0 and never 1.

    Examples
    --------
    >>> format_p(0.0123), format_p(0.0004), format_p(0.99996)
    ('.012', '< .001', '> .999')
    """
    if value < 0.001:
        return "< .001"
    return "> .999" if value >= 0.9995 else format_bounded(value, 3)


def format_p_equation(value: float) -> str:
    """What follows the symbol *p* in a sentence.

    Examples
    --------
    >>> format_p_equation(0.0123), format_p_equation(0.0004)
    ('= .012', '< .001')
    """
    text = format_p(value)
    return text if text.startswith(("<", ">")) else f"= {text}"


def format_interval(lower: float, upper: float, decimals: int = 2, *, bounded: bool = False) -> str:
    """An interval in square brackets; a dash where a limit is missing.

    Examples
    --------
    >>> format_interval(0.121, 0.343, bounded=True), format_interval(-1.5, 0.2)
    ('[.12, .34]', '[−1.50, 0.20]')
    """
    if isnan(lower) or isnan(upper):
        return DASH
    number = format_bounded if bounded else format_decimal
    return f"[{number(lower, decimals)}, {number(upper, decimals)}]"


def format_share(part: int, whole: int) -> str:
    """A percentage with one decimal.

    Examples
    --------
    >>> format_share(31, 40)
    '77.5%'
    """
    return f"{format_decimal(100 * part / whole, 1)}%" if whole else DASH


def stars(p: float) -> str:
    """Stars of significance: one below .05, two below .01, three below .001.

    Examples
    --------
    >>> stars(0.03), stars(0.0001), stars(float("nan"))
    ('*', '***', '')
    """
    return "*" * sum(p < limit for limit in (0.05, 0.01, 0.001))
