"""Our parameter tables against lavaan's, made with the automatic parameters of its ``sem()``."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from surveysem.specification import AS_WRITTEN, SEM_DEFAULTS, ParameterTable, parameter_table, parse_syntax

FOLDER = Path(__file__).parent / "lavaan" / "parameter_tables"
TABLES = pd.read_csv(FOLDER / "parameter_tables.csv", keep_default_na=False)


class Model(NamedTuple):
    text: str
    options: tuple[str, ...]


def _models() -> dict[str, Model]:
    sections = (FOLDER / "models.txt").read_text(encoding="utf-8").split("%%")[1:]
    models = {}
    for section in sections:
        head, text = section.split("\n", maxsplit=1)
        name, *options = head.split()
        models[name] = Model(text=text, options=tuple(options))
    return models


MODELS = _models()


def _table(model: Model) -> ParameterTable:
    defaults = AS_WRITTEN if "as.written" in model.options else SEM_DEFAULTS
    return parameter_table(parse_syntax(model.text), replace(defaults, standardize_latent="std.lv" in model.options))


def _key(lhs: str, op: str, rhs: str) -> tuple[str, str, str]:
    """``a ~~ b`` is ``b ~~ a``; expressions are compared without blanks."""
    if op == "~~":
        lhs, rhs = sorted((lhs, rhs))
    return lhs, op, rhs.replace(" ", "")


def _theirs(name: str) -> pd.DataFrame:
    table = TABLES[TABLES["model"] == name]
    parameters = table[table["op"] != "=="]
    keys = [_key(*row) for row in zip(parameters["lhs"], parameters["op"], parameters["rhs"], strict=True)]
    return parameters.set_axis(pd.Index(keys, tupleize_cols=False), axis=0)


def _free_partition(keys: list[object], numbers: list[int]) -> set[frozenset[object]]:
    """Free parameters as sets of the rows that share them."""
    groups: dict[int, set[object]] = {}
    for key, number in zip(keys, numbers, strict=True):
        if number:
            groups.setdefault(number, set()).add(key)
    return {frozenset(group) for group in groups.values()}


def _their_partition(name: str) -> set[frozenset[object]]:
    """lavaan numbers equal parameters apart and adds ``==`` rows between them; here they are joined."""
    theirs = _theirs(name)
    joined = {str(plabel): str(plabel) for plabel in theirs["plabel"]}
    for row in TABLES[(TABLES["model"] == name) & (TABLES["op"] == "==")].itertuples():
        old, new = joined[str(row.rhs)], joined[str(row.lhs)]
        joined = {plabel: new if root == old else root for plabel, root in joined.items()}
    roots = {root: number for number, root in enumerate(dict.fromkeys(joined.values()), start=1)}
    free = (theirs["free"].astype(int) > 0).tolist()
    numbers = [roots[joined[str(p)]] if is_free else 0 for p, is_free in zip(theirs["plabel"], free, strict=True)]
    return _free_partition(list(theirs.index), numbers)


@pytest.mark.parametrize("name", MODELS)
def test_the_rows_are_lavaans(name):
    ours = Counter(_key(row.lhs, row.op, row.rhs) for row in _table(MODELS[name]))
    assert ours == Counter(_theirs(name).index)


@pytest.mark.parametrize("name", MODELS)
def test_the_same_rows_are_free_fixed_and_equal(name):
    table = _table(MODELS[name])
    ours = _free_partition([_key(row.lhs, row.op, row.rhs) for row in table], [row.free for row in table])
    assert ours == _their_partition(name)
    assert table.n_free == len(ours)


@pytest.mark.parametrize("name", MODELS)
def test_the_same_rows_are_fixed_to_the_same_values(name):
    theirs = _theirs(name)
    for row in _table(MODELS[name]):
        if row.op == ":=":
            continue
        other = theirs.loc[[_key(row.lhs, row.op, row.rhs)]].iloc[0]
        value = row.value if row.value is not None else row.start
        assert other["ustart"] == ("" if value is None else format(value, "g")), row.name
        assert other["exo"] == int(row.exogenous), row.name


@pytest.mark.parametrize("name", MODELS)
def test_labels_are_lavaans(name):
    theirs = _theirs(name)
    for row in _table(MODELS[name]):
        if row.op != ":=":
            assert theirs.loc[[_key(row.lhs, row.op, row.rhs)], "label"].iloc[0] == row.label, row.name


@pytest.mark.parametrize("name", MODELS)
def test_the_same_rows_are_written_by_the_author(name):
    theirs = _theirs(name)
    for row in _table(MODELS[name]):
        assert (int(theirs.loc[[_key(row.lhs, row.op, row.rhs)], "user"].iloc[0]) > 0) == row.user, row.name


@pytest.mark.parametrize("name", MODELS)
def test_degrees_of_freedom_are_lavaans(name):
    """lavaan's function counts equal parameters apart; each set of *k* leaves k − 1 more degrees of freedom."""
    partition = _their_partition(name)
    saved = sum(len(group) - 1 for group in partition)
    assert _table(MODELS[name]).degrees_of_freedom == int(_theirs(name)["df"].iloc[0]) + saved


def test_the_stored_tables_are_of_the_stored_models():
    assert set(TABLES["model"]) == set(MODELS)
    assert len(MODELS) >= 40
