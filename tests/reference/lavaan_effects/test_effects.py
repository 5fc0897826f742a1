"""Effects, explained variance and rival models against lavaan and semTools; see README.md."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.inference.effects import effects_table
from surveysem.inference.nesting import nesting

FOLDER = Path(__file__).parent
STOP = 1e-4
"""What lavaan's stop leaves, in standard errors of estimates and relative to standard errors."""
ROUTES = {
    "chain": {"indirect": ("ind60", "dem65", "indirect", ""), "total": ("ind60", "dem65", "total", "")},
    "groups": {
        f"{kind}_{group}": ("visual", "speed", kind, school)
        for kind in ("indirect", "total")
        for group, school in ((1, "Pasteur"), (2, "Grant-White"))
    },
    "feedback": {
        f"{kind}_{outcome}": (predictor, outcome, kind, "")
        for kind in ("indirect", "total")
        for predictor, outcome in (("dem65", "dem60"), ("dem60", "dem65"))
    },
}


def _read(name):
    return pd.read_csv(FOLDER / name, encoding="utf-8")


def _models():
    blocks = (FOLDER / "models.txt").read_text(encoding="utf-8").split("[")[1:]
    return {name: text for name, _, text in (block.partition("]") for block in blocks)}


MODELS = _models()


@pytest.fixture(scope="module")
def democracy():
    return ss.load_study("political_democracy").bundled_data()


@pytest.fixture(scope="module")
def data(democracy):
    from semopy.examples import holzinger39

    return {"chain": democracy, "feedback": democracy, "groups": holzinger39.get_data()}


def _fit(case, data, estimator="ML"):
    return ss.sem(MODELS[case], data[case], estimator=estimator, group="school" if case == "groups" else None)


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
@pytest.mark.parametrize("case", ROUTES)
def test_effects_and_their_standard_errors_are_those_of_lavaans_definitions(case, estimator, data):
    table = effects_table(_fit(case, data, estimator))
    stored = _read("effects.csv").query("case == @case and estimator == @estimator").set_index("name")
    assert set(stored.index) == set(ROUTES[case])
    for name, (predictor, outcome, kind, group) in ROUTES[case].items():
        rows = table[(table.predictor == predictor) & (table.outcome == outcome) & (table.effect == kind)]
        row = rows[rows["group"] == group].iloc[0] if group else rows.iloc[0]
        expected = stored.loc[name]
        for prefix, suffix in (("", ""), ("std_", ".std")):
            error = float(expected[f"se{suffix}"])
            assert row[f"{prefix}estimate"] == pytest.approx(expected[f"est{suffix}"], rel=0, abs=STOP * error)
            assert row[f"{prefix}std_error"] == pytest.approx(error, rel=STOP)


def test_bootstrap_is_lavaans_within_the_error_of_both(democracy):
    """Standard deviations over b resamples have a relative standard error of about √((κ − 1) / 4b).

    With kurtosis up to 4.2 (the plain effects) and b = 2,000 in both that is .028 for the difference; quantiles in the
    tails differ by about .08 standard deviations. Three of these are allowed.
    """
    fit = ss.sem(MODELS["chain"], democracy)
    table = effects_table(fit, bootstrap=fit.bootstrap(2000, seed=1), predictor="ind60", outcome="dem65")
    rows = table.set_index("effect")
    stored = _read("bootstrap.csv").set_index("name")
    for kind in ("indirect", "total"):
        for prefix, suffix in (("", ""), ("std_", "_std")):
            ours, theirs = rows.loc[kind], stored.loc[kind + suffix]
            sd = theirs["sd"]
            assert ours[f"{prefix}std_error"] == pytest.approx(sd, rel=3 * 0.028)
            assert ours[f"{prefix}ci_lower"] == pytest.approx(theirs["lower"], abs=3 * 0.08 * sd)
            assert ours[f"{prefix}ci_upper"] == pytest.approx(theirs["upper"], abs=3 * 0.08 * sd)


def test_effect_sizes_of_correlated_predictors_are_those_of_lavaans_refits(democracy):
    fit = ss.sem(MODELS["chain"], democracy)
    explained = _read("explained.csv").set_index("without")["r_squared"]
    assert fit.r_squared["dem65"] == pytest.approx(explained["all"], rel=2e-6)
    for name in ("ind60", "dem60"):
        expected = (explained["all"] - explained[name]) / (1 - explained["all"])
        # 1 − R² is .038 here, so that what lavaan leaves in R² weighs 26 times as much.
        assert fit.effect_sizes["dem65", name] == pytest.approx(expected, rel=5e-5)


@pytest.fixture(scope="module")
def fits(democracy):
    names = ("chain", "full_mediation", "equal", "larger", "reversed", "other")
    return {name: ss.sem(MODELS[name], democracy, estimator="MLR") for name in names}


def test_rivals_fit_as_in_lavaan(fits):
    stored = _read("rivals.csv").set_index("name")
    for name, fit in fits.items():
        keys = ["df", "chisq", "chisq.scaled", "cfi.robust", "rmsea.robust", "srmr", "aic", "bic"]
        np.testing.assert_allclose(
            [fit.fit_indices[key] for key in keys], stored.loc[name, keys].astype(float), rtol=1e-5
        )
        if name in ("full_mediation", "equal", "larger"):
            row = ss.compare(fit, fits["chain"]).iloc[-1]
            keys = ["chisq_diff", "df_diff", "p_value"]
            np.testing.assert_allclose(row[keys].astype(float), stored.loc[name, keys].astype(float), rtol=5e-5)


def test_nesting_is_what_semtools_finds(fits):
    nested = _read("nesting.csv").set_index("name")["nested"]
    expected = {"full_mediation": "restricted", "equal": "restricted", "larger": "larger", "reversed": "equivalent"}
    for name, whether in nested.items():
        found = nesting(fits[name], fits["chain"])
        assert found.relation == expected.get(name, "not nested")
        assert (found.relation != "not nested") == whether
        assert (found.misfit < 1e-8) == whether
