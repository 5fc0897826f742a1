"""Influence of respondents or clusters on the effects of a model, and verdicts without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from rich.console import Console
from rich.progress import Progress
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from surveysem.data import Responses
from surveysem.errors import DataError, Problem, SurveySEMError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.influence import InfluenceMethod, delete_units
from surveysem.propositions import InteractionTest, PathTest, Verdict
from surveysem.report.robustness import NO_RESULT, InfluenceContent
from surveysem.study.robustness.analysis import analyse_with
from surveysem.study.robustness.fitting import reason_of
from surveysem.study.study import Study
from surveysem.typing import IntArray

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An effect that is looked at: its name and its free parameter, counted from 0."""

    name: str
    parameter: int
    std_error: float


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitInfluence:
    """Influence of each unit: distances with the largest change, and the changes of all effects in standard errors."""

    table: pd.DataFrame
    changes: pd.DataFrame
    failures: Mapping[object, str]


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Respondents without whom a study is judged again."""

    kind: str
    name: object
    rows: tuple[object, ...]


def effects_of_fit(fit: Fit) -> list[Effect]:
    """Free paths of a model, named as in its table."""
    return [effect for row in fit.table.rows if row.op == "~" and (effect := _effect(fit, row.lhs, row.rhs, row.group))]


def effects_of_study(result: StudyResult) -> list[Effect]:
    """The effects that decide propositions, named by them."""
    found = []
    for verdict in result.judged:
        for each in verdict.parts or (verdict,):
            test = each.proposition.test
            if isinstance(test, PathTest | InteractionTest):
                term = test.predictor if isinstance(test, PathTest) else f"{test.predictor}:{test.moderator}"
                effect = _effect(result.structural, test.outcome, term, 1, name=each.id)
                found += [effect] if effect else []
    return found


def _effect(fit: Fit, outcome: str, term: str, group: int, *, name: str = "") -> Effect | None:
    table = fit.estimates
    rows = table[(table["op"] == "~") & (table["lhs"] == outcome) & (table["rhs"] == _shown(fit, term))]
    row = rows[rows["group"] == group].iloc[0] if len(fit.solution.groups) > 1 else rows.iloc[0]
    if not row["free"]:
        return None
    label = name or f"{outcome} ~ {_shown(fit, term)}"
    label += f", {fit.group_labels[group - 1]}" if len(fit.solution.groups) > 1 else ""
    return Effect(name=label, parameter=int(row["free"]) - 1, std_error=float(row["std_error"]))


def _shown(fit: Fit, term: str) -> str:
    """A predictor as tables of estimates name it: a latent product by its factors."""
    return ":".join(fit.products[term]) if term in fit.products else term


def row_labels(fit: Fit) -> pd.Index:
    """Labels of the rows used, with the group as first level where there are several."""
    if len(fit.rows) == 1:
        return fit.rows[0].rename("row")
    return pd.MultiIndex.from_tuples(
        [(label, row) for label, rows in zip(fit.group_labels, fit.rows, strict=True) for row in rows],
        names=["group", "row"],
    )


def cluster_names(fit: Fit, data: pd.DataFrame | None, cluster: str) -> pd.Series:
    """Cluster of each row used, in the order of the fit.

    Raises
    ------
    DataError
        When there is no such column, or rows without a cluster.
    """
    if data is None or cluster not in data.columns:
        found = "no data" if data is None else "no such column"
        remedy = "Give the data frame with it." if data is None else f"Columns: {', '.join(map(str, data.columns))}."
        problem = Problem(where=f"cluster={cluster!r}", found=found, remedy=remedy)
        raise DataError("The rows cannot be clustered.", [problem])
    names: pd.Series = pd.concat([data.loc[rows, cluster] for rows in fit.rows])
    if names.isna().any():
        found = f"{int(names.isna().sum())} missing"
        problem = Problem(where=f"column {cluster}", found=found, remedy="Name a cluster for each row.")
        raise DataError("The rows cannot be clustered.", [problem])
    return names


def influence_of_units(
    fit: Fit, units: IntArray, labels: pd.Index, effects: Sequence[Effect], method: InfluenceMethod
) -> UnitInfluence:
    """Distances and changes of effects, one row a unit."""
    found = delete_units(fit, units, method=method)
    parameters, errors = [each.parameter for each in effects], np.array([each.std_error for each in effects])
    moved = (fit.solution.theta[parameters] - found.theta[:, parameters]) / errors
    changes = pd.DataFrame(moved, index=labels, columns=[each.name for each in effects])
    table = pd.DataFrame(
        {
            "generalized_distance": found.generalized_distance,
            "likelihood_distance": found.likelihood_distance,
            "n_left_out": found.n_left_out,
        },
        index=labels,
    )
    if effects:
        known = np.nan_to_num(np.abs(moved))
        largest = known.argmax(axis=1)
        table["largest_change"] = moved[np.arange(len(moved)), largest]
        table["largest_effect"] = [effects[number].name for number in largest]
    else:
        table["largest_change"], table["largest_effect"] = np.nan, ""
    return UnitInfluence(
        table=table, changes=changes, failures={labels[number]: why for number, why in found.failures.items()}
    )


def changed_verdicts(result: StudyResult, left_out: Sequence[LeftOut], *, n_jobs: int, progress: bool) -> pd.DataFrame:
    """Verdicts that differ when the study is judged without some respondents.

    Columns: kind, left_out, proposition, verdict, without, estimate, estimate_without, p_value, p_value_without,
    problem.
    """
    before = {each.id: each for whole in result.judged for each in (whole, *whole.parts)}
    rows = []
    settings = dict(result.settings)
    # Whether the researcher had an inadmissible solution judged is told by its verdicts alone.
    allowed = not result.structural.admissible and any(not each.evidence.obstacle for each in result.judged)
    tasks = [(result.study, _without(result.responses, each.rows), settings, allowed) for each in left_out]
    for each, found in zip(left_out, _judged_again(tasks, n_jobs=n_jobs, progress=progress), strict=True):
        rows += list(_differences(each, before, found))
    columns = ["kind", "left_out", "proposition", "verdict", "without", "estimate", "estimate_without"]
    return pd.DataFrame(rows, columns=[*columns, "p_value", "p_value_without", "problem"])


def _without(responses: Responses, rows: Sequence[object]) -> Responses:
    return replace(responses, frame=responses.frame.drop(index=list(rows)))


def _judged_again(
    tasks: Sequence[tuple[Study, Responses, Mapping[str, Any], bool]], *, n_jobs: int, progress: bool
) -> Iterator[tuple[Verdict, ...] | str]:
    console = Console(stderr=True)
    hidden = not (progress and (console.is_terminal or console.is_jupyter))
    if n_jobs == 1:
        found = (_judge(*task) for task in tasks)
    else:
        calls = (delayed(_judge)(*task) for task in tasks)
        found = Parallel(n_jobs=n_jobs, backend="loky", return_as="generator")(calls)
    with Progress(console=console, disable=hidden) as bar:
        shown = bar.add_task("Left out", total=len(tasks))
        for each in found:
            bar.advance(shown)
            yield each


def _judge(study: Study, responses: Responses, settings: Mapping[str, Any], allowed: bool) -> tuple[Verdict, ...] | str:
    with threadpool_limits(limits=1, user_api="blas"):
        try:
            return analyse_with(study, responses, settings, allow_inadmissible=allowed).verdicts
        except SurveySEMError as error:
            return reason_of(error)


def _differences(
    left_out: LeftOut, before: Mapping[str, Verdict], found: tuple[Verdict, ...] | str
) -> Iterator[dict[str, object]]:
    place = {"kind": left_out.kind, "left_out": left_out.name}
    if isinstance(found, str):
        yield place | {"proposition": "all", "without": NO_RESULT, "problem": found}
        return
    for whole in found:
        for each in (whole, *whole.parts):
            old = before[each.id]
            if each.verdict != old.verdict:
                yield place | {
                    "proposition": each.id,
                    "verdict": old.verdict,
                    "without": each.verdict,
                    "estimate": old.evidence.estimate,
                    "estimate_without": each.evidence.estimate,
                    "p_value": old.evidence.p_value,
                    "p_value_without": each.evidence.p_value,
                    "problem": "",
                }


def influence_findings(content: InfluenceContent) -> Iterator[Finding]:
    """What the distances and verdicts mean, in sentences fit for a paper."""
    top = int(np.nanargmax(content.cases["generalized_distance"].to_numpy(float)))
    name, row = content.cases.index[top], content.cases.iloc[top]
    name = name[-1] if isinstance(name, tuple) else name
    yield _note(
        f"The most influential respondent is row {name} (generalised Cook’s distance "
        f"{row['generalized_distance']:.2f}), who moves {row['largest_effect']} by {abs(row['largest_change']):.2f} "
        "standard errors."
    )
    reach = content.changes.abs().max().max()
    if reach == reach:
        yield _note(f"No single respondent moves a tested effect by more than {reach:.2f} standard errors.")
    if len(content.clusters):
        place = int(np.nanargmax(content.clusters["generalized_distance"].to_numpy(float)))
        most, row = content.clusters.index[place], content.clusters.iloc[place]
        yield _note(
            f"Of {len(content.clusters)} clusters ({content.cluster}), {most} moves the estimates most: "
            f"{row['largest_effect']} by {abs(row['largest_change']):.2f} standard errors."
        )
    whom = [f"any of the {content.n_refitted} most influential respondents"] if content.n_refitted else []
    whom += [f"any of the {len(content.clusters)} clusters"] if content.clusters_judged else []
    if not whom:
        return
    lost = content.verdicts[content.verdicts["without"] == NO_RESULT]
    for each in lost.itertuples():
        message = f"Without {each.kind} {each.left_out} there is no result: {each.problem}"
        yield Finding(severity="warning", where="influence", message=message)
    changed = content.verdicts[content.verdicts["without"] != NO_RESULT]
    if changed.empty:
        yield _note(f"No verdict changes when {' or '.join(whom)} is left out.")
    for (kind, proposition), rows in changed.groupby(["kind", "proposition"], sort=False):
        labels = ", ".join(str(name[-1] if isinstance(name, tuple) else name) for name in rows["left_out"])
        verdicts = ", ".join(dict.fromkeys(rows["without"]))
        message = (
            f"The verdict on {proposition}, {rows['verdict'].iloc[0]}, becomes {verdicts} without {kind} "
            f"{labels}: it rests on few."
        )
        yield Finding(severity="warning", where="influence", message=message)


def failure_findings(found: UnitInfluence) -> Iterator[Finding]:
    """Units without whom the model has no solution."""
    for name, why in found.failures.items():
        message = f"Without {name} the model has no solution: {why}"
        yield Finding(severity="warning", where="refits", message=message)


def unmade_products(fit: Fit) -> Iterator[Finding]:
    """Product indicators that are not made anew without a respondent."""
    if fit.products and not fit.product_indicators and not fit.solution.has_latent_products:
        message = (
            "Product indicators were not made anew without each respondent: distances and changes take them as they "
            "stand. Verdicts without respondents rest on new ones."
        )
        yield Finding(severity="note", where="product indicators", message=message)


def _note(message: str) -> Finding:
    return Finding(severity="note", where="influence", message=message)
