"""Simple slopes: the effect of a predictor at chosen values of its moderator."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.fit import Fit
from surveysem.inference.probing.group import Points, ProbedGroup, check_interaction, probed_groups
from surveysem.inference.probing.slopes import slope, standardized_slope
from surveysem.inference.probing.uncertainty import IntervalMethod, Uncertainty, choose_uncertainty, inferred
from surveysem.inference.probing.values import Units, Values, chosen_values, standard_deviation


def simple_slopes(
    fit: Fit,
    *,
    x: str,
    moderator: str,
    outcome: str,
    at: Sequence[float] | None = None,
    units: Units = "sd",
    x_at: float = 0.0,
    intervals: IntervalMethod | None = None,
    bootstrap: Bootstrap | None = None,
    level: float = 0.95,
    n_draws: int = 20_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Slopes of a predictor at values of its moderator, with standard errors, tests and intervals.

    Parameters
    ----------
    fit : Fit
        A model with the row ``outcome ~ x:moderator`` (or ``moderator:x``), whatever the method.
    x, moderator, outcome : str
        Variables. For the slopes of a quadratic curve, *x* and *moderator* are the same.
    at : sequence of float, optional
        Values of the moderator: by default −1, 0 and 1 standard deviations from its mean, or both values of an
        observed moderator that has two.
    units : {"sd", "raw"}
        Of *at*: standard deviations of the (latent) moderator in its group, or the moderator's own units.
    x_at : float
        Value of *x*, in standard deviations from its mean; it matters only where the equation has ``x:x``.
    intervals : {"delta", "monte_carlo", "bootstrap"}, optional
        Normal theory by default; from the draws where a bootstrap is given.
    bootstrap : Bootstrap, optional
        Result of ``fit.bootstrap(...)``.
    level : float
        Confidence level.
    n_draws, seed : int
        Of ``intervals="monte_carlo"``.

    Returns
    -------
    pandas.DataFrame
        One row a value (and group): group (where there are several), at (standard deviations), moderator_value
        (units of the moderator), slope, std_error, z, p_value, ci_lower, ci_upper, and std_slope, std_std_error,
        std_z, std_p_value, std_ci_lower, std_ci_upper. From draws, z is NaN and n_draws counts those in which the
        slope exists.

    Raises
    ------
    UnsupportedError
        When the model has no such interaction, or options make no sense.

    Notes
    -----
    The slope is b₁ + b₃(z − c), plus 2b₂(x − d) where the equation has ``x:x``. Where indicators of the product were
    made of mean-centred items, c is the moderator's mean; where the product itself is modelled, 0. Other variables
    that *x* interacts with are at their means. Under residual centring b₁ is the slope at the mean of a moderator
    whose distribution, with that of *x*, is symmetric.

    Values of the moderator count as chosen: the uncertainty of its estimated standard deviation does not enter the
    standard error of a slope. It does enter that of the standardised slope βx + βxz·k, k standard deviations from
    the mean, where βxz is the appropriate standardised interaction of Wen, Marsh and Hau.

    References
    ----------
    bauer_curran_2005, wen_marsh_hau_2010

    Examples
    --------
    >>> import numpy as np
    >>> import surveysem as ss
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 500))
    >>> y = 0.4 * x + 0.3 * z + 0.2 * x * z + rng.normal(size=500)
    >>> latent = {"x": x, "z": z, "y": y}
    >>> data = pd.DataFrame({f"{n}{i}": latent[n] + rng.normal(size=500) / 2 for n in latent for i in (1, 2, 3)})
    >>> model = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z"
    >>> slopes = ss.simple_slopes(ss.sem(model, data), x="X", moderator="Z", outcome="Y")
    >>> slopes["at"].tolist(), bool((slopes["slope"].diff().dropna() > 0).all())
    ([-1.0, 0.0, 1.0], True)
    """
    groups = probed_groups(fit)
    check_interaction(groups, x=x, moderator=moderator, outcome=outcome)
    chosen = chosen_values(groups, moderator, at, units)
    uncertainty = choose_uncertainty(
        fit, method=intervals, default="delta", bootstrap=bootstrap, level=level, n_draws=n_draws, seed=seed
    )
    tables = [
        _group_slopes(fit, group, values, uncertainty, x=x, moderator=moderator, outcome=outcome, x_at=x_at)
        for group, values in zip(groups, chosen, strict=True)
    ]
    return labelled(tables, groups)


def labelled(tables: Sequence[pd.DataFrame], groups: Sequence[ProbedGroup]) -> pd.DataFrame:
    """Tables of all groups under each other; with a column that tells the group where there are several."""
    if len(tables) == 1:
        return tables[0]
    marked = [table.assign(group=group.label) for table, group in zip(tables, groups, strict=True)]
    stacked = pd.concat(marked, ignore_index=True)
    return stacked[["group", *(name for name in stacked.columns if name != "group")]]


def _group_slopes(
    fit: Fit,
    group: ProbedGroup,
    values: Values,
    uncertainty: Uncertainty,
    *,
    x: str,
    moderator: str,
    outcome: str,
    x_at: float,
) -> pd.DataFrame:
    beyond = x_at * standard_deviation(group, x) if x_at else 0.0
    raw = {x: group.means[x] + beyond, moderator: values.raw}
    standard = {x: x_at, moderator: values.standard}

    def plain(thetas: Points) -> Points:
        return slope(group, thetas, outcome=outcome, predictor=x, raw=raw)

    def standardized(thetas: Points) -> Points:
        return standardized_slope(group, thetas, outcome=outcome, predictor=x, standard=standard)

    first = inferred(fit, plain, uncertainty, name="slope")
    second = inferred(fit, standardized, uncertainty, name="std_slope", prefix="std_")
    points = pd.DataFrame({"at": values.standard, "moderator_value": values.raw})
    return pd.concat([points, first, second], axis=1)
