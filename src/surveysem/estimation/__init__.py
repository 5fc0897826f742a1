"""Estimation: engines behind one protocol, and our own judgement of what they return."""

from surveysem.estimation.discrepancy import Discrepancy, MaximumLikelihood, ml_discrepancy
from surveysem.estimation.engines import ENGINES, find_engine
from surveysem.estimation.fitting import CONVERGED_WITHIN, GroupSolution, Solution, estimate_model
from surveysem.estimation.full_information import FullInformation
from surveysem.estimation.latent_moderation import LatentModeration
from surveysem.estimation.least_squares import GeneralizedLeastSquares, LeastSquares
from surveysem.estimation.problem import EstimationProblem, LinearConstraints
from surveysem.estimation.solution import Engine, EngineResult

__all__ = [
    "CONVERGED_WITHIN",
    "ENGINES",
    "Discrepancy",
    "Engine",
    "EngineResult",
    "EstimationProblem",
    "FullInformation",
    "GeneralizedLeastSquares",
    "GroupSolution",
    "LatentModeration",
    "LeastSquares",
    "LinearConstraints",
    "MaximumLikelihood",
    "Solution",
    "estimate_model",
    "find_engine",
    "ml_discrepancy",
]
