"""Rows of a comparison of methods: one latent interaction by one method."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from time import perf_counter
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from surveysem.errors import SurveySEMError, UnsupportedError
from surveysem.inference import Fit
from surveysem.modelling import fit_statements
from surveysem.modelling.group_moderation import compare_paths
from surveysem.modelling.group_statements import ComparedPath
from surveysem.modelling.moderated_regression import moderated_regression
from surveysem.modelling.product_indicator import with_product_indicators
from surveysem.specification import Pairs, Statement
from surveysem.typing import EstimatorName

ModerationMethod: TypeAlias = Literal[
    "double_all", "double_matched", "residual", "unconstrained", "constrained", "lms", "qml", "groups", "regression"
]

METHOD_NAMES: Mapping[str, str] = {
    "double_all": "Double mean-centring, all pairs",
    "double_matched": "Double mean-centring, matched pairs",
    "residual": "Residual centring",
    "unconstrained": "Unconstrained",
    "constrained": "Constrained",
    "lms": "LMS",
    "qml": "QML",
    "groups": "Multi-group SEM",
    "regression": "Moderated regression (HC3)",
}
"""Readers' names of the methods."""


_FAILURES = (SurveySEMError, np.linalg.LinAlgError)


@dataclass(frozen=True, kw_only=True)
class ModerationHypothesis:
    """A hypothesis on a latent interaction.

    Parameters
    ----------
    name : str
        Id of the proposition, or label of the coefficient.
    outcome, predictor, moderator : str
        Variables of the model.
    alpha : float
        Level of its test.
    title : str
        The hypothesis in readers' names of its variables.
    """

    name: str
    outcome: str
    predictor: str
    moderator: str
    alpha: float = 0.05
    title: str = ""

    def __str__(self) -> str:
        return self.title or f"{self.predictor} × {self.moderator} → {self.outcome}"


@dataclass(frozen=True, kw_only=True, eq=False)
class ModerationQuestion:
    """A model with its data, and what is asked of it.

    Parameters
    ----------
    statements : tuple of Statement
        The model, with rows ``Y ~ X:Z``.
    frame : pandas.DataFrame
        Its observed variables.
    hypotheses : tuple of ModerationHypothesis
        One for each latent interaction.
    pairs : {"all", "matched"}, or mapping of product to these, optional
        Which items are multiplied, where the method does not say.
    estimator, missing : str
        Of structural equation models.
    """

    statements: tuple[Statement, ...]
    frame: pd.DataFrame
    hypotheses: tuple[ModerationHypothesis, ...]
    pairs: Pairs | Mapping[str, Pairs] | None
    estimator: EstimatorName
    missing: str

    @property
    def items(self) -> dict[str, tuple[str, ...]]:
        """Indicators by latent variable."""
        names = dict.fromkeys(each.lhs for each in self.statements if each.op == "=~")
        return {
            name: tuple(each.rhs for each in self.statements if each.op == "=~" and each.lhs == name) for name in names
        }

    def groups_of(self, moderator: str) -> str:
        """The observed variable with two values that a moderator is; empty where it is none."""
        indicators = self.items.get(moderator, (moderator,))
        if len(indicators) > 1 or indicators[0] not in self.frame.select_dtypes("number"):
            return ""
        return indicators[0] if self.frame[indicators[0]].nunique() == 2 else ""


def rows_of_method(question: ModerationQuestion, method: ModerationMethod) -> Iterator[dict[str, object]]:
    """A row for each hypothesis; a method that fails says why in its rows."""
    if method in ("groups", "regression"):
        single = _group_row if method == "groups" else _regression_row
        yield from (_guarded(question, each, method, single) for each in question.hypotheses)
        return
    started = perf_counter()
    try:
        fit = _fitted(question, method)
        found = [_latent_row(fit, each) for each in question.hypotheses]
    except _FAILURES as error:
        yield from (_row(each, method, problem=_reason(error)) for each in question.hypotheses)
        return
    spent = perf_counter() - started
    pairs = zip(question.hypotheses, found, strict=True)
    yield from (_row(each, method, seconds=spent, **numbers) for each, numbers in pairs)


def _guarded(
    question: ModerationQuestion,
    hypothesis: ModerationHypothesis,
    method: ModerationMethod,
    make: Callable[[ModerationQuestion, ModerationHypothesis], dict[str, object]],
) -> dict[str, object]:
    started = perf_counter()
    try:
        found = make(question, hypothesis)
    except _FAILURES as error:
        return _row(hypothesis, method, problem=_reason(error))
    return _row(hypothesis, method, seconds=perf_counter() - started, **found)


def _reason(error: Exception) -> str:
    if isinstance(error, SurveySEMError):
        return " ".join([error.message, *map(str, error.problems)])
    return f"The numbers cannot be computed: {error}."


def _row(hypothesis: ModerationHypothesis, method: str, **found: object) -> dict[str, object]:
    numbers = ("estimate", "std_error", "beta", "beta_std_error", "z", "p_value", "ci_lower", "ci_upper", "n_obs")
    names = ("outcome", "predictor", "moderator")
    return {
        "hypothesis": hypothesis.name,
        **{name: getattr(hypothesis, name) for name in names},
        "method": METHOD_NAMES[method],
        **dict.fromkeys((*numbers, "seconds"), nan),
        "converged": "problem" not in found,
        "admissible": "problem" not in found,
        "problem": "",
        **found,
    }


def _fitted(question: ModerationQuestion, method: ModerationMethod) -> Fit:
    options: dict[str, Any] = {"estimator": question.estimator, "missing": question.missing}
    if method in ("lms", "qml"):
        return fit_statements(question.statements, question.frame, interaction=method, **options)
    centering, _, pairs = method.partition("_")
    model = with_product_indicators(
        question.statements,
        question.frame,
        centering=centering,  # type: ignore[arg-type]  # first words of the methods
        pairs=pairs or ("matched" if centering == "constrained" else question.pairs),  # type: ignore[arg-type]
        **options,
    )
    return fit_statements(
        model.statements, model.frame, products=model.products, product_indicators=model.recentred, **options
    )


def _latent_row(fit: Fit, hypothesis: ModerationHypothesis) -> dict[str, object]:
    rows, term = fit.estimates, f"{hypothesis.predictor}:{hypothesis.moderator}"
    row = rows[(rows["op"] == "~") & (rows["lhs"] == hypothesis.outcome) & (rows["rhs"] == term)].iloc[0]
    numbers = {name: float(row[name]) for name in ("estimate", "std_error", "z", "p_value", "ci_lower", "ci_upper")}
    standardized = {"beta": float(row["std_all"]), "beta_std_error": float(row["std_std_error"])}
    return {**numbers, **standardized, "n_obs": fit.n_obs, "admissible": fit.admissible}


def _regression_row(question: ModerationQuestion, hypothesis: ModerationHypothesis) -> dict[str, object]:
    others = [each.rhs for each in question.statements if each.op == "~" and each.lhs == hypothesis.outcome]
    factors = (hypothesis.predictor, hypothesis.moderator)
    result = moderated_regression(
        question.frame,
        outcome=hypothesis.outcome,
        predictor=hypothesis.predictor,
        moderator=hypothesis.moderator,
        covariates=tuple(
            name for name in dict.fromkeys(others) if name not in factors and set(name.split(":")) != set(factors)
        ),
        scores="scale",
        items=question.items,
        alpha=hypothesis.alpha,
    )
    row = result.coefficients.to_dict("index")[result.term]
    numbers = {name: float(row[name]) for name in ("estimate", "std_error", "p_value", "ci_lower", "ci_upper")}
    return {**numbers, "z": float(row["t"]), "beta": float(row["beta"]), "n_obs": result.n_obs}


def _group_row(question: ModerationQuestion, hypothesis: ModerationHypothesis) -> dict[str, object]:
    group = question.groups_of(hypothesis.moderator)
    if not group:
        raise UnsupportedError(
            f"{hypothesis.moderator} does not have two observed values; there are no groups to compare."
        )
    path = ComparedPath(outcome=hypothesis.outcome, predictor=hypothesis.predictor)
    result = compare_paths(
        _without_moderator(question.statements, {hypothesis.moderator, group}),
        question.frame,
        group=group,
        paths=[path],
        estimator=question.estimator,
        missing=question.missing,
    )
    if result.obstacle:
        raise UnsupportedError(f"The groups cannot be compared: {result.obstacle}.")
    row = result.differences.iloc[0]
    sign = 1.0 if float(row["group"]) > float(row["other"]) else -1.0
    limits = sorted(sign * float(row[name]) for name in ("ci_lower", "ci_upper"))
    return {
        "estimate": sign * float(row["difference"]),
        "std_error": float(row["std_error"]),
        "z": sign * float(row["z"]),
        "p_value": float(row["p_value"]),
        "ci_lower": limits[0],
        "ci_upper": limits[1],
        "beta": sign * float(row["std_difference"]),
        "beta_std_error": float(row["std_std_error"]),
        "n_obs": result.fit.n_obs,
        "admissible": result.fit.admissible,
    }


def _without_moderator(statements: Sequence[Statement], names: set[str]) -> tuple[Statement, ...]:
    """The model of one group: without the moderator, and without labels, which would be equal across groups."""
    return tuple(
        replace(each, label="")
        for each in statements
        if each.op not in (":=", "==", "<", ">") and not names & {each.lhs, *each.rhs.split(":")}
    )
