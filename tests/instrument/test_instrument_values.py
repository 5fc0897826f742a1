from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from surveysem.errors import InstrumentError
from surveysem.instrument import Instrument, Item, ResponseScale, instrument_json_schema, read_instrument

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def flagship() -> Instrument:
    return read_instrument("b2b_micro_influencer")


def test_texts_and_options_are_read_only(flagship):
    item = flagship.item("nr_1")
    with pytest.raises(TypeError):
        item.text["en"] = "changed"
    with pytest.raises(TypeError):
        flagship.scale("agree7").options[1]["en"] = "changed"
    with pytest.raises(AttributeError):
        item.text.en = "changed"
    with pytest.raises(ValidationError):
        item.reverse = True


def test_survives_dump_json_pickle_and_copy(flagship):
    assert Instrument.model_validate(flagship.model_dump()) == flagship
    assert Instrument.model_validate_json(flagship.model_dump_json()) == flagship
    assert pickle.loads(pickle.dumps(flagship)) == flagship
    assert copy.deepcopy(flagship) == flagship
    assert hash(copy.deepcopy(flagship)) == hash(flagship)


@pytest.mark.parametrize(
    "change", [{"reverse": "yes"}, {"reverse": 1}, {"id": 7}, {"text": "no language"}, {"unknown": 1}]
)
def test_types_are_strict(change):
    item = {"id": "a", "construct": "c", "scale": "s", "text": {"en": "A"}}
    Item.model_validate(item)
    with pytest.raises(ValidationError):
        Item.model_validate(item | change)


def test_a_text_is_not_a_code():
    with pytest.raises(ValidationError):
        ResponseScale.model_validate({"id": "s", "kind": "ordinal", "options": {"1": {"en": "A"}, "2": {"en": "B"}}})


@pytest.mark.parametrize(
    ("method", "name", "meant"),
    [
        ("construct", "brand_trus", "brand_trust"),
        ("item", "nr_11", "nr_1"),
        ("scale", "agree_7", "agree7"),
        ("items_of", "risk_reducton", "risk_reduction"),
        ("question", "sectr", "sector"),
        ("reference", "ohanian_1991", "ohanian_1990"),
    ],
)
def test_unknown_names_are_answered_with_the_available_ones(flagship, method, name, meant):
    with pytest.raises(InstrumentError) as caught:
        getattr(flagship, method)(name)
    (problem,) = caught.value.problems
    assert repr(name) in problem.found
    assert f"Did you mean {meant}?" in problem.remedy
    assert "Available: " in problem.remedy


def test_lookups_find_what_they_are_asked_for(flagship):
    assert flagship.construct("brand_trust").label["en"] == "Brand trust"
    assert flagship.question("sector") is flagship.grouping_questions[6]
    assert flagship.reference("ohanian_1990").year == 1990
    assert [item.id for item in flagship.items_of("organizational_echo")] == ["oe_1", "oe_2", "oe_3", "oe_4"]
    assert (flagship.scale("agree7").lowest, flagship.scale("agree7").highest) == (1, 7)
    assert flagship.scale("proportion").highest == 1
    assert flagship.scale("sectors").lowest is None


def test_questions_list_every_question_once(flagship):
    ids = [question.id for question in flagship.questions]
    assert len(ids) == len(set(ids)) == 66 + 2 + 2 + 12 + 14
    asked = {question.id for question in flagship.respondent_questions}
    assert set(ids) - asked == {m.id for m in flagship.observed_measures if m.collected_from == "records"}


def test_contradictions_are_refused_without_a_file_too(flagship):
    content = flagship.model_dump()
    content["items"][0]["construct"] = "netwrk_relevance"
    content["items"][1]["text"] = {"en": "Only English."}
    with pytest.raises(InstrumentError) as caught:
        Instrument.model_validate(content)
    places = [problem.where for problem in caught.value.problems]
    assert "items.0.construct" in places
    assert "items.1.text" in places


def test_overviews_name_constructs_items_and_facets(flagship):
    for overview in (repr(flagship), str(flagship), flagship._repr_html_()):
        assert "risk_reduction" in overview
        assert "financial, operational, reputational" in overview
        assert "items: 66" in overview
    assert "Many of this influencer&#x27;s followers" in flagship._repr_html_()


def test_html_overview_escapes_texts(flagship):
    content = flagship.model_dump()
    content["title"] = {"en": "<script>alert(1)</script>", "pt": "x"}
    html = Instrument.model_validate(content)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_json_schema_file_is_current():
    """To renew the file, write ``instrument_json_schema()`` as this test does."""
    written = (DOCS / "instrument.schema.json").read_text(encoding="utf-8")
    assert written == json.dumps(instrument_json_schema(), indent=2, ensure_ascii=False) + "\n"


def test_json_schema_describes_every_key():
    schema = instrument_json_schema()
    for model in (schema, *schema["$defs"].values()):
        assert model["additionalProperties"] is False
        assert [name for name, entry in model["properties"].items() if not entry.get("description")] == []


def test_documentation_names_every_key():
    documentation = (DOCS / "instrument-schema.md").read_text(encoding="utf-8")
    schema = instrument_json_schema()
    keys = {name for model in (schema, *schema["$defs"].values()) for name in model["properties"]}
    assert [key for key in sorted(keys) if f"`{key}`" not in documentation] == []


def test_documented_example_is_valid(tmp_path):
    documentation = (DOCS / "instrument-schema.md").read_text(encoding="utf-8")
    example = documentation.partition("```yaml\n")[2].partition("```")[0]
    path = tmp_path / "supplier_trust.yaml"
    path.write_text(example, encoding="utf-8")
    instrument = read_instrument(path)
    assert [question.id for question in instrument.questions] == [
        "bought", "supplier_name", "tr_1", "attention_1", "tr_2", "relationship_days",
    ]  # fmt: skip
    assert instrument.reference("doe_2020").families == ("Doe", "Roe")
