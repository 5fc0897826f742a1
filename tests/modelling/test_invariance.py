"""Measurement invariance: lavaan's values, where it stops, and what it proposes."""

from importlib.metadata import distribution

import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, UnsupportedError
from surveysem.modelling import InvarianceCriteria, measurement_invariance

MODEL = "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9"


@pytest.fixture(scope="module")
def pupils():
    return pd.read_csv(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv"))


@pytest.fixture(scope="module")
def invariance(pupils):
    return measurement_invariance(MODEL, pupils, group="school")


def test_chi_squares_are_lavaans(invariance):
    # lavaan 0.6-14: configural 115.851/48, metric 124.044/54, scalar 164.103/60
    assert invariance.table["chisq"].round(3).tolist() == [115.851, 124.044, 164.103]
    assert invariance.table["df"].tolist() == [48, 54, 60]


def test_it_stops_at_the_first_level_that_fails(invariance):
    assert list(invariance.fits) == ["configural", "metric", "scalar"]
    assert invariance.highest == "metric"
    assert "latent means cannot be compared" in invariance.decision
    assert "scalar level fails" in repr(invariance)


def test_intercepts_that_differ_are_proposed_and_not_applied(invariance, pupils):
    assert invariance.proposals["parameter"].head(2).tolist() == ["x3~1", "x7~1"]
    partial = measurement_invariance(MODEL, pupils, group="school", group_partial=("x3~1", "x7~1"))
    # lavaan 0.6-14: 129.422/58
    assert partial.table.loc["scalar", "chisq"] == pytest.approx(129.422, abs=1e-3)
    assert partial.table.loc["scalar", "holds"]
    assert list(partial.fits)[-1] == "strict"


def test_criteria_decide(pupils):
    lenient = InvarianceCriteria(cfi=0.5, rmsea=0.5, srmr_metric=0.5, srmr_scalar=0.5)
    invariance = measurement_invariance(MODEL, pupils, group="school", criteria=lenient)
    assert invariance.highest == "strict"
    assert invariance.proposals.empty
    # lavaan 0.6-14: strict 181.511/69
    assert invariance.table.loc["strict", "chisq"] == pytest.approx(181.511, abs=1e-3)


def test_robust_estimators_report_scaled_differences(pupils):
    table = measurement_invariance(MODEL, pupils, group="school", estimator="MLR").table
    plain = measurement_invariance(MODEL, pupils, group="school").table
    assert table.loc["metric", "chisq_diff"] != pytest.approx(plain.loc["metric", "chisq_diff"], rel=1e-3)


@pytest.mark.parametrize(
    ("estimator", "version"), [("ML", "plain"), ("MLMV", "robust"), ("MLMVS", "scaled"), ("GLS", "plain")]
)
def test_the_best_version_of_the_indices_is_used_and_named(pupils, estimator, version):
    invariance = measurement_invariance(MODEL, pupils, group="school", estimator=estimator)
    assert set(invariance.table["version"]) == {version}
    suffix = "" if version == "plain" else f".{version}"
    indices = invariance.fits["metric"].fit_indices
    assert invariance.table.loc["metric", "rmsea"] == indices[f"rmsea{suffix}"]
    change = indices[f"cfi{suffix}"] - invariance.fits["configural"].fit_indices[f"cfi{suffix}"]
    assert invariance.table.loc["metric", "d_cfi"] == pytest.approx(change, abs=1e-12)


def test_incomplete_rows_are_used(pupils):
    holes = pupils.assign(x1=pupils["x1"].where(pupils.index % 7 != 0))
    invariance = measurement_invariance(MODEL, holes, group="school", estimator="MLR", missing="fiml")
    assert invariance.fits["metric"].n_obs == len(pupils)
    assert invariance.table["chisq_diff"].iloc[1:].notna().all()


def test_bad_groups_are_refused(pupils):
    with pytest.raises(DataError, match="groups"):
        measurement_invariance(MODEL, pupils, group="country")
    with pytest.raises(DataError, match="groups"):
        measurement_invariance(MODEL, pupils.assign(one=1), group="one")
    with pytest.raises(UnsupportedError, match="WLSMV, whose estimates are the same"):
        measurement_invariance(MODEL, pupils, group="school", estimator="DWLS")


def test_two_groups_without_constraints_are_two_fits(pupils):
    together = ss.cfa(MODEL, pupils, group="school")
    chi_squares = [
        ss.cfa(MODEL, rows, meanstructure=True).fit_indices["chisq"] for _, rows in pupils.groupby("school", sort=False)
    ]
    assert together.fit_indices["chisq"] == pytest.approx(sum(chi_squares), rel=1e-9)
    first = ss.cfa(MODEL, pupils[pupils["school"] == together.group_labels[0]], meanstructure=True).estimates
    pd.testing.assert_series_equal(
        together.estimates.query("group == 1")["std_error"].reset_index(drop=True), first["std_error"], rtol=1e-6
    )
