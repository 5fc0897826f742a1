"""Differences of latent means between groups, under (partial) scalar invariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isnan
from typing import Any

import pandas as pd

from surveysem.errors import DataError, EstimationError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.comparison import nested_difference
from surveysem.modelling.group_measurement import ordered_names
from surveysem.modelling.invariance import Invariance, InvarianceCriteria, loss_of_fit, measurement_invariance
from surveysem.modelling.invariance_levels import invariance_levels
from surveysem.modelling.latent_mean_tables import latent_mean_differences, latent_moments_by_group
from surveysem.modelling.median_split import split_findings
from surveysem.modelling.sem import fit_statements
from surveysem.number_formats import format_p_equation
from surveysem.specification import Statement, parse_syntax
from surveysem.typing import EstimatorName


@dataclass(frozen=True, kw_only=True, eq=False)
class LatentMeans:
    """Latent means of groups and their differences from a group of reference.

    Parameters
    ----------
    group, reference : str
        The grouping column and the group that others are compared with.
    invariance : Invariance
        Tests of measurement invariance.
    fit : Fit
        The scalar level: loadings and intercepts (or thresholds) equal, but for what was freed.
    differences : pandas.DataFrame
        One row a latent variable and other group: latent_variable, group, reference, difference, std_error, z, p_value,
        p_adjusted (Holm, over all rows), ci_lower, ci_upper; d, its std_error, z, p_value, ci_lower and ci_upper, all
        beginning with ``d_``: the difference over the standard deviation of the latent variable in the group of
        reference; and the same beginning with ``d_pooled``, over the pooled standard deviation.
    groups : pandas.DataFrame
        One row a latent variable and group: latent_variable, group, n_obs, mean (0 in the first group of the data),
        variance.
    test : pandas.Series
        Difference test that no latent mean differs: chisq_diff, df_diff, p_value, method, finding.
    level : float
        Confidence level.
    findings : tuple of Finding
        What a reader must know.
    """

    group: str
    reference: str
    invariance: Invariance
    fit: Fit
    differences: pd.DataFrame
    groups: pd.DataFrame
    test: pd.Series
    level: float
    findings: tuple[Finding, ...] = ()

    @property
    def decision(self) -> str:
        """The joint test in one sentence."""
        if isnan(self.test["p_value"]):
            return f"That latent means are equal in all groups of {self.group} could not be tested."
        test = f"Δχ²({self.test['df_diff']:.0f}) = {self.test['chisq_diff']:.2f}"
        return (
            f"Test that no latent mean differs between the groups of {self.group}: {test}, "
            f"p {format_p_equation(float(self.test['p_value']))}."
        )

    def summary(self) -> str:
        """Test, invariance, differences, means and findings as text."""
        parts = [self.decision, self.invariance.decision]
        parts += [f"{title}\n{frame.round(3).to_string(index=False)}" for title, frame in self._tables()]
        parts += ["\n".join(map(str, self.findings))] if self.findings else []
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(text)}</p>" for text in (self.decision, self.invariance.decision)]
        parts += [
            f"<p>{escape(title)}</p>{frame.round(3).to_html(border=0, index=False)}" for title, frame in self._tables()
        ]
        return "".join([*parts, *(f"<p>{escape(str(finding))}</p>" for finding in self.findings)])

    def _tables(self) -> list[tuple[str, pd.DataFrame]]:
        pooled = [name for name in self.differences.columns if name.startswith("d_pooled_")]
        shown = self.differences.drop(columns=[*pooled, "d_z", "d_p_value"])
        return [(f"Differences from {self.reference}", shown), ("Latent means and variances", self.groups)]


def latent_means(
    syntax: str,
    data: pd.DataFrame,
    *,
    group: str,
    reference: object = None,
    partial: str | Sequence[str] = (),
    estimator: EstimatorName | None = None,
    missing: str = "listwise",
    ordered: Sequence[str] | bool = (),
    criteria: InvarianceCriteria | None = None,
    allow_noninvariant: bool = False,
    level: float = 0.95,
    cluster: str | None = None,
) -> LatentMeans:
    """Differences of latent means between groups, raw and in standard deviations.

    Parameters
    ----------
    syntax : str
        The measurement model in lavaan's syntax.
    data : pandas.DataFrame
        One row a respondent.
    group : str
        Grouping column.
    reference : optional
        Value of *group* that the others are compared with; the first in the data by default.
    partial : str or sequence of str
        Parameters that are free to differ between groups: intercepts (``"x3~1"``), loadings (``"f=~x3"``) and, of
        ordered items, thresholds (``"x3|t2"``).
    estimator : str, optional
        As of :func:`surveysem.sem`; MLR by default, WLSMV where indicators are ordered.
    missing, ordered
        As for :func:`surveysem.sem`.
    criteria : InvarianceCriteria, optional
        Largest tolerable loss of fit from level to level, instead of Chen's.
    allow_noninvariant : bool
        Compare means although scalar invariance fails; a serious finding then says so.
    level : float
        Confidence level.
    cluster : str, optional
        Column that names the cluster of each row, as of :func:`surveysem.sem`.

    Raises
    ------
    EstimationError
        When scalar invariance fails; parameters that could be freed are listed.
    ModelSyntaxError, DataError, UnsupportedError
        Each says where, what was found and what to do.

    Notes
    -----
    d = (κ − κᵣ) / √φᵣ, with the variance of the group of reference, or pooled, (nφ + nᵣφᵣ) / (n + nᵣ), as Hancock has
    it. Standard errors are by the delta method, so that the uncertainty of the standard deviation is in those of *d*.
    The difference itself is in units of the first indicator, or of whatever sets the scale.

    References
    ----------
    hancock_2001, byrne_shavelson_muthen_1989, wu_estabrook_2016

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data().assign(half=lambda d: d.index % 2)
    >>> model = "dem60 =~ y1 + y2 + y3 + y4"
    >>> result = ss.latent_means(model, data, group="half", reference=0, estimator="ML")
    >>> result.differences[["latent_variable", "group", "difference", "d"]].round(2)
      latent_variable group  difference     d
    0           dem60     1        0.34  0.16
    """
    statements = parse_syntax(syntax)
    _check_model(statements, level)
    names = ordered_names(ordered, statements)
    options: dict[str, Any] = {
        "estimator": estimator or ("WLSMV" if names else "MLR"),
        "missing": missing,
        "group": group,
        "ordered": names,
        "cluster": cluster,
    }
    limits = criteria or InvarianceCriteria()
    partial = (partial,) if isinstance(partial, str) else partial
    ladder = measurement_invariance(syntax, data, group_partial=partial, criteria=limits, up_to="scalar", **options)
    obstacle = _obstacle(ladder, limits)
    if obstacle and not allow_noninvariant:
        raise _refusal(ladder, obstacle, group)
    fit = _scalar_fit(ladder, statements, data, partial, options)
    chosen = _reference(fit, reference, group)
    return LatentMeans(
        group=group,
        reference=chosen,
        invariance=ladder,
        fit=fit,
        differences=latent_mean_differences(fit, chosen, level=level),
        groups=latent_moments_by_group(fit),
        test=_equal_means(fit, statements, data, ladder, partial, options),
        level=level,
        findings=_findings(data[group], ladder, obstacle, fit),
    )


def _check_model(statements: Sequence[Statement], level: float) -> None:
    """Refuse what latent means cannot be compared in, every problem told."""
    latent = {each.lhs for each in statements if each.op == "=~"}
    problems = [
        Problem(
            where=f"{each.lhs} ~ {each.rhs}",
            found="a path: means of explained variables would be compared at equal predictors",
            remedy="Leave paths out; give the measurement model.",
        )
        for each in statements
        if each.op == "~"
    ]
    problems += [
        Problem(
            where=f"{each.lhs} =~ {each.rhs}",
            found="a latent variable that is measured by latent variables",
            remedy="Give the first-order factors alone.",
        )
        for each in statements
        if each.op == "=~" and each.rhs in latent
    ]
    problems += [
        Problem(where=f"{each.lhs} ~ 1", found="a latent mean is written", remedy="Leave it out; it is free or 0 here.")
        for each in statements
        if each.op == "~1" and each.lhs in latent
    ]
    if not latent:
        problems.append(Problem(where="model", found="no latent variable", remedy='Write "f =~ x1 + x2 + x3".'))
    if not 0.0 < level < 1.0:
        problems.append(Problem(where="level", found=repr(level), remedy="Give a number between 0 and 1."))
    if problems:
        raise UnsupportedError("Latent means cannot be compared in this model.", problems)


def _obstacle(ladder: Invariance, criteria: InvarianceCriteria) -> str:
    """Which level fails up to the scalar one, and by how much; empty when none does."""
    failed = next((str(name) for name in ladder.table.index[~ladder.table["holds"]]), "")
    if failed in ("", "strict"):
        return ""
    before = list(ladder.fits)[list(ladder.fits).index(failed) - 1]
    lost = loss_of_fit(ladder.fits[failed], ladder.fits[before], level=failed, criteria=criteria)
    reason = lost or f"difference test p {format_p_equation(float(ladder.table['p_value'][failed]))}"
    return f"the {failed} level fails ({reason})"


def _refusal(ladder: Invariance, obstacle: str, group: str) -> EstimationError:
    statistic = "chi_square_robust" if "chi_square_robust" in ladder.proposals else "chi_square"
    problems = [
        Problem(
            where=f"parameter {row['parameter']}",
            found=f"χ² would fall by {row[statistic]:.1f} if it were free to differ",
            remedy=f'If theory agrees, add it to partial=["{row["parameter"]}", …].',
        )
        for _, row in ladder.proposals.head(3).iterrows()
        if row["parameter"]
    ]
    return EstimationError(
        f"Latent means of the groups of {group} cannot be compared: {obstacle}. Free what differs (partial=), or pass "
        "allow_noninvariant=True to see the numbers, marked as doubtful.",
        problems,
    )


def _scalar_model(
    ladder: Invariance, statements: Sequence[Statement], partial: Sequence[str]
) -> tuple[tuple[Statement, ...], tuple[str, ...], tuple[str, ...]]:
    """Statements, kinds of equal parameters and freed ones of the scalar level."""
    levels = invariance_levels(ladder.fits["configural"].table, statements, partial)
    scalar = next(each for each in levels if each.name == "scalar")
    return (*statements, *scalar.statements), scalar.equal, scalar.partial


def _scalar_fit(
    ladder: Invariance,
    statements: Sequence[Statement],
    data: pd.DataFrame,
    partial: Sequence[str],
    options: dict[str, Any],
) -> Fit:
    if "scalar" in ladder.fits:
        return ladder.fits["scalar"]
    model, equal, freed = _scalar_model(ladder, statements, partial)
    return fit_statements(model, data, group_equal=equal, group_partial=freed, **options)


def _equal_means(
    fit: Fit,
    statements: Sequence[Statement],
    data: pd.DataFrame,
    ladder: Invariance,
    partial: Sequence[str],
    options: dict[str, Any],
) -> pd.Series:
    """Difference test of the model with all latent means equal."""
    model, equal, freed = _scalar_model(ladder, statements, partial)
    restricted = fit_statements(model, data, group_equal=(*equal, "means"), group_partial=freed, **options)
    row = nested_difference(restricted, fit)
    return row[["chisq_diff", "df_diff", "p_value", "method", "finding"]].rename("equal latent means")


def _reference(fit: Fit, reference: object, group: str) -> str:
    if reference is None:
        return fit.group_labels[0]
    value = int(reference) if isinstance(reference, float) and reference.is_integer() else reference
    if str(value) not in fit.group_labels:
        remedy = f"Groups: {', '.join(fit.group_labels)}."
        problem = Problem(where=f"reference={reference!r}", found=f"no such group in {group}", remedy=remedy)
        raise DataError("There is no such group of reference.", [problem])
    return str(value)


def _findings(groups: pd.Series, ladder: Invariance, obstacle: str, fit: Fit) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if obstacle:
        message = (
            f"Scalar invariance does not hold: {obstacle}. Differences of latent means may be artefacts of measurement."
        )
        found.append(Finding(severity="serious", where="latent means", message=message))
    elif "scalar" not in ladder.fits:
        message = (
            "Equal intercepts restrict nothing here, so that scalar invariance is assumed and cannot be tested: the "
            "differences are those of the few intercepts that are held equal."
        )
        found.append(Finding(severity="warning", where="latent means", message=message))
    found += split_findings(groups)
    own = () if "scalar" in ladder.fits else fit.findings
    return tuple(dict.fromkeys((*found, *own, *ladder.findings)))
