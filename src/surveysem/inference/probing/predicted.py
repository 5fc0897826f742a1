"""What an equation with an interaction predicts: lines, surfaces, single values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.fit import Fit
from surveysem.inference.probing.group import Points, ProbedGroup, check_interaction, probed_groups
from surveysem.inference.probing.simple_slopes import labelled
from surveysem.inference.probing.uncertainty import IntervalMethod, Uncertainty, choose_uncertainty, inferred
from surveysem.inference.probing.values import Units, Values, chosen_values
from surveysem.typing import FloatArray


def predicted_values(
    fit: Fit,
    *,
    x: str,
    moderator: str,
    outcome: str,
    at: Sequence[float] | None = None,
    x_at: Sequence[float] | None = None,
    units: Units = "sd",
    intervals: IntervalMethod | None = None,
    bootstrap: Bootstrap | None = None,
    level: float = 0.95,
    n_draws: int = 20_000,
    seed: int = 1,
) -> pd.DataFrame:
    """Expected outcome at values of a predictor and its moderator: the lines of an interaction plot.

    Parameters
    ----------
    fit, x, moderator, outcome, intervals, bootstrap, level, n_draws, seed
        As of :func:`simple_slopes`.
    at, x_at : sequence of float, optional
        Values of the moderator and of *x*, every one with every other; by default −1, 0 and 1 standard deviations
        from the mean, or both values of an observed variable that has two.
    units : {"sd", "raw"}
        Of *at* and *x_at*: standard deviations from the mean, or units of the variables.

    Returns
    -------
    pandas.DataFrame
        One row a pair (and group): group (where there are several), at, moderator_value, x_at, x_value, predicted,
        std_error, ci_lower, ci_upper, and n_draws where there are draws.

    Raises
    ------
    UnsupportedError
        When the model has no such interaction, or options make no sense.

    Notes
    -----
    Other predictors are at their means. The intercept is kept: products that were centred twice have mean 0, so that
    the equation holds −b₃·Cov(X, Z) besides b₁X + b₂Z + b₃XZ, and the lines do not meet where the product of the
    centred factors is 0. Units and origin of the outcome are those of the model: a latent outcome without a modelled
    mean has mean 0 under product indicators, and 0 is its intercept where the product itself is modelled.

    References
    ----------
    lin_2010

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
    >>> lines = ss.predicted_values(ss.sem(model, data), x="X", moderator="Z", outcome="Y", x_at=(-2, 2))
    >>> lines[["at", "x_at"]].to_numpy().tolist()
    [[-1.0, -2.0], [-1.0, 2.0], [0.0, -2.0], [0.0, 2.0], [1.0, -2.0], [1.0, 2.0]]
    """
    groups = probed_groups(fit)
    check_interaction(groups, x=x, moderator=moderator, outcome=outcome)
    of_moderator = chosen_values(groups, moderator, at, units)
    of_x = of_moderator if x == moderator else chosen_values(groups, x, x_at, units)
    uncertainty = choose_uncertainty(
        fit, method=intervals, default="delta", bootstrap=bootstrap, level=level, n_draws=n_draws, seed=seed
    )
    tables = []
    for group, moderated, predicting in zip(groups, of_moderator, of_x, strict=True):
        grid = _grid(moderated, predicting, curve=x == moderator)
        raw = {moderator: grid["moderator_value"].to_numpy(), x: grid["x_value"].to_numpy()}
        tables.append(pd.concat([grid, _predictions(fit, group, uncertainty, outcome, raw)], axis=1))
    return labelled(tables, groups)


def _grid(moderated: Values, predicting: Values, *, curve: bool) -> pd.DataFrame:
    """Every value of the moderator with every one of the predictor; on a curve they are the same."""
    n = 1 if curve else len(predicting.raw)
    first = np.repeat(np.arange(len(moderated.raw)), n)
    second = first if curve else np.tile(np.arange(n), len(moderated.raw))
    return pd.DataFrame(
        {
            "at": moderated.standard[first],
            "moderator_value": moderated.raw[first],
            "x_at": predicting.standard[second],
            "x_value": predicting.raw[second],
        }
    )


def _predictions(
    fit: Fit, group: ProbedGroup, uncertainty: Uncertainty, outcome: str, raw: Mapping[str, FloatArray]
) -> pd.DataFrame:
    def predicted(thetas: Points) -> Points:
        return expected_outcome(group, thetas, outcome=outcome, raw=raw)

    return inferred(fit, predicted, uncertainty, name="predicted").drop(columns=["z", "p_value"])


def expected_outcome(group: ProbedGroup, thetas: Points, *, outcome: str, raw: Mapping[str, FloatArray]) -> Points:
    """Expected outcome (b, k) at values of variables; those without are at their means.

    Parameters
    ----------
    group : ProbedGroup
        One group.
    thetas : array of shape (b, q)
        Parameters.
    outcome : str
        Whose equation.
    raw : Mapping of str to array of shape (k,)
        Values.

    Notes
    -----
    E(Y) plus what each term has beyond its own expectation, which for a product of centred variables is their
    covariance.
    """
    moments = group.latent_moments(thetas)
    values = {name: np.atleast_1d(raw.get(name, group.means[name])) for name in group.names}
    total = moments.mean_of(outcome) + np.zeros(len(next(iter(raw.values()))))
    for term in group.equation(outcome):
        if len(term.factors) == 1:
            (name,) = term.factors
            excess = values[name] - moments.mean_of(name)
        else:
            (first, second), (of_first, of_second) = term.factors, term.centres
            at_values = (values[first] - of_first) * (values[second] - of_second)
            at_means = (moments.mean_of(first) - of_first) * (moments.mean_of(second) - of_second)
            excess = at_values - at_means - moments.covariance_of(first, second)
        total = total + term.coefficient(thetas) * excess
    return total
