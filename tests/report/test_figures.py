from dataclasses import replace
from itertools import combinations, pairwise

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from surveysem.propositions.proposition import DecisionRule, PathTest, Proposition
from surveysem.propositions.verdict import Evidence, Verdict
from surveysem.report import paper_figures
from surveysem.report.figures.graph import Arrow, layers
from surveysem.report.figures.placement import slot_heights
from surveysem.report.figures.routing import route_arrows


def boxes(figure: Figure, *gids: str) -> list[tuple[str, Bbox]]:
    renderer = figure.canvas.get_renderer()
    artists = figure.findobj(lambda artist: artist.get_gid() in gids)
    return [(getattr(artist, "get_text", lambda: "box")(), artist.get_window_extent(renderer)) for artist in artists]


def overlapping(extents: list[tuple[str, Bbox]]) -> list[tuple[str, str]]:
    return [
        (first, second)
        for (first, a), (second, b) in combinations(extents, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5
    ]


def writing(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text")) if text.get_text()]


@pytest.fixture(scope="module", params=["flagship", "small"])
def content(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("name", ["propositions", "path_diagram"])
def test_no_text_overlaps_another_and_none_leaves_the_page(content, name):
    figure = paper_figures(content)[name]
    gids = ("box-text", "label", "legend", "mark", "id", "effect", "verdict", "numbers", "heading", "tick", "axis")
    extents = boxes(figure, *gids)
    assert len(extents) > 5
    assert overlapping(extents) == []
    page = figure.bbox
    assert all(e.x0 >= 0 and e.y0 >= 0 and e.x1 <= page.x1 and e.y1 <= page.y1 for _, e in extents)


def test_boxes_and_labels_of_the_path_diagram_keep_clear_of_each_other(content):
    figure = paper_figures(content)["path_diagram"]
    extents = boxes(figure, "box", "label")
    n_paths = (content.structural.estimates["op"] == "~").sum()
    assert len(extents) == len(content.labels) + n_paths
    assert overlapping(extents) == []


def test_box_text_stays_inside_its_box(content):
    figure = paper_figures(content)["path_diagram"]
    frames = [frame for _, frame in boxes(figure, "box")]
    for text, extent in boxes(figure, "box-text"):
        assert any(
            f.x0 <= extent.x0 and extent.x1 <= f.x1 and f.y0 <= extent.y0 and extent.y1 <= f.y1 for f in frames
        ), text


def test_letters_are_at_least_eight_points(content):
    for figure in paper_figures(content).values():
        assert min(text.get_fontsize() for text in figure.findobj(lambda a: hasattr(a, "get_fontsize"))) >= 8


def test_figures_say_that_data_are_simulated(flagship, small):
    assert all("SIMULATED DATA" in writing(figure) for figure in paper_figures(flagship).values())
    assert not any("SIMULATED DATA" in writing(figure) for figure in paper_figures(small).values())


def test_figures_leave_no_global_state(flagship):
    before = plt.get_fignums()
    paper_figures(flagship)
    assert plt.get_fignums() == before


def test_forest_plot_shows_estimate_interval_and_verdict(flagship):
    words = writing(paper_figures(flagship)["propositions"])
    assert ".42 [.33, .51]" in words
    for verdict in ("supported", "not supported", "partially supported", "contradicted", "negligible", "not testable"):
        assert verdict in words
    assert not any(word.startswith("E1") for word in words)


def test_forest_plot_of_propositions_that_nothing_tests(small):
    rule = DecisionRule(expected="positive")
    test = PathTest(outcome="$\\frac$", predictor="liking_$1")
    proposition = Proposition(id="H$1$", statement="None.", expected="positive", test=test, rule=rule)
    evidence = Evidence(obstacle="no such path")
    verdict = Verdict(
        proposition=proposition, verdict="not testable", evidence=evidence, p_adjusted=float("nan"), reason="None."
    )
    figure = paper_figures(replace(small, verdicts=(verdict,)))["propositions"]
    figure.canvas.draw()
    assert "not testable" in writing(figure)


def test_without_propositions_there_is_no_forest_plot(small):
    assert set(paper_figures(replace(small, verdicts=()))) == {"path_diagram"}


def test_layers_follow_the_arrows_and_survive_a_cycle():
    arrows = [Arrow(source=a, target=b) for a, b in ("ab", "bc", "ca", "dc")]
    assert layers("abcd", arrows) == {"a": 0, "b": 1, "c": 2, "d": 1}


def test_arrows_of_a_cycle_point_back():
    routes = route_arrows("ab", [Arrow(source="a", target="b"), Arrow(source="b", target="a")]).routes
    assert [route.leftwards for route in routes] == [False, True]


def test_moderation_ends_on_the_path_it_moderates():
    arrows = [
        Arrow(source="x", target="y"),
        Arrow(source="z", target="y"),
        Arrow(source="z", target="y", onto="x"),
    ]
    moderated, _, moderation = route_arrows("xyz", arrows).routes
    assert moderation.slots[-1].kind == "junction"
    assert moderation.slots[-1] in moderated.slots


def test_slots_of_a_column_keep_their_distance():
    names = [f"x{number}" for number in range(6)] + ["y"]
    routing = route_arrows(names, [Arrow(source=name, target="y") for name in names[:-1]])
    sizes = dict.fromkeys(routing.slots, 0.4)
    heights = slot_heights(routing, sizes)
    for column in {slot.column for slot in routing.slots}:
        places = sorted(height for slot, height in heights.items() if slot.column == column)
        assert all(upper - lower >= 0.4 for lower, upper in pairwise(places))
