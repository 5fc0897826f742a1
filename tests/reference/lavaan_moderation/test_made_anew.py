"""The stored numbers of latent interactions, made anew by lavaan and semTools."""

from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parent
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/make.R"))


def _numbers(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, encoding="utf-8", dtype=str, keep_default_na=False)
    return table[table["measure"] != "lavaan.version"] if "measure" in table else table


@pytest.mark.against_lavaan
@pytest.mark.parametrize("case", CASES)
def test_stored_numbers_are_made_anew(case, rscript, tmp_path):
    if not SHARED.is_dir():
        pytest.skip("the data are not beside this checkout (../shared/data)")
    if "FALSE" in rscript("-e", "cat(requireNamespace('semTools', quietly = TRUE))", folder=tmp_path):
        pytest.skip("the R package semTools is not installed")
    rscript("make.R", str(tmp_path), folder=FOLDER / case)
    for name in ("estimates.csv", "fit.csv"):
        new, old = _numbers(tmp_path / name), _numbers(FOLDER / case / name)
        assert list(new.columns) == list(old.columns)
        for column in old.columns:
            ours, theirs = (pd.to_numeric(table[column], errors="coerce") for table in (new, old))
            # 1e-4: other versions of R, of lavaan and of the linear algebra stop at slightly other points
            pd.testing.assert_series_equal(ours, theirs, rtol=1e-4, atol=2e-5)
            assert new[column][theirs.isna()].tolist() == old[column][theirs.isna()].tolist()
