"""The diagram of the whole model: every indicator once, nothing on top of anything else."""

import pytest

from surveysem.report.figures.path_diagram import model_diagram


@pytest.fixture(params=["democracy_result", "flagship_result"])
def content(request):
    return request.getfixturevalue(request.param)._content


def extents(figure, *gids):
    found = figure.findobj(lambda artist: artist.get_gid() in gids)
    return [(artist.get_gid(), artist.get_window_extent()) for artist in found]


def inside(inner, outer):
    return outer.x0 <= inner.x0 and inner.x1 <= outer.x1 and outer.y0 <= inner.y0 and inner.y1 <= outer.y1


def test_every_indicator_stands_once_beside_its_loading(content):
    rows = content.structural.estimates.query("op == '=~'")
    rows = rows[rows["lhs"].isin(content.labels)]
    figure = model_diagram(content)
    words = [text.get_text() for text in figure.findobj(lambda artist: artist.get_gid() == "indicator-text")]
    assert sorted(words[::2]) == sorted(rows["rhs"])
    shown = dict(zip(words[::2], words[1::2], strict=True))
    assert all(float(shown[row.rhs]) == pytest.approx(row.std_all, abs=0.005) for row in rows.itertuples())


def test_nothing_overlaps_and_nothing_leaves_its_box_or_the_page(content):
    figure = model_diagram(content)
    boxes = extents(figure, "box", "label", "legend", "mark")
    for place, (_, first) in enumerate(boxes):
        assert inside(first, figure.bbox)
        assert not any(first.overlaps(second) for _, second in boxes[place + 1 :])
    frames = [box for kind, box in boxes if kind == "box"]
    for _, extent in extents(figure, "box-text", "indicator", "indicator-text"):
        assert any(inside(extent, frame) for frame in frames)
    names = [box for _, box in extents(figure, "box-text")]
    rows = [box for _, box in extents(figure, "indicator")]
    assert not any(name.overlaps(row) for name in names for row in rows)
