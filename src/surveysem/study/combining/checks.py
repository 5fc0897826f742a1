"""Whether several studies may be pooled: the same rules, the same metric, different people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from math import isclose

import numpy as np

from surveysem.errors import Problem, StudyError
from surveysem.findings import Finding
from surveysem.propositions import InteractionTest, PathTest, Proposition
from surveysem.study.combining.inputs import EffectMetric, StudyEvidence
from surveysem.study.study import Study

_ENOUGH_ITEMS = 10
"""Items from which equal rows of answers hardly ever come from different people."""


def check_combinable(
    studies: Sequence[StudyEvidence], governing: Study, *, metric: EffectMetric, same_rules: bool
) -> tuple[Finding, ...]:
    """What a reader must know of the differences between the studies.

    Parameters
    ----------
    studies : sequence of StudyEvidence
        What is to be pooled.
    governing : Study
        Whose propositions and rules judge.
    metric : {"standardized", "unstandardized"}
        Of the effects.
    same_rules : bool
        Whether rules that differ are refused; else they are told.

    Raises
    ------
    StudyError
        Lists samples that are given twice, propositions that test different effects or follow different rules, and
        unstandardised effects whose metrics differ.
    """
    problems = [*_same_samples(studies), *_different_tests(studies, governing)]
    rules = [*_different_rules(studies, governing)]
    if same_rules:
        problems += rules
    if metric == "unstandardized":
        problems += _different_metrics(studies, governing)
    if problems:
        raise StudyError("These studies cannot be combined as they are.", problems)
    told = [] if same_rules else [Finding(severity="note", where=p.where, message=f"{p.found}.") for p in rules]
    return (
        *told,
        *_shared_people(studies),
        *_different_equations(studies, governing),
        *_unknown_ids(studies, governing),
    )


def single_propositions(study: Study) -> Iterator[Proposition]:
    """Propositions that an effect of their own decides, extensions among them."""
    for whole in (*study.propositions, *study.extensions):
        yield from whole.parts or (whole,)


def _fitted(
    studies: Sequence[StudyEvidence], governing: Study
) -> Iterator[tuple[StudyEvidence, Proposition, Proposition]]:
    """Each study's own proposition beside the governing one of the same id."""
    ruling = {each.id: each for each in single_propositions(governing)}
    for evidence in studies:
        if evidence.study is not None and evidence.study is not governing:
            for own in single_propositions(evidence.study):
                if own.id in ruling and own.id in evidence.effects:
                    yield evidence, own, ruling[own.id]


def _different_tests(studies: Sequence[StudyEvidence], governing: Study) -> Iterator[Problem]:
    for evidence, own, ruling in _fitted(studies, governing):
        if own.test != ruling.test:
            yield Problem(
                where=f"{own.id} of {evidence.name}",
                found=f"it tests {own.test}, where {governing.id} tests {ruling.test}",
                remedy="Give propositions the same id only where they test the same effect, or leave the study out.",
            )


def _different_rules(studies: Sequence[StudyEvidence], governing: Study) -> Iterator[Problem]:
    for evidence, own, ruling in _fitted(studies, governing):
        if own.rule != ruling.rule:
            yield Problem(
                where=f"{own.id} of {evidence.name}",
                found=f"its rule is «{own.rule}», that of {governing.id} «{ruling.rule}»",
                remedy="Say whose rules judge: study=….",
            )


def _different_metrics(studies: Sequence[StudyEvidence], governing: Study) -> Iterator[Problem]:
    for evidence, own, _ in _fitted(studies, governing):
        if evidence.study is None or not isinstance(own.test, PathTest | InteractionTest):
            continue
        names = [own.test.predictor, own.test.outcome]
        names += [own.test.moderator] if isinstance(own.test, InteractionTest) else []
        unequal = [name for name in names if _metric(evidence.study, name) != _metric(governing, name)]
        if unequal:
            yield Problem(
                where=f"{own.id} of {evidence.name}",
                found=f"{', '.join(unequal)} is measured by other items or on another scale than in {governing.id}",
                remedy='Pool standardised effects: effect="standardized".',
            )


def _metric(study: Study, latent: str) -> tuple[object, ...]:
    """Items and response scales that give a latent variable its unit."""
    indicators = next(each.indicators for each in study.specification.latent_variables if each.name == latent)
    scales = {item.id: item.scale for item in study.instrument.items}
    return tuple((name, tuple(study.instrument.scale(scales[name]).options)) for name in indicators)


def _same_samples(studies: Sequence[StudyEvidence]) -> Iterator[Problem]:
    for first, second in combinations(studies, 2):
        shared, n, n_items = _shared_rows(first, second)
        same = bool(n) and shared == n and (n_items >= _ENOUGH_ITEMS or _n(first) == _n(second))
        if same or _equal_effects(first, second):
            found = f"{'their answers' if same else 'their effects and standard errors'} are the same"
            remedy = "Leave one of them out: a sample counts once."
            yield Problem(where=f"{first.name} and {second.name}", found=found, remedy=remedy)


def _shared_people(studies: Sequence[StudyEvidence]) -> Iterator[Finding]:
    for first, second in combinations(studies, 2):
        shared, n, n_items = _shared_rows(first, second)
        if n_items >= _ENOUGH_ITEMS and 0 < shared < n:
            message = f"{shared} of {n} rows of answers are in both; samples that share people are not independent."
            yield Finding(severity="warning", where=f"{first.name} and {second.name}", message=message)


def _n(evidence: StudyEvidence) -> int:
    return 0 if evidence.result is None else evidence.result.responses.n_obs


def _shared_rows(first: StudyEvidence, second: StudyEvidence) -> tuple[int, int, int]:
    """Rows of the smaller sample found in the other, its size, and the number of items both asked."""
    if first.result is None or second.result is None:
        return 0, 0, 0
    frames = [each.responses.frame for each in (first.result, second.result)]
    items = [name for name in first.result.study.specification.indicators if name in frames[1].columns]
    if not items:
        return 0, 0, 0
    rows = [Counter(map(tuple, frame[items].to_numpy(float, na_value=np.inf).tolist())) for frame in frames]
    shared = (rows[0] & rows[1]).total()
    return shared, min(rows[0].total(), rows[1].total()), len(items)


def _equal_effects(first: StudyEvidence, second: StudyEvidence) -> bool:
    common = first.effects.keys() & second.effects.keys()
    pairs = [(first.effects[name], second.effects[name]) for name in common]
    return bool(pairs) and all(
        isclose(one.estimate, other.estimate, rel_tol=1e-9) and isclose(one.std_error, other.std_error, rel_tol=1e-9)
        for one, other in pairs
    )


def _different_equations(studies: Sequence[StudyEvidence], governing: Study) -> Iterator[Finding]:
    """Effects that are adjusted for other predictors in one study than in another."""
    differing: dict[str, list[str]] = {}
    for evidence, own, _ in _fitted(studies, governing):
        if evidence.study is not None and isinstance(own.test, PathTest | InteractionTest):
            outcome = own.test.outcome
            if _predictors(evidence.study, outcome) != _predictors(governing, outcome):
                differing.setdefault(evidence.name, []).append(own.id)
    for name, ids in differing.items():
        message = (
            f"{', '.join(ids)}: the outcome has other predictors here than in {governing.id}, so these partial effects "
            "are adjusted for other variables (Becker & Wu 2007)."
        )
        yield Finding(severity="warning", where=name, message=message)


def _predictors(study: Study, outcome: str) -> set[str]:
    model = study.specification
    paths = {each.predictor for each in model.paths if each.outcome == outcome}
    return paths | {each.term for each in model.interactions if each.outcome == outcome}


def _unknown_ids(studies: Sequence[StudyEvidence], governing: Study) -> Iterator[Finding]:
    known = {each.id for each in single_propositions(governing)}
    for evidence in studies:
        unknown = [name for name in evidence.effects if name not in known]
        if unknown:
            message = f"{', '.join(unknown)} are not propositions of {governing.id} and were not pooled."
            yield Finding(severity="note", where=evidence.name, message=message)
