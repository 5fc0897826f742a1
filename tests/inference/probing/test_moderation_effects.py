import numpy as np
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference.probing import moderation_benchmark, moderation_effects
from surveysem.modelling import sem


def test_every_product_has_a_row(probed_fit):
    table = moderation_effects(probed_fit("both_stages"))
    assert list(zip(table["outcome"], table["product"], strict=True)) == [("INT", "ATT:PBC"), ("BEH", "INT:PBC")]


def test_standardised_value_is_the_appropriate_one(probed_fit):
    table = moderation_effects(probed_fit("one_int"))
    # Wen, Marsh and Hau's value of these data is .4445; the product's own variance would give .4552.
    assert table.loc[0, "std_all"] == pytest.approx(0.4445, abs=5e-5)
    assert table.loc[0, "benchmark"] == "large"


def test_added_variance_is_that_of_the_two_regressions(probed_fit):
    fit = probed_fit("one_int")
    table = moderation_effects(fit)
    names = list(fit.solution.groups[0].structure.latent)
    covariance = fit.solution.groups[0].implied.latent_covariance

    def explained(*predictors):
        at = [names.index(name) for name in predictors]
        with_outcome = covariance[at, names.index("Y")]
        variance = covariance[names.index("Y"), names.index("Y")]
        return with_outcome @ np.linalg.solve(covariance[np.ix_(at, at)], with_outcome) / variance

    added = explained("X", "Z", "P") - explained("X", "Z")
    assert table.loc[0, "delta_r_squared"] == pytest.approx(added)
    assert table.loc[0, "f_squared"] == pytest.approx(added / (1 - fit.r_squared["Y"]))


def test_groups_have_rows_of_their_own(grouped_fit):
    table = moderation_effects(grouped_fit)
    assert table["group"].tolist() == ["other", "regulated"]
    assert table["f_squared"].nunique() == 2


@pytest.mark.parametrize(
    ("f_squared", "label"), [(0.0, "below small"), (0.005, "small"), (0.02, "medium"), (0.025, "large"), (np.nan, "")]
)
def test_benchmarks(f_squared, label):
    assert moderation_benchmark(f_squared) == label


def test_a_model_without_products_is_refused(democracy):
    with pytest.raises(UnsupportedError, match="no latent product"):
        moderation_effects(sem("f =~ y1 + y2 + y3 + y4", democracy))
