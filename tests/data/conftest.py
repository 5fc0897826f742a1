"""A small questionnaire with every sort of question, and answers to it."""

from __future__ import annotations

import pandas as pd
import pytest

from surveysem.instrument import Instrument

AGREE7 = {
    "id": "agree7",
    "kind": "ordinal",
    "options": {code: {"en": f"Degree {code}", "pt": f"Grau {code}"} for code in range(1, 8)},
    "missing": {-99: {"en": "Does not apply", "pt": "Não se aplica"}},
}
YES_NO = {"id": "yes_no", "kind": "nominal", "options": {0: {"en": "No", "pt": "Não"}, 1: {"en": "Yes", "pt": "Sim"}}}
DAYS = {"id": "days", "kind": "number", "minimum": 0.0, "maximum": 1000.0, "integer": True}
EUROS = {"id": "euros", "kind": "number", "minimum": 0.0}
FREE_TEXT = {"id": "free_text", "kind": "text"}


def both(text: str) -> dict[str, str]:
    return {"en": text, "pt": f"{text} (pt)"}


def item(name: str, construct: str, *, reverse: bool = False) -> dict[str, object]:
    return {"id": name, "construct": construct, "scale": "agree7", "reverse": reverse, "text": both(f"Item {name}")}


def construct(name: str) -> dict[str, object]:
    return {"id": name, "role": "outcome", "label": both(name), "definition": both(f"About {name}")}


@pytest.fixture(scope="session")
def instrument() -> Instrument:
    return Instrument.model_validate(
        {
            "id": "small",
            "title": both("A small questionnaire"),
            "version": "1",
            "languages": ("en", "pt"),
            "response_scales": (AGREE7, YES_NO, DAYS, EUROS, FREE_TEXT),
            "constructs": (construct("trust"), construct("use")),
            "items": (
                item("tr_1", "trust"),
                item("tr_2", "trust", reverse=True),
                item("tr_3", "trust"),
                item("us_1", "use"),
                item("us_2", "use"),
            ),
            "attention_checks": (
                {"id": "att_1", "scale": "agree7", "expected": 6, "text": both("Choose 6")},
                {"id": "att_2", "scale": "agree7", "expected": 2, "text": both("Choose 2")},
            ),
            "screening_questions": ({"id": "buyer", "scale": "yes_no", "eligible": (1,), "text": both("A buyer?")},),
            "grouping_questions": (
                {"id": "regulated", "scale": "yes_no", "text": both("Regulated?")},
                {"id": "country", "scale": "free_text", "text": both("Country?")},
            ),
            "observed_measures": (
                {"id": "cycle", "construct": "use", "scale": "days", "text": both("Days?")},
                {"id": "deal", "construct": "use", "scale": "euros", "text": both("Deal?")},
            ),
        }
    )


@pytest.fixture
def answers() -> pd.DataFrame:
    """Six respondents who pass every check."""
    return pd.DataFrame(
        {
            "tr_1": [1, 2, 3, 4, 5, 6],
            "tr_2": [7, 6, 5, 4, 3, 1],
            "tr_3": [2, 2, 3, 5, 5, 7],
            "us_1": [1, 3, 3, 4, 6, 6],
            "us_2": [2, 1, 4, 4, 5, 7],
            "att_1": [6] * 6,
            "att_2": [2] * 6,
            "buyer": [1] * 6,
        }
    )
