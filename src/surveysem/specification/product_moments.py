"""Moments of products as functions of first-order parameters.

For centred normal variables cov(uv, st) = cov(u, s) cov(v, t) + cov(u, t) cov(v, s). The covariance of two product
indicators, less what their latent products explain of it, is that of their residuals.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement

from surveysem.errors import UnsupportedError
from surveysem.specification.labelling import ModelDraft, Monomial, Polynomial, polynomial
from surveysem.specification.product_model import ModeratedModel
from surveysem.specification.products import LatentProduct, ProductPair

_ONE = Monomial(factor=1.0)


def loading(draft: ModelDraft, factor: str, item: str) -> tuple[Monomial, ...]:
    """Loading of an item on a factor of a product in each group; 1 where an observed factor is its own item."""
    if item == factor:
        return (_ONE,) * draft.n_groups
    return draft.terms(factor, "=~", item, f"loading.{factor}.{item}")


def factor_covariance(draft: ModelDraft, first: str, second: str) -> tuple[Monomial, ...]:
    """Covariance, or variance, of exogenous factors in each group."""
    if first == second:
        return draft.terms(first, "~~", first, f"variance.{first}")
    return draft.terms(first, "~~", second, f"covariance.{first}.{second}")


def product_loading(draft: ModelDraft, product: LatentProduct, pair: ProductPair) -> list[Polynomial]:
    """Loading of a product indicator in units of the product of the two variables, in each group."""
    both = [loading(draft, factor, item) for factor, item in zip(product.factors, pair.items, strict=True)]
    return [polynomial([first * second]) for first, second in zip(*both, strict=True)]


def constrain_moments(draft: ModelDraft, model: ModeratedModel) -> None:
    """Tie variances, covariances and residual (co)variances of products to first-order parameters.

    Raises
    ------
    UnsupportedError
        Where a factor of a product is an outcome, so that its variance is no parameter, or the residuals of items that
        are multiplied covary.
    """
    _check_constrainable(draft, model)
    for product in model.products:
        for name in (*model.roles.exogenous_latent, *model.exogenous_moderators):
            draft.add(product.name, "~~", name, value=0.0)
    for one, other in combinations_with_replacement(model.products, 2):
        name = _parameter_name("variance", "covariance", one.name, other.name)
        draft.equate(one.name, "~~", other.name, _product_covariance(draft, one, other), name)
    indicators = [(product, pair) for product in model.products for pair in product.indicators]
    for first, second in combinations_with_replacement(indicators, 2):
        formulas = _residual_covariance(draft, first, second)
        names = first[1].name, second[1].name
        if names[0] == names[1] or any(formulas):
            draft.equate(names[0], "~~", names[1], formulas, _parameter_name("residual", "residual", *names))


def _parameter_name(of_one: str, of_two: str, first: str, second: str) -> str:
    return f"{of_one}.{first}" if first == second else f"{of_two}.{first}.{second}"


def _product_covariance(draft: ModelDraft, first: LatentProduct, second: LatentProduct) -> list[Polynomial]:
    (a, b), (c, d) = first.factors, second.factors
    ac, bd, ad, bc = (factor_covariance(draft, *each) for each in ((a, c), (b, d), (a, d), (b, c)))
    return [polynomial([ac[g] * bd[g], ad[g] * bc[g]]) for g in range(draft.n_groups)]


def _residual_covariance(
    draft: ModelDraft, first: tuple[LatentProduct, ProductPair], second: tuple[LatentProduct, ProductPair]
) -> list[Polynomial]:
    """Covariance of the residuals of two product indicators uv and st, in each group."""
    u, v = zip(first[0].factors, first[1].items, strict=True)
    s, t = zip(second[0].factors, second[1].items, strict=True)
    explained = {(p, q): _explained(draft, p, q) for p in (u, v) for q in (s, t)}
    residual = {(p, q): _residual(draft, p, q) for p in (u, v) for q in (s, t)}
    formulas = []
    for group in range(draft.n_groups):
        monomials = []
        for one, other in (((u, s), (v, t)), ((u, t), (v, s))):
            monomials += [
                residual[one][group] * explained[other][group],
                explained[one][group] * residual[other][group],
                residual[one][group] * residual[other][group],
            ]
        formulas.append(polynomial(monomials))
    return formulas


def _explained(draft: ModelDraft, first: tuple[str, str], second: tuple[str, str]) -> list[Monomial]:
    """Covariance of two items that their factors explain, in each group."""
    parts = (loading(draft, *first), loading(draft, *second), factor_covariance(draft, first[0], second[0]))
    return [one * other * between for one, other, between in zip(*parts, strict=True)]


def _residual(draft: ModelDraft, first: tuple[str, str], second: tuple[str, str]) -> Sequence[Monomial]:
    """Residual variance of an item; 0 of an observed factor, and between two items."""
    if first != second or first[0] == first[1]:
        return [Monomial(factor=0.0)] * draft.n_groups
    return draft.terms(first[1], "~~", first[1], f"residual.{first[1]}")


def _check_constrainable(draft: ModelDraft, model: ModeratedModel) -> None:
    items = {item for product in model.products for item in product.first_order_indicators}
    covarying = [
        f"{first} ~~ {second}"
        for first, second in combinations(sorted(items - set(model.factors)), 2)
        if draft.has(first, "~~", second)
    ]
    reasons = [f"the model explains {name}" for name in model.outcome_factors]
    reasons += [f"residuals of items that are multiplied covary ({each})" for each in covarying]
    if reasons:
        raise UnsupportedError(
            f'centering="constrained" is not available here: {"; ".join(reasons)}. Available: centering="double", '
            '"residual" or "unconstrained".'
        )
