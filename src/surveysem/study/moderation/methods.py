"""The latent interactions of a model by every method, beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import get_args

import pandas as pd

from surveysem.data import Responses
from surveysem.errors import Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.propositions import DecisionRule, InteractionTest, Proposition
from surveysem.specification import moderated_statements, parse_syntax
from surveysem.specification.moderation import latent_products
from surveysem.study.analysis import declared_options
from surveysem.study.moderation.findings import method_findings
from surveysem.study.moderation.rows import (
    ModerationHypothesis,
    ModerationMethod,
    ModerationQuestion,
    rows_of_method,
)
from surveysem.study.reduced import measured_study
from surveysem.study.responses import read_responses
from surveysem.study.study import Study
from surveysem.typing import EstimatorName

_COLUMNS = (
    *("hypothesis", "outcome", "predictor", "moderator", "method", "estimate", "std_error", "beta", "beta_std_error"),
    *("z", "p_value", "ci_lower", "ci_upper", "n_obs", "converged", "admissible", "seconds", "problem"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class ModerationComparison:
    """Moderation hypotheses by several methods.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a hypothesis and method: hypothesis, outcome, predictor, moderator, method, estimate, std_error, beta,
        beta_std_error, z, p_value, ci_lower, ci_upper, n_obs, converged, admissible, seconds (of the fit, which all
        hypotheses of the model share) and problem, which says why a method has no numbers.
    findings : tuple of Finding
        Where methods disagree, in words for a paper.
    estimator, missing : str
        Of the structural equation models.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    estimator: str
    missing: str

    def summary(self) -> str:
        """The table and what it means, as text."""
        shown = self.table.drop(columns=["outcome", "predictor", "moderator", "problem"])
        failed = self.table[self.table["problem"] != ""]
        lines = [f"{row.hypothesis}, {row.method}: {row.problem}" for row in failed.itertuples()]
        parts = [f"Estimator {self.estimator}, missing values: {self.missing}", shown.round(3).to_string(index=False)]
        return "\n\n".join([*parts, *(["\n".join(lines)] if lines else []), "\n".join(map(str, self.findings))]).strip()

    def __repr__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        frame = self.table.drop(columns=["outcome", "predictor", "moderator"])
        table = frame.round(3).to_html(border=0, index=False)
        return table + "".join(f"<p>{escape(str(finding))}</p>" for finding in self.findings)


def compare_moderation(
    model: Study | str,
    data: Responses | pd.DataFrame | str | Path,
    *,
    methods: Sequence[ModerationMethod] | None = None,
    estimator: EstimatorName | None = None,
    missing: str | None = None,
    alpha: float = 0.05,
) -> ModerationComparison:
    """Every latent interaction of a model, estimated by several methods.

    Parameters
    ----------
    model : Study or str
        A study with latent interactions, or model syntax with rows ``Y ~ X + Z + X:Z``.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        Answers to the study, or the data of the model.
    methods : sequence of str, optional
        Of ``double_all``, ``double_matched``, ``residual``, ``unconstrained``, ``constrained`` (product indicators),
        ``lms``, ``qml``, ``groups`` (multi-group model of a moderator with two values) and ``regression`` (of means of
        items, with HC3 standard errors). By default all, ``groups`` where a moderator has two values.
    estimator : str, optional
        Of the structural equation models: what the study declares, or MLR.
    missing : {"listwise", "fiml"}, optional
        Treatment of missing values, likewise; ``listwise`` for syntax.
    alpha : float
        Level at which methods are said to disagree; of a study's propositions it is their own.

    Returns
    -------
    ModerationComparison
        A method that fails has a row that says why; the others go on.

    Raises
    ------
    UnsupportedError
        When a method is not known, or the model has no latent interaction.
    ModelSyntaxError, DataError
        When model or data cannot be read.

    Notes
    -----
    Residual and unconstrained product indicators use the pairs the study declares (all, for syntax), constrained ones
    are matched. Coefficients are in the units of each method's variables: those of latent variables have the units of
    their first indicators, those of regression are in points of the scale. The standardised β of all but ``groups`` is
    b·σx·σz/σy and can be compared. That of regression is of scores with measurement error, which pulls it towards 0; it
    has no standard error. In ``groups`` the estimate is the path at the moderator's higher value less that at the
    lower, β is the difference of the standardised paths, and z and p are Wald's.
    Choosing a method by its p would make the p meaningless: report the method that was declared, and this table as a
    check of robustness.

    References
    ----------
    lin_2010, little_2006, marsh_wen_hau_2004, algina_moulder_2001, klein_moosbrugger_2000, klein_muthen_2007,
    wen_marsh_hau_2010

    Examples
    --------
    >>> import numpy as np
    >>> import surveysem as ss
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 500))
    >>> latent = {"x": x, "z": z, "y": 0.4 * x + 0.3 * z + 0.2 * x * z + rng.normal(size=500)}
    >>> data = pd.DataFrame({f"{n}{i}": latent[n] + rng.normal(size=500) / 2 for n in latent for i in (1, 2, 3)})
    >>> model = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; Y ~ X + Z + XZ*X:Z"
    >>> ss.compare_moderation(model, data, methods=["double_matched", "lms"]).table["estimate"].round(1).tolist()
    [0.2, 0.2]
    """
    if isinstance(model, Study):
        return compare_methods(model, data, methods=methods, estimator=estimator, missing=missing)
    if not isinstance(data, pd.DataFrame):
        raise UnsupportedError("Model syntax needs a pandas.DataFrame as data.")
    statements = tuple(parse_syntax(model))
    products = latent_products(statements)
    hypotheses = tuple(
        ModerationHypothesis(
            name=each.label or f"{each.lhs} ~ {each.rhs}",
            outcome=each.lhs,
            predictor=products[each.rhs][0],
            moderator=products[each.rhs][1],
            alpha=alpha,
        )
        for each in statements
        if each.rhs in products
    )
    return _compare(
        ModerationQuestion(
            statements=statements,
            frame=data,
            hypotheses=hypotheses,
            pairs=None,
            estimator=estimator or "MLR",
            missing=missing or "listwise",
        ),
        methods,
    )


def compare_methods(
    study: Study,
    data: Responses | pd.DataFrame | str | Path,
    *,
    methods: Sequence[ModerationMethod] | None = None,
    estimator: EstimatorName | None = None,
    missing: str | None = None,
) -> ModerationComparison:
    """The latent interactions of a study by several methods; see :func:`compare_moderation`."""
    responses = data if isinstance(data, Responses) else read_responses(data, study)
    study = measured_study(study, responses)
    treatment = missing or study.analysis.missing
    frame = responses.frame[list(study.specification.indicators)].astype(float)
    return _compare(
        ModerationQuestion(
            statements=moderated_statements(study.specification),
            frame=frame if treatment == "fiml" else frame.dropna(),
            hypotheses=_hypotheses(study),
            pairs=study.specification.product_pairs,
            estimator=estimator or declared_options(study, frame)["estimator"],
            missing=treatment,
        ),
        methods,
    )


def _hypotheses(study: Study) -> tuple[ModerationHypothesis, ...]:
    """Interactions of a study under the names and levels of the propositions that they decide."""
    tested: dict[InteractionTest, Proposition] = {}
    for whole in (*study.propositions, *study.extensions):
        for each in whole.parts or (whole,):
            if isinstance(each.test, InteractionTest):
                tested.setdefault(each.test, each)
    found, labels = [], study.labels
    for term in study.specification.interactions:
        test = InteractionTest(outcome=term.outcome, predictor=term.predictor, moderator=term.moderator)
        decided = tested.get(test)
        rule = decided.rule if decided else None
        found.append(
            ModerationHypothesis(
                name=decided.id if decided else term.label,
                outcome=term.outcome,
                predictor=term.predictor,
                moderator=term.moderator,
                alpha=rule.alpha if isinstance(rule, DecisionRule) else 0.05,
                title=f"{labels[term.predictor]} × {labels[term.moderator]} → {labels[term.outcome]}",
            )
        )
    return tuple(found)


def _compare(question: ModerationQuestion, methods: Sequence[ModerationMethod] | None) -> ModerationComparison:
    chosen = _chosen(question, methods)
    if not question.hypotheses:
        raise UnsupportedError("The model has no latent interaction; there is nothing to compare.")
    fitted = {method: list(rows_of_method(question, method)) for method in chosen}
    rows = [row for number in range(len(question.hypotheses)) for row in (fitted[each][number] for each in chosen)]
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    return ModerationComparison(
        table=table,
        findings=tuple(finding for each in question.hypotheses for finding in method_findings(each, table)),
        estimator=question.estimator,
        missing=question.missing,
    )


def _chosen(question: ModerationQuestion, methods: Sequence[ModerationMethod] | None) -> tuple[ModerationMethod, ...]:
    known: tuple[ModerationMethod, ...] = get_args(ModerationMethod)
    if methods is None:
        grouped = any(question.groups_of(each.moderator) for each in question.hypotheses)
        return tuple(method for method in known if method != "groups" or grouped)
    asked = tuple(methods)
    unknown = [name for name in asked if name not in known]
    if unknown or not asked:
        found = ", ".join(map(repr, unknown)) or "none given"
        problem = Problem(where="methods", found=found, remedy=f"Choose among: {', '.join(known)}.")
        raise UnsupportedError("The methods of latent interactions are not understood.", [problem])
    return asked
