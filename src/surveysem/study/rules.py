"""What must hold within a study file and between it and its instrument."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from surveysem.instrument import Instrument
from surveysem.instrument.draft import Flaw, Location
from surveysem.instrument.suggestions import available_names
from surveysem.references import REFERENCES
from surveysem.study.document import StudyDocument
from surveysem.study.proposition_document import PartEntry, PropositionEntry
from surveysem.study.rivals.rules import rival_flaws
from surveysem.study.robustness.rules import robustness_flaws
from surveysem.typing import MaximumLikelihoodName


def find_flaws(study: StudyDocument, instrument: Instrument) -> list[Flaw]:
    """Every contradiction of a well-formed study file, located by its path inside the document."""
    checks = (
        _sources(study),
        _latent_variables(study, instrument),
        _repeated_ids(study),
        _paths(study),
        _residual_covariances(study),
        _moderation(study),
        _indirect_effects(study),
        rival_flaws(study),
        _propositions(study, instrument),
        _population(study),
        _measurement_quality(study, instrument),
        _translations(study, instrument),
        _import(study, instrument),
        _analysis(study, instrument),
        robustness_flaws(study, instrument),
    )
    return [flaw for check in checks for flaw in check]


def _unknown(path: Location, what: str, name: str, available: Sequence[str]) -> Flaw:
    return Flaw(path=path, found=f"{name!r} is no {what}", remedy=available_names(name, available))


def _sources(study: StudyDocument) -> Iterator[Flaw]:
    for index, key in enumerate(study.sources):
        if key not in REFERENCES:
            yield _unknown(("sources", index), "known reference", key, list(REFERENCES))


def _latent_variables(study: StudyDocument, instrument: Instrument) -> Iterator[Flaw]:
    constructs = [construct.id for construct in instrument.constructs]
    items = [item.id for item in instrument.items]
    used: Counter[str] = Counter()
    for index, entry in enumerate(study.latent_variables):
        if entry.id not in constructs:
            yield _unknown(("latent_variables", index, "id"), "construct of the instrument", entry.id, constructs)
        for position, item in enumerate(entry.indicators):
            used[item] += 1
            path: Location = ("latent_variables", index, "indicators", position)
            if item not in items:
                yield _unknown(path, "item of the instrument", item, items)
            elif used[item] == 2:
                yield Flaw(path=path, found=f"{item!r} is listed twice", remedy="Keep one of them.")


def _repeated_ids(study: StudyDocument) -> Iterator[Flaw]:
    yield from _repeated("latent_variables", [entry.id for entry in study.latent_variables])
    effects = {
        "paths": [entry.id for entry in study.paths],
        "moderation": [entry.id for entry in study.moderation],
        "indirect_effects": [entry.id for entry in study.indirect_effects],
    }
    seen: set[str] = set()
    for section, names in effects.items():
        for index, name in enumerate(names):
            if name in seen:
                yield Flaw(path=(section, index, "id"), found=f"the id {name!r} is taken", remedy="Choose another.")
            seen.add(name)
    taken = {entry.id for entry in study.latent_variables} & seen
    if taken:
        remedy = "Name the effect otherwise: a latent variable has that name."
        yield Flaw(path=("paths",), found=f"the id {sorted(taken)[0]!r} is taken", remedy=remedy)
    ids = [each.id for _, each in _judged(study)] + [each.id for each in study.propositions if each.parts]
    for name in (name for name, count in Counter(ids).items() if count > 1):
        yield Flaw(path=("propositions",), found=f"the id {name!r} is given to two propositions", remedy="Rename one.")


def _repeated(section: str, ids: Sequence[str]) -> Iterator[Flaw]:
    for index, name in enumerate(ids):
        if name in ids[:index]:
            yield Flaw(path=(section, index, "id"), found=f"the id {name!r} is taken", remedy="Keep one of them.")


def _paths(study: StudyDocument) -> Iterator[Flaw]:
    names = [entry.id for entry in study.latent_variables]
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(study.paths):
        for key in ("predictor", "outcome"):
            if getattr(entry, key) not in names:
                yield _unknown(("paths", index, key), "latent variable of the study", getattr(entry, key), names)
        if entry.predictor == entry.outcome:
            yield Flaw(path=("paths", index), found="a path from a variable to itself", remedy="Remove it.")
        if (entry.predictor, entry.outcome) in seen:
            yield Flaw(path=("paths", index), found="this path is listed twice", remedy="Keep one of them.")
        seen.add((entry.predictor, entry.outcome))


def _residual_covariances(study: StudyDocument) -> Iterator[Flaw]:
    listed = [item for entry in study.latent_variables for item in entry.indicators]
    complete = all(entry.indicators for entry in study.latent_variables)
    names = [entry.id for entry in study.latent_variables] + listed
    for index, pair in enumerate(study.residual_covariances):
        for position, name in enumerate(pair):
            if complete and name not in names:
                yield _unknown(("residual_covariances", index, position), "variable of the model", name, names)
        if pair[0] == pair[1]:
            path: Location = ("residual_covariances", index)
            yield Flaw(path=path, found="a covariance of a variable with itself", remedy="Remove it.")


def _moderation(study: StudyDocument) -> Iterator[Flaw]:
    names = [entry.id for entry in study.latent_variables]
    paths = {(entry.predictor, entry.outcome) for entry in study.paths}
    for index, entry in enumerate(study.moderation):
        for key in ("predictor", "moderator", "outcome"):
            name = getattr(entry, key)
            if name not in names:
                yield _unknown(("moderation", index, key), "latent variable of the study", name, names)
        for key in ("predictor", "moderator"):
            name = getattr(entry, key)
            if name in names and (name, entry.outcome) not in paths:
                yield Flaw(
                    path=("moderation", index),
                    found=f"there is no main effect of {name} on {entry.outcome}",
                    remedy="Add it to paths: an interaction without its main effects cannot be interpreted.",
                )


def _indirect_effects(study: StudyDocument) -> Iterator[Flaw]:
    paths = {entry.id: entry for entry in study.paths}
    for index, effect in enumerate(study.indirect_effects):
        unknown = [name for name in effect.through if name not in paths]
        for name in unknown:
            yield _unknown(("indirect_effects", index, "through"), "path of the study", name, list(paths))
        for first, second in zip(effect.through, effect.through[1:], strict=False):
            if not unknown and paths[first].outcome != paths[second].predictor:
                yield Flaw(
                    path=("indirect_effects", index, "through"),
                    found=f"{second} does not begin where {first} ends ({paths[first].outcome})",
                    remedy="List paths that follow one another.",
                )


def _judged(study: StudyDocument) -> Iterator[tuple[Location, PartEntry]]:
    """Propositions and parts that are decided by an effect of their own, with their places."""
    sections: Mapping[str, tuple[PropositionEntry, ...]] = {
        "propositions": study.propositions,
        "extensions": study.extensions,
    }
    for section, entries in sections.items():
        for index, entry in enumerate(entries):
            if entry.parts:
                yield from (((section, index, "parts", number), part) for number, part in enumerate(entry.parts))
            else:
                yield (section, index), entry


def _propositions(study: StudyDocument, instrument: Instrument) -> Iterator[Flaw]:
    effects = [entry.id for entry in (*study.paths,)] + [entry.id for entry in study.moderation]
    groups = [question.id for question in instrument.grouping_questions]
    for path, entry in _judged(study):
        if entry.expected is None and entry.differs is None:
            remedy = "Add `expected: positive`, `negative` or `two-sided`."
            yield Flaw(path=path, found=f"{entry.id} foretells no sign", remedy=remedy)
        if entry.differs is None and (entry.tests or entry.id) not in effects:
            name = entry.tests or entry.id
            yield _unknown((*path, "tests"), "path or moderation of the study", name, effects)
        if entry.differs is not None:
            yield from _group_difference(path, entry, groups, [each.id for each in study.paths])
    for index, entry in enumerate(study.propositions):
        if entry.parts and (entry.tests or entry.differs or entry.expected):
            remedy = "Give `tests`, `differs` and `expected` to the parts."
            yield Flaw(path=("propositions", index), found=f"{entry.id} has parts and a test of its own", remedy=remedy)


def _group_difference(path: Location, entry: PartEntry, groups: list[str], paths: list[str]) -> Iterator[Flaw]:
    if entry.differs is None:
        return
    if entry.differs.group not in groups:
        yield _unknown((*path, "differs", "group"), "grouping question of the instrument", entry.differs.group, groups)
    for name in entry.differs.paths:
        if name not in paths:
            yield _unknown((*path, "differs", "paths"), "path of the study", name, paths)


def _measurement_quality(study: StudyDocument, instrument: Instrument) -> Iterator[Flaw]:
    entry, names = study.measurement_quality, [each.id for each in study.latent_variables]
    if entry.marker is not None and entry.marker not in names:
        yield _unknown(("measurement_quality", "marker"), "latent variable of the study", entry.marker, names)
    groups = [question.id for question in instrument.grouping_questions]
    for index, each in enumerate(entry.invariance):
        path: Location = ("measurement_quality", "invariance", index, "group")
        if each.group not in groups:
            yield _unknown(path, "grouping question of the instrument", each.group, groups)
        for name in each.constructs:
            if name not in names:
                yield _unknown((*path[:-1], "constructs"), "latent variable of the study", name, names)
        if each.group in [other.group for other in entry.invariance[:index]]:
            yield Flaw(path=path, found=f"{each.group} is listed twice", remedy="Keep one of them.")
    rule = study.decision.minimum_quality
    if rule is not None and rule.reliability is rule.ave is rule.htmt is None:
        remedy = "Give `reliability`, `ave` or `htmt`, or leave it out."
        yield Flaw(path=("decision", "minimum_quality"), found="it sets no minimum", remedy=remedy)


def _population(study: StudyDocument) -> Iterator[Flaw]:
    if study.population is None:
        return
    effects = [entry.id for entry in study.paths] + [entry.id for entry in study.moderation]
    for name in study.population.effects:
        if name not in effects:
            yield _unknown(("population", "effects", name), "path or moderation of the study", name, effects)
    missing = [name for name in effects if name not in study.population.effects]
    if missing:
        found = f"no value for {', '.join(missing)}"
        yield Flaw(path=("population", "effects"), found=found, remedy="Add one for each; 0 where there is no effect.")
    outcomes = {entry.outcome for entry in study.paths}
    exogenous = [entry.id for entry in study.latent_variables if entry.id not in outcomes]
    for index, entry in enumerate(study.population.correlations):
        for name in entry.between:
            if name not in exogenous:
                path: Location = ("population", "correlations", index, "between")
                yield _unknown(path, "exogenous latent variable", name, exogenous)


def _translations(study: StudyDocument, instrument: Instrument) -> Iterator[Flaw]:
    """Texts of a study need the instrument's first language; others are optional."""
    needed = instrument.default_language
    texts: list[tuple[Location, Mapping[str, str]]] = [(("title",), study.title)]
    texts += [((*path, "statement"), entry.statement) for path, entry in _judged(study)]
    texts += [(("indirect_effects", i, "title"), entry.title) for i, entry in enumerate(study.indirect_effects)]
    texts += [(("rival_models", i, "title"), entry.title) for i, entry in enumerate(study.rival_models)]
    for path, text in texts:
        if needed not in text:
            yield Flaw(path=path, found=f"there is no text in {needed}", remedy=f"Add `{needed}:`.")


def _analysis(study: StudyDocument, instrument: Instrument) -> Iterator[Flaw]:
    entry = study.analysis
    likelihood = entry.estimator in get_args(MaximumLikelihoodName)
    items = [item.id for item in instrument.items]
    for index, name in enumerate(() if isinstance(entry.ordered, bool) else entry.ordered):
        if name not in items:
            yield _unknown(("analysis", "ordered", index), "item of the instrument", name, items)
    if entry.ordered and (likelihood or entry.estimator == "GLS"):
        remedy = "Use `estimator: WLSMV` or another of least squares, or `ordered: false`."
        yield Flaw(path=("analysis", "ordered"), found=f"ordered items with {entry.estimator}", remedy=remedy)
    if entry.ordered and study.moderation:
        remedy = "Use `ordered: false`: latent products are made of continuous items."
        yield Flaw(path=("analysis", "ordered"), found="ordered items and latent interactions", remedy=remedy)
    if entry.cluster and (entry.ordered or entry.estimator not in ("auto", "ML", "MLR")):
        remedy = "Clusters are allowed for by `estimator: MLR` with continuous items."
        what = "ordered items" if entry.ordered else entry.estimator
        yield Flaw(path=("analysis", "cluster"), found=f"clusters with {what}", remedy=remedy)


def _import(study: StudyDocument, instrument: Instrument) -> Iterator[Flaw]:
    entry = study.import_
    questions = [question.id for question in instrument.questions]
    for name in entry.columns:
        if name not in questions:
            yield _unknown(("import", "columns", name), "question of the instrument", name, questions)
    for header, count in Counter(entry.columns.values()).items():
        if count > 1:
            found = f"column {header!r} is declared for {count} questions"
            yield Flaw(path=("import", "columns"), found=found, remedy="Each column answers one question.")
    options = {number: scale.id for scale in instrument.response_scales for number in scale.options}
    for index, cell in enumerate(entry.missing):
        if cell in options:
            found = f"{cell:g} is an option of scale {options[cell]}"  # type: ignore[index]
            remedy = "Declare it under `missing` of the scales it stands for no answer in."
            yield Flaw(path=("import", "missing", index), found=found, remedy=remedy)
    yield from _declared_answers(study, instrument)


def _declared_answers(study: StudyDocument, instrument: Instrument) -> Iterator[Flaw]:
    scales = {scale.id: scale for scale in instrument.response_scales}
    for name, codes in study.import_.answers.items():
        path: Location = ("import", "answers", name)
        if name not in scales:
            yield _unknown(path, "response scale of the instrument", name, list(scales))
            continue
        known = {*scales[name].options, *scales[name].missing}
        for text, code in codes.items():
            if code not in known:
                remedy = f"Codes: {', '.join(map(str, sorted(known))) or 'none'}."
                yield Flaw(path=(*path, text), found=f"{code} is no code of scale {name}", remedy=remedy)
