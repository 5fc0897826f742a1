"""What a preregistration holds: everything a study settles before data, as plain values that can be compared later."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML

from surveysem.errors import UnsupportedError
from surveysem.propositions import DecisionRule, Proposition
from surveysem.study.analysis import analysis_settings
from surveysem.study.document import StudyDocument
from surveysem.study.study import Study

FORMAT = "surveysem preregistration 1"
HASH = "content_hash"
_NOT_PLANNED = ("data_note", "population")
"""Keys of a study file that settle nothing about the analysis."""


def planned_content(study: Study) -> dict[str, Any]:
    """Hypotheses, model, measures, exclusions, analysis and cut-offs of a study, as plain values.

    Parameters
    ----------
    study : Study
        Read from files.

    Returns
    -------
    dict
        ``hypotheses`` and ``extensions``, ``model`` (lavaan syntax), ``exclusions``, ``analysis``, ``fit_criteria``,
        and ``declared``: the study file and its questionnaire in full, with every default written out.

    Raises
    ------
    UnsupportedError
        When the study was not read from files.
    """
    content: dict[str, Any] = as_plain(
        {
            "study": {"id": study.id, "title": dict(study.titles) or study.title, "fingerprint": study.fingerprint},
            "hypotheses": [_hypothesis(each) for each in study.propositions],
            "extensions": [_hypothesis(each) for each in study.extensions],
            "model": {name: study.model_syntax(model=name) for name in ("measurement", "structural")},
            "exclusions": asdict(study.screening),
            "analysis": planned_settings(study)
            | bootstrap_settings(study)
            | {"allow_inadmissible": False, "compare_interactions": study.analysis.compare_interactions},
            "fit_criteria": asdict(study.fit_criteria),
            "declared": {"study": _declared(study), "questionnaire": study.instrument.model_dump(mode="json")},
        }
    )
    return content


def planned_settings(study: Study) -> dict[str, Any]:
    """The options of the analysis when nothing but what the study declares is asked for."""
    unasked = dict.fromkeys(("estimator", "missing", "interaction", "centering"))
    return analysis_settings(study, engine="native", nodes=None, ordered=None, cluster=None, **unasked)


def bootstrap_settings(
    study: Study, replicates: int | None = None, seed: int | None = None, confidence: str | None = None
) -> dict[str, Any]:
    """Replicates, seed and kind of interval of the bootstrap, as asked for or else declared; empty without one."""
    declared = study.analysis
    wanted = declared.bootstrap if replicates is None else replicates
    if not wanted:
        return {}
    return {
        "bootstrap": wanted,
        "seed": declared.seed if seed is None else seed,
        "confidence": confidence or declared.confidence,
    }


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of a preregistration's content, the hash itself left out; the same however the file is laid out."""
    rest = {name: value for name, value in content.items() if name != HASH}
    text = json.dumps(as_plain(rest), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def as_plain(value: Any) -> Any:
    """Mappings with names for keys, lists, texts, numbers and None alone; a key without a value is left out."""
    if isinstance(value, Mapping):
        return {str(name): as_plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [as_plain(each) for each in value]
    return value


def renewed(declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """A registered study file with the keys that later versions of the software added, at their defaults.

    One that this version cannot read is returned as it is, so that every difference shows.
    """
    try:
        document = StudyDocument.model_validate(declared)
    except ValidationError:
        return declared
    return _planned(document)


def _planned(document: StudyDocument) -> dict[str, Any]:
    whole: dict[str, Any] = as_plain(document.model_dump(mode="json", by_alias=True))
    return {name: value for name, value in whole.items() if name not in _NOT_PLANNED}


def _declared(study: Study) -> dict[str, Any]:
    if "study.yaml" not in study.files:
        raise UnsupportedError(f"The study {study.id} was not read from a file. Load it with load_study.")
    return _planned(StudyDocument.model_validate(YAML(typ="safe", pure=True).load(study.files["study.yaml"])))


def _hypothesis(proposition: Proposition) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": proposition.id,
        "statement": dict(proposition.translations) or proposition.statement,
        "effect": str(proposition.test),
        "expected": proposition.expected,
        "rule": str(proposition.rule),
    }
    if isinstance(proposition.rule, DecisionRule):
        rule = proposition.rule
        content |= {
            "sides": "one" if rule.one_sided else "two",
            "alpha": rule.alpha,
            "smallest_effect": rule.smallest_effect,
            "multiplicity": rule.multiplicity,
            "family": rule.family or None,
        }
    return content | ({"parts": [_hypothesis(each) for each in proposition.parts]} if proposition.parts else {})
