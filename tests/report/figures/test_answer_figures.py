"""Figures of answers: every answer is drawn, nothing falls off the paper, and greyscale tells what colours tell."""

from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

import surveysem as ss
from surveysem.errors import UnsupportedError

PLOTS = (ss.plot_missingness, ss.plot_items, ss.plot_correlations)


@pytest.fixture(scope="module")
def flagship():
    """Answers to all items of the flagship questionnaire, some missing."""
    study = ss.load_study("b2b_micro_influencer")
    frame = ss.simulate_responses(study, n=150, seed=7)[list(study.specification.indicators)]
    holes = np.random.default_rng(1).random(frame.shape) < 0.02
    holes[0] = True
    return frame.mask(holes)


def patches(figure, gid):
    return [patch for patch in figure.axes[0].patches if patch.get_gid() == gid]


def texts(figure, gid):
    return [text.get_text() for text in figure.axes[0].texts if text.get_gid() == gid]


def n_strokes(figure):
    (strokes,) = [each for each in figure.axes[0].collections if each.get_gid() == "strokes"]
    return len(strokes.get_segments())


def grey(patch):
    return float(np.dot(to_rgb(patch.get_facecolor()), (0.299, 0.587, 0.114)))


@pytest.mark.parametrize("plot", PLOTS)
def test_all_items_fit_the_paper(flagship, plot):
    figure = plot(flagship)
    width, height = figure.get_size_inches()
    assert width == 7.0
    assert height < 9.7
    assert len(set(texts(figure, "item"))) == flagship.shape[1]
    renderer = figure.canvas.get_renderer()
    for text in figure.axes[0].texts:
        box = text.get_window_extent(renderer).transformed(figure.dpi_scale_trans.inverted())
        assert box.x0 >= 0
        assert box.x1 <= width
        assert box.y0 >= 0
        assert box.y1 <= height
        assert text.get_fontsize() >= 4.5
    buffer = BytesIO()
    figure.savefig(buffer, format="pdf")
    assert buffer.tell() > 1000


@pytest.mark.parametrize("plot", PLOTS)
def test_simulated_answers_carry_their_mark(plot):
    study = ss.load_study("b2b_micro_influencer")
    frame = ss.simulate_responses(study, n=60, seed=7)
    items = list(study.specification.indicators)[:4]
    frame[items[0]] = frame[items[0]].mask(frame.index < 5)
    for answers in (frame, ss.read_responses(frame, study)):
        assert texts(plot(answers, items), "mark") == ["SIMULATED DATA"]
    assert texts(plot(pd.DataFrame(frame[items].to_dict("list"))), "mark") == []


def test_patterns_show_who_lacks_what():
    frame = pd.DataFrame({"a": [1, np.nan, 3, 4], "b": [1, 2, np.nan, 5], "c": [1.0, 2.0, 3.0, 4.0]})
    figure = ss.plot_missingness(frame)
    assert texts(figure, "count") == ["2 (50%)", "1 (25%)", "1 (25%)"]
    assert (len(patches(figure, "missing")), len(patches(figure, "answered"))) == (2, 4)
    assert "1 item without" in " ".join(texts(figure, "note"))
    assert max(map(grey, patches(figure, "missing"))) < 0.2 < 0.7 < min(map(grey, patches(figure, "answered")))
    with pytest.raises(UnsupportedError, match="No answer is missing"):
        ss.plot_missingness(frame[["c"]])


def test_patterns_not_drawn_are_counted(flagship):
    figure = ss.plot_missingness(flagship, most=3)
    notes = " ".join(texts(figure, "note"))
    assert "further patterns of" in notes


def test_bars_have_the_length_of_the_shares():
    frame = pd.DataFrame({"a": [1.0] * 2 + [2.0] * 3 + [3.0] * 5})
    figure = ss.plot_items(frame)
    widths = np.array([patch.get_width() for patch in patches(figure, "share")])
    np.testing.assert_allclose(widths / widths.sum(), [0.2, 0.3, 0.5])
    (middle,) = [line.get_xdata()[0] for line in figure.axes[0].lines if line.get_gid() == "middle"]
    second = patches(figure, "share")[1]
    assert second.get_x() + second.get_width() / 2 == pytest.approx(middle)
    assert texts(figure, "mean") == ["2.30"]
    shades = [grey(patch) for patch in patches(figure, "share")]
    assert shades == sorted(shades, reverse=True)


def test_items_with_too_many_answers_are_refused():
    frame = pd.DataFrame({"euros": np.arange(30.0)})
    with pytest.raises(UnsupportedError, match="30 different answers"):
        ss.plot_items(frame, ["euros"])
    with pytest.raises(UnsupportedError, match="nothing to show"):
        ss.plot_items(pd.DataFrame({"name": ["a"]}))


def test_negative_correlations_are_told_in_grey():
    rng = np.random.default_rng(1)
    a = rng.normal(size=300)
    frame = pd.DataFrame({f"x{i}": (1 if i < 20 else -1) * a + 0.5 * rng.normal(size=300) for i in range(40)})
    figure = ss.plot_correlations(frame)
    assert n_strokes(figure) == 20 * 20
    numbers = texts(ss.plot_correlations(frame[["x0", "x39"]]), "number")
    r = np.corrcoef(frame["x0"], frame["x39"])[0, 1]
    assert f"−{abs(r):.2f}".replace("0.", ".") in numbers
    constant = ss.plot_correlations(frame.assign(same=1.0))
    assert n_strokes(constant) == 400 + 2 * 41
