"""95 % intervals hold the truth in 93 to 97 % of samples; the table is kept in benchmarks/results/coverage.md."""

import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "coverage.py"
STUDY = runpy.run_path(str(SCRIPT))


@pytest.mark.slow
@pytest.mark.parametrize("case", STUDY["CASES"])
def test_intervals_cover(case):
    result = STUDY["coverage"](case, 1000)
    assert result["failed"] == 0
    for quantity in ("path", "loadings"):
        # with 1,000 replications the Monte Carlo error of a share of .95 is .007
        assert 0.93 <= result[quantity] <= 0.97, result
