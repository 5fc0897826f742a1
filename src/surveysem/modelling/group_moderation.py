"""Moderation by an observed group: do paths differ between groups whose measurement is the same?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import pandas as pd

from surveysem.errors import Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling.group_measurement import (
    measurement_ladder,
    measurement_obstacle,
    needed,
    needed_level,
    ordered_names,
)
from surveysem.modelling.group_statements import (
    ComparedPath,
    check_paths,
    read_paths,
    with_equal_paths,
    with_free_paths,
    writing_findings,
)
from surveysem.modelling.group_tables import (
    ALL_PATHS,
    difference_tests,
    differences_between_groups,
    paths_by_group,
)
from surveysem.modelling.invariance import Invariance, InvarianceCriteria
from surveysem.modelling.median_split import split_findings
from surveysem.modelling.sem import fit_statements
from surveysem.number_formats import format_p_equation
from surveysem.specification import Statement, parse_syntax
from surveysem.typing import EstimatorName


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupModeration:
    """Paths of each group, and tests of whether they differ.

    Parameters
    ----------
    group : str
        The grouping column.
    invariance : Invariance or None
        Tests of measurement invariance; None where the model has no latent variables.
    obstacle : str
        Why the paths cannot be compared; empty when they can.
    fit : Fit
        Paths free in each group, measurement equal as far as comparisons of paths need.
    restricted : Mapping of str to Fit
        Models with one path, or all, equal across groups, by the rows of *tests*.
    paths : pandas.DataFrame
        One row a path and group; see :func:`~surveysem.modelling.group_tables.paths_by_group`.
    tests : pandas.DataFrame
        Indexed by path, last "all paths" where there are several: chisq_diff, df_diff, p_value, p_adjusted (Holm, over
        the single paths), method and verdict: "differs", "no difference shown", "no test" or "not comparable".
    differences : pandas.DataFrame
        One row a path and pair of groups; see :func:`~surveysem.modelling.group_tables.differences_between_groups`.
    alpha, level : float
        Level of the tests and of the intervals.
    findings : tuple of Finding
        What a reader must know.
    """

    group: str
    invariance: Invariance | None
    obstacle: str
    fit: Fit
    restricted: Mapping[str, Fit]
    paths: pd.DataFrame
    tests: pd.DataFrame
    differences: pd.DataFrame
    alpha: float
    level: float
    findings: tuple[Finding, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether the measurement is the same as far as comparisons of paths need."""
        return not self.obstacle

    @property
    def proposals(self) -> pd.DataFrame:
        """Loadings and other parameters that ``partial=`` could free, most promising first; proposed, never applied."""
        return pd.DataFrame() if self.invariance is None else self.invariance.proposals

    @property
    def decision(self) -> str:
        """The result in one sentence."""
        if self.obstacle:
            return f"The paths cannot be compared between the groups of {self.group}: {self.obstacle}."
        row = self.tests.iloc[-1]
        what = "the path" if len(self.tests) == 1 else "the paths, taken together,"
        if row["verdict"] == "no test":
            return (
                f"Whether {what} differ{'s' * (len(self.tests) == 1)} between the groups of {self.group} has no test."
            )
        verb = "differs" if len(self.tests) == 1 else "differ"
        shown = (
            f"{verb} between the groups of {self.group}"
            if row["verdict"] == "differs"
            else (f"{'is' if len(self.tests) == 1 else 'are'} not shown to differ between the groups of {self.group}")
        )
        test = f"Δχ²({row['df_diff']:.0f}) = {row['chisq_diff']:.2f}, p {format_p_equation(float(row['p_value']))}"
        return f"{what[0].upper()}{what[1:]} {shown} ({test})."

    def summary(self) -> str:
        """Decision, invariance, paths, tests, differences and findings as text."""
        parts = [self.decision]
        if self.invariance is not None:
            parts.append(self.invariance.decision)
        parts += [f"{title}\n{frame.round(3).to_string(index=index)}" for title, frame, index in self._tables()]
        parts += ["\n".join(map(str, self.findings))] if self.findings else []
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(self.decision)}</p>"]
        if self.invariance is not None:
            parts.append(f"<p>{escape(self.invariance.decision)}</p>")
        parts += [
            f"<p>{escape(title)}</p>{frame.round(3).to_html(border=0, index=index)}"
            for title, frame, index in self._tables()
        ]
        return "".join([*parts, *(f"<p>{escape(str(finding))}</p>" for finding in self.findings)])

    def _tables(self) -> list[tuple[str, pd.DataFrame, bool]]:
        tables = [
            ("Paths in each group", self.paths.drop(columns=["outcome", "predictor"]), False),
            ("Tests of equal paths", self.tests, True),
            ("Differences of paths (first named group less the other)", self.differences, False),
        ]
        if self.obstacle and len(self.proposals):
            tables.append(("What partial= could free", self.proposals.head(5), False))
        return tables


def group_moderation(
    syntax: str,
    data: pd.DataFrame,
    *,
    group: str,
    paths: str | Sequence[str],
    estimator: EstimatorName | None = None,
    missing: str = "listwise",
    ordered: Sequence[str] | bool = (),
    partial: str | Sequence[str] = (),
    criteria: InvarianceCriteria | None = None,
    alpha: float = 0.05,
    level: float = 0.95,
    cluster: str | None = None,
) -> GroupModeration:
    """Moderation of paths by an observed group: multi-group structural equation models.

    Measurement invariance is tested first, for paths can be compared only where loadings are equal. Then every path is
    held equal across groups, one at a time and all together, and compared with the model in which all are free.

    Parameters
    ----------
    syntax : str
        The whole model in lavaan's syntax.
    data : pandas.DataFrame
        One row a respondent.
    group : str
        Grouping column: complexity high or low, sector regulated or not.
    paths : str or sequence of str
        Paths to compare, such as ``["trust ~ credibility", "risk ~ credibility + complexity"]``. They are free in each
        group first, whatever label they have.
    estimator : str, optional
        As of :func:`surveysem.sem`; MLR by default, WLSMV where variables are ordered.
    missing, ordered
        As for :func:`surveysem.sem`.
    partial : str or sequence of str
        Parameters of the measurement that are free to differ between groups: partial invariance.
    criteria : InvarianceCriteria, optional
        Largest tolerable loss of fit when loadings become equal, instead of Chen's.
    alpha : float
        Level of the tests.
    level : float
        Confidence level of the intervals.
    cluster : str, optional
        Column that names the cluster of each row, as of :func:`surveysem.sem`.

    Returns
    -------
    GroupModeration
        Where invariance fails all numbers are still there, but every test is marked "not comparable", ``obstacle``
        says why, and ``proposals`` shows what ``partial`` could free.

    Raises
    ------
    ModelSyntaxError, DataError, EstimationError, UnsupportedError
        Each says where, what was found and what to do.

    Notes
    -----
    Invariance is tested in the confirmatory factor model: the measurement part with all latent variables correlated.
    Paths need the metric level. Where ordered indicators make that level untestable by itself (binary items), they need
    the scalar level, which is then also kept in the models of paths. Difference tests are those of
    :func:`surveysem.compare`, scaled under MLR. The difference of two paths is tested by Wald's test beside it; both
    ask the same and agree in large samples. Raw differences answer whether an effect is moderated; standardised ones
    differ between groups also where only the standard deviations do.

    References
    ----------
    meredith_1993, chen_2007, satorra_bentler_2001, holm_1979

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data().assign(half=lambda d: d.index % 2)
    >>> model = "ind60 =~ x1 + x2 + x3; dem60 =~ y1 + y2 + y3 + y4; dem60 ~ ind60"
    >>> result = ss.group_moderation(model, data, group="half", paths="dem60 ~ ind60", estimator="ML")
    >>> result.paths[["path", "group", "estimate"]].round(2)
                path group  estimate
    0  dem60 ~ ind60     0      1.59
    1  dem60 ~ ind60     1      1.36
    """
    statements = parse_syntax(syntax)
    asked = read_paths(paths)
    result = compare_paths(
        statements,
        data,
        group=group,
        paths=asked,
        estimator=estimator or ("WLSMV" if ordered_names(ordered, statements) else "MLR"),
        missing=missing,
        ordered=ordered,
        partial=(partial,) if isinstance(partial, str) else partial,
        criteria=criteria,
        alpha=alpha,
        level=level,
        cluster=cluster,
    )
    return replace(result, findings=(*writing_findings(statements, asked), *result.findings))


def compare_paths(
    statements: Sequence[Statement],
    data: pd.DataFrame,
    *,
    group: str,
    paths: Sequence[ComparedPath],
    estimator: EstimatorName,
    missing: str = "listwise",
    ordered: Sequence[str] | bool = (),
    partial: Sequence[str] = (),
    criteria: InvarianceCriteria | None = None,
    alpha: float = 0.05,
    level: float = 0.95,
    engine: str = "native",
    one_by_one: bool = True,
    cluster: str | None = None,
) -> GroupModeration:
    """A model given as statements, its paths compared between groups; see :func:`group_moderation`.

    Parameters
    ----------
    statements : sequence of Statement
        The model.
    paths : sequence of ComparedPath
        Of the model.
    engine : {"native", "semopy"}
        Software that minimises.
    one_by_one : bool
        Test every path by itself, beside all together.
    cluster : str, optional
        Column that names the cluster of each row.
    """
    _check_options(statements, ordered, alpha=alpha, level=level)
    check_paths(statements, paths)
    limits = criteria or InvarianceCriteria()
    options: dict[str, Any] = {"estimator": estimator, "missing": missing, "group": group, "cluster": cluster}
    ladder = measurement_ladder(statements, data, partial, limits, ordered, options)

    def fitted(model: Sequence[Statement]) -> Fit:
        step = needed_level(model, ladder, partial)
        return fit_statements(
            (*model, *step.statements),
            data,
            group_equal=step.equal,
            group_partial=step.partial,
            ordered=ordered_names(ordered, model),
            engine=engine,
            **options,
        )

    free = fitted(with_free_paths(statements, paths))
    held: dict[str, tuple[ComparedPath, ...]] = (
        {path.name: (path,) for path in paths} if one_by_one or len(paths) == 1 else {}
    )
    if len(paths) > 1:
        held[ALL_PATHS] = tuple(paths)
    restricted = {name: fitted(with_equal_paths(statements, paths, held=those)) for name, those in held.items()}
    obstacle = measurement_obstacle(ladder, limits, group) or _inadmissible(free, group)
    tests, remarks = difference_tests(restricted, free, alpha=alpha, comparable=not obstacle)
    return GroupModeration(
        group=group,
        invariance=ladder,
        obstacle=obstacle,
        fit=free,
        restricted=restricted,
        paths=paths_by_group(free, paths, level=level),
        tests=tests,
        differences=differences_between_groups(free, paths, level=level),
        alpha=alpha,
        level=level,
        findings=(*_findings(data[group], ladder, obstacle, free, n_paths=len(paths)), *remarks),
    )


def _check_options(
    statements: Sequence[Statement],
    ordered: Sequence[str] | bool,
    *,
    alpha: float,
    level: float,
) -> None:
    problems = [
        Problem(where=name, found=f"{value!r}", remedy="Give a number between 0 and 1.")
        for name, value in (("alpha", alpha), ("level", level))
        if not 0.0 < value < 1.0
    ]
    indicators = {each.rhs for each in statements if each.op == "=~"}
    alone = [name for name in ordered_names(ordered, statements) if name not in indicators]
    problems += [
        Problem(
            where=f"ordered variable {name}",
            found="it measures no latent variable, so that its scale cannot be made the same in all groups",
            remedy="Treat it as continuous, or make it an indicator.",
        )
        for name in alone
    ]
    if problems:
        raise UnsupportedError("The groups cannot be compared so.", problems)


def _inadmissible(fit: Fit, group: str) -> str:
    serious = [finding.message for finding in fit.findings if finding.severity == "serious"]
    if not serious:
        return ""
    return f"the solution by {group} with free paths is inadmissible ({' '.join(serious).rstrip('.')})"


def _findings(
    groups: pd.Series, ladder: Invariance | None, obstacle: str, free: Fit, *, n_paths: int
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if obstacle:
        message = f"{obstacle[0].upper()}{obstacle[1:]}. The numbers of the groups are shown, but are not comparable."
        found.append(Finding(severity="serious", where="comparison of groups", message=message))
    found += split_findings(groups)
    if ladder is None:
        message = "The model has no latent variables: observed ones are taken to mean the same in all groups."
        found.append(Finding(severity="warning", where="measurement invariance", message=message))
    elif needed(ladder) == "scalar":
        message = "The metric level cannot be tested by itself, so that the models of paths keep the scalar level."
        found.append(Finding(severity="note", where="measurement invariance", message=message))
    if n_paths > 1:
        message = (
            f"{n_paths} paths are compared: p_adjusted (Holm) allows for that among the single tests, and among all "
            'differences of paths; "all paths" is one test.'
        )
        found.append(Finding(severity="note", where="number of tests", message=message))
    return tuple(dict.fromkeys((*found, *free.findings, *(ladder.findings if ladder else ()))))
