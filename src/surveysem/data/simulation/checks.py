"""What stands in the way of the options of a simulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from math import isfinite

import numpy as np

from surveysem.data.population import PopulationValues
from surveysem.data.simulation.options import (
    CARELESS_KINDS,
    Carelessness,
    Clusters,
    Missingness,
    PlannedForms,
    SimulationOptions,
    Waves,
)
from surveysem.data.simulation.shared import by_name, shared_part
from surveysem.data.simulation.thresholds import GREATEST_SKEWNESS
from surveysem.data.simulation_checks import number_problems, share_problems, threshold_problems
from surveysem.data.wording import closest, listed
from surveysem.errors import Problem, StudyError
from surveysem.instrument import Instrument

_SHARE = "Give a share from 0 up to, but not including, 1."


def option_problems(
    options: SimulationOptions,
    population: PopulationValues,
    instrument: Instrument,
    indicators: Mapping[str, Sequence[str]],
) -> Iterator[Problem]:
    """Everything about the options that cannot be simulated; groups are checked when they are made."""
    items = tuple(chain.from_iterable(indicators.values()))
    yield from careless_problems(options.careless)
    yield from share_problems(ineligible=options.ineligible)
    yield from threshold_problems({size: np.asarray(cuts) for size, cuts in options.thresholds.items()})
    yield from _skew_problems(options, instrument, items)
    yield from _latent_skew_problems(options)
    if options.missing is not None:
        yield from _missing_problems(options.missing, instrument, items)
    if options.forms is not None:
        yield from _form_problems(options.forms, items)
    yield from _refusal_problems(options, instrument, items)
    yield from shared_problems(options, population, tuple(indicators))
    if options.clusters is not None:
        yield from _cluster_problems(options.clusters, instrument)
    if options.waves is not None:
        yield from _wave_problems(options.waves, tuple(indicators))
        if options.clusters is not None:
            remedy = "Ask for clusters or for waves."
            yield Problem(where="clusters and waves", found="they are not simulated together", remedy=remedy)


def careless_problems(careless: Carelessness) -> Iterator[Problem]:
    """Shares of careless respondents outside their bounds, each and together."""
    shares = {kind: getattr(careless, kind) for kind in CARELESS_KINDS}
    wrong = list(share_problems(**shares))
    only_random = all(value == 0 for kind, value in shares.items() if kind != "random")
    for problem in wrong:
        where = "careless" if only_random else f"careless, {problem.where}"
        yield Problem(where=where, found=problem.found, remedy=problem.remedy)
    if not wrong and careless.total >= 1:
        yield Problem(where="careless", found=f"the shares add up to {careless.total:g}", remedy=_SHARE)


def unknown_names(where: str, names: Iterable[str], known: Sequence[str], what: str) -> Iterator[Problem]:
    """Names that are not among those known."""
    for name in names:
        if name not in known:
            match = closest(str(name), known)
            remedy = f"Did you mean {match}?" if match else f"Available: {listed(known, limit=20)}."
            yield Problem(where=f"{where}, {name}", found=f"there is no such {what}", remedy=remedy)


def finite_problems(where: str, values: Mapping[str, float]) -> Iterator[Problem]:
    """Values that are no finite numbers."""
    for name, value in values.items():
        if not _is_number(value) or not isfinite(value):
            yield Problem(where=f"{where}, {name}", found=f"{value!r}", remedy="Give a finite number.")


def _skew_problems(options: SimulationOptions, instrument: Instrument, items: Sequence[str]) -> Iterator[Problem]:
    if options.skew is None:
        return
    each = dict(options.skew) if isinstance(options.skew, Mapping) else dict.fromkeys(items, options.skew)
    yield from unknown_names("skew", each, items, "item among the indicators")
    values: dict[str, float] = each if isinstance(options.skew, Mapping) else {"all items": options.skew}
    for name, value in values.items():
        if not _is_number(value) or not abs(value) <= GREATEST_SKEWNESS:
            remedy = f"Give a skewness from -{GREATEST_SKEWNESS:g} to {GREATEST_SKEWNESS:g}."
            yield Problem(where=f"skew, {name}", found=f"{value!r}", remedy=remedy)
    numbers = [name for name in each if name in items and not instrument.scale(instrument.item(name).scale).options]
    if numbers:
        found = "they are answered with numbers, not with options"
        remedy = "Name the items with options in skew."
        yield Problem(where=f"skew of {listed(numbers, limit=9)}", found=found, remedy=remedy)


def _latent_skew_problems(options: SimulationOptions) -> Iterator[Problem]:
    value = options.latent_skew
    if not _is_number(value) or not abs(value) <= GREATEST_SKEWNESS:
        remedy = f"Give a skewness from -{GREATEST_SKEWNESS:g} to {GREATEST_SKEWNESS:g}."
        yield Problem(where="latent_skew", found=f"{value!r}", remedy=remedy)
    elif value and options.skew is not None:
        found = "the thresholds for skew are solved for normal latent variables"
        yield Problem(where="latent_skew and skew", found=found, remedy="Ask for one of them.")


def _missing_problems(missing: Missingness, instrument: Instrument, items: Sequence[str]) -> Iterator[Problem]:
    yield from _named_shares("missing, share", missing.share, items, "item among the indicators")
    if not _is_number(missing.strength) or not isfinite(missing.strength):
        yield Problem(where="missing, strength", found=f"{missing.strength!r}", remedy="Give a finite number.")
    if missing.depends_on is None:
        return
    questions = [*items, *(each.id for each in (*instrument.grouping_questions, *instrument.observed_measures))]
    wrong = list(unknown_names("missing, depends_on", [missing.depends_on], questions, "question to depend on"))
    yield from wrong
    if not wrong and instrument.scale(instrument.question(missing.depends_on).scale).kind == "text":
        remedy = "Name a question answered with options or numbers."
        yield Problem(
            where=f"missing, depends_on, {missing.depends_on}", found="it is answered in words", remedy=remedy
        )


def _form_problems(forms: PlannedForms, items: Sequence[str]) -> Iterator[Problem]:
    named = [*forms.A, *forms.B, *forms.C]
    yield from unknown_names("forms", dict.fromkeys(named), items, "item among the indicators")
    for name, count in Counter(named).items():
        if count > 1:
            found = f"it stands {count} times in the blocks"
            yield Problem(where=f"forms, {name}", found=found, remedy="Give each item to one block.")
    empty = [block for block in "ABC" if not getattr(forms, block)]
    if empty and named:
        where = f"forms, block {listed(empty)}"
        yield Problem(where=where, found="it is empty", remedy="Give items to each of A, B and C.")
    elif not named and len(items) < 4:
        found = "there are too few items to deal out"
        yield Problem(where="forms", found=found, remedy="Name the blocks A, B and C, or leave forms out.")


def _refusal_problems(options: SimulationOptions, instrument: Instrument, items: Sequence[str]) -> Iterator[Problem]:
    shares = options.does_not_apply
    yield from _named_shares("does_not_apply", shares, items, "item among the indicators")
    asked = dict(shares) if isinstance(shares, Mapping) else dict.fromkeys(items, shares)
    without = [
        name
        for name, share in asked.items()
        if share and name in items and not instrument.scale(instrument.item(name).scale).missing
    ]
    if without:
        found = "their scale has no code for it"
        remedy = "Add one under `missing:` of the scale, or ask for gaps with missing instead."
        yield Problem(where=f"does_not_apply of {listed(without, limit=9)}", found=found, remedy=remedy)


def shared_problems(
    options: SimulationOptions, population: PopulationValues, names: tuple[str, ...], *, where: str = ""
) -> Iterator[Problem]:
    """Intraclass correlations and stabilities that a population cannot have."""
    if options.clusters is not None:
        name = f"{where}clusters, intraclass_correlation"
        yield from _shared_problems(name, options.clusters.intraclass_correlation, population, names)
    if options.waves is not None:
        yield from _shared_problems(f"{where}waves, stability", options.waves.stability, population, names)


def _cluster_problems(clusters: Clusters, instrument: Instrument) -> Iterator[Problem]:
    yield from number_problems(**{"clusters, number": (clusters.number, 2)})
    if not isinstance(clusters.column, str) or not clusters.column:
        yield Problem(where="clusters, column", found=f"{clusters.column!r}", remedy="Give the name of a column.")
        return
    texts = [each.id for each in instrument.grouping_questions if instrument.scale(each.scale).kind == "text"]
    if clusters.column in [each.id for each in instrument.questions] and clusters.column not in texts:
        found = "this question is not answered in words"
        remedy = f"Name a text question ({listed(texts)}), or a column that is no question."
        yield Problem(where=f"clusters, column {clusters.column}", found=found, remedy=remedy)


def _wave_problems(waves: Waves, names: tuple[str, ...]) -> Iterator[Problem]:
    yield from number_problems(**{"waves, number": (waves.number, 2)})
    shares = {"waves, residual_stability": waves.residual_stability, "waves, attrition": waves.attrition}
    yield from share_problems(**shares)
    yield from unknown_names("waves, change", waves.change, names, "latent variable")
    yield from finite_problems("waves, change", waves.change)
    if waves.layout not in ("long", "wide"):
        yield Problem(where="waves, layout", found=f"{waves.layout!r}", remedy="Give 'long' or 'wide'.")


def _shared_problems(
    where: str, shares: float | Mapping[str, float], population: PopulationValues, names: tuple[str, ...]
) -> Iterator[Problem]:
    wrong = list(_named_shares(where, shares, names, "latent variable"))
    yield from wrong
    if wrong:
        return
    exogenous = tuple(name for name in names if name not in population.endogenous)
    try:
        yield from shared_part(population, by_name(shares, names), exogenous, where=where).problems
    except StudyError as error:
        yield from error.problems


def _named_shares(
    where: str, shares: float | Mapping[str, float], names: Sequence[str], what: str
) -> Iterator[Problem]:
    if not isinstance(shares, Mapping):
        yield from share_problems(**{where: shares})
        return
    yield from unknown_names(where, shares, names, what)
    yield from share_problems(**{f"{where}, {name}": value for name, value in shares.items()})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.floating | np.integer) and not isinstance(value, bool)
