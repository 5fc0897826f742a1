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


def test_it_climbs_no_higher_than_asked(pupils, invariance):
    metric = measurement_invariance(MODEL, pupils, group="school", up_to="metric")
    assert list(metric.fits) == ["configural", "metric"]
    pd.testing.assert_frame_equal(metric.table, invariance.table.iloc[:2])
    assert "holds up to the metric level." in metric.decision
    with pytest.raises(UnsupportedError, match="metric, scalar, strict"):
        measurement_invariance(MODEL, pupils, group="school", up_to="configural")


def test_a_single_freed_parameter_needs_no_sequence(pupils):
    one = measurement_invariance(MODEL, pupils, group="school", group_partial="x3~1")
    same = measurement_invariance(MODEL, pupils, group="school", group_partial=("x3 ~ 1",))
    pd.testing.assert_frame_equal(one.table, same.table)
    assert one.table.loc["scalar", "df"] == 59


def test_clusters_correct_the_statistics(pupils):
    clustered = pupils.assign(room=pupils["id"] // 5 if "id" in pupils else pupils.index // 5)
    ladder = measurement_invariance(MODEL, clustered, group="school", cluster="room", up_to="metric")
    metric = ss.cfa(MODEL, clustered, group="school", group_equal=("loadings",), cluster="room")
    assert ladder.fits["metric"].estimator == "MLR"
    assert ladder.table.loc["metric", "chisq"] == pytest.approx(metric.fit_indices["chisq.scaled"], rel=1e-8)
    with pytest.raises(UnsupportedError, match="clusters"):
        measurement_invariance(MODEL, clustered, group="school", cluster="room", estimator="MLM")


def test_groups_of_clustered_respondents_are_compared(pupils):
    clustered = pupils.assign(room=pupils.index // 5)
    syntax = f"{MODEL}; speed ~ visual"
    result = ss.group_moderation(syntax, clustered, group="school", paths="speed ~ visual", cluster="room")
    plain = ss.group_moderation(syntax, clustered, group="school", paths="speed ~ visual")
    assert result.paths["estimate"].tolist() == pytest.approx(plain.paths["estimate"].tolist(), rel=1e-6)
    assert abs(result.paths["std_error"] / plain.paths["std_error"] - 1.0).max() > 0.005
    means = ss.latent_means(MODEL, clustered, group="school", partial=("x3~1", "x7~1"), cluster="room")
    assert means.fit.estimator == "MLR"
    assert means.fit.solution.problem.samples[0].clusters is not None
