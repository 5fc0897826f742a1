"""Figures of interactions."""

from surveysem.report.figures.moderator_curve import plot_conditional_indirect, plot_johnson_neyman
from surveysem.report.figures.simple_slopes import plot_simple_slopes
from surveysem.report.figures.surface import plot_interaction_surface

__all__ = ["plot_conditional_indirect", "plot_interaction_surface", "plot_johnson_neyman", "plot_simple_slopes"]
