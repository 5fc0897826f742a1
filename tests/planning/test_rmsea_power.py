"""Power by the RMSEA: beside semTools' numbers and the tables of MacCallum, Browne and Sugawara."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from surveysem.errors import SurveySEMError
from surveysem.planning.rmsea_power import rmsea_power, rmsea_sample_size

STORED = pd.read_csv(
    Path(__file__).resolve().parents[1] / "reference" / "semtools_rmsea_power" / "power.csv", skipinitialspace=True
)


def test_power_is_that_of_semtools():
    for row in STORED.itertuples():
        found = rmsea_power(degrees_of_freedom=row.df, n=row.n, null=row.null, alternative=row.alternative)
        assert found == pytest.approx(row.power, rel=1e-6)


def test_sample_sizes_are_those_of_semtools():
    for row in STORED.drop_duplicates(["test", "df"]).itertuples():
        found = rmsea_sample_size(degrees_of_freedom=row.df, null=row.null, alternative=row.alternative)
        # semTools searches on a grid and keeps a size a few respondents larger than needed with few degrees of freedom.
        assert 0 <= row.size80 - found <= max(2, 0.005 * row.size80)
        enough, short = (
            rmsea_power(degrees_of_freedom=row.df, n=n, null=row.null, alternative=row.alternative)
            for n in (found, found - 1)
        )
        assert short < 0.8 <= enough


@pytest.mark.parametrize(("df", "n"), [(20, 435), (50, 214), (100, 132)])
def test_smallest_samples_of_maccallum(df, n):
    """Minimum N for the test of close fit at a power of .80, Table 4 of the article."""
    assert rmsea_sample_size(degrees_of_freedom=df) == pytest.approx(n, abs=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"degrees_of_freedom": 0, "n": 100},
        {"degrees_of_freedom": 5, "n": 1},
        {"degrees_of_freedom": 5, "n": 9, "null": 0.08},
    ],
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(SurveySEMError):
        rmsea_power(**wrong)


def test_a_power_below_alpha_is_refused():
    with pytest.raises(SurveySEMError, match="more than alpha"):
        rmsea_sample_size(degrees_of_freedom=10, power=0.04)
