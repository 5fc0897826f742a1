"""Repeated measurements as one row a person: which column holds which item at which wave."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.findings import Finding

WaveColumns = Mapping[str, Mapping[str, str]]
"""Columns by wave and item."""
_SHOWN = 20
"""Problems of one kind that are listed before the rest are counted."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RepeatedMeasures:
    """Rows of persons, and where to find each item at each wave.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a person.
    columns : Mapping of str to Mapping of str to str
        By wave, in order of time, the column of each item.
    findings : tuple of Finding
        Rows left out on the way, and who was not measured at all waves.
    """

    frame: pd.DataFrame
    columns: WaveColumns
    findings: tuple[Finding, ...] = ()


def wide_waves(data: pd.DataFrame, items: Sequence[str], waves: WaveColumns | Sequence[str]) -> RepeatedMeasures:
    """Repeated measurements that stand side by side already.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a person.
    items : sequence of str
        Of the model of one wave.
    waves : Mapping of str to Mapping of str to str, or sequence of str
        The column of each item at each wave, or what is appended to the names of the items.

    Raises
    ------
    DataError
        Lists items without a column, columns that are absent or serve twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"a_1": [1, 2], "a_2": [2, 3]})
    >>> dict(wide_waves(frame, ["a"], ("_1", "_2")).columns)
    {'1': {'a': 'a_1'}, '2': {'a': 'a_2'}}
    """
    _check_enough(waves)
    if isinstance(waves, Mapping):
        problems = [problem for wave, given in waves.items() for problem in _mapping_problems(wave, given, items)]
        _refuse(problems)
        columns = {_label(wave): {item: given[item] for item in items} for wave, given in waves.items()}
    else:
        columns = {
            _wave_name(suffix, number): {item: f"{item}{suffix}" for item in items}
            for number, suffix in enumerate(waves, start=1)
        }
    _refuse(_column_problems(data, columns, n_waves=len(waves)))
    return RepeatedMeasures(frame=data, columns=columns, findings=_absence_findings(data, columns))


def long_waves(
    data: pd.DataFrame,
    items: Sequence[str],
    *,
    id: str,
    wave: str,
    waves: Sequence[Hashable] | None = None,
    cluster: str | None = None,
) -> RepeatedMeasures:
    """Repeated measurements below one another, pivoted to one row a person.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a person and wave.
    items : sequence of str
        Of the model of one wave.
    id, wave : str
        Columns that name the person and the wave.
    waves : sequence, optional
        Values of *wave* to use, in order of time; all in increasing order, or that of an ordered categorical column.
    cluster : str, optional
        Column to carry along, which must be the same in all rows of a person.

    Raises
    ------
    DataError
        Lists columns that are absent, persons with two rows at one wave or more than one cluster, and waves of which
        the order cannot be told.

    Notes
    -----
    Rows without a person or a wave, and those of waves not asked for, are left out and counted.

    Examples
    --------
    >>> rows = pd.DataFrame({"who": [1, 1, 2], "year": [2024, 2025, 2024], "a": [3, 4, 5]})
    >>> print(long_waves(rows, ["a"], id="who", wave="year").frame.reset_index())
       who  a_2024  a_2025
    0    1       3     4.0
    1    2       5     NaN
    """
    _check_long_columns(data, (id, wave, *items, *([cluster] if cluster else ())))
    named = data[data[id].notna() & data[wave].notna()]
    order = _ordered_waves(named[wave], wave) if waves is None else list(waves)
    _check_enough(order)
    used = named[named[wave].isin(order)]
    _refuse([*_repeated_rows(used, id, wave), *_unknown_waves(named[wave], wave, order)])
    columns = {_label(value): {item: f"{item}_{_label(value)}" for item in items} for value in order}
    parts = [
        used[used[wave] == value].set_index(id)[list(items)].rename(columns=columns[_label(value)]) for value in order
    ]
    frame = pd.concat(parts, axis=1).sort_index()
    frame.index.name = id
    if cluster:
        frame = frame.join(_clusters(used, id, cluster, taken=list(frame.columns)))
    left_out = _left_out(data, named, used, wave)
    return RepeatedMeasures(frame=frame, columns=columns, findings=(*left_out, *_absence_findings(frame, columns)))


def common_categories(measures: RepeatedMeasures, ordered: Sequence[str]) -> dict[str, int]:
    """Number of categories of each ordered item, in persons with complete answers.

    Raises
    ------
    DataError
        Lists items of which a wave lacks a category: its thresholds would be others.
    """
    if not ordered:
        return {}
    used = [column for by_item in measures.columns.values() for column in by_item.values()]
    rows = measures.frame[used].dropna()
    found = {
        item: {wave: set(rows[by_item[item]].unique()) for wave, by_item in measures.columns.items()}
        for item in ordered
    }
    everywhere = {item: set().union(*by_wave.values()) for item, by_wave in found.items()}
    problems = [
        Problem(
            where=f"item {item}, wave {wave}",
            found=f"nobody gave the answer {', '.join(_label(answer) for answer in sorted(absent))}",
            remedy="Join categories at all waves, or treat the item as continuous.",
        )
        for item, by_wave in found.items()
        for wave, answers in by_wave.items()
        if (absent := everywhere[item] - answers)
    ]
    if problems:
        raise DataError("Ordered items do not have the same categories at all waves.", problems)
    return {item: len(answers) for item, answers in everywhere.items()}


def _check_enough(waves: Sequence[object] | Mapping[str, object]) -> None:
    if isinstance(waves, str) or len(waves) < 2:
        remedy = 'Name two or more, such as waves=("_1", "_2"), or fit one wave with sem().'
        problem = Problem(where="waves", found=f"{waves!r} is fewer than two", remedy=remedy)
        raise DataError("There is nothing to compare over time.", [problem])


def _wave_name(suffix: str, number: int) -> str:
    return _label(suffix.lstrip("_.")) or str(number)


def _mapping_problems(wave: str, given: Mapping[str, str], items: Sequence[str]) -> list[Problem]:
    lacking = [
        Problem(where=f"wave {wave}", found=f"no column for item {item!r}", remedy="Add it to waves.")
        for item in items
        if item not in given
    ]
    return lacking + [
        Problem(where=f"wave {wave}", found=f"{name!r} is no item of the model", remedy=f"Items: {', '.join(items)}.")
        for name in given
        if name not in items
    ]


def _column_problems(data: pd.DataFrame, columns: WaveColumns, *, n_waves: int) -> list[Problem]:
    """Columns that are absent, and those that stand for two items or waves."""
    if len(columns) < n_waves:
        return [Problem(where="waves", found="two have the same name", remedy="Name each wave once.")]
    seen: dict[str, str] = {}
    problems = []
    for wave, by_item in columns.items():
        for item, column in by_item.items():
            where = f"item {item}, wave {wave}"
            if column in seen:
                found = f"column {column!r} is also that of {seen[column]}"
                problems.append(Problem(where=where, found=found, remedy="Give each its own column."))
            elif column not in data.columns:
                problems.append(Problem(where=where, found=f"no column {column!r}", remedy="Rename or add it."))
            elif ":" in column:
                problems.append(Problem(where=where, found=f"a colon in {column!r}", remedy="Rename the column."))
            seen.setdefault(column, where)
    return problems


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        more = f" (The first {_SHOWN} of {len(problems)} problems.)" if len(problems) > _SHOWN else ""
        raise DataError(f"The waves cannot be told apart in the data.{more}", problems[:_SHOWN])


def _check_long_columns(data: pd.DataFrame, names: Sequence[str]) -> None:
    _refuse(
        [
            Problem(where="data", found=f"{count} columns {name!r}" if count else f"no column {name!r}", remedy=remedy)
            for name in dict.fromkeys(names)
            if (count := int((data.columns == name).sum())) != 1
            for remedy in ["Rename all but one." if count else "Rename or add it."]
        ]
    )


def _ordered_waves(column: pd.Series, wave: str) -> list[Hashable]:
    """Waves in order of time, where the column tells it."""
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        present = set(column.unique())
        return [value for value in column.cat.categories if value in present]
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return list(column.drop_duplicates().sort_values())
    found = ", ".join(sorted(str(value) for value in column.unique()))
    raise UnsupportedError(
        f"The order in time of the values of column {wave!r} ({found}) cannot be told. Give it as waves=(…)."
    )


def _unknown_waves(column: pd.Series, wave: str, order: Sequence[Hashable]) -> list[Problem]:
    known = set(column.unique())
    absent = [
        Problem(where=f"column {wave}", found=f"no row of wave {value!r}", remedy="Name waves that are in the data.")
        for value in order
        if value not in known
    ]
    if len({_label(value) for value in order}) < len(order):
        absent.append(Problem(where="waves", found="two have the same name", remedy="Name each wave once."))
    return absent


def _repeated_rows(rows: pd.DataFrame, id: str, wave: str) -> list[Problem]:
    counts = rows.groupby([id, wave], sort=True, observed=True).size()
    return [
        Problem(where=f"{id} {row[id]}, {wave} {_label(row[wave])}", found=f"{row['count']} rows", remedy="Keep one.")
        for row in counts[counts > 1].reset_index(name="count").to_dict("records")
    ]


def _clusters(rows: pd.DataFrame, id: str, cluster: str, *, taken: Sequence[str]) -> pd.Series:
    by_person = rows.groupby(id)[cluster]
    several = by_person.nunique()
    problems = [
        Problem(where=f"{id} {person}", found=f"{count} values of {cluster}", remedy="Give each person one cluster.")
        for person, count in several[several > 1].items()
    ]
    if cluster in taken:
        problems.append(Problem(where=f"column {cluster}", found="named as an item at a wave", remedy="Rename it."))
    _refuse(problems)
    return by_person.first()


def _left_out(data: pd.DataFrame, named: pd.DataFrame, used: pd.DataFrame, wave: str) -> tuple[Finding, ...]:
    told = (
        (len(data) - len(named), "lack a person or a wave", "warning"),
        (len(named) - len(used), f"belong to values of {wave} that are not among the waves", "note"),
    )
    return tuple(
        Finding(
            severity="warning" if severity == "warning" else "note",
            where="rows of persons and waves",
            message=f"{count} of {len(data)} rows {what} and were left out.",
        )
        for count, what, severity in told
        if count
    )


def _absence_findings(frame: pd.DataFrame, columns: WaveColumns) -> tuple[Finding, ...]:
    """How many persons gave no answer at all at each wave."""
    absent = {wave: int(frame[list(by_item.values())].isna().all(axis=1).sum()) for wave, by_item in columns.items()}
    if not any(absent.values()):
        return ()
    counts = ", ".join(f"{count} at wave {wave}" for wave, count in absent.items() if count)
    return (
        Finding(
            severity="note", where="persons not measured", message=f"Of {len(frame)} persons, no answer: {counts}."
        ),
    )


def _label(value: object) -> str:
    """A value in words; colons, which stand for products, are written as full stops."""
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return value.date().isoformat()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).replace(":", ".")
