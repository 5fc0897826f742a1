"""Measurement invariance across groups: configural, metric, scalar and strict, up to the first level that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.inference import Fit
from surveysem.inference.comparison import compare
from surveysem.inference.modification import score_test
from surveysem.modelling.sem import sem
from surveysem.number_formats import format_bounded
from surveysem.typing import EstimatorName

LEVELS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
"""What is equal across groups at each level."""


@dataclass(frozen=True, kw_only=True)
class InvarianceCriteria:
    """Largest tolerable loss of fit from one level to the next.

    Parameters
    ----------
    cfi : float
        Decrease of CFI.
    rmsea : float
        Increase of RMSEA.
    srmr_metric, srmr_scalar : float
        Increase of SRMR, at the metric and at the later levels.

    References
    ----------
    chen_2007, cheung_rensvold_2002
    """

    cfi: float = 0.010
    rmsea: float = 0.015
    srmr_metric: float = 0.030
    srmr_scalar: float = 0.010


@dataclass(frozen=True, kw_only=True, eq=False)
class Invariance:
    """The levels fitted, what each cost in fit, and how far invariance goes.

    Parameters
    ----------
    fits : Mapping of str to Fit
        By level, up to the first that fails.
    table : pandas.DataFrame
        Indexed by level: chisq, df, cfi, rmsea, srmr, their differences from the level before, the (scaled) difference
        test, and ``holds``.
    highest : str
        Highest level that holds; "configural" is not tested against another.
    proposals : pandas.DataFrame
        Where a level fails, score tests of its equality constraints: what ``group_partial`` could free. Proposed, never
        applied.
    group : str
        The grouping column.
    """

    fits: Mapping[str, Fit]
    table: pd.DataFrame
    highest: str
    proposals: pd.DataFrame
    group: str

    @property
    def decision(self) -> str:
        """The result in one sentence."""
        failed = self.table.index[~self.table["holds"]]
        if not len(failed):
            return f"Invariance across {self.group} holds up to the {self.highest} level."
        return (
            f"Invariance across {self.group} holds up to the {self.highest} level; the {failed[0]} level fails, so "
            f"that {_CONSEQUENCES[str(failed[0])]}."
        )

    def __repr__(self) -> str:
        return f"{self.decision}\n{self.table.round(3).to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.decision)}</p>{self.table.round(3).to_html(border=0)}"


_CONSEQUENCES = {
    "metric": "relations among the latent variables cannot be compared across groups",
    "scalar": "latent means cannot be compared across groups",
    "strict": "observed scale scores cannot be compared across groups without reserve",
}


def measurement_invariance(
    syntax: str,
    data: pd.DataFrame,
    *,
    group: str,
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
    group_partial: Sequence[str] = (),
    criteria: InvarianceCriteria = InvarianceCriteria(),
) -> Invariance:
    """Tests of measurement invariance across groups, stopping at the first level that fails.

    Parameters
    ----------
    syntax : str
        The measurement model in lavaan's syntax.
    data : pandas.DataFrame
        One row a respondent.
    group : str
        Grouping column.
    estimator, missing
        As for :func:`surveysem.sem`.
    group_partial : sequence of str
        Parameters freed from equality at every level: partial invariance.
    criteria : InvarianceCriteria
        A level holds when CFI, RMSEA and SRMR all stay within them; robust versions are used where there are any. The
        difference test is reported beside them, because it rejects trivial differences in large samples.

    Raises
    ------
    DataError, EstimationError, UnsupportedError
        As :func:`surveysem.sem`.

    References
    ----------
    chen_2007, cheung_rensvold_2002

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data().assign(half=lambda d: (d.index < 38).astype(int))
    >>> ss.measurement_invariance("dem60 =~ y1 + y2 + y3 + y4", data, group="half").table.index[0]
    'configural'
    """
    if estimator not in ("ML", "MLR", "MLM"):
        raise UnsupportedError(f"estimator={estimator!r} is not available here. Available: ML, MLR, MLM.")
    fits: dict[str, Fit] = {}
    rows: list[dict[str, object]] = []
    for level, equal in LEVELS.items():
        fit = sem(
            syntax,
            data,
            estimator=estimator,
            missing=missing,
            group=group,
            group_equal=equal,
            group_partial=group_partial if equal else (),
        )
        before = list(fits.values())[-1] if fits else None
        fits[level] = fit
        rows.append(_row(fit, before, level, criteria))
        if not rows[-1]["holds"]:
            break
    table = pd.DataFrame(rows, index=pd.Index(list(fits), name="level"))
    holding = [level for level, row in zip(fits, rows, strict=True) if row["holds"]]
    last = fits[list(fits)[-1]]
    return Invariance(
        fits=fits,
        table=table,
        highest=holding[-1],
        proposals=score_test(last).constraints if len(holding) < len(fits) else pd.DataFrame(),
        group=group,
    )


def _row(fit: Fit, before: Fit | None, level: str, criteria: InvarianceCriteria) -> dict[str, object]:
    indices = fit.fit_indices
    row: dict[str, object] = {
        "chisq": indices.get("chisq.scaled", indices["chisq"]),
        "df": int(indices["df"]),
        "cfi": _index(fit, "cfi"),
        "rmsea": _index(fit, "rmsea"),
        "srmr": indices["srmr"],
    }
    if before is None:
        empty = dict.fromkeys(("chisq_diff", "df_diff", "p_value", "d_cfi", "d_rmsea", "d_srmr"), float("nan"))
        return row | empty | {"holds": True}
    test = compare(fit, before).iloc[-1]
    tested = {name: float(test[name]) for name in ("chisq_diff", "df_diff", "p_value")}
    holds = not loss_of_fit(fit, before, level=level, criteria=criteria)
    return row | tested | _changes(fit, before) | {"holds": holds}


def loss_of_fit(fit: Fit, before: Fit, *, level: str, criteria: InvarianceCriteria) -> str:
    """Which criteria the step to a level misses, in words; empty when it holds.

    Parameters
    ----------
    fit, before : Fit
        The level and the one before it.
    level : {"metric", "scalar", "strict"}
        Which level is reached.
    criteria : InvarianceCriteria
        Tolerable losses.
    """
    changes = _changes(fit, before)
    largest_srmr = criteria.srmr_metric if level == "metric" else criteria.srmr_scalar
    missed = {
        "ΔCFI": (changes["d_cfi"], changes["d_cfi"] < -criteria.cfi),
        "ΔRMSEA": (changes["d_rmsea"], changes["d_rmsea"] > criteria.rmsea),
        "ΔSRMR": (changes["d_srmr"], changes["d_srmr"] > largest_srmr),
    }
    return ", ".join(f"{name} = {format_bounded(value, 3)}" for name, (value, is_missed) in missed.items() if is_missed)


def _changes(fit: Fit, before: Fit) -> dict[str, float]:
    return {f"d_{name}": _index(fit, name) - _index(before, name) for name in ("cfi", "rmsea", "srmr")}


def _index(fit: Fit, name: str) -> float:
    return fit.fit_indices.get(f"{name}.robust", fit.fit_indices[name])
