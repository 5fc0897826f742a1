"""The numbers of lavaan that notebook 08 shows, made anew."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks" / "lavaan"


@pytest.mark.slow
@pytest.mark.against_lavaan
def test_stored_numbers_are_made_anew(rscript, tmp_path):
    shutil.copy(FOLDER / "coming_from_lavaan.R", tmp_path)
    rscript("coming_from_lavaan.R", folder=tmp_path)
    for name in ("holzinger_swineford.csv", "results.csv"):
        new, old = (pd.read_csv(folder / name, encoding="utf-8") for folder in (tmp_path, FOLDER))
        # 1e-3: p-values near 0 move more than the statistics they come from
        pd.testing.assert_frame_equal(new, old, rtol=1e-3, atol=1e-5)
