"""Moderated regression: an interaction of observed scores, with robust standard errors and its probing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import nan

import numpy as np
import pandas as pd

from surveysem.errors import Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.moderated_regression import (
    LeastSquaresFit,
    ObservedModerator,
    RegressionCovariance,
    coefficient_tests,
    least_squares_regression,
    significance_regions,
    term_test,
)
from surveysem.inference.probing import JohnsonNeyman
from surveysem.modelling.prepare import rows_left_out
from surveysem.modelling.regression_checks import (
    Centre,
    check_options,
    check_products,
    check_rank,
    check_rows,
    check_unexplained,
    cluster_findings,
    cluster_numbers,
    extrapolation_findings,
)
from surveysem.modelling.regression_scores import Scores, error_findings, regression_scores
from surveysem.number_formats import format_bounded, format_decimal, format_p_equation
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ModeratedRegression:
    """A regression with an interaction.

    Parameters
    ----------
    outcome, predictor, moderator : str
        The variables of the interaction.
    covariates : tuple of str
        Variables held constant.
    covariance : str
        Kind of standard errors.
    n_obs : int
        Rows used.
    coefficients : pandas.DataFrame
        Indexed by term (intercept, predictor, moderator, ``predictor:moderator``, covariates): estimate, std_error, t,
        p_value, ci_lower, ci_upper and beta, the standardised coefficient.
    parameter_covariance : pandas.DataFrame
        Covariance of the coefficients.
    r_squared, r_squared_change : float
        Explained variance, and what of it the interaction adds.
    f_squared : float
        Cohen's f² of the interaction, ΔR² / (1 − R²).
    interaction_test : pandas.Series
        Wald test of the interaction by the chosen covariance: F, df1, df2, p_value.
    simple_slopes : pandas.DataFrame
        Slope of the predictor at values of the moderator: at (standard deviations), moderator_value (in the moderator's
        own units), slope, std_error, t, p_value, ci_lower, ci_upper.
    johnson_neyman : JohnsonNeyman
        For which values of the moderator the slope differs from zero.
    alpha, level : float
        Level of the regions and of the intervals.
    findings : tuple of Finding
        What a reader must know.
    """

    outcome: str
    predictor: str
    moderator: str
    covariates: tuple[str, ...]
    covariance: RegressionCovariance
    n_obs: int
    coefficients: pd.DataFrame
    parameter_covariance: pd.DataFrame
    r_squared: float
    r_squared_change: float
    f_squared: float
    interaction_test: pd.Series
    simple_slopes: pd.DataFrame
    johnson_neyman: JohnsonNeyman
    alpha: float
    level: float
    findings: tuple[Finding, ...] = ()

    @property
    def term(self) -> str:
        """Name of the interaction among the coefficients."""
        return f"{self.predictor}:{self.moderator}"

    @property
    def decision(self) -> str:
        """The interaction in one sentence."""
        estimate, test = float(self.coefficients["estimate"][self.term]), self.interaction_test
        verb = "rises" if estimate > 0 else "falls"
        verb = f"{verb} with" if float(test["p_value"]) < self.alpha else "is not shown to depend on"
        return (
            f"The effect of {self.predictor} on {self.outcome} {verb} {self.moderator}: "
            f"b = {format_decimal(estimate, 3)}, "
            f"F({test['df1']:.0f}, {test['df2']:.0f}) = {format_decimal(test['F'])}, "
            f"p {format_p_equation(float(test['p_value']))}, ΔR² = {format_bounded(self.r_squared_change, 3)}, "
            f"f² = {format_bounded(self.f_squared, 3)}."
        )

    def summary(self) -> str:
        """Decision, coefficients, simple slopes, regions and findings as text."""
        parts = [self.decision, self._head, self.coefficients.round(3).to_string()]
        parts += [f"Simple slopes\n{self.simple_slopes.round(3).to_string(index=False)}"]
        parts += [self.johnson_neyman.description, *(["\n".join(map(str, self.findings))] if self.findings else [])]
        return "\n\n".join(parts)

    @property
    def _head(self) -> str:
        return (
            f"n = {self.n_obs}, R² = {format_bounded(self.r_squared, 3)}, standard errors: {_ERRORS[self.covariance]}"
        )

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        parts = [f"<p>{escape(text)}</p>" for text in (self.decision, self._head)]
        parts += [self.coefficients.round(3).to_html(border=0), "<p>Simple slopes</p>"]
        parts += [self.simple_slopes.round(3).to_html(border=0, index=False)]
        parts += [f"<p>{escape(text)}</p>" for text in (self.johnson_neyman.description, *map(str, self.findings))]
        return "".join(parts)


_ERRORS = {"HC3": "HC3", "cluster": "robust to clusters (CR1)", "nonrobust": "of equal variances"}


def moderated_regression(
    data: pd.DataFrame,
    *,
    outcome: str,
    predictor: str,
    moderator: str,
    covariates: Sequence[str] = (),
    scores: Scores | None = None,
    items: Mapping[str, Sequence[str]] | None = None,
    fit: Fit | None = None,
    covariance: RegressionCovariance = "HC3",
    cluster: str | None = None,
    centre: Centre | None = "mean",
    at: Sequence[float] | None = None,
    alpha: float = 0.05,
    level: float = 0.95,
) -> ModeratedRegression:
    """Moderation of the effect of one score on another, by least squares with robust standard errors.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; reverse-keyed items are reversed already.
    outcome, predictor, moderator : str
        Constructs of *items*, latent variables of *fit*, or numeric columns.
    covariates : sequence of str
        Further variables of the equation, products of its variables too (``"x:w"``).
    scores : {"scale", "factor"}, optional
        Means of the items, missing where an item is, or regression factor scores; by default as *items* or *fit* is
        given, and otherwise columns as they are. Names that are neither construct nor latent variable are columns.
    items : Mapping of str to sequence of str, optional
        Items by construct.
    fit : Fit, optional
        Of the measurement model, to these data.
    covariance : {"HC3", "cluster", "nonrobust"}
        Standard errors; see :func:`~surveysem.inference.moderated_regression.least_squares_regression`.
    cluster : str, optional
        Column that names the cluster of each row, for ``covariance="cluster"``.
    centre : {"mean", "z"} or None
        Subtract the means of predictor and moderator before they are multiplied, divide by their standard deviations
        too, or leave them as they are. The interaction is the same but for its unit; main effects are effects at the
        centre of the other variable.
    at : sequence of float, optional
        Values of the moderator, in its own units, for simple slopes: by default its mean and one standard deviation
        below and above, or both values of one that has two.
    alpha, level : float
        Level of the Johnson–Neyman regions and of the intervals.

    Raises
    ------
    DataError, UnsupportedError
        Everything wrong is listed at once.

    Notes
    -----
    Rows with a missing value in one of the variables are left out, with a finding. beta is b·sₓ/s_y, and of a
    product b·sₓ·s_z/s_y: the coefficient when all variables are standardised before they are multiplied. Variables of
    further products are centred as predictor and moderator are, before they are multiplied, so that simple slopes are
    those at their means.

    References
    ----------
    aiken_west_1991, mackinnon_white_1985, busemeyer_jones_1983, skrondal_laake_2001, cohen_1988

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x, z, e = rng.normal(size=(3, 300))
    >>> data = pd.DataFrame({"x": x, "z": z, "y": 0.4 * x + 0.2 * z + 0.3 * x * z + e})
    >>> result = moderated_regression(data, outcome="y", predictor="x", moderator="z")
    >>> result.coefficients["estimate"].round(2).to_dict()
    {'intercept': -0.1, 'x': 0.27, 'z': 0.14, 'x:z': 0.2}
    """
    products = [name for name in covariates if ":" in name and name not in data]
    names = [outcome, predictor, moderator, *(name for name in covariates if name not in products)]
    check_options(data, names, covariance=covariance, cluster=cluster, centre=centre, alpha=alpha, level=level)
    check_products(products, names[1:])
    data = data.reset_index(drop=True)
    made = regression_scores(data, names, scores=scores, items=items, fit=fit)
    complete = made.frame.dropna()
    check_rows(complete, names, n_products=1 + len(products))
    clusters = cluster_numbers(data, complete.index, cluster) if cluster else None
    design, codings = _design(complete, (predictor, moderator), covariates, products, centre)
    check_rank(design)
    y = complete[outcome].to_numpy()
    fitted = least_squares_regression(y, design.to_numpy(), covariance=covariance, clusters=clusters)
    check_unexplained(fitted.r_squared)
    term = f"{predictor}:{moderator}"
    without = least_squares_regression(y, design.drop(columns=term).to_numpy(), covariance="nonrobust")
    gain = fitted.r_squared - without.r_squared
    terms = list(design.columns)
    line = [terms.index(predictor), terms.index(term)]
    slopes = _simple_slopes(fitted, line, codings[moderator], at, level)
    regions = significance_regions(
        fitted.estimate[line],
        fitted.covariance[np.ix_(line, line)],
        codings[moderator],
        predictor=predictor,
        outcome=outcome,
        alpha=alpha,
        degrees_of_freedom=fitted.degrees_of_freedom,
    )
    return ModeratedRegression(
        outcome=outcome,
        predictor=predictor,
        moderator=moderator,
        covariates=tuple(covariates),
        covariance=covariance,
        n_obs=len(y),
        coefficients=_coefficients(fitted, design, complete, (outcome, predictor, moderator), codings, level),
        parameter_covariance=pd.DataFrame(fitted.covariance, index=design.columns, columns=design.columns),
        r_squared=fitted.r_squared,
        r_squared_change=gain,
        f_squared=gain / (1.0 - fitted.r_squared),
        interaction_test=term_test(fitted, line[1]),
        simple_slopes=slopes,
        johnson_neyman=regions,
        alpha=alpha,
        level=level,
        findings=(
            *rows_left_out(len(complete), len(data)),
            *error_findings(data, made, predictor=predictor, moderator=moderator, rows=complete.index),
            *cluster_findings(clusters),
            *extrapolation_findings(codings[moderator], slopes["moderator_value"], regions.boundaries),
        ),
    )


def _design(
    complete: pd.DataFrame,
    focal: tuple[str, str],
    covariates: Sequence[str],
    products: Sequence[str],
    centre: str | None,
) -> tuple[pd.DataFrame, dict[str, ObservedModerator]]:
    """Independent variables with their products, and how the factors of products are coded."""
    codings = {}
    for name in dict.fromkeys((*focal, *(factor for product in products for factor in product.split(":")))):
        values = complete[name].to_numpy()
        codings[name] = ObservedModerator(
            name=name,
            values=values,
            centre=float(values.mean()) if centre else 0.0,
            unit=float(values.std(ddof=1)) if centre == "z" else 1.0,
        )
    coded = {name: coding.coded(coding.values) for name, coding in codings.items()}
    columns = {"intercept": np.ones(len(complete)), **{name: coded[name] for name in focal}}
    columns[":".join(focal)] = coded[focal[0]] * coded[focal[1]]
    for name in covariates:
        factors = name.split(":")
        columns[name] = coded[factors[0]] * coded[factors[1]] if name in products else complete[name].to_numpy()
    return pd.DataFrame(columns, index=complete.index), codings


def _coefficients(
    fitted: LeastSquaresFit,
    design: pd.DataFrame,
    complete: pd.DataFrame,
    names: tuple[str, str, str],
    codings: Mapping[str, ObservedModerator],
    level: float,
) -> pd.DataFrame:
    outcome, *focal = names
    table = coefficient_tests(fitted, np.eye(design.shape[1]), level=level).set_axis(design.columns.rename("term"))
    scale = {name: float(complete[name].std()) for name in complete.columns}
    of_factors = {name: coding.deviation / coding.unit for name, coding in codings.items()}
    scale |= {"intercept": nan, **{name: of_factors[name] for name in focal}}
    for name in table.index.difference(list(scale)):
        first, second = name.split(":")
        scale[name] = of_factors[first] * of_factors[second]
    table["beta"] = [scale[name] / scale[outcome] * table.loc[name, "estimate"] for name in table.index]
    return table


def _simple_slopes(
    fitted: LeastSquaresFit, line: Sequence[int], moderator: ObservedModerator, at: Sequence[float] | None, level: float
) -> pd.DataFrame:
    raw = _values_asked(moderator, at)
    weights = np.zeros((len(raw), len(fitted.estimate)))
    weights[:, line[0]], weights[:, line[1]] = 1.0, moderator.coded(raw)
    tests = coefficient_tests(fitted, weights, level=level).rename(columns={"estimate": "slope"})
    points = pd.DataFrame({"at": (raw - moderator.mean) / moderator.deviation, "moderator_value": raw})
    return pd.concat([points, tests], axis=1)


def _values_asked(moderator: ObservedModerator, at: Sequence[float] | None) -> FloatArray:
    if at is None:
        both = np.unique(moderator.values)
        return both if len(both) == 2 else moderator.mean + np.array([-1.0, 0.0, 1.0]) * moderator.deviation
    values = np.atleast_1d(np.array(at, dtype=np.float64))
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        problem = Problem(where="at", found=repr(at), remedy=f"Give finite values of {moderator.name}.")
        raise UnsupportedError("The simple slopes cannot be computed.", [problem])
    return values
