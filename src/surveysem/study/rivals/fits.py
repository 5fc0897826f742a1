"""A study's model beside its rivals: fitted to the same rows, tested where nested, weighed by information criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed  # type: ignore[import-untyped]

from surveysem.errors import SurveySEMError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.comparison import nested_difference
from surveysem.inference.model_weights import akaike_weights
from surveysem.inference.nesting import Nesting, is_restriction, nesting
from surveysem.modelling import fit_statements
from surveysem.specification import ParameterTable, Statement, moderated_statements
from surveysem.specification.expressions import names_in
from surveysem.specification.products import ProductPair
from surveysem.study.analysis import fit_options
from surveysem.study.rivals.models import RivalModel
from surveysem.study.rivals.rules import STUDY_MODEL
from surveysem.study.structural import product_model
from surveysem.study.study import Study

_TESTS_OF_FIT = ("npar", "df", "chisq", "pvalue", "chisq.scaled", "pvalue.scaled", "chisq.scaling.factor")
_INDICES = (*_TESTS_OF_FIT, "cfi", "cfi.robust", "rmsea", "rmsea.robust", "srmr", "logl", "aic", "bic")
_TEST = ("chisq_diff", "df_diff", "p_value", "method", "finding")


@dataclass(frozen=True, kw_only=True, eq=False)
class RivalComparison:
    """A study's model and its rivals.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a model, by id, the study's own (``study``) first: title, changes, relation, admissible, npar, df, chisq
        and other fit indices under lavaan's names, delta_aic, delta_bic, akaike_weight; chisq_diff, df_diff, p_value,
        method and finding of the difference test against the study's model, where one is nested in the other; problem,
        which says why a model has no numbers. relation is ``restricted``, ``larger``, ``equivalent``, ``not nested`` or
        ``undecided``, seen from the study's model.
    findings : tuple of Finding
        What a reader must be told.
    fits : Mapping of str to Fit
        The fitted models, by id.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    fits: Mapping[str, Fit]

    def __repr__(self) -> str:
        columns = ["relation", "df", "chisq", "aic", "bic", "akaike_weight", "chisq_diff", "df_diff", "p_value"]
        shown = self.table[columns].round(3).to_string()
        return "\n".join([shown, *map(str, self.findings)])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(str(finding))}</p>" for finding in self.findings)
        return self.table.drop(columns="finding").round(3).to_html(border=0) + notes


@dataclass(frozen=True, kw_only=True, eq=False)
class _Base:
    """The study's model as it was fitted."""

    fit: Fit
    statements: tuple[Statement, ...]
    frame: pd.DataFrame
    products: Mapping[str, tuple[str, str]]
    indicators: tuple[ProductPair, ...]
    options: Mapping[str, Any]
    terms: Mapping[str, tuple[str, str]]
    """Outcome and predictor of each path and interaction, by label."""


def fit_rivals(
    study: Study, fit: Fit, frame: pd.DataFrame, settings: Mapping[str, Any], *, n_jobs: int = 1
) -> RivalComparison | None:
    """The rivals a study declares, fitted and compared with its model; None where it declares none.

    Parameters
    ----------
    study : Study
        Declares the rivals.
    fit : Fit
        Its structural model.
    frame : pandas.DataFrame
        The rows it was fitted to.
    settings : Mapping
        Options it was fitted with.
    n_jobs : int
        Processes; they gain where a fit takes seconds.

    References
    ----------
    bentler_satorra_2010, satorra_bentler_2001, burnham_anderson_2004
    """
    if not study.rival_models:
        return None
    base = _base(study, fit, frame, settings)
    if n_jobs > 1:
        found = Parallel(n_jobs=n_jobs)(delayed(_fitted)(rival, base) for rival in study.rival_models)
    else:
        found = [_fitted(rival, base) for rival in study.rival_models]
    rivals = dict(zip([rival.id for rival in study.rival_models], found, strict=True))
    own = _row(study.title, "", fit) | {"relation": STUDY_MODEL} | _no_test()
    rows = [own] + [
        _compared(rival, fit, rivals[rival.id], rival.changes(study.labels)) for rival in study.rival_models
    ]
    table = _weighed(pd.DataFrame(rows, index=[STUDY_MODEL, *rivals]))
    fits = {name: each for name, each in rivals.items() if isinstance(each, Fit)}
    return RivalComparison(table=table, findings=tuple(_findings(table)), fits={STUDY_MODEL: fit} | fits)


def _base(study: Study, fit: Fit, frame: pd.DataFrame, settings: Mapping[str, Any]) -> _Base:
    specification, options = study.specification, fit_options(settings)
    terms = {path.label: (path.outcome, path.predictor) for path in specification.paths}
    if specification.interactions and settings["interaction"] == "product_indicator":
        model = product_model(specification, frame, settings)
        names = {pair: name for name, pair in model.products.items()}
        terms |= {e.label: (e.outcome, names[e.predictor, e.moderator]) for e in specification.interactions}
        return _Base(
            fit=fit,
            statements=model.statements,
            frame=model.frame,
            products=model.products,
            indicators=model.recentred,
            options=options,
            terms=terms,
        )
    if specification.interactions:
        options |= {"interaction": settings["interaction"]}
        options |= {"nodes": settings["nodes"]} if "nodes" in settings else {}
        terms |= {each.label: (each.outcome, each.term) for each in specification.interactions}
    statements = moderated_statements(specification)
    return _Base(fit=fit, statements=statements, frame=frame, products={}, indicators=(), options=options, terms=terms)


def _fitted(rival: RivalModel, base: _Base) -> Fit | str:
    """The rival, or why it has no solution."""
    try:
        return fit_statements(
            rival_statements(base.statements, rival, base.terms, base.fit.table),
            base.frame,
            products=base.products,
            product_indicators=base.indicators,
            # Without its products a model of LMS or QML would lose its means, and AIC its comparability.
            meanstructure=True if base.fit.table.has_means else None,
            **base.options,
        )
    except SurveySEMError as error:
        return str(error)


def rival_statements(
    statements: Sequence[Statement], rival: RivalModel, terms: Mapping[str, tuple[str, str]], table: ParameterTable
) -> tuple[Statement, ...]:
    """The study's model with what a rival changes, and with nothing else changed.

    Parameters
    ----------
    statements : sequence of Statement
        The study's model.
    rival : RivalModel
        What changes.
    terms : Mapping of str to (str, str)
        Outcome and predictor of each path and interaction, by label.
    table : ParameterTable
        The study's model with lavaan's defaults.

    Notes
    -----
    What is left out is fixed to 0, so that no variable changes its part in lavaan's defaults; a latent product of LMS
    or QML goes altogether. A path that is added could change which residuals covary by default: covariances of latent
    variables stay as they are, but that of the two variables it joins.
    """
    gone = {terms[name] for name in (*rival.dropped_paths, *rival.dropped_moderation)}
    kept = [_without(each, gone) for each in statements]
    changed = [each for each in kept if each is not None]
    changed += [Statement(lhs=p.outcome, op="~", rhs=p.predictor, label=p.label) for p in rival.added_paths]
    if rival.added_paths:
        changed += _kept_covariances(changed, rival, table)
    changed += [Statement(lhs=names[0], op="==", rhs=each) for names in rival.equal for each in names[1:]]
    known = {each.label for each in changed if each.label}
    return tuple(each for each in changed if each.op != ":=" or set(names_in(each.rhs)) <= known)


def _without(statement: Statement, gone: set[tuple[str, str]]) -> Statement | None:
    if statement.op != "~" or (statement.lhs, statement.rhs) not in gone:
        return statement
    return None if ":" in statement.rhs else replace(statement, value=0.0, label="")


def _kept_covariances(statements: Sequence[Statement], rival: RivalModel, table: ParameterTable) -> list[Statement]:
    joined = {frozenset((path.predictor, path.outcome)) for path in rival.added_paths}
    written = {frozenset((each.lhs, each.rhs)) for each in statements if each.op == "~~"}
    return [
        Statement(lhs=row.lhs, op="~~", rhs=row.rhs)
        for row in table.in_group(1)
        if row.op == "~~"
        and row.lhs != row.rhs
        and row.free
        and not row.label
        and {row.lhs, row.rhs} <= set(table.latent)
        and frozenset((row.lhs, row.rhs)) not in joined | written
    ]


def _compared(rival: RivalModel, study_fit: Fit, fit: Fit | str, changes: str) -> dict[str, object]:
    if isinstance(fit, str):
        empty = {"title": rival.title, "changes": changes, "relation": "undecided", "problem": fit}
        return empty | _no_test()
    found = _relation(fit, study_fit)
    row = _row(rival.title, changes, fit) | {"relation": found.relation}
    if found.relation not in ("restricted", "larger"):
        return row | _no_test() | {"finding": found.reason}
    try:
        tested = nested_difference(fit, study_fit)
    except SurveySEMError as error:
        return row | _no_test() | {"finding": str(error)}
    return row | {name: tested[name] for name in _TEST}


def _relation(fit: Fit, study_fit: Fit) -> Nesting:
    """From what the models imply; from their parameters where means and covariances do not say all."""
    tables = (fit.table, study_fit.table)
    if not any(each.solution.has_latent_products or each.table.ordered for each in (fit, study_fit)):
        return nesting(fit, study_fit)
    if is_restriction(*tables):
        return Nesting(relation="restricted", misfit=nan)
    return Nesting(relation="larger" if is_restriction(*reversed(tables)) else "not nested", misfit=nan)


def _row(title: str, changes: str, fit: Fit) -> dict[str, object]:
    indices = {name: float(fit.fit_indices.get(name, nan)) for name in _INDICES}
    return {"title": title, "changes": changes, "problem": "", "admissible": fit.admissible} | indices


def _no_test() -> dict[str, object]:
    return {"chisq_diff": nan, "df_diff": nan, "p_value": nan, "method": "", "finding": ""}


def _weighed(table: pd.DataFrame) -> pd.DataFrame:
    columns = ["title", "changes", "relation", "admissible", *_INDICES]
    weighed = table.assign(
        delta_aic=table["aic"] - table["aic"].min(),
        delta_bic=table["bic"] - table["bic"].min(),
        akaike_weight=akaike_weights(table["aic"].to_numpy(dtype=np.float64)),
    )
    return weighed[[*columns, "delta_aic", "delta_bic", "akaike_weight", *_TEST, "problem"]]


def _findings(table: pd.DataFrame) -> list[Finding]:
    found = []
    for name, row in table.iterrows():
        where = f"rival model {name}"
        if row["problem"]:
            found.append(Finding(severity="warning", where=where, message=f"It has no solution: {row['problem']}"))
        elif not row["admissible"] and name != STUDY_MODEL:
            message = "Its solution is inadmissible, such as a negative variance: no population could have it."
            found.append(Finding(severity="warning", where=where, message=message))
        if row["finding"]:
            found.append(Finding(severity="warning", where=where, message=str(row["finding"])))
    return found
