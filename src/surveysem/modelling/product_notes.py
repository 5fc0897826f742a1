"""What a reader must be told of latent products that are measured by product indicators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from surveysem.data.wording import counted
from surveysem.findings import Finding
from surveysem.references import cite
from surveysem.specification.product_model import ModeratedModel
from surveysem.specification.products import LatentProduct

Centering: TypeAlias = Literal["double", "residual", "unconstrained", "constrained"]

NORMAL_THEORY = ("ML", "GLS", "ULS", "DWLS")
"""Estimators whose standard errors and test rest on normal variables."""

_MADE: Mapping[Centering, str] = {
    "double": f"centred before and after multiplying, after {cite('lin_2010')}",
    "residual": f"replaced by residuals of their regression on all items of both, after {cite('little_2006')}",
    "unconstrained": f"of centred items, with a mean of its own, after {cite('marsh_wen_hau_2004')}",
    "constrained": "of centred items, with all parameters tied to those of its factors, which takes these for normal, "
    f"after {cite('algina_moulder_2001')}",
}


def product_notes(
    model: ModeratedModel, *, centering: Centering, n_missing: int, is_grouped: bool, robust: bool
) -> tuple[Finding, ...]:
    """Findings on how products were made, what main effects mean, and what is not to be trusted.

    Parameters
    ----------
    model : ModeratedModel
        The model with its products.
    centering
        How products were made.
    n_missing : int
        Rows used that lack a product.
    is_grouped : bool
        Whether there are several groups.
    robust : bool
        Whether standard errors do without normality.
    """
    return (
        *(note for product in model.products for note in _product_notes(model, product, centering, is_grouped)),
        *_normality(robust),
        *_missing_products(n_missing),
    )


def _product_notes(
    model: ModeratedModel, product: LatentProduct, centering: Centering, is_grouped: bool
) -> Iterator[Finding]:
    names = [pair.name for pair in product.indicators]
    listed = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    made = f"Measured by {counted(len(names), 'product')} of items ({listed}), {_MADE[centering]}."
    yield Finding(severity="note", where=product.term, message=made)
    yield Finding(severity="note", where=product.term, message=_meaning(product, centering, is_grouped))
    yield from _left_aside(model, product)
    yield from _erroneous(model, product)
    yield from _observed(model, product)


def _meaning(product: LatentProduct, centering: Centering, is_grouped: bool) -> str:
    """What the main effects beside a product are effects of."""
    first, second = product.factors
    of_group = " of its group" if is_grouped else ""
    if centering == "residual":
        effects = f"effect of {first} is" if first == second else f"effects of {first} and {second} are"
        return f"Beside this product the {effects} as without it: on average, not at a mean."
    known = "Standard errors of the fit take means for known; the bootstrap does not."
    if first == second:
        return f"Beside this product the effect of {first} is its slope at the mean{of_group}. {known}"
    return (
        f"Beside this product the effect of {first} is that at the mean of {second}{of_group}, and the effect of "
        f"{second} that at the mean of {first}{of_group}. {known}"
    )


def _left_aside(model: ModeratedModel, product: LatentProduct) -> Iterator[Finding]:
    """Items that are not multiplied because they measure something else too."""
    for factor in dict.fromkeys(product.factors):
        items = [each.rhs for each in model.statements if each.op == "=~" and each.lhs == factor]
        others = [item for item in items if item not in product.first_order_indicators]
        if others:
            message = (
                f"{', '.join(others)} of {factor} measure another latent variable too and were not multiplied: their "
                "products would not measure this product alone."
            )
            yield Finding(severity="note", where=product.term, message=message)


def _erroneous(model: ModeratedModel, product: LatentProduct) -> Iterator[Finding]:
    """Single items with measurement error, which the product inherits."""
    for item in product.single_items:
        written = [each for each in model.statements if each.op == "~~" and each.lhs == each.rhs == item]
        if item not in product.factors and written and written[0].value != 0.0:
            message = (
                f"The measurement error of {item}, the only item of its latent variable, is not taken out of the "
                'product, whose effect is too small for it. interaction="lms" takes it out.'
            )
            yield Finding(severity="warning", where=product.term, message=message)


def _observed(model: ModeratedModel, product: LatentProduct) -> Iterator[Finding]:
    for name in product.factors:
        if name in model.exogenous_moderators:
            message = (
                f"The observed moderator {name} has a variance, and covariances with the latent predictors and "
                "products, like a latent variable measured without error."
            )
            yield Finding(severity="note", where=product.term, message=message)


def _normality(robust: bool) -> Iterator[Finding]:
    if not robust:
        message = (
            "Products are not normally distributed, so that normal-theory standard errors and the test of fit are not "
            'to be trusted, those of the products least of all. Use estimator="MLR".'
        )
        yield Finding(severity="warning", where="product indicators", message=message)


def _missing_products(n_missing: int) -> Iterator[Finding]:
    if n_missing:
        message = (
            f"{counted(n_missing, 'row')} without all products, for a product is missing where one of its items is. "
            "Full-information maximum likelihood takes products for normal variables of their own, so that estimates "
            'can be biased unless values are missing completely at random. interaction="lms" makes no products; '
            f"{cite('cham_2017')} recommend it with missing values."
        )
        yield Finding(severity="warning", where="product indicators", message=message)
