"""Reliability, discriminant validity and method bias against semTools, psych and lavaan, as stored."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss

FOLDER = Path(__file__).parent / "semtools_measurement"
ORDERED = {
    "five": FOLDER.parent / "lavaan_least_squares" / "five.csv",
    "skewed": FOLDER.parent / "lavaan_ordinal" / "skewed_three" / "data.csv",
    "binary": FOLDER.parent / "lavaan_ordinal" / "binary" / "data.csv",
}
CONTINUOUS = {
    "compRelSEM_observed": "omega",
    "compRelSEM_implied": "composite_reliability",
    "reliability_alpha": "alpha",
    "reliability_avevar": "average_variance_extracted",
}
CATEGORICAL = {
    "compRelSEM_observed": "categorical_omega",
    "compRelSEM_implied": "categorical_omega_implied",
    "reliability_alpha": "alpha",
    "reliability_alpha.ord": "ordinal_alpha",
    "reliability_avevar": "average_variance_extracted",
    "compRelSEM_latent_observed": "omega",
    "compRelSEM_latent_implied": "composite_reliability",
}
BIAS = {
    "cfa": "CFA",
    "baseline": "Baseline",
    "method_c": "Method-C",
    "method_u": "Method-U",
    "method_r_c": "Method-R",
    "method_s_c": "Method-S",
}


def _models():
    parts = (FOLDER / "models.txt").read_text(encoding="utf-8").split("# ")[1:]
    return dict(part.split("\n", 1) for part in parts)


MODELS = _models()


def _stored(name):
    return pd.read_csv(FOLDER / f"{name}.csv", encoding="utf-8")


@pytest.fixture
def fit_of(holzinger):
    def fit(case, **options):
        if case in ORDERED:
            return ss.cfa(MODELS[case], pd.read_csv(ORDERED[case], encoding="utf-8"), ordered=True, **options)
        return ss.cfa(MODELS[case], holzinger, **options)

    return fit


@pytest.mark.parametrize("case", MODELS)
def test_coefficients(case, fit_of):
    """Relative 1e-5: where the two minimisers stop."""
    table = ss.reliability_coefficients(fit_of(case))["estimate"]
    rows = _stored("coefficients").query("case == @case").dropna()
    measures = CATEGORICAL if case in ORDERED else CONTINUOUS
    rows = rows[rows["measure"].isin(measures)]
    ours = [table[row.latent, measures[row.measure]] for row in rows.itertuples()]
    assert len(ours) >= len(measures)
    np.testing.assert_allclose(ours, rows["value"], rtol=1e-5)


def test_average_variance_extracted_with_cross_loadings_is_a_share_of_implied_variances(fit_of):
    fit = fit_of("crossed")
    table = ss.reliability_coefficients(fit)
    loadings = fit.standardized("std_lv").query("op == '=~' and lhs == 'visual'")["est_std"]
    variances = np.diag(fit.implied_covariance.loc[["x1", "x2", "x3", "x9"], ["x1", "x2", "x3", "x9"]])
    row = table.loc[("visual", "average_variance_extracted")]
    assert row["estimate"] == pytest.approx((loadings**2).sum() / variances.sum(), rel=1e-9)
    assert "cross-loadings" in row["formula"]


def test_alpha_with_intervals(fit_of):
    stored = _stored("alphas").set_index("latent")
    for level, suffix in ((0.95, ""), (0.90, "_90")):
        table = ss.reliability_coefficients(fit_of("three"), level=level)
        for name, row in stored.iterrows():
            alpha = table.loc[(name, "alpha")]
            ours = [alpha["estimate"], alpha["ci_lower"], alpha["ci_upper"]]
            np.testing.assert_allclose(ours, row[["raw", f"lower{suffix}", f"upper{suffix}"]].astype(float), rtol=1e-9)
            assert table.loc[(name, "standardized_alpha"), "estimate"] == pytest.approx(row["standardized"], rel=1e-9)


@pytest.mark.parametrize(("case", "kind"), [("second_order", "second order"), ("bifactor", "bifactor")])
def test_omega_hierarchical(case, kind, fit_of):
    row = ss.omega_hierarchical(fit_of(case)).loc["g"]
    stored = _stored("coefficients").query("case == @case").set_index(["measure", "latent"])["value"]
    names = {
        "second order": {
            "omega_hierarchical": ("higher_implied", "g"),
            "omega_hierarchical_observed": ("higher_observed", "g"),
            "omega_partial": ("partialOmegaL1", "g"),
            "omega_second_order": ("omegaL2", "g"),
        },
        "bifactor": {
            "omega_hierarchical": ("compRelSEM_implied", "g"),
            "omega_hierarchical_observed": ("compRelSEM_observed", "g"),
            "omega_total": ("total_implied", "total"),
        },
    }[kind]
    assert row["structure"] == kind
    for ours, theirs in names.items():
        assert row[ours] == pytest.approx(stored[theirs], rel=1e-5)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("case", ["three", "five"])
def test_htmt(case, version, fit_of):
    """Of polychoric correlations relative 1e-6, of product-moment ones 1e-9."""
    table = ss.htmt_intervals(fit_of(case), version=version, seed=1, n_replicates=100)
    ours = {frozenset((row.first, row.second)): row.htmt for row in table.itertuples()}
    rows = _stored("ratios").query("case == @case and version == @version")
    assert len(rows) == len(ours)
    for row in rows.itertuples():
        expected = pytest.approx(row.value, rel=1e-6 if case == "five" else 1e-9)
        assert ours[frozenset((row.first, row.second))] == expected


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_discriminant_validity(estimator, holzinger):
    """Relative 1e-4 in robust differences, whose scaling factors magnify where lavaan's minimiser stops."""
    ours = ss.discriminant_validity(MODELS["three"], holzinger, estimator=estimator)
    ours = ours.set_index(["first", "second", "restriction"])
    rows = _stored("discriminant").query("estimator == @estimator")
    assert len(rows) == len(ours) == 9
    for row in rows.itertuples():
        name = "merged" if row.merge else f"fixed to {row.cutoff:g}"
        mine = ours.loc[(row.first, row.second, name)]
        for key in ("estimate", "ci_lower", "ci_upper", "chisq", "df", "df_diff"):
            assert mine[key] == pytest.approx(getattr(row, key), rel=1e-4)
        # Where the scaling factor is negative lavaan gives no test, and Satorra's (2000) stands in here.
        if np.isnan(row.chisq_diff):
            assert mine["method"] == "Satorra (2000), scaled and shifted"
            assert mine["finding"]
        else:
            assert mine["chisq_diff"] == pytest.approx(row.chisq_diff, rel=1e-4)
            assert not mine["finding"]
        assert mine["conclusion"] in ("distinct", "not distinct")


def test_item_deletion(holzinger):
    ours = ss.item_deletion(MODELS["three"], holzinger)
    stored = _stored("deletion").set_index(["latent", "item"])
    np.testing.assert_allclose(ours["alpha"], stored.loc[ours.index, "alpha_if_deleted"], rtol=1e-9)
    np.testing.assert_allclose(ours["item_rest"], stored.loc[ours.index, "item_rest"], rtol=1e-9)
    for key in (("visual", "x2"), ("textual", "x4")):
        theirs = stored.loc[key, ["omega", "composite_reliability", "ave"]].astype(float)
        mine = ours.loc[key, ["omega", "composite_reliability", "average_variance_extracted"]].astype(float)
        np.testing.assert_allclose(mine, theirs, rtol=1e-5)
    assert np.isnan(ours.loc[("speed", "x9"), "omega"])
    assert "inadmissible" in ours.loc[("speed", "x9"), "finding"]


def test_marker_technique(holzinger):
    bias = ss.common_method_bias(MODELS["three"], holzinger, marker="speed")
    stored = _stored("method_bias").pivot_table(index="model", columns="measure", values="value")
    assert bias.marker.retained == "Method-C"
    for theirs, ours in BIAS.items():
        for key in ("chisq", "df", "cfi", "rmsea", "srmr"):
            assert bias.marker.table.loc[ours, key] == pytest.approx(stored.loc[theirs, key], rel=1e-5)
    for theirs, ours in {"one_factor": "single factor", "ulmc_equal": "method factor, equal loadings"}.items():
        assert bias.table.loc[ours, "chisq"] == pytest.approx(stored.loc[theirs, "chisq"], rel=1e-6)
    expected = stored.loc["baseline", "chisq"] - stored.loc["method_c", "chisq"]
    assert bias.marker.tests.loc[0, "chisq_diff"] == pytest.approx(expected, rel=1e-5)


def test_sensitivity_of_the_marker_technique(holzinger):
    marker = ss.common_method_bias(MODELS["three"], holzinger, marker="speed").marker
    table = _stored("method_bias_standardized").query("model == 'method_s_c'").set_index(["lhs", "op", "rhs"])["value"]
    row = marker.correlations.iloc[0]
    assert row["Method-S"] == pytest.approx(table["visual", "~~", "textual"], rel=1e-5)
    ours = marker.fits["Method-S"].standardized().set_index(["lhs", "op", "rhs"])["est_std"]
    for item in ("x1", "x2", "x3", "x4", "x5", "x6"):
        assert ours["speed", "=~", item] == pytest.approx(table["speed", "=~", item], rel=1e-5)


def test_reliability_decomposition(holzinger):
    """Recomputed from lavaan's standardised loadings, item by item."""
    marker = ss.common_method_bias(MODELS["three"], holzinger, marker="speed").marker
    table = _stored("method_bias_standardized").query("op == '=~'").set_index(["model", "lhs", "rhs"])["value"]
    for name, items in {"visual": ("x1", "x2", "x3"), "textual": ("x4", "x5", "x6")}.items():
        own, method = (sum(table["method_c", factor, item] for item in items) for factor in (name, "speed"))
        noise = sum(1 - table["method_c", name, item] ** 2 - table["method_c", "speed", item] ** 2 for item in items)
        total = own**2 + method**2 + noise
        row = marker.reliability.loc[name]
        assert row["substantive"] == pytest.approx(own**2 / total, rel=1e-4)
        assert row["method"] == pytest.approx(method**2 / total, rel=1e-4)
        assert row["percent_method"] == pytest.approx(100 * method**2 / (own**2 + method**2), rel=1e-4)
