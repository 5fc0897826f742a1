"""Products of indicators centred anew in every replicate.

Product indicators are made of deviations from the means of a sample, so that a new sample has other products. Those of
a replicate are a linear function of the old ones and their factors: with a and d the shifts of the means of x and z,
(x − x̄ − a)(z − z̄ − d) = (x − x̄)(z − z̄) − d (x − x̄) − a (z − z̄) + ad. The moments of a replicate's own products
therefore follow from the moments of the old columns. It matters: a main effect is the effect at the mean of the
moderator, and resampling the old products takes that mean for known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from surveysem.errors import DataError, Problem
from surveysem.estimation.stacks import BoolArray, SampleStack
from surveysem.specification.products import ProductPair
from surveysem.typing import FloatArray, IntArray

_ROUNDING = 1e-8
"""Difference of two products, relative to their standard deviation, that rounding alone can make."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ProductColumns:
    """Which observed variables are products of which, by their places; *k* products.

    Parameters
    ----------
    product, first, second : int arrays of shape (k,)
        The products and their factors.
    twice : bool
        Whether the products are centred too, after their factors.
    within_groups : bool
        Whether means are those of each group, or of all rows.
    """

    product: IntArray
    first: IntArray
    second: IntArray
    twice: bool = True
    within_groups: bool = False

    def __len__(self) -> int:
        return len(self.product)


def product_columns(
    pairs: Sequence[ProductPair], variables: tuple[str, ...], rows: Sequence[FloatArray]
) -> ProductColumns:
    """Places of products and factors among the variables.

    Parameters
    ----------
    pairs : sequence of ProductPair
        What is a product of what; those that are not among the variables are left aside.
    variables : tuple of str, length *p*
        Observed variables of the model.
    rows : sequence of arrays of shape (n, p)
        Observations of each group; NaN where missing.

    Raises
    ------
    DataError
        Lists products whose factors are not observed variables of the model, and columns that are no centred products.
    """
    used = [pair for pair in pairs if pair.name in variables]
    problems = [
        Problem(
            where=f"product {pair.name}",
            found=f"its factor {factor} is not an observed variable of the model",
            remedy="Add it, or bootstrap the products as they stand: leave this one out of product_indicators.",
        )
        for pair in used
        for factor in dict.fromkeys((pair.predictor_indicator, pair.moderator_indicator))
        if factor not in variables
    ]
    if problems:
        raise DataError("Products cannot be centred anew in each replicate.", problems)
    names = [(pair.name, pair.predictor_indicator, pair.moderator_indicator) for pair in used]
    places = np.array([[variables.index(name) for name in each] for each in names], dtype=np.int64).reshape(-1, 3)
    columns = ProductColumns(product=places[:, 0], first=places[:, 1], second=places[:, 2])
    return _as_made(columns, variables, rows) if used else columns


def _as_made(columns: ProductColumns, variables: tuple[str, ...], rows: Sequence[FloatArray]) -> ProductColumns:
    """How the products were centred, found by making them again."""
    places = (False, True) if len(rows) > 1 else (False,)
    wrong = []
    for twice, within in ((twice, within) for twice in (True, False) for within in places):
        candidate = replace(columns, twice=twice, within_groups=within)
        differs = _differing(candidate, rows)
        if not differs.any():
            return candidate
        wrong.append(differs)
    problems = [
        Problem(
            where=f"column {variables[product]}",
            found=f"it is not the product of {variables[first]} and {variables[second]}, centred at the analysed rows",
            remedy="Correct its factors, or bootstrap it as it stands: leave it out of product_indicators.",
        )
        for product, first, second, never in zip(
            columns.product, columns.first, columns.second, np.all(wrong, axis=0), strict=True
        )
        if never or not np.all(wrong, axis=0).any()
    ]
    raise DataError("Products cannot be centred anew in each replicate.", problems)


def _differing(columns: ProductColumns, rows: Sequence[FloatArray]) -> BoolArray:
    """Which products differ from those made anew from all rows, of shape (k,)."""
    whole = [np.ones((1, len(each))) for each in rows]
    made = np.vstack([each[0] for each in recentred_product_rows(rows, whole, columns)])[:, columns.product]
    found = np.vstack(list(rows))[:, columns.product]
    differs: BoolArray = np.nanmax(np.abs(made - found), axis=0) > _ROUNDING * np.nanstd(found, axis=0)
    return differs


def recentred_product_moments(
    samples: Sequence[SampleStack], rows: Sequence[FloatArray], columns: ProductColumns
) -> list[SampleStack]:
    """Moments of samples whose products are centred anew, from moments with the old products.

    Parameters
    ----------
    samples : sequence of SampleStack
        One a group; *b* samples of *p* variables, products among them.
    rows : sequence of arrays of shape (n, p)
        The complete rows of each group, at whose means the old products were centred.
    columns : ProductColumns
        Which variables are products of which.

    Returns
    -------
    list of SampleStack
        Factors are centred at their mean in a sample and, where they were before, products at theirs.

    Notes
    -----
    Exact, not an approximation.

    References
    ----------
    lin_2010

    Examples
    --------
    >>> x, z = np.array([1.0, 2.0, 6.0]), np.array([0.0, 3.0, 3.0])
    >>> old = (x - 3) * (z - 2)
    >>> rows = np.column_stack([x, z, old - old.mean()])
    >>> drawn = rows[[0, 0, 1]]
    >>> covariances, means = np.cov(drawn.T, bias=True)[None], drawn.mean(axis=0)[None]
    >>> stack = SampleStack(covariances=covariances, means=means, n_obs=np.ones(1))
    >>> columns = ProductColumns(product=np.array([2]), first=np.array([0]), second=np.array([1]))
    >>> recentred = recentred_product_moments([stack], [rows], columns)[0]
    >>> x, z = drawn[:, 0] - drawn[:, 0].mean(), drawn[:, 1] - drawn[:, 1].mean()
    >>> bool(np.isclose(recentred.covariances[0, 2, 2], (x * z).var()))
    True
    """
    if columns.within_groups:
        return [_recentred([stack], each.mean(axis=0), columns)[0] for stack, each in zip(samples, rows, strict=True)]
    return _recentred(samples, np.vstack(list(rows)).mean(axis=0), columns)


def _recentred(samples: Sequence[SampleStack], centres: FloatArray, columns: ProductColumns) -> list[SampleStack]:
    shift = _pooled_means(samples) - centres
    shifted = [_shifted(stack, shift, centres, columns) for stack in samples]
    if columns.twice:
        left = _pooled_means(shifted)[:, columns.product]
        for stack in shifted:
            stack.means[:, columns.product] -= left
    return shifted


def _pooled_means(samples: Sequence[SampleStack]) -> FloatArray:
    """Means over the rows of all groups, of shape (b, p)."""
    n_obs = np.array([stack.n_obs for stack in samples])[:, :, None]
    means = np.array([stack.means for stack in samples])
    pooled: FloatArray = (n_obs * means).sum(axis=0) / n_obs.sum(axis=0)
    return pooled


def _shifted(stack: SampleStack, shift: FloatArray, centres: FloatArray, columns: ProductColumns) -> SampleStack:
    """Moments with factors of the products centred at *centres* (p,) + *shift* (b, p) instead of *centres*."""
    mapping = np.tile(np.eye(stack.means.shape[1]), (len(stack), 1, 1))
    constants = np.zeros_like(stack.means)
    for product, first, second in zip(columns.product, columns.first, columns.second, strict=True):
        a, d = shift[:, first], shift[:, second]
        mapping[:, first, product] -= d
        mapping[:, second, product] -= a
        constants[:, product] = d * centres[first] + a * centres[second] + a * d
    covariances = mapping.swapaxes(1, 2) @ stack.covariances @ mapping
    return SampleStack(
        covariances=(covariances + covariances.swapaxes(1, 2)) / 2.0,
        means=(stack.means[:, None] @ mapping)[:, 0] + constants,
        n_obs=stack.n_obs,
    )


def recentred_product_rows(
    rows: Sequence[FloatArray], frequencies: Sequence[FloatArray], columns: ProductColumns
) -> list[FloatArray]:
    """Rows of samples with products centred anew, each group's of shape (b, n, p).

    Parameters
    ----------
    rows : sequence of arrays of shape (n, p)
        Observations of each group; NaN where missing. Means are those of the rows that have a value.
    frequencies : sequence of arrays of shape (b, n)
        How often each row is in each sample.
    columns : ProductColumns
        Which variables are products of which.
    """
    if columns.within_groups:
        pairs = zip(rows, frequencies, strict=True)
        return [_made_anew([each], [counts], columns)[0] for each, counts in pairs]
    return _made_anew(rows, frequencies, columns)


def _made_anew(
    rows: Sequence[FloatArray], frequencies: Sequence[FloatArray], columns: ProductColumns
) -> list[FloatArray]:
    made = [np.tile(each, (len(counts), 1, 1)) for each, counts in zip(rows, frequencies, strict=True)]
    for product, first, second in zip(columns.product, columns.first, columns.second, strict=True):
        of_first, of_second = (_means(made, frequencies, at) for at in (first, second))
        for values in made:
            fresh = (values[:, :, first] - of_first) * (values[:, :, second] - of_second)
            values[:, :, product] = np.where(np.isnan(values[:, :, product]), np.nan, fresh)
        of_product = _means(made, frequencies, product) if columns.twice else 0.0
        for values in made:
            values[:, :, product] -= of_product
    return made


def _means(values: Sequence[FloatArray], frequencies: Sequence[FloatArray], at: int) -> FloatArray:
    """Means (b, 1) of one variable over the rows of all groups that have it."""
    columns = [each[:, :, at] for each in values]
    known = [np.where(np.isnan(each), 0.0, counts) for each, counts in zip(columns, frequencies, strict=True)]
    total = np.sum([(np.nan_to_num(each) * counts).sum(axis=1) for each, counts in zip(columns, known, strict=True)], 0)
    means: FloatArray = (total / np.sum([counts.sum(axis=1) for counts in known], axis=0))[:, None]
    return means
