from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from surveysem.data.cells import decode_column
from surveysem.instrument import ResponseScale

NAN = float("nan")


def decoded(cells, scale, **options):
    return decode_column(pd.Series(cells, index=range(2, len(cells) + 2), name="q", dtype=object), scale, **options)


@pytest.mark.parametrize("cell", [1, 1.0, "1", "1.0", " 1 ", np.int64(1), np.float32(1), Decimal(1), "1e0"])
def test_codes_in_any_spelling(instrument, cell):
    assert decoded([cell], instrument.scale("agree7")).values.tolist() == [1.0]


@pytest.mark.parametrize("cell", ["Degree 1", " degree   1", "GRAU 1"])
def test_labels_in_any_language(instrument, cell):
    column = decoded([cell], instrument.scale("agree7"))
    assert column.values.tolist() == [1.0]
    assert column.counts["label"] == 1


def test_accents_may_be_composed_or_not(instrument):
    assert decoded(["Na\u0303o", "N\u00e3o"], instrument.scale("yes_no")).values.tolist() == [0.0, 0.0]


def test_missing_answers_are_counted_by_kind(instrument):
    column = decoded(["", " ", None, pd.NA, NAN, "NA", "n/a", -99, "-99", "does not apply"], instrument.scale("agree7"))
    assert column.values.isna().all()
    assert column.counts == {"empty": 7, "missing code": 3}


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (0, "outside"),
        ("8", "outside"),
        (float("inf"), "outside"),
        ("99", "outside"),
        (3.5, "fraction"),
        ("3.5", "fraction"),
        ("3,5", "text"),
        ("agree", "text"),
        (True, "text"),
        (np.True_, "text"),
        ("1_0", "text"),
        ("inf", "text"),
        ([1], "text"),
        (3 + 0j, "text"),
    ],
)
def test_rejected_cells(instrument, cell, kind):
    column = decoded(["4", cell], instrument.scale("agree7"))
    (rejected,) = column.rejected
    assert (rejected.kind, rejected.rows, rejected.column) == (kind, (3,), "q")
    assert column.values.tolist()[0] == 4.0
    assert np.isnan(column.values.tolist()[1])


def test_numbers_and_their_bounds(instrument):
    column = decoded(["0", "1000", "1001", "-1", "2.5", "12 days"], instrument.scale("days"))
    assert column.values.tolist()[:2] == [0.0, 1000.0]
    assert {one.kind: one.cells for one in column.rejected} == {
        "outside": ("1001", "-1"),
        "fraction": ("2.5",),
        "text": ("12 days",),
    }


def test_decimal_comma(instrument):
    euros = instrument.scale("euros")
    assert decoded(["3,5", "12"], euros, decimal_comma=True).values.tolist() == [3.5, 12.0]
    assert decoded(["3.5"], euros, decimal_comma=True).values.tolist() == [3.5]
    assert decoded(["3,5"], euros).rejected[0].kind == "text"


def test_both_decimal_marks_in_a_column_are_refused(instrument):
    (rejected,) = decoded(["3,5", "1.250", "7"], instrument.scale("euros"), decimal_comma=True).rejected
    assert (rejected.kind, rejected.cells) == ("mixed marks", ("3,5",))


def test_text_stays_text(instrument):
    column = decoded([" Portugal ", 620, "NA", None], instrument.scale("free_text"))
    assert column.values.tolist()[:2] == ["Portugal", "620"]
    assert column.values.isna().tolist() == [False, False, True, True]


def test_label_of_several_codes_is_ambiguous():
    options = {1: {"en": "Chat", "pt": "Conversa"}, 2: {"en": "Cat", "pt": "Chat"}}
    scale = ResponseScale(id="animals", kind="nominal", options=options)
    assert decoded(["chat"], scale).rejected[0].kind == "ambiguous"
    assert decoded(["cat"], scale).values.tolist() == [2.0]
