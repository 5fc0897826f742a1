"""Descriptives, Mardia's tests, intraclass correlations and missing answers, against R and published values."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data.clustering import intraclass_correlation, intraclass_correlation_ml, intraclass_correlations
from surveysem.data.descriptives import item_descriptives
from surveysem.data.missingness import missingness
from surveysem.data.normality import mardia_test
from surveysem.errors import DataError

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="module")
def expected():
    return json.loads((REFERENCE / "distributions" / "values.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def attitude():
    return pd.read_csv(REFERENCE / "distributions" / "attitude.csv", encoding="utf-8")


@pytest.fixture(scope="module")
def air():
    return pd.read_csv(REFERENCE / "missingness" / "airquality.csv", encoding="utf-8")


def test_descriptives_are_those_of_psych(attitude, expected):
    table = item_descriptives(attitude)
    for name in ("mean", "sd", "median", "skewness", "kurtosis"):
        np.testing.assert_allclose(table[name], expected[name], rtol=1e-9)


def test_floor_and_ceiling_are_those_of_the_scale(instrument):
    frame = pd.DataFrame({"tr_1": [2, 2, 6, 7, np.nan], "us_1": [2, 3, 4, 5, 6]}, dtype=float)
    table = item_descriptives(frame, instrument=instrument)
    assert table.loc["tr_1", ["n", "n_missing", "floor_share", "ceiling_share"]].tolist() == [4, 1, 0.0, 0.25]
    assert table.loc["tr_1", "counts"] == {2.0: 2, 6.0: 1, 7.0: 1}
    assert item_descriptives(frame).loc["us_1", ["floor_share", "ceiling_share"]].tolist() == [0.2, 0.2]


def test_items_without_answers_or_variation_have_no_shape():
    table = item_descriptives(pd.DataFrame({"empty": [np.nan, np.nan], "same": [3.1, 3.1]}))
    assert table.loc["empty", "n"] == 0
    assert table.loc["same", "sd"] == 0
    assert table[["skewness", "kurtosis"]].isna().all().all()


def test_mardia_is_that_of_psych_and_semtools(attitude, expected):
    test = mardia_test(attitude)
    found = [test.skewness, test.skewness_chi_square, test.skewness_p_value, test.small_sample_chi_square]
    found += [test.small_sample_p_value, test.kurtosis, test.kurtosis_z, test.kurtosis_p_value]
    np.testing.assert_allclose(found, expected["psych"], rtol=1e-8)
    skew = [test.skewness, test.skewness_chi_square, test.skewness_degrees_of_freedom, test.skewness_p_value]
    np.testing.assert_allclose(skew, expected["semTools_skew"], rtol=1e-8)
    np.testing.assert_allclose(
        [test.kurtosis, test.kurtosis_z, test.kurtosis_p_value], expected["semTools_kurtosis"], rtol=1e-8
    )


def test_mardias_own_divisor(attitude, expected):
    test = mardia_test(attitude, divisor="n")
    np.testing.assert_allclose([test.skewness, test.kurtosis], expected["mardia"], rtol=1e-9)


def test_mardia_counts_incomplete_rows_and_refuses_repeated_variables(air, attitude):
    test = mardia_test(air)
    assert test.n_obs == 111
    assert test.findings[0].message.startswith("42 of 153 rows")
    with pytest.raises(DataError, match="singular"):
        mardia_test(attitude.assign(again=attitude["rating"] * 2))


def test_intraclass_correlations_are_those_of_aov_and_lme4(expected):
    chicks = pd.read_csv(REFERENCE / "distributions" / "chickwts.csv", encoding="utf-8")
    row = intraclass_correlations(chicks, cluster="feed").loc["weight"]
    assert row["icc"] == pytest.approx(expected["icc"], rel=1e-10)
    # lme4 stops where the deviance is flat to eight digits, which leaves half as many of the variances.
    assert row["icc_ml"] == pytest.approx(expected["icc_ml"], rel=1e-5)
    assert row["design_effect"] == pytest.approx(1 + (71 / 6 - 1) * expected["icc"])


def test_unlike_members_have_a_negative_icc_but_no_negative_variance():
    values, firms = np.array([1.0, 9.0, 2.0, 8.0]), np.array([0, 0, 1, 1])
    assert intraclass_correlation(values, firms) < 0
    assert intraclass_correlation_ml(values, firms) == 0.0


def test_clusters_of_one_are_refused():
    with pytest.raises(DataError, match="cannot be compared"):
        intraclass_correlations(pd.DataFrame({"x": [1.0, 2.0, 3.0], "firm": [1, 2, 3]}), cluster="firm")


def test_littles_test_of_air_quality(air):
    # 35.1061288689702, df 14, p .00141778113856683, 4 patterns: the value that naniar's tests hold mcar_test() to. Its
    # EM algorithm stops at four digits of the moments; at their maximum, by lavaan, d² differs by 1.3e-6 of itself.
    test = missingness(air).little
    reference = json.loads((REFERENCE / "missingness" / "little.json").read_text(encoding="utf-8"))
    assert test.chi_square == pytest.approx(reference["statistic"], rel=1e-8)
    assert test.chi_square == pytest.approx(35.1061288689702, rel=1e-5)
    assert test.p_value == pytest.approx(0.00141778113856683, rel=1e-4)
    assert (test.degrees_of_freedom, test.n_patterns) == (14, 4)


def test_amounts_add_up(air):
    result = missingness(air)
    assert result.items.loc["Ozone", ["n", "n_missing"]].tolist() == [116, 37]
    assert result.n_rows == result.patterns["n_rows"].sum() == 153
    assert result.rows["n_rows"].tolist() == [111, 40, 2]
    assert result.patterns.columns.tolist() == ["n_rows", "share_rows", "n_missing", "Ozone", "Solar.R"]
    assert "not missing completely at random" in str(result)


def test_where_there_is_no_test_a_finding_says_why(air):
    assert missingness(air.dropna()).little is None
    never_together = pd.DataFrame({"a": [1.0, 2.0, np.nan, np.nan], "b": [np.nan, np.nan, 1.0, 3.0]})
    result = missingness(never_together)
    assert result.little is None
    assert "There is no test" in result.findings[0].message


def test_little_holds_its_level_when_missing_completely_at_random():
    rng = np.random.default_rng(8)
    p_values = []
    for _ in range(150):
        frame = pd.DataFrame(rng.normal(size=(250, 4)) @ np.linalg.cholesky(np.full((4, 4), 0.5) + 0.5 * np.eye(4)).T)
        frame = frame.rename(columns=str).mask(rng.random((250, 4)) < 0.1)
        p_values.append(missingness(frame).little.p_value)
    assert 0.01 < np.mean(np.array(p_values) < 0.05) < 0.11  # ± 3 standard errors


@pytest.mark.parametrize("describe", [item_descriptives, missingness, mardia_test])
def test_what_cannot_be_described_is_refused_with_rows_and_columns(describe):
    with pytest.raises(DataError, match=r"variable a, row 1: 1 cell infinite"):
        describe(pd.DataFrame({"a": [1.0, np.inf], "b": [1.0, 2.0]}))
    with pytest.raises(DataError, match="no rows"):
        describe(pd.DataFrame({"a": [], "b": []}, dtype=float))
    twice = pd.DataFrame([[1.0, 2.0], [2.0, 3.0]], columns=["a", "a"])
    with pytest.raises(DataError, match="2 columns have this name"):
        describe(twice)
