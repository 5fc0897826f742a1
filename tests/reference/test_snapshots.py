"""Model syntax of the bundled studies, as stored; the same text is given to lavaan live."""

from pathlib import Path

import pytest

import surveysem as ss
from surveysem.specification import parameter_table, parse_syntax

FOLDER = Path(__file__).parent / "snapshots"
TEXTS = [
    (study, dialect, model)
    for study in ("b2b_micro_influencer", "influencer_endorsement", "political_democracy")
    for dialect in ("lavaan", "semopy")
    for model in ("structural", "measurement")
]


@pytest.mark.parametrize(("study", "dialect", "model"), TEXTS)
def test_model_syntax_is_as_stored(study, dialect, model):
    """After a change that is meant, write the new text into the file and read the difference."""
    stored = (FOLDER / f"{study}.{model}.{dialect}.txt").read_text(encoding="utf-8")
    assert ss.load_study(study).model_syntax(dialect, model=model) == stored


@pytest.mark.parametrize("study", sorted({text[0] for text in TEXTS}))
@pytest.mark.parametrize("model", ["structural", "measurement"])
def test_the_syntax_is_read_back_as_the_same_model(study, model):
    loaded = ss.load_study(study)
    again = parameter_table(parse_syntax(loaded.model_syntax("lavaan", model=model)))
    assert {(row.name, row.free > 0, row.value, row.label) for row in again} == {
        (row.name, row.free > 0, row.value, row.label) for row in loaded.parameter_table(model)
    }
    assert again.degrees_of_freedom == loaded.parameter_table(model).degrees_of_freedom


def test_size_of_the_flagship_model():
    """15 constructs, 66 items, two latent interactions with four product indicators each."""
    table = ss.load_study("b2b_micro_influencer").parameter_table()
    assert (len(table.observed), len(table.latent), table.n_free, table.degrees_of_freedom) == (74, 17, 205, 2570)
