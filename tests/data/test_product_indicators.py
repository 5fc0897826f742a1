from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from surveysem.data import product_indicators
from surveysem.errors import DataError
from surveysem.specification.products import product_pairs


def pairs(which="all"):
    return product_pairs(["x1", "x2"], ["z1", "z2", "z3"], which)


@pytest.fixture
def frame() -> pd.DataFrame:
    values = np.random.default_rng(5).integers(1, 8, size=(40, 5))
    return pd.DataFrame(values, columns=["x1", "x2", "z1", "z2", "z3"], index=range(2, 42))


def test_products_are_centred_twice(frame):
    products = product_indicators(frame, pairs())
    assert list(products) == ["x1.z1", "x1.z2", "x1.z3", "x2.z1", "x2.z2", "x2.z3"]
    assert products.index.equals(frame.index)
    np.testing.assert_allclose(products.mean(), 0, atol=1e-14)
    centred = frame - frame.mean()
    by_hand = centred["x2"] * centred["z3"]
    np.testing.assert_allclose(products["x2.z3"], by_hand - frame[["x2", "z3"]].cov(ddof=0).iloc[0, 1], atol=1e-12)


def test_shifting_items_changes_nothing(frame):
    shifted = frame.add([100, -3, 7, 0.5, 1000])
    np.testing.assert_allclose(product_indicators(shifted, pairs()), product_indicators(frame, pairs()), atol=1e-9)


def test_matched_pairs_use_each_item_once(frame):
    assert list(product_indicators(frame, pairs("matched"))) == ["x1.z1", "x2.z2"]


def test_what_stands_in_the_way_comes_in_one_error(frame):
    frame = frame.drop(columns="x2").astype({"z1": float, "z2": str})
    frame.loc[[3, 4], "z1"] = np.nan
    frame["x1.z3"] = 1
    with pytest.raises(DataError) as caught:
        product_indicators(frame, pairs())
    text = str(caught.value)
    assert "product x1.z3: another column has this name" in text
    assert "indicator x2: the data have no such column" in text
    assert "indicator z1: 2 missing values. Form products from complete rows only." in text
    assert "indicator z2: the column is not numeric" in text


def test_names_given_twice(frame):
    pair = SimpleNamespace(name="p", predictor_indicator="x1", moderator_indicator="z1")
    with pytest.raises(DataError, match="product p: another column"):
        product_indicators(frame, [pair, pair])
