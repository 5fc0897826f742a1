"""The surface of an interaction: predicted outcome over predictor and moderator, respondents on the floor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from surveysem.errors import UnsupportedError
from surveysem.inference import Fit
from surveysem.inference.probing import predicted_values, respondents_of
from surveysem.report.figures.canvas import INK, LIGHT, font, literal, wrapped
from surveysem.report.figures.panel import (
    SINGLE_COLUMN,
    KeyEntry,
    PanelPlan,
    draw_panels,
    number_label,
    padded,
    round_ticks,
    shown_name,
)
from surveysem.typing import FloatArray

_N_POINTS = 17
_VIEW = (22.0, -127.0)
_LIFT = 0.1


def plot_interaction_surface(
    fit: Fit,
    *,
    x: str,
    moderator: str,
    outcome: str,
    reach: float = 2.5,
    labels: Mapping[str, str] | None = None,
    width: float = SINGLE_COLUMN,
    view: tuple[float, float] = _VIEW,
) -> Figure:
    """Predicted outcome over a predictor and its moderator, with the respondents' factor scores on the floor.

    Parameters
    ----------
    fit, x, moderator, outcome
        As of :func:`surveysem.predicted_values`.
    reach : float
        Standard deviations to either side of the means.
    labels, width
        As of :func:`plot_simple_slopes`.
    view : (float, float)
        Elevation and azimuth, in degrees.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a group.

    Raises
    ------
    UnsupportedError
        As :func:`surveysem.predicted_values`; where predictor and moderator are one; where there are no factor scores.

    Notes
    -----
    Where there are no points on the floor the surface is the equation's, not the respondents'.

    Examples
    --------
    >>> import surveysem as ss
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 500))
    >>> y = 0.4 * x + 0.3 * z + 0.2 * x * z + rng.normal(size=500)
    >>> latent = {"x": x, "z": z, "y": y}
    >>> data = pd.DataFrame({f"{n}{i}": latent[n] + rng.normal(size=500) / 2 for n in latent for i in (1, 2, 3)})
    >>> model = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z"
    >>> figure = ss.plot_interaction_surface(ss.sem(model, data), x="X", moderator="Z", outcome="Y")
    >>> float(figure.get_size_inches()[0])
    3.5
    """
    if x == moderator:
        raise UnsupportedError(f"{x}:{moderator} is a curve, not a surface. Available: plot_simple_slopes.")
    at = np.linspace(-reach, reach, _N_POINTS).tolist()
    grid = predicted_values(fit, x=x, moderator=moderator, outcome=outcome, at=at, x_at=at)
    groups = fit.group_labels if len(fit.group_labels) > 1 else (None,)
    names = [shown_name(name, labels) for name in (x, moderator, outcome)]
    plans = [
        PanelPlan(
            title=f"Group: {group}" if group else "",
            x_label="",
            y_label="",
            key=(
                KeyEntry(text=f"Height: predicted {names[2]}. Points on the floor: factor scores of the respondents."),
            ),
        )
        for group in groups
    ]
    figure, panels = draw_panels(plans, width=width, aspect=0.88, projection="3d")
    across = panels[0].get_position().width * width
    for axes, group in zip(panels, groups, strict=True):
        rows = grid[grid["group"] == group] if group else grid
        floor = (respondents_of(fit, x, group), respondents_of(fit, moderator, group))
        _draw(axes, rows, floor, padded(grid["predicted"].to_numpy(), below=0.45), names, across, view)
    return figure


def _draw(
    axes: Any,
    rows: pd.DataFrame,
    floor: tuple[FloatArray, FloatArray],
    limits: tuple[float, float],
    names: list[str],
    width: float,
    view: tuple[float, float],
) -> None:
    shape = (_N_POINTS, _N_POINTS)
    x, z, y = (rows[name].to_numpy().reshape(shape) for name in ("x_value", "moderator_value", "predicted"))
    axes.view_init(*view)
    axes.plot_surface(x, z, y, cmap="cividis", edgecolor=INK, linewidth=0.25, rstride=1, cstride=1, shade=False)
    within = (np.abs(floor[0] - x.mean()) <= np.ptp(x) / 2) & (np.abs(floor[1] - z.mean()) <= np.ptp(z) / 2)
    axes.scatter(floor[0][within], floor[1][within], limits[0], s=1.2, color=INK, depthshade=False, linewidths=0)
    for axis, values, name, most in (
        (axes.xaxis, (x.min(), x.max()), names[0], 4),
        (axes.yaxis, (z.min(), z.max()), names[1], 4),
        (axes.zaxis, (y.min(), limits[1]), "", 5),
    ):
        ticks = round_ticks(float(values[0]), float(values[1]), most)
        axis.set_ticks(ticks, labels=[number_label(t) for t in ticks], fontproperties=font(), color=INK, gid="tick")
        axis.set_pane_color("white")
        axis.set_tick_params(pad=-3)
        label = "\n".join(wrapped(name, width / 3)) if name else ""
        axis.set_label_text(literal(label), fontproperties=font(), color=INK, gid="axis")
        axis._axinfo["grid"].update({"color": LIGHT, "linewidth": 0.5})
    axes.set_zlim(*limits)
    axes.set_box_aspect(None, zoom=0.92)
    # Axes in space leave more room above than their labels need below.
    place = axes.get_position()
    axes.set_position((place.x0, place.y0 + _LIFT * place.height, place.width, place.height))
