from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from surveysem.data.cells import CellConventions, decode_column
from surveysem.instrument import ResponseScale

NAN = float("nan")


def decoded(cells, scale, **options):
    column = pd.Series(cells, index=range(2, len(cells) + 2), name="q", dtype=object)
    return decode_column(column, scale, CellConventions(**options))


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
    cells = ["", " ", None, pd.NA, NAN, "NA", "n/a", -99, "-99", "\u221299", "does not apply"]
    column = decoded(cells, instrument.scale("agree7"))
    assert column.values.isna().all()
    assert column.counts == {"empty": 5, "missing text": 2, "missing code": 4}
    assert column.missing_texts == ("NA", "n/a")


def test_declared_answers_and_missing_cells(instrument):
    conventions = {"missing": frozenset({999.0, "refused", "na"}), "answers": {"a5": 5}}
    column = decoded(["999", 999, "Refused", "NA", "A5", 4], instrument.scale("agree7"), **conventions)
    assert column.values.tolist()[4:] == [5.0, 4.0]
    assert column.counts == {"missing code": 4, "label": 1, "value": 1}
    text = decoded(["NA", "Portugal", "999"], instrument.scale("free_text"), **conventions)
    assert text.counts == {"missing code": 2, "value": 1}


@pytest.mark.parametrize(
    "cell", ["5 - Degree 5", "Degree 5 (5)", "5. grau 5", "(5) Degree 5", "5=Degree 5", "5 – Degree 5."]
)
def test_labels_with_their_number(instrument, cell):
    assert decoded([cell], instrument.scale("agree7")).values.tolist() == [5.0]


def test_number_and_label_that_contradict_each_other(instrument):
    (rejected,) = decoded(["5 - Degree 4", "4"], instrument.scale("agree7")).rejected
    assert (rejected.kind, rejected.rows) == ("conflict", (2,))
    (rejected,) = decoded(["5 - Very much"], instrument.scale("agree7")).rejected
    assert rejected.kind == "text"


@pytest.mark.parametrize(
    "cell", ["5-Jan", "05/jan", "jan-05", "2024-01-05", "05/01/2024", "2024-01-05 00:00:00", date(2024, 1, 5)]
)
def test_dates_are_told_apart_from_other_text(instrument, cell):
    (rejected,) = decoded(["4", cell], instrument.scale("agree7")).rejected
    assert (rejected.kind, rejected.rows) == ("date", (3,))


def test_formulas_are_not_computed(instrument):
    (rejected,) = decoded(["=2+3", "4"], instrument.scale("agree7")).rejected
    assert (rejected.kind, rejected.cells) == ("formula", ("=2+3",))


def test_value_labels_that_agree_change_nothing(instrument):
    labels = {1.0: "Degree 1", 7.0: "Grau 7", 8.0: "Does not apply"}
    column = decoded([1.0, 4.0, 7.0], instrument.scale("agree7"), value_labels={1.0: "Degree 1", 7.0: "Grau 7"})
    assert column.values.tolist() == [1.0, 4.0, 7.0]
    assert not column.recoded
    assert decoded([8.0], instrument.scale("agree7"), value_labels=labels).counts == {"missing code": 1}


def test_values_coded_otherwise_are_read_by_their_labels(instrument):
    labels = {float(code): f"Degree {8 - code}" for code in range(1, 7)}
    column = decoded([1.0, 6.0, 4.0, 7.0], instrument.scale("agree7"), value_labels=labels)
    assert column.values.tolist()[:3] == [7.0, 2.0, 4.0]
    assert column.recoded == {1.0: 7, 6.0: 2}
    assert [(one.kind, one.cells) for one in column.rejected] == [("unlabelled", ("7.0",))]


def test_values_the_source_declares_missing(instrument):
    column = decoded([98.0, 4.0], instrument.scale("agree7"), source_missing=frozenset({98.0}))
    assert column.counts == {"source missing": 1, "value": 1}
    (rejected,) = decoded([7.0, 4.0], instrument.scale("agree7"), source_missing=frozenset({7.0})).rejected
    assert rejected.kind == "missing option"


def test_numbers_truths_and_texts_are_kept_apart(instrument):
    column = decoded([1, True, 1.0, "1"], instrument.scale("agree7"))
    assert column.counts == {"value": 3, "text": 1}


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
    assert column.values.tolist()[2] == "NA"
    assert column.values.isna().tolist() == [False, False, False, True]


def test_label_of_several_codes_is_ambiguous():
    options = {1: {"en": "Chat", "pt": "Conversa"}, 2: {"en": "Cat", "pt": "Chat"}}
    scale = ResponseScale(id="animals", kind="nominal", options=options)
    assert decoded(["chat"], scale).rejected[0].kind == "ambiguous"
    assert decoded(["cat"], scale).values.tolist() == [2.0]


def test_a_whole_number_beyond_all_floats_is_outside(instrument):
    (rejected,) = decoded([10**400], instrument.scale("agree7")).rejected
    assert rejected.kind == "outside"
