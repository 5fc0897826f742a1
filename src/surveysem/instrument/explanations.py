"""Structural faults of an instrument file in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel, ValidationError

from surveysem.instrument.draft import Flaw, Location
from surveysem.instrument.suggestions import available_names, closest

_Error: TypeAlias = Mapping[str, Any]

_NAME_REMEDY = "Begin with a letter A–Z or a–z and use only such letters, digits and underscores."
_PATTERN_REMEDIES = {
    "languages": "Use a language tag in lower case, such as en, pt or pt-BR.",
    "id": _NAME_REMEDY,
    "key": _NAME_REMEDY,
}
_WANTED = {
    "bool_type": "Write true or false, without quotation marks.",
    "int_type": "Write a whole number, without quotation marks.",
    "float_type": "Write a number, without quotation marks.",
    "string_type": "Write a text; put quotation marks around one that looks like a number.",
    "mapping_type": "Write one entry per line, each with a key, a colon and a value.",
    "dict_type": "Write one entry per line, each with a key, a colon and a value.",
    "model_type": "Write one entry per line, each with a key, a colon and a value.",
    "tuple_type": "Write a list: [one, two], or one entry per line, each beginning with a hyphen.",
    "string_too_short": "Write a text that is not empty.",
    "too_short": "Write at least one entry.",
}


def structural_flaws(error: ValidationError, model: type[BaseModel], path: Location) -> Iterator[Flaw]:
    """Plain statements of what a schema check found at *path*."""
    errors = error.errors()
    misspelt = _misspelt_keys(errors, model)
    for entry in errors:
        location = _location(entry)
        if entry["type"] == "missing" and location in misspelt.values():
            continue
        meant = misspelt.get(location)
        yield Flaw(path=(*path, *location), found=_found(entry), remedy=_remedy(entry, model, meant))


def _misspelt_keys(errors: Iterable[_Error], model: type[BaseModel]) -> dict[Location, Location]:
    """From the place of each unknown key to the place of the key that was meant."""
    meant: dict[Location, Location] = {}
    for entry in errors:
        location = _location(entry)
        if entry["type"] == "extra_forbidden":
            match = closest(str(location[-1]), _keys(_model_at(location, model)))
            if match is not None:
                meant[location] = (*location[:-1], match)
    return meant


def _found(entry: _Error) -> str:
    kind, value = entry["type"], entry["input"]
    name = f"`{_location(entry)[-1]}`" if _location(entry) else "this entry"
    if kind == "extra_forbidden":
        return f"{name} is not a key that belongs here"
    if kind == "invalid_key":
        return f"the key {name} is not a text"
    if kind == "missing":
        return f"the key {name} is missing"
    if kind == "string_pattern_mismatch":
        return f"{value!r} is not a valid name"
    if kind == "literal_error":
        return f"{value!r} is not a choice for {name}"
    if kind in ("string_too_short", "too_short"):
        return f"{name} is empty"
    return f"{name} is {_describe(value)}"


def _remedy(entry: _Error, model: type[BaseModel], meant: Location | None) -> str:
    kind, location = entry["type"], _location(entry)
    if kind == "extra_forbidden":
        fields = _keys(_model_at(location, model))
        return available_names(str(location[-1]), fields) if meant else f"Remove it. Available: {', '.join(fields)}."
    if kind in ("missing", "invalid_key"):
        return "Add it." if kind == "missing" else "Remove it."
    if kind == "literal_error":
        return f"Choose one of {entry['ctx']['expected']}.".replace("'", "")
    if kind == "string_pattern_mismatch":
        return next((text for name, text in _PATTERN_REMEDIES.items() if name in location), _NAME_REMEDY)
    return _WANTED.get(kind, f"{entry['msg']}.")


def _describe(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value!r}"
    if isinstance(value, str):
        return f"the text {value!r}"
    return "a list" if isinstance(value, list | tuple) else "a mapping" if isinstance(value, Mapping) else repr(value)


def _location(entry: _Error) -> Location:
    return tuple(step for step in entry["loc"] if step != "[key]")


def _model_at(location: Location, model: type[BaseModel]) -> type[BaseModel]:
    """The schema of the entry that holds the key at *location* of *model*."""
    for step in location[:-1]:
        field = next((each for name, each in model.model_fields.items() if step in (name, each.alias)), None)
        inner = _models_in(field.annotation) if field is not None else []
        model = inner[0] if inner else model
    return model


def _models_in(annotation: object) -> list[type[BaseModel]]:
    """The schemas an annotation names, inside lists and alternatives too."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for each in get_args(annotation) for found in _models_in(each)]


def _keys(model: type[BaseModel]) -> list[str]:
    """The keys a schema knows, as they are written in a file."""
    return [field.alias or name for name, field in model.model_fields.items()]
