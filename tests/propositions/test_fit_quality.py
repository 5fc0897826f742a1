"""Fit held against cut-offs."""

from math import nan

from surveysem.propositions import judge_fit
from surveysem.propositions.fit_quality import FitCriteria

GOOD = {"cfi": 0.97, "tli": 0.96, "rmsea": 0.04, "srmr": 0.05, "df": 24.0}


def test_a_value_just_short_of_its_cut_off_does_not_look_like_it() -> None:
    message = judge_fit(GOOD | {"cfi": 0.94996}, FitCriteria(), model="model").message
    assert message == "Mixed fit: it misses CFI .94996 (≥ .95)."


def test_robust_versions_are_used_only_where_there_are_any() -> None:
    indices = GOOD | {"cfi": 0.90, "cfi.robust": 0.96, "rmsea": 0.07, "rmsea.robust": nan}
    message = judge_fit(indices, FitCriteria(), model="model").message
    assert message == "Mixed fit: it misses RMSEA .070 (≤ .06)."
