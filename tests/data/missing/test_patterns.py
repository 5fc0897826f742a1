import numpy as np
import pandas as pd
import pytest

from surveysem.data.missing import missing_patterns
from surveysem.errors import DataError


def test_empty_rows_are_left_out_and_counted(planned):
    missing = missing_patterns(planned, list(planned.columns))
    assert (missing.n_obs, missing.n_empty) == (118, 2)
    np.testing.assert_array_equal(missing.kept_rows, np.setdiff1d(np.arange(120), [5, 50]))
    np.testing.assert_array_equal(missing.observations, planned.drop(index=[5, 50]).to_numpy())


def test_patterns_hold_the_moments_of_their_rows(missing):
    assert sum(pattern.n_obs for pattern in missing.patterns) == missing.n_obs
    assert sorted(np.concatenate([pattern.rows for pattern in missing.patterns])) == list(range(missing.n_obs))
    for pattern in missing.patterns:
        rows = missing.observations[pattern.rows]
        lacking = ~np.isin(np.arange(rows.shape[1]), pattern.observed)
        np.testing.assert_array_equal(np.isnan(rows), np.tile(lacking, (pattern.n_obs, 1)))
        present = rows[:, pattern.observed]
        np.testing.assert_allclose(pattern.means, present.mean(axis=0), rtol=1e-13)
        np.testing.assert_allclose(pattern.covariance, np.cov(present.T, bias=True).reshape(pattern.covariance.shape))


def test_patterns_are_distinct(missing):
    observed = [tuple(pattern.observed) for pattern in missing.patterns]
    assert len(set(observed)) == len(observed)


def test_one_row_has_no_covariance(planned):
    missing = missing_patterns(planned, list(planned.columns))
    alone = [pattern for pattern in missing.patterns if pattern.n_obs == 1]
    assert len(alone) == 2
    assert all(not pattern.covariance.any() for pattern in alone)


def test_crowded_patterns_are_compressed(planned):
    missing = missing_patterns(planned, list(planned.columns))
    # Complete rows, without x0 and x1, without x4: mean and factor; the two single rows stay.
    assert len(missing.layout.rows) == (1 + 5) + (1 + 3) + (1 + 4) + 2


def test_coverage_is_the_share_of_rows_with_both(missing):
    present = ~np.isnan(missing.observations)
    for i, j in [(0, 0), (0, 1), (2, 4)]:
        assert missing.coverage[i, j] == pytest.approx((present[:, i] & present[:, j]).mean())


def test_nullable_columns_are_read():
    frame = pd.DataFrame({"a": pd.array([1, 2, None, 5], dtype="Int64"), "b": [2.0, 1.0, 4.0, np.nan]})
    np.testing.assert_array_equal(missing_patterns(frame, ["a"]).observations.ravel(), [1.0, 2.0, 5.0])
    assert missing_patterns(frame, ["a", "b"]).n_obs == 4


def test_arrays_are_read_only(missing):
    pattern = missing.patterns[0]
    arrays = [missing.observations, missing.kept_rows, missing.coverage, missing.pattern_of_row, missing.layout.rows]
    for array in [*arrays, pattern.observed, pattern.rows, pattern.means, pattern.covariance]:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_frame_is_not_touched(scattered):
    before = scattered.copy()
    missing_patterns(scattered, list(scattered.columns))
    pd.testing.assert_frame_equal(scattered, before)


def test_every_problem_comes_in_one_error():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(30, 7)), columns=list("abcdefg"))
    frame["b"] = np.nan
    frame["c"] = 3.0
    frame.loc[4, "c"] = np.nan
    frame.loc[:14, "d"] = np.nan
    frame.loc[15:, ["e", "f"]] = np.nan
    frame.loc[[2, 3], "a"] = np.inf
    frame.loc[7, "g"] = 1e200
    with pytest.raises(DataError) as caught:
        missing_patterns(frame, list("abcdefg"))
    text = str(caught.value)
    assert len(caught.value.problems) == 5
    assert "variable a, rows 2, 3: 2 cells infinite" in text
    assert "variable g, row 7: 1 cell above 1e100" in text
    assert "variable b: no row has a value" in text
    assert "variable c: it does not vary (always 3)" in text
    assert "variable d with e, f: no row has both" in text


def test_too_few_rows_are_refused(scattered):
    with pytest.raises(DataError, match="fewer rows than variables, or as many: 6 rows, 6 variables"):
        missing_patterns(scattered.iloc[:6].fillna(0.5), list(scattered.columns))


def test_a_frame_without_rows_is_refused():
    with pytest.raises(DataError) as caught:
        missing_patterns(pd.DataFrame({"a": [np.nan, np.nan]}), ["a"])
    assert [problem.where for problem in caught.value.problems] == ["the analysed rows", "variable a"]


def test_columns_are_checked_first(scattered):
    with pytest.raises(DataError, match=r"variable X0: the data have no such column\. Did you mean x0"):
        missing_patterns(scattered, ["X0", "x1"])
