"""Replicates against lavaan's fits to the same resamples, rows written out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.inference.bootstrap import _replication
from surveysem.modelling import sem

FOLDER = Path(__file__).parent
MODEL = """
visual  =~ x1 + l2*x2 + x3
textual =~ x4 + x5 + x6
speed   =~ x7 + x8 + x9
textual ~ a*visual
speed ~ b*textual + visual
indirect := a*b
"""
CASES = {
    "complete": ("x", {}),
    "incomplete": ("m", {"missing": "fiml"}),
    "gls": ("x", {"estimator": "GLS"}),
    "ordered": ("o", {"ordered": True}),
}


def _read(name):
    return pd.read_csv(FOLDER / name, encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_replicates_are_lavaans_fits_to_the_same_rows(case):
    prefix, options = CASES[case]
    data = _read("data.csv")[[f"{prefix}{number}" for number in range(1, 10)]]
    data.columns = [f"x{number}" for number in range(1, 10)]
    fit = sem(MODEL, data, **options)
    replicates = _replication(fit, "nonparametric").run([_read("frequencies.csv").to_numpy(dtype=float).T])
    assert replicates.solved.all()
    stored = _read("estimates.csv").fillna({"rhs": ""})
    for number in range(4):
        expected = stored[(stored["case"] == case) & (stored["sample"] == number + 1)]
        table = fit.estimates.assign(found=replicates.estimates[number], std=replicates.standardized[number])
        both = table.merge(expected, on=["lhs", "op", "rhs"], how="inner")
        assert len(both) >= fit.table.n_free
        np.testing.assert_allclose(both["found"], both["est"], rtol=2e-5, atol=1e-6)
        np.testing.assert_allclose(both["std"], both["est.std"], rtol=2e-5, atol=1e-6)
