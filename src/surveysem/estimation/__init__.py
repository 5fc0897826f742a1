"""Estimation: engines behind one protocol, and our own judgement of what they return."""

from surveysem.estimation.discrepancy import ml_discrepancy, ml_expected_hessian, ml_gradient, ml_hessian
from surveysem.estimation.engines import ENGINES, find_engine
from surveysem.estimation.fitting import CONVERGED_WITHIN, Solution, estimate_model
from surveysem.estimation.solution import Engine, EngineResult

__all__ = [
    "CONVERGED_WITHIN",
    "ENGINES",
    "Engine",
    "EngineResult",
    "Solution",
    "estimate_model",
    "find_engine",
    "ml_discrepancy",
    "ml_expected_hessian",
    "ml_gradient",
    "ml_hessian",
]
