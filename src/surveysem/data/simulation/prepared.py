"""A simulation checked and factorised once, from which samples are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from surveysem.data.population import PopulationValues
from surveysem.data.simulation.checks import option_problems, shared_problems
from surveysem.data.simulation.gaps import dealt_forms
from surveysem.data.simulation.groups import GroupPopulation, group_numbers, group_populations
from surveysem.data.simulation.items import ItemPlan, item_plans, loadings_of
from surveysem.data.simulation.latent import (
    LatentSampler,
    NestedInputs,
    RepeatedInputs,
    latent_sampler,
    nested_inputs,
    repeated_inputs,
    skewed_sources,
)
from surveysem.data.simulation.options import SimulationOptions, simulation_options
from surveysem.data.simulation.shared import by_name
from surveysem.data.simulation.streams import Stream, stream
from surveysem.data.simulation_checks import indicator_problems, latent_variable_problems
from surveysem.errors import Problem, StudyError
from surveysem.instrument import Instrument
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupSampler:
    """One group made ready to be drawn from.

    Parameters
    ----------
    code : int or None
        Option of the grouping question.
    share : float
        Share of respondents.
    latent : LatentSampler
        Its structure.
    means : ndarray, shape (m,)
        Of the latent variables.
    loadings, intercepts : ndarray, shape (p,)
        Of the items.
    nested : NestedInputs or None
        Where there are clusters.
    repeated : RepeatedInputs or None
        Where there are waves.
    """

    code: int | None
    share: float
    latent: LatentSampler
    means: FloatArray
    loadings: FloatArray
    intercepts: FloatArray
    nested: NestedInputs | None
    repeated: RepeatedInputs | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Respondents:
    """Whom answers are drawn for: group and cluster of each, from 0; shape (n,).

    Parameters
    ----------
    groups : ndarray, shape (n,)
        Place among the groups.
    clusters : ndarray, shape (n,), or None
        Cluster.
    """

    groups: IntArray
    clusters: IntArray | None


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedSimulation:
    """A simulation checked and factorised once; :func:`prepared_simulation` makes it.

    Parameters
    ----------
    population : PopulationValues
        Parameters stated.
    instrument : Instrument
        The questionnaire.
    indicators : Mapping of str to tuple of str
        Items by latent variable.
    options : SimulationOptions
        What else was asked for.
    items : tuple of ItemPlan
        How each item is answered.
    groups : tuple of GroupSampler
        The groups; one where there are none.
    differences : tuple of GroupPopulation
        Parameters of each group.
    """

    population: PopulationValues
    instrument: Instrument
    indicators: Mapping[str, tuple[str, ...]]
    options: SimulationOptions
    items: tuple[ItemPlan, ...]
    groups: tuple[GroupSampler, ...]
    differences: tuple[GroupPopulation, ...]

    def respondents(self, n: int, seed: int) -> Respondents:
        """Groups and clusters of *n* respondents."""
        clusters = self.options.clusters
        return Respondents(
            groups=group_numbers([group.share for group in self.groups], n, stream(seed, Stream.GROUPS)),
            clusters=None if clusters is None else stream(seed, Stream.CLUSTERS).permutation(n) % clusters.number,
        )

    def inputs(self, noise: FloatArray, respondents: Respondents, seed: int) -> FloatArray:
        """Exogenous scores and standardised disturbances of the only or first wave, shape (n, m)."""
        noise = skewed_sources(noise, self.options.latent_skew)
        made = np.empty_like(noise)
        of_clusters = self._cluster_noise(noise.shape[1], respondents, seed)
        for number, group in enumerate(self.groups):
            rows = respondents.groups == number
            if of_clusters is None or group.nested is None:
                made[rows] = group.latent.inputs(noise[rows])
            else:
                made[rows] = group.nested.inputs(of_clusters[rows], noise[rows])
        return made

    def next_inputs(self, before: FloatArray, noise: FloatArray, respondents: Respondents) -> FloatArray:
        """Those of the next wave, shape (n, m)."""
        noise = skewed_sources(noise, self.options.latent_skew)
        made = np.empty_like(noise)
        for number, group in enumerate(self.groups):
            rows = respondents.groups == number
            if group.repeated is not None:
                made[rows] = group.repeated.inputs(before[rows], noise[rows])
        return made

    def scores(self, inputs: FloatArray, respondents: Respondents, *, wave: int = 1) -> FloatArray:
        """Latent scores, with the means of groups and waves; shape (n, m)."""
        scores = np.empty_like(inputs)
        for number, group in enumerate(self.groups):
            rows = respondents.groups == number
            scores[rows] = group.latent.scores(inputs[rows]) + group.means
        change = {} if self.options.waves is None else self.options.waves.change
        for column, name in enumerate(self.indicators):
            if change.get(name):
                scores[:, column] += (wave - 1) * change[name]
        return scores

    def tendency(self, item: int, scores: FloatArray, error: FloatArray, respondents: Respondents) -> FloatArray:
        """What lies behind the answers to one item, shape (n,)."""
        groups = respondents.groups
        latent = scores[:, self.items[item].latent_variable]
        if len(self.groups) == 1:
            loading, intercept = self.groups[0].loadings[item], self.groups[0].intercepts[item]
            made = loading * latent + np.sqrt(1 - loading**2) * error
            return np.asarray(made + intercept if intercept else made)
        loadings = np.array([group.loadings[item] for group in self.groups])[groups]
        intercepts = np.array([group.intercepts[item] for group in self.groups])[groups]
        return np.asarray(intercepts + loadings * latent + np.sqrt(1 - loadings**2) * error)

    def record(self, *, n: int, seed: int) -> dict[str, Any]:
        """All that a sample was made from, as plain values that JSON can hold."""
        return {
            "source": "simulated answers",
            "simulated": True,
            "seed": int(seed),
            "n": int(n),
            "instrument": {"id": self.instrument.id, "version": self.instrument.version},
            "indicators": {name: list(items) for name, items in self.indicators.items()},
            "population": self.population.as_text_keys(),
            "options": self.options.as_record(),
            "thresholds": self._thresholds(),
            "groups": [_group_record(each) for each in self.differences if each.code is not None],
        }

    def _cluster_noise(self, m: int, respondents: Respondents, seed: int) -> FloatArray | None:
        if self.options.clusters is None or respondents.clusters is None:
            return None
        noise = stream(seed, Stream.CLUSTER_NOISE).standard_normal((self.options.clusters.number, m))
        return skewed_sources(noise, self.options.latent_skew)[respondents.clusters]

    def _thresholds(self) -> dict[str, list[float]]:
        """Cuts by scale, or by item where they differ among items of a scale."""
        by_item = self.options.skew is not None
        cuts = {plan.id if by_item else plan.scale.id: plan.thresholds for plan in self.items if plan.codes.size}
        return {name: [float(cut) for cut in values] for name, values in cuts.items()}


def prepared_simulation(
    population: PopulationValues,
    instrument: Instrument,
    *,
    indicators: Mapping[str, Sequence[str]],
    options: SimulationOptions | None = None,
    effect_names: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> PreparedSimulation:
    """A simulation checked and factorised once; parameters are those of :func:`response_simulator`.

    Raises
    ------
    StudyError
        Lists everything that cannot be simulated as asked.
    """
    options = simulation_options() if options is None else options
    found = [
        *problems,
        *option_problems(options, population, instrument, indicators),
        *indicator_problems(population, instrument, indicators),
        *latent_variable_problems(population, list(indicators)),
    ]
    differences, wrong = group_populations(options.groups, population, instrument, indicators, effect_names or {})
    if not found and not wrong and options.groups is not None:
        for each in differences:
            where = f"groups, {options.groups.question}, {each.code}, "
            wrong += shared_problems(options, each.population, tuple(indicators), where=where)
    if found or wrong:
        raise StudyError("The simulation cannot be run as asked.", [*found, *wrong])
    named = {name: tuple(items) for name, items in indicators.items()}
    if options.forms is not None and not options.forms.A:
        options = _with_forms(options, named)
    items = item_plans(instrument, named, options)
    return PreparedSimulation(
        population=population,
        instrument=instrument,
        indicators=named,
        options=options,
        items=items,
        groups=tuple(_group_sampler(each, named, items, options) for each in differences),
        differences=differences,
    )


def _with_forms(options: SimulationOptions, indicators: Mapping[str, Sequence[str]]) -> SimulationOptions:
    return replace(options, forms=dealt_forms(indicators))


def _group_sampler(
    group: GroupPopulation,
    indicators: Mapping[str, Sequence[str]],
    items: Sequence[ItemPlan],
    options: SimulationOptions,
) -> GroupSampler:
    names = tuple(indicators)
    sampler = latent_sampler(group.population, names)
    clusters, waves = options.clusters, options.waves
    nested = repeated = None
    if clusters is not None:
        nested = nested_inputs(sampler, group.population, by_name(clusters.intraclass_correlation, names))
    if waves is not None:
        repeated = repeated_inputs(sampler, group.population, by_name(waves.stability, names))
    return GroupSampler(
        code=group.code,
        share=group.share,
        latent=sampler,
        means=np.array([group.means.get(name, 0.0) for name in names]),
        loadings=loadings_of(group.population, items),
        intercepts=np.array([group.intercepts.get(plan.id, 0.0) for plan in items]),
        nested=nested,
        repeated=repeated,
    )


def _group_record(group: GroupPopulation) -> dict[str, Any]:
    return {
        "code": group.code,
        "share": group.share,
        "population": group.population.as_text_keys(),
        "means": dict(group.means),
        "intercepts": dict(group.intercepts),
    }
