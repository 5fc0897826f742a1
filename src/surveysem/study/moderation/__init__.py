"""Latent interactions of a study: methods beside each other, probing, regression."""
