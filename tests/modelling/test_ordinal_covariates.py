"""Ordered variables beside observed exogenous ones: lavaan's stored numbers, special cases, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

import surveysem as ss
from surveysem.data.ordinal import ordinal_moments
from surveysem.errors import DataError, EstimationError, UnsupportedError

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "lavaan_ordinal_covariates"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/model.txt"))
COLUMNS = {"est": "estimate", "se": "std_error", "std.lv": "std_lv", "std.all": "std_all", "std.se": "std_std_error"}
_STEMS = ["chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "baseline.pvalue", "cfi", "tli", "rmsea"]
_STEMS += ["rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue"]
INDICES = ["npar", "fmin", "srmr", "chisq.scaling.factor", "baseline.chisq.scaling.factor"]
INDICES += [f"{name}{suffix}" for name in _STEMS for suffix in ("", ".scaled")]
MIMIC = "trust =~ t1 + t2 + t3 + t4; trust ~ age + female"
ITEMS = ("t1", "t2", "t3", "t4")


@pytest.fixture(scope="module")
def survey():
    return pd.read_csv(FOLDER / "survey.csv", encoding="utf-8")


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
def fits(survey):
    """Fits by case, each made once."""
    made = {}

    def fit(case):
        if case not in made:
            text = (FOLDER / case / "model.txt").read_text(encoding="utf-8")
            made[case] = ss.sem(text, survey, **_options(text))
        return made[case]

    return fit


def _table(case, name):
    return pd.read_csv(FOLDER / case / f"{name}.csv", encoding="utf-8", keep_default_na=False, na_values=[""])


def _measures(case):
    return _table(case, "fit").set_index("measure")["value"].drop("lavaan.version").astype(float)


def _keys(table):
    names = [table["lhs"], table["op"], np.where(table["op"] == ":=", "", table["rhs"].fillna(""))]
    return pd.MultiIndex.from_arrays([*names, np.where(table["op"] == ":=", 0, table["group"])])


@pytest.mark.parametrize("case", CASES)
def test_estimates_and_standard_errors(fits, case):
    """Absolute 2e-5: where lavaan's minimiser stops."""
    theirs, ours = _table(case, "estimates"), fits(case).estimates
    ours, theirs = ours.set_index(_keys(ours)), theirs.set_index(_keys(theirs))
    assert set(ours.index) == set(theirs.index)
    for column, name in COLUMNS.items():
        known = theirs[column].notna()
        np.testing.assert_allclose(
            ours.loc[theirs.index[known], name], theirs.loc[known, column], rtol=2e-5, atol=2e-5, err_msg=name
        )


@pytest.mark.parametrize("case", ["main_WLSMV", "groups_loadings_thresholds", "probit_binary"])
def test_exogenous_variables_keep_their_units_in_std_nox(fits, case):
    theirs, ours = _table(case, "estimates"), fits(case).standardized("std_nox")
    ours, theirs = ours.set_index(_keys(ours)), theirs.set_index(_keys(theirs))
    for column, name in {"std.nox": "est_std", "nox.se": "std_error"}.items():
        known = theirs[column].notna()
        np.testing.assert_allclose(ours.loc[theirs.index[known], name], theirs.loc[known, column], rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("case", CASES)
def test_fit_indices(fits, case):
    theirs, ours = _measures(case), fits(case).fit_indices
    expected = {name: theirs[name] for name in INDICES if name in theirs and not np.isnan(theirs[name])}
    assert len(expected) >= 10
    if theirs["baseline.df"] == 0 < theirs["df"]:  # lavaan says 1 where there is nothing to compare with
        for name in ("tli", "tli.scaled"):
            assert expected.pop(name) == 1.0
            assert np.isnan(ours[name])
    assert {name: ours[name] for name in expected} == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert not any(name.endswith(".robust") for name in ours)


@pytest.mark.parametrize("case", CASES)
def test_explained_variance(fits, case):
    theirs, fit = _table(case, "rsquare"), fits(case)
    found = [
        fit.r_squared[(fit.group_labels[group - 1], name) if fit.group_labels else name]
        for group, name in zip(theirs["group"], theirs["variable"], strict=True)
    ]
    known = theirs["value"].notna()
    np.testing.assert_allclose(np.array(found)[known], theirs["value"][known], atol=2e-5)


def test_modification_indices(fits):
    theirs = pd.read_csv(FOLDER / "main_modification.csv", encoding="utf-8").set_index(["lhs", "op", "rhs"])
    ours = fits("main_WLSMV").modification_indices().set_index(["lhs", "op", "rhs"])
    assert set(ours.index) == set(theirs.index)
    for column, name in {"mi": "mi", "epc": "epc", "sepc.all": "sepc_all"}.items():
        np.testing.assert_allclose(ours.loc[theirs.index, name], theirs[column], rtol=1e-4, atol=2e-5)


def test_difference_test(fits, survey):
    restricted = "trust =~ t1 + a*t2 + a*t3 + t4; trust ~ age + 0*female + firm_size"
    found = ss.compare(ss.sem(restricted, survey, ordered=ITEMS), fits("mimic")).iloc[-1]
    theirs = pd.read_csv(FOLDER / "mimic_difference.csv", encoding="utf-8").iloc[0]
    expected = [theirs["chi_square"], theirs["df"], theirs["p_value"]]
    np.testing.assert_allclose(found[["chisq_diff", "df_diff", "p_value"]].astype(float), expected, rtol=1e-4)


def test_written_variances_make_covariates_random(survey):
    model = "trust =~ t1 + t2 + t3 + t4; trust ~ age + firm_size"
    fit = ss.sem(f"{model}; age ~~ age + firm_size; firm_size ~~ firm_size", survey, ordered=ITEMS)
    assert fit.table.exogenous_observed == ()
    given = ss.sem(model, survey, ordered=ITEMS)
    assert given.table.exogenous_observed == ("age", "firm_size")
    assert given.fit_indices["df"] == fit.fit_indices["df"]


def test_conditional_covariances_leave_the_covariates_out(survey):
    fit = ss.sem(MIMIC, survey, ordered=ITEMS)
    for table in (fit.implied_covariance, fit.residuals(), fit.residuals("cor")):
        assert list(table.index) == list(table.columns) == list(ITEMS)
    np.testing.assert_allclose(np.diag(fit.implied_covariance), 1.0)
    moments = ordinal_moments(survey, ITEMS, ITEMS, ["age", "female"])
    np.testing.assert_allclose(fit.residuals() + fit.implied_covariance, moments.correlation, atol=1e-12)


def test_the_order_of_rows_and_the_codes_do_not_matter(survey):
    fit = ss.sem(MIMIC, survey, ordered=ITEMS)
    recoded = survey.sample(frac=1.0, random_state=1).replace({"t1": {1: -5, 5: 50}})
    np.testing.assert_allclose(ss.sem(MIMIC, recoded, ordered=ITEMS).solution.theta, fit.solution.theta, atol=1e-6)


def test_a_dummy_for_the_group_is_a_difference_of_means(survey):
    """With items and covariate alone, the slope of a dummy moves every threshold by the same amount."""
    dummy = survey.assign(b=(survey["sector"] == "b").astype(int))
    fit = ss.sem("bought ~ b", dummy, ordered=["bought"])
    slope = fit.estimates.query("op == '~'")["estimate"].item()
    threshold = fit.estimates.query("op == '|'")["estimate"].item()
    shares = [(dummy["bought"][dummy["b"] == value] == 1).mean() for value in (0, 1)]
    np.testing.assert_allclose(ndtr([threshold, threshold - slope]), shares, rtol=1e-7)


def test_ordered_true_leaves_covariates_as_they_are(survey):
    fit = ss.sem("bought ~ female", survey, ordered=True)
    assert fit.table.ordered == ("bought",)


def test_intercepts_and_thresholds_are_held_equal_together(survey):
    model = "liking =~ l1 + l2 + l4; liking ~ female"
    options = {"ordered": ["l1"], "group": "sector"}
    fits = [ss.sem(model, survey, group_equal=["loadings", kind], **options) for kind in ("thresholds", "intercepts")]
    intercepts = fits[0].estimates.query("op == '~1' and lhs == 'l2'")["estimate"]
    assert intercepts.iloc[0] == intercepts.iloc[1]
    np.testing.assert_array_equal(fits[0].estimates["estimate"], fits[1].estimates["estimate"])


def test_empty_cells_and_rows_left_out_are_told(survey):
    incomplete = survey.astype({"age": float})
    incomplete.loc[:4, "age"] = np.nan
    fit = ss.sem(MIMIC, incomplete, ordered=ITEMS)
    assert fit.n_obs == len(survey) - 5
    assert any("5 of 600 rows" in message for message in fit.warnings)


def test_the_group_in_which_categories_are_separated_is_named(survey):
    parted = survey.assign(
        flag=np.where(survey["sector"] == "b", survey["bought"] == 2, survey["female"]).astype(float)
    )
    with pytest.raises(EstimationError, match=r"Group sector = b: .*\n.*ordered variable bought"):
        ss.sem("bought ~ flag", parted, ordered=["bought"], group="sector")


REFUSED = {
    "ordered covariate": ("bought ~ t1", {"ordered": ["bought", "t1"]}, UnsupportedError, r"cannot be ordered \(t1\)"),
    "nothing added": ("bought ~ age; bought | t1", {"auto": False}, UnsupportedError, "defaults only"),
    "maximum likelihood": (
        MIMIC,
        {"ordered": ITEMS, "estimator": "MLR"},
        UnsupportedError,
        "not available with ordered",
    ),
    "incomplete rows": (MIMIC, {"ordered": ITEMS, "missing": "fiml"}, UnsupportedError, "complete rows"),
    "clusters": (MIMIC, {"ordered": ITEMS, "cluster": "sector"}, UnsupportedError, "clusters"),
    "constant covariate": ("bought ~ one", {"ordered": ["bought"]}, DataError, "does not vary"),
    "separation": ("bought ~ flag", {"ordered": ["bought"]}, EstimationError, "categories apart"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(survey, case):
    syntax, options, error, message = REFUSED[case]
    data = survey.assign(one=1.0, flag=(survey["bought"] == 2).astype(float))
    with pytest.raises(error, match=message):
        ss.sem(syntax, data, **options)
