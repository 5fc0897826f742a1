"""The stored fit measures, made anew by lavaan."""

from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parent


@pytest.mark.against_lavaan
def test_stored_numbers_are_made_anew(rscript, tmp_path):
    rscript("make.R", str(tmp_path), folder=FOLDER)
    new, old = (pd.read_csv(folder / "measures.csv", encoding="utf-8") for folder in (tmp_path, FOLDER))
    pd.testing.assert_frame_equal(new, old, rtol=1e-4, atol=2e-5)
