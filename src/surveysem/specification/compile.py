"""From a specification to the statements of its measurement and structural models."""

from __future__ import annotations

from surveysem.specification.model import LatentVariable, ModelSpecification
from surveysem.specification.product_model import ModeratedModel, moderated_model
from surveysem.specification.product_statements import measured_model
from surveysem.specification.statements import Statement


def measurement_statements(specification: ModelSpecification) -> tuple[Statement, ...]:
    """Statements of the confirmatory factor model: all latent variables correlated, no products.

    Residual covariances between observed variables are kept; those between latent variables are not needed.
    """
    latent_names = {latent.name for latent in specification.latent_variables}
    covariances = [
        Statement(lhs=first, op="~~", rhs=second)
        for first, second in specification.residual_covariances
        if not {first, second} & latent_names
    ]
    return (*_loadings(specification.latent_variables), *covariances)


def structural_statements(specification: ModelSpecification) -> tuple[Statement, ...]:
    """Statements of the full model, latent products measured by products of items that are centred twice."""
    return measured_model(specification_with_products(specification)).statements


def specification_with_products(specification: ModelSpecification) -> ModeratedModel:
    """The full model with its latent products and the items to be multiplied."""
    return moderated_model(moderated_statements(specification), specification.product_pairs)


def moderated_statements(specification: ModelSpecification) -> tuple[Statement, ...]:
    """Statements of the full model with latent products as ``X:Z``, which leaves open how they are estimated."""
    return (
        *_loadings(specification.latent_variables),
        *_regressions(specification),
        *(Statement(lhs=first, op="~~", rhs=second) for first, second in specification.residual_covariances),
        *(Statement(lhs=name, op=":=", rhs=text) for name, text in specification.definitions.items()),
    )


def _loadings(latent_variables: tuple[LatentVariable, ...]) -> list[Statement]:
    return [Statement(lhs=latent.name, op="=~", rhs=item) for latent in latent_variables for item in latent.indicators]


def _regressions(specification: ModelSpecification) -> list[Statement]:
    outcomes = [path.outcome for path in specification.paths] + [each.outcome for each in specification.interactions]
    statements: list[Statement] = []
    for outcome in dict.fromkeys(outcomes):
        statements += [
            Statement(lhs=outcome, op="~", rhs=path.predictor, label=path.label)
            for path in specification.paths
            if path.outcome == outcome
        ]
        statements += [
            Statement(lhs=outcome, op="~", rhs=each.term, label=each.label)
            for each in specification.interactions
            if each.outcome == outcome
        ]
    return statements
