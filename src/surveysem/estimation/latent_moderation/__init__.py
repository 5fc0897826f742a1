"""Latent moderated structural equations: the likelihood of models with products of latent variables, by quadrature."""

from surveysem.estimation.latent_moderation.likelihood import LatentModeration, latent_moderation

__all__ = ["LatentModeration", "latent_moderation"]
