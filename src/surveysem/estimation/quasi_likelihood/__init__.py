"""Quasi-maximum likelihood of models with products of latent variables."""

from surveysem.estimation.quasi_likelihood.discrepancy import QuasiLikelihood, casewise_scores_qml

__all__ = ["QuasiLikelihood", "casewise_scores_qml"]
