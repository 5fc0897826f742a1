"""Measurement invariance across groups: level by level, up to the first that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite, nan

import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.comparison import nested_difference
from surveysem.inference.fixed_parameters import fixed_parameter_tests
from surveysem.inference.modification import score_test
from surveysem.modelling.invariance_findings import (
    difference_findings,
    fit_findings,
    ladder_findings,
    untested_finding,
)
from surveysem.modelling.invariance_levels import InvarianceLevel, invariance_levels, levels_up_to
from surveysem.modelling.sem import fit_statements
from surveysem.number_formats import format_bounded
from surveysem.specification import SEM_DEFAULTS, Statement, parameter_table, parse_syntax
from surveysem.typing import EstimatorName


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
        Increase of SRMR, up to the metric and at the later levels.
    p_value : float, optional
        Level of significance at which the difference test decides too; it is only reported if left out.

    Notes
    -----
    The limits were found for continuous indicators and maximum likelihood; those of ordered indicators fitted by
    WLSMV are less well known (Sass et al. 2014).

    References
    ----------
    chen_2007, cheung_rensvold_2002, sass_2014
    """

    cfi: float = 0.010
    rmsea: float = 0.015
    srmr_metric: float = 0.030
    srmr_scalar: float = 0.010
    p_value: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Invariance:
    """The levels fitted, what each cost in fit, and how far invariance goes.

    Parameters
    ----------
    fits : Mapping of str to Fit
        By level, up to the first that fails.
    table : pandas.DataFrame
        Indexed by level: chisq, df, cfi, rmsea and srmr; ``version``, which says whether cfi and rmsea are robust,
        scaled or plain; the (corrected) difference test and the changes from the level before; and ``holds``.
    highest : str
        Highest level that holds; "configural" is not tested against another.
    proposals : pandas.DataFrame
        Where a level fails, score tests of its equality constraints: what ``group_partial`` could free, in the column
        ``parameter``. At the scalar level those of ordered items' intercepts, fixed to 0 in all groups, are among them.
        Proposed, never applied.
    group : str
        The grouping column.
    findings : tuple of Finding
        What a reader must know: levels that could not be tested by themselves, solutions that are not admissible.
    """

    fits: Mapping[str, Fit]
    table: pd.DataFrame
    highest: str
    proposals: pd.DataFrame
    group: str
    findings: tuple[Finding, ...] = ()

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
        notes = "".join(f"\n{finding}" for finding in self.findings)
        return f"{self.decision}\n{self.table.round(3).to_string()}{notes}"

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(str(finding))}</p>" for finding in self.findings)
        return f"<p>{escape(self.decision)}</p>{self.table.round(3).to_html(border=0)}{notes}"


_CONSEQUENCES = {
    "thresholds": "the answer categories do not mean the same in all groups and nothing that rests on them can be "
    "compared",
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
    ordered: Sequence[str] | bool = (),
    group_partial: Sequence[str] | str = (),
    criteria: InvarianceCriteria = InvarianceCriteria(),
    cluster: str | None = None,
    up_to: str | None = None,
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
    estimator, missing, ordered
        As for :func:`surveysem.sem`; of ordered indicators the default estimator is WLSMV. DWLS and ULS have no
        difference test.
    group_partial : sequence of str, or str
        Parameters freed from equality at every level: partial invariance; a single one may stand alone. Of ordered
        items thresholds (``"x1|t2"``), loadings (``"f=~x1"``), intercepts (``"x1~1"``) and residual variances
        (``"x1~~x1"``) of latent responses.
    criteria : InvarianceCriteria
        A level holds when CFI, RMSEA and SRMR all stay within them. CFI and RMSEA are scaled ones of ordered
        indicators, of others robust where both levels have them, else scaled, else plain. The difference test is
        reported beside them, because it rejects trivial differences in large samples.
    cluster : str, optional
        Column that names the cluster of each row, as of :func:`surveysem.sem`: MLR, of continuous indicators.
    up_to : str, optional
        Last level to be tested, such as "scalar", where later ones answer no question of the study; all by default.

    Returns
    -------
    Invariance
        Of continuous indicators the levels are configural, metric (equal loadings), scalar (and intercepts) and strict
        (and residual variances). Where indicators are ordered: configural, thresholds, metric (thresholds and
        loadings), scalar (and intercepts of the latent responses, which frees the latent means) and strict (and their
        residual variances), the last not with second-order factors. A level that restricts nothing beyond the one
        before is left out, and a finding says so.

    Raises
    ------
    DataError, EstimationError, UnsupportedError
        As :func:`surveysem.sem`.

    Notes
    -----
    Levels of ordered indicators are identified as Wu and Estabrook (2016) have it, not as lavaan's ``group.equal``
    does, which frees latent means and keeps the latent responses' intercepts equal as soon as thresholds are. Equal
    thresholds restrict items with four or more categories only; thresholds, loading and intercept of a binary item can
    be tested together only, at the scalar level.

    References
    ----------
    chen_2007, cheung_rensvold_2002, svetina_2020, wu_estabrook_2016

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data().assign(half=lambda d: (d.index < 38).astype(int))
    >>> ss.measurement_invariance("dem60 =~ y1 + y2 + y3 + y4", data, group="half").table.index[0]
    'configural'
    """
    if estimator in ("DWLS", "ULS"):
        raise UnsupportedError(
            f"estimator={estimator!r} has no difference test. Use {'WLSMV' if estimator == 'DWLS' else 'ULSMV'}, whose "
            "estimates are the same."
        )
    statements = tuple(parse_syntax(syntax))

    def fitted(level: InvarianceLevel) -> Fit:
        return fit_statements(
            level.model_of(statements),
            data,
            estimator=estimator,
            missing=missing,
            group=group,
            group_equal=level.equal,
            group_partial=level.partial,
            ordered=ordered,
            cluster=cluster,
        )

    configural = fitted(InvarianceLevel(name="configural", equal=()))
    levels = levels_up_to(invariance_levels(configural.table, statements, group_partial), up_to)
    fits: dict[str, Fit] = {"configural": configural}
    rows = [_first_row(configural)]
    findings = [*ladder_findings(configural.table, statements)]
    for level in levels[1:]:
        before_name, before = list(fits.items())[-1]
        if _degrees_of_freedom(level, statements, before) == before.table.degrees_of_freedom:
            findings.append(untested_finding(level.name, before_name))
            continue
        fits[level.name] = fitted(level)
        test = nested_difference(fits[level.name], before)
        rows.append(_row(fits[level.name], before, level.name, criteria, test))
        findings += difference_findings(test, level.name)
        if not rows[-1]["holds"]:
            break
    names = list(fits)
    return Invariance(
        fits=fits,
        table=pd.DataFrame(rows, index=pd.Index(names, name="level")),
        highest=names[-1] if rows[-1]["holds"] else names[-2],
        proposals=pd.DataFrame() if rows[-1]["holds"] else _proposals(fits[names[-1]], names[-1]),
        group=group,
        findings=(*findings, *fit_findings(fits)),
    )


def _proposals(fit: Fit, level: str) -> pd.DataFrame:
    """Score tests of what is equal across groups: by constraint, or fixed as intercepts of latent responses are."""
    constraints = _residual_variances_named(score_test(fit).constraints, fit)
    fixed = [
        row for row in fit.table if row.group > 1 and row.op == "~1" and row.lhs in fit.table.ordered and not row.free
    ]
    if level != "scalar" or not fixed:
        return constraints
    by = "chi_square_robust" if "chi_square_robust" in constraints else "chi_square"
    both = pd.concat([constraints, fixed_parameter_tests(fit, fixed)])
    return both.sort_values(by, ascending=False, kind="stable", ignore_index=True)


def _residual_variances_named(constraints: pd.DataFrame, fit: Fit) -> pd.DataFrame:
    """Constraints on the scales of ordered items, named after the residual variances they hold equal."""
    scales = {row.label: f"{row.lhs}~~{row.lhs}" for row in fit.table if row.op == "~*~" and row.label}
    named = [scales.get(str(lhs), name) for lhs, name in zip(constraints["lhs"], constraints["parameter"], strict=True)]
    return constraints.assign(parameter=named)


def _degrees_of_freedom(level: InvarianceLevel, statements: Sequence[Statement], before: Fit) -> int:
    """Degrees of freedom of a level before it is fitted."""
    thresholds = [row.lhs for row in before.table if row.op == "|" and row.group == 1]
    table = parameter_table(
        level.model_of(statements),
        SEM_DEFAULTS,
        n_groups=before.table.n_groups,
        means=True,
        equal=level.equal,
        partial=level.partial,
        categories={name: thresholds.count(name) + 1 for name in dict.fromkeys(thresholds)},
    )
    return table.degrees_of_freedom


def _first_row(fit: Fit) -> dict[str, object]:
    empty = dict.fromkeys(("chisq_diff", "df_diff", "p_value", "d_cfi", "d_rmsea", "d_srmr"), float("nan"))
    return _own_row(fit, _version(fit)) | empty | {"holds": True}


def _row(fit: Fit, before: Fit, level: str, criteria: InvarianceCriteria, test: pd.Series) -> dict[str, object]:
    tested = {name: float(test[name]) for name in ("chisq_diff", "df_diff", "p_value")}
    lost = loss_of_fit(fit, before, level=level, criteria=criteria)
    rejected = criteria.p_value is not None and not tested["p_value"] >= criteria.p_value
    version = _version(fit, before)
    return _own_row(fit, version) | tested | _changes(fit, before) | {"holds": not lost and not rejected}


def _own_row(fit: Fit, version: str) -> dict[str, object]:
    indices = fit.fit_indices
    return {
        "chisq": indices.get("chisq.scaled", indices["chisq"]),
        "df": int(indices["df"]),
        "cfi": _index(fit, "cfi", version),
        "rmsea": _index(fit, "rmsea", version),
        "srmr": indices["srmr"],
        "version": version,
    }


def loss_of_fit(fit: Fit, before: Fit, *, level: str, criteria: InvarianceCriteria) -> str:
    """Which criteria the step to a level misses, in words; empty when it holds.

    Parameters
    ----------
    fit, before : Fit
        The level and the one before it.
    level : {"thresholds", "metric", "scalar", "strict"}
        Which level is reached.
    criteria : InvarianceCriteria
        Tolerable losses.
    """
    changes = _changes(fit, before)
    largest_srmr = criteria.srmr_metric if level in ("thresholds", "metric") else criteria.srmr_scalar
    missed = {
        "ΔCFI": (changes["d_cfi"], changes["d_cfi"] < -criteria.cfi),
        "ΔRMSEA": (changes["d_rmsea"], changes["d_rmsea"] > criteria.rmsea),
        "ΔSRMR": (changes["d_srmr"], changes["d_srmr"] > largest_srmr),
    }
    return ", ".join(f"{name} = {format_bounded(value, 3)}" for name, (value, is_missed) in missed.items() if is_missed)


def _changes(fit: Fit, before: Fit) -> dict[str, float]:
    version = _version(fit, before)
    return {
        f"d_{name}": _index(fit, name, version) - _index(before, name, version) for name in ("cfi", "rmsea", "srmr")
    }


def _version(*fits: Fit) -> str:
    """The best version of CFI and RMSEA that all fits have.

    Robust ones of ordered indicators are passed over: they judge correlations alone, and there are none once thresholds
    are equal.
    """
    offered = ("scaled",) if fits[0].table.ordered else ("robust", "scaled")
    keys = {version: [_key(name, version) for name in ("cfi", "rmsea")] for version in offered}
    found = (
        version
        for version in offered
        if all(isfinite(fit.fit_indices.get(key, nan)) for fit in fits for key in keys[version])
    )
    return next(found, "plain")


def _index(fit: Fit, name: str, version: str) -> float:
    return fit.fit_indices[name if name == "srmr" else _key(name, version)]


def _key(name: str, version: str) -> str:
    return name if version == "plain" else f"{name}.{version}"
