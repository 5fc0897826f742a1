"""Roles that variables play in a model, by lavaan's rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from surveysem.specification.statements import Statement


@dataclass(frozen=True, kw_only=True)
class VariableRoles:
    """Variables of a model by what they do in it, each in order of appearance.

    Parameters
    ----------
    latent : tuple of str
        Left of ``=~``.
    observed : tuple of str
        All others: indicators first, then outcomes, then exogenous ones.
    exogenous_latent : tuple of str
        Latent, neither outcome nor indicator.
    outcome_latent : tuple of str
        Latent outcomes that predict nothing and indicate nothing.
    exogenous_observed : tuple of str
        Observed predictors that are neither outcome nor indicator, and for which no variance or covariance is written:
        one that is makes the variable random, as in lavaan.
    outcome_observed : tuple of str
        Observed outcomes that predict nothing and indicate nothing.
    """

    latent: tuple[str, ...]
    observed: tuple[str, ...]
    exogenous_latent: tuple[str, ...]
    outcome_latent: tuple[str, ...]
    exogenous_observed: tuple[str, ...]
    outcome_observed: tuple[str, ...]

    @property
    def observed_not_exogenous(self) -> tuple[str, ...]:
        """Observed variables that the model explains."""
        exogenous = set(self.exogenous_observed)
        return tuple(name for name in self.observed if name not in exogenous)


def variable_roles(statements: Sequence[Statement]) -> VariableRoles:
    """Roles of all variables that appear in the statements."""
    latent = _unique(each.lhs for each in statements if each.op == "=~")
    indicators = _unique(each.rhs for each in statements if each.op == "=~")
    outcomes = _unique(each.lhs for each in statements if each.op == "~")
    predictors = _unique(each.rhs for each in statements if each.op == "~")
    covarying = _unique(name for each in statements if each.op == "~~" for name in (each.lhs, each.rhs))
    is_latent, is_indicator, is_outcome, is_predictor = (set(x) for x in (latent, indicators, outcomes, predictors))
    explained_names = is_outcome | is_indicator | set(covarying)

    def observed(names: Sequence[str]) -> list[str]:
        return [name for name in names if name not in is_latent]

    exogenous_observed = [name for name in observed(predictors) if name not in explained_names]
    with_mean = _unique(each.lhs for each in statements if each.op in ("~1", "|"))
    explained = (*observed(indicators), *observed(outcomes), *observed(covarying))
    others = [name for name in observed(with_mean) if name not in exogenous_observed]
    all_observed = _unique((*explained, *others, *exogenous_observed))
    return VariableRoles(
        latent=latent,
        observed=all_observed,
        exogenous_latent=tuple(name for name in latent if name not in is_indicator | is_outcome),
        outcome_latent=tuple(name for name in latent if name in is_outcome - is_predictor - is_indicator),
        exogenous_observed=tuple(exogenous_observed),
        outcome_observed=tuple(name for name in observed(outcomes) if name not in is_predictor | is_indicator),
    )


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
