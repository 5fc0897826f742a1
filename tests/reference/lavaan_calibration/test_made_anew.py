"""The stored numbers of simulated samples, made anew by lavaan."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).parent


@pytest.mark.against_lavaan
def test_stored_numbers_are_made_anew(rscript, tmp_path):
    rscript("make.R", str(tmp_path), folder=FOLDER)
    new, old = (pd.read_csv(folder / "numbers.csv", skipinitialspace=True) for folder in (tmp_path, FOLDER))
    assert new[["sample", "proposition"]].equals(old[["sample", "proposition"]])
    # 1e-4: other versions of R, of lavaan and of the linear algebra stop at slightly other points
    for name in ("estimate", "std_error", "p_value"):
        np.testing.assert_allclose(new[name], old[name], rtol=1e-4, atol=2e-5)
