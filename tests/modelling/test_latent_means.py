"""Latent means: lavaan's differences and standard errors, and when they are refused."""

from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, EstimationError, UnsupportedError
from surveysem.modelling import InvarianceCriteria
from surveysem.modelling.latent_means import latent_means

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FOLDER = REFERENCE / "lavaan_groups_moderation"
FACTORS = "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9"
ORDERED = "f1 =~ x1 + x2 + x3 + x4; f2 =~ x5 + x6 + x7 + x8"
PARTIAL = ["x3 ~ 1", "x7 ~ 1"]
PREFIXES = {"raw": ("difference", ""), "d": ("d", "d_"), "pooled": ("d_pooled", "d_pooled_")}


def school():
    return pd.read_csv(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv"))


@cache
def result_of(case, estimator):
    if case == "three":
        data = pd.read_csv(REFERENCE / "lavaan_ordinal_invariance" / "three.csv", encoding="utf-8")
        return latent_means(ORDERED, data, group="school", reference="b", ordered=True, allow_noninvariant=True)
    reference = "Pasteur" if estimator == "ML" else "Grant-White"
    return latent_means(FACTORS, school(), group="school", reference=reference, partial=PARTIAL, estimator=estimator)


CASES = [("holzinger_partial", "ML"), ("holzinger_partial", "MLR"), ("three", "WLSMV")]


@pytest.mark.parametrize(("case", "estimator"), CASES)
@pytest.mark.parametrize("kind", PREFIXES)
def test_differences_are_lavaans(case, estimator, kind):
    theirs = pd.read_csv(FOLDER / "latent_means.csv", encoding="utf-8")
    theirs = theirs.query("case == @case and estimator == @estimator and kind == @kind")
    ours = result_of(case, estimator).differences
    keys = ["latent_variable", "group", "reference"]
    joined = ours[keys].merge(theirs, on=keys, how="left", validate="one_to_one")
    assert len(theirs) == len(ours)
    name, prefix = PREFIXES[kind]
    np.testing.assert_allclose(ours[name], joined["estimate"], rtol=1e-4, atol=1e-6)
    for column in ("std_error", "z", "p_value", "ci_lower", "ci_upper"):
        # An estimate near 0 and what follows from it is right to six decimals rather than to four digits.
        np.testing.assert_allclose(ours[prefix + column], joined[column], rtol=1e-4, atol=5e-6, err_msg=column)


@pytest.mark.parametrize(("case", "estimator"), CASES)
def test_the_joint_test_is_lavaans(case, estimator):
    theirs = pd.read_csv(FOLDER / "mean_tests.csv", encoding="utf-8")
    row = theirs.query("case == @case and estimator == @estimator").iloc[0]
    ours = result_of(case, estimator).test
    assert ours["chisq_diff"] == pytest.approx(row["chisq_diff"], rel=1e-4)
    assert ours["df_diff"] == row["df_diff"]
    assert ours["p_value"] == pytest.approx(
        row["p_value"], rel=1e-3
    )  # a p far in the tail moves more than its statistic


def test_failed_scalar_invariance_is_refused_with_proposals():
    with pytest.raises(EstimationError) as caught:
        latent_means(FACTORS, school(), group="school")
    text = str(caught.value)
    assert "the scalar level fails (ΔCFI = −.0" in text
    assert "parameter x3~1: χ² would fall by" in text
    assert "parameter x7~1" in text
    result = latent_means(FACTORS, school(), group="school", allow_noninvariant=True)
    assert result.findings[0].severity == "serious"
    assert "Scalar invariance does not hold" in result.summary()
    assert "Scalar invariance does not hold" in result._repr_html_()


def test_failed_metric_invariance_is_refused_too_and_can_be_overruled():
    strict = InvarianceCriteria(cfi=-1.0)
    with pytest.raises(EstimationError, match="the metric level fails"):
        latent_means(FACTORS, school(), group="school", criteria=strict)
    result = latent_means(FACTORS, school(), group="school", criteria=strict, allow_noninvariant=True, estimator="ML")
    # lavaan 0.6-14, group.equal = c("loadings", "intercepts"): χ² 164.103 with 60 degrees of freedom
    assert result.fit.fit_indices["chisq"] == pytest.approx(164.103, abs=1e-3)
    assert "scalar" not in result.invariance.fits


def test_the_group_of_reference_changes_signs_only():
    first, second = (
        latent_means(FACTORS, school(), group="school", reference=name, partial=PARTIAL).differences
        for name in ("Pasteur", "Grant-White")
    )
    np.testing.assert_allclose(first["difference"], -second["difference"], rtol=1e-12)
    np.testing.assert_allclose(first["d_pooled"], -second["d_pooled"], rtol=1e-12)
    assert not np.allclose(first["d"], -second["d"], rtol=1e-3)


def population(n=3000, seed=5):
    rng = np.random.default_rng(seed)
    groups = []
    for label, (mean, spread) in {"no": (0.0, 1.0), "yes": (0.5, 1.2)}.items():
        f = mean + spread * rng.standard_normal(n)
        columns = {f"y{i}": 3 + 0.2 * i + 0.8 * f + 0.6 * rng.standard_normal(n) for i in range(4)}
        groups.append(pd.DataFrame(columns).assign(regulated=label))
    return pd.concat(groups, ignore_index=True)


def test_a_known_difference_is_recovered_from_numbers_and_from_categories():
    data, model = population(), "f =~ y0 + y1 + y2 + y3"
    row = latent_means(model, data, group="regulated", reference="no").differences.iloc[0]
    assert abs(row["d"] - 0.5) < 3 * row["d_std_error"]
    assert abs(row["difference"] - 0.4) < 3 * row["std_error"]
    assert row["d_pooled"] == pytest.approx(0.5 / np.sqrt((1 + 1.44) / 2), abs=3 * row["d_pooled_std_error"])
    items = [f"y{i}" for i in range(4)]
    cut = (
        data[items].apply(lambda column: np.digitize(column, [2.2, 2.9, 3.6, 4.3])).assign(regulated=data["regulated"])
    )
    ordinal = latent_means(model, cut, group="regulated", reference="no", ordered=True)
    assert ordinal.fit.estimator == "WLSMV"
    row = ordinal.differences.iloc[0]
    assert abs(row["d"] - 0.5) < 3 * row["d_std_error"]


def test_untestable_intercepts_are_told():
    data = population(n=300)
    result = latent_means("f =~ y0 + y1 + y2", data, group="regulated", partial=["y1~1", "y2~1"])
    assert any("cannot be tested" in finding.message for finding in result.findings)


def test_bad_models_and_references_are_refused_together():
    with pytest.raises(UnsupportedError) as caught:
        latent_means(
            f"{FACTORS}; textual ~ visual; g =~ visual + speed; textual ~ 1", school(), group="school", level=2
        )
    text = str(caught.value)
    for part in ("textual ~ visual: a path", "measured by latent variables", "a latent mean is written", "level: 2"):
        assert part in text
    with pytest.raises(UnsupportedError, match="cannot be compared"):
        latent_means("x1 ~~ x2", school(), group="school")
    with pytest.raises(DataError, match="no such group") as caught:
        latent_means(FACTORS, school(), group="school", reference="Eton", partial=PARTIAL)
    assert "Pasteur, Grant-White" in str(caught.value)


def test_groups_cut_at_the_median_carry_their_finding():
    data = school()
    with pytest.warns(UserWarning, match="cut in two"):
        data["old"] = ss.median_split(data["ageyr"], cut=12)
    result = latent_means("textual =~ x4 + x5 + x6", data, group="old", allow_noninvariant=True)
    assert any("ageyr was cut in two at the cut, 12" in finding.message for finding in result.findings)
