"""The stored fits and statistics, made anew by lavaan."""

from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parent


@pytest.mark.against_lavaan
def test_stored_numbers_are_made_anew(rscript, tmp_path):
    rscript("make.R", str(tmp_path), folder=FOLDER)
    stored = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*.csv"))
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.csv")) == stored
    for name in stored:
        new, old = (_numbers(folder / name) for folder in (tmp_path, FOLDER))
        pd.testing.assert_frame_equal(new, old, rtol=1e-4, atol=2e-5)


def _numbers(path):
    """A stored table, the version of lavaan left out."""
    table = pd.read_csv(path, encoding="utf-8")
    if path.name != "fit.csv":
        return table
    table = table[table["measure"] != "lavaan.version"]
    return table.assign(value=pd.to_numeric(table["value"]))
