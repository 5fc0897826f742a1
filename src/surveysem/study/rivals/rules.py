"""What must hold of the rival models of a study file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from surveysem.instrument.draft import Flaw, Location
from surveysem.instrument.suggestions import available_names
from surveysem.study.document import RivalModelEntry, StudyDocument
from surveysem.study.rivals.models import dropped

STUDY_MODEL = "study"
"""Name of the study's own model among its rivals."""


def rival_flaws(study: StudyDocument) -> Iterator[Flaw]:
    """Every contradiction in the rival models, located by its path inside the document."""
    names = Counter(entry.id for entry in study.rival_models)
    for index, entry in enumerate(study.rival_models):
        path: Location = ("rival_models", index)
        if names[entry.id] > 1 or entry.id == STUDY_MODEL:
            yield Flaw(path=(*path, "id"), found=f"the id {entry.id!r} is taken", remedy="Choose another.")
        unknown = [*_unknown_names(path, entry, study)]
        yield from unknown or _contradictions(path, entry, study)


def _unknown_names(path: Location, entry: RivalModelEntry, study: StudyDocument) -> Iterator[Flaw]:
    paths = [each.id for each in study.paths]
    moderation = [each.id for each in study.moderation]
    latent = [each.id for each in study.latent_variables]
    effects = [each.id for each in study.indirect_effects]
    lists: list[tuple[str, str, tuple[str, ...], Sequence[str]]] = [
        ("full_mediation", "indirect effect of the study", entry.full_mediation, effects),
        ("drop_paths", "path of the study", entry.drop_paths, paths),
        ("drop_moderation", "moderation of the study", entry.drop_moderation, moderation),
    ]
    lists += [
        ("hold_equal", "path or moderation of the study", names, [*paths, *moderation]) for names in entry.hold_equal
    ]
    for key, what, given, available in lists:
        yield from (_unknown((*path, key), what, name, available) for name in given if name not in available)
    for number, added in enumerate(entry.add_paths):
        for key in ("predictor", "outcome"):
            name = getattr(added, key)
            if name not in latent:
                yield _unknown((*path, "add_paths", number, key), "latent variable of the study", name, latent)


def _contradictions(path: Location, entry: RivalModelEntry, study: StudyDocument) -> Iterator[Flaw]:
    paths, moderation = dropped(entry, study)
    if not (paths or moderation or entry.add_paths or entry.hold_equal):
        remedy = "Add drop_paths, drop_moderation, add_paths, hold_equal or full_mediation with paths to leave out."
        yield Flaw(path=path, found=f"{entry.id} is the study's own model", remedy=remedy)
    yield from _added(path, entry, study)
    gone = {(each.predictor, each.outcome) for each in study.paths if each.id in paths}
    for each in study.moderation:
        mains = {(each.predictor, each.outcome), (each.moderator, each.outcome)}
        if each.id not in moderation and mains & gone:
            found = f"{each.id} would stay without one of its main effects"
            yield Flaw(path=path, found=found, remedy=f"Add {each.id} to drop_moderation.")
    for names in entry.hold_equal:
        both = [name for name in names if name in (*paths, *moderation)]
        if both:
            found = f"{', '.join(both)} cannot be left out and held equal"
            yield Flaw(path=(*path, "hold_equal"), found=found, remedy="Choose one of the two.")


def _added(path: Location, entry: RivalModelEntry, study: StudyDocument) -> Iterator[Flaw]:
    effects = [*(each.id for each in study.paths), *(each.id for each in study.moderation)]
    taken = {*effects, *(each.id for each in study.indirect_effects), *(each.id for each in study.latent_variables)}
    known = {(each.predictor, each.outcome): each.id for each in study.paths}
    for number, added in enumerate(entry.add_paths):
        place: Location = (*path, "add_paths", number)
        if added.predictor == added.outcome:
            yield Flaw(path=place, found="a path from a variable to itself", remedy="Remove it.")
        if added.id in taken:
            yield Flaw(path=(*place, "id"), found=f"the id {added.id!r} is taken", remedy="Choose another.")
        taken.add(added.id)
        if (added.predictor, added.outcome) in known:
            name = known[added.predictor, added.outcome]
            yield Flaw(path=place, found=f"the study's model has this path, {name}", remedy="Remove it.")
        known[added.predictor, added.outcome] = added.id


def _unknown(path: Location, what: str, name: str, available: Sequence[str]) -> Flaw:
    return Flaw(path=path, found=f"{name!r} is no {what}", remedy=available_names(name, available))
