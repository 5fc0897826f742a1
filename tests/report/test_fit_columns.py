"""Scaled tests and robust indices, which can stand without each other, and models without a chi-square."""

from dataclasses import replace
from math import nan

import pandas as pd
import pytest

from surveysem.report import build_document, paper_tables
from surveysem.report.document import Paragraph
from surveysem.report.inline import plain
from surveysem.report.sections.phrases import fit_sentence


def with_indices(content, indices, **changes):
    measurement = replace(content.measurement, fit_indices=indices)
    return replace(
        content, measurement=measurement, structural=replace(content.structural, fit_indices=indices), **changes
    )


def without(indices, *endings):
    return {name: value for name, value in indices.items() if not any(ending in name for ending in endings)}


@pytest.fixture
def incomplete(small):
    """Maximum likelihood from incomplete rows: robust indices, but no scaled test."""
    indices = without(small.measurement.fit_indices, ".scaled", "scaling")
    return with_indices(small, indices, settings={**small.settings, "missing": "fiml"})


def methods(content):
    section = next(each for each in build_document(content).sections if each.heading == "Notes on method")
    return "\n".join(plain(block.text) for block in section.blocks if isinstance(block, Paragraph))


def cells(content):
    table = paper_tables(content)["fit"]
    keys = [column.key for column in table.columns]
    return {str(row.cells["index"]): dict(zip(keys, table.texts(row), strict=True)) for row in table.rows}


def test_robust_indices_are_shown_without_a_scaled_test(incomplete):
    rows = cells(incomplete)
    assert rows["CFI"]["measurement_robust"] == ".946"
    assert rows["χ²"]["measurement_robust"] == ""
    assert rows["χ²"]["measurement_standard"] == "2,841.34"
    assert "Scaling factor" not in rows
    said = plain(fit_sentence(incomplete.measurement))
    assert said.startswith("χ²(1,975) = 2,841.34")
    assert "robust CFI = .946" in said


def test_a_robust_index_that_cannot_be_computed_is_a_dash(incomplete):
    content = with_indices(incomplete, {**incomplete.measurement.fit_indices, "cfi.robust": nan})
    assert cells(content)["CFI"]["measurement_robust"] == "—"


def test_a_scaled_test_is_shown_without_robust_indices(small):
    rows = cells(with_indices(small, without(small.measurement.fit_indices, ".robust")))
    assert rows["χ²"]["measurement_robust"] == "2,705.99"
    assert rows["CFI"]["measurement_robust"] == ""


def test_robust_indices_are_credited_to_those_who_derived_them(small, incomplete):
    assert "Brosseau-Liard and Savalei (2014)" in methods(small)
    assert "Yuan and Bentler (2000)" in methods(small)
    assert "Zhang and Savalei (2023)" in methods(incomplete)
    assert "Brosseau-Liard" not in methods(incomplete)
    assert "Yuan and Bentler" not in methods(incomplete)
    estimates = small.measurement.estimates
    thresholds = pd.concat([estimates, estimates.iloc[[0]].assign(op="|", rhs="t1")], ignore_index=True)
    ordered = replace(small, measurement=replace(small.measurement, estimates=thresholds))
    assert "Savalei (2021)" in methods(ordered)


def test_a_model_without_chi_square_has_dashes_and_a_linear_twin(small):
    likelihood = {name: small.structural.fit_indices[name] for name in ("npar", "ntotal", "logl", "aic", "bic")}
    products = replace(small.structural, fit_indices=likelihood)
    content = replace(small, structural=products, structural_linear=small.structural)
    rows = cells(content)
    assert rows["CFI"]["structural_standard"] == "—"
    assert rows["CFI"]["linear_robust"] == ".946"
    assert "structural_robust" not in rows["CFI"]
    assert rows["Log-likelihood"]["structural_standard"] == "−31,532.12"
    said = plain(fit_sentence(products))
    assert said.startswith("log-likelihood = −31,532.12")
    assert "CFI" not in said
