"""Groups as moderators: lavaan's paths, differences and tests; what stands in the way; what is told."""

import warnings
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, ModelSyntaxError, UnsupportedError
from surveysem.inference.multiplicity import holm_adjusted
from surveysem.modelling import InvarianceCriteria
from surveysem.modelling.group_moderation import group_moderation
from surveysem.modelling.group_statements import measurement_part, read_paths, with_equal_paths
from surveysem.specification import parse_syntax

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FOLDER = REFERENCE / "lavaan_groups_moderation"
FACTORS = "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9"
SCHOOL = f"{FACTORS}; textual ~ visual; speed ~ visual + textual"
SCHOOL_PATHS = ["textual ~ visual", "speed ~ visual + textual"]
ITEMS = {"PIC": ("pic", 5), "SIC": ("sic", 7), "PQ": ("pq", 4), "PL": ("pl", 4), "PI": ("pi", 5)}
SURVEY_PATHS = ["PQ ~ PIC + SIC", "PL ~ PIC + SIC", "PI ~ PQ + PL"]
SURVEY = ";".join(
    [*(f"{f} =~ {'+'.join(f'{i}_{k + 1}' for k in range(n))}" for f, (i, n) in ITEMS.items()), *SURVEY_PATHS]
)
ORDERED = "f1 =~ x1 + x2 + x3 + x4; f2 =~ x5 + x6 + x7 + x8; f2 ~ f1"
LENIENT = InvarianceCriteria(cfi=1.0, rmsea=1.0, srmr_metric=1.0, srmr_scalar=1.0)
CASES = {
    ("holzinger", "ML"): {},
    ("holzinger", "MLR"): {},
    ("holzinger_partial", "MLR"): {"partial": ["visual =~ x2"]},
    ("influencer", "MLR"): {},
    ("three", "WLSMV"): {"ordered": True, "criteria": LENIENT},
}


def school():
    return pd.read_csv(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv"))


@cache
def stored(name):
    return pd.read_csv(FOLDER / f"{name}.csv", encoding="utf-8", dtype={"group": str, "other": str, "reference": str})


@cache
def result_of(case, estimator, csv=None):
    options = CASES[case, estimator]
    if case == "influencer":
        return group_moderation(SURVEY, pd.read_csv(csv), group="influencer_group", paths=SURVEY_PATHS, **options)
    if case == "three":
        data = pd.read_csv(REFERENCE / "lavaan_ordinal_invariance" / "three.csv", encoding="utf-8")
        return group_moderation(ORDERED, data, group="school", paths="f2 ~ f1", **options)
    return group_moderation(SCHOOL, school(), group="school", paths=SCHOOL_PATHS, estimator=estimator, **options)


@pytest.fixture(params=CASES, ids="-".join)
def case(request):
    csv = request.getfixturevalue("influencer_csv") if request.param[0] == "influencer" else None
    return (*request.param, result_of(*request.param, csv))


def matched(table, case, estimator, ours, keys):
    """Stored rows in our order."""
    theirs = stored(table).query("case == @case and estimator == @estimator")
    joined = ours[keys].astype(str).merge(theirs, on=keys, how="left", validate="one_to_one")
    assert len(theirs) == len(ours)
    return joined


def assert_columns(ours, theirs, names):
    """To four digits; what may lie near 0, as a limit of an interval, to 1e-4 of its standard error."""
    for name in names:
        error = ours["std_std_error" if name.startswith("std_") else "std_error"]
        unit = 1.0 if name.endswith(("z", "p_value", "p_adjusted")) else error
        apart = (ours[name] - theirs[name]).abs()
        assert (apart <= 1e-4 * np.maximum(theirs[name].abs(), unit)).all(), (name, apart)


def test_paths_of_groups_are_lavaans(case):
    name, estimator, result = case
    theirs = matched("paths", name, estimator, result.paths, ["path", "group"])
    columns = ["estimate", "std_error", "z", "p_value", "ci_lower", "ci_upper"]
    columns += ["std_estimate", "std_std_error", "std_ci_lower", "std_ci_upper"]
    assert_columns(result.paths, theirs, columns)
    assert result.paths["n_obs"].sum() == result.fit.n_obs * result.paths["path"].nunique()


def test_differences_between_groups_are_lavaans(case):
    name, estimator, result = case
    theirs = matched("differences", name, estimator, result.differences, ["path", "group", "other"])
    columns = [each for each in result.differences.columns if each not in ("path", "group", "other")]
    assert len(columns) == 13
    assert_columns(result.differences, theirs, columns)


def test_difference_tests_are_lavaans(case):
    name, estimator, result = case
    ours = result.tests.reset_index()
    theirs = matched("tests", name, estimator, ours, ["path"])
    for column in ("chisq_diff", "df_diff", "p_value", "p_adjusted"):
        # lavaan's is the difference of two large statistics, each right to about 1e-6; p moves more than it does.
        np.testing.assert_allclose(
            ours[column], theirs[column], rtol=1e-4 if column == "df_diff" else 3e-4, err_msg=column
        )
    assert result.comparable
    assert set(ours["verdict"]) == {"no difference shown"}


def test_a_path_that_differs_is_named():
    result = group_moderation(SCHOOL, school(), group="school", paths="speed ~ visual", alpha=0.05)
    assert result.tests.loc["speed ~ visual", "verdict"] == "differs"
    assert "The path differs between the groups of school (Δχ²(1) = 3.96, p = .047)" in result.summary()
    assert list(result.tests.index) == ["speed ~ visual"]


def answers(slopes=(0.1, 0.8), loadings=(0.8, 0.8), n=300, seed=4):
    rng = np.random.default_rng(seed)
    frames = []
    for side, (slope, loading) in enumerate(zip(slopes, loadings, strict=True)):
        f = rng.standard_normal(n)
        g = slope * f + rng.standard_normal(n)
        columns = {name: 0.8 * f + 0.6 * rng.standard_normal(n) for name in "abc"}
        columns |= {name: 0.8 * g + 0.6 * rng.standard_normal(n) for name in "de"}
        columns["h"] = loading * g + 0.6 * rng.standard_normal(n)
        frames.append(pd.DataFrame(columns).assign(side=side, w=rng.standard_normal(n)))
    return pd.concat(frames, ignore_index=True)


MODEL = "f =~ a + b + c; g =~ d + e + h; g ~ f + w"


def test_loadings_that_differ_mark_the_comparison_and_are_proposed():
    result = group_moderation(MODEL, answers(loadings=(0.2, 1.6)), group="side", paths="g ~ f")
    assert result.tests.loc["g ~ f", "verdict"] == "not comparable"
    assert result.paths["estimate"].notna().all()
    assert "loadings differ between the groups of side (ΔCFI = " in result.obstacle
    assert result.proposals["parameter"].iloc[0] == "g=~h"
    assert result.findings[0].severity == "serious"
    assert "What partial= could free" in result.summary()
    partial = group_moderation(
        MODEL, answers(loadings=(0.2, 1.6), n=1000), group="side", paths="g ~ f", partial="g =~ h"
    )
    assert partial.comparable
    assert partial.tests.loc["g ~ f", "verdict"] == "differs"
    loadings = partial.fit.estimates.query("op == '=~' and rhs == 'h'")["estimate"]
    assert abs(loadings.iloc[0] - loadings.iloc[1]) > 0.5


def test_differences_recover_the_truth():
    result = group_moderation(MODEL, answers(slopes=(0.5, 0.6), n=4000), group="side", paths=["g ~ f"])
    row = result.differences.iloc[0]
    assert abs(row["difference"] - 0.1) < 3 * row["std_error"]
    assert row["difference"] / row["std_error"] == pytest.approx(row["z"])
    statistic = result.tests.loc["g ~ f", "chisq_diff"]
    # The two tests ask the same; in a sample of 8000 they differ by a few per cent.
    assert row["z"] ** 2 == pytest.approx(statistic, rel=0.05)


def test_one_group_at_a_time_gives_the_same_paths_where_nothing_is_shared():
    data = answers()
    result = group_moderation("a ~ d + e", data, group="side", paths=["a ~ d", "a ~ e"], estimator="ML")
    assert result.invariance is None
    assert "no latent variables" in result.findings[0].message
    for row in result.paths.itertuples():
        alone = ss.sem("a ~ d + e", data[data["side"] == int(row.group)], meanstructure=True).estimates
        path = alone.query("op == '~' and rhs == @row.predictor").iloc[0]
        assert row.estimate == pytest.approx(path["estimate"], rel=1e-6)
        assert row.std_error == pytest.approx(path["std_error"], rel=1e-5)


def test_labels_of_compared_paths_give_way_and_others_are_told():
    result = group_moderation(
        f"{SCHOOL.replace('textual ~ visual', 'textual ~ b*visual').replace('~ visual + ', '~ c*visual + ')}; e := b*2",
        school(),
        group="school",
        paths="textual ~ visual",
    )
    estimates = result.fit.estimates.query("op == '~'").set_index(["lhs", "rhs", "group"])["estimate"]
    assert estimates["textual", "visual", 1] != pytest.approx(estimates["textual", "visual", 2], rel=1e-3)
    assert estimates["speed", "visual", 1] == estimates["speed", "visual", 2]
    messages = " ".join(finding.message for finding in result.findings)
    assert "e: defined quantities are left out" in messages
    assert "speed ~ visual: a label makes a parameter equal" in messages


@pytest.mark.parametrize(
    ("syntax", "paths", "error", "text"),
    [
        (MODEL, "f ~ g", ModelSyntaxError, "no such path. Paths of the model: g ~ f, g ~ w"),
        (MODEL, "g ~~ f", ModelSyntaxError, "is no path"),
        (MODEL, ["g ~ f", "g ~ f"], ModelSyntaxError, "g ~ f is written twice"),
        (MODEL.replace("~ f", "~ 0.5*f"), "g ~ f", ModelSyntaxError, "fixed to a value"),
        (MODEL.replace("f + w", "p*f + p*w"), "g ~ f", ModelSyntaxError, "label p stands elsewhere"),
        (MODEL.replace("f + w", "p*f + w") + "; p > 0", "g ~ f", ModelSyntaxError, "label p stands elsewhere"),
        ("f =~ a + b; g =~ d + e; y =~ c + h; y ~ f + g + f:g", "y ~ f", ModelSyntaxError, "product of latent"),
    ],
)
def test_bad_paths_are_refused(syntax, paths, error, text):
    with pytest.raises(error) as caught:
        group_moderation(syntax, answers(), group="side", paths=paths)
    assert text in str(caught.value)


def test_bad_options_are_told_together():
    with pytest.raises(UnsupportedError) as caught:
        group_moderation(MODEL, answers(), group="side", paths="g ~ f", alpha=0, level=95)
    assert "alpha" in str(caught.value)
    assert "level" in str(caught.value)
    with pytest.raises(UnsupportedError, match=r"compared so") as caught:
        group_moderation("f =~ a + b + c; o ~ f", answers(), group="side", paths="o ~ f", ordered=["o"])
    assert "ordered variable o" in str(caught.value)
    with pytest.raises(DataError, match="groups"):
        group_moderation(MODEL, answers(), group="country", paths="g ~ f")


def test_binary_items_keep_the_scalar_level():
    data = answers(slopes=(0.5, 0.5), n=800)
    binary = (data[list("abcdeh")] > 0.1).astype(int).assign(side=data["side"])
    model = "f =~ a + b + c; g =~ d + e + h; g ~ f"
    result = group_moderation(model, binary, group="side", paths="g ~ f", ordered=True)
    assert "keep the scalar level" in " ".join(finding.message for finding in result.findings)
    loadings = result.fit.estimates.query("op == '=~'").pivot_table(index="rhs", columns="group", values="estimate")
    np.testing.assert_allclose(loadings[1], loadings[2])
    assert result.tests["verdict"].iloc[0] == "no difference shown"


def test_an_inadmissible_solution_is_an_obstacle():
    data, rng = answers(slopes=(0.3, 0.3)), np.random.default_rng(8)
    # Two indicators that share less with each other than with the third: its residual variance is negative.
    data["c"] = 0.3 * data["b"] + 0.95 * rng.standard_normal(len(data))
    data["a"] = 0.54 * (data["b"] + data["c"]) + 0.5 * rng.standard_normal(len(data))
    model = "f =~ a + b + c; g =~ d + e + h; g ~ f"
    result = group_moderation(model, data, group="side", paths="g ~ f", criteria=LENIENT)
    assert not result.fit.admissible
    assert "inadmissible" in result.obstacle
    assert result.tests["verdict"].iloc[0] == "not comparable"


def test_groups_cut_at_the_median_carry_their_finding():
    data = answers()
    with pytest.warns(UserWarning, match="cut in two at its median"):
        data["half"] = ss.median_split(data["w"])
    result = group_moderation("f =~ a + b + c; g =~ d + e + h; g ~ f", data, group="half", paths="g ~ f")
    told = [finding for finding in result.findings if finding.where == "groups of half"]
    assert len(told) == 1
    assert "MacCallum" in told[0].message
    assert "MacCallum" in result._repr_html_()
    assert set(result.fit.group_labels) == {"low", "high"}


def test_the_measurement_part_leaves_the_structure_out():
    part = measurement_part(parse_syntax(f"{MODEL}; g ~~ 0*f; a ~~ b; g ~ 1; f ~~ v*f; a ~ 1; v > 0; g ~~ k*g"))
    written = {f"{each.lhs} {each.op} {each.rhs}".strip() for each in part}
    assert written >= {"a ~~ b", "f ~~ f", "a ~1", "v > 0", "g ~~ g"}
    assert not written & {"g ~ f", "g ~ w", "g ~~ f", "g ~1"}


def test_new_labels_do_not_collide_with_old_ones():
    model = parse_syntax("y ~ x + equal1*z")
    path = list(read_paths("y ~ x"))
    labels = [each.label for each in with_equal_paths(model, path, held=path)]
    assert labels == ["equal_1", "equal1"]


def test_holm_is_that_of_statsmodels():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.stats.multitest import multipletests
    p_values = np.array([0.2, 0.001, 0.04, 0.03, 0.5, 0.03])
    np.testing.assert_allclose(holm_adjusted(p_values), multipletests(p_values, method="holm")[1])


def test_incomplete_rows_are_used_when_asked():
    data = answers(slopes=(0.2, 0.8))
    data.loc[::7, "a"] = np.nan
    options = {"group": "side", "paths": "g ~ f"}
    model = "f =~ a + b + c; g =~ d + e + h; g ~ f"
    listwise = group_moderation(model, data, **options)
    everybody = group_moderation(model, data, missing="fiml", **options)
    assert listwise.fit.n_obs == data["a"].notna().sum()
    assert everybody.fit.n_obs == len(data)
    assert any(finding.where == "listwise deletion" for finding in listwise.findings)
    assert everybody.differences["std_error"].iloc[0] < listwise.differences["std_error"].iloc[0]
    assert everybody.tests["verdict"].tolist() == ["differs"]
