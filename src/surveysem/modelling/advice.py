"""Which estimator the answers call for, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveysem.data.clustering import intraclass_correlations
from surveysem.data.descriptives import item_descriptives
from surveysem.data.missing.checks import check_columns
from surveysem.data.missingness import numeric_columns
from surveysem.data.responses import Responses
from surveysem.data.wording import listed
from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.references import REFERENCES, cite
from surveysem.typing import EstimatorName

_FEW_CATEGORIES = 4  # Rhemtulla et al.: with five or more, robust maximum likelihood does as well
_ORDINAL = 7  # most categories of a rating scale that is taken for one
_SKEWED, _PEAKED = 2.0, 7.0  # West, Finch and Curran
_MANY = 0.25  # share of items that are so; below it, robust maximum likelihood is trusted with them
_DESIGN_EFFECT = 1.1  # Lai and Kwok: a lower limit than the usual 2


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why something is advised.

    Parameters
    ----------
    advice : str
        What to do.
    because : str
        What was found in the answers.
    source : str
        Key of the work that says so.
    """

    advice: str
    because: str
    source: str

    def __str__(self) -> str:
        work = REFERENCES[self.source]
        return f"{self.advice}: {self.because} ({cite(self.source).removesuffix(f' ({work.year})')}, {work.year})."


@dataclass(frozen=True, kw_only=True)
class EstimatorAdvice:
    """The estimator that answers call for.

    Parameters
    ----------
    estimator : str
        MLR or WLSMV.
    ordered : tuple of str
        Items to take for ordered categories; empty with MLR.
    cluster : str or None
        Column of clusters whose dependence standard errors should allow for.
    reasons : tuple of Reason
        Why, with sources.
    """

    estimator: EstimatorName
    ordered: tuple[str, ...]
    cluster: str | None
    reasons: tuple[Reason, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The reasons, fit for a report."""
        return tuple(
            Finding(severity="note", where="estimator chosen from the answers", message=str(reason))
            for reason in self.reasons
        )

    def __repr__(self) -> str:
        options = [f"estimator={self.estimator!r}"]
        options += [f"ordered={list(self.ordered)!r}"] if self.ordered else []
        options += [f"cluster={self.cluster!r}"] if self.cluster else []
        return "\n".join([f"Advice: {', '.join(options)}", *(f"  {reason}" for reason in self.reasons)])


def advise_estimator(
    data: pd.DataFrame | Responses,
    items: Sequence[str] | None = None,
    *,
    cluster: str | None = None,
    missing: str = "listwise",
    categorical: bool = True,
) -> EstimatorAdvice:
    """The estimator that answers call for, with reasons and their sources; nothing is done unless asked.

    ``sem(…, estimator="auto")`` and ``fit_study(…, estimator="auto")`` follow the advice and report it.

    Parameters
    ----------
    data : pandas.DataFrame or Responses
        One row a respondent.
    items : sequence of str, optional
        Indicators; by default all numeric columns.
    cluster : str, optional
        Column that names the cluster of a respondent (the influencer, the firm).
    missing : {"listwise", "fiml"}
        Treatment of missing answers; full information needs maximum likelihood.
    categorical : bool
        Whether WLSMV may be advised.

    Raises
    ------
    DataError
        When columns are absent or not numeric.
    UnsupportedError
        For another treatment of missing answers.

    Notes
    -----
    Items of four categories or fewer call for WLSMV. With five or more, robust maximum likelihood does about as well,
    also from asymmetric answers (Rhemtulla et al. 2012); so that items of five to seven categories with an absolute
    skewness above 2 or excess kurtosis above 7 (West, Finch & Curran 1995) call for WLSMV only where at least a quarter
    of all items are like that, a share that is a convention of ours. Below it the advice is MLR, whose standard errors
    and test allow for answers that are not normal, and a reason names the items. A design effect above 1.1 calls for
    standard errors that allow for clusters, which here are those of MLR.

    References
    ----------
    rhemtulla_2012, west_finch_curran_1995, lai_kwok_2015, yuan_bentler_2000

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answers = pd.DataFrame(rng.integers(1, 4, size=(200, 3)), columns=["a", "b", "c"])
    >>> print(advise_estimator(answers))  # doctest: +NORMALIZE_WHITESPACE
    Advice: estimator='WLSMV', ordered=['a', 'b', 'c']
      Take a, b, c for ordered and use WLSMV: they have 4 categories or fewer (Rhemtulla et al., 2012).
    """
    if missing not in ("listwise", "fiml"):
        raise UnsupportedError(f"missing={missing!r} is not available. Available: listwise, fiml.")
    frame = data.frame if isinstance(data, Responses) else data
    names = [name for name in numeric_columns(frame) if name != cluster] if items is None else list(items)
    check_columns(frame, tuple(names))
    clustered = _about_clusters(frame, names, cluster)
    obstacle = _obstacle_to_categories(cluster=cluster if clustered else None, missing=missing, allowed=categorical)
    ordered, reasons = _about_categories(frame[names], obstacle)
    if not ordered:
        reasons = [*reasons, _robust(frame[names])]
    reasons += _about_cluster_reason(frame, names, cluster, clustered)
    return EstimatorAdvice(
        estimator="WLSMV" if ordered else "MLR",
        ordered=ordered,
        cluster=cluster if clustered else None,
        reasons=tuple(reasons),
    )


def _largest_design_effect(frame: pd.DataFrame, names: Sequence[str], cluster: str) -> tuple[str, float]:
    effects = intraclass_correlations(frame, cluster=cluster, items=names)["design_effect"].dropna()
    if effects.empty:
        problem = Problem(where=cluster, found="no item varies", remedy="Check the answers.")
        raise DataError("Design effects cannot be computed.", [problem])
    return str(effects.idxmax()), float(effects.max())


def _about_clusters(frame: pd.DataFrame, names: Sequence[str], cluster: str | None) -> bool:
    """Whether clusters matter."""
    return cluster is not None and _largest_design_effect(frame, names, cluster)[1] > _DESIGN_EFFECT


def _about_cluster_reason(frame: pd.DataFrame, names: Sequence[str], cluster: str | None, matter: bool) -> list[Reason]:
    if cluster is None:
        return []
    name, effect = _largest_design_effect(frame, names, cluster)
    because = f"the largest design effect is {effect:.2f}, of {name}; {_DESIGN_EFFECT} is the limit"
    advice = f"Allow for dependence within {cluster}" if matter else f"Dependence within {cluster} may be neglected"
    return [Reason(advice=advice, because=because, source="lai_kwok_2015")]


def _obstacle_to_categories(*, cluster: str | None, missing: str, allowed: bool) -> str:
    """Why WLSMV cannot be used here; empty where it can."""
    if not allowed:
        return "ordered categories are not available beside products of latent variables"
    if cluster is not None:
        return f"WLSMV does not allow for the clusters of {cluster}"
    return "WLSMV needs complete rows, and missing='fiml' was asked for" if missing == "fiml" else ""


def _about_categories(frame: pd.DataFrame, obstacle: str) -> tuple[tuple[str, ...], list[Reason]]:
    """Items to take for ordered, and why or why not."""
    table = item_descriptives(frame)
    whole = pd.Series({name: bool((frame[name].dropna() % 1 == 0).all()) for name in frame})
    few = whole & (table["n_categories"] <= _FEW_CATEGORIES) & (table["n_categories"] > 1)
    extreme = (table["skewness"].abs() > _SKEWED) | (table["kurtosis"] > _PEAKED)
    odd = whole & ~few & (table["n_categories"] <= _ORDINAL) & extreme
    tolerated = odd.sum() < _MANY * len(table) and not (few.any() and not obstacle)
    count = f"{int(odd.sum())} of {len(table)} items"
    reasons = _for_or_against(few, f"they have {_FEW_CATEGORIES} categories or fewer", "rhemtulla_2012", obstacle)
    if tolerated and odd.any():
        reasons.append(_tolerated(listed(table.index[odd], limit=8), count))
    else:
        because = f"skewness exceeds {_SKEWED:g} or kurtosis {_PEAKED:g} ({count})"
        reasons += _for_or_against(odd, because, "west_finch_curran_1995", obstacle)
    ordered = table.index[few if tolerated else few | odd]
    return () if obstacle else tuple(str(name) for name in ordered), reasons


def _for_or_against(concerned: pd.Series, because: str, source: str, obstacle: str) -> list[Reason]:
    """The advice to take items for ordered, or to beware where that cannot be done; none without such items."""
    names = listed(concerned.index[concerned], limit=8)
    if not names:
        return []
    if not obstacle:
        return [Reason(advice=f"Take {names} for ordered and use WLSMV", because=because, source=source)]
    advice = f"Beware of taking {names} for continuous"
    return [Reason(advice=advice, because=f"{because}, but {obstacle}", source=source)]


def _tolerated(names: str, count: str) -> Reason:
    because = (
        f"skewness above {_SKEWED:g} or kurtosis above {_PEAKED:g} in {count}, fewer than a quarter, is within what "
        "robust maximum likelihood copes with from five or more categories"
    )
    return Reason(advice=f"{names} may stay continuous", because=because, source="rhemtulla_2012")


def _robust(frame: pd.DataFrame) -> Reason:
    table = item_descriptives(frame)
    skew, kurt = float(np.nanmax(table["skewness"].abs())), float(np.nanmax(table["kurtosis"].abs()))
    because = (
        f"the largest skewness is {skew:.2f} and the largest excess kurtosis {kurt:.2f}, where a normal item has 0"
    )
    return Reason(advice="Use robust maximum likelihood (MLR)", because=because, source="yuan_bentler_2000")
