"""Measurement models rewritten: unit variances, merged factors, one factor, a second-order factor, an item less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from surveysem.errors import EstimationError, IdentificationError, ModelSyntaxError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling.group_statements import measurement_part
from surveysem.modelling.sem import fit_statements
from surveysem.specification import SEM_DEFAULTS, Statement, parse_syntax
from surveysem.typing import EstimatorName

UNIT_VARIANCES = replace(SEM_DEFAULTS, standardize_latent=True)
"""lavaan's defaults with ``std.lv = TRUE``."""


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """How models are fitted to one group; see :func:`surveysem.sem`.

    Parameters
    ----------
    estimator : str
        As of :func:`surveysem.sem`.
    missing : {"listwise", "fiml"}
        Treatment of missing values.
    ordered : sequence of str, or bool
        Ordered items.
    """

    estimator: EstimatorName = "ML"
    missing: str = "listwise"
    ordered: Sequence[str] | bool = ()

    def fit(self, statements: Sequence[Statement], data: pd.DataFrame, *, unit_variances: bool = False) -> Fit:
        """A model fitted."""
        return fit_statements(
            statements,
            data,
            estimator=self.estimator,
            missing=self.missing,
            ordered=self.ordered,
            defaults=UNIT_VARIANCES if unit_variances else SEM_DEFAULTS,
        )


def measurement_statements_of(syntax: str) -> tuple[Statement, ...]:
    """The measurement part of a model in lavaan's syntax.

    Raises
    ------
    ModelSyntaxError
        When the model has no latent variables.
    """
    statements = measurement_part(parse_syntax(syntax))
    if not any(each.op == "=~" for each in statements):
        problem = Problem(where="model", found="no latent variable", remedy="Write construct =~ item_1 + item_2 …")
        raise ModelSyntaxError("The model measures nothing.", [problem])
    return statements


def indicators(statements: Sequence[Statement]) -> dict[str, tuple[str, ...]]:
    """Indicators by latent variable, in order."""
    found: dict[str, list[str]] = {}
    for each in statements:
        if each.op == "=~":
            found.setdefault(each.lhs, []).append(each.rhs)
    return {name: tuple(dict.fromkeys(items)) for name, items in found.items()}


def check_first_order(statements: Sequence[Statement], what: str) -> None:
    """Refuse models whose latent variables are measured by latent variables.

    Raises
    ------
    UnsupportedError
        Names them.
    """
    items = indicators(statements)
    higher = [name for name, each in items.items() if set(each) & set(items)]
    if higher:
        raise UnsupportedError(
            f"{what} is of first-order factors; {', '.join(higher)} has latent indicators. Leave it out of the model."
        )


def check_names(names: Sequence[str], items: Mapping[str, Sequence[str]]) -> None:
    """Refuse names that are no latent variables.

    Raises
    ------
    UnsupportedError
        Names them and those there are.
    """
    unknown = [name for name in names if name not in items]
    if unknown:
        raise UnsupportedError(
            f"{', '.join(unknown)}: no such latent variable in the model. Available: {', '.join(items)}."
        )


def unit_scaled(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The same model with nothing said of scales: fixed loadings become free, latent variances are left out.

    Fitted with unit variances (:data:`UNIT_VARIANCES`) it is equivalent where loadings were fixed to set scales only.
    """
    latent = set(indicators(statements))
    return tuple(
        replace(each, value=None, freed=False, start=None) if each.op == "=~" else each
        for each in statements
        if not (each.op == "~~" and each.lhs == each.rhs and each.lhs in latent)
    )


def with_covariance(statements: Sequence[Statement], first: str, second: str, value: float) -> tuple[Statement, ...]:
    """The model with one covariance fixed."""
    kept = [each for each in statements if not (each.op == "~~" and {each.lhs, each.rhs} == {first, second})]
    return (*kept, Statement(lhs=first, op="~~", rhs=second, value=value))


def merged(statements: Sequence[Statement], first: str, second: str) -> tuple[Statement, ...]:
    """The model with two latent variables made one, under the name of the first."""
    kept: list[Statement] = []
    for each in statements:
        if each.op == "~~" and second in (each.lhs, each.rhs):
            continue
        kept.append(replace(each, lhs=first) if each.op == "=~" and each.lhs == second else each)
    return tuple(kept)


def one_factor(statements: Sequence[Statement], name: str = "single_factor") -> tuple[Statement, ...]:
    """All items as indicators of one latent variable; residual covariances of items stay."""
    factors = indicators(statements)
    items = [item for each in factors.values() for item in each if item not in factors]
    kept = [each for each in statements if each.op != "=~" and not {each.lhs, each.rhs} & set(factors)]
    return (*(Statement(lhs=name, op="=~", rhs=item) for item in dict.fromkeys(items)), *kept)


def second_order(
    statements: Sequence[Statement], factors: Sequence[str], name: str = "second_order"
) -> tuple[Statement, ...]:
    """The model with a latent variable that *factors* indicate; what is said of their covariances is left out."""
    kept = [
        each
        for each in statements
        if not (each.op == "~~" and each.lhs != each.rhs and {each.lhs, each.rhs} & set(factors))
    ]
    return (*kept, *(Statement(lhs=name, op="=~", rhs=factor) for factor in factors))


def with_facets(
    statements: Sequence[Statement], construct: str, facets: Mapping[str, Sequence[str]]
) -> tuple[Statement, ...]:
    """The model with one latent variable parted into facets, each measured by its own items.

    Raises
    ------
    UnsupportedError
        When the facets do not part the items.
    """
    own = indicators(statements).get(construct, ())
    given = [item for each in facets.values() for item in each]
    if sorted(given) != sorted(own) or len(facets) < 2:
        raise UnsupportedError(
            f"The facets of {construct} do not part its items: {', '.join(own) or 'none'} in the model, "
            f"{', '.join(given) or 'none'} in {len(facets)} facet(s)."
        )
    kept = [each for each in statements if not (each.op in ("=~", "~~") and construct in (each.lhs, each.rhs))]
    parts = [Statement(lhs=name, op="=~", rhs=item) for name, items in facets.items() for item in items]
    return (*parts, *kept)


def without_item(statements: Sequence[Statement], item: str) -> tuple[Statement, ...]:
    """The model without one item."""
    return tuple(each for each in statements if item not in (each.lhs, each.rhs))


def attempt(
    statements: Sequence[Statement],
    data: pd.DataFrame,
    options: FitOptions,
    *,
    where: str,
    unit_variances: bool = False,
) -> tuple[Fit | None, tuple[Finding, ...]]:
    """A fit where there is one, and what was found on the way: that it failed, or is inadmissible.

    Parameters
    ----------
    where : str
        The model's name in findings.
    """
    try:
        fit = options.fit(statements, data, unit_variances=unit_variances)
    except (EstimationError, IdentificationError) as error:
        told = " ".join([error.message, *(f"{each.where}: {each.found}." for each in error.problems)])
        return None, (Finding(severity="warning", where=where, message=f"The model has no solution. {told}"),)
    serious = [each.message for each in fit.findings if each.severity == "serious"]
    if not serious:
        return fit, ()
    others = f" There are {len(serious) - 3} more such signs." if len(serious) > 3 else ""
    told = f"The solution is inadmissible. {' '.join(serious[:3])}{others}"
    return fit, (Finding(severity="warning", where=where, message=told),)


def fit_row(fit: Fit | None) -> dict[str, float]:
    """Parameters, test and fit indices of one model, and whether it is admissible (1 or 0); NaN where there is none."""
    nothing = float("nan")
    keys = ["npar", "chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]
    if fit is None:
        return dict.fromkeys(keys, nothing) | {"admissible": nothing}
    names = list(keys)
    for name in ("chisq", "df", "pvalue", "cfi", "tli", "rmsea"):
        names += [f"{name}.{version}" for version in ("scaled", "robust") if f"{name}.{version}" in fit.fit_indices]
    return {name: fit.fit_indices.get(name, nothing) for name in names} | {"admissible": float(fit.admissible)}
