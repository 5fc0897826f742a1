"""The stored statistics of ordered variables, made anew by lavaan."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).parent
CASES = sorted(path.parent.name for path in FOLDER.glob("*/make.R"))


@pytest.mark.against_lavaan
@pytest.mark.parametrize("case", CASES)
def test_stored_numbers_are_made_anew(case, rscript, tmp_path):
    rscript("make.R", str(tmp_path), folder=FOLDER / case)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(path.name for path in (FOLDER / case).glob("*.csv"))
    for name in set(made) - {"version.csv"}:
        new, old = (pd.read_csv(folder / name, encoding="utf-8") for folder in (tmp_path, FOLDER / case))
        pd.testing.assert_frame_equal(new, old, rtol=1e-6, atol=1e-9)
    assert np.isfinite(pd.read_csv(tmp_path / "gamma.csv", encoding="utf-8").to_numpy()).all()
