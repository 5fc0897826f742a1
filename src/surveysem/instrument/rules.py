"""Rules that hold between the parts of an instrument, and inside a response scale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from surveysem.instrument.constructs import Construct
from surveysem.instrument.draft import QUESTION_SECTIONS, Draft, Flaw, Location
from surveysem.instrument.question_rules import question_flaws
from surveysem.instrument.scale_rules import scale_flaws
from surveysem.instrument.suggestions import available_names, closest
from surveysem.instrument.values import Part, Translations
from surveysem.references import REFERENCES

# Words of the R language: lavaan, and through it every R user of the exported model, cannot have them as variables.
RESERVED_NAMES = frozenset(
    {"if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "NULL", "Inf", "NaN"}
    | {"NA", "NA_integer_", "NA_real_", "NA_complex_", "NA_character_"}
)
_NAMING_SECTIONS = ("response_scales", "constructs", *QUESTION_SECTIONS)


def find_flaws(draft: Draft) -> list[Flaw]:
    """Everything that breaks a rule, in no particular order."""
    rules: tuple[Callable[[Draft], Iterator[Flaw]], ...] = (
        _duplicate_names,
        _duplicate_languages,
        _reserved_names,
        _untranslated_texts,
        _unknown_sources,
        _facet_flaws,
        _thin_constructs,
        scale_flaws,
        question_flaws,
    )
    return [flaw for rule in rules for flaw in rule(draft)]


def _duplicate_names(draft: Draft) -> Iterator[Flaw]:
    seen: dict[str, Location] = {}
    for section in _NAMING_SECTIONS:
        for path, entry in draft.entries(section):
            name = entry.get("id")
            if not isinstance(name, str):
                continue
            if name in seen:
                first = ".".join(str(step) for step in seen[name])
                yield Flaw(
                    path=(*path, "id"),
                    found=f"the id {name} is already taken by {first}",
                    remedy="Give every question, construct and response scale an id of its own.",
                )
            seen.setdefault(name, path)
    yield from _duplicate_keys(draft)


def _duplicate_keys(draft: Draft) -> Iterator[Flaw]:
    seen: set[str] = set()
    for path, entry in draft.entries("references"):
        key = entry.get("key")
        if isinstance(key, str) and (key in seen or key in REFERENCES):
            owner = "twice in this file" if key in seen else "by the package already"
            yield Flaw(
                path=(*path, "key"),
                found=f"the reference {key} is declared {owner}",
                remedy="Cite the one that exists, or choose another key.",
            )
        if isinstance(key, str):
            seen.add(key)


def _duplicate_languages(draft: Draft) -> Iterator[Flaw]:
    for index, language in enumerate(draft.languages):
        if language in draft.languages[:index]:
            yield Flaw(path=("languages", index), found=f"{language} is listed twice", remedy="List it once.")


def _reserved_names(draft: Draft) -> Iterator[Flaw]:
    for section in _NAMING_SECTIONS:
        for path, entry in draft.entries(section):
            if entry.get("id") in RESERVED_NAMES:
                yield Flaw(
                    path=(*path, "id"),
                    found=f"{entry['id']} is a reserved word of model software",
                    remedy="Choose another id; lavaan cannot read a variable of this name.",
                )


def _untranslated_texts(draft: Draft) -> Iterator[Flaw]:
    declared = draft.languages
    if not declared:
        return
    named = [((), draft.header), *draft.parts.items()] if draft.header else list(draft.parts.items())
    for path, part in named:
        for text_path, text in _texts(path, part):
            missing = [language for language in declared if language not in text]
            if missing:
                yield Flaw(
                    path=text_path,
                    found=f"the text is missing in {', '.join(missing)}",
                    remedy=f"Write it in every language of the instrument: {', '.join(declared)}.",
                )
            for language in text:
                if language not in declared:
                    yield Flaw(
                        path=(*text_path, language),
                        found=f"{language} is not a language of this instrument",
                        remedy=f"Add it to `languages` or remove the text. {available_names(language, declared)}",
                    )


def _texts(path: Location, value: object) -> Iterator[tuple[Location, Translations]]:
    if isinstance(value, Translations):
        yield path, value
    elif isinstance(value, Part):
        for name in type(value).model_fields:
            yield from _texts((*path, name), getattr(value, name))
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _texts((*path, key), entry)
    elif isinstance(value, tuple):
        for index, entry in enumerate(value):
            yield from _texts((*path, index), entry)


def _unknown_sources(draft: Draft) -> Iterator[Flaw]:
    known = [*REFERENCES, *draft.ids("references", key="key")]
    named = [((), draft.header), *draft.parts.items()] if draft.header else list(draft.parts.items())
    for path, part in named:
        for index, key in enumerate(getattr(part, "sources", ())):
            if key not in known:
                yield Flaw(
                    path=(*path, "sources", index),
                    found=f"there is no reference {key}",
                    remedy=f"Correct the key or describe the work under `references`. {available_names(key, known)}",
                )


def _facet_flaws(draft: Draft) -> Iterator[Flaw]:
    constructs = [construct.id for _, construct in draft.of_type(Construct)]
    for path, construct in draft.of_type(Construct):
        facets = [facet.id for facet in construct.facets]
        covered = {
            _meant(item.get("facet"), facets)
            for _, item in draft.entries("items")
            if _meant(item.get("construct"), constructs) == construct.id
        }
        for index, facet in enumerate(facets):
            where = (*path, "facets", index)
            if facet in facets[:index]:
                yield Flaw(path=where, found=f"the facet {facet} is listed twice", remedy="List it once.")
            elif facet not in covered and draft.declares("items"):
                yield Flaw(
                    path=where,
                    found=f"no item covers the facet {facet} of {construct.id}",
                    remedy="Write an item for it or remove the facet.",
                )


def _thin_constructs(draft: Draft) -> Iterator[Flaw]:
    if not draft.declares("items"):
        return
    constructs = [construct.id for _, construct in draft.of_type(Construct)]
    reflected = [_meant(entry.get("construct"), constructs) for _, entry in draft.entries("items")]
    for path, construct in draft.of_type(Construct):
        count = reflected.count(construct.id)
        if count < 2:
            yield Flaw(
                path=path,
                found=f"the construct {construct.id} has {'no item' if count == 0 else 'only one item'}",
                remedy="Give it at least two items, or make it an observed measure or a grouping question.",
            )


def _meant(name: object, known: list[str]) -> str | None:
    """The known name, or the one a misspelt name most likely stands for: a slip is reported once, where it is."""
    if not isinstance(name, str):
        return None
    return name if name in known else closest(name, known)
