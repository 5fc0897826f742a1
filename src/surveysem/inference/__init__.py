"""Inference: standard errors, tests, fit indices, reliability and everything else computed from a solution."""

from surveysem.inference.comparison import compare
from surveysem.inference.fit import Fit, infer
from surveysem.inference.questions import fornell_larcker, htmt, reliability
from surveysem.inference.scores import factor_scores
from surveysem.inference.wald import wald_test

__all__ = ["Fit", "compare", "factor_scores", "fornell_larcker", "htmt", "infer", "reliability", "wald_test"]
