"""Figures of interactions: right, legible, and fit for print."""

from io import BytesIO
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import UnsupportedError
from surveysem.report.figures.simple_slopes import value_label

MODEL = """
X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; M =~ m1 + m2 + m3; Y =~ y1 + y2 + y3
M ~ X + Z + X:Z; Y ~ M + X
"""
QUESTION = {"x": "X", "moderator": "Z", "outcome": "M"}
PATH = {"path": ("X", "M", "Y"), "moderator": "Z", "n_draws": 500}
LABELS = {
    "X": "Perceived credibility of the micro-influencer",
    "Z": "Product complexity as the buying centre sees it",
    "M": "Risk reduction: financial, operational and reputational",
    "Y": "Brand trust, cost in $ and €",
}
PLOTS = {
    "slopes": lambda fit, **options: ss.plot_simple_slopes(fit, **QUESTION, **options),
    "regions": lambda fit, **options: ss.plot_johnson_neyman(fit, **QUESTION, **options),
    "surface": lambda fit, **options: ss.plot_interaction_surface(fit, **QUESTION, **options),
    "indirect": lambda fit, **options: ss.plot_conditional_indirect(fit, **PATH, **options),
}


def _sample(n, seed):
    rng = np.random.default_rng(seed)
    x, z, e, u = rng.normal(size=(4, n))
    m = 0.4 * x + 0.3 * z + 0.3 * x * z + 0.6 * e
    values = {"x": x, "z": z, "m": m, "y": 0.5 * m + 0.2 * x + 0.6 * u}
    return pd.DataFrame({f"{name}{i}": values[name] + rng.normal(size=n) * 0.5 for name in values for i in (1, 2, 3)})


@pytest.fixture(scope="module")
def fit():
    return ss.sem(MODEL, _sample(250, 1), pairs="matched")


@pytest.fixture(scope="module")
def grouped():
    frame = _sample(300, 2).assign(sector=np.repeat(["regulated industries", "other"], 150))
    return ss.sem(MODEL, frame, pairs="matched", group="sector")


@pytest.fixture(scope="module")
def figure_of(fit, grouped):
    """Figures with long names, each drawn once."""
    drawn = {}

    def figure(name, groups, width=3.5):
        key = (name, groups, width)
        if key not in drawn:
            drawn[key] = PLOTS[name](fit if groups == 1 else grouped, width=width, labels=LABELS)
        return drawn[key]

    return figure


def texts(figure, *gids):
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    found = figure.findobj(lambda artist: artist.get_gid() in gids and hasattr(artist, "get_text"))
    shown = [text for text in found if text.get_text() and text.get_visible()]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in shown]


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("width", [3.5, 7.0])
@pytest.mark.parametrize("name", PLOTS)
def test_no_text_overlaps_another_and_none_leaves_the_page(figure_of, name, width, groups):
    figure = figure_of(name, groups, width)
    extents = texts(figure, "axis", "legend", "heading", "tick")
    assert figure.get_size_inches()[0] == width
    assert len(extents) > 8
    page = figure.bbox
    assert [
        text for text, e in extents if e.x0 < -0.5 or e.y0 < -0.5 or e.x1 > page.x1 + 0.5 or e.y1 > page.y1 + 0.5
    ] == []
    if name == "surface":  # boxes of slanted text overlap where the text does not
        extents = texts(figure, "legend", "heading")
    overlaps = [
        (first, second)
        for (first, a), (second, b) in combinations(extents, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5
    ]
    assert overlaps == []


@pytest.mark.parametrize("name", PLOTS)
def test_letters_are_at_least_eight_points(figure_of, name):
    figure = figure_of(name, 1)
    figure.canvas.draw()
    sizes = [
        text.get_fontsize()
        for text in figure.findobj(lambda artist: hasattr(artist, "get_fontsize"))
        if text.get_text() and text.get_visible()
    ]
    assert min(sizes) >= 8


@pytest.mark.parametrize("name", PLOTS)
def test_nothing_is_transparent_and_vector_files_can_be_written(figure_of, name):
    figure = figure_of(name, 1)
    assert {artist.get_alpha() for artist in figure.findobj()} <= {None, 1.0}
    for kind in ("pdf", "svg"):
        buffer = BytesIO()
        figure.savefig(buffer, format=kind)
        assert buffer.tell() > 5000


@pytest.mark.parametrize("name", PLOTS)
def test_one_panel_a_group(figure_of, grouped, name):
    assert len(figure_of(name, 1).axes) == 1
    figure = figure_of(name, 2)
    assert len(figure.axes) == 2
    assert [text for text, _ in texts(figure, "heading")] == [f"Group: {name}" for name in grouped.group_labels]


@pytest.mark.parametrize("name", PLOTS)
def test_figures_leave_no_global_state(fit, name):
    before = plt.get_fignums()
    PLOTS[name](fit)
    assert plt.get_fignums() == before


def _lines(axes, width=1.6):
    return [line for line in axes.lines if line.get_linewidth() == width]


def test_lines_are_the_predicted_ones_and_differ_without_colour(fit):
    lines = _lines(ss.plot_simple_slopes(fit, **QUESTION, at=(-2, -1, 0, 1, 2)).axes[0])
    expected = ss.predicted_values(fit, **QUESTION, at=(-2, -1, 0, 1, 2), x_at=(-2.5, 2.5))
    ends = np.array([line.get_ydata()[[0, -1]] for line in lines])
    np.testing.assert_allclose(ends.ravel(), expected["predicted"])
    assert len({str(line._dash_pattern) for line in lines}) == 5


def test_key_tells_the_slopes(fit):
    figure = ss.plot_simple_slopes(fit, **QUESTION, labels=LABELS)
    slope = ss.simple_slopes(fit, **QUESTION).loc[2, "slope"]
    assert any("+1 SD" in text and f"slope {slope:.3f}" in text for text, _ in texts(figure, "legend"))


def test_regions_change_where_the_slope_stops_being_significant(fit):
    result = ss.johnson_neyman(fit, **QUESTION)
    axes = ss.plot_johnson_neyman(fit, **QUESTION).axes[0]
    upright = sorted(line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1)
    low, high = axes.get_xlim()
    within = [each for each in result.boundaries if low < each < high]
    assert within
    # The curve has 240 steps.
    np.testing.assert_allclose(upright, within, atol=(high - low) / 240)
    assert any("Not significant" in text for text, _ in texts(axes.figure, "legend"))


def test_indirect_curve_is_that_of_the_effects(fit):
    axes = ss.plot_conditional_indirect(fit, **PATH, intervals="delta").axes[0]
    at = np.concatenate([line.get_xdata() for line in _lines(axes)])
    drawn = np.concatenate([line.get_ydata() for line in _lines(axes)])
    result = ss.conditional_indirect(fit, path=PATH["path"], moderator="Z", at=(-3, 3), intervals="delta")
    np.testing.assert_allclose([drawn[at.argmin()], drawn[at.argmax()]], result.effects["indirect"])


def test_rug_has_a_stroke_for_every_respondent_within_the_axes(fit):
    axes = ss.plot_simple_slopes(fit, **QUESTION, x_range=(-9, 9)).axes[0]
    (rug,) = axes.findobj(lambda artist: artist.get_gid() == "rug")
    np.testing.assert_allclose([path.vertices[0, 0] for path in rug.get_paths()], fit.factor_scores()["X"])
    assert not ss.plot_simple_slopes(fit, **QUESTION, rug=False).findobj(lambda artist: artist.get_gid() == "rug")


def test_a_quadratic_effect_is_one_curve():
    frame = _sample(400, 3)
    model = "X =~ x1 + x2 + x3; M =~ m1 + m2 + m3; M ~ X + X:X"
    fit = ss.sem(model, frame, pairs="matched")
    figure = ss.plot_simple_slopes(fit, x="X", moderator="X", outcome="M")
    (line,) = _lines(figure.axes[0])
    bend = np.diff(line.get_ydata(), 2)
    assert np.ptp(bend) < 1e-9
    with pytest.raises(UnsupportedError, match="is a curve"):
        ss.plot_interaction_surface(fit, x="X", moderator="X", outcome="M")


def test_more_lines_than_can_be_told_apart_are_refused(fit):
    with pytest.raises(UnsupportedError, match="at most 5"):
        ss.plot_simple_slopes(fit, **QUESTION, at=np.linspace(-2, 2, 6))


def test_values_in_words():
    assert value_label(-1.5, -2.0, "sd") == "at −1.5 SD (−2.00)"


@pytest.mark.parametrize("name", PLOTS)
def test_postscript_misses_nothing_for_lack_of_transparency(figure_of, name, caplog):
    figure_of(name, 1).savefig(BytesIO(), format="eps")
    assert "transparen" not in caplog.text
