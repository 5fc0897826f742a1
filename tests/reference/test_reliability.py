"""Reliability and validity against semTools and psych, as stored, and against published values."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

TABLE = pd.read_csv(Path(__file__).parent / "lavaan" / "reliability" / "reliability.csv", keep_default_na=False)
COLUMNS = {
    "alpha": "alpha",
    "compRelSEM_observed": "omega",
    "compRelSEM_implied": "composite_reliability",
    "AVE_implied": "average_variance_extracted",
}


@pytest.mark.parametrize("measure", COLUMNS)
@pytest.mark.parametrize("case", TABLE["case"].unique())
def test_coefficients_agree(case, measure, reference_of):
    rows = TABLE[(TABLE["case"] == case) & (TABLE["measure"] == measure)]
    theirs = pd.to_numeric(rows["value"]).to_numpy()
    ours = reference_of(case, "ML").fit.reliability.loc[rows["latent"], COLUMNS[measure]]
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    assert len(rows) == 3


@pytest.mark.parametrize("case", ["holzinger", "political_democracy"])
def test_htmt_agrees(case, reference_of):
    ours = reference_of(case, "ML").fit.htmt
    rows = TABLE[(TABLE["case"] == case) & (TABLE["measure"] == "htmt")]
    assert len(rows) == 3
    for row in rows.itertuples():
        assert ours.loc[row.latent, row.other] == pytest.approx(float(row.value), rel=1e-9)
        assert ours.loc[row.other, row.latent] == ours.loc[row.latent, row.other]
    assert np.isnan(np.diag(ours)).all()


def test_values_printed_for_holzinger(reference_of):
    table = reference_of("holzinger", "ML").fit.reliability
    assert table["alpha"].round(3).tolist() == [0.626, 0.883, 0.688]
    assert table["omega"].round(3).tolist() == [0.612, 0.885, 0.686]
    assert table["average_variance_extracted"].round(3).tolist() == [0.371, 0.721, 0.424]


def test_fornell_larcker_table(reference_of):
    fit = reference_of("holzinger", "ML").fit
    table = fit.fornell_larcker
    np.testing.assert_allclose(np.diag(table) ** 2, fit.reliability["average_variance_extracted"])
    rows = fit.estimates.query("op == '~~' and lhs == 'visual' and rhs == 'speed'")
    assert table.loc["visual", "speed"] == pytest.approx(rows["std_all"].iloc[0])
    np.testing.assert_allclose(table, table.T)


def test_second_order_latent_variables_have_no_reliability_of_items(reference_of):
    assert list(reference_of("holzinger_second_order", "ML").fit.reliability.index) == ["visual", "textual", "speed"]


def test_single_indicators_have_no_alpha_and_no_htmt(reference_of):
    fit = reference_of("single_indicator", "ML").fit
    assert np.isnan(fit.reliability.loc["age", "alpha"])
    assert "age" not in fit.htmt.index
