"""What a study says about its model, in the words of the field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from surveysem.errors import StudyError
from surveysem.specification.products import Pairs, ProductPair, product_pairs


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
        return f"{self.predictor}_x_{self.moderator}"

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
    """

    latent_variables: tuple[LatentVariable, ...]
    paths: tuple[StructuralPath, ...] = ()
    interactions: tuple[LatentInteraction, ...] = ()
    residual_covariances: tuple[tuple[str, str], ...] = ()
    definitions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

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

    def products_of(self, interaction: LatentInteraction) -> tuple[ProductPair, ...]:
        """Product indicators of one interaction."""
        return product_pairs(
            self.latent_variable(interaction.predictor).indicators,
            self.latent_variable(interaction.moderator).indicators,
            interaction.pairs,
        )

    @property
    def products(self) -> Mapping[str, tuple[ProductPair, ...]]:
        """Product indicators by the name of the latent product; one product may serve several outcomes."""
        return MappingProxyType({each.product_name: self.products_of(each) for each in self.interactions})
