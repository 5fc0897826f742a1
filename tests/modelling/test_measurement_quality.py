"""Checks of measurement beyond the stored cases: simulated truth, brute force, what is refused."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, EstimationError, StudyError, SurveySEMError, UnsupportedError
from surveysem.inference.comparison import nested_difference
from surveysem.inference.measurement import full_collinearity_vif
from surveysem.inference.measurement.htmt_bootstrap import htmt_ratios
from surveysem.inference.nesting import nesting
from surveysem.modelling.rotation import rotate

THREE = "a =~ a1 + a2 + a3; b =~ b1 + b2 + b3; c =~ c1 + c2 + c3"
RANDOM = 20


def _answers(n=600, method=0.0, seed=RANDOM, correlation=0.4):
    """Three factors and, for all nine items, a method factor with one loading."""
    rng = np.random.default_rng(seed)
    factors = rng.multivariate_normal(np.zeros(3), np.full((3, 3), correlation) + (1 - correlation) * np.eye(3), n)
    names = [f"{letter}{number}" for letter in "abc" for number in (1, 2, 3)]
    loadings = np.tile([0.9, 0.6, 0.75], 3)
    values = factors[:, np.repeat([0, 1, 2], 3)] * loadings + method * rng.normal(size=(n, 1))
    return pd.DataFrame(values + 0.6 * rng.normal(size=(n, 9)), columns=names)


@pytest.fixture(scope="module")
def answers():
    return _answers()


@pytest.fixture(scope="module")
def fit(answers):
    return ss.cfa(THREE, answers)


@pytest.mark.parametrize("version", [1, 2])
def test_htmt_intervals_are_quantiles_of_ratios_of_resampled_rows(answers, fit, version):
    """Brute force draws other samples: limits agree within their simulation error (about 0.01 from 1000 draws)."""
    table = ss.htmt_intervals(fit, version=version, seed=3, n_replicates=2000)
    rng = np.random.default_rng(4)
    draws = []
    for _ in range(1000):
        r = answers.iloc[rng.integers(0, len(answers), len(answers))].corr().abs().to_numpy()
        mean = np.mean if version == 1 else lambda values: np.exp(np.log(values).mean())
        within = [mean(r[i : i + 3, i : i + 3][np.tril_indices(3, -1)]) for i in (0, 3)]
        draws.append(mean(r[:3, 3:6]) / np.sqrt(within[0] * within[1]))
    expected = np.quantile(draws, [0.025, 0.975])
    np.testing.assert_allclose(table.loc[0, ["ci_lower", "ci_upper"]].astype(float), expected, atol=0.03)
    assert table["excludes_1"].all()


def test_factors_that_are_one_are_not_distinct():
    data = _answers(correlation=1.0)
    table = ss.discriminant_validity(THREE, data, pairs=[("a", "b")])
    assert (table["conclusion"] == "not distinct").all()
    assert (table["problem"] == "severe").all()
    assert not ss.htmt_intervals(ss.cfa(THREE, data), seed=1, n_replicates=500)["excludes_1"].any()


def test_negative_correlations_are_judged_by_their_size(answers):
    turned = answers.assign(**{name: -answers[name] for name in ("a1", "a2", "a3")})
    kept = ss.discriminant_validity(THREE, answers, pairs=[("a", "b")])
    found = ss.discriminant_validity(THREE, turned, pairs=[("a", "b")])
    np.testing.assert_allclose(found["chisq_diff"], kept["chisq_diff"], rtol=1e-6)
    assert found["estimate"].iloc[0] == pytest.approx(-kept["estimate"].iloc[0], rel=1e-6)


def test_coefficients_do_not_depend_on_how_scales_are_set(answers, fit):
    other = ss.cfa(THREE.replace("a1", "0.5*a1"), answers)
    unit = ss.cfa(THREE, answers, std_lv=True)
    for each in (other, unit):
        table = ss.reliability_coefficients(each)["estimate"]
        np.testing.assert_allclose(table, ss.reliability_coefficients(fit)["estimate"], rtol=1e-6)


def test_groups_have_tables_of_their_own(answers):
    grouped = answers.assign(sector=np.arange(len(answers)) % 2)
    fit = ss.cfa(THREE, grouped, group="sector")
    assert ss.reliability_coefficients(fit).index.nlevels == 3
    assert set(ss.factor_correlations(fit)["group"]) == {1, 2}
    assert set(ss.htmt_intervals(fit, seed=1, n_replicates=200)["group"]) == {"0", "1"}
    assert set(ss.cross_loadings(fit)["group"]) == {"0", "1"}


def test_an_item_of_two_factors_is_found(answers):
    crossed = answers.assign(a1=answers["a1"] + 0.8 * answers[["c1", "c2", "c3"]].mean(axis=1))
    found = ss.cross_loadings(ss.cfa(THREE, crossed)).dropna().sort_values("mi").iloc[-1]
    assert (found["item"], found["latent_variable"]) == ("a1", "c")


def test_structure_coefficients_are_implied_correlations(fit):
    table = ss.cross_loadings(fit).set_index(["item", "latent_variable"])
    correlation = ss.factor_correlations(fit).set_index(["first", "second"]).loc[("a", "b"), "estimate"]
    assert table.loc[("a1", "b"), "structure"] == pytest.approx(
        table.loc[("a1", "a"), "loading"] * correlation, rel=1e-9
    )


def test_method_variance_that_is_there_is_found_and_none_that_is_not():
    syntax = "a =~ a1 + a2 + a3; b =~ b1 + b2 + b3; marker =~ c1 + c2 + c3"
    rng = np.random.default_rng(5)
    n, method = 800, rng.normal(size=(800, 1))

    def data(strength):
        factors = rng.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], n)
        own = np.hstack([np.repeat(factors, 3, axis=1) * np.tile([0.9, 0.6, 0.75], 2) + strength * method])
        marked = method * [0.9, 0.6, 0.75]
        values = np.hstack([own, marked]) + 0.6 * rng.normal(size=(n, 9))
        return pd.DataFrame(values, columns=[f"{letter}{number}" for letter in "abc" for number in (1, 2, 3)])

    present = ss.common_method_bias(syntax, data(0.5), marker="marker").marker
    absent = ss.common_method_bias(syntax, data(0.0), marker="marker").marker
    assert present.tests.loc[0, "p_value"] < 1e-6
    assert absent.tests.loc[0, "p_value"] > 0.01
    # 0.5² over the items' variances: the standardised method loadings of items with loadings .9, .6, .75.
    expected = 0.5 / np.sqrt(np.array([0.9, 0.6, 0.75]) ** 2 + 0.5**2 + 0.36)
    np.testing.assert_allclose(present.loadings["method"].to_numpy()[:3], expected, atol=0.08)
    # Baseline overstates the correlation of the two, .3 by construction; the method model does not.
    row = present.correlations.iloc[0]
    assert row["CFA"] > 0.4
    assert row[present.retained] == pytest.approx(0.3, abs=0.08)


def test_models_without_a_solution_are_named(answers):
    bias = ss.common_method_bias(THREE, answers)
    failed = bias.table.index[bias.table["admissible"] != 1.0]
    assert all(any(name in finding.where for finding in bias.findings) for name in failed)
    assert set(bias.variance_shares.index) <= set(bias.table.index[bias.table["admissible"] == 1.0])
    np.testing.assert_allclose(
        bias.vif,
        full_collinearity_vif(
            ss.fornell_larcker(bias.fits["measurement model"]).to_numpy() * (1 - np.eye(3)) + np.eye(3)
        ),
    )
    assert any("Howard" in finding.message for finding in bias.findings)


def test_alternatives_of_a_model(answers):
    found = ss.compare_measurement(THREE, answers)
    assert found.table["df"].tolist() == [24.0, 27.0, 24.0]
    assert any("cannot choose" in finding.message for finding in found.findings)
    assert found.tests.loc[0, "p_value"] < 1e-6


def test_facets_part_a_construct(answers):
    syntax = "ab =~ a1 + a2 + a3 + b1 + b2 + b3; c =~ c1 + c2 + c3"
    facets = {"ab": {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]}}
    found = ss.compare_measurement(syntax, answers, facets=facets)
    assert found.table.loc["ab: correlated facets", "chisq"] == pytest.approx(
        ss.cfa(THREE, answers).fit_indices["chisq"]
    )
    assert found.table["bic"].idxmin() != "correlated factors"
    with pytest.raises(UnsupportedError, match="do not part"):
        ss.compare_measurement(syntax, answers, facets={"ab": {"a": ["a1"], "b": ["b1"]}})


def test_nested_models_are_recognised(answers):
    models = {
        "three": THREE,
        "two": "ab =~ a1 + a2 + a3 + b1 + b2 + b3; c =~ c1 + c2 + c3",
        "crossed": "a =~ a1 + a2 + a3 + c1; bc =~ b1 + b2 + b3 + c1 + c2 + c3",
    }
    found = ss.compare_measurement(models, answers).tests
    assert set(zip(found["restricted"], found["larger"], strict=True)) == {("two", "three")}
    fits = {name: ss.cfa(text, answers) for name, text in models.items()}
    assert nesting(fits["two"], fits["three"]).relation == "restricted"
    assert nesting(fits["crossed"], fits["three"]).relation == "not nested"
    chosen = ss.compare_measurement(models, answers, nested=[("two", "three")]).tests
    assert chosen.loc[0, "chisq_diff"] == found.loc[0, "chisq_diff"]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda d: ss.compare_measurement({"one": THREE}, d), "two or more models"),
        (lambda d: ss.compare_measurement({"x": THREE, "y": "a =~ a1 + a2 + a3"}, d), "other items"),
        (lambda d: ss.compare_measurement(THREE, d, factors=["z"]), "no such latent variable"),
        (lambda d: ss.compare_measurement(THREE, d, constructs=["a"]), "facets="),
        (lambda d: ss.discriminant_validity("a =~ a1 + a2 + a3", d), "one latent variable"),
        (lambda d: ss.discriminant_validity(THREE + "; g =~ a + b + c", d), "latent indicators"),
        (lambda d: ss.discriminant_validity("a1 ~ a2", d), "measures nothing"),
        (lambda d: ss.common_method_bias(THREE, d, marker="z"), "no latent variable 'z'"),
        (lambda d: ss.common_method_bias(THREE, d, marker="a", ordered=True), "residual variances"),
        (lambda d: ss.omega_hierarchical(ss.cfa(THREE, d)), "no general factor"),
        (lambda d: ss.htmt_intervals(ss.cfa(THREE, d), version=3, seed=1), "no HTMT version"),
        (lambda d: ss.htmt_intervals(ss.cfa(THREE, d), n_replicates=5, seed=1), "too few"),
        (lambda d: ss.htmt_intervals(ss.cfa(THREE, d, missing="fiml"), seed=1), "complete rows"),
        (lambda d: ss.factor_correlations(ss.cfa("a =~ a1 + a2 + a3", d)), "no correlations"),
        (lambda d: ss.efa(d, 7), "factor analysis cannot be done"),
        (lambda d: ss.efa(d, 2, rotation="equamax"), "equamax"),
        (lambda d: ss.efa(d, 2, items=["z"]), "lack items"),
        (lambda d: ss.parallel_analysis(d, seed=1, percentile=100), "percentile=100"),
        (lambda d: ss.scores(ss.cfa(THREE, d), d, kind="sum"), "no scores of kind"),
        (lambda d: ss.scores(ss.cfa(THREE, d), d, ids="z"), "cannot be put beside"),
        (lambda d: ss.scores(ss.cfa(THREE, d), d.iloc[:-1]), "not those of the fit"),
    ],
)
def test_what_is_refused(answers, call, told):
    with pytest.raises(SurveySEMError, match=told):
        call(answers)


def test_a_rotation_that_does_not_converge_is_no_result(monkeypatch):
    monkeypatch.setattr("surveysem.modelling.rotation._MOST_STEPS", 2)
    loadings = np.random.default_rng(1).normal(size=(12, 4))
    with pytest.raises(EstimationError, match="did not converge"):
        rotate(loadings, "oblimin")


def test_factors_of_simulated_items_are_recovered(answers):
    found = ss.efa(answers, 3)
    largest = found.loadings.abs().idxmax(axis=1)
    assert all(largest[f"{letter}1"] == largest[f"{letter}{number}"] for letter in "abc" for number in (2, 3))
    assert ss.parallel_analysis(answers, seed=1).n_factors == 3


def test_incomplete_rows_are_counted(answers):
    holed = answers.copy()
    holed.iloc[:7, 0] = np.nan
    assert ss.efa(holed, 2).n_obs == len(answers) - 7
    assert "7 of 600" in ss.efa(holed, 2).findings[0].message


def test_scree_plot_shows_both_kinds(answers):
    figure = ss.plot_scree(ss.parallel_analysis(answers, seed=1, n_samples=100))
    assert [axes.get_title() for axes in figure.axes] == [
        "Principal components: 3 stand out",
        "Common factors: 3 stand out",
    ]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_scores_are_written_with_ids_and_without_formulas(answers, tmp_path, ending):
    frame = answers.assign(respondent=["=1+1", *(f"R{number}" for number in range(1, len(answers)))])
    frame.iloc[3, 0] = np.nan
    fit = ss.cfa(THREE, frame)
    path = tmp_path / f"scores.{ending}"
    found = ss.scores(fit, frame, kind="factor", ids="respondent", path=path)
    assert np.isnan(found.frame["a"].iloc[3])
    assert "1 of 600" in found.findings[0].message
    np.testing.assert_allclose(found.frame["a"].dropna(), fit.factor_scores()["a"])
    read = pd.read_csv(path) if ending == "csv" else pd.read_excel(path)
    assert list(read.columns) == ["row", "respondent", "a", "b", "c"]
    np.testing.assert_allclose(read["a"], found.frame["a"])
    if ending == "csv":
        assert read["respondent"].iloc[0] == "'=1+1"


def test_scale_scores_are_means_of_enough_answers(answers):
    frame = answers.copy()
    frame.iloc[0, 0] = np.nan
    fit = ss.cfa(THREE, frame)
    strict = ss.scores(fit, frame, kind="scale").frame
    lenient = ss.scores(fit, frame, kind="scale", minimum_answered=2 / 3).frame
    assert np.isnan(strict["a"].iloc[0])
    assert lenient["a"].iloc[0] == pytest.approx(answers.loc[0, ["a2", "a3"]].mean())
    np.testing.assert_allclose(strict["b"], answers[["b1", "b2", "b3"]].mean(axis=1))


def test_studies_answer_as_their_models_do():
    study = ss.load_study("b2b_micro_influencer")
    data = ss.read_responses(ss.simulate_responses(study, n=300, seed=7), study)
    found = ss.compare_measurement(study, data, constructs=["risk_reduction"])
    assert list(found.table.index)[2:] == ["risk_reduction: correlated facets", "risk_reduction: second order"]
    with pytest.raises(StudyError, match="two facets"):
        ss.compare_measurement(study, data, constructs=["network_relevance"])
    scores = ss.scores(study, data, kind="scale")
    assert scores.frame.index.equals(data.frame.index)


def test_item_deletion_of_short_scales(answers):
    table = ss.item_deletion("a =~ a1 + a2; b =~ b1 + b2 + b3", answers)
    assert table.loc["a", "alpha"].isna().all()
    assert table.loc["a", "item_rest"].iloc[0] == pytest.approx(answers[["a1", "a2"]].corr().iloc[0, 1])


def test_data_errors_list_everything(answers):
    with pytest.raises(DataError, match="x1") as raised:
        ss.efa(answers, 2, items=["x1", "x2", "a1"])
    assert len(raised.value.problems) == 2


def test_ratios_of_geometric_means_with_correlations_of_zero():
    """A correlation of 0 between constructs makes their ratio 0, one within a construct leaves it undefined."""
    correlations = np.full((1, 6, 6), 0.25) + 0.75 * np.eye(6)
    correlations[0, 0, 2] = correlations[0, 2, 0] = 0.0
    correlations[0, 4, 5] = correlations[0, 5, 4] = 0.0
    ratios = htmt_ratios(correlations, np.repeat(np.eye(3), 2, axis=0), version=2)[0]
    assert ratios[0, 1] == 0.0
    assert np.isnan(ratios[0, 2])
    assert np.isnan(ratios[1, 2])


def test_few_restricted_models_are_those_fitted_anew(answers):
    """The shortened fits of discriminant validity against ordinary ones, scaled difference and all."""
    table = ss.discriminant_validity(THREE, answers, estimator="MLR", pairs=[("a", "c")]).set_index("restriction")
    free = ss.cfa(THREE, answers, estimator="MLR", std_lv=True)
    fixed = ss.cfa(f"{THREE}; a ~~ 0.9*c", answers, estimator="MLR", std_lv=True)
    merged = ss.cfa("a =~ a1 + a2 + a3 + c1 + c2 + c3; b =~ b1 + b2 + b3", answers, estimator="MLR", std_lv=True)
    for name, model in {"fixed to 0.9": fixed, "merged": merged}.items():
        expected = nested_difference(model, free)
        assert table.loc[name, "chisq"] == pytest.approx(model.fit_indices["chisq"], rel=1e-8)
        for key in ("chisq_diff", "df_diff", "p_value"):
            assert table.loc[name, key] == pytest.approx(expected[key], rel=1e-6)
        assert table.loc[name, "method"] == expected["method"]


@pytest.mark.parametrize("estimator", ["DWLS", "ULS"])
def test_tests_without_a_distribution_are_refused(answers, estimator):
    ordered = answers.apply(lambda column: np.digitize(column, [-0.8, 0.0, 0.8]))
    with pytest.raises(UnsupportedError, match="difference test"):
        ss.discriminant_validity(THREE, ordered, ordered=True, estimator=estimator)
