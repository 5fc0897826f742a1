"""Latent products in model syntax: ``Y ~ X + Z + X:Z``, where at least one of X and Z is latent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from surveysem.errors import ModelSyntaxError, Problem
from surveysem.specification.parameters import Parameter
from surveysem.specification.statements import Statement


def latent_products(statements: Sequence[Statement]) -> Mapping[str, tuple[str, str]]:
    """Products of latent variables by name, with their two factors, in order of appearance.

    Raises
    ------
    ModelSyntaxError
        Lists products of more than two factors, those that are no predictors, those whose main effects are not in
        the same equation, and those made of variables that themselves depend on a product.

    Examples
    --------
    >>> from surveysem.specification import parse_syntax
    >>> dict(latent_products(parse_syntax("X =~ x1 + x2; Z =~ z1 + z2; Y =~ y1 + y2; Y ~ X + Z + X:Z")))
    {'X:Z': ('X', 'Z')}
    """
    latent = {each.lhs for each in statements if each.op == "=~"}
    terms = [each for each in statements if _is_product(each.rhs, latent) or _is_product(each.lhs, latent)]
    problems = [_misplaced(each) for each in terms if each.op != "~" or not _is_product(each.rhs, latent)]
    terms = [each for each in terms if each.op == "~" and _is_product(each.rhs, latent)]
    problems += [_too_long(each) for each in terms if each.rhs.count(":") > 1]
    terms = [each for each in terms if each.rhs.count(":") == 1]
    problems += [problem for each in terms for problem in _main_effect_problems(each, statements)]
    problems += _nested_problems(terms, statements)
    if problems:
        raise ModelSyntaxError("The latent interactions cannot be read.", problems)
    return MappingProxyType({each.rhs: _factors(each.rhs) for each in terms})


def without_products(statements: Sequence[Statement], products: Mapping[str, tuple[str, str]]) -> tuple[Statement, ...]:
    """Statements of the linear part of the model."""
    return tuple(each for each in statements if each.rhs not in products)


def insert_products(rows: Sequence[Parameter], product_rows: Iterable[Parameter]) -> list[Parameter]:
    """Rows with each product after the last written regression of its outcome."""
    result = list(rows)
    for added in product_rows:
        last = max(index for index, row in enumerate(result) if row.op == "~" and row.lhs == added.lhs)
        result.insert(last + 1, added)
    return result


def _is_product(name: str, latent: set[str]) -> bool:
    return ":" in name and bool(set(name.split(":")) & latent)


def _factors(name: str) -> tuple[str, str]:
    first, second = name.split(":")
    return first, second


def _misplaced(statement: Statement) -> Problem:
    return Problem(
        where=f"{statement.lhs} {statement.op} {statement.rhs}",
        found="a product of latent variables where it is no predictor",
        remedy="Products of latent variables stand on the right of ~ only.",
    )


def _too_long(statement: Statement) -> Problem:
    return Problem(
        where=f"{statement.lhs} ~ {statement.rhs}",
        found="a product of more than two variables",
        remedy="Use products of two variables.",
    )


def _main_effect_problems(term: Statement, statements: Sequence[Statement]) -> list[Problem]:
    predictors = {each.rhs for each in statements if each.op == "~" and each.lhs == term.lhs}
    missing = [name for name in dict.fromkeys(_factors(term.rhs)) if name not in predictors]
    return [
        Problem(
            where=f"{term.lhs} ~ {term.rhs}",
            found=f"the equation lacks the main effect of {name}",
            remedy=f"Add {name} as a predictor of {term.lhs}, or 0*{name} if it is to have no effect.",
        )
        for name in missing
    ]


def _nested_problems(terms: Sequence[Statement], statements: Sequence[Statement]) -> list[Problem]:
    dependent = _dependent_on(
        {each.lhs for each in terms}, [each for each in statements if each.op in ("~", "=~") and ":" not in each.rhs]
    )
    return [
        Problem(
            where=f"{term.lhs} ~ {term.rhs}",
            found=f"{name} itself depends on a product",
            remedy="Products are available of variables that do not depend on other products.",
        )
        for term in terms
        for name in dict.fromkeys(_factors(term.rhs))
        if name in dependent
    ]


def _dependent_on(outcomes: set[str], linear: Sequence[Statement]) -> set[str]:
    """The outcomes and all variables that paths or loadings lead to from them."""
    reached = set(outcomes)
    while True:
        further = {each.lhs for each in linear if each.op == "~" and each.rhs in reached}
        further |= {each.rhs for each in linear if each.op == "=~" and each.lhs in reached}
        if further <= reached:
            return reached
        reached |= further
