from math import inf, nan

import pytest

from surveysem.number_formats import (
    format_bounded,
    format_decimal,
    format_integer,
    format_interval,
    format_p,
    format_p_equation,
    format_share,
    stars,
)


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (2.675, 2, "2.68"),
        (-2.675, 2, "−2.68"),
        (0.125, 2, "0.13"),
        (-0.004, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (-0.005, 2, "−0.01"),
        (1234567.891, 1, "1,234,567.9"),
        (1e30, 0, "1" + ",000" * 10),
        (nan, 2, "—"),
        (inf, 2, "∞"),
        (-inf, 2, "−∞"),
    ],
)
def test_decimals_round_halves_away_and_never_show_a_negative_zero(value, decimals, expected):
    assert format_decimal(value, decimals) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.4567, ".46"), (-0.4567, "−.46"), (1.04, "1.04"), (-1.04, "−1.04"), (0.0, ".00"), (-0.001, ".00"), (nan, "—")],
)
def test_bounded_quantities_lose_only_the_zero_before_the_point(value, expected):
    assert format_bounded(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "< .001"), (0.00099999, "< .001"), (0.001, ".001"), (0.0496, ".050"), (1.0, "> .999"), (nan, "—")],
)
def test_p_is_never_nought_or_one(value, expected):
    assert format_p(value) == expected


def test_p_in_a_sentence():
    assert format_p_equation(0.04) == "= .040"
    assert format_p_equation(1e-9) == "< .001"
    assert format_p_equation(0.9999) == "> .999"


def test_intervals():
    assert format_interval(0.12, 0.34, bounded=True) == "[.12, .34]"
    assert format_interval(-1.5, 1200.0) == "[−1.50, 1,200.00]"
    assert format_interval(nan, 0.3) == "—"


def test_counts_shares_and_stars():
    assert format_integer(1975.0) == "1,975"
    assert format_integer(17.5) == "17.50"
    assert format_integer(nan) == "—"
    assert format_share(0, 0) == "—"
    assert [stars(p) for p in (0.05, 0.049, 0.01, 0.009, 0.0009)] == ["", "*", "*", "**", "***"]
