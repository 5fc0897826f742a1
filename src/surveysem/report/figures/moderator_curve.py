"""A quantity along a moderator: the slope with its Johnson–Neyman regions, and the conditional indirect effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import isfinite

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from surveysem.inference import Fit
from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.probing import (
    ConditionalIndirect,
    JohnsonNeyman,
    indirect_curve,
    johnson_neyman,
    respondents_of,
)
from surveysem.number_formats import format_decimal, format_interval
from surveysem.report.figures.canvas import INK, font
from surveysem.report.figures.panel import (
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    SINGLE_COLUMN,
    KeyEntry,
    PanelPlan,
    Pen,
    draw_band,
    draw_panels,
    draw_rug,
    number_label,
    padded,
    set_ticks,
    shown_name,
)
from surveysem.typing import FloatArray

_NOT_SIGNIFICANT = "#f1f1f1"
_REACH = 3.0
_N_POINTS = 121


def plot_johnson_neyman(
    fit: Fit,
    *,
    x: str,
    moderator: str,
    outcome: str,
    alpha: float = 0.05,
    control: str = "pointwise",
    labels: Mapping[str, str] | None = None,
    width: float = SINGLE_COLUMN,
    rug: bool = True,
) -> Figure:
    """Slope of a predictor along its moderator, with the regions in which it is significant.

    Parameters
    ----------
    fit, x, moderator, outcome, alpha, control
        As of :func:`surveysem.johnson_neyman`.
    labels, width, rug
        As of :func:`plot_simple_slopes`; the rug is the moderator's.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a group, three standard deviations to either side of the mean. Colours and dashes tell negative and
        positive slopes apart; the ground is grey where the slope is not significant.

    Raises
    ------
    UnsupportedError
        As :func:`surveysem.johnson_neyman`, and for a rug where there are no factor scores.

    Examples
    --------
    >>> import surveysem as ss
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 500))
    >>> y = 0.4 * x + 0.3 * z + 0.2 * x * z + rng.normal(size=500)
    >>> latent = {"x": x, "z": z, "y": y}
    >>> data = pd.DataFrame({f"{n}{i}": latent[n] + rng.normal(size=500) / 2 for n in latent for i in (1, 2, 3)})
    >>> model = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z"
    >>> figure = ss.plot_johnson_neyman(ss.sem(model, data), x="X", moderator="Z", outcome="Y")
    >>> float(figure.get_size_inches()[0])
    3.5
    """
    results = [
        johnson_neyman(
            fit,
            x=x,
            moderator=moderator,
            outcome=outcome,
            alpha=alpha,
            control=control,  # type: ignore[arg-type]  # checked there
            group=group,
        )
        for group in _groups(fit)
    ]
    names = {name: shown_name(name, labels) for name in (x, moderator, outcome)}
    plans = [
        _plan(
            group=each.group,
            moderator=names[moderator],
            quantity=f"Slope of {names[x]} on {names[outcome]}",
            key=(*_region_key(each, names[moderator]), KeyEntry(text=_band_note(each))),
        )
        for each in results
    ]
    figure, panels = draw_panels(plans, width=width)
    together = pd.concat([each.curve for each in results])
    for axes, each in zip(panels, results, strict=True):
        respondents = respondents_of(fit, moderator, each.group or None) if rug else None
        _draw(axes, each.curve, "slope", together, respondents)
    return figure


def plot_conditional_indirect(
    fit: Fit,
    *,
    path: Sequence[str],
    moderator: str,
    intervals: str | None = None,
    bootstrap: Bootstrap | None = None,
    level: float = 0.95,
    n_draws: int = 20_000,
    seed: int = 1,
    labels: Mapping[str, str] | None = None,
    width: float = SINGLE_COLUMN,
    rug: bool = True,
) -> Figure:
    """Indirect effect along its moderator, with its interval and where that leaves out zero.

    Parameters
    ----------
    fit, path, moderator, intervals, bootstrap, level, n_draws, seed
        As of :func:`surveysem.conditional_indirect`.
    labels, width, rug
        As of :func:`plot_simple_slopes`; the rug is the moderator's.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a group, three standard deviations to either side of the mean.

    Raises
    ------
    UnsupportedError
        As :func:`surveysem.conditional_indirect`, and for a rug where there are no factor scores.

    Examples
    --------
    >>> import surveysem as ss
    >>> rng = np.random.default_rng(1)
    >>> x, z, e, u = rng.normal(size=(4, 500))
    >>> m = 0.5 * x + 0.3 * z + 0.3 * x * z + e
    >>> latent = {"x": x, "z": z, "m": m, "y": 0.5 * m + u}
    >>> data = pd.DataFrame({f"{n}{i}": latent[n] + rng.normal(size=500) / 2 for n in latent for i in (1, 2, 3)})
    >>> model = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; M =~ m1 + m2 + m3; Y =~ y1 + y2 + y3; M ~ X + Z + X:Z; Y ~ M + X"
    >>> figure = ss.plot_conditional_indirect(ss.sem(model, data), path=("X", "M", "Y"), moderator="Z", width=7)
    >>> float(figure.get_size_inches()[0])
    7.0
    """
    result = indirect_curve(
        fit,
        path=path,
        moderator=moderator,
        at=np.linspace(-_REACH, _REACH, _N_POINTS).tolist(),
        intervals=intervals,  # type: ignore[arg-type]  # checked there
        bootstrap=bootstrap,
        level=level,
        n_draws=n_draws,
        seed=seed,
    )
    names = [shown_name(name, labels) for name in path]
    groups = _groups(fit)
    plans = [
        _plan(
            group=group or "",
            moderator=shown_name(moderator, labels),
            quantity=f"Indirect effect {' → '.join(names)}",
            key=_indirect_key(result, group),
        )
        for group in groups
    ]
    figure, panels = draw_panels(plans, width=width)
    effects = result.effects.assign(significant=(result.effects["ci_lower"] > 0) | (result.effects["ci_upper"] < 0))
    for axes, group in zip(panels, groups, strict=True):
        curve = effects[effects["group"] == group] if group else effects
        respondents = respondents_of(fit, moderator, group) if rug else None
        _draw(axes, curve.reset_index(drop=True), "indirect", effects, respondents)
    return figure


def _groups(fit: Fit) -> tuple[str | None, ...]:
    return fit.group_labels if len(fit.group_labels) > 1 else (None,)


def _plan(*, group: str, moderator: str, quantity: str, key: tuple[KeyEntry, ...]) -> PanelPlan:
    return PanelPlan(
        title=f"Group: {group}" if group else "",
        x_label=moderator,
        y_label=quantity,
        key=key,
        top_label="Standard deviations from the mean",
    )


def _region_key(result: JohnsonNeyman, moderator: str) -> tuple[KeyEntry, ...]:
    """One entry a region, drawn with the line it has."""
    words = {"positive": "Positive", "negative": "Negative", "none": "Not significant"}
    pens = {"positive": POSITIVE, "negative": NEGATIVE, "none": NEUTRAL}
    entries = [KeyEntry(text=f"{moderator}:")]
    for region in result.regions:
        low, high = format_decimal(region.lower), format_decimal(region.upper)
        if not isfinite(region.lower) and not isfinite(region.upper):
            where = "everywhere"
        elif not isfinite(region.lower):
            where = f"below {high}"
        else:
            where = f"above {low}" if not isfinite(region.upper) else f"from {low} to {high}"
        share = format_decimal(100 * region.share_normal, 1)
        held = f" ({share}% of a normal distribution)" if isfinite(region.share_normal) else ""
        entries.append(KeyEntry(text=f"{words[region.sign]}: {where}{held}", pen=pens[region.sign]))
    return tuple(entries)


def _band_note(result: JohnsonNeyman) -> str:
    kind = "pointwise" if result.control == "pointwise" else "simultaneous"
    return f"Band: {100 * (1 - result.alpha):g}% {kind} confidence. Grey ground: not significant"


def _indirect_key(result: ConditionalIndirect, group: str | None) -> tuple[KeyEntry, ...]:
    note = f"Band: {100 * result.level:g}% interval ({result.intervals}). Grey ground: it holds 0"
    if result.index.empty:
        return (KeyEntry(text=note), KeyEntry(text="Several steps are moderated: there is no single index."))
    index = result.index[result.index["group"] == group] if group else result.index
    row = index.iloc[0]
    interval = format_interval(row["ci_lower"], row["ci_upper"], 3)
    text = f"Index of moderated mediation: {format_decimal(row['index'], 3)} {interval}"
    return (KeyEntry(text=note), KeyEntry(text=text))


def _draw(
    axes: Axes, curve: pd.DataFrame, quantity: str, together: pd.DataFrame, respondents: FloatArray | None
) -> None:
    limits = padded([*together["ci_lower"], *together["ci_upper"], 0.0], below=0.09)
    x = curve["moderator_value"].to_numpy()
    set_ticks(axes, (float(x[0]), float(x[-1])), limits)
    for part, pen in _runs(curve, quantity):
        _draw_run(axes, part, quantity, pen)
    axes.axhline(0.0, color=INK, linewidth=0.8, zorder=5)
    _draw_boundaries(axes, curve)
    _draw_top_scale(axes, curve)
    if respondents is not None:
        draw_rug(axes, respondents)


def _runs(curve: pd.DataFrame, quantity: str) -> list[tuple[pd.DataFrame, Pen]]:
    """Pieces of the curve with one verdict; each reaches to the next, so that no gap shows."""
    states = np.where(curve["significant"], np.sign(curve[quantity]), 0.0)
    starts = [0, *(np.flatnonzero(np.diff(states)) + 1).tolist(), len(curve)]
    pens = {1.0: POSITIVE, -1.0: NEGATIVE, 0.0: NEUTRAL}
    return [(curve.iloc[first : last + 1], pens[float(states[first])]) for first, last in pairwise(starts)]


def _draw_run(axes: Axes, part: pd.DataFrame, quantity: str, pen: Pen) -> None:
    x = part["moderator_value"].to_numpy()
    if pen is NEUTRAL:
        axes.axvspan(float(x[0]), float(x[-1]), facecolor=_NOT_SIGNIFICANT, edgecolor="none", zorder=0)
    draw_band(axes, x, part["ci_lower"].to_numpy(), part["ci_upper"].to_numpy(), pen)
    axes.plot(x, part[quantity].to_numpy(), color=pen.color, linestyle=pen.style, linewidth=1.6, zorder=4)


def _draw_boundaries(axes: Axes, curve: pd.DataFrame) -> None:
    """Upright lines where the verdict changes."""
    values, significant = curve["moderator_value"].to_numpy(), curve["significant"].to_numpy()
    for at in np.flatnonzero(significant[1:] != significant[:-1]):
        axes.axvline((values[at] + values[at + 1]) / 2.0, color=INK, linewidth=0.6, linestyle=(0, (3, 2)), zorder=2)


def _draw_top_scale(axes: Axes, curve: pd.DataFrame) -> None:
    """Standard deviations from the mean, above."""
    top = axes.secondary_xaxis("top")
    standard, raw = curve["at"].to_numpy(), curve["moderator_value"].to_numpy()
    whole = np.arange(np.ceil(standard[0]), np.floor(standard[-1]) + 1)
    places = np.interp(whole, standard, raw)
    top.set_ticks(places, labels=[number_label(v) for v in whole], fontproperties=font(), color=INK, gid="tick")
    top.tick_params(color=INK, width=0.8, length=3, pad=1)
    top.spines["top"].set_color(INK)
    top.spines["top"].set_linewidth(0.8)
