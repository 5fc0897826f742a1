"""From a specification to the statements of its measurement and structural models."""

from __future__ import annotations

from surveysem.specification.model import LatentVariable, ModelSpecification
from surveysem.specification.products import sharing_pairs
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
    """Statements of the full model: measurement, latent products, paths, residual covariances, definitions."""
    return (
        *_loadings(specification.latent_variables),
        *_product_loadings(specification),
        *_regressions(specification),
        *(Statement(lhs=first, op="~~", rhs=second) for first, second in specification.residual_covariances),
        *_product_residual_covariances(specification),
        *(Statement(lhs=name, op=":=", rhs=text) for name, text in specification.definitions.items()),
    )


def _loadings(latent_variables: tuple[LatentVariable, ...]) -> list[Statement]:
    return [Statement(lhs=latent.name, op="=~", rhs=item) for latent in latent_variables for item in latent.indicators]


def _product_loadings(specification: ModelSpecification) -> list[Statement]:
    return [
        Statement(lhs=name, op="=~", rhs=pair.name) for name, pairs in specification.products.items() for pair in pairs
    ]


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
            Statement(lhs=outcome, op="~", rhs=each.product_name, label=each.label)
            for each in specification.interactions
            if each.outcome == outcome
        ]
    return statements


def _product_residual_covariances(specification: ModelSpecification) -> list[Statement]:
    products = [pair for pairs in specification.products.values() for pair in pairs]
    return [Statement(lhs=first, op="~~", rhs=second) for first, second in sharing_pairs(products)]
