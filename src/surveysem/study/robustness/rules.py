"""What must hold of the alternatives that a study file declares."""

from __future__ import annotations

from collections.abc import Iterator

from surveysem.instrument import Instrument
from surveysem.instrument.draft import Flaw, Location
from surveysem.specification import LatentVariable, ModelSpecification
from surveysem.study.document import RobustnessEntry, StudyDocument
from surveysem.study.robustness.plan import AS_DECLARED, variant_of


def robustness_flaws(study: StudyDocument, instrument: Instrument) -> Iterator[Flaw]:
    """Alternatives that are named twice, that cannot make a difference, or that name what is not there."""
    if study.robustness is None:
        return
    yield from _names(study.robustness)
    if not study.moderation:
        for key in ("interactions", "centerings"):
            if getattr(study.robustness, key):
                found = "the study has no latent interaction"
                yield Flaw(path=("robustness", key), found=found, remedy="Remove it.")
    known = {construct.id for construct in instrument.constructs}
    specification = ModelSpecification(
        latent_variables=tuple(
            LatentVariable(
                name=each.id,
                construct=each.id,
                indicators=each.indicators or tuple(item.id for item in instrument.items_of(each.id)),
            )
            for each in study.latent_variables
            if each.id in known
        )
    )
    items = [item.id for item in instrument.items]
    for number, entry in enumerate(study.robustness.measurement):
        for problem in variant_of(entry).problems(specification, items, entry.id):
            yield Flaw(path=("robustness", "measurement", number), found=problem.found, remedy=problem.remedy)


def _names(entry: RobustnessEntry) -> Iterator[Flaw]:
    for key in ("screening", "measurement"):
        seen = {AS_DECLARED}
        for number, each in enumerate(getattr(entry, key)):
            path: Location = ("robustness", key, number, "id")
            if each.id in seen:
                yield Flaw(path=path, found=f"the id {each.id!r} is taken", remedy="Choose another.")
            seen.add(each.id)
