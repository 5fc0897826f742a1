"""Paragraphs for a manuscript, and the checklist of reporting standards."""

import re
from dataclasses import replace

import pytest

from surveysem.number_formats import format_bounded, format_decimal
from surveysem.report import build_document, render_markdown
from surveysem.report.document import ReferenceList, works_cited
from surveysem.report.render.bibtex import render_bibtex
from surveysem.report.sections.jars import BY_AUTHOR, IN_PART, IN_REPORT, ITEMS, NOT_CALLED_FOR
from surveysem.report.sections.manuscript import manuscript_document, manuscript_paragraphs, plain_paragraphs
from surveysem.report.table import Table


def checklist(content):
    table = next(each for each in build_document(content).blocks if isinstance(each, Table) and each.name == "jars")
    return {str(row.cells["item"]): row.cells for row in table.rows if "status" in row.cells}


def item(content, words):
    return next(cells for text, cells in checklist(content).items() if words in text)


def test_method_and_results_are_told(flagship):
    paragraphs = manuscript_paragraphs(flagship)
    assert [each.part for each in paragraphs] == ["Method"] * 5 + ["Results"] * 4
    text = plain_paragraphs(flagship)
    assert "Of 400 respondents, 28 were left out" in text["sample"]
    assert "eligibility, n = 12; attention checks, n = 9; incomplete answers, n = 7" in text["sample"]
    assert "372 (93.0%) were analysed" in text["sample"]
    assert text["sample"].startswith("The answers were simulated, not collected (SIMULATED (seed 7))")
    assert "listwise deletion" in text["missing"]
    assert "Yuan and Bentler (2000) (MLR), with surveysem 0.1.0 (Python 3.11.7)" in text["analysis"]
    assert (
        "two-sided test at α = .05; p values were adjusted for the number of tests after Holm (1979)" in text["rules"]
    )
    assert "±.10" in text["rules"]


def test_numbers_are_those_of_the_fit(flagship):
    text = plain_paragraphs(flagship)
    loadings = flagship.measurement.estimates.query("op == '=~'")["std_all"]
    assert f"between {format_bounded(loadings.min())} and {format_bounded(loadings.max())}" in text["measurement"]
    evidence = flagship.verdicts[0].evidence
    expected = f"b = {format_decimal(evidence.estimate)}, SE = {format_decimal(evidence.std_error, 3)}, 95% CI ["
    assert (
        f"P1 was supported: the effect of Network relevance on Perceived credibility was {expected}"
        in (text["propositions"])
    )
    assert (
        "P10 was partially supported (P10a not supported, P10b supported and P10c not supported)."
        in (text["propositions"])
    )
    assert "P8 was not testable: The path is not in the model." in text["propositions"]
    assert "scaled χ²(1,975) = 2,705.99" in text["fit"]
    assert "Not all cut-offs were met" in text["fit"]


def test_what_went_wrong_is_told(flagship):
    odd = replace(flagship, structural=replace(flagship.structural, admissible=False))
    assert "The solution of the structural model is inadmissible" in plain_paragraphs(odd)["fit"]
    failed = replace(flagship, measurement=replace(flagship.measurement, converged=False))
    assert "did not converge for the measurement model" in plain_paragraphs(failed)["fit"]


def test_real_answers_are_not_called_simulated(small):
    assert "simulated" not in " ".join(plain_paragraphs(small).values())
    assert "SIMULATED" not in render_markdown(manuscript_document(small))


def test_full_information_is_told(small):
    fiml = replace(small, settings={**small.settings, "missing": "fiml"})
    assert "full-information maximum likelihood" in plain_paragraphs(fiml)["missing"]


def test_the_document_lists_the_works_it_cites(flagship):
    document = manuscript_document(flagship)
    listed = [work for block in document.blocks if isinstance(block, ReferenceList) for work in block.works]
    assert listed == list(works_cited(list(document.blocks)))
    assert "holm_1979" in {work.key for work in listed}


@pytest.mark.parametrize("name", ["flagship", "small"])
def test_bibliography_holds_every_work_cited_once_and_no_other(name, request):
    document = build_document(request.getfixturevalue(name))
    cited = [work.key for work in works_cited([b for b in document.blocks if not isinstance(b, ReferenceList)])]
    works = [work for block in document.blocks if isinstance(block, ReferenceList) for work in block.works]
    keys = re.findall(r"^@\w+\{([^,]+),", render_bibtex(works), re.MULTILINE)
    assert sorted(keys) == sorted(cited)
    assert len(keys) == len(set(keys))


def test_every_item_has_a_state_and_says_where_or_what(flagship):
    cells = checklist(flagship)
    assert len(cells) == len(ITEMS)
    for each in cells.values():
        assert each["status"] in (IN_REPORT, IN_PART, BY_AUTHOR, NOT_CALLED_FOR)
        assert bool(each["places"]) == (each["status"] in (IN_REPORT, IN_PART))
        assert bool(each["author"]) == (each["status"] in (IN_PART, BY_AUTHOR))


def test_items_follow_the_content(flagship, small):
    assert item(flagship, "amount and pattern of missing")["status"] == BY_AUTHOR  # no such section in this content
    assert item(flagship, "interactions of latent variables are estimated")["places"] == "Section “Moderation”"
    assert item(small, "interactions of latent variables are estimated")["status"] == NOT_CALLED_FOR
    assert item(flagship, "covariances or correlations")["status"] == BY_AUTHOR
    with_bundle = replace(flagship, bundle="bundle.zip")
    assert item(with_bundle, "covariances or correlations")["places"] == "Bundle beside the report"


def test_places_named_are_there(flagship):
    document = build_document(flagship)
    headings = {section.heading for section in document.sections}
    numbers = {f"Table {block.number}" for block in document.blocks if isinstance(block, Table)}
    for cells in checklist(flagship).values():
        assert set(re.findall(r"“([^”]+)”", cells["places"])) <= headings
        assert set(re.findall(r"Table \d+", cells["places"])) <= numbers


def test_a_fitted_study_has_both(democracy_result):
    assert "D1 was supported" in democracy_result.paragraphs["propositions"]
    assert democracy_result.jars.name == "jars"
    missing = next(row for row in democracy_result.jars.rows if "missing answers" in str(row.cells["item"]))
    assert missing.cells["status"] == IN_PART
