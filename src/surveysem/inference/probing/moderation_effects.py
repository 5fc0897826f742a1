"""How large each moderation is: coefficient, standardised value, variance explained."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution
from surveysem.inference.explained import _predictor_covariance, _regression_r_squared, effect_sizes
from surveysem.inference.fit import Fit

_BENCHMARKS = ((0.025, "large"), (0.010, "medium"), (0.005, "small"), (-np.inf, "below small"))
_COLUMNS = ("estimate", "std_error", "z", "p_value", "ci_lower", "ci_upper", "std_all")
_STANDARDIZED = ("std_std_error", "std_p_value", "std_ci_lower", "std_ci_upper")


def moderation_effects(fit: Fit) -> pd.DataFrame:
    """Every product of the model: estimate, test, appropriate standardised value, f² and ΔR².

    Parameters
    ----------
    fit : Fit
        A model with latent products, whatever the method.

    Returns
    -------
    pandas.DataFrame
        One row a product and outcome (and group): group (where there are several), outcome, product, estimate,
        std_error, z, p_value, ci_lower, ci_upper, std_all, std_std_error, std_p_value, std_ci_lower, std_ci_upper,
        f_squared, delta_r_squared and benchmark.

    Raises
    ------
    UnsupportedError
        When the model has no latent product.

    Notes
    -----
    std_all is b₃·σx·σz/σy, with a standard error by the delta method (Wen, Marsh and Hau). ΔR² is what the product
    adds to the variance of the outcome explained by the other predictors of its equation, under the implied moments;
    f² = ΔR² / (1 − R²). The benchmark is a label of f² and nothing more: small, medium and large from .005, .010 and
    .025, as Kenny proposes. In thirty years of moderated regressions the median observed was .002 (Aguinis et al.).

    References
    ----------
    aguinis_2005, cohen_1988, kenny_2018, wen_marsh_hau_2010

    Examples
    --------
    >>> import surveysem as ss
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 500))
    >>> y = 0.4 * x + 0.3 * z + 0.2 * x * z + rng.normal(size=500)
    >>> latent = {"x": x, "z": z, "y": y}
    >>> data = pd.DataFrame({f"{n}{i}": latent[n] + rng.normal(size=500) / 2 for n in latent for i in (1, 2, 3)})
    >>> model = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z"
    >>> ss.moderation_effects(ss.sem(model, data))[["outcome", "product", "benchmark"]].values.tolist()
    [['Y', 'X:Z', 'large']]
    """
    shown = {":".join(pair) for pair in fit.products.values()}
    estimates = fit.estimates
    rows = estimates[(estimates["op"] == "~") & estimates["rhs"].isin(shown)]
    if rows.empty:
        raise UnsupportedError("The model has no latent product; there is no moderation to describe.")
    sizes = [
        _sizes(fit, int(number), str(outcome), str(product))
        for number, outcome, product in zip(rows["group"], rows["lhs"], rows["rhs"], strict=True)
    ]
    table = pd.DataFrame({"outcome": rows["lhs"], "product": rows["rhs"]}).reset_index(drop=True)
    table = pd.concat([table, rows[[*_COLUMNS, *_STANDARDIZED]].reset_index(drop=True)], axis=1)
    table = table.assign(
        f_squared=[f_squared for f_squared, _ in sizes],
        delta_r_squared=[added for _, added in sizes],
        benchmark=[moderation_benchmark(f_squared) for f_squared, _ in sizes],
    )
    if len(fit.solution.groups) > 1:
        table.insert(0, "group", [fit.group_labels[number - 1] for number in rows["group"]])
    return table


def moderation_benchmark(f_squared: float) -> str:
    """What a moderation's f² is customarily called; empty where there is none.

    References
    ----------
    aguinis_2005, kenny_2018

    Examples
    --------
    >>> moderation_benchmark(0.012), moderation_benchmark(0.002)
    ('medium', 'below small')
    """
    if np.isnan(f_squared):
        return ""
    return next(label for least, label in _BENCHMARKS if f_squared >= least)


def _sizes(fit: Fit, number: int, outcome: str, product: str) -> tuple[float, float]:
    """f² and ΔR² of one product in a group, counted from 1; NaN where the row is fixed to 0."""
    group = fit.solution.groups[number - 1]
    f_squared = effect_sizes(group, fit.products).get((outcome, product), nan)
    return f_squared, f_squared * (1.0 - _explained(group, outcome))


def _explained(group: GroupSolution, outcome: str) -> float:
    """R² of the regression of an outcome on all its predictors, under the implied moments."""
    position, covariance = _predictor_covariance(group)
    predictors = dict.fromkeys(
        row.rhs for row in group.table.parameters if row.op == "~" and row.lhs == outcome and (row.free or row.value)
    )
    return _regression_r_squared(covariance, position[outcome], [position[name] for name in predictors])
