"""Deviations of an analysis from its preregistration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from surveysem.data import Responses
from surveysem.errors import Problem, StudyError, UnsupportedError
from surveysem.findings import Finding
from surveysem.number_formats import DASH
from surveysem.report.deviations import Deviation, PlannedPower, PlannedSample, PreregistrationCheck
from surveysem.study.registration.preregistration import Preregistration, read_preregistration
from surveysem.study.registration.registered import as_plain, planned_content, renewed
from surveysem.study.study import Study

DeviationTreatment: TypeAlias = Literal["list", "refuse"]

_TOPICS = {
    "propositions": "Hypotheses",
    "extensions": "Extensions",
    "decision": "Decision rules",
    "latent_variables": "Measurement model",
    "residual_covariances": "Measurement model",
    "paths": "Structural model",
    "moderation": "Structural model",
    "indirect_effects": "Structural model",
    "rival_models": "Rival models",
    "fit_criteria": "Cut-offs of fit",
    "measurement_quality": "Checks of measurement",
    "robustness": "Robustness analyses",
    "analysis": "Analysis",
    "import": "Reading of the answers",
}
_ANALYSIS_AS_DONE = frozenset(
    {
        "estimator",
        "missing",
        "interaction",
        "centering",
        "ordered",
        "cluster",
        "compare_interactions",
        "bootstrap",
        "seed",
        "confidence",
    }
)
"""Keys of ``analysis`` that are compared as they were used; ``screening`` is compared as it was applied."""


def held_against(
    file: str | Path | None,
    deviations: str,
    study: Study,
    responses: Responses,
    *,
    settings: Mapping[str, Any],
    compared: bool | None,
    n_analysed: int,
    not_measured: Sequence[str] = (),
    without_rivals: bool = False,
    without_robustness: bool = False,
) -> PreregistrationCheck | None:
    """The analysis held against the preregistration in a file, before anything is fitted; None without a file.

    Parameters
    ----------
    file : str or pathlib.Path, optional
        ``preregistration.yaml``.
    deviations : {"list", "refuse"}
        Whether an analysis that departs from it is carried out.
    study, responses, settings, n_analysed
        As of :func:`check_preregistration`.
    compared : bool, optional
        Whether the methods of latent moderation are compared, where that was asked for; doing so beside what was
        planned is no deviation.
    not_measured : sequence of str
        Readers' names of constructs that the answers do not measure.
    without_rivals, without_robustness : bool
        Whether the rival models, and the robustness analyses, were switched off.

    Raises
    ------
    InputFileError
        When the file is no preregistration.
    StudyError
        With every deviation, where they are refused.
    UnsupportedError
        For another treatment.
    """
    if deviations not in get_args(DeviationTreatment):
        raise UnsupportedError(f"deviations={deviations!r} is not offered. Available: list, refuse.")
    if file is None:
        return None
    planned = study.analysis.compare_interactions
    done = {**settings, "compare_interactions": False if compared is False else planned}
    registered = read_preregistration(file)
    check = check_preregistration(registered, study, responses, settings=done, n_analysed=n_analysed)
    left_out = (
        *_not_measured(not_measured),
        *_switched_off(registered.content, rivals=without_rivals, robustness=without_robustness),
    )
    check = replace(check, deviations=tuple(dict.fromkeys((*check.deviations, *left_out))))
    if deviations == "refuse":
        refuse_deviations(check)
    return check


def _not_measured(constructs: Sequence[str]) -> Iterator[Deviation]:
    for name in constructs:
        yield Deviation(topic="Measurement model", item=name, registered="measured", done="not measured")


def _switched_off(content: Mapping[str, Any], *, rivals: bool, robustness: bool) -> Iterator[Deviation]:
    """Analyses that the registered study includes and this one does not."""
    registered = renewed(content["declared"]["study"])
    declared = registered.get("rival_models") or ()
    if rivals and declared:
        names = ", ".join(str(each["id"]) for each in declared)
        yield Deviation(topic="Rival models", item="comparison", registered=names, done="not made")
    plan = registered.get("robustness")
    if robustness and plan and plan.get("always", True):
        yield Deviation(topic="Robustness analyses", item="specifications", registered="fitted", done="not fitted")


def check_preregistration(
    registered: Preregistration,
    study: Study,
    responses: Responses,
    *,
    settings: Mapping[str, Any],
    n_analysed: int,
) -> PreregistrationCheck:
    """A study, the answers and the options of an analysis held against a preregistration.

    Parameters
    ----------
    registered : Preregistration
        As it was read.
    study : Study
        As it is now: model, propositions, rules, questionnaire.
    responses : Responses
        Answers with the exclusion rules they were screened by.
    settings : Mapping of str to object
        Options of the analysis, ``allow_inadmissible`` and ``compare_interactions`` among them.
    n_analysed : int
        Respondents analysed.
    """
    content = registered.content
    found = tuple(_deviations(content, study, responses, settings, n_analysed))
    remarks = () if responses.rules else ("The answers do not tell by which rules they were screened.",)
    return PreregistrationCheck(
        source=registered.source,
        date=content["date"],
        version=content["version"],
        content_hash=registered.stated_hash,
        intact=registered.intact,
        deviations=tuple(dict.fromkeys(found)),
        robustness=tuple(content["robustness"]),
        remarks=remarks,
        sample=_planned_sample(content),
    )


def _planned_sample(content: Mapping[str, Any]) -> PlannedSample:
    """Sample size and power as registered; sentences on the method only where they are in English, as the report is."""
    planned = content.get("sample", {})
    known = [each.name for each in fields(PlannedPower)]
    rows = [{name: row[name] for name in known if name in row} for row in planned.get("power", ())]
    return PlannedSample(
        n=planned.get("n"),
        n_maximum=planned.get("n_maximum"),
        method=str(planned.get("power_method", "")) if content.get("language") == "en" else "",
        power=tuple(PlannedPower(**row) for row in rows),
    )


def refuse_deviations(check: PreregistrationCheck) -> None:
    """Refuses an analysis that is not the one registered.

    Raises
    ------
    StudyError
        Lists every deviation, and says when the preregistration was changed after it was written.
    """
    problems = [
        Problem(
            where=f"{each.topic}, {each.item}",
            found=f"registered {each.registered}, now {each.done}",
            remedy="",
        )
        for each in check.deviations
    ]
    if not check.intact:
        remedy = "Use the file as it was registered."
        problems.insert(0, Problem(where=check.source, found=_TAMPERED, remedy=remedy))
    if problems:
        count = "one deviation" if len(problems) == 1 else f"{len(problems)} deviations"
        raise StudyError(
            f"The analysis is not the one registered on {check.date}: {count}. Analyse as registered, or use "
            'deviations="list", which reports them.',
            problems,
        )


def deviation_findings(check: PreregistrationCheck) -> tuple[Finding, ...]:
    """What a reader must know about the preregistration, in findings."""
    where = "preregistration"
    found = [Finding(severity="note", where=where, message=remark) for remark in check.remarks]
    if not check.intact:
        found.append(Finding(severity="serious", where=where, message=f"{check.source}: {_TAMPERED}."))
    if check.deviations:
        topics = ", ".join(dict.fromkeys(each.topic.lower() for each in check.deviations))
        count = len(check.deviations)
        words = f"The analysis departs from it in {count} {'point' if count == 1 else 'points'} ({topics})."
        found.append(Finding(severity="warning", where=where, message=words))
    return tuple(found)


_TAMPERED = "its content does not have the hash it states, so the file was changed after it was written"


def _deviations(
    content: Mapping[str, Any], study: Study, responses: Responses, settings: Mapping[str, Any], n_analysed: int
) -> Iterator[Deviation]:
    now = planned_content(study)
    if content["study"]["id"] != study.id:
        yield Deviation(topic="Study", item="id", registered=content["study"]["id"], done=study.id)
    itemised = [*_declared(content["declared"], now["declared"])]
    yield from itemised
    if content["study"]["fingerprint"] != study.fingerprint and not itemised:
        yield Deviation(
            topic="Study",
            item="fingerprint of the files (nothing that is compared differs)",
            registered=content["study"]["fingerprint"][:12],
            done=study.fingerprint[:12],
        )
    rules = asdict(study.screening if responses.rules is None else responses.rules)
    yield from _differences("Exclusions", content["exclusions"], as_plain(rules))
    yield from _differences("Analysis", content["analysis"], as_plain(settings))
    yield from _sample(content.get("sample", {}), n_analysed)


def _declared(registered: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Deviation]:
    """What differs in study file and questionnaire, but for what is compared as it was done."""
    before, after = renewed(registered["study"]), now["study"]
    for key in dict.fromkeys([*before, *after]):
        if key != "screening":
            pair = ({key: _as_declared(key, each[key])} if key in each else {} for each in (before, after))
            yield from _differences(_TOPICS.get(key, "Study"), *pair)
    yield from _differences("Questionnaire", registered["questionnaire"], now["questionnaire"])


def _as_declared(key: str, value: Any) -> Any:
    if key != "analysis":
        return value
    return {name: each for name, each in value.items() if name not in _ANALYSIS_AS_DONE}


def _sample(planned: Mapping[str, Any], n_analysed: int) -> Iterator[Deviation]:
    if "n" not in planned:
        return
    if not planned["n"] <= n_analysed <= planned["n_maximum"]:
        words = f"{planned['n']} to {planned['n_maximum']}"
        yield Deviation(topic="Sample", item="respondents analysed", registered=words, done=str(n_analysed))


def _differences(topic: str, registered: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Deviation]:
    for path, old, new in _pairs(registered, now, ()):
        item = ", ".join(part.replace("_", " ") for part in path)
        yield Deviation(topic=topic, item=item, registered=_shown(old), done=_shown(new))


def _pairs(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Unequal values with their place; parts of a list that have an id are found by it, other lists are one value."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in dict.fromkeys([*old, *new]):
            yield from _pairs(old.get(name), new.get(name), (*path, name))
    elif _have_ids(old) and _have_ids(new):
        first, second = ({each["id"]: each for each in parts} for parts in (old, new))
        for name in dict.fromkeys([*first, *second]):
            yield from _pairs(first.get(name), second.get(name), (*path, name))
        common = [[name for name in names if name in first and name in second] for names in (first, second)]
        if common[0] != common[1]:
            yield (*path, "order"), common[0], common[1]
    elif old != new and not (_empty(old) and _empty(new)):
        yield path, old, new


def _empty(value: Any) -> bool:
    return value is None or value in ([], {})


def _have_ids(parts: Any) -> bool:
    return isinstance(parts, list) and bool(parts) and all(isinstance(each, Mapping) and "id" in each for each in parts)


def _shown(value: Any) -> str:
    if _empty(value):
        return DASH
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case [list(), *_]:
            return "; ".join(map(_shown, value))
        case list():
            return ", ".join(map(_shown, value))
        case {"statement": dict() as texts}:
            return str(texts.get("en", next(iter(texts.values()))))
        case dict():
            parts = {name: each for name, each in value.items() if name != "id" and not _empty(each)}
            return ", ".join(f"{name.replace('_', ' ')} {_shown(each)}" for name, each in parts.items()) or str(value)
    return str(value)
