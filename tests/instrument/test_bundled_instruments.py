from __future__ import annotations

import re
from collections import Counter

import pytest

from surveysem.bundled_files import bundled_names
from surveysem.instrument import Instrument, read_instrument
from surveysem.references import REFERENCES

FLAGSHIP_ITEM_COUNTS = {
    "network_relevance": 4,
    "professional_expertise": 4,
    "relational_engagement": 4,
    "perceived_credibility": 6,
    "technical_validity": 4,
    "risk_reduction": 6,
    "evaluation_quality": 4,
    "brand_trust": 6,
    "decision_efficiency": 4,
    "organizational_echo": 4,
    "perceived_authenticity": 4,
    "perceived_legitimacy": 4,
    "product_complexity": 4,
    "regulatory_intensity": 4,
    "disclosure_awareness": 4,
}


@pytest.fixture(params=bundled_names("instruments"))
def instrument(request: pytest.FixtureRequest) -> Instrument:
    return read_instrument(request.param)


@pytest.fixture(scope="module")
def flagship() -> Instrument:
    return read_instrument("b2b_micro_influencer")


def test_the_three_instruments_are_bundled():
    expected = {"b2b_micro_influencer", "influencer_endorsement", "political_democracy"}
    assert expected <= set(bundled_names("instruments"))


def test_file_name_is_the_id():
    for name in bundled_names("instruments"):
        assert read_instrument(name).id == name


def test_every_source_is_a_reference(instrument):
    cited = [key for part in (*instrument.constructs, *instrument.items) for key in part.sources]
    assert cited
    assert set(cited) <= set(REFERENCES)


def test_every_item_cites_a_source(instrument):
    assert [item.id for item in instrument.items if not item.sources] == []


def test_no_wording_appears_twice(instrument):
    for language in instrument.languages:
        wordings = Counter(question.text[language].casefold() for question in instrument.questions)
        assert [text for text, count in wordings.items() if count > 1] == []


def test_every_text_is_there_in_every_language(instrument):
    def texts(value):
        if isinstance(value, dict):
            if value and all(isinstance(entry, str) for entry in value.values()) and set(value) & {"en", "pt"}:
                yield value
            else:
                for entry in value.values():
                    yield from texts(entry)
        elif isinstance(value, list | tuple):
            for entry in value:
                yield from texts(entry)

    found = list(texts(instrument.model_dump()))
    assert len(found) > len(instrument.questions)
    assert all(set(text) == set(instrument.languages) for text in found)


def test_flagship_constructs_and_item_counts(flagship):
    counts = {construct.id: len(flagship.items_of(construct.id)) for construct in flagship.constructs}
    assert counts == FLAGSHIP_ITEM_COUNTS
    assert flagship.languages == ("en", "pt")


def test_flagship_items_cover_every_facet_evenly(flagship):
    expected = {"perceived_credibility": 3, "risk_reduction": 2, "brand_trust": 2}
    for construct in flagship.constructs:
        per_facet = Counter(item.facet for item in flagship.items_of(construct.id) if item.facet)
        assert set(per_facet) == {facet.id for facet in construct.facets}
        if construct.id in expected:
            assert set(per_facet.values()) == {expected[construct.id]}


def test_flagship_item_ids_carry_the_prefix_of_their_construct(flagship):
    prefixes = {item.construct: item.id.partition("_")[0] for item in flagship.items}
    assert len(set(prefixes.values())) == len(flagship.constructs)
    for construct in flagship.constructs:
        numbered = [f"{prefixes[construct.id]}_{number}" for number in range(1, 7)]
        items = [item.id for item in flagship.items_of(construct.id)]
        assert items == numbered[: len(items)]


def test_flagship_has_a_handful_of_reversed_items_at_most_one_per_facet(flagship):
    reversed_items = [item for item in flagship.items if item.reverse]
    assert 3 <= len(reversed_items) <= 10
    assert max(Counter((item.construct, item.facet) for item in reversed_items).values()) == 1
    for construct in flagship.constructs:
        assert any(not item.reverse for item in flagship.items_of(construct.id))


def test_flagship_uses_the_seven_point_scale_and_defines_the_five_point_one(flagship):
    assert {item.scale for item in flagship.items} == {"agree7"}
    assert flagship.scale("agree7").codes == (1, 2, 3, 4, 5, 6, 7)
    assert flagship.scale("agree5").codes == (1, 2, 3, 4, 5)
    assert set(flagship.scale("agree7").missing) == {-99}


def test_flagship_attention_checks_name_the_label_of_the_expected_code(flagship):
    assert len(flagship.attention_checks) == 2
    for check in flagship.attention_checks:
        for language in flagship.languages:
            label = flagship.scale(check.scale).options[check.expected][language]
            assert label in check.text[language]


def test_flagship_asks_for_what_the_framework_needs(flagship):
    grouping = {question.id for question in flagship.grouping_questions}
    needed = {"sector", "regulated", "buying_centre_role", "firm_size", "deal_size", "country", "platform"}
    assert needed | {"actor_type", "influencer_id", "channel"} <= grouping
    observed = {measure.id for measure in flagship.observed_measures}
    assert {"nrr_relevant_followers", "nrr_total_followers", "sales_cycle_days", "n_stakeholders"} <= observed
    assert {"echo_internal_shares", "echo_crm_mentions", "echo_document_reuse"} <= observed
    assert len(flagship.screening_questions) == 2


def test_flagship_names_influencer_and_purchase_before_the_items(flagship):
    order = [question.id for question in flagship.questions]
    for question in ("screen_purchase", "named_purchase", "influencer_id", "named_brand"):
        assert order.index(question) < order.index("nr_1")
    assert order.index("attention_1") == order.index("rr_3") + 1
    assert order.index("sector") > order.index("da_4")


def test_flagship_portuguese_is_european(flagship):
    brazilian = r"\b(equipe|arquivo|gerenciamento|tomadores|usuário|você|contato|fato|registro|compartilh\w*|mídia)\b"
    for question in flagship.questions:
        assert not re.search(brazilian, question.text["pt"], re.IGNORECASE), question.id


def test_flagship_items_hold_one_idea(flagship):
    assert [item.id for item in flagship.items if re.search(r"\b(and|as well as)\b", item.text["en"])] == []


def test_influencer_endorsement_matches_the_columns_of_its_data():
    instrument = read_instrument("influencer_endorsement")
    expected = [f"pic_{n}" for n in range(1, 6)] + [f"sic_{n}" for n in range(1, 8)]
    expected += [f"pq_{n}" for n in range(1, 5)] + [f"pl_{n}" for n in range(1, 5)] + [f"pi_{n}" for n in range(1, 6)]
    assert [item.id for item in instrument.items] == expected
    assert {measure.id for measure in instrument.observed_measures} == {"sic_global", "wtp"}
    assert not any(item.reverse for item in instrument.items)
    assert "reversed" in (instrument.item("pl_1").note or "")


def test_political_democracy_indicators():
    instrument = read_instrument("political_democracy")
    by_construct = {name.id: [item.id for item in instrument.items_of(name.id)] for name in instrument.constructs}
    assert by_construct == {
        "industrialization_1960": ["x1", "x2", "x3"],
        "democracy_1960": ["y1", "y2", "y3", "y4"],
        "democracy_1965": ["y5", "y6", "y7", "y8"],
    }
    assert {instrument.scale(item.scale).kind for item in instrument.items} == {"number"}
