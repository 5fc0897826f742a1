"""Sample statistics and their asymptotic covariance against lavaan's (estimator WLSMV)."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data.ordinal import OrdinalMoments, ordinal_moments

FOLDER = Path(__file__).resolve().parents[2] / "reference" / "lavaan_ordinal"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/statistics.csv"))


def _read(case: str, name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / case / name, encoding="utf-8")


@cache
def _ours(case: str) -> OrdinalMoments:
    data = _read(case, "data.csv")
    return ordinal_moments(data, list(data), [name for name in data if pd.api.types.is_integer_dtype(data[name])])


def test_all_cases_are_stored():
    assert CASES == ["binary", "five_point", "mixed", "skewed_three", "two_and_seven"]


@pytest.mark.parametrize("case", CASES)
def test_statistics_in_lavaans_order(case):
    """1e-6: lavaan finds polyserial correlations without second derivatives, to 7e-7; the others agree to 1e-8."""
    theirs = _read(case, "statistics.csv")["value"]
    assert len(_ours(case).statistic_names) == len(theirs)
    np.testing.assert_allclose(_ours(case).statistics, theirs, rtol=0, atol=1e-6 if case == "mixed" else 2e-8)


@pytest.mark.parametrize("case", CASES)
def test_gamma_in_full(case):
    """Relative to the standard errors of its two statistics; what lavaan leaves in the correlations moves gamma."""
    theirs = _read(case, "gamma.csv").to_numpy()
    scale = np.sqrt(np.outer(np.diag(theirs), np.diag(theirs)))
    tolerance = 5e-6 if case == "mixed" else 1e-7
    np.testing.assert_allclose(_ours(case).gamma / scale, theirs / scale, rtol=0, atol=tolerance)


@pytest.mark.parametrize("case", CASES)
def test_weights_are_the_inverse_of_gammas_diagonal(case):
    theirs = 1 / np.diag(_read(case, "gamma.csv").to_numpy())
    np.testing.assert_allclose(_ours(case).diagonal_weights, theirs, rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_covariances_of_latent_responses_and_continuous_variables(case):
    np.testing.assert_allclose(_ours(case).covariance, _read(case, "covariance.csv").to_numpy(), atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_thresholds_and_their_names(case):
    theirs = _read(case, "thresholds.csv")
    moments = _ours(case)
    names = [str(name) for name in moments.statistic_names if name.op == "|"]
    assert names == theirs["name"].tolist()
    ours = np.concatenate([moments.thresholds[name] for name in moments.ordered])
    np.testing.assert_allclose(ours, theirs["value"], rtol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_empty_cells_are_those_lavaan_finds(case):
    theirs = {tuple(row) for row in _read(case, "empty_cells.csv").to_numpy()}
    assert set(_ours(case).empty_cells) == theirs
    assert bool(theirs) == any("occurs in no row" in finding.message for finding in _ours(case).findings)


def test_order_of_the_statistics_of_ordered_and_continuous_variables():
    names = [str(name) for name in _ours("mixed").statistic_names]
    locations = ["u1|t1", "y1~1", "u2|t1", "u2|t2", "u3|t1", "u3|t2", "u3|t3", "y2~1", "y3~1"]
    assert names[:9] == locations
    assert names[13:16] == ["y1~~y1", "y2~~y2", "y3~~y3"]
    assert names[16:23] == ["u1~~y1", "u1~~u2", "u1~~u3", "u1~~y2", "u1~~y3", "u1~~u4", "y1~~u2"]
    assert names[-1] == "y3~~u4"


def test_an_empty_cell_of_a_two_by_two_table_is_adjusted_and_reported():
    (finding,) = [found for found in _ours("binary").findings if found.severity == "warning"]
    assert "3 pairs: a 2 × 2 table with one empty cell, to which one half was added" in finding.message
    assert "x2 with x5, x3 with x4, x3 with x5" in finding.message
