"""Latent products measured by products of indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pandas as pd

from surveysem.findings import Finding
from surveysem.specification import Statement
from surveysem.specification.products import Pairs

Centering: TypeAlias = Literal["double", "residual", "unconstrained", "constrained"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ProductIndicatorModel:
    """A model in which every latent product has indicators of its own.

    Parameters
    ----------
    statements : tuple of Statement
        The linear model that is fitted.
    frame : pandas.DataFrame
        The data with the product indicators.
    products : Mapping of str to (str, str)
        Latent products by their name in the model, with their factors.
    notes : tuple of Finding
        What a reader must be told.
    """

    statements: tuple[Statement, ...]
    frame: pd.DataFrame
    products: Mapping[str, tuple[str, str]]
    notes: tuple[Finding, ...] = ()


def with_product_indicators(
    statements: Sequence[Statement], data: pd.DataFrame, *, centering: Centering, pairs: Pairs, missing: str
) -> ProductIndicatorModel:
    """The model with product indicators in place of latent products."""
    raise NotImplementedError
