import numpy as np
import pandas as pd
import pytest

from surveysem.data import check_enough_observations, read_political_democracy, sample_moments
from surveysem.errors import DataError


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(1).normal(size=(50, 4)), columns=list("abcd"))


def test_covariance_is_divided_by_n():
    data = read_political_democracy()
    moments = sample_moments(data, ["x1", "x2", "x3"])
    expected = np.cov(data[["x1", "x2", "x3"]].to_numpy(), rowvar=False, bias=True)
    np.testing.assert_allclose(moments.covariance, expected, rtol=1e-12)
    np.testing.assert_allclose(moments.means, data[["x1", "x2", "x3"]].mean(), rtol=1e-12)
    assert moments.n_obs == 75
    assert moments.variables == ("x1", "x2", "x3")


def test_arrays_are_read_only_copies(frame):
    moments = sample_moments(frame, ["a", "b"])
    for array in (moments.covariance, moments.means, moments.observations):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    frame.loc[0, "a"] = 99
    assert moments.observations[0, 0] != 99


def test_every_dependence_is_named_in_one_error(frame):
    frame = frame.assign(
        fixed=3.0, copy=frame["a"], opposite=2 - frame["b"] * 5, total=frame["c"] + 2 * frame["d"], free=frame["a"] ** 2
    )
    with pytest.raises(DataError) as caught:
        sample_moments(frame, list(frame.columns))
    text = str(caught.value)
    assert len(caught.value.problems) == 4
    assert "variable fixed: it does not vary (always 3)" in text
    assert "variables a and copy: one repeats the other (correlation 1)" in text
    assert "variables b and opposite: one repeats the other (correlation -1)" in text
    assert "variables c, d, total: each of them is a linear combination of the others" in text


def test_separate_dependent_sets_are_told_apart(frame):
    frame = frame.assign(first=frame["a"] + frame["b"], second=frame["c"] - frame["d"])
    with pytest.raises(DataError) as caught:
        sample_moments(frame, list(frame.columns))
    assert [problem.where for problem in caught.value.problems] == ["variables a, b, first", "variables c, d, second"]


def test_high_but_imperfect_correlation_is_allowed(frame):
    frame["almost"] = frame["a"] + 1e-3 * frame["b"]
    assert sample_moments(frame, ["a", "almost", "c"]).n_obs == 50


def test_column_problems_come_together(frame):
    frame["word"] = "yes"
    with pytest.raises(DataError) as caught:
        sample_moments(frame, ["a", "a", "word", "B", "nowhere_near"])
    text = str(caught.value)
    assert "variable a: named 2 times" in text
    assert "variable word: the column is not numeric" in text
    assert "variable B: the data have no such column. Did you mean b?" in text
    assert "The columns are: a, b, c, d, word" in text


def test_missing_and_infinite_values_are_located(frame):
    frame.loc[[3, 7], "a"] = np.nan
    frame.loc[5, "b"] = np.inf
    frame.loc[6, "c"] = 1e200
    with pytest.raises(DataError) as caught:
        sample_moments(frame, ["a", "b", "c"])
    text = str(caught.value)
    assert "variable a, rows 3, 7: 2 cells missing" in text
    assert "variable b, row 5: 1 cell infinite" in text
    assert "variable c, row 6: 1 cell above 1e100" in text


@pytest.mark.parametrize("n_rows", [0, 1, 3, 4])
def test_fewer_rows_than_variables(frame, n_rows):
    with pytest.raises(DataError, match="fewer rows than variables, or as many"):
        sample_moments(frame.head(n_rows), list("abcd"))


def test_no_variables(frame):
    with pytest.raises(DataError, match="none is named"):
        sample_moments(frame, [])


def test_fewer_rows_than_parameters():
    check_enough_observations(n_obs=31, n_parameters=31)
    with pytest.raises(DataError, match=r"fewer rows than parameters.*\n.*30 rows for 31 free parameters.*matched"):
        check_enough_observations(n_obs=30, n_parameters=31)
