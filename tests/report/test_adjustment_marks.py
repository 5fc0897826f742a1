"""The verdicts table shows both p-values and marks what hangs on the choice between them."""

from dataclasses import replace

import pytest

from surveysem.report import paper_tables
from surveysem.report.inline import plain


def _table(flagship, **changes):
    first = replace(flagship.verdicts[0], **changes)
    return paper_tables(replace(flagship, verdicts=(first, *flagship.verdicts[1:])))["verdicts"]


def _cells(table):
    row = table.rows[0]
    return dict(zip([column.key for column in table.columns], table.texts(row), strict=True))


def test_a_verdict_that_hangs_on_the_adjustment_is_marked(flagship):
    table = _table(flagship, p_adjusted=0.06, p_otherwise=0.03, verdict_otherwise="not supported")
    assert _cells(table)["p_adjusted"].endswith("†")
    assert any("†" in plain(note) for note in table.notes)
    assert table.to_frame()["p_adjusted"].dtype == float


def test_a_verdict_that_does_not_is_not(flagship):
    table = _table(flagship, p_otherwise=0.001, verdict_otherwise=flagship.verdicts[0].verdict)
    assert "†" not in _cells(table)["p_adjusted"]
    assert not any("†" in plain(note) for note in table.notes)


def test_without_a_declared_adjustment_holm_stands_beside(flagship):
    first = flagship.verdicts[0]
    rule = replace(first.proposition.rule, multiplicity="none")
    verdict = replace(first, proposition=replace(first.proposition, rule=rule), p_adjusted=0.012, p_otherwise=0.036)
    table = paper_tables(replace(flagship, verdicts=(verdict,)))["verdicts"]
    assert table.to_frame()["p_adjusted"].tolist() == [0.036]
    assert "Holm (1979) for comparison" in plain(table.notes[0])


def test_p_is_that_of_the_sides_the_rule_declares(flagship):
    first = flagship.verdicts[0]
    rule = replace(first.proposition.rule, sides="one")
    verdict = replace(first, proposition=replace(first.proposition, rule=rule))
    shown = paper_tables(replace(flagship, verdicts=(verdict,)))["verdicts"].to_frame()["p_value"]
    assert shown.tolist() == pytest.approx([first.evidence.p_value / 2])


def test_a_composite_that_hangs_on_it_is_marked_though_it_has_no_p(flagship):
    composite = next(each for each in flagship.verdicts if each.parts)
    table = paper_tables(replace(flagship, verdicts=(replace(composite, verdict_otherwise="supported"),)))["verdicts"]
    assert _cells(table)["p_adjusted"] == "—†"
