"""Rules that tie questions to scales, constructs and facets."""

from __future__ import annotations

from collections.abc import Iterator

from surveysem.instrument.constructs import Construct
from surveysem.instrument.draft import QUESTION_SECTIONS, Draft, Flaw, Location
from surveysem.instrument.questions import AttentionCheck, Item, Question, ScreeningQuestion
from surveysem.instrument.scales import ResponseScale
from surveysem.instrument.suggestions import available_names


def question_flaws(draft: Draft) -> Iterator[Flaw]:
    """What is wrong between the questions of a draft and what they refer to."""
    yield from _unknown_scales(draft)
    yield from _unknown_constructs(draft)
    yield from _unknown_facets(draft)
    yield from _unsuitable_item_scales(draft)
    yield from _impossible_codes(draft)
    yield from _misplaced_checks(draft)


def _unknown_scales(draft: Draft) -> Iterator[Flaw]:
    if draft.declares("response_scales"):
        yield from _unknown_references(
            draft, QUESTION_SECTIONS, "scale", "response scale", draft.ids("response_scales")
        )


def _unknown_constructs(draft: Draft) -> Iterator[Flaw]:
    if draft.declares("constructs"):
        sections = ("items", "observed_measures")
        yield from _unknown_references(draft, sections, "construct", "construct", draft.ids("constructs"))


def _misplaced_checks(draft: Draft) -> Iterator[Flaw]:
    if draft.declares("items"):
        yield from _unknown_references(draft, ("attention_checks",), "after", "item", draft.ids("items"))


def _unknown_references(
    draft: Draft, sections: tuple[str, ...], key: str, what: str, known: tuple[str, ...]
) -> Iterator[Flaw]:
    for section in sections:
        for path, entry in draft.entries(section):
            name = entry.get(key)
            if isinstance(name, str) and name not in known:
                yield _unknown((*path, key), what, name, known)


def _unknown_facets(draft: Draft) -> Iterator[Flaw]:
    constructs = {construct.id: construct for _, construct in draft.of_type(Construct)}
    for path, entry in draft.entries("items"):
        construct, facet = constructs.get(str(entry.get("construct"))), entry.get("facet")
        if construct is None:
            continue
        known = tuple(facet.id for facet in construct.facets)
        if facet is None and known:
            yield Flaw(
                path=path,
                found=f"the item {entry.get('id')} names no facet, but {construct.id} has facets",
                remedy=f"Add `facet`. Available: {', '.join(known)}.",
            )
        elif isinstance(facet, str) and facet not in known:
            yield _unknown((*path, "facet"), f"facet of {construct.id}", facet, known)


def _unsuitable_item_scales(draft: Draft) -> Iterator[Flaw]:
    for path, item in draft.of_type(Item):
        scale = _scale(draft, item.scale)
        if scale is None:
            continue
        if scale.kind in ("nominal", "text"):
            yield Flaw(
                path=(*path, "scale"),
                found=f"the item {item.id} is answered on the {scale.kind} scale {scale.id}",
                remedy="Use an ordinal or number scale, or make it a grouping question.",
            )
        if item.reverse and scale.kind != "ordinal":
            yield Flaw(
                path=(*path, "reverse"),
                found=f"the item {item.id} is reversed, but its scale {scale.id} is {scale.kind}",
                remedy="Only answers on an ordinal scale can be reversed; remove `reverse`.",
            )


def _impossible_codes(draft: Draft) -> Iterator[Flaw]:
    for path, check in draft.of_type(AttentionCheck):
        yield from _code_flaws(draft, check, "expected", [((*path, "expected"), check.expected)])
    for path, question in draft.of_type(ScreeningQuestion):
        codes: list[tuple[Location, int]] = [
            ((*path, "eligible", index), code) for index, code in enumerate(question.eligible)
        ]
        yield from _code_flaws(draft, question, "eligible", codes)


def _code_flaws(draft: Draft, question: Question, key: str, codes: list[tuple[Location, int]]) -> Iterator[Flaw]:
    scale = _scale(draft, question.scale)
    for path, code in codes:
        if scale is None or code in scale.options:
            continue
        offered = f"Available: {', '.join(map(str, scale.codes))}." if scale.options else "Use a scale with options."
        yield Flaw(path=path, found=f"the {key} code {code} is not an option of the scale {scale.id}", remedy=offered)


def _scale(draft: Draft, name: str) -> ResponseScale | None:
    return next((scale for _, scale in draft.of_type(ResponseScale) if scale.id == name), None)


def _unknown(path: Location, what: str, name: str, known: tuple[str, ...]) -> Flaw:
    return Flaw(path=path, found=f"there is no {what} {name}", remedy=available_names(name, known))
