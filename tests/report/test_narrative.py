from dataclasses import replace

import pytest

from surveysem.findings import Finding
from surveysem.instrument import CitedWork
from surveysem.report import build_document
from surveysem.report.content import file_name
from surveysem.report.document import BulletList, Equation, FigureBlock, Notice, Paragraph, ReferenceList
from surveysem.report.inline import Citation, plain
from surveysem.report.table import Table


def section(content, heading):
    return next(each for each in build_document(content).sections if each.heading == heading)


def words(section):
    parts = []
    for block in section.blocks:
        match block:
            case Paragraph() | Notice():
                parts.append(plain(block.text))
            case BulletList():
                parts += map(plain, block.items)
    return "\n".join(parts)


def test_sections_stand_in_the_order_of_a_paper(flagship):
    assert [each.heading for each in build_document(flagship).sections] == [
        "Sample and screening",
        "Measures and model",
        "Quality of measurement",
        "Fit of the models",
        "Propositions",
        "Structural model",
        "Moderation",
        "Extensions",
        "Findings",
        "Notes on method",
        "Text for a manuscript",
        "Reporting standards",
        "Reproduction",
        "References",
    ]


def test_tables_and_figures_appear_once_in_the_order_of_their_numbers(flagship):
    blocks = list(build_document(flagship).blocks)
    assert [block.number for block in blocks if isinstance(block, Table)] == list(range(1, 12))
    assert [block.number for block in blocks if isinstance(block, FigureBlock)] == [1, 2]


def test_numbers_in_sentences_are_formatted_as_in_print(flagship):
    text = words(section(flagship, "Fit of the models"))
    assert "scaled χ²(1,975) = 2,705.99, p < .001, robust CFI = .946" in text
    assert "90% CI [.030, .036], SRMR = .052" in text


def test_poor_fit_is_said_plainly_and_stands_beside_the_verdicts(flagship):
    assert "poor fit" in words(section(flagship, "Fit of the models"))
    for heading in ("Propositions", "Extensions"):
        notices = [block for block in section(flagship, heading).blocks if isinstance(block, Notice)]
        assert [notice.severity for notice in notices] == ["warning"]
        assert flagship.fit_judgement[0].message in plain(notices[0].text)


def test_good_fit_raises_no_doubt(flagship):
    good = replace(flagship, fit_judgement=(Finding(severity="note", where="model", message="All cut-offs met."),))
    assert not any(isinstance(block, Notice) for block in section(good, "Propositions").blocks)
    assert "No declared cut-off is missed." in words(section(good, "Fit of the models"))


@pytest.mark.parametrize(("flaw", "expected"), [("converged", "did not converge"), ("admissible", "inadmissible")])
def test_a_model_that_failed_puts_a_serious_notice_beside_the_verdicts(small, flaw, expected):
    broken = replace(small, structural=replace(small.structural, **{flaw: False}))
    notices = [block for block in section(broken, "Propositions").blocks if isinstance(block, Notice)]
    assert notices[0].severity == "serious"
    assert expected in plain(notices[0].text)


def test_every_verdict_is_given_with_its_reason(flagship):
    text = words(section(flagship, "Propositions"))
    for verdict in flagship.verdicts:
        assert f"{verdict.id}, {verdict.verdict}. {verdict.proposition.statement} {verdict.reason}" in text
    assert "E1" not in text


def test_extensions_are_marked_as_such(flagship):
    assert words(section(flagship, "Extensions")).startswith("Not counted among the propositions.")


def test_all_findings_and_warnings_are_listed_the_serious_first(flagship):
    warned = replace(flagship, measurement=replace(flagship.measurement, warnings=("The gradient was flat.",)))
    blocks = section(warned, "Findings").blocks
    assert [block.severity for block in blocks] == ["serious", "warning", "warning", "note"]
    text = words(section(warned, "Findings"))
    assert "Measurement model: The gradient was flat." in text
    assert all(finding.message in text for finding in flagship.findings)


def test_missed_thresholds_are_named(flagship):
    text = words(section(flagship, "Quality of measurement"))
    reliability = flagship.reliability
    weak = reliability.index[reliability["average_variance_extracted"] < 0.5]
    assert len(weak) > 0
    assert all(flagship.labels[name] in text for name in weak)


def test_the_bibliography_lists_exactly_what_is_cited(flagship):
    document = build_document(flagship)
    works = next(block.works for block in document.blocks if isinstance(block, ReferenceList))
    cited = {
        part.key
        for block in document.blocks
        if isinstance(block, Paragraph)
        for part in block.text
        if isinstance(part, Citation)
    }
    keys = [work.key for work in works]
    assert cited <= set(keys)
    assert {"hu_bentler_1999", "mcneish_wolf_2023", "fornell_larcker_1981", "henseler_2015"} <= set(keys)
    assert len(keys) == len(set(keys))
    assert [work.entry for work in works] == sorted((work.entry for work in works), key=str.casefold)


def test_works_that_only_the_instrument_lists_are_cited(small):
    work = CitedWork(key="doe_2020", authors=("Doe, J.", "Roe, R."), year=2020, title="A scale", source="A Press")
    constructs = tuple(each.model_copy(update={"sources": ("doe_2020",)}) for each in small.instrument.constructs)
    instrument = small.instrument.model_copy(update={"references": (work,), "constructs": constructs})
    content = replace(small, instrument=instrument)
    assert "Quality: 4 indicators; after Doe and Roe (2020)." in words(section(content, "Measures and model"))
    works = next(block.works for block in build_document(content).blocks if isinstance(block, ReferenceList))
    assert "Doe, J., Roe, R. (2020). A scale. A Press." in [each.entry for each in works]


def test_formulas_are_given_as_text_and_as_latex(small):
    equations = [block for block in section(small, "Notes on method").blocks if isinstance(block, Equation)]
    assert [equation.text.split(" ")[0] for equation in equations] == ["CR", "AVE"]
    assert all(r"\frac" in equation.latex for equation in equations)


def test_simulated_data_are_announced_with_their_population(flagship, small):
    document = build_document(flagship)
    assert document.marks == ("SIMULATED DATA",)
    assert flagship.population_note in plain(document.banner)
    assert build_document(small).marks == ()
    assert build_document(small).banner == ()


def test_the_summary_counts_the_propositions(flagship):
    highlight = build_document(flagship).summary[0]
    assert highlight.value == "5 of 10"
    assert "1 partially supported" in highlight.detail


@pytest.mark.parametrize(
    ("source", "name"),
    [("/home/ana/a.csv", "a.csv"), (r"C:\data\a.csv", "a.csv"), ("a.csv", "a.csv"), ("DataFrame", "DataFrame")],
)
def test_only_the_name_of_the_file_is_shown(source, name):
    assert file_name(source) == name
