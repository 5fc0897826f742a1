"""What a report says about the answers themselves: who gave them, what is missing, how they are distributed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from surveysem.data.missingness import Missingness
from surveysem.data.normality import MardiaTest


@dataclass(frozen=True, kw_only=True)
class AdviceContent:
    """The estimator that the answers call for.

    Parameters
    ----------
    advised : str
        Estimator and what goes with it; empty where there is no advice.
    reasons : tuple of str
        Why, with sources; or why there is no advice.
    followed : bool
        Whether it was used.
    """

    advised: str
    reasons: tuple[str, ...]
    followed: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class DescriptionContent:
    """Answers in a report.

    Parameters
    ----------
    answers : pandas.DataFrame
        Items of the model, reverse-keyed ones reversed, of the respondents analysed.
    items : pandas.DataFrame
        As of :func:`surveysem.item_descriptives`, of the respondents analysed; where they are clustered with icc and
        design_effect.
    constructs : Mapping of str to tuple of str
        Items by latent variable, in the order of the model.
    screened : pandas.DataFrame
        Items of all respondents that screening left, with those whom missing answers left out of the analysis.
    missing : Missingness
        Amounts, patterns and Little's test, of all respondents that screening left.
    normality : MardiaTest or None
        Of the respondents analysed whose answers are complete.
    normality_obstacle : str
        Why there is no such test; empty where there is one.
    categories : pandas.DataFrame
        Answers to grouping questions: question, code (NaN for no answer), n, share of the respondents analysed.
    measures : pandas.DataFrame
        Observed measures, indexed by question: n, mean, sd, median, minimum, maximum.
    latent_correlations : pandas.DataFrame
        Square, of the measurement model.
    cluster : str
        Column of the clusters; empty without any.
    n_clusters : int
        Their number among the respondents analysed.
    cluster_obstacle : str
        Why there are no intraclass correlations, where there are clusters.
    advice : AdviceContent
        The estimator that the answers call for.
    """

    answers: pd.DataFrame
    items: pd.DataFrame
    constructs: Mapping[str, tuple[str, ...]]
    screened: pd.DataFrame
    missing: Missingness
    normality: MardiaTest | None
    normality_obstacle: str
    categories: pd.DataFrame
    measures: pd.DataFrame
    latent_correlations: pd.DataFrame
    cluster: str
    n_clusters: int
    cluster_obstacle: str
    advice: AdviceContent

    @property
    def any_missing(self) -> bool:
        """Whether an answer is missing among the respondents that screening left."""
        return bool(self.missing.items["n_missing"].sum())
