from dataclasses import replace
from math import isnan, nan

import pandas as pd
import pytest

from surveysem.report import paper_tables
from surveysem.report.table import Column, Interval, Quantity, Row, Table

NAMES = {
    "sample",
    "measurement",
    "reliability",
    "discriminant_validity",
    "fit",
    "paths",
    "moderation",
    "effects",
    "verdicts",
    "extensions",
}


def texts(table: Table, row: Row) -> dict[str, str]:
    return dict(zip([column.key for column in table.columns], table.texts(row), strict=True))


def row_of(table: Table, key: str, value: object) -> dict[str, str]:
    return next(texts(table, row) for row in table.rows if row.cells[key] == value)


def test_a_full_study_has_all_tables_numbered_in_order(flagship):
    tables = paper_tables(flagship)
    assert set(tables) == NAMES
    assert [table.number for table in tables.values()] == list(range(1, len(NAMES) + 1))
    assert all(table.name == name for name, table in tables.items())


def test_tables_with_nothing_to_show_are_left_out(small):
    assert set(paper_tables(small)) == NAMES - {"moderation", "effects", "extensions"}


def test_every_table_says_that_data_are_simulated(flagship, small):
    for table in paper_tables(flagship).values():
        assert "SIMULATED DATA" in table.full_title
        assert "SIMULATED DATA" in table._repr_html_()
        assert table.to_frame().attrs["simulated"] is True
    assert not any("SIMULATED" in table._repr_html_() for table in paper_tables(small).values())


def test_loadings_are_those_of_the_fit_and_fixed_ones_have_no_standard_error(small):
    table = paper_tables(small)["measurement"]
    estimates = small.measurement.estimates.set_index("rhs")
    frame = table.to_frame().set_index("indicator")
    for indicator in estimates.index:
        assert frame.loc[indicator, "std_all"] == estimates.loc[indicator, "std_all"]
    assert row_of(table, "indicator", "quality_1")["std_error"] == "—"
    assert row_of(table, "indicator", "quality_2")["std_error"] == "0.050"
    assert row_of(table, "indicator", "quality_3")["wording"].endswith("(R)")


def test_a_standard_error_of_nought_is_a_fixed_loading(small):
    estimates = small.measurement.estimates.assign(std_error=0.0)
    content = replace(small, measurement=replace(small.measurement, estimates=estimates))
    assert row_of(paper_tables(content)["measurement"], "indicator", "quality_2")["std_error"] == "—"


def test_reliability_marks_what_misses_its_threshold(small):
    values = pd.DataFrame(
        {
            "n_items": [4, 4],
            "alpha": [0.8, nan],
            "omega": [0.8, 0.81],
            "composite_reliability": [0.699, 0.70],
            "average_variance_extracted": [0.50, 0.499],
        },
        index=["quality", "liking"],
    )
    table = paper_tables(replace(small, reliability=values))["reliability"]
    assert row_of(table, "latent_variable", "Quality")["composite_reliability"] == ".70†"
    assert row_of(table, "latent_variable", "Quality")["average_variance_extracted"] == ".50"
    assert row_of(table, "latent_variable", "Liking")["composite_reliability"] == ".70"
    assert row_of(table, "latent_variable", "Liking")["average_variance_extracted"] == ".50†"
    assert row_of(table, "latent_variable", "Liking")["alpha"] == "—"


def test_discriminant_validity_keeps_the_two_triangles_apart(small):
    names = ["quality", "liking"]
    htmt = pd.DataFrame([[1.0, 0.91], [0.91, 1.0]], index=names, columns=names)
    larcker = pd.DataFrame([[0.8, nan], [0.75, 0.7]], index=names, columns=names)
    table = paper_tables(replace(small, htmt=htmt, fornell_larcker=larcker))["discriminant_validity"]
    assert [table.texts(row) for row in table.rows] == [("1. Quality", ".80", ".91‡"), ("2. Liking", ".75†", ".70")]
    diagonal = table.rows[0].cells["1"]
    assert isinstance(diagonal, Quantity)
    assert diagonal.strong


def test_fit_shows_standard_and_robust_indices_beside_the_cut_offs(small):
    table = paper_tables(small)["fit"]
    cfi = row_of(table, "index", "CFI")
    assert (cfi["measurement_standard"], cfi["measurement_robust"], cfi["cutoff"]) == (".941", ".946", "≥ .95")
    assert cfi["source"] == "Hu and Bentler (1999)"
    assert row_of(table, "index", "RMSEA, 90% CI")["structural_robust"] == "[.030, .036]"
    assert row_of(table, "index", "χ²")["structural_standard"] == "2,904.84"


def test_fit_without_robust_indices_has_no_columns_for_them(small):
    plain = {key: value for key, value in small.measurement.fit_indices.items() if not key.endswith("robust")}
    plain = {key: value for key, value in plain.items() if "scal" not in key}
    models = {name: replace(getattr(small, name), fit_indices=plain) for name in ("measurement", "structural")}
    table = paper_tables(replace(small, **models))["fit"]
    assert [column.key for column in table.columns] == [
        "index",
        "measurement_standard",
        "structural_standard",
        "cutoff",
        "source",
    ]
    assert "Scaling factor" not in [row.cells["index"] for row in table.rows]


def test_interactions_stand_in_moderation_and_not_among_the_paths(flagship):
    tables = paper_tables(flagship)
    assert not any("×" in str(row.cells["path"]) for row in tables["paths"].rows)
    products = [row.cells["interaction"] for row in tables["moderation"].rows]
    assert products == [
        "Perceived credibility × Product complexity",
        "Perceived credibility × Regulatory environment",
    ]
    n_paths = sum(row.indent == 1 for row in tables["paths"].rows)
    assert n_paths + len(products) == (flagship.structural.estimates["op"] == "~").sum()


def test_verdicts_keep_parts_under_their_whole_and_extensions_apart(flagship):
    tables = paper_tables(flagship)
    ids = [(row.cells["id"], row.indent) for row in tables["verdicts"].rows]
    assert ids[9:] == [("P10", 0), ("P10a", 1), ("P10b", 1), ("P10c", 1)]
    assert [row.cells["id"] for row in tables["extensions"].rows] == ["E1", "E2", "E3"]
    whole = row_of(tables["verdicts"], "id", "P10")
    assert whole["verdict"] == "partially supported"
    assert whole["std_estimate"] == whole["p_value"] == ""
    untested = row_of(tables["verdicts"], "id", "P8")
    assert untested["std_estimate"] == untested["ci"] == untested["p_adjusted"] == "—"
    first = row_of(tables["verdicts"], "id", "P1")
    assert first["reason"] == flagship.verdicts[0].reason
    assert first["rule"] == str(flagship.verdicts[0].proposition.rule)


def test_frames_hold_unrounded_numbers(flagship):
    frame = paper_tables(flagship)["verdicts"].to_frame().set_index("id")
    evidence = flagship.verdicts[0].evidence
    assert frame.loc["P1", "std_estimate"] == evidence.std_estimate
    assert frame.loc["P1", "ci_lower"] == evidence.ci_lower
    assert isnan(frame.loc["P10", "estimate"])


@pytest.mark.parametrize("place", ["title", "column", "spanner", "cell", "note"])
def test_notebook_tables_show_markup_instead_of_running_it(place):
    hostile = "<script>alert(1)</script>"
    words = dict.fromkeys(["title", "column", "spanner", "cell", "note"], "harmless") | {place: hostile}
    table = Table(
        name="hostile",
        title=words["title"],
        columns=(Column(key="text", label=words["column"], spanner=words["spanner"]),),
        rows=(Row(cells={"text": words["cell"]}),),
        notes=((words["note"],),),
    )
    html = table._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&amp;lt;" not in html


def test_missing_values_are_dashes_and_blank_cells_blank():
    columns = (
        Column(key="a", label="a", kind="interval"),
        Column(key="b", label="b", kind="p"),
        Column(key="c", label="c", kind="integer"),
        Column(key="d", label="d"),
    )
    missing = Row(cells={"a": Interval(lower=nan, upper=1.0), "b": nan, "c": nan, "d": nan})
    table = Table(name="gaps", title="Gaps", columns=columns, rows=(missing, Row(cells={})))
    assert table.texts(table.rows[0]) == ("—", "—", "—", "—")
    assert table.texts(table.rows[1]) == ("", "", "", "")


def test_fit_table_prints_the_cutoffs_the_study_declares(small):
    from surveysem.propositions import FitCriteria

    content = replace(small, fit_criteria=FitCriteria(cfi=0.90))
    rows = {row.cells["index"]: row.cells for row in paper_tables(content)["fit"].rows}
    assert rows["CFI"]["cutoff"] == "≥ .90"
    assert rows["CFI"]["source"] is None
    assert rows["SRMR"]["cutoff"] == "≤ .08"
    assert rows["AIC"]["cutoff"] == ""
