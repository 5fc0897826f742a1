"""Constructs and their facets."""

from __future__ import annotations

from typing import Literal, TypeAlias

from surveysem.instrument.values import Identifier, LocalizedText, Part

ConstructRole: TypeAlias = Literal["antecedent", "mediator", "outcome", "mechanism", "moderator", "control"]


class Facet(Part):
    """An aspect of a construct that its items must cover."""

    id: Identifier
    """Name of the facet, unique within its construct."""
    label: LocalizedText
    """Name shown to readers, per language."""


class Construct(Part):
    """A theoretical concept that several items reflect.

    Examples
    --------
    >>> Construct(id="brand_trust", role="outcome", label={"en": "Brand trust"}, definition={"en": "…"}).facets
    ()
    """

    id: Identifier
    """Name of the construct and of its latent variable in the model."""
    label: LocalizedText
    """Name shown to readers, per language."""
    role: ConstructRole
    """Place of the construct in the theory."""
    definition: LocalizedText
    """What the construct means, per language."""
    facets: tuple[Facet, ...] = ()
    """Aspects the items must cover; empty when the construct has none."""
    sources: tuple[str, ...] = ()
    """Reference keys of the construct's lineage."""
