"""What a report says about robustness: all specifications of a study's analysis, and who bears its estimates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import nan

import pandas as pd

NO_RESULT = "no result"


@dataclass(frozen=True, kw_only=True)
class ComparedProposition:
    """A proposition, or a part of one, as the figures name it.

    Parameters
    ----------
    id, title : str
        Name, and the effect that decides in readers' words; no title where its parts decide.
    smallest_effect : float
        Smallest standardised effect of interest; NaN where none is declared.
    level : float
        Confidence level of its intervals.
    """

    id: str
    title: str
    smallest_effect: float = nan
    level: float = 0.95


@dataclass(frozen=True, kw_only=True, eq=False)
class RobustnessContent:
    """The specifications of an analysis and what each says.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a specification and proposition: specification, declared, the choices (measurement, screening, missing,
        moderation, estimator), n_obs, proposition, verdict, estimate, std_error, ci_lower, ci_upper, beta,
        beta_std_error, beta_ci_lower, beta_ci_upper, p_value, p_adjusted, admissible, problem.
    propositions : tuple of ComparedProposition
        In the order of the study, each followed by its parts.
    choices : Mapping of str to tuple of str
        Levels of each choice in the table that has more than one, the declared one first.
    sentences : tuple of str
        What the specifications say together, fit for a paper.
    """

    table: pd.DataFrame
    propositions: tuple[ComparedProposition, ...]
    choices: Mapping[str, tuple[str, ...]]
    sentences: tuple[str, ...] = ()

    @property
    def n_specifications(self) -> int:
        """Specifications, those without a result included."""
        return int(self.table["specification"].nunique())

    @cached_property
    def shares(self) -> pd.DataFrame:
        """How far the verdicts agree, one row a proposition or part.

        Columns: n_specifications with a result, n_without, declared_verdict, n_supported, share_supported, n_same (as
        declared), share_same, declared_beta, beta_median, beta_min, beta_max, p_min, p_max and verdicts (counts in
        words).
        """
        rows = {each.id: _shares(self.rows_of(each.id)) for each in self.propositions}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("proposition")

    def share(self, proposition: str) -> pd.Series:
        """The row of one proposition in :attr:`shares`."""
        return self.shares.iloc[list(self.shares.index).index(proposition)]

    def rows_of(self, proposition: str) -> pd.DataFrame:
        """Rows of one proposition, in the order of the specifications."""
        return self.table[self.table["proposition"] == proposition]

    @property
    def differing(self) -> tuple[str, ...]:
        """Propositions and parts on which specifications with a result disagree."""
        return tuple(str(name) for name in self.shares.index[self.shares["share_same"] < 1.0])

    @property
    def drawn_apart(self) -> tuple[str, ...]:
        """Propositions with an effect of their own on whose verdict specifications disagree; each has its own curve."""
        known = self.shares["beta_median"].notna()
        return tuple(name for name in self.differing if known[name])


def _shares(rows: pd.DataFrame) -> dict[str, object]:
    found = rows[rows["verdict"] != NO_RESULT]
    declared = rows[rows["declared"]].iloc[0]
    counts = found["verdict"].value_counts(sort=False)
    n, supported = len(found), int(counts.get("supported", 0))
    same = int(counts.get(declared["verdict"], 0))
    beta = found["beta"]
    return {
        "n_specifications": n,
        "n_without": len(rows) - n,
        "declared_verdict": str(declared["verdict"]),
        "n_supported": supported,
        "share_supported": supported / n,
        "n_same": same,
        "share_same": same / n,
        "declared_beta": float(declared["beta"]),
        "beta_median": float(beta.median()),
        "beta_min": float(beta.min()),
        "beta_max": float(beta.max()),
        "p_min": float(found["p_value"].min()),
        "p_max": float(found["p_value"].max()),
        "verdicts": "; ".join(f"{verdict} {count}" for verdict, count in counts.items()),
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class InfluenceContent:
    """Who bears the estimates.

    Parameters
    ----------
    method : {"exact", "one_step"}
        Refits without each respondent, or one step towards them.
    cases : pandas.DataFrame
        One row a respondent, indexed as in the answers: generalized_distance, likelihood_distance, largest_change,
        largest_effect (and group where there are several).
    changes : pandas.DataFrame
        Change of each tested effect that a respondent brings about, in standard errors; rows as of *cases*.
    clusters : pandas.DataFrame
        The same by cluster, with n_obs; empty where none were asked for.
    cluster_changes : pandas.DataFrame
        Changes of the effects by cluster.
    verdicts : pandas.DataFrame
        Verdicts that differ without a respondent or cluster: left_out, kind, proposition, verdict, without,
        estimate, estimate_without, p_value, p_value_without.
    n_refitted : int
        Respondents without whom verdicts were judged again: the most influential ones.
    cluster : str
        Name of the clusters; empty without.
    clusters_judged : bool
        Whether verdicts were judged again without each cluster.
    sentences : tuple of str
        What it means, fit for a paper.
    """

    method: str
    cases: pd.DataFrame
    changes: pd.DataFrame
    clusters: pd.DataFrame = field(default_factory=pd.DataFrame)
    cluster_changes: pd.DataFrame = field(default_factory=pd.DataFrame)
    verdicts: pd.DataFrame = field(default_factory=pd.DataFrame)
    n_refitted: int = 0
    cluster: str = ""
    clusters_judged: bool = False
    sentences: tuple[str, ...] = ()
