"""A study's structural model at its population: the moments it implies and the information they hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from surveysem.data.answer_draws import bounded
from surveysem.data.moments import SampleMoments
from surveysem.data.population import PopulationMoments
from surveysem.data.simulation import default_thresholds
from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution, estimate_model
from surveysem.inference.information import parameter_covariance
from surveysem.inference.standardized import standardizing_factors
from surveysem.instrument import ResponseScale
from surveysem.modelling.product_indicator import with_product_indicators
from surveysem.planning.design import PILOT, PowerDesign, attentive
from surveysem.planning.effects import population_of
from surveysem.planning.fast_replication import drawn
from surveysem.specification import (
    Parameter,
    ParameterTable,
    ProductPair,
    moderated_statements,
    parameter_table,
)
from surveysem.typing import EstimatorName, FloatArray

FOURTH_MOMENTS_SIZE = 20_000
"""Respondents drawn for the fourth moments of products, which are not normal."""
_GRID = 20_001


@dataclass(frozen=True, kw_only=True, eq=False)
class PopulationModel:
    """A structural model fitted to the moments of its population.

    Parameters
    ----------
    group : GroupSolution
        The model; its estimates are the population's parameters, in units of standardised items.
    covariance : array of shape (q, q)
        Covariance of the estimates times *n*.
    products : dict of str to (str, str)
        Latent products by name.
    discrepancy : float
        F; 0 where the model holds in the population.
    """

    group: GroupSolution
    covariance: FloatArray
    products: dict[str, tuple[str, str]]
    discrepancy: float

    @property
    def degrees_of_freedom(self) -> int:
        """Of the covariance structure."""
        p, q = len(self.group.structure.observed), self.group.structure.n_free
        return p * (p + 1) // 2 - q

    def row(self, outcome: str, *factors: str) -> Parameter:
        """The row of a path, or of an interaction where two factors are named."""
        names = {frozenset(pair): name for name, pair in self.products.items()}
        predictor = factors[0] if len(factors) == 1 else names[frozenset(factors)]
        return next(r for r in self.group.table if (r.lhs, r.op, r.rhs) == (outcome, "~", predictor))

    def effect(self, row: Parameter) -> tuple[float, float, float]:
        """Estimate, its standard error times √n, and standardised value of a row."""
        place = row.free - 1
        factor = standardizing_factors(self.group, [row], "std_all", self.products).values[0]
        value = float(self.group.theta[place])
        return value, float(np.sqrt(self.covariance[place, place])), float(factor * value)


def population_model(design: PowerDesign) -> PopulationModel:
    """The structural model of a design at its population.

    Raises
    ------
    UnsupportedError
        For methods whose information is not known in closed form; simulation serves all.

    Notes
    -----
    Items are standard normal, with loadings lowered to the correlation of the answers, cut into the options of their
    scale, with the latent variable. Products of items have the covariances of products of normal variables. Where the
    estimator is robust and there are products, the fourth moments are those of 20,000 drawn respondents.
    """
    _check(design)
    small = drawn(design.simulator, design.items, 4, design.stream(PILOT, 2))
    table, pairs, products = _model(design, pd.DataFrame(small, columns=list(design.items)))
    columns = [*design.items, *(pair.name for pair in pairs)]
    order = [columns.index(name) for name in table.observed]
    covariance = observed_covariance(design, pairs)[np.ix_(order, order)]
    robust = bool(pairs) and design.options["estimator"] != "ML"
    rows = _standardized_rows(design, pairs)[:, order] if robust else np.zeros((0, len(order)))
    moments = SampleMoments(
        variables=table.observed,
        covariance=covariance,
        means=rows.mean(axis=0) if robust else np.zeros(len(order)),
        n_obs=FOURTH_MOMENTS_SIZE,
        observations=rows,
    )
    solution = estimate_model(table, moments)
    estimator: EstimatorName = design.options["estimator"] if robust else "ML"
    return PopulationModel(
        group=solution.groups[0],
        covariance=parameter_covariance(solution, estimator) * FOURTH_MOMENTS_SIZE,
        products=products,
        discrepancy=solution.discrepancy,
    )


def observed_covariance(design: PowerDesign, pairs: tuple[ProductPair, ...]) -> FloatArray:
    """Covariances of *p* standardised items and *k* centred products of them, of shape (p + k, p + k).

    Among items they are products of lowered loadings and latent correlations; among products, those of normal
    variables (Isserlis); a product covaries with the items of outcomes that its latent product predicts.
    """
    moments = PopulationMoments(population_of(design.study))
    variables = design.study.specification.latent_variables
    names = [each.name for each in variables]
    measures = np.repeat(np.arange(len(names)), [len(each.indicators) for each in variables])
    written_on = [(item, design.study.instrument.item(item).scale) for each in variables for item in each.indicators]
    kept = {scale: attenuation(design.study.instrument.scale(scale)) for _, scale in written_on}
    loadings = np.array([population_of(design.study).loadings[item] * kept[scale] for item, scale in written_on])
    places = {item: place for place, (item, _) in enumerate(written_on)}
    latent = np.array([[moments.covariance((one,), (other,)) for other in names] for one in names])
    items = latent[np.ix_(measures, measures)] * np.outer(loadings, loadings)
    np.fill_diagonal(items, 1.0)
    first = np.array([places[pair.predictor_indicator] for pair in pairs], dtype=np.int64)
    second = np.array([places[pair.moderator_indicator] for pair in pairs], dtype=np.int64)
    among = items[np.ix_(first, first)] * items[np.ix_(second, second)]
    among += items[np.ix_(first, second)] * items[np.ix_(second, first)]
    factors = [(names[measures[i]], names[measures[j]]) for i, j in zip(first, second, strict=True)]
    across = np.array([[moments.covariance(term, (name,)) for term in factors] for name in names])
    across = across.reshape(len(names), len(factors))[measures]
    across *= loadings[:, None] * (loadings[first] * loadings[second])
    covariance: FloatArray = np.block([[items, across], [across.T, among]])
    return covariance


def attenuation(scale: ResponseScale) -> float:
    """Correlation of answers on a scale with the normal tendency behind them, at the thresholds of simulated answers.

    Examples
    --------
    >>> from surveysem.instrument import read_instrument
    >>> instrument = read_instrument("b2b_micro_influencer")
    >>> round(attenuation(instrument.scale(instrument.items[0].scale)), 3)
    0.97
    """
    tendency = ndtri((np.arange(_GRID) + 0.5) / _GRID)
    if scale.kind == "number":
        answers = bounded(tendency, scale)
    else:
        codes = np.sort(np.array(scale.codes, dtype=np.float64))
        answers = codes[np.searchsorted(default_thresholds(codes.size), tendency)]
    return float(np.corrcoef(tendency, answers)[0, 1])


def _standardized_rows(design: PowerDesign, pairs: tuple[ProductPair, ...]) -> FloatArray:
    """Drawn answers in units of their standard deviation, and their double-mean-centred products."""
    answers = drawn(design.simulator, design.items, FOURTH_MOMENTS_SIZE, design.stream(PILOT, 1))
    items = (answers - answers.mean(axis=0)) / answers.std(axis=0)
    made = [
        items[:, design.items.index(pair.predictor_indicator)] * items[:, design.items.index(pair.moderator_indicator)]
        for pair in pairs
    ]
    return np.column_stack([items, *(product - product.mean() for product in made)])


def _model(
    design: PowerDesign, frame: pd.DataFrame
) -> tuple[ParameterTable, tuple[ProductPair, ...], dict[str, tuple[str, str]]]:
    specification = design.study.specification
    statements = moderated_statements(specification)
    if not specification.interactions:
        return parameter_table(statements), (), {}
    model = with_product_indicators(
        statements,
        frame,
        centering="double",
        pairs=specification.product_pairs,
        estimator=design.options["estimator"],
    )
    return parameter_table(model.statements), model.recentred, dict(model.products)


def _check(design: PowerDesign) -> None:
    found = [each for each in design.obstacles_to_speed if not each.startswith("a proposition")]
    if design.options["missing"] == "fiml":
        found.append("missing='fiml'")
    if design.responses != attentive(0.0):
        found.append("answers are simulated with options of their own")
    if found:
        raise UnsupportedError(
            f"Power is not known in closed form here ({'; '.join(found)}). "
            'Use method="simulation", which serves every estimator and method.'
        )
