"""Measurement models against one another: factors told apart, merged, parted into facets, put below another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.comparison import nested_difference
from surveysem.inference.nesting import Relation, nesting
from surveysem.modelling.measurement_models import (
    FitOptions,
    attempt,
    check_first_order,
    check_names,
    fit_row,
    indicators,
    measurement_statements_of,
    one_factor,
    second_order,
    with_facets,
)
from surveysem.modelling.notebook_html import notebook_html
from surveysem.specification import Statement
from surveysem.typing import EstimatorName


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasurementComparison:
    """Measurement models of the same items, side by side.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a model: npar, chisq, df, pvalue, cfi, tli, rmsea, srmr, aic, bic, scaled and robust versions under
        robust estimators, and admissible (1 or 0); NaN for a model without a solution.
    tests : pandas.DataFrame
        One row a nested pair: restricted, larger, chisq_diff, df_diff, p_value, method, finding.
    fits : Mapping of str to Fit
        By model; those that have a solution.
    findings : tuple of Finding
        Models without a solution or with an inadmissible one, equivalent models, pairs without a test.
    """

    table: pd.DataFrame
    tests: pd.DataFrame
    fits: Mapping[str, Fit]
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        parts = [self.table.round(3).to_string(), self.tests.round(3).to_string(), *map(str, self.findings)]
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        return notebook_html("Measurement models", {"": self.table, "Tests": self.tests}, self.findings)


def compare_measurement(
    models: str | Mapping[str, str],
    data: pd.DataFrame,
    *,
    facets: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    factors: Sequence[str] = (),
    nested: Sequence[tuple[str, str]] | None = None,
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
    ordered: Sequence[str] | bool = (),
) -> MeasurementComparison:
    """Alternative measurement models of the same items: fit, information criteria and tests where they are nested.

    Parameters
    ----------
    models : str or Mapping of str to str
        One model in lavaan's syntax, whose alternatives are built; or several, by name.
    data : pandas.DataFrame
        One row a respondent; reverse-keyed items are reversed already.
    facets : Mapping, optional
        By construct of the one model its items by facet: each such construct is tried as one factor (as written), as
        correlated facets, and as a second-order factor of its facets, within the whole model.
    factors : sequence of str
        Latent variables of the one model that may have a common second-order factor; by default all, when there are
        three or more and no *facets*. One factor for all items is tried as well.
    nested : sequence of (str, str), optional
        Pairs (restricted, larger) to test among several models. By default pairs are tested in which the larger model
        reproduces the moments that the other implies (Bentler & Satorra 2010), which is checked for maximum likelihood
        of complete rows.
    estimator, missing, ordered
        As of :func:`surveysem.sem`.

    Returns
    -------
    MeasurementComparison

    Raises
    ------
    UnsupportedError
        When the models do not have the same items, or names are unknown.
    ModelSyntaxError, DataError, IdentificationError
        As of :func:`surveysem.sem`.

    Notes
    -----
    A test of one factor against several puts correlations on the boundary of 1, so that its p-value errs upwards; so
    does that of a construct without facet-specific variance. A second-order factor of three factors that correlate
    with nothing else fits exactly as these do: the data cannot tell the two apart, and a finding says so.

    References
    ----------
    bentler_satorra_2010, satorra_bentler_2001

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> syntax = "dem60 =~ y1 + y2 + y3 + y4; dem65 =~ y5 + y6 + y7 + y8"
    >>> compare_measurement(syntax, data).table["df"].tolist()
    [19.0, 20.0]
    """
    options = FitOptions(estimator=estimator, missing=missing, ordered=ordered)
    pairs: _Pairs | None
    if isinstance(models, str):
        if nested is not None:
            raise UnsupportedError("nested= names pairs of several models; the alternatives of one model know theirs.")
        written, pairs = _alternatives(measurement_statements_of(models), facets or {}, factors)
    else:
        written = {name: measurement_statements_of(syntax) for name, syntax in models.items()}
        pairs = _checked_pairs(written, nested)
        if facets or factors:
            raise UnsupportedError("facets= and factors= build alternatives of one model; give one, or leave them out.")
    fits: dict[str, Fit] = {}
    findings: list[Finding] = []
    for name, statements in written.items():
        fit, found = attempt(statements, data, options, where=name)
        findings += found
        if fit is not None:
            fits[name] = fit
    if pairs is None:
        pairs, undecided = _nested_pairs(fits)
        findings += undecided
    tests, notes = _tests(fits, pairs)
    table = pd.DataFrame([fit_row(fits.get(name)) for name in written], index=pd.Index(list(written), name="model"))
    return MeasurementComparison(table=table, tests=tests, fits=fits, findings=(*findings, *notes))


_Models = dict[str, tuple[Statement, ...]]
_Pairs = list[tuple[str, str]]


def _alternatives(
    statements: tuple[Statement, ...], facets: Mapping[str, Mapping[str, Sequence[str]]], factors: Sequence[str]
) -> tuple[_Models, _Pairs]:
    """Models by name, and pairs (restricted, larger)."""
    written = "correlated factors"
    models: _Models = {written: statements}
    pairs: _Pairs = []
    items = indicators(statements)
    check_names([*facets, *factors], items)
    if len(items) > 1:
        models["one factor"] = one_factor(statements)
        pairs.append(("one factor", written))
    general = tuple(factors) or (tuple(items) if len(items) > 2 and not facets else ())
    if general:
        check_first_order(statements, "An alternative with a second-order factor")
        models["second order"] = second_order(statements, general)
        pairs.append(("second order", written))
        if set(general) == set(items):
            pairs.append(("one factor", "second order"))
    for construct, parts in facets.items():
        named = {f"{construct}_{facet}": own for facet, own in parts.items()}
        parted = with_facets(statements, construct, named)
        first, second = f"{construct}: correlated facets", f"{construct}: second order"
        models |= {first: parted, second: second_order(parted, tuple(named), construct)}
        pairs += [(second, first), (written, second)]
    return models, pairs


def _checked_pairs(written: _Models, nested: Sequence[tuple[str, str]] | None) -> _Pairs | None:
    if len(written) < 2:
        raise UnsupportedError("Give two or more models by name, or one model as text, whose alternatives are built.")
    sets = {name: _items(each) for name, each in written.items()}
    first = next(iter(sets))
    differing = [name for name, each in sets.items() if each != sets[first]]
    if differing:
        raise UnsupportedError(
            f"{', '.join(differing)}: other items than in {first}. Models of other items do not compare."
        )
    if nested is None:
        return None
    unknown = sorted({name for pair in nested for name in pair} - set(written))
    if unknown:
        raise UnsupportedError(f"nested: no model {', '.join(unknown)}. Available: {', '.join(written)}.")
    return list(nested)


def _items(statements: Sequence[Statement]) -> frozenset[str]:
    factors = indicators(statements)
    return frozenset(item for each in factors.values() for item in each if item not in factors)


def _nested_pairs(fits: Mapping[str, Fit]) -> tuple[_Pairs, tuple[Finding, ...]]:
    """Pairs in which the larger model reproduces what the other implies."""
    pairs: _Pairs = []
    undecided = []
    for first, second in combinations(fits, 2):
        ordered = sorted((first, second), key=lambda name: -fits[name].fit_indices["df"])
        if fits[first].fit_indices["df"] == fits[second].fit_indices["df"]:
            continue
        relation, reason = _relation(fits[ordered[0]], fits[ordered[1]])
        if relation == "restricted":
            pairs.append((ordered[0], ordered[1]))
        if reason:
            message = f"{reason} Name the pairs that are nested by nested=."
            undecided.append(Finding(severity="note", where=f"{first}, {second}", message=message))
    return pairs, tuple(undecided)


def _relation(restricted: Fit, larger: Fit) -> tuple[Relation, str]:
    """How the first is related to the second, and why that cannot be told where it cannot."""
    try:
        found = nesting(restricted, larger)
    except UnsupportedError as error:
        return "undecided", error.message
    return found.relation, found.reason


def _tests(fits: Mapping[str, Fit], pairs: Sequence[tuple[str, str]]) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    rows, notes = [], []
    for restricted, larger in pairs:
        if restricted not in fits or larger not in fits:
            continue
        if fits[restricted].fit_indices["df"] == fits[larger].fit_indices["df"]:
            notes.append(_equivalent(restricted, larger, fits))
            continue
        rows.append({"restricted": restricted, "larger": larger} | difference_test(fits[restricted], fits[larger]))
    columns = ["restricted", "larger", "chisq_diff", "df_diff", "p_value", "method", "finding"]
    return pd.DataFrame(rows, columns=columns), tuple(notes)


def _equivalent(restricted: str, larger: str, fits: Mapping[str, Fit]) -> Finding:
    apart = abs(fits[restricted].fit_indices["chisq"] - fits[larger].fit_indices["chisq"])
    message = (
        "The two models fit equally well whatever the data: fit cannot choose between them."
        if apart < 1e-4
        else "The two models have the same degrees of freedom: there is no difference test; compare AIC and BIC."
    )
    return Finding(severity="warning", where=f"{restricted}, {larger}", message=message)


def difference_test(restricted: Fit, larger: Fit) -> dict[str, object]:
    """chisq_diff, df_diff, p_value, method and finding of one nested pair; see :func:`nested_difference`."""
    row = nested_difference(restricted, larger)
    return {name: row[name] for name in ("chisq_diff", "df_diff", "p_value", "method", "finding")}
