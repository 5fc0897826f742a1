"""Inference: standard errors, tests, fit indices, reliability and everything else computed from a solution."""

from surveysem.inference.fit import Fit, infer

__all__ = ["Fit", "infer"]
