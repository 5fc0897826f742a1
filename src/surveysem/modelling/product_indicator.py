"""Latent products measured by products of indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from surveysem.data.product_indicators import ProductCentering, product_indicators
from surveysem.data.wording import absent_column
from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.modelling.prepare import count_groups
from surveysem.modelling.product_notes import NORMAL_THEORY, Centering, product_notes
from surveysem.specification import SEM_DEFAULTS, Defaults, Pairs, ProductPair, Statement, ordered_variables
from surveysem.specification.product_model import ModeratedModel, moderated_model
from surveysem.specification.product_statements import measured_model
from surveysem.specification.products import LatentProduct
from surveysem.specification.roles import variable_roles
from surveysem.typing import EstimatorName

__all__ = ["Centering", "ProductIndicatorModel", "with_product_indicators", "with_products"]

_MADE: Mapping[Centering, ProductCentering] = {
    "double": "double",
    "residual": "residual",
    "unconstrained": "single",
    "constrained": "single",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class ProductIndicatorModel:
    """A model in which every latent product has indicators of its own.

    Parameters
    ----------
    statements : tuple of Statement
        The linear model that is fitted.
    frame : pandas.DataFrame
        The data with the product indicators.
    products : Mapping of str to (str, str)
        Latent products by their name in the model, with their factors.
    recentred : tuple of ProductPair
        Product indicators made of centred items, which resampling centres anew.
    notes : tuple of Finding
        What a reader must be told.
    """

    statements: tuple[Statement, ...]
    frame: pd.DataFrame
    products: Mapping[str, tuple[str, str]]
    recentred: tuple[ProductPair, ...] = ()
    notes: tuple[Finding, ...] = ()


def with_product_indicators(
    statements: Sequence[Statement],
    data: pd.DataFrame,
    *,
    centering: Centering = "double",
    pairs: Pairs | Mapping[str, Pairs] | None = None,
    missing: str = "listwise",
    group: str | None = None,
    group_equal: Sequence[str] = (),
    ordered: Sequence[str] | bool = (),
    defaults: Defaults = SEM_DEFAULTS,
    estimator: EstimatorName = "ML",
    cluster: str | None = None,
) -> ProductIndicatorModel:
    """The linear model with product indicators in place of latent products, and the data with the products.

    Parameters
    ----------
    statements : sequence of Statement
        The model, with rows ``Y ~ X:Z``, of which at least one is latent, or ``Y ~ X:X``.
    data : pandas.DataFrame
        One row a respondent.
    centering : {"double", "residual", "unconstrained", "constrained"}
        ``double``: items are centred, multiplied, and the products centred (Lin et al. 2010). ``residual``: products
        are replaced by their residuals from a regression on all items of both variables (Little, Bovaird & Widaman
        2006). ``unconstrained``: items are centred and multiplied, and the mean of the latent product is the covariance
        of its factors (Marsh, Wen & Hau 2004). ``constrained``: that, and every parameter of the products is the
        function of first-order parameters that it is when the latent variables are normal (Algina & Moulder 2001).
    pairs : {"all", "matched"}, or mapping of product to these, optional
        Which items are multiplied; see :func:`~surveysem.specification.products.product_pairs`. By default all, and
        those matched for ``constrained``, where all pairs would need a constraint for each pair of products.
    missing : {"listwise", "fiml"}
        Products are made from the rows that will be used: complete ones, or those that have both items.
    group : str, optional
        Grouping column. Items are centred, and products regressed, within groups.
    group_equal : sequence of str
        Kinds of parameters held equal across groups.
    ordered : sequence of str, or bool
        Ordered variables, which cannot be multiplied.
    defaults : Defaults
        What will be added to the model.
    estimator : str
        Whose standard errors will be used; a warning is given where they rest on normality.
    cluster : str, optional
        Cluster column; standard errors are then robust in any case.

    Raises
    ------
    ModelSyntaxError, UnsupportedError, DataError
        For products that cannot be read or made, options that do not go together, and columns that are absent, not
        numeric or of a name that is needed.

    Notes
    -----
    The intercepts of product indicators are free, as by default in lavaan. The mean of a product then costs nothing
    and adds nothing: the estimates of ``unconstrained`` are those of ``double``, as Lin et al. show, beside that mean.
    Marsh, Wen and Hau take these intercepts for 0; write ``x1.z1 ~ 0*1`` to have them so.

    In each group the latent variables have mean 0, so the product of two of them is one of deviations from the means of
    that group. Centring at the means of all rows instead would give it an error that covaries with those of the items.

    References
    ----------
    lin_2010, little_2006, marsh_wen_hau_2004, algina_moulder_2001, kelava_brandt_2009

    Examples
    --------
    >>> from surveysem.specification import parse_syntax
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> data = pd.DataFrame(rng.standard_normal((50, 6)), columns=["x1", "x2", "z1", "z2", "y1", "y2"])
    >>> syntax = "X =~ x1 + x2; Z =~ z1 + z2; Y =~ y1 + y2; Y ~ X + Z + X:Z"
    >>> model = with_product_indicators(parse_syntax(syntax), data, pairs="matched")
    >>> [f"{each.lhs} {each.op} {each.rhs}" for each in model.statements if "X_x_Z" in (each.lhs, each.rhs)]
    ['X_x_Z =~ x1.z1', 'X_x_Z =~ x2.z2', 'Y ~ X_x_Z']
    >>> bool(abs(model.frame["x1.z1"].mean()) < 1e-12)
    True
    """
    n_groups = count_groups(data, group)
    if pairs is None:
        pairs = "matched" if centering == "constrained" else "all"
    if not defaults.variances:
        raise UnsupportedError(
            "auto=False adds nothing, but product indicators need loadings and residual variances of their own. Leave "
            'auto=False out, or use interaction="lms".'
        )
    model = moderated_model(statements, pairs, defaults=defaults, n_groups=n_groups)
    _check_ordered(model, ordered)
    draft = measured_model(
        model,
        constrained=centering == "constrained",
        product_means=centering in ("unconstrained", "constrained"),
        defaults=defaults,
        n_groups=n_groups,
    )
    if draft.has_new_labels and n_groups > 1:
        _refuse_equal(group_equal, centering)
    used = _columns(data, model)
    if missing == "fiml":
        used = variable_roles(draft.statements).exogenous_observed if defaults.fixed_exogenous else ()
    frame = with_products(data, model.products, centering=centering, complete=_parts(used), group=group)
    made = tuple(pair for product in model.products for pair in product.indicators)
    return ProductIndicatorModel(
        statements=draft.statements,
        frame=frame,
        products={product.name: product.factors for product in model.products},
        recentred=made if centering != "residual" else (),
        notes=product_notes(
            model,
            centering=centering,
            n_missing=int(frame[[pair.name for pair in made]].isna().any(axis=1).sum()) * (missing == "fiml"),
            is_grouped=n_groups > 1,
            robust=cluster is not None or estimator not in NORMAL_THEORY,
        ),
    )


def with_products(
    data: pd.DataFrame,
    products: Sequence[LatentProduct],
    *,
    centering: Centering = "double",
    complete: Sequence[str] = (),
    group: str | None = None,
) -> pd.DataFrame:
    """The data with a column for each product indicator.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent.
    products : sequence of LatentProduct
        Whose indicators are wanted.
    centering
        As in :func:`with_product_indicators`.
    complete : sequence of str
        Columns without which a row is not used; its products are missing, and it has no part in means.
    group : str, optional
        Grouping column; rows that have no group are not used.

    Raises
    ------
    DataError
        Lists items that are absent or not numeric, and columns that have the name of a product.

    Examples
    --------
    >>> from surveysem.specification.products import latent_product
    >>> data = pd.DataFrame({"x": [0.0, 1.0, 2.0], "z": [1.0, 1.0, 4.0]})
    >>> with_products(data, [latent_product(("X", "z"), (["x"], ["z"]), "all")])["x.z"].tolist()
    [0.0, -1.0, 1.0]
    """
    pairs = [pair for product in products for pair in product.indicators]
    predictors = {pair.name: product.first_order_indicators for product in products for pair in product.indicators}
    rows = data.reset_index(drop=True)
    rows = rows.dropna(subset=[*complete, *([] if group is None else [group])])
    parts = [rows] if group is None or rows.empty else [part for _, part in rows.groupby(group)]
    made = pd.concat(
        [
            product_indicators(part, pairs, centering=_MADE[centering], predictors=predictors, incomplete=True)
            for part in parts
        ]
    )
    return pd.concat([data, made.reindex(range(len(data))).set_axis(data.index)], axis=1)


def _columns(data: pd.DataFrame, model: ModeratedModel) -> tuple[str, ...]:
    """Columns that the model needs.

    Raises
    ------
    DataError
        Lists those that are absent or cannot be told apart.
    """
    needed = _parts(model.roles.observed)
    counts = {name: int((data.columns == name).sum()) for name in needed}
    problems = [
        absent_column(name, data.columns)
        if not count
        else Problem(where=f"variable {name}", found=f"{count} columns have this name", remedy="Rename all but one.")
        for name, count in counts.items()
        if count != 1
    ]
    if problems:
        raise DataError("The data lack variables of the model.", problems)
    return needed


def _parts(names: Sequence[str]) -> tuple[str, ...]:
    """Columns that observed variables are made of: a product of observed ones, ``a:b``, is made of two."""
    return tuple(dict.fromkeys(part for name in names for part in name.split(":")))


def _check_ordered(model: ModeratedModel, ordered: Sequence[str] | bool) -> None:
    """Refuse products of ordered items: they would be products of codes, not of latent responses."""
    named = {ordered} if isinstance(ordered, str) else set(() if isinstance(ordered, bool) else ordered)
    named |= set(ordered_variables(model.statements))
    items = dict.fromkeys(item for product in model.products for item in product.first_order_indicators)
    refused = [item for item in items if item in named or ordered is True]
    if refused:
        raise UnsupportedError(
            f"Products of ordered items are not available ({', '.join(refused)}): they would be products of codes, not "
            "of the latent responses that the codes stand for. Treat these items as continuous, with estimator='MLR'."
        )


def _refuse_equal(group_equal: Sequence[str], centering: Centering) -> None:
    """Parameters that formulas need have a label for each group, so they cannot be held equal by kind."""
    if group_equal:
        raise UnsupportedError(
            "group_equal is not available where the scale or the moments of a latent product follow from a formula "
            f"(std_lv=True, freed first loadings, centering={centering!r}). Available: centering='double' or "
            "'residual', with a loading of each factor fixed to 1."
        )
