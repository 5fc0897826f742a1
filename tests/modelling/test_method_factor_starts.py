"""A method factor of free loadings has several maxima: the best of several searches is kept."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss

FREE = "method factor, free loadings"
MODEL = "a =~ a1 + a2 + a3 + a4\nb =~ b1 + b2 + b3 + b4\nc =~ c1 + c2 + c3 + c4"


def answers():
    """Three factors, and two shares of items across them."""
    rng = np.random.default_rng(6)
    correlation = np.array([[1, 0.5, 0.4], [0.5, 1, 0.5], [0.4, 0.5, 1]])
    factors = rng.multivariate_normal(np.zeros(3), correlation, 250)
    shares = rng.normal(size=(250, 2))
    items = np.repeat(factors, 4, axis=1) * 0.7 + rng.normal(size=(250, 12)) * 0.5
    items[:, [0, 1, 4, 5]] += 0.4 * shares[:, [0]]
    items[:, [2, 6, 8, 9, 10]] += 0.4 * shares[:, [1]]
    return pd.DataFrame(items, columns=[f"{letter}{number}" for letter in "abc" for number in range(1, 5)])


def test_a_search_that_fails_is_not_the_last_word():
    bias = ss.common_method_bias(MODEL, answers())
    assert bias.table.loc[FREE, "chisq"] == pytest.approx(51.592, abs=5e-4)  # lavaan 0.6-14
    assert bias.table.loc[FREE, "admissible"] == 1
    note = next(each for each in bias.findings if each.where == FREE)
    assert note.severity == "note"
    assert note.message.startswith("Of 4 searches from different starts, 1 without a solution; the best is shown")


def test_the_best_of_several_maxima_is_shown_and_the_others_told(influencer_csv):
    items = {"pic": 5, "sic": 7, "pq": 4, "pl": 4, "pi": 5}
    model = "\n".join(
        f"{name.upper()} =~ " + " + ".join(f"{name}_{place + 1}" for place in range(count))
        for name, count in items.items()
    )
    bias = ss.common_method_bias(model, pd.read_csv(influencer_csv))
    assert bias.table.loc[FREE, "chisq"] == pytest.approx(452.356, abs=5e-4)  # lavaan 0.6-14
    note = next(each for each in bias.findings if each.where == FREE)
    assert "ended at a worse maximum (χ² up to 464.38)" in note.message
