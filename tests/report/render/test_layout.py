import pytest

from surveysem.errors import UnsupportedError
from surveysem.report.render.layout import (
    LANDSCAPE_POINTS,
    PORTRAIT_POINTS,
    below,
    decimal_padding,
    first_span,
    fits_one_page,
    heads,
    spanners,
    table_layout,
    text_width,
)
from surveysem.report.table import Column, Quantity, Row


def numbers(count):
    columns = tuple(Column(key=str(place), label=str(place), kind="decimal") for place in range(count))
    return {"columns": columns, "rows": (Row(cells={str(place): -123.456 for place in range(count)}),)}


def test_widths_fit_the_page_and_hold_their_texts(make_table, flagship):
    from surveysem.report import paper_tables

    for table in (make_table(), *paper_tables(flagship).values()):
        layout = table_layout(table)
        assert layout.width <= (LANDSCAPE_POINTS if layout.landscape else PORTRAIT_POINTS) + 0.01
        for column, width in zip(heads(table), layout.widths, strict=True):
            if column.kind != "text":
                position = table.columns.index(column)
                assert all(layout.points * text_width(table.texts(row)[position]) < width for row in table.rows)


def test_letters_shrink_then_the_page_turns_then_the_table_is_refused(make_table):
    sizes = {count: table_layout(make_table(**numbers(count))) for count in (5, 9, 10, 20)}
    assert [layout.landscape for layout in sizes.values()] == [False, False, False, True]
    assert sizes[5].points == 10
    assert sizes[10].points < sizes[5].points
    with pytest.raises(UnsupportedError, match="90 columns, more than a printed page holds"):
        table_layout(make_table(**numbers(90)))


def test_a_heading_over_columns_has_room(make_table):
    columns = (
        Column(key="a", label="a"),
        Column(key="b", label="b", kind="decimal", spanner="A long heading over one"),
    )
    table = make_table(columns=columns, rows=(Row(cells={"a": "x", "b": 1.0}),))
    layout = table_layout(table)
    assert layout.widths[1] > layout.points * text_width("A long heading over one")


def test_padding_completes_decimals_and_signs(make_table):
    column = Column(key="v", label="v", kind="decimal")
    values = (Quantity(value=0.5, kind="bounded", decimals=3), 2841.337, Quantity(value=12, kind="integer", mark="†"))
    rows = tuple(Row(cells={"v": value}) for value in (*values, float("nan")))
    table = make_table(columns=(column,), rows=rows)
    assert decimal_padding(table, column) == {".500": "†", "2,841.34": "0†", "12†": ".000"}


def test_what_stands_above_below_and_across(make_table):
    table = make_table()
    assert spanners(table) == [("", 1), ("Unstandardised", 2), ("", 2)]
    assert below(table, table.rows[1]) == [("Reason", "The sign was foretold.")]
    assert [first_span(table, row) for row in table.rows] == [5, 1, 1]


def test_long_tables_do_not_fit_a_page(make_table):
    rows = make_table().rows
    assert fits_one_page(make_table(), table_layout(make_table()))
    long = make_table(rows=rows * 30)
    assert not fits_one_page(long, table_layout(long))
