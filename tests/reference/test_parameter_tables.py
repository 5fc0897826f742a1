"""Our parameter tables against lavaan's, made with the automatic parameters of its ``sem()``."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from surveysem.specification import AS_WRITTEN, SEM_DEFAULTS, Parameter, ParameterTable, parameter_table, parse_syntax

FOLDER = Path(__file__).parent / "lavaan" / "parameter_tables"
TABLES = pd.read_csv(FOLDER / "parameter_tables.csv", keep_default_na=False)


class Model(NamedTuple):
    text: str
    options: tuple[str, ...]

    def values(self, name: str) -> tuple[str, ...]:
        """Values of an option such as ``equal=loadings,intercepts``; empty where it is not given."""
        given = [option.split("=", maxsplit=1)[1] for option in self.options if option.startswith(f"{name}=")]
        return tuple(given[0].split(",")) if given else ()


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
    return parameter_table(
        parse_syntax(model.text),
        replace(defaults, standardize_latent="std.lv" in model.options),
        n_groups=int(*model.values("groups") or (1,)),
        means="means" in model.options,
        equal=model.values("equal"),
        partial=model.values("partial"),
    )


def _key(lhs: str, op: str, rhs: str, group: int) -> tuple[str, str, str, int]:
    """``a ~~ b`` is ``b ~~ a``; expressions are compared without blanks."""
    if op == "~~":
        lhs, rhs = sorted((lhs, rhs))
    return lhs, op, rhs.replace(" ", ""), group


def _key_of(row: Parameter) -> tuple[str, str, str, int]:
    return _key(row.lhs, row.op, row.rhs, row.group)


def _parameters(name: str) -> list[Parameter]:
    return [row for row in _table(MODELS[name]) if row.op != "=="]


def _theirs(name: str) -> pd.DataFrame:
    table = TABLES[TABLES["model"] == name]
    parameters = table[table["op"] != "=="]
    keys = [_key(*row) for row in parameters[["lhs", "op", "rhs", "group"]].itertuples(index=False)]
    return parameters.set_axis(pd.Index(keys, tupleize_cols=False), axis=0)


def _equalities(name: str, *, of_formulas: bool) -> pd.DataFrame:
    """Rows ``==``: those that stand for equal parameters, or those the author wrote."""
    rows = TABLES[(TABLES["model"] == name) & (TABLES["op"] == "==")]
    return rows[rows["lhs"].str.startswith(".p") != of_formulas]


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
    for row in _equalities(name, of_formulas=False).itertuples():
        old, new = joined[str(row.rhs)], joined[str(row.lhs)]
        joined = {plabel: new if root == old else root for plabel, root in joined.items()}
    roots = {root: number for number, root in enumerate(dict.fromkeys(joined.values()), start=1)}
    free = (theirs["free"].astype(int) > 0).tolist()
    numbers = [roots[joined[str(p)]] if is_free else 0 for p, is_free in zip(theirs["plabel"], free, strict=True)]
    return _free_partition(list(theirs.index), numbers)


@pytest.mark.parametrize("name", MODELS)
def test_the_rows_are_lavaans(name):
    assert Counter(map(_key_of, _parameters(name))) == Counter(_theirs(name).index)
    formulas = _equalities(name, of_formulas=True)
    theirs = [(row.lhs, row.rhs) for row in formulas.itertuples()]
    assert [(row.lhs.replace(" ", ""), row.rhs) for row in _table(MODELS[name]).constraints] == theirs


@pytest.mark.parametrize("name", MODELS)
def test_the_same_rows_are_free_fixed_and_equal(name):
    rows = _parameters(name)
    ours = _free_partition([_key_of(row) for row in rows], [row.free for row in rows])
    assert ours == _their_partition(name)
    assert _table(MODELS[name]).n_free == len(ours)


@pytest.mark.parametrize("name", MODELS)
def test_the_same_rows_are_fixed_to_the_same_values(name):
    theirs = _theirs(name)
    for row in _parameters(name):
        if row.op == ":=":
            continue
        other = theirs.loc[[_key_of(row)]].iloc[0]
        value = row.value if row.value is not None else row.start
        assert other["ustart"] == ("" if value is None else format(value, "g")), row.name
        assert other["exo"] == int(row.exogenous), row.name


@pytest.mark.parametrize("name", MODELS)
def test_labels_are_lavaans(name):
    theirs = _theirs(name)
    for row in _parameters(name):
        if row.op != ":=":
            label = theirs.loc[[_key_of(row)], "label"].iloc[0]
            # .p2. is what lavaan calls what group.equal holds equal
            assert row.label == ("" if label.startswith(".p") else label), row.name


@pytest.mark.parametrize("name", MODELS)
def test_the_same_rows_are_written_by_the_author(name):
    theirs = _theirs(name)
    for row in _parameters(name):
        assert (int(theirs.loc[[_key_of(row)], "user"].iloc[0]) > 0) == row.user, row.name


@pytest.mark.parametrize("name", MODELS)
def test_degrees_of_freedom_are_lavaans(name):
    """lavaan's function counts equal parameters apart; each set of *k* leaves k − 1 more degrees of freedom."""
    partition = _their_partition(name)
    saved = sum(len(group) - 1 for group in partition) + len(_equalities(name, of_formulas=True))
    assert _table(MODELS[name]).degrees_of_freedom == int(_theirs(name)["df"].iloc[0]) + saved


def test_the_stored_tables_are_of_the_stored_models():
    assert set(TABLES["model"]) == set(MODELS)
    assert len(MODELS) >= 60
