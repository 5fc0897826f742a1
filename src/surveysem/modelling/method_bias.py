"""Common method bias: what one source, one questionnaire and one moment add to what items share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.measurement import full_collinearity_vif
from surveysem.modelling.marker_technique import MarkerTechnique, marker_technique
from surveysem.modelling.measurement_alternatives import difference_test
from surveysem.modelling.measurement_models import (
    FitOptions,
    attempt,
    check_first_order,
    fit_row,
    indicators,
    measurement_statements_of,
    one_factor,
    unit_scaled,
)
from surveysem.modelling.method_factor import METHOD_FACTOR, fit_free_method_factor, with_method_factor
from surveysem.modelling.notebook_html import notebook_html
from surveysem.number_formats import format_bounded, format_decimal
from surveysem.specification import Statement
from surveysem.typing import EstimatorName, FloatArray

_MODELS = ("measurement model", "single factor", "method factor, equal loadings", "method factor, free loadings")
_VIF = 3.3


@dataclass(frozen=True, kw_only=True, eq=False)
class MethodBias:
    """What speaks for and against common method bias.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a model: the measurement model, a single factor, and the measurement model with an unmeasured method
        factor whose loadings on all items are equal or free; NaN for a model without a solution.
    tests : pandas.DataFrame
        Difference tests: restricted, larger, chisq_diff, df_diff, p_value, method, finding.
    variance_shares : pandas.DataFrame
        By model with a method factor and an admissible solution: mean squared standardised loadings on the items' own
        latent variables (substantive) and on the method factor (method).
    correlations : pandas.DataFrame
        By pair of latent variables: their correlation in the measurement model and, where these are admissible, beside
        each method factor.
    vif : pandas.Series
        Full-collinearity variance inflation factors, from the correlations of the latent variables.
    harman : float
        Share of the items' standardised variance in their first principal component.
    marker : MarkerTechnique or None
        With a marker, its five models.
    fits : Mapping of str to Fit
        By model.
    findings : tuple of Finding
        What a reader must know, caveats of each method among it.
    """

    table: pd.DataFrame
    tests: pd.DataFrame
    variance_shares: pd.DataFrame
    correlations: pd.DataFrame
    vif: pd.Series
    harman: float
    marker: MarkerTechnique | None
    fits: Mapping[str, Fit]
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        tables = (self.table, self.tests, self.variance_shares, self.correlations, self.vif.to_frame("vif"))
        parts = [each.round(3).to_string() for each in tables]
        marker = [] if self.marker is None else [f"Marker: {self.marker.marker}", repr(self.marker)]
        return "\n\n".join([*parts, *marker, *map(str, self.findings)])

    def _repr_html_(self) -> str:
        tables = {"": self.table, "Tests": self.tests, "Mean squared loadings": self.variance_shares}
        tables |= {"Correlations of latent variables": self.correlations, "Collinearity": self.vif.to_frame("vif").T}
        if self.marker is not None:
            tables |= {f"Marker: {self.marker.marker}": self.marker.table, "Tests with the marker": self.marker.tests}
        return notebook_html("Common method bias", tables, self.findings)


def first_component_share(correlation: FloatArray) -> float:
    """Harman's quantity: the largest eigenvalue of a correlation matrix (p, p) over *p*.

    References
    ----------
    howard_2024

    Examples
    --------
    >>> round(first_component_share(np.array([[1.0, 0.5], [0.5, 1.0]])), 2)
    0.75
    """
    return float(np.linalg.eigvalsh(correlation)[-1] / len(correlation))


def common_method_bias(
    syntax: str,
    data: pd.DataFrame,
    *,
    marker: str | None = None,
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
    ordered: Sequence[str] | bool = (),
) -> MethodBias:
    """Checks for common method bias: single factor, method factor, marker, collinearity and Harman's share.

    Parameters
    ----------
    syntax : str
        A model in lavaan's syntax; its measurement part is used.
    data : pandas.DataFrame
        One row a respondent; reverse-keyed items are reversed already.
    marker : str, optional
        Latent variable of the model that serves as marker; see
        :func:`~surveysem.modelling.marker_technique.marker_technique`. It takes part in all models.
    estimator, missing, ordered
        As of :func:`surveysem.sem`; there is no marker technique with ordered items.

    Returns
    -------
    MethodBias

    Raises
    ------
    UnsupportedError
        For a second-order model, one latent variable, or a marker beside ordered items.
    DataError, IdentificationError, EstimationError
        When the measurement model cannot be fitted.

    Notes
    -----
    The method factor correlates with no other. Equal loadings are equal unstandardised, which supposes items on one
    response scale; they are 1, and the factor's variance is estimated. Where the items' own loadings are nearly equal
    too, that variance is hardly told from what latent variables share: it is poorly determined and may come out below
    zero, an inadmissible solution. Free loadings are sought from several starts, for the likelihood has several maxima,
    and the best is kept. A method factor takes up whatever items share beyond their own latent variables,
    substance included (Richardson et al. 2009), and with free loadings the likelihood often has no maximum (a residual
    variance runs away) or inadmissible ones that depend on the start; findings say so. No statistic proves that there
    is no bias: design remedies come first (Podsakoff et al. 2003).

    References
    ----------
    podsakoff_2003, richardson_2009, williams_2010, kock_2015, howard_2024

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> bias = common_method_bias("dem60 =~ y1 + y2 + y3 + y4; ind60 =~ x1 + x2 + x3", data)
    >>> bias.table["df"].tolist()[:3]
    [13.0, 14.0, 12.0]
    """
    statements = unit_scaled(measurement_statements_of(syntax))
    check_first_order(statements, "The check for method bias")
    _check(statements, marker, ordered)
    options = FitOptions(estimator=estimator, missing=missing, ordered=ordered)
    measurement, single, equal, free = _MODELS
    fits = {measurement: options.fit(statements, data, unit_variances=True)}
    findings: list[Finding] = []
    alternatives = {
        single: one_factor(statements),
        equal: with_method_factor(statements, equal=True),
    }
    tried = {
        name: attempt(written, data, options, where=name, unit_variances=True) for name, written in alternatives.items()
    }
    tried[free] = fit_free_method_factor(statements, data, options, where=free)
    for name, (fit, found) in tried.items():
        findings += found
        if fit is not None:
            fits[name] = fit
    marked = None
    if marker is not None:
        marked = marker_technique(syntax, data, marker=marker, estimator=estimator, missing=missing)
        findings += marked.findings
    vif, harman = collinearity_factors(fits[measurement]), harman_share(fits[measurement])
    return MethodBias(
        table=pd.DataFrame([fit_row(fits.get(name)) for name in _MODELS], index=pd.Index(_MODELS, name="model")),
        tests=_tests(fits),
        variance_shares=_variance_shares(fits),
        correlations=_correlations(statements, fits),
        vif=vif,
        harman=harman,
        marker=marked,
        fits=fits,
        findings=(*findings, *_caveats(vif, harman)),
    )


def _check(statements: Sequence[Statement], marker: str | None, ordered: Sequence[str] | bool) -> None:
    if len(indicators(statements)) < 2:
        raise UnsupportedError("The model has one latent variable; a check for method bias takes two or more.")
    if marker is not None and ordered:
        raise UnsupportedError(
            "The marker technique holds residual variances, which ordered items do not have. Leave out marker= or "
            "treat the items as continuous."
        )
    if METHOD_FACTOR in {name for each in statements for name in (each.lhs, each.rhs)}:
        raise UnsupportedError(
            f"The name {METHOD_FACTOR} is needed for the method factor; rename the variable in the model."
        )


def _tests(fits: Mapping[str, Fit]) -> pd.DataFrame:
    measurement, single, equal, free = _MODELS
    rows = [
        {"restricted": restricted, "larger": larger} | difference_test(fits[restricted], fits[larger])
        for restricted, larger in ((single, measurement), (measurement, equal), (equal, free))
        if restricted in fits and larger in fits and fits[restricted].fit_indices["df"] > fits[larger].fit_indices["df"]
    ]
    columns = ["restricted", "larger", "chisq_diff", "df_diff", "p_value", "method", "finding"]
    return pd.DataFrame(rows, columns=columns)


def _variance_shares(fits: Mapping[str, Fit]) -> pd.DataFrame:
    rows = {}
    for name in _MODELS[2:]:
        if name not in fits or not fits[name].admissible:
            continue
        loadings = fits[name].estimates.query("op == '=~'")
        of_method = loadings["lhs"] == METHOD_FACTOR
        squares = loadings["std_all"] ** 2
        n_items = int(of_method.sum())
        rows[name] = {
            "substantive": float(squares[~of_method].sum() / n_items),
            "method": float(squares[of_method].sum() / n_items),
        }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["substantive", "method"]).rename_axis("model")


def _correlations(statements: Sequence[Statement], fits: Mapping[str, Fit]) -> pd.DataFrame:
    factors = list(indicators(statements))
    columns = {}
    for name in (_MODELS[0], *_MODELS[2:]):
        if name in fits and (name == _MODELS[0] or fits[name].admissible):
            correlation = _latent_correlation(fits[name]).loc[factors, factors].to_numpy()
            columns[name] = correlation[np.triu_indices(len(factors), 1)]
    first, second = np.triu_indices(len(factors), 1)
    index = pd.MultiIndex.from_arrays(
        [[factors[i] for i in first], [factors[j] for j in second]], names=["first", "second"]
    )
    return pd.DataFrame(columns, index=index)


def _latent_correlation(fit: Fit) -> pd.DataFrame:
    group = fit.solution.groups[0]
    names = list(group.table.latent)
    at = [group.structure.latent.index(name) for name in names]
    covariance = group.implied.latent_covariance[np.ix_(at, at)]
    scale = np.sqrt(np.diag(covariance))
    return pd.DataFrame(covariance / np.outer(scale, scale), index=names, columns=names)


def collinearity_factors(fit: Fit) -> pd.Series:
    """Full-collinearity variance inflation factors of the latent variables of a measurement model of one group.

    Parameters
    ----------
    fit : Fit
        The measurement model.

    Returns
    -------
    pandas.Series
        By latent variable; NaN where their correlations are not positive definite.

    References
    ----------
    kock_2015
    """
    correlation = _latent_correlation(fit)
    usable = np.linalg.eigvalsh(correlation.to_numpy())[0] > 1e-8
    values = full_collinearity_vif(correlation.to_numpy()) if usable else np.full(len(correlation), np.nan)
    return pd.Series(values, index=correlation.index, name="vif")


def harman_share(fit: Fit) -> float:
    """Share of the first principal component in the standardised variance of a measurement model's items.

    Parameters
    ----------
    fit : Fit
        A measurement model of one group.

    References
    ----------
    howard_2024
    """
    group = fit.solution.groups[0]
    items = [name for name in group.table.latent for name in group.table.indicators_of(name)]
    at = [group.structure.observed.index(item) for item in dict.fromkeys(items)]
    covariance = group.moments.covariance[np.ix_(at, at)]
    scale = np.sqrt(np.diag(covariance))
    return first_component_share(covariance / np.outer(scale, scale))


def _caveats(vif: pd.Series, harman: float) -> tuple[Finding, ...]:
    found = [
        Finding(
            severity="note",
            where="Harman's test",
            message=f"The first component holds {format_bounded(harman)} of the items' variance. This share does not "
            "tell designs with common method bias from others (Howard et al. 2024): no conclusion rests on it.",
        )
    ]
    if vif.isna().any():
        message = "The correlations of the latent variables are not positive definite: there are no inflation factors."
        found.append(Finding(severity="warning", where="full collinearity", message=message))
    high = vif[vif > _VIF]
    if len(high):
        named = ", ".join(f"{name} {format_decimal(float(value))}" for name, value in high.items())
        message = (
            f"{named}: above {_VIF} (Kock 2015). The cut-off was proposed for scores; factors from latent correlations "
            "are larger, and constructs that theory relates closely reach them without any bias."
        )
        found.append(Finding(severity="warning", where="full collinearity", message=message))
    return tuple(found)
