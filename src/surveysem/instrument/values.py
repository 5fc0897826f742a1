"""Small values the parts of an instrument are made of: identifiers, texts in several languages, read-only mappings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, StringConstraints

LANGUAGE_TAG = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
Key = TypeVar("Key")
Value = TypeVar("Value", covariant=True)


class ReadOnlyMapping(Mapping[Key, Value]):
    """A mapping that cannot be changed, and that can be hashed, copied and pickled.

    Parameters
    ----------
    entries : Mapping
        Copied once.

    Examples
    --------
    >>> ReadOnlyMapping({"en": "Brand trust"})["en"]
    'Brand trust'
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[Key, Value]) -> None:
        object.__setattr__(self, "_entries", dict(entries))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is read-only")

    def __getitem__(self, key: Key) -> Value:
        entries: dict[Key, Value] = object.__getattribute__(self, "_entries")
        return entries[key]

    def __iter__(self) -> Iterator[Key]:
        entries: dict[Key, Value] = object.__getattribute__(self, "_entries")
        return iter(entries)

    def __len__(self) -> int:
        entries: dict[Key, Value] = object.__getattribute__(self, "_entries")
        return len(entries)

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"


class Translations(ReadOnlyMapping[str, str]):
    """One text in each language of the instrument, keyed by language."""


def plain_mapping(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    """Plain dicts in place of read-only mappings, all the way down."""
    return {key: plain_mapping(value) if isinstance(value, Mapping) else value for key, value in mapping.items()}


NonEmptyText: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifier: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
LanguageTag: TypeAlias = Annotated[str, StringConstraints(pattern=LANGUAGE_TAG)]
LocalizedText: TypeAlias = Annotated[
    Mapping[str, NonEmptyText], AfterValidator(Translations), PlainSerializer(plain_mapping, return_type=dict[str, str])
]


class Part(BaseModel):
    """A part of an instrument: frozen, without keys nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
