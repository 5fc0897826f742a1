"""A model's latent products told apart: each once, with the items to be multiplied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from surveysem.errors import ModelSyntaxError, Problem, UnsupportedError
from surveysem.specification.defaults import SEM_DEFAULTS, Defaults
from surveysem.specification.labelling import ModelDraft
from surveysem.specification.moderation import latent_products, without_products
from surveysem.specification.products import LatentProduct, Pairs, latent_product, product_name
from surveysem.specification.roles import VariableRoles, variable_roles
from surveysem.specification.statements import Statement


@dataclass(frozen=True, kw_only=True)
class ModeratedModel:
    """A model with its latent products told apart.

    Parameters
    ----------
    statements : tuple of Statement
        The model, with the names of the products where ``X:Z`` was written.
    products : tuple of LatentProduct
        Each once, whichever way round its factors were written.
    """

    statements: tuple[Statement, ...]
    products: tuple[LatentProduct, ...]

    @cached_property
    def roles(self) -> VariableRoles:
        """Roles of the variables, products and their indicators left aside."""
        names = {product.name for product in self.products}
        names |= {pair.name for product in self.products for pair in product.indicators}
        return variable_roles([each for each in self.statements if not {each.lhs, each.rhs} & names])

    @property
    def factors(self) -> tuple[str, ...]:
        """Variables that products are made of."""
        return tuple(dict.fromkeys(factor for product in self.products for factor in product.factors))

    @property
    def exogenous_moderators(self) -> tuple[str, ...]:
        """Observed factors of products that nothing in the model explains."""
        explained = {each.lhs for each in self.statements if each.op == "~"}
        explained |= {each.rhs for each in self.statements if each.op == "=~"}
        return tuple(name for name in self.factors if name not in self.roles.latent and name not in explained)

    @property
    def outcome_factors(self) -> tuple[str, ...]:
        """Factors of products that the model explains."""
        exogenous = {*self.roles.exogenous_latent, *self.exogenous_moderators}
        return tuple(name for name in self.factors if name not in exogenous)


def moderated_model(
    statements: Sequence[Statement],
    pairs: Pairs | Mapping[str, Pairs],
    *,
    defaults: Defaults = SEM_DEFAULTS,
    n_groups: int = 1,
) -> ModeratedModel:
    """Latent products of a model, with the items to be multiplied.

    Parameters
    ----------
    statements : sequence of Statement
        The model, with rows ``Y ~ X:Z``.
    pairs : {"all", "matched"}, or mapping of str to these
        Which items are multiplied; a mapping says it for each product ``X:Z``.
    defaults : Defaults
        What will be added to the model, which decides the items that set scales.
    n_groups : int
        Number of groups.

    Raises
    ------
    ModelSyntaxError
        For products that :func:`~surveysem.specification.moderation.latent_products` refuses, those that stand twice
        in an equation, and those whose name is a variable's.
    UnsupportedError
        For products of latent variables without an item of their own: second-order ones, and those all of whose items
        measure something else too.

    Notes
    -----
    An item that measures another latent variable too is not multiplied: its products would measure two latent
    products. The items that set the scales of the two variables come first, so that matched pairs contain their
    product.

    Examples
    --------
    >>> from surveysem.specification import parse_syntax
    >>> model = moderated_model(parse_syntax("X =~ x1 + x2; Z =~ z1 + z2; Y =~ y1 + y2; Y ~ X + Z + X:Z"), "all")
    >>> [pair.name for pair in model.products[0].indicators], model.statements[-1].rhs
    (['x1.z1', 'x1.z2', 'x2.z1', 'x2.z2'], 'X_x_Z')
    """
    terms = latent_products(statements)
    first_written = {frozenset(pair): pair for pair in reversed(list(terms.values()))}
    canonical = {term: first_written[frozenset(pair)] for term, pair in terms.items()}
    _check_terms(statements, canonical)
    items = _items_of_factors(without_products(statements, terms), canonical.values(), defaults, n_groups)
    products = [
        latent_product(
            pair, (items[pair[0]], items[pair[1]]), pairs if isinstance(pairs, str) else pairs[":".join(pair)]
        )
        for pair in dict.fromkeys(canonical.values())
    ]
    renamed = tuple(
        replace(each, rhs=product_name(*canonical[each.rhs])) if each.rhs in canonical else each for each in statements
    )
    return ModeratedModel(statements=renamed, products=tuple(products))


def _check_terms(statements: Sequence[Statement], canonical: Mapping[str, tuple[str, str]]) -> None:
    """Refuse a product that stands twice in an equation, and names of products that are taken."""
    written = Counter((each.lhs, canonical[each.rhs]) for each in statements if each.rhs in canonical)
    problems = [
        Problem(where=f"{outcome} ~ {':'.join(pair)}", found="the product stands twice", remedy="Keep one of the two.")
        for (outcome, pair), count in written.items()
        if count > 1
    ]
    variables = {name for each in statements for name in (each.lhs, each.rhs)}
    problems += [
        Problem(
            where=name,
            found=f"this variable has the name of the product {':'.join(pair)}",
            remedy="Rename the variable.",
        )
        for pair in dict.fromkeys(canonical.values())
        if (name := product_name(*pair)) in variables
    ]
    if problems:
        raise ModelSyntaxError("The latent interactions cannot be read.", problems)


def _items_of_factors(
    statements: Sequence[Statement], pairs: Iterable[tuple[str, str]], defaults: Defaults, n_groups: int
) -> dict[str, tuple[str, ...]]:
    draft = ModelDraft(statements, defaults, n_groups=n_groups)
    items = {factor: _factor_items(statements, factor, draft) for pair in pairs for factor in pair}
    problems = [_no_items(statements, factor) for factor, own in items.items() if not own]
    if problems:
        raise UnsupportedError("\n".join(["Product indicators cannot be made.", *map(str, problems)]))
    return items


def _factor_items(statements: Sequence[Statement], factor: str, draft: ModelDraft) -> tuple[str, ...]:
    """Items of a variable that are multiplied, the one that sets its scale first; an observed variable is its own."""
    latent = {each.lhs for each in statements if each.op == "=~"}
    if factor not in latent:
        return (factor,)
    measured = Counter(each.rhs for each in statements if each.op == "=~")
    items = [each.rhs for each in statements if each.op == "=~" and each.lhs == factor]
    if latent & set(items):
        return ()
    own = [item for item in items if measured[item] == 1]

    def sets_scale(item: str) -> bool:
        return all(draft.fixed_value(factor, "=~", item, group) for group in range(draft.n_groups))

    return tuple(sorted(own, key=lambda item: not sets_scale(item)))


def _no_items(statements: Sequence[Statement], factor: str) -> Problem:
    latent = {each.lhs for each in statements if each.op == "=~"}
    items = [each.rhs for each in statements if each.op == "=~" and each.lhs == factor]
    of_second_order = latent & set(items)
    found = "its indicators are latent variables" if of_second_order else "all its items measure something else too"
    remedy = "Use its first-order latent variables in products" if of_second_order else "Give it items of its own"
    return Problem(where=f"latent variable {factor}", found=found, remedy=f'{remedy}, or interaction="lms".')
