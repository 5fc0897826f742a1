"""The stored references of groups as moderators, made anew by lavaan and R."""

from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parent


@pytest.mark.slow
@pytest.mark.against_lavaan
def test_stored_numbers_are_made_anew(rscript, tmp_path, influencer_csv):
    try:
        rscript("-e", "library(sandwich)", folder=FOLDER)
    except AssertionError:
        pytest.skip("the R package sandwich is not installed")
    rscript("make.R", str(tmp_path), folder=FOLDER)
    stored = sorted(path.name for path in FOLDER.glob("*.csv"))
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == stored
    for name in set(stored) - {"version.csv"}:
        new, old = (pd.read_csv(folder / name, encoding="utf-8") for folder in (tmp_path, FOLDER))
        # 1e-3: limits of intervals and p-values near 0 move more than the estimates they come from
        pd.testing.assert_frame_equal(new, old, rtol=1e-3, atol=2e-5)
