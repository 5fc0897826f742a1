"""From a data frame to the samples a model is fitted to: columns, products, groups, complete rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from surveysem.data.moments import SampleMoments, check_enough_observations, sample_moments
from surveysem.data.wording import absent_column
from surveysem.errors import DataError, EstimationError, Problem
from surveysem.estimation import Discrepancy, MaximumLikelihood
from surveysem.findings import Finding
from surveysem.modelling.incomplete import full_information, usable_rows
from surveysem.modelling.least_squares import Weighting, least_squares
from surveysem.modelling.median_split import split_findings


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedData:
    """Samples of each group and what was left out on the way.

    Parameters
    ----------
    samples : tuple of SampleMoments
        One a group.
    discrepancies : tuple of Discrepancy
        What is minimised, one a group.
    group_labels : tuple of str
        Values of the grouping variable, in order of appearance; empty without one.
    notes : tuple of Finding
        Rows left out, and what was noticed about the statistics of ordered variables.
    rows : tuple of pandas.Index
        Labels of the rows used, as the data frame has them; one index a group.
    """

    samples: tuple[SampleMoments, ...]
    discrepancies: tuple[Discrepancy, ...]
    group_labels: tuple[str, ...]
    notes: tuple[Finding, ...]
    rows: tuple[pd.Index, ...]


def count_groups(data: pd.DataFrame, group: str | None) -> int:
    """Number of values of the grouping variable; 1 without one.

    Raises
    ------
    DataError
        When there is no such column, or it has fewer than two values.
    """
    if not isinstance(data, pd.DataFrame):
        raise DataError(f"The data must be a pandas DataFrame, not {type(data).__name__}.")
    return 1 if group is None else len(_group_values(data, group))


def prepare_data(
    data: pd.DataFrame,
    variables: Sequence[str],
    *,
    group: str | None = None,
    cluster: str | None = None,
    missing: str = "listwise",
    exogenous: Sequence[str] = (),
    n_parameters: int = 0,
    weighting: Weighting | None = None,
) -> PreparedData:
    """Rows of the model's variables as one sample a group.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent.
    variables : sequence of str
        Observed variables of the model; ``x:z`` is the product of two columns, made here.
    group : str, optional
        Grouping column.
    cluster : str, optional
        Column that names the cluster of each row.
    missing : {"listwise", "fiml"}
        Leave incomplete rows out, or use every row with the variables it has.
    exogenous : sequence of str
        Observed exogenous variables, which every row must have.
    n_parameters : int
        Free parameters of the model, of which there may not be more than rows.
    weighting : Weighting, optional
        Estimator and ordered variables; maximum likelihood of continuous ones if left out.

    Raises
    ------
    DataError
        Lists what is absent, or what makes the covariances unusable; names the group.
    """
    labels_given, data = data.index.to_flat_index(), _uniquely_labelled(data)
    frame = _columns(data, variables)
    labels = [None] if group is None else _group_values(data, group)
    frame = frame if group is None else frame[data[group].notna()]
    if missing == "fiml":
        usable, notes = usable_rows(frame, variables, exogenous)
    else:
        usable = frame.dropna()
        notes = ()
        _check_complete_rows(frame, usable)
    notes = (*rows_left_out(len(usable) if missing == "listwise" else len(frame), len(data)), *notes)
    notes = notes if group is None else (*split_findings(data[group]), *notes)
    check_enough_observations(n_obs=len(usable), n_parameters=n_parameters)
    parts = [_rows_of(usable, data, group, value) for value in labels]
    made = [
        _sample(rows, variables, missing, weighting, group, value) for rows, value in zip(parts, labels, strict=True)
    ]
    samples = [
        _with_clusters(sample, data, rows.index, cluster) for (sample, *_), rows in zip(made, parts, strict=True)
    ]
    notes = (*notes, *_few_clusters(samples, n_parameters), *_divided_clusters(parts, data, cluster))
    return PreparedData(
        samples=tuple(samples),
        discrepancies=tuple(discrepancy for _, discrepancy, _ in made),
        group_labels=() if group is None else tuple(_label(value) for value in labels),
        notes=(*notes, *(each for *_, found in made for each in found)),
        rows=tuple(labels_given[data.index.get_indexer(part.index)] for part in parts),
    )


def count_categories(
    data: pd.DataFrame, variables: Sequence[str], ordered: Sequence[str], *, group: str | None = None
) -> dict[str, int]:
    """Number of categories of each ordered variable in the complete rows.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent.
    variables : sequence of str
        Observed variables of the model.
    ordered : sequence of str
        Those that are ordered.
    group : str, optional
        Grouping column, each of whose groups must have all categories.

    Raises
    ------
    DataError
        Lists variables of which a group lacks a category: its thresholds would be others.
    """
    if not ordered:
        return {}
    data = _uniquely_labelled(data)
    frame = _columns(data, variables)
    values = [] if group is None else _group_values(data, group)
    frame = (frame if group is None else frame[data[group].notna()]).dropna()
    found = {name: set(frame[name].unique()) for name in ordered}
    problems = [
        Problem(
            where=f"variable {name}, group {group} = {_label(value)}",
            found=f"nobody gave the answer {', '.join(_label(answer) for answer in sorted(absent))}",
            remedy="Join categories in all groups, or treat the variable as continuous.",
        )
        for value in values
        for name in ordered
        if (absent := found[name] - set(_rows_of(frame, data, group, value)[name].unique()))
    ]
    if problems:
        raise DataError("Ordered variables do not have the same categories in all groups.", problems)
    return {name: len(answers) for name, answers in found.items()}


def _few_clusters(samples: Sequence[SampleMoments], n_parameters: int) -> tuple[Finding, ...]:
    """Fewer clusters than parameters: their covariance matrix, a sum of one term a cluster, is singular."""
    n_clusters = sum(len(np.unique(sample.clusters)) for sample in samples if sample.clusters is not None)
    if not 0 < n_clusters < n_parameters:
        return ()
    message = (
        f"There are {n_clusters} clusters for {n_parameters} free parameters. Robust standard errors and the corrected "
        "statistic need many clusters, and with fewer than parameters these cannot all be tested together."
    )
    return (Finding(severity="warning", where="clusters", message=message),)


def _divided_clusters(parts: Sequence[pd.DataFrame], data: pd.DataFrame, cluster: str | None) -> tuple[Finding, ...]:
    """Clusters with members in several groups, whose parts the sums over clusters take for independent."""
    if cluster is None or len(parts) < 2:
        return ()
    in_groups = Counter(name for part in parts for name in data[cluster].loc[part.index].unique())
    n_divided = sum(count > 1 for count in in_groups.values())
    if not n_divided:
        return ()
    message = (
        f"{n_divided} of {len(in_groups)} clusters of {cluster} have members in several groups. Their part in each "
        "group counts as a cluster of its own: standard errors and tests across groups do not allow for dependence "
        "between the parts."
    )
    return (Finding(severity="warning", where="clusters", message=message),)


def _uniquely_labelled(data: pd.DataFrame) -> pd.DataFrame:
    """Rows by position where labels repeat, as those of files put one below the other."""
    return data if data.index.is_unique else data.reset_index(drop=True)


def _rows_of(frame: pd.DataFrame, data: pd.DataFrame, group: str | None, value: object) -> pd.DataFrame:
    return frame if group is None else frame[data[group].loc[frame.index] == value]


def _sample(
    rows: pd.DataFrame,
    variables: Sequence[str],
    missing: str,
    weighting: Weighting | None,
    group: str | None,
    value: object,
) -> tuple[SampleMoments, Discrepancy, tuple[Finding, ...]]:
    """Moments of one group, what is to be minimised and what was noticed; a problem is told with the group's name."""
    try:
        if weighting is not None and weighting.is_least_squares:
            sample, discrepancy, findings = least_squares(rows, variables, weighting)
            return sample, discrepancy, tuple(_in_group(finding, group, value) for finding in findings)
        if missing == "fiml":
            return *full_information(rows, variables), ()
        sample = sample_moments(rows, variables)
        return sample, MaximumLikelihood(moments=sample), ()
    except (DataError, EstimationError) as error:
        if group is None:
            raise
        raise type(error)(f"Group {group} = {_label(value)}: {error.message}", error.problems) from None


def _in_group(finding: Finding, group: str | None, value: object) -> Finding:
    return finding if group is None else replace(finding, where=f"{finding.where}, group {_label(value)}")


def _columns(data: pd.DataFrame, variables: Sequence[str]) -> pd.DataFrame:
    needed = dict.fromkeys(part for name in variables for part in name.split(":"))
    absent = [name for name in needed if name not in data.columns]
    if absent:
        problems = [absent_column(name, data.columns) for name in absent]
        raise DataError("The data lack variables of the model.", problems)
    _refuse_repeated(data, needed)
    if not any(":" in name for name in variables):
        return data[list(variables)]
    columns = {
        name: data[name] if ":" not in name else data[name.split(":")].prod(axis=1, skipna=False) for name in variables
    }
    return pd.DataFrame(columns).reset_index(drop=True).set_index(data.index)


def _refuse_repeated(data: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse columns that cannot be told apart."""
    counts = {name: int((data.columns == name).sum()) for name in names}
    problems = [
        Problem(where=f"variable {name}", found=f"{count} columns have this name", remedy="Rename all but one.")
        for name, count in counts.items()
        if count > 1
    ]
    if problems:
        raise DataError("The data have columns with the same name.", problems)


def _group_values(data: pd.DataFrame, group: str) -> list[object]:
    _refuse_repeated(data, [group])
    if group not in data.columns:
        raise DataError(
            "The data cannot be split into groups.",
            [Problem(where=f"group={group!r}", found="no such column", remedy=f"Available: {_listed(data)}.")],
        )
    values = list(data[group].dropna().unique())
    if len(values) < 2:
        remedy = "Choose a column with at least two values, or fit one group."
        raise DataError(
            "The data cannot be split into groups.",
            [Problem(where=f"column {group}", found=f"{len(values)} value(s)", remedy=remedy)],
        )
    return values


def _listed(data: pd.DataFrame) -> str:
    names = [str(name) for name in data.columns]
    return ", ".join(names[:20]) + (" …" if len(names) > 20 else "")


def _label(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _with_clusters(sample: SampleMoments, data: pd.DataFrame, rows: pd.Index, cluster: str | None) -> SampleMoments:
    if cluster is None:
        return sample
    if cluster not in data.columns:
        problem = Problem(where=f"cluster={cluster!r}", found="no such column", remedy=f"Available: {_listed(data)}.")
        raise DataError("The rows cannot be clustered.", [problem])
    _refuse_repeated(data, [cluster])
    names = data[cluster].loc[rows]
    if names.isna().any():
        problem = Problem(
            where=f"column {cluster}", found=f"{int(names.isna().sum())} missing", remedy="Name a cluster for each row."
        )
        raise DataError("The rows cannot be clustered.", [problem])
    codes = pd.factorize(names)[0].astype(np.int64)
    if codes.max() == 0:
        problem = Problem(where=f"column {cluster}", found="one cluster", remedy="Give at least two, or leave it out.")
        raise DataError("The rows cannot be clustered.", [problem])
    return replace(sample, clusters=codes)


def _check_complete_rows(frame: pd.DataFrame, complete: pd.DataFrame) -> None:
    """Refuse rows of which none is complete, naming the variables that answers are missing to."""
    if len(complete) or not len(frame):
        return
    missing = frame.isna().sum()
    problems = [
        Problem(
            where=f"variable {name}",
            found="no row has a value" if n_missing == len(frame) else f"{n_missing} of {len(frame)} values missing",
            remedy="Leave it out of the model, or look for a mistake in its column."
            if n_missing == len(frame)
            else 'Use missing="fiml", which takes every row with the values it has, or leave it out of the model.',
        )
        for name, n_missing in missing[missing > 0].sort_values(ascending=False, kind="stable").items()
    ]
    raise DataError("No row has a value of every variable of the model.", problems)


def rows_left_out(n_complete: int, n_rows: int) -> tuple[Finding, ...]:
    """What listwise deletion left out, as a finding; empty when that is nothing."""
    if n_complete == n_rows:
        return ()
    message = (
        f"{n_rows - n_complete} of {n_rows} rows have a missing value in a variable of the model and were left out."
    )
    return (Finding(severity="warning", where="listwise deletion", message=message),)
