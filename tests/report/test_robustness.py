"""Tables, figures and the section on robustness."""

from dataclasses import replace
from math import nan

import pandas as pd
import pytest

from surveysem.report.document import FigureBlock
from surveysem.report.figures.influence import influence_plot
from surveysem.report.figures.specification_curve import specification_curve, specification_overview
from surveysem.report.render.markdown import render_markdown
from surveysem.report.robustness import NO_RESULT, ComparedProposition, InfluenceContent, RobustnessContent
from surveysem.report.tables.influence import influence_table
from surveysem.report.tables.robustness import robustness_table

CHOICES = {"estimator": ("ML", "MLR"), "missing": ("listwise", "fiml")}


def _row(number, proposition, beta, verdict, estimator, missing):
    return {
        "specification": number,
        "declared": number == 1,
        "measurement": "declared",
        "screening": "declared",
        "missing": missing,
        "moderation": "",
        "estimator": estimator,
        "n_obs": 100,
        "proposition": proposition,
        "verdict": verdict,
        "estimate": beta,
        "std_error": 0.1,
        "ci_lower": beta - 0.2,
        "ci_upper": beta + 0.2,
        "beta": beta,
        "beta_std_error": 0.1,
        "beta_ci_lower": beta - 0.2,
        "beta_ci_upper": beta + 0.2,
        "p_value": 0.04 if verdict == "supported" else 0.2,
        "p_adjusted": 0.04,
        "admissible": verdict != NO_RESULT,
        "problem": "" if verdict != NO_RESULT else "it cannot be fitted",
    }


@pytest.fixture
def specifications():
    rows = [
        _row(1, "H1", 0.3, "supported", "ML", "listwise"),
        _row(2, "H1", 0.3, "not supported", "MLR", "listwise"),
        _row(3, "H1", 0.35, "supported", "ML", "fiml"),
        _row(4, "H1", nan, NO_RESULT, "MLR", "fiml"),
        *(
            _row(number, "H2", nan if number == 4 else 0.5, "supported" if number < 4 else NO_RESULT, *choice)
            for number, choice in enumerate(
                [("ML", "listwise"), ("MLR", "listwise"), ("ML", "fiml"), ("MLR", "fiml")], start=1
            )
        ),
    ]
    propositions = (
        ComparedProposition(id="H1", title="Trust → Use", smallest_effect=0.1),
        ComparedProposition(id="H2", title="Cost of $5 → Use"),
    )
    return RobustnessContent(table=pd.DataFrame(rows), propositions=propositions, choices=CHOICES, sentences=("Said.",))


@pytest.fixture
def influenced():
    cases = pd.DataFrame(
        {
            "generalized_distance": [0.1, 3.0, 0.4],
            "likelihood_distance": [0.1, 2.9, 0.4],
            "n_left_out": [1, 1, 1],
            "largest_change": [0.1, -0.6, nan],
            "largest_effect": ["H1", "H1", "H2"],
        },
        index=pd.Index([2, 3, 4], name="row"),
    )
    verdicts = pd.DataFrame(
        {
            "kind": ["respondent"],
            "left_out": [3],
            "proposition": ["H1"],
            "verdict": "supported",
            "without": "negligible",
        }
    )
    return InfluenceContent(method="exact", cases=cases, changes=pd.DataFrame(), verdicts=verdicts, n_refitted=1)


def test_shares_leave_out_what_has_no_result(specifications):
    row = specifications.share("H1")
    assert row["n_specifications"] == 3
    assert row["n_without"] == 1
    assert row["n_supported"] == 2
    assert row["share_same"] == 2 / 3
    assert row["beta_median"] == 0.3
    assert specifications.differing == ("H1",)


def test_the_table_tells_verdicts_where_they_differ(specifications):
    frame = robustness_table(specifications, simulated=False).to_frame()
    assert frame["verdicts"].tolist()[0] == "supported 2; not supported 1"
    assert pd.isna(frame["verdicts"].tolist()[1])
    assert frame["range_upper"].tolist() == [0.35, 0.5]


def test_a_curve_draws_what_has_a_result_and_counts_the_rest(specifications):
    figure = specification_curve(specifications, "H1", simulated=True)
    texts = [each.get_text() for each in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert any("2 of 3 specifications support it; 1 more without a result" in text for text in texts)
    assert {"ML", "MLR", "listwise", "fiml", "SIMULATED DATA", "smallest effect of interest"} <= set(texts)
    squares = list(figure.findobj(lambda artist: getattr(artist, "get_marker", str)() == "s"))
    assert sum(len(line.get_xdata()) for line in squares) == 3 * len(CHOICES)


def test_the_overview_has_a_line_for_each_proposition(specifications):
    figure = specification_overview(specifications)
    texts = [each.get_text() for each in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    assert {"H1", "H2", "2 of 3 (67%)", "3 of 3 (100%)"} <= set(texts)


def test_verdicts_that_were_not_judged_again_are_not_said_to_hold(influenced):
    frame = influence_table(influenced, simulated=False).to_frame()
    assert frame["verdicts"].tolist()[1:] == ["H1: negligible", "not judged again", "not judged again"]
    assert influence_plot(influenced, simulated=True).get_size_inches()[0] == 7


def test_clusters_stand_beside_respondents(influenced):
    clusters = influenced.cases.set_axis(pd.Index(["a", "b", "c"], name="team"))
    content = replace(influenced, clusters=clusters, cluster="team", clusters_judged=True)
    frame = influence_table(content, simulated=False).to_frame()
    assert frame["who"].tolist()[4] == "Clusters (team)"
    assert frame["verdicts"].tolist()[5] == "none"


def test_the_report_shows_all_of_it(democracy_result, specifications, influenced):
    from surveysem.report import build_document
    from surveysem.report.figures import paper_figures

    content = replace(democracy_result._content, robustness=specifications, influence=influenced)
    document = build_document(content)
    section = next(each for each in document.sections if each.heading == "Robustness")
    named = [block.name for block in section.blocks if isinstance(block, FigureBlock)]
    assert named == ["specification_curve", "specification_curve_H1", "influence"]
    assert set(named) <= set(paper_figures(content))
    words = render_markdown(document)
    assert "repeated in 4 specifications, of which 1 had no result" in words
    assert "Independent software" in words
    assert all(each.heading != "Robustness" for each in build_document(democracy_result._content).sections)
