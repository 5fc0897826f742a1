"""The CFA marker technique: how much of what items share with a marker variable is method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.stats import norm

from surveysem.errors import EstimationError, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling.measurement_alternatives import difference_test
from surveysem.modelling.measurement_models import (
    FitOptions,
    attempt,
    check_first_order,
    fit_row,
    indicators,
    measurement_statements_of,
    unit_scaled,
)
from surveysem.specification import Statement
from surveysem.typing import EstimatorName, FloatArray

_EQUAL = "method_loading"


@dataclass(frozen=True, kw_only=True, eq=False)
class MarkerTechnique:
    """The models of Williams, Hartman and Cavazotte (2010) and what follows from them.

    Parameters
    ----------
    marker : str
        The marker latent variable.
    table : pandas.DataFrame
        CFA, Baseline, Method-C, Method-U, Method-R, Method-S: test and fit indices; NaN where Method-S has no solution.
    tests : pandas.DataFrame
        Baseline against Method-C (is there method variance?), Method-C against Method-U (does it differ from item to
        item?), Method-R against the retained method model (does it bias the factor correlations?).
    retained : str
        "Method-U" where the second test is significant, else "Method-C".
    loadings : pandas.DataFrame
        By item: latent_variable, substantive and method (completely standardised) in the retained model, and
        method_limit, the unstandardised method loading at which Method-S holds it.
    reliability : pandas.DataFrame
        By latent variable: total (Baseline), and of the retained model substantive, method and percent_method, the
        share of method in the two together.
    correlations : pandas.DataFrame
        By pair: CFA, Baseline, the retained method model and Method-S, whose difference from the retained one shows
        how far sampling error of the method loadings may hide bias.
    fits : Mapping of str to Fit
        The models.
    findings : tuple of Finding
        What a reader must know.
    """

    marker: str
    table: pd.DataFrame
    tests: pd.DataFrame
    retained: str
    loadings: pd.DataFrame
    reliability: pd.DataFrame
    correlations: pd.DataFrame
    fits: Mapping[str, Fit]
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        tables = (self.table, self.tests, self.reliability, self.correlations)
        return "\n\n".join([*(each.round(3).to_string() for each in tables), *map(str, self.findings)])


def reliability_decomposition(*, substantive: FloatArray, method: FloatArray) -> tuple[float, float]:
    """Substantive and method reliability of the sum of *k* standardised items.

    Parameters
    ----------
    substantive, method : arrays of shape (k,)
        Completely standardised loadings on two uncorrelated factors.

    Notes
    -----
    (Σλ)² over (Σλ)² + (Σμ)² + Σθ, and (Σμ)² over the same, with θ = 1 − λ² − μ².

    References
    ----------
    williams_2010

    Examples
    --------
    >>> own, method = reliability_decomposition(substantive=np.array([0.7, 0.7]), method=np.array([0.3, 0.3]))
    >>> round(own, 3), round(method, 3)
    (0.62, 0.114)
    """
    common, of_method = float(substantive.sum() ** 2), float(method.sum() ** 2)
    total = common + of_method + float((1.0 - substantive**2 - method**2).sum())
    return common / total, of_method / total


def marker_technique(
    syntax: str,
    data: pd.DataFrame,
    *,
    marker: str,
    alpha: float = 0.05,
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
) -> MarkerTechnique:
    """The CFA marker technique of Williams, Hartman and Cavazotte (2010).

    Parameters
    ----------
    syntax : str
        A model in lavaan's syntax, the marker among its latent variables; its measurement part is used.
    data : pandas.DataFrame
        One row a respondent.
    marker : str
        A latent variable chosen before the data were collected because theory relates it to none of the others, while
        it is prone to the same method effects.
    alpha : float
        Level of the tests.
    estimator, missing
        As of :func:`surveysem.sem`.

    Returns
    -------
    MarkerTechnique

    Raises
    ------
    UnsupportedError
        When there is no such latent variable, the model is of second order, or items load on the marker and another.
    EstimationError
        When the CFA, Baseline, Method-C or Method-U model has no solution, or one without positive residual variances
        of the marker's items.

    Notes
    -----
    All latent variables have unit variance. Baseline: the marker is uncorrelated with the others, its loadings and
    residual variances held at those of the CFA model. Method-C: its loadings on all other items are free and equal;
    Method-U: free; Method-R: the retained one of these with the correlations of the others held at those of Baseline.
    Method-S, a sensitivity analysis: the loadings of the retained one held at the limit of their 1 − *alpha* intervals
    that lies farther from 0 (the upper limit of positive ones), so that more of what items share is method.
    A marker that theory does not single out shows substance as well as method (Simmering et al. 2015).

    References
    ----------
    williams_2010, simmering_2015

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> syntax = "dem60 =~ y1 + y2 + y3 + y4; dem65 =~ y5 + y6 + y7 + y8; ind60 =~ x1 + x2 + x3"
    >>> marker_technique(syntax, data, marker="ind60").table["df"].tolist()
    [41.0, 49.0, 48.0, 41.0, 49.0, 49.0]
    """
    statements = unit_scaled(measurement_statements_of(syntax))
    check_first_order(statements, "The marker technique")
    _check_marker(statements, marker)
    options = FitOptions(estimator=estimator, missing=missing)
    models: dict[str, tuple[Statement, ...]] = {"CFA": statements}
    fits: dict[str, Fit] = {}
    findings: list[Finding] = []

    def fit(name: str) -> None:
        found, notes = attempt(models[name], data, options, where=name, unit_variances=True)
        if found is None:
            raise EstimationError(f"Marker technique, {name} model: {notes[0].message}")
        fits[name] = found
        findings.extend(notes)

    fit("CFA")
    models["Baseline"] = _baseline(statements, fits["CFA"], marker)
    items = [item for name, own in indicators(statements).items() if name != marker for item in own]
    models["Method-C"] = (*models["Baseline"], *_method_loadings(marker, items, _EQUAL))
    models["Method-U"] = (*models["Baseline"], *_method_loadings(marker, items, ""))
    for name in ("Baseline", "Method-C", "Method-U"):
        fit(name)
    varies = difference_test(fits["Method-C"], fits["Method-U"])
    retained = "Method-U" if float(varies["p_value"]) < alpha else "Method-C"  # type: ignore[arg-type]
    models["Method-R"] = (*_without_covariances(models[retained]), *_held(statements, fits["Baseline"], marker))
    fit("Method-R")
    limits = _method_limits(fits[retained], marker, items, alpha)
    sensitive, notes = attempt(
        (*models["Baseline"], *_fixed_loadings(marker, limits)), data, options, where="Method-S", unit_variances=True
    )
    findings.extend(notes)
    fits |= {} if sensitive is None else {"Method-S": sensitive}
    order = ("CFA", "Baseline", "Method-C", "Method-U", "Method-R", "Method-S")
    return MarkerTechnique(
        marker=marker,
        table=pd.DataFrame([fit_row(fits.get(name)) for name in order], index=pd.Index(order, name="model")),
        tests=_tests(fits, retained),
        retained=retained,
        loadings=_loadings(statements, fits[retained], marker).assign(method_limit=pd.Series(limits)),
        reliability=_reliability(statements, fits, retained, marker),
        correlations=_correlations(statements, fits, retained, marker),
        fits=fits,
        findings=tuple(findings),
    )


def _check_marker(statements: Sequence[Statement], marker: str) -> None:
    items = indicators(statements)
    if marker not in items:
        raise UnsupportedError(
            f"There is no latent variable {marker!r} to be the marker. Available: {', '.join(items)}."
        )
    if len(items) < 2:
        raise UnsupportedError("The model has no latent variable beside the marker.")
    shared = [item for item in items[marker] for name, own in items.items() if name != marker and item in own]
    if shared:
        raise UnsupportedError(f"{', '.join(shared)}: items of the marker may not load on other latent variables.")


def _estimates(fit: Fit, op: str) -> dict[tuple[str, str], float]:
    rows = fit.estimates[fit.estimates["op"] == op]
    return {
        (str(a), str(b)): float(value) for a, b, value in zip(rows["lhs"], rows["rhs"], rows["estimate"], strict=True)
    }


def _baseline(statements: Sequence[Statement], cfa: Fit, marker: str) -> tuple[Statement, ...]:
    items = indicators(statements)
    loadings, variances = _estimates(cfa, "=~"), _estimates(cfa, "~~")
    own = items[marker]
    negative = [item for item in own if not variances[item, item] > 0.0]
    if negative:
        raise EstimationError(
            f"Marker technique: the residual variance of {', '.join(negative)} is not positive in the CFA model, so "
            "that it cannot be held there. Choose another marker."
        )
    kept = [
        each
        for each in statements
        if not (each.op == "=~" and each.lhs == marker)
        and not (each.op == "~~" and (marker in (each.lhs, each.rhs) or (each.lhs == each.rhs and each.lhs in own)))
    ]
    fixed = [Statement(lhs=marker, op="=~", rhs=item, value=loadings[marker, item]) for item in own]
    fixed += [Statement(lhs=item, op="~~", rhs=item, value=variances[item, item]) for item in own]
    fixed += [Statement(lhs=marker, op="~~", rhs=name, value=0.0) for name in items if name != marker]
    return (*kept, *fixed)


def _method_loadings(marker: str, items: Sequence[str], label: str) -> tuple[Statement, ...]:
    return tuple(Statement(lhs=marker, op="=~", rhs=item, label=label) for item in dict.fromkeys(items))


def _method_limits(fit: Fit, marker: str, items: Sequence[str], alpha: float) -> dict[str, float]:
    """Limits farther from 0 of the intervals of the method loadings, by item."""
    rows = fit.estimates[(fit.estimates["op"] == "=~") & (fit.estimates["lhs"] == marker)]
    width = float(norm.isf(alpha / 2.0))
    numbers = zip(rows["rhs"], rows["estimate"], rows["std_error"], strict=True)
    return {
        str(item): float(estimate + np.sign(estimate) * width * error)
        for item, estimate, error in numbers
        if item in items
    }


def _fixed_loadings(marker: str, values: Mapping[str, float]) -> tuple[Statement, ...]:
    return tuple(Statement(lhs=marker, op="=~", rhs=item, value=value) for item, value in values.items())


def _pairs(statements: Sequence[Statement], marker: str) -> list[tuple[str, str]]:
    return list(combinations([name for name in indicators(statements) if name != marker], 2))


def _without_covariances(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Without what is said of covariances of latent variables, but for those fixed."""
    latent = set(indicators(statements))
    return tuple(
        each
        for each in statements
        if not (each.op == "~~" and {each.lhs, each.rhs} <= latent and each.lhs != each.rhs and each.value is None)
    )


def _held(statements: Sequence[Statement], baseline: Fit, marker: str) -> tuple[Statement, ...]:
    values = _estimates(baseline, "~~")
    said = {frozenset((each.lhs, each.rhs)) for each in statements if each.op == "~~" and each.value is not None}
    return tuple(
        Statement(lhs=a, op="~~", rhs=b, value=values.get((a, b), values.get((b, a), 0.0)))
        for a, b in _pairs(statements, marker)
        if frozenset((a, b)) not in said
    )


def _tests(fits: Mapping[str, Fit], retained: str) -> pd.DataFrame:
    questions = {
        ("Baseline", "Method-C"): "Is there method variance?",
        ("Method-C", "Method-U"): "Does it differ among items?",
        ("Method-R", retained): "Does it bias the factor correlations?",
    }
    rows = []
    for (restricted, larger), question in questions.items():
        same = fits[restricted].fit_indices["df"] == fits[larger].fit_indices["df"]
        test = {} if same else difference_test(fits[restricted], fits[larger])
        rows.append({"restricted": restricted, "larger": larger, "question": question} | test)
    return pd.DataFrame(rows)


def _standardized(fit: Fit) -> dict[tuple[str, str, str], float]:
    rows = fit.estimates
    keys = zip(rows["lhs"], rows["op"], rows["rhs"], rows["std_all"], strict=True)
    return {(str(a), str(op), str(b)): float(value) for a, op, b, value in keys}


def _loadings(statements: Sequence[Statement], fit: Fit, marker: str) -> pd.DataFrame:
    values = _standardized(fit)
    rows = [
        {
            "item": item,
            "latent_variable": name,
            "substantive": values[name, "=~", item],
            "method": values[marker, "=~", item],
        }
        for name, items in indicators(statements).items()
        if name != marker
        for item in items
    ]
    return pd.DataFrame(rows).set_index("item")


def _reliability(statements: Sequence[Statement], fits: Mapping[str, Fit], retained: str, marker: str) -> pd.DataFrame:
    baseline, method = _standardized(fits["Baseline"]), _standardized(fits[retained])
    rows = {}
    for name, items in indicators(statements).items():
        if name == marker:
            continue
        alone = np.array([baseline[name, "=~", item] for item in items])
        own = np.array([method[name, "=~", item] for item in items])
        of_marker = np.array([method[marker, "=~", item] for item in items])
        total, _ = reliability_decomposition(substantive=alone, method=np.zeros(len(items)))
        substantive, by_method = reliability_decomposition(substantive=own, method=of_marker)
        rows[name] = {
            "total": total,
            "substantive": substantive,
            "method": by_method,
            "percent_method": 100.0 * by_method / (substantive + by_method),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("latent_variable")


def _correlations(statements: Sequence[Statement], fits: Mapping[str, Fit], retained: str, marker: str) -> pd.DataFrame:
    rows, shown = [], [name for name in ("CFA", "Baseline", retained, "Method-S") if name in fits]
    for a, b in _pairs(statements, marker):
        row: dict[str, object] = {"first": a, "second": b}
        for name in shown:
            values = _standardized(fits[name])
            row[name] = values.get((a, "~~", b), values.get((b, "~~", a), 0.0))
        rows.append(row)
    return pd.DataFrame(rows, columns=["first", "second", *shown])
