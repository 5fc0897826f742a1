"""Likelihood-ratio tests against lavaan's, and what is refused."""

import numpy as np
import pytest
from scipy.stats import chi2

from surveysem.errors import DataError, UnsupportedError
from surveysem.inference.comparison import compare, scaled_difference
from surveysem.inference.fit import Fit
from surveysem.modelling import sem

SETS = {
    "ml": ["scalar", "configural", "metric"],
    "mlr": ["metric_mlr", "configural_mlr", "scalar_mlr"],
    "democracy": ["democracy_equal", "democracy"],
}


@pytest.mark.parametrize("name", SETS)
def test_the_table_is_lavaans(name, fit_of, stored):
    table = compare(*(fit_of(case) for case in SETS[name]), names=SETS[name])
    theirs = stored("difference_tests", set=name).set_index("model")
    assert list(table.index) == list(theirs.index)
    assert not table["finding"].any()
    for column in ("df", "aic", "bic", "chisq", "chisq_diff", "df_diff", "rmsea_diff", "p_value"):
        # 1e-4: scaling factors at lavaan's estimates, which are up to 1e-4 standard errors from the minimum
        np.testing.assert_allclose(table[column], theirs[column], rtol=1e-4, atol=1e-9, err_msg=column)


def test_scaled_differences_make_scaled_statistics_add_up_to_those_of_one_model():
    """Against the saturated model the scaled difference is the scaled statistic."""
    result = scaled_difference(
        chi_square=30.0,
        degrees_of_freedom=10,
        scaling=1.25,
        larger_chi_square=0.0,
        larger_degrees_of_freedom=0,
        larger_scaling=float("nan"),
    )
    assert result.chi_square == pytest.approx(30.0 / 1.25)


def test_a_negative_scaling_factor_gives_no_statistic_and_says_so(fit_of, monkeypatch):
    restricted, larger = fit_of("metric_mlr"), fit_of("configural_mlr")
    indices = {
        id(restricted): dict(restricted.fit_indices) | {"chisq.scaling.factor": 0.5},
        id(larger): dict(larger.fit_indices) | {"chisq.scaling.factor": 1.5},
    }
    monkeypatch.setattr(Fit, "fit_indices", property(lambda self: indices[id(self)]))
    row = compare(restricted, larger).iloc[1]
    assert np.isnan(row["chisq_diff"])
    assert np.isnan(row["p_value"])
    assert "scaling factor of the difference is -7.5" in row["finding"]


def test_a_model_that_is_not_nested_is_found_out(democracy):
    """Fewer parameters and a better fit: they cannot be nested."""
    poor = sem("f =~ y1 + y2 + y3 + y4; y1 ~~ y2", democracy)
    good = sem("f =~ y1 + a*y2 + a*y3 + y4; y1 ~~ y3", democracy)
    assert good.fit_indices["df"] > poor.fit_indices["df"]
    assert good.fit_indices["chisq"] < poor.fit_indices["chisq"]
    row = compare(poor, good).iloc[1]
    assert row["chisq_diff"] < 0
    assert np.isnan(row["p_value"])
    assert np.isnan(row["rmsea_diff"])
    assert "not nested" in row["finding"]


def test_rmsea_of_the_difference_is_zero_where_it_is_below_its_expectation(fit_of):
    row = compare(fit_of("democracy"), fit_of("democracy_equal")).iloc[1]
    assert row["chisq_diff"] < row["df_diff"]
    assert row["rmsea_diff"] == 0.0
    assert row["p_value"] == pytest.approx(chi2.sf(row["chisq_diff"], row["df_diff"]))


def test_variables_may_stand_in_another_order(democracy):
    first = sem("f =~ y1 + y2 + y3 + y4", democracy)
    second = sem("f =~ y1 + a*y4 + a*y3 + y2", democracy)
    assert compare(first, second)["df_diff"].iloc[1] == 1


def test_other_rows_are_refused(democracy):
    syntax, equal = "f =~ y1 + y2 + y3 + y4", "f =~ y1 + a*y2 + a*y3 + y4"
    with pytest.raises(DataError, match="n = 75 and n = 74"):
        compare(sem(syntax, democracy), sem(equal, democracy.iloc[1:]))
    changed = democracy.assign(y1=democracy["y1"] * 1.001)
    with pytest.raises(DataError, match="means or covariances differ"):
        compare(sem(syntax, democracy), sem(equal, changed))


def test_other_variables_are_refused(democracy):
    with pytest.raises(DataError, match="only one of them has y5"):
        compare(sem("f =~ y1 + y2 + y3 + y4", democracy), sem("f =~ y1 + y2 + y3 + y4 + y5", democracy))


def test_everything_that_cannot_be_compared_is_listed(fit_of):
    with pytest.raises(UnsupportedError) as caught:
        compare(fit_of("democracy"), fit_of("democracy_mlr"), fit_of("democracy_means"), names=["one"])
    text = str(caught.value)
    for part in ("1 for 3 fits", "ML, MLR", "only some models have them", "degrees of freedom 35, 35, 35"):
        assert part in text


def test_one_fit_is_too_few(fit_of):
    with pytest.raises(UnsupportedError, match="Give two or more"):
        compare(fit_of("democracy"))
