"""What a study says about its model, in the words of the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from surveysem.errors import Problem, StudyError
from surveysem.specification.products import Pairs, product_name


@dataclass(frozen=True, kw_only=True)
class LatentVariable:
    """A latent variable and the indicators that measure it.

    Parameters
    ----------
    name : str
        Name in the model.
    construct : str
        Construct of the questionnaire it stands for.
    indicators : tuple of str
        Observed variables, the first of which sets the scale.
    """

    name: str
    construct: str
    indicators: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StructuralPath:
    """A directed effect between two latent variables."""

    outcome: str
    predictor: str
    label: str = ""
    proposition: str = ""


@dataclass(frozen=True, kw_only=True)
class LatentInteraction:
    """The effect of a product of two latent variables on a third.

    Parameters
    ----------
    outcome, predictor, moderator : str
        Latent variables; main effects of predictor and moderator are paths of their own.
    pairs : {"all", "matched"}
        Which product indicators are formed.
    label : str
        Name of the parameter.
    proposition : str
        Id of the proposition it tests.
    """

    outcome: str
    predictor: str
    moderator: str
    pairs: Pairs = "all"
    label: str = ""
    proposition: str = ""

    @property
    def product_name(self) -> str:
        """Name of the latent product in model syntax, where ``:`` is not allowed."""
        return product_name(self.predictor, self.moderator)

    @property
    def term(self) -> str:
        """Name of the product in tables: ``predictor:moderator``."""
        return f"{self.predictor}:{self.moderator}"


@dataclass(frozen=True, kw_only=True)
class ModelSpecification:
    """A structural equation model with latent interactions, before it becomes parameters.

    Parameters
    ----------
    latent_variables : tuple of LatentVariable
        Measurement model.
    paths : tuple of StructuralPath
        Structural model.
    interactions : tuple of LatentInteraction
        Moderation.
    residual_covariances : tuple of (str, str)
        Pairs of variables whose residuals covary beyond the defaults.
    definitions : Mapping of str to str
        Quantities computed from labelled parameters (``name := expression``), indirect effects above all.

    Raises
    ------
    StudyError
        When one product is written in two ways.
    """

    latent_variables: tuple[LatentVariable, ...]
    paths: tuple[StructuralPath, ...] = ()
    interactions: tuple[LatentInteraction, ...] = ()
    residual_covariances: tuple[tuple[str, str], ...] = ()
    definitions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        problems = _product_problems(self.interactions)
        if problems:
            raise StudyError("The latent interactions contradict each other.", problems)

    def latent_variable(self, name: str) -> LatentVariable:
        """The latent variable of that name.

        Raises
        ------
        StudyError
            When there is none; the names there are are listed.
        """
        for latent in self.latent_variables:
            if latent.name == name:
                return latent
        names = ", ".join(latent.name for latent in self.latent_variables)
        raise StudyError(f"The model has no latent variable {name!r}. It has: {names}.")

    @property
    def indicators(self) -> tuple[str, ...]:
        """All observed indicators, products not counted, in the order of the latent variables."""
        return tuple(dict.fromkeys(item for latent in self.latent_variables for item in latent.indicators))

    @property
    def product_pairs(self) -> Mapping[str, Pairs]:
        """Which items are multiplied for each product, by its name ``predictor:moderator``."""
        return MappingProxyType({each.term: each.pairs for each in self.interactions})


def _product_problems(interactions: tuple[LatentInteraction, ...]) -> list[Problem]:
    """Interactions that write the product of two variables otherwise than one before them."""
    first: dict[frozenset[str], LatentInteraction] = {}
    problems = []
    for each in interactions:
        known = first.setdefault(frozenset((each.predictor, each.moderator)), each)
        if (known.term, known.pairs) != (each.term, each.pairs):
            problems.append(
                Problem(
                    where=f"interaction {each.term} on {each.outcome}",
                    found=f"the same product is {known.term} with {known.pairs} pairs on {known.outcome}",
                    remedy="Write predictor, moderator and pairs the same for all its outcomes.",
                )
            )
    return problems
