from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from surveysem.errors import InputFileError, InstrumentError, Problem
from surveysem.instrument import read_instrument

VALID = """\
id: mini
title: {en: Mini}
version: "1"
languages: [en]
sources: [ohanian_1990]
response_scales:
  - {id: agree3, kind: ordinal, options: {1: {en: A}, 2: {en: B}, 3: {en: C}}, missing: {-99: {en: D}}}
  - {id: yes_no, kind: nominal, options: {0: {en: A}, 1: {en: B}}}
  - {id: days, kind: number, minimum: 0, maximum: 9, unit: days}
  - {id: words, kind: text}
constructs:
  - {id: trust, label: {en: T}, role: outcome, definition: {en: D}, facets: [{id: hope, label: {en: H}}]}
  - {id: speed, label: {en: S}, role: control, definition: {en: D}, sources: [davis_1989]}
items:
  - {id: t1, construct: trust, facet: hope, scale: agree3, text: {en: T one}}
  - {id: t2, construct: trust, facet: hope, scale: agree3, text: {en: T two}, reverse: true}
  - {id: s1, construct: speed, scale: agree3, text: {en: S one}}
  - {id: s2, construct: speed, scale: days, text: {en: S two}}
attention_checks:
  - {id: a1, scale: agree3, expected: 2, text: {en: Choose B}, after: t1}
screening_questions:
  - {id: q1, scale: yes_no, eligible: [1], text: {en: Did you buy?}}
grouping_questions:
  - {id: g1, scale: words, text: {en: Where?}}
observed_measures:
  - {id: o1, construct: trust, scale: days, text: {en: How long?}}
"""


def problems_of(tmp_path: Path, *changes: tuple[str, str]) -> tuple[Problem, ...]:
    text = VALID
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InstrumentError) as caught:
        read_instrument(path)
    assert str(path) in caught.value.message
    return caught.value.problems


def line_of(problem: Problem) -> int:
    return int(problem.where.partition(".yaml:")[2].partition(",")[0])


def test_the_example_is_valid(tmp_path):
    path = tmp_path / "mini.yaml"
    path.write_text(VALID, encoding="utf-8")
    assert [question.id for question in read_instrument(path).questions] == [
        "q1", "t1", "a1", "t2", "s1", "s2", "o1", "g1",
    ]  # fmt: skip


BROKEN = YAML(typ="safe").load((Path(__file__).parent / "broken_instruments.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken["name"])
def test_each_rule_is_broken_alone(tmp_path, broken):
    problems = problems_of(tmp_path, (broken["old"], broken["new"]))
    assert len(problems) == 1, [str(problem) for problem in problems]
    assert broken["found"] in problems[0].found
    assert broken["remedy"] in problems[0].remedy
    assert line_of(problems[0]) == broken["line"]


def test_a_reference_may_be_declared_once(tmp_path):
    entry = "{key: doe_2020, authors: [A], year: 2020, title: T, source: S}"
    problems = problems_of(tmp_path, ("response_scales:", f"references: [{entry}, {entry}]\nresponse_scales:"))
    assert [problem.found for problem in problems] == ["the reference doe_2020 is declared twice in this file"]


def test_structural_and_referential_problems_come_together_in_file_order(tmp_path):
    problems = problems_of(
        tmp_path,
        ('version: "1"', "version: 1"),
        ("kind: text", "kind: texts"),
        ("t1, construct: trust, facet: hope, scale: agree3", 't1, construct: trsut, scale: agre3, reverse: "no"'),
        ("{en: S two}", "{en: S two, pt: S dois}"),
        ("expected: 2", "expected: 8"),
        ("construct: trust, scale: days, text", "construct: trust, scale: days, txt"),
    )
    assert [line_of(problem) for problem in problems] == [3, 10, 15, 15, 15, 18, 20, 26]
    text = "\n".join(problem.found for problem in problems)
    for expected in ("`version`", "'texts'", "`reverse`", "agre3", "trsut", "pt is not", "code 8", "`txt`"):
        assert expected in text


def test_messages_speak_plainly(tmp_path):
    problems = problems_of(tmp_path, ("reverse: true", "reverse: 3"), ("expected: 2", "expected: 2.5"))
    text = "\n".join(str(problem) for problem in problems)
    for jargon in ("Input should", "pydantic", "validation error", "type=", "instance of"):
        assert jargon not in text


def test_missing_sections_are_named_without_follow_on_noise(tmp_path):
    path = tmp_path / "bare.yaml"
    path.write_text('id: bare\ntitle: {en: B}\nversion: "1"\nlanguages: [en]\n', encoding="utf-8")
    with pytest.raises(InstrumentError) as caught:
        read_instrument(path)
    found = [problem.found for problem in caught.value.problems]
    assert found == [f"the key `{name}` is missing" for name in ("response_scales", "constructs", "items")]


def test_a_misspelt_section_is_one_problem(tmp_path):
    problems = problems_of(tmp_path, ("items:", "itmes:"), (", after: t1", ""))
    assert ["`itmes`" in problem.found for problem in problems] == [True]


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text):
    path = tmp_path / "list.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InstrumentError) as caught:
        read_instrument(path)
    assert "not a mapping" in caught.value.problems[0].found


def test_a_key_written_twice_is_refused(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text(VALID.replace("languages: [en]", "languages: [en]\nlanguages: [de]"), encoding="utf-8")
    with pytest.raises(InputFileError, match="twice"):
        read_instrument(path)


def test_an_unknown_name_lists_the_bundled_ones():
    with pytest.raises(InputFileError, match="b2b_micro_influencer"):
        read_instrument("b2b_micro_influencr")
