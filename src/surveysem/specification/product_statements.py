"""The linear model in which latent products are measured by product indicators."""

from __future__ import annotations

from surveysem.specification.defaults import SEM_DEFAULTS, Defaults
from surveysem.specification.labelling import ModelDraft, Monomial
from surveysem.specification.product_model import ModeratedModel
from surveysem.specification.product_moments import constrain_moments, factor_covariance, product_loading
from surveysem.specification.products import LatentProduct, product_sharing_pairs


def measured_model(
    model: ModeratedModel,
    *,
    constrained: bool = False,
    product_means: bool = False,
    defaults: Defaults = SEM_DEFAULTS,
    n_groups: int = 1,
) -> ModelDraft:
    """The linear model in which each latent product is measured by its product indicators.

    Parameters
    ----------
    model : ModeratedModel
        The model with its products.
    constrained : bool
        Make loadings, variances, covariances and residual (co)variances of products the functions of first-order
        parameters that they are when latent variables and residuals are normal (Algina & Moulder 2001).
    product_means : bool
        Model the means of products that are centred once: the mean of X:Z is the covariance of X and Z (Marsh, Wen &
        Hau 2004). Where one of the two is an outcome, their covariance is no parameter; the mean is then 0.
    defaults, n_groups
        As in :func:`~surveysem.specification.product_model.moderated_model`.

    Returns
    -------
    ModelDraft
        Its ``statements`` are the model.

    Raises
    ------
    UnsupportedError
        For constraints where a factor of a product is an outcome, or residuals of its items covary.

    Notes
    -----
    X:Z is measured in units of X times Z: the product of the items that set their scales has the product of these
    items' loadings as its loading. Residuals of product indicators with an item in common covary, those of different
    latent products too. An observed moderator gets a variance and covariances with the latent predictors and the
    products, as if it were a latent variable with one indicator without error; lavaan's defaults would fix these
    covariances to 0. What the author wrote, of product indicators too (``x1.z1 ~ 0*1``), stays as it is.

    References
    ----------
    marsh_wen_hau_2004, algina_moulder_2001

    Examples
    --------
    >>> from surveysem.specification import parse_syntax
    >>> from surveysem.specification.product_model import moderated_model
    >>> text = "X =~ x1 + x2; Z =~ z1 + z2; Y =~ y1 + y2; Y ~ X + Z + X:Z"
    >>> draft = measured_model(moderated_model(parse_syntax(text), "matched"))
    >>> [each.rhs for each in draft.statements if each.lhs == "X_x_Z"]
    ['x1.z1', 'x2.z2']
    """
    draft = ModelDraft(model.statements, defaults, n_groups=n_groups)
    for product in model.products:
        _measure(draft, product, constrained=constrained)
    if constrained:
        constrain_moments(draft, model)
    if defaults.exogenous_covariances:
        _let_moderators_covary(draft, model)
    if not constrained:
        for first, second in product_sharing_pairs(model.products):
            draft.add(first, "~~", second)
    if product_means:
        for product in model.products:
            _tie_mean(draft, model, product)
    return draft


def _measure(draft: ModelDraft, product: LatentProduct, *, constrained: bool) -> None:
    """Loadings of the product indicators; the first of them, or all if constrained, follow from those of the items."""
    markers = draft.defaults.fix_first and not draft.defaults.standardize_latent
    for place, pair in enumerate(product.indicators):
        formulas = product_loading(draft, product, pair) if constrained or not place else []
        is_one = all(each == (Monomial(factor=1.0),) for each in formulas)
        if formulas and not (is_one and markers and not place):
            name = f"loading.{product.name}.{pair.name}"
            draft.equate(product.name, "=~", pair.name, formulas, name, share=bool(place))
        else:
            draft.add(product.name, "=~", pair.name)
    if not constrained and not markers:
        draft.add(product.name, "~~", product.name, freed=True)


def _let_moderators_covary(draft: ModelDraft, model: ModeratedModel) -> None:
    """Variances and covariances of observed exogenous moderators."""
    moderators = model.exogenous_moderators
    if not moderators:
        return
    observed = tuple(dict.fromkeys((*model.roles.exogenous_observed, *moderators)))
    for index, name in enumerate(observed):
        for other in observed[index:]:
            draft.add(name, "~~", other)
    for moderator in moderators:
        for name in (*model.roles.exogenous_latent, *(product.name for product in model.products)):
            draft.add(moderator, "~~", name)


def _tie_mean(draft: ModelDraft, model: ModeratedModel, product: LatentProduct) -> None:
    """The mean of a product of two exogenous variables is their covariance."""
    if not set(product.factors) & set(model.outcome_factors):
        covariance = factor_covariance(draft, *product.factors)
        draft.equate(product.name, "~1", "", [(each,) for each in covariance], f"mean.{product.name}")
