"""What a report says about moderation: the method, tests and sizes of the products, and their probing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from surveysem.inference import Fit
from surveysem.inference.probing import ConditionalIndirect, JohnsonNeyman


@dataclass(frozen=True, kw_only=True, eq=False)
class ProbedModeration:
    """A latent interaction, probed.

    Parameters
    ----------
    label : str
        Id of the interaction.
    fit : Fit
        The structural model.
    predictor, moderator, outcome : str
        Latent variables.
    slopes : pandas.DataFrame
        Simple slopes one standard deviation below the moderator's mean, at it, and one above.
    regions : JohnsonNeyman
        For which values of the moderator the slope differs from zero.
    """

    label: str
    fit: Fit
    predictor: str
    moderator: str
    outcome: str
    slopes: pd.DataFrame
    regions: JohnsonNeyman

    @property
    def question(self) -> dict[str, Any]:
        """The interaction, as functions that probe it want it."""
        return {"x": self.predictor, "moderator": self.moderator, "outcome": self.outcome}


@dataclass(frozen=True, kw_only=True, eq=False)
class ConditionalEffect:
    """An indirect effect along a moderator.

    Parameters
    ----------
    label, title : str
        Id and title of the indirect effect.
    result : ConditionalIndirect
        Its values.
    """

    label: str
    title: str
    result: ConditionalIndirect


@dataclass(frozen=True, kw_only=True, eq=False)
class ModerationContent:
    """Moderation in a report.

    Parameters
    ----------
    method : {"product_indicator", "lms", "qml"}
        How latent products were estimated.
    centering : str
        How product indicators were made; empty for the other methods.
    pairs : Mapping of str to str
        Which items were multiplied, "all" or "matched", by product; empty for the other methods.
    nodes : int or None
        Nodes of quadrature of LMS.
    version : str
        Of the software that estimated.
    sizes : pandas.DataFrame
        As of :func:`surveysem.moderation_effects`.
    tests : pandas.DataFrame
        Likelihood-ratio tests by label of the interaction; empty for product indicators.
    probed : tuple of ProbedModeration
        One for each interaction.
    conditional : tuple of ConditionalEffect
        Indirect effects that an interaction moderates.
    """

    method: str
    centering: str
    pairs: Mapping[str, str]
    nodes: int | None
    version: str
    sizes: pd.DataFrame
    tests: pd.DataFrame
    probed: tuple[ProbedModeration, ...]
    conditional: tuple[ConditionalEffect, ...]

    def delta_r_squared(self, outcome: str, product: str) -> float:
        """What a product adds to the explained variance of an outcome."""
        rows = self.sizes[(self.sizes["outcome"] == outcome) & (self.sizes["product"] == product)]
        return float(rows["delta_r_squared"].iloc[0])
