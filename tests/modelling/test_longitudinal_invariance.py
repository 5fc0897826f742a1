"""Measurement invariance over time: lavaan's levels, data in two shapes, what is proposed, told and refused."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, ModelSyntaxError, UnsupportedError
from surveysem.modelling import InvarianceCriteria, measurement_invariance
from surveysem.modelling.longitudinal_invariance import longitudinal_invariance
from surveysem.modelling.longitudinal_waves import long_waves

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "lavaan_longitudinal"
LENIENT = InvarianceCriteria(cfi=1.0, rmsea=1.0, srmr_metric=1.0, srmr_scalar=1.0)
YEARS = {
    "1": {"a": "y1", "b": "y2", "c": "y3", "d": "y4"},
    "2": {"a": "y5", "b": "y6", "c": "y7", "d": "y8"},
}
DEMOCRACY = "dem =~ a + b + c + d"
SIX = "f =~ x1 + x2 + x3; g =~ x4 + x5 + x6"
EIGHT = "f =~ x1 + x2 + x3 + x4 + x5; g =~ x6 + x7 + x8"
THREE = ("_1", "_2", "_3")
TWO = ("_1", "_2")
CASES = {
    "democracy": (DEMOCRACY, {"waves": YEARS}, "plain"),
    "democracy_mlr": (DEMOCRACY, {"waves": YEARS, "estimator": "MLR"}, "robust"),
    "three": (SIX, {"waves": THREE, "missing": "fiml"}, "robust"),
    "three_mlr": (SIX, {"waves": THREE, "missing": "fiml", "estimator": "MLR"}, "robust"),
    "three_partial": (SIX, {"waves": THREE, "missing": "fiml", "partial": ("x3 ~ 1", "g =~ x5")}, "robust"),
    "three_cluster": (SIX, {"waves": THREE, "missing": "fiml", "estimator": "MLR", "cluster": "team"}, "robust"),
    "ordered": (EIGHT, {"waves": TWO, "ordered": True}, "scaled"),
    "ordered_partial": (EIGHT, {"waves": TWO, "ordered": True, "partial": "x2~1"}, "scaled"),
}
SUFFIX = {"plain": "", "robust": "_robust", "scaled": "_scaled"}


@cache
def _data(case):
    if case.startswith("democracy"):
        return ss.load_study("political_democracy").bundled_data()
    return pd.read_csv(FOLDER / f"{case.split('_')[0]}.csv", encoding="utf-8")


@cache
def _ladder(case):
    syntax, options, _ = CASES[case]
    return longitudinal_invariance(syntax, _data(case), criteria=LENIENT, **options)


def _stored(name, case):
    return pd.read_csv(FOLDER / f"{name}.csv", encoding="utf-8", keep_default_na=True).query("case == @case")


def _lavaans_name(name):
    """Latent variables are called f1, f2 … in the reference, f_1, f_2 … here."""
    return re.sub(r"\b(f|g|dem)_(?=\d)", r"\1", name)


@pytest.mark.parametrize("case", CASES)
def test_levels_are_lavaans(case):
    version = CASES[case][2]
    theirs = _stored("ladders", case).set_index("level")
    table = _ladder(case).table
    assert list(table.index) == list(theirs.index)
    assert set(table["version"]) == {version}
    columns = {name: name for name in ("chisq", "df", "srmr", "chisq_diff", "df_diff", "p_value")}
    columns |= {name: name + SUFFIX[version] for name in ("cfi", "rmsea")}
    for ours, name in columns.items():
        np.testing.assert_allclose(table[ours], theirs[name], rtol=1e-4, atol=1e-6, err_msg=ours)
    baseline = _ladder(case).fits["configural"].fit_indices
    np.testing.assert_allclose(baseline["baseline.chisq"], theirs["baseline_chisq"].iloc[0], rtol=1e-4)


@pytest.mark.parametrize("case", CASES)
def test_estimates_are_lavaans(case):
    stored = _stored("estimates", case)
    for level, fit in _ladder(case).fits.items():
        theirs = stored[stored["level"] == level]
        known = {
            (row.op, frozenset((row.lhs, row.rhs if isinstance(row.rhs, str) else ""))): (row.est, row.se)
            for row in theirs.itertuples()
        }
        ours = fit.estimates[fit.estimates["free"] > 0]
        found = np.array(
            [known[row.op, frozenset((_lavaans_name(row.lhs), _lavaans_name(row.rhs)))] for row in ours.itertuples()]
        )
        np.testing.assert_allclose(ours["estimate"], found[:, 0], rtol=1e-4, atol=1e-6, err_msg=level)
        np.testing.assert_allclose(ours["std_error"], found[:, 1], rtol=1e-4, atol=1e-6, err_msg=level)


@pytest.mark.parametrize("case", ["democracy", "three", "ordered"])
def test_score_tests_are_lavaans(case):
    syntax, options, _ = CASES[case]
    criteria = InvarianceCriteria(cfi=1.0, rmsea=1.0, srmr_metric=1.0, srmr_scalar=-1.0)
    result = longitudinal_invariance(syntax, _data(case), criteria=criteria, **options)
    assert list(result.fits)[-1] == "scalar"
    theirs = _stored("score_tests", case).query("level == 'scalar'")
    expected = {(row.first, row.second): row.chi_square for row in theirs.itertuples()}
    equal = result.proposals[result.proposals["rhs"] != "0"]
    found = {(_lavaans_name(row.lhs), _lavaans_name(row.rhs)): row.chi_square for row in equal.itertuples()}
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-6)  # 1e-3: lavaan's slope is not quite 0 where it stops


def test_it_stops_and_proposes_what_differs():
    """The intercept of x3 was raised at the third wave."""
    result = longitudinal_invariance(SIX, _data("three"), waves=THREE, missing="fiml")
    assert result.highest == "metric"
    assert "change in latent means cannot be told" in result.decision
    assert result.proposals.loc[0, ["lhs", "rhs", "parameter"]].tolist() == ["x3_1~1", "x3_3~1", "x3~1"]
    freed = longitudinal_invariance(SIX, _data("three"), waves=THREE, missing="fiml", partial=("x3~1",))
    assert freed.highest == "strict"
    assert freed.proposals.empty


def test_it_proposes_intercepts_of_ordered_items():
    """The latent response to x2 was raised at the second wave."""
    result = longitudinal_invariance(EIGHT, _data("ordered"), waves=TWO, ordered=True)
    assert result.highest == "metric"
    assert result.proposals.loc[0, ["lhs", "parameter"]].tolist() == ["x2_2~1", "x2~1"]
    estimates = _ladder("ordered_partial").fits["scalar"].estimates
    estimate = estimates.query("lhs == 'x2_2' and op == '~1'")["estimate"].item()
    # The expected change is the score test's first step towards it.
    assert result.proposals.loc[0, "epc"] == pytest.approx(estimate, rel=0.2)


def test_means_and_variances_are_free_where_the_level_allows():
    fits = _ladder("three").fits
    free = {level: {row.name for row in fit.table if row.free} for level, fit in fits.items()}
    assert not {"f_1~1", "f_2~1"} & free["metric"]
    assert {"f_2~1", "f_3~1", "g_2~1"} <= free["scalar"]
    assert "f_1~1" not in free["scalar"]
    assert all({"f_1~~f_1", "f_2~~f_2", "x1_1~~x1_3", "f_1~~g_3"} <= names for names in free.values())


def test_waves_without_correlations_are_groups():
    """Where the sample has no covariances across waves, the discrepancy is the sum of those of groups of that size."""
    data = _data("ordered")[["x1_1", "x2_1", "x3_1", "x4_1"]].astype(float)
    first, second = data.iloc[:400], data.iloc[400:].reset_index(drop=True)
    design = np.column_stack([np.ones(400), first])
    explained = design @ np.linalg.lstsq(design, second.to_numpy(), rcond=None)[0]
    second = second - explained + second.mean() + 0.1 * np.arange(4)
    later = second.rename(columns=lambda name: name.replace("_1", "_2"))
    groups = pd.concat([first.assign(half=1), second.assign(half=2)]).rename(columns=lambda name: name[:2])
    syntax = "f =~ x1 + x2 + x3 + x4"
    over_time = longitudinal_invariance(syntax, pd.concat([first, later], axis=1), waves=TWO, criteria=LENIENT).table
    across = measurement_invariance(syntax, groups.rename(columns={"ha": "half"}), group="half", criteria=LENIENT).table
    np.testing.assert_allclose(over_time["chisq"].iloc[:2], across["chisq"].iloc[:2], rtol=1e-6)
    np.testing.assert_allclose(over_time["df_diff"], across["df_diff"])
    # Once means are misfitted, covariances across waves take up a part of that: their products cross waves.
    assert across.loc["scalar", "chisq"] * 0.99 < over_time.loc["scalar", "chisq"] < across.loc["scalar", "chisq"]


def _long(data, columns=tuple(f"x{number}" for number in range(1, 7))):
    parts = [
        data[[f"{item}_{wave}" for item in columns] + ["team"]]
        .set_axis([*columns, "team"], axis=1)
        .assign(person=data.index, wave=wave)
        for wave in (1, 2, 3)
    ]
    long = pd.concat(parts, ignore_index=True)
    return long[long[list(columns)].notna().any(axis=1)].sample(frac=1.0, random_state=1)


def test_long_data_are_pivoted():
    result = longitudinal_invariance(SIX, _long(_data("three")), id="person", wave="wave", missing="fiml")
    wide = longitudinal_invariance(SIX, _data("three"), waves=THREE, missing="fiml")
    assert result.waves == wide.waves == ("1", "2", "3")
    assert result.columns == wide.columns
    pd.testing.assert_frame_equal(result.table, wide.table, rtol=1e-6)


def test_waves_can_be_dates_and_ordered_categories():
    long, items = _long(_data("three")), ["x1", "x2", "x3"]
    dates = long.assign(wave=pd.to_datetime(long["wave"].map({1: "2024-05-01", 2: "2024-11-01", 3: "2025-05-01"})))
    assert list(long_waves(dates, items, id="person", wave="wave").columns) == [
        "2024-05-01",
        "2024-11-01",
        "2025-05-01",
    ]
    names = pd.Categorical.from_codes(long["wave"] - 1, ["start", "middle", "end"], ordered=True)
    assert list(long_waves(long.assign(wave=names), items, id="person", wave="wave").columns) == [
        "start",
        "middle",
        "end",
    ]
    named = long.assign(wave=long["wave"].map({1: "a:1", 2: "b", 3: "c"}))
    chosen = long_waves(named, items, id="person", wave="wave", waves=("b", "a:1"))
    assert chosen.columns == {wave: {item: f"{item}_{wave}" for item in items} for wave in ("b", "a.1")}


def test_clusters_of_long_data_are_those_of_the_persons():
    options = {
        "id": "person",
        "wave": "wave",
        "missing": "fiml",
        "estimator": "MLR",
        "cluster": "team",
        "criteria": LENIENT,
    }
    result = longitudinal_invariance(SIX, _long(_data("three")), **options)
    pd.testing.assert_frame_equal(result.table, _ladder("three_cluster").table, rtol=1e-6)


def test_rows_left_out_and_absent_persons_are_counted():
    long = _long(_data("three"))
    nameless = long.iloc[:3].assign(person=np.nan)
    later = long.iloc[:5].assign(wave=9)
    gone = long[~((long["wave"] == 3) & (long["person"] < 20))]
    result = longitudinal_invariance(
        SIX, pd.concat([gone, nameless, later]), id="person", wave="wave", waves=(1, 2, 3), missing="fiml"
    )
    told = {finding.message for finding in result.findings}
    rows = len(gone) + 8
    assert f"3 of {rows} rows lack a person or a wave and were left out." in told
    assert f"5 of {rows} rows belong to values of wave that are not among the waves and were left out." in told
    assert any(message.startswith("Of 300 persons, no answer:") and " at wave 3" in message for message in told)
    assert result.fits["configural"].n_obs == 300


def test_listwise_deletion_is_told():
    data = _data("three")
    result = longitudinal_invariance("f =~ x1 + x2 + x3", data, waves=TWO, criteria=LENIENT)
    complete = int(data[[f"x{item}_{wave}" for item in (1, 2, 3) for wave in (1, 2)]].notna().all(axis=1).sum())
    assert result.fits["configural"].n_obs == complete < len(data)
    assert any(f"{300 - complete} of 300 rows" in finding.message for finding in result.findings)


def test_what_a_reader_must_know_is_printed():
    text = repr(_ladder("ordered"))
    assert "Invariance over time (2 waves) holds up to the scalar level." in text
    assert "independence model" in text
    assert "Sass et al. 2014" in text


def test_factors_apart_within_waves_are_apart_across_them():
    syntax = f"{SIX}; f ~~ 0*g"
    result = longitudinal_invariance(syntax, _data("three"), waves=THREE, missing="fiml", criteria=LENIENT)
    # 3 covariances within waves and 6 across them
    assert result.table.loc["configural", "df"] == _ladder("three").table.loc["configural", "df"] + 9


def test_a_fixed_latent_variance_is_pointed_out():
    result = longitudinal_invariance("dem =~ NA*a + b + c + d; dem ~~ 1*dem", _data("democracy"), waves=YEARS)
    assert any("fixed to one value at all waves" in finding.message for finding in result.findings)


def test_thresholds_of_three_categories_are_no_restriction():
    data = _data("ordered")[[f"x{number}_{wave}" for number in (6, 7, 8) for wave in (1, 2)]]
    result = longitudinal_invariance("g =~ x6 + x7 + x8", data, waves=TWO, ordered=True, criteria=LENIENT)
    assert list(result.fits) == ["configural", "metric", "scalar"]
    assert any("no restriction beyond the configural level" in each.message for each in result.findings)


@pytest.mark.parametrize(
    ("syntax", "found"),
    [
        ("f =~ x1 + x2 + x3; g =~ x4 + x5 + x6; g ~ f", "g ~ f: no measurement"),
        ("f =~ x1 + a*x2 + a*x3", "f =~ x2: a label"),
        ("f =~ x1 + c(1, 2)*x2 + x3", "c(…)"),
        ("f =~ x1 + x2 + x3; g =~ x4 + x5; h =~ f + g", "h =~ f: a factor measured by factors"),
        ("f =~ x1 + x2 + x3; x1 ~~ x4", "'x4' measures no factor"),
    ],
)
def test_other_than_measurement_is_refused(syntax, found):
    with pytest.raises(ModelSyntaxError) as caught:
        longitudinal_invariance(syntax, _data("three"), waves=THREE)
    assert found in str(caught.value)


@pytest.mark.parametrize(
    ("waves", "found"),
    [
        (("_1",), "fewer than two"),
        (("_1", "_1"), "two have the same name"),
        (("_1", "_8"), "no column 'x6_8'"),
        ({"a": {"x1": "x1_1"}, "b": {}}, "wave b: no column for item 'x6'"),
        ({"a": dict.fromkeys(("x1", "x2", "x3", "x4", "x5", "x6"), "x1_1"), "b": {}}, "no column for item 'x1'"),
        ({wave: {f"x{i}": f"x{i}_1" for i in range(1, 7)} for wave in "ab"}, "is also that of item x6, wave a"),
    ],
)
def test_bad_waves_are_refused(waves, found):
    with pytest.raises(DataError) as caught:
        longitudinal_invariance(SIX, _data("three"), waves=waves)
    assert found in str(caught.value)


def test_bad_long_data_are_refused():
    long = _long(_data("three"))
    twice = pd.concat([long, long.iloc[:2]])
    with pytest.raises(DataError, match="2 rows"):
        longitudinal_invariance(SIX, twice, id="person", wave="wave")
    with pytest.raises(DataError, match="no column 'who'"):
        longitudinal_invariance(SIX, long, id="who", wave="wave")
    with pytest.raises(DataError, match="no row of wave 7"):
        longitudinal_invariance(SIX, long, id="person", wave="wave", waves=(1, 7))
    moved = long.assign(team=long["team"].where(~((long["person"] == 4) & (long["wave"] == 1)), 59))
    with pytest.raises(DataError, match="2 values of team"):
        longitudinal_invariance(SIX, moved, id="person", wave="wave", cluster="team")
    named = long.assign(wave=long["wave"].map({1: "before", 2: "after", 3: "later"}))
    with pytest.raises(UnsupportedError, match="order in time"):
        longitudinal_invariance(SIX, named, id="person", wave="wave")


@pytest.mark.parametrize(
    ("options", "error", "found"),
    [
        ({"waves": None}, UnsupportedError, "Say where the waves are"),
        ({"waves": TWO, "id": "person"}, UnsupportedError, "go together"),
        ({"waves": YEARS, "id": "person", "wave": "wave"}, UnsupportedError, "maps no columns"),
        ({"waves": THREE, "estimator": "DWLS"}, UnsupportedError, "WLSMV"),
        ({"waves": THREE, "partial": ("f=~x9",)}, ModelSyntaxError, "'f=~x9' is no parameter"),
        ({"waves": THREE, "ordered": ("x1_1",)}, DataError, "'x1_1' is not one of them"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, error, found):
    with pytest.raises(error, match=found):
        longitudinal_invariance(SIX, _data("three"), **options)


def test_categories_must_be_the_same_at_all_waves():
    data = _data("ordered").assign(x1_2=_data("ordered")["x1_2"].clip(upper=4))
    with pytest.raises(DataError, match="item x1, wave 2: nobody gave the answer 5"):
        longitudinal_invariance(EIGHT, data, waves=TWO, ordered=True)


def test_latent_variables_must_not_be_named_as_columns():
    data = _data("three").rename(columns={"x1_1": "f_1"})
    waves = {
        str(wave): {f"x{i}": "f_1" if (i, wave) == (1, 1) else f"x{i}_{wave}" for i in range(1, 7)} for wave in (1, 2)
    }
    with pytest.raises(DataError, match="'f_1' is a column too"):
        longitudinal_invariance(SIX, data, waves=waves)
