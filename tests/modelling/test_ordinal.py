"""Least squares, of ordered and of continuous variables: lavaan's stored numbers, options, and what is refused."""

from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

import surveysem as ss
from surveysem.errors import DataError, ModelSyntaxError, UnsupportedError

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "lavaan_least_squares"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/model.txt"))
COLUMNS = {"est": "estimate", "se": "std_error", "std.lv": "std_lv", "std.all": "std_all", "std.se": "std_std_error"}
MODEL = "f1 =~ x1 + x2 + x3 + x4; f2 =~ x5 + x6 + x7"
INDICES = [
    "npar",
    "fmin",
    "chisq",
    "df",
    "pvalue",
    "chisq.scaled",
    "df.scaled",
    "pvalue.scaled",
    "chisq.scaling.factor",
    "baseline.chisq",
    "baseline.df",
    "baseline.pvalue",
    "baseline.chisq.scaled",
    "baseline.df.scaled",
    "baseline.pvalue.scaled",
    "baseline.chisq.scaling.factor",
    "cfi",
    "tli",
    "cfi.scaled",
    "tli.scaled",
    "rmsea",
    "rmsea.ci.lower",
    "rmsea.ci.upper",
    "rmsea.pvalue",
    "rmsea.scaled",
    "rmsea.ci.lower.scaled",
    "rmsea.ci.upper.scaled",
    "rmsea.pvalue.scaled",
    "srmr",
]
ROBUST = [
    "cfi.robust",
    "tli.robust",
    "rmsea.robust",
    "rmsea.ci.lower.robust",
    "rmsea.ci.upper.robust",
    "rmsea.pvalue.robust",
]


def _data(name):
    if name == "holzinger":
        path = Path(str(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv")))
        return pd.read_csv(path, encoding="utf-8")
    return pd.read_csv(FOLDER / f"{name}.csv", encoding="utf-8")


def _options(text):
    """Options behind ``#!``, as the function takes them."""
    words = [word for line in text.splitlines() if line.startswith("#!") for word in line[2:].split()]
    options = dict(word.split("=", 1) for word in words)
    several = {"ordered", "group_equal"}
    return {
        name: True if value == "True" else tuple(filter(None, value.split(","))) if name in several else value
        for name, value in options.items()
    }


@pytest.fixture(scope="module")
def fits():
    """Fits by case, each made once."""
    made = {}

    def fit(case):
        if case not in made:
            text = (FOLDER / case / "model.txt").read_text(encoding="utf-8")
            options = _options(text)
            made[case] = ss.sem(text, _data(options.pop("data")), **options)
        return made[case]

    return fit


def _reference(case):
    estimates = pd.read_csv(FOLDER / case / "estimates.csv", encoding="utf-8", keep_default_na=False, na_values=[""])
    indices = pd.read_csv(FOLDER / case / "fit.csv", encoding="utf-8", index_col="measure")["value"]
    return estimates, indices.drop("lavaan.version").astype(float)


def _without_definitions(table):
    return table[table["op"] != ":="].reset_index(drop=True)


@pytest.fixture(scope="module")
def five():
    return _data("five")


@pytest.fixture(scope="module")
def ordered_fit(five):
    return ss.sem(MODEL, five, ordered=True)


@pytest.mark.parametrize("case", CASES)
def test_rows_are_those_of_lavaan(fits, case):
    ours, theirs = _without_definitions(fits(case).estimates), _without_definitions(_reference(case)[0])
    names = [[f"{row.lhs} {row.op} {row.rhs}".strip() for row in table.itertuples()] for table in (ours, theirs)]
    assert names[0] == [name.removesuffix(" nan") for name in names[1]]
    assert ours["group"].tolist() == theirs["group"].tolist()


@pytest.mark.parametrize("case", CASES)
def test_estimates_and_standard_errors(fits, case):
    """Absolute 2e-5: where lavaan's minimiser stops (it leaves a higher minimum; see below)."""
    (theirs, _), ours = _reference(case), fits(case).estimates
    assert len(theirs) == len(ours)
    for column, name in COLUMNS.items():
        known = theirs[column].notna() & (theirs["op"] != ":=")
        own = _without_definitions(ours)[name].to_numpy()
        np.testing.assert_allclose(
            own[known[theirs["op"] != ":="]], theirs.loc[known, column], rtol=1e-5, atol=2e-5, err_msg=name
        )


@pytest.mark.parametrize("case", ["five_structural", "two_structural", "mixed_structural"])
def test_defined_quantities(fits, case):
    theirs, ours = (table.query("op == ':='").set_index("lhs") for table in (_reference(case)[0], fits(case).estimates))
    for column, name in {"est": "estimate", "se": "std_error", "std.all": "std_all"}.items():
        np.testing.assert_allclose(ours[name], theirs.loc[ours.index, column], atol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_fit_indices(fits, case):
    theirs, ours = _reference(case)[1], fits(case).fit_indices
    expected = {name: theirs[name] for name in INDICES if name in theirs and not np.isnan(theirs[name])}
    assert len(expected) >= 10
    found = {name: ours[name] for name in expected}
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_robust_indices_are_those_of_lavaan_or_left_out(fits, case):
    theirs, ours = _reference(case)[1], fits(case).fit_indices
    if case == "holzinger_WLSM" or "cfi.robust" not in theirs or np.isnan(theirs["cfi.robust"]):
        assert not set(ROBUST) & set(ours)
    else:
        several = case.startswith("groups")  # whose baseline is another: see test_indices_against_lavaan
        expected = {name: theirs[name] for name in ROBUST if not several or name.startswith("rmsea")}
        assert {name: ours[name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("holzinger")])
def test_the_minimum_is_not_above_that_of_lavaan(fits, case):
    assert fits(case).fit_indices["fmin"] <= _reference(case)[1]["fmin"] + 1e-10


@pytest.mark.parametrize("case", CASES)
def test_explained_variance(fits, case):
    theirs = pd.read_csv(FOLDER / case / "rsquare.csv", encoding="utf-8")
    fit = fits(case)
    keys = list(zip(theirs["group"], theirs["variable"], strict=True))
    if len(fit.group_labels) > 1:
        found = [fit.r_squared[fit.group_labels[group - 1], name] for group, name in keys]
    else:
        found = [fit.r_squared[name] for _, name in keys]
    known = theirs["value"].notna()
    np.testing.assert_allclose(np.array(found)[known], theirs["value"][known], atol=2e-5)


def test_ordered_variables_are_fitted_by_wlsmv_unless_another_is_named(five, ordered_fit):
    assert ordered_fit.estimator == "WLSMV"
    assert [finding.where for finding in ordered_fit.findings if "WLSMV" in finding.message] == ["estimator"]
    named = ss.sem(MODEL, five, ordered=True, estimator="WLSMV")
    assert not [finding for finding in named.findings if "WLSMV" in finding.message]
    np.testing.assert_array_equal(named.solution.theta, ordered_fit.solution.theta)


def test_written_thresholds_make_a_variable_ordered(five):
    fit = ss.sem(f"{MODEL}; x2 | t1", five)
    assert fit.table.ordered == ("x2",)
    assert [row.rhs for row in fit.table if row.op == "|"] == ["t1", "t2", "t3", "t4"]
    np.testing.assert_array_equal(
        ss.sem(MODEL, five, ordered="x2").estimates["estimate"].sum(), fit.estimates["estimate"].sum()
    )


def test_everything_written_is_the_same_model(five, ordered_fit):
    thresholds = "\n".join(f"x{item} | t1 + t2 + t3 + t4" for item in range(1, 8))
    written = f"f1 =~ 1*x1 + x2 + x3 + x4\nf2 =~ 1*x5 + x6 + x7\nf1 ~~ f1 + f2\nf2 ~~ f2\n{thresholds}"
    fit = ss.sem(written, five, auto=False)
    assert fit.fit_indices["chisq"] == pytest.approx(ordered_fit.fit_indices["chisq"], rel=1e-9)
    assert fit.fit_indices["df"] == ordered_fit.fit_indices["df"]


def test_the_codes_of_categories_do_not_matter(five, ordered_fit):
    recoded = five.replace({5: 99, 1: -3})
    np.testing.assert_allclose(ss.sem(MODEL, recoded, ordered=True).solution.theta, ordered_fit.solution.theta)


def test_thresholds_of_unrestricted_items_are_those_of_the_sample(five, ordered_fit):
    rows = ordered_fit.estimates.query("op == '|' and lhs == 'x3'")
    shares = [(five["x3"] <= category).mean() for category in (1, 2, 3, 4)]
    np.testing.assert_allclose(ndtr(rows["estimate"].to_numpy()), shares, rtol=1e-9)


def test_incomplete_rows_are_left_out_and_counted(five):
    incomplete = five.astype(float)
    incomplete.loc[:6, "x1"] = np.nan
    fit = ss.sem(MODEL, incomplete, ordered=True)
    assert fit.n_obs == len(five) - 7
    assert any("7 of 500 rows" in message for message in fit.warnings)


def test_findings_name_empty_cells_and_the_group():
    data = _data("groups")
    rare = data.assign(x1=np.where(np.arange(len(data)) % 300 < 3, 9, data["x1"]))
    findings = ss.sem(MODEL, rare, ordered=True, group="school").findings
    assert any("occurs in no row" in each.message and each.where.endswith("group a") for each in findings)


def test_least_squares_has_no_likelihood(ordered_fit):
    assert not {"logl", "aic", "bic", "unrestricted.logl"} & set(ordered_fit.fit_indices)
    assert "AIC" not in ordered_fit.summary()


def test_the_statistic_of_unweighted_least_squares_has_no_p_value(five):
    indices = ss.sem(MODEL, five, ordered=True, estimator="ULSMV").fit_indices
    assert np.isnan(indices["pvalue"])
    assert 0 < indices["pvalue.scaled"] < 1


def test_scales_keep_the_variance_of_latent_responses():
    fit = ss.sem(MODEL, _data("groups"), ordered=True, group="school", group_equal=("loadings", "thresholds"))
    scales = fit.estimates.query("op == '~*~' and group == 2")
    assert (scales["std_error"] > 0).all()
    np.testing.assert_allclose(np.diag(fit.implied_covariance.loc["b"]), 1.0)
    np.testing.assert_allclose(np.diag(fit.residuals().loc["b"]), 0.0, atol=1e-12)


def test_an_ordered_mediator_has_the_variance_of_its_response(five):
    fit = ss.sem("f =~ x1 + x2 + x3; x6 ~ f; x7 ~ x6; x9 ~ x7", five, ordered=True)
    np.testing.assert_allclose(np.diag(fit.implied_covariance), 1.0, rtol=1e-12)
    paths = fit.estimates.query("op == '~'").set_index(["lhs", "rhs"])["estimate"]
    implied = fit.implied_covariance
    assert implied.loc["x9", "x6"] == pytest.approx(paths["x9", "x7"] * paths["x7", "x6"], rel=1e-9)


def test_a_single_ordered_indicator_stands_for_its_response(five):
    fit = ss.sem("f =~ x1 + x2 + x3; s =~ x4; s ~~ 1*s; f ~ s", five, ordered=True)
    residual = fit.estimates.query("lhs == 'x4' and op == '~~'")["estimate"].item()
    assert residual == 0.0
    assert fit.admissible


def test_a_negative_residual_variance_is_serious():
    fit = ss.sem("f =~ 1*x8 + x9 + x10; f ~~ 1.1*f", _data("five"), ordered=True)
    assert not fit.admissible
    assert any("residual variance of x8" in message for message in fit.warnings)


REFUSED = {
    "ML variants": ({"estimator": "MLR"}, UnsupportedError, "not available with ordered"),
    "GLS": ({"estimator": "GLS"}, UnsupportedError, "not available with ordered"),
    "unknown estimator": ({"estimator": "WLSX"}, UnsupportedError, "no estimator 'WLSX'"),
    "incomplete rows": ({"missing": "fiml"}, UnsupportedError, "missing='listwise'"),
    "clusters": ({"cluster": "x9"}, UnsupportedError, "clusters"),
    "semopy": ({"engine": "semopy"}, UnsupportedError, "native"),
    "unknown variable": ({"ordered": ("x1", "z")}, DataError, "'z' is not one of them"),
    "nothing written": ({"auto": False}, ModelSyntaxError, "no thresholds t1, t2, t3, t4 are written"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_options_that_are_refused(five, case):
    options, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        ss.sem(MODEL, five, **({"ordered": True} | options))


SYNTAX = {
    "residual variance": ("x1 ~~ 0.5*x1", ModelSyntaxError, "follows from the other parameters"),
    "threshold beyond the last": ("x1 | t5", ModelSyntaxError, "4 thresholds"),
    "scale of something else": ("f1 ~*~ f1", ModelSyntaxError, "ordered variables alone"),
}


@pytest.mark.parametrize("case", SYNTAX)
def test_syntax_that_is_refused(five, case):
    formula, error, message = SYNTAX[case]
    with pytest.raises(error, match=message):
        ss.sem(f"{MODEL}; {formula}", five, ordered=True)


def test_all_problems_of_the_syntax_are_listed(five):
    with pytest.raises(ModelSyntaxError) as caught:
        ss.sem(f"{MODEL}; x1 | t5; x2 ~~ x2; f1 ~*~ f1", five, ordered=True)
    assert len(caught.value.problems) == 3


def test_categories_that_a_group_lacks_are_named():
    data = _data("groups")
    data["x1"] = data["x1"].where(data["school"] == "a", data["x1"].clip(upper=3))
    with pytest.raises(DataError, match="school = b: nobody gave the answer 4"):
        ss.sem(MODEL, data, ordered=True, group="school")


def test_full_weights_need_enough_rows(five):
    with pytest.raises(DataError, match="weight matrix of WLS"):
        ss.sem(MODEL, five.iloc[:45], ordered=True, estimator="WLS")


@pytest.mark.parametrize("estimator", ["GLS", "WLSMV"])
def test_semopy_is_not_asked_for_least_squares(estimator):
    fit = ss.sem("visual =~ x1 + x2 + x3 + x4", _data("holzinger"), estimator=estimator)
    assert "not refitted" in fit.agreement


def test_what_is_not_offered_after_least_squares_says_so(ordered_fit):
    with pytest.raises(UnsupportedError, match="'ebm', 'ml'"):
        ss.factor_scores(ordered_fit, "regression")
    with pytest.raises(UnsupportedError, match="not nested"):
        ss.compare(ordered_fit, ordered_fit)
