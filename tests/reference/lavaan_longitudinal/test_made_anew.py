"""The stored references of invariance over time, made anew by lavaan."""

from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.against_lavaan
def test_stored_numbers_are_made_anew(rscript, tmp_path):
    rscript("make.R", str(tmp_path), folder=FOLDER)
    stored = sorted(path.name for path in FOLDER.glob("*.csv"))
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == stored
    for name in set(stored) - {"version.csv"}:
        new, old = (pd.read_csv(folder / name, encoding="utf-8") for folder in (tmp_path, FOLDER))
        pd.testing.assert_frame_equal(new, old, rtol=1e-4, atol=2e-5)
