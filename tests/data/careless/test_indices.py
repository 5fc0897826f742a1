"""Indices of careless responding: against their definitions in R, by hand, and where they are not defined."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data.careless import (
    average_runs,
    careless_indices,
    even_odd_consistency,
    longest_runs,
    mahalanobis_distances,
    psychometric_synonyms,
    response_variability,
)
from surveysem.errors import DataError

REFERENCE = Path(__file__).parents[2] / "reference" / "careless"
SIZES = (4, 3, 4, 5, 2)
SCALES = {
    f"scale {number}": [f"i{k + 1}" for k in range(sum(SIZES[:number]), sum(SIZES[: number + 1]))]
    for number in range(len(SIZES))
}


@pytest.mark.parametrize("case", ["answers", "incomplete"])
def test_indices_are_those_of_the_definitions_in_r(case):
    answers = pd.read_csv(REFERENCE / f"{case}.csv", skipinitialspace=True, encoding="utf-8").astype(float)
    expected = pd.read_csv(REFERENCE / f"{case}_indices.csv", skipinitialspace=True, encoding="utf-8")
    reverse = dict.fromkeys(("i2", "i9", "i13", "i16"), 8.0)
    found = careless_indices(answers, scales=SCALES, reverse_keyed=reverse)
    pd.testing.assert_frame_equal(found, expected.astype(float), check_dtype=False, rtol=1e-9)
    assert found[["even_odd", "synonyms"]].isna().any().all()


def test_runs_by_hand():
    rows = np.array([[1, 1, 2, 2, 2], [3, np.nan, 3, 3, np.nan], [np.nan] * 5])
    assert longest_runs(rows).tolist() == [3, 2, 0]
    assert average_runs(rows).tolist()[:2] == [2.5, 1.5]
    assert np.isnan(average_runs(rows)[2])


def test_variability_needs_two_answers():
    spread = response_variability(np.array([[2.0, 4.0, np.nan], [5.0, np.nan, np.nan]]))
    assert spread[0] == pytest.approx(np.sqrt(2.0))
    assert np.isnan(spread[1])


def test_even_odd_by_hand():
    # Halves (1, 2, 4) and (2, 2, 6): r = 16 / √(14 · 32 / 3 · 2) after centring, then Spearman–Brown.
    answers = np.array([[1.0, 2.0, 2.0, 2.0, 4.0, 6.0]])
    r = np.corrcoef([1, 2, 4], [2, 2, 6])[0, 1]
    assert even_odd_consistency(answers, [[0, 1], [2, 3], [4, 5]])[0] == pytest.approx(2 * r / (1 + r))


def test_two_scales_say_nothing_about_consistency():
    assert np.isnan(even_odd_consistency(np.ones((3, 4)), [[0, 1], [2, 3]])).all()


def test_distances_of_incomplete_rows_use_what_they_have():
    rng = np.random.default_rng(2)
    answers = rng.normal(size=(300, 6)) @ rng.normal(size=(6, 6))
    answers[rng.random(answers.shape) < 0.15] = np.nan
    found = mahalanobis_distances(answers)
    frame = pd.DataFrame(answers)
    covariance, mean = frame.cov().to_numpy(), frame.mean().to_numpy()
    for row in range(0, 300, 17):
        given = ~np.isnan(answers[row])
        deviation = (answers[row] - mean)[given]
        assert found.degrees_of_freedom[row] == given.sum()
        assert found.squared[row] == pytest.approx(
            deviation @ np.linalg.solve(covariance[np.ix_(given, given)], deviation), rel=1e-8
        )


def test_distances_need_more_rows_than_items():
    with pytest.raises(DataError, match="not positive definite"):
        mahalanobis_distances(np.random.default_rng(1).normal(size=(5, 6)))


def test_random_answers_stand_out():
    rng = np.random.default_rng(5)
    answers = np.repeat(rng.normal(size=(400, 6)), 3, axis=1) + 0.4 * rng.normal(size=(400, 18))
    answers[:40] = rng.normal(size=(40, 18))
    index = psychometric_synonyms(answers)
    assert np.nanmedian(index[:40]) < 0.2 < 0.8 < np.nanmedian(index[40:])
    p_values = mahalanobis_distances(answers).p_values
    assert (p_values[:40] < 0.001).mean() > 0.5 > 0.01 > (p_values[40:] < 0.001).mean()


def test_what_is_wrong_with_the_answers_is_listed_at_once():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    with pytest.raises(DataError) as caught:
        careless_indices(frame, scales={"s": ["a", "c"]}, reverse_keyed={"d": 8.0})
    assert [problem.where for problem in caught.value.problems] == ["column b", "scale s", "reverse_keyed"]
