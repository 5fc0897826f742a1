"""The structural model of a study under any method of latent moderation, and what is fitted beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from surveysem.findings import Finding
from surveysem.inference import Fit, compare
from surveysem.modelling import fit_statements
from surveysem.modelling.product_indicator import ProductIndicatorModel, with_product_indicators
from surveysem.specification import LatentInteraction, ModelSpecification, Statement, moderated_statements
from surveysem.specification.expressions import names_in
from surveysem.study.analysis import fit_options

ALL_PRODUCTS = "all products"


@dataclass(frozen=True, kw_only=True, eq=False)
class StructuralFits:
    """A structural model with the models it is compared with.

    Parameters
    ----------
    full : Fit
        The model of the study.
    linear : Fit or None
        The same without its latent products, where these were estimated by LMS or QML: such a model has no chi-square,
        so its linear part is what fit criteria judge.
    product_tests : pandas.DataFrame
        Likelihood-ratio tests of each product and of all together, by label of the interaction: outcome, product,
        chisq_diff, df_diff, p_value, method, finding. Empty for product indicators.
    """

    full: Fit
    linear: Fit | None = None
    product_tests: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def judged(self) -> tuple[str, Fit]:
        """The model whose chi-square fit criteria are held against, with its name."""
        if self.linear is None:
            return "structural model", self.full
        return "structural model without its products", self.linear


def fit_structural(
    specification: ModelSpecification, frame: pd.DataFrame, settings: Mapping[str, Any], notes: tuple[Finding, ...] = ()
) -> StructuralFits:
    """The structural model fitted by the method that the settings name.

    Parameters
    ----------
    specification : ModelSpecification
        The model.
    frame : pandas.DataFrame
        Its indicators, one row a respondent.
    settings : Mapping of str to str
        estimator, missing, engine, interaction, centering for product indicators, ordered and cluster where they have
        a part.
    notes : tuple of Finding
        What was noticed before.
    """
    statements = moderated_statements(specification)
    options = fit_options(settings)
    if not specification.interactions:
        return StructuralFits(full=fit_statements(statements, frame, notes=notes, **options))
    if settings["interaction"] == "product_indicator":
        return StructuralFits(full=_by_product_indicators(specification, frame, settings, options, notes))
    method = settings["interaction"]
    options["interaction"] = method
    full = fit_statements(statements, frame, notes=notes, nodes=settings.get("nodes"), **options)
    restricted = {
        each.label: fit_statements(_without(statements, [each]), frame, **options)
        for each in specification.interactions
        if len(specification.interactions) > 1
    }
    linear = fit_statements(_without(statements, specification.interactions), frame, **options)
    return StructuralFits(
        full=full, linear=linear, product_tests=_product_tests(specification, full, restricted, linear)
    )


def _by_product_indicators(
    specification: ModelSpecification,
    frame: pd.DataFrame,
    settings: Mapping[str, Any],
    options: Mapping[str, Any],
    notes: tuple[Finding, ...],
) -> Fit:
    model = product_model(specification, frame, settings)
    return fit_statements(
        model.statements,
        model.frame,
        products=model.products,
        product_indicators=model.recentred,
        notes=(*notes, *model.notes),
        **options,
    )


def product_model(
    specification: ModelSpecification, frame: pd.DataFrame, settings: Mapping[str, Any]
) -> ProductIndicatorModel:
    """The structural model with product indicators, and the data with the products; see :func:`fit_structural`."""
    clusters = [settings["cluster"]] if "cluster" in settings else []
    return with_product_indicators(
        moderated_statements(specification),
        frame[[*specification.indicators, *clusters]],
        centering=settings["centering"],
        pairs=specification.product_pairs,
        missing=settings["missing"],
        estimator=settings["estimator"],
        cluster=settings.get("cluster"),
    )


def _without(
    statements: tuple[Statement, ...], interactions: tuple[LatentInteraction, ...] | list[LatentInteraction]
) -> tuple[Statement, ...]:
    """The model without some products, nor what is defined by their labels."""
    dropped = {(each.outcome, each.term) for each in interactions}
    kept = [each for each in statements if each.op != "~" or (each.lhs, each.rhs) not in dropped]
    known = {each.label for each in kept if each.label}
    return tuple(each for each in kept if each.op != ":=" or set(names_in(each.rhs)) <= known)


def _product_tests(
    specification: ModelSpecification, full: Fit, restricted: Mapping[str, Fit], linear: Fit
) -> pd.DataFrame:
    models = dict(restricted) or {specification.interactions[0].label: linear}
    if restricted:
        models[ALL_PRODUCTS] = linear
    rows = [compare(full, fit).iloc[-1] for fit in models.values()]
    columns = ["chisq_diff", "df_diff", "p_value", "method", "finding"]
    tests = pd.DataFrame([row[columns] for row in rows], index=list(models))
    terms = {each.label: (each.outcome, each.term) for each in specification.interactions}
    places = [terms.get(name, ("", "")) for name in models]
    tests.insert(0, "outcome", [outcome for outcome, _ in places])
    tests.insert(1, "product", [product for _, product in places])
    return tests
