"""Simulated answers to a questionnaire, drawn from declared population values and marked as simulated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from surveysem.data.population import PopulationValues
from surveysem.data.simulation.answers import drawn_answers, drawn_items
from surveysem.data.simulation.options import SimulationOptions, simulation_options
from surveysem.data.simulation.prepared import PreparedSimulation, prepared_simulation
from surveysem.data.simulation_checks import number_problems
from surveysem.errors import Problem
from surveysem.instrument import Instrument


@dataclass(frozen=True, kw_only=True, eq=False)
class ResponseSimulator:
    """A simulation checked and factorised once, from which samples are drawn; :func:`response_simulator` makes it.

    Parameters
    ----------
    prepared : PreparedSimulation
        Population, questionnaire and options.
    """

    prepared: PreparedSimulation

    @property
    def options(self) -> SimulationOptions:
        """What was asked for."""
        return self.prepared.options

    def draw(self, *, n: int, seed: int) -> pd.DataFrame:
        """Answers of *n* respondents as they would be collected, marked as simulated.

        Parameters
        ----------
        n : int
            Respondents.
        seed : int
            The same seed gives the same answers.

        Returns
        -------
        pandas.DataFrame
            As :func:`simulate_responses` describes.

        Raises
        ------
        StudyError
            When *n* or *seed* is no whole number.
        """
        return drawn_answers(self.prepared, n=n, seed=seed)

    def draw_items(self, *, n: int, seed: int) -> pd.DataFrame:
        """Coded answers of *n* eligible respondents who read, ready for a model; faster than :meth:`draw`.

        Parameters
        ----------
        n : int
            Respondents.
        seed : int
            The same seed gives the same answers; not those of :meth:`draw`.

        Returns
        -------
        pandas.DataFrame, *n* rows
            Items as floats, in the direction of their construct, missing where no answer was given; the grouping
            question, the column of clusters and the question that gaps depend on, where there are any.

        Raises
        ------
        StudyError
            When *n* or *seed* is no whole number; with waves, which :meth:`draw` simulates.
        """
        return drawn_items(self.prepared, n=n, seed=seed)

    def record(self, *, n: int, seed: int) -> dict[str, Any]:
        """All that a sample is made from, as plain values that JSON can hold."""
        return self.prepared.record(n=n, seed=seed)


def response_simulator(
    population: PopulationValues,
    instrument: Instrument,
    *,
    indicators: Mapping[str, Sequence[str]],
    options: SimulationOptions | None = None,
    effect_names: Mapping[str, str] | None = None,
    problems: Sequence[Problem] = (),
) -> ResponseSimulator:
    """A simulation checked and factorised once, to draw many samples from.

    Parameters
    ----------
    population : PopulationValues
        Standardised parameters; a loading for every item in *indicators*.
    instrument : Instrument
        The questionnaire.
    indicators : Mapping
        From latent variable to its items.
    options : SimulationOptions, optional
        What else is asked for.
    effect_names : Mapping of str to str, optional
        Effect as ``"y ~ x"`` or ``"y ~ x:z"`` by the name that groups use for it.
    problems : sequence of Problem
        What is wrong already, to be told with the rest.

    Returns
    -------
    ResponseSimulator
        ``draw(n=…, seed=…)`` and ``draw_items(n=…, seed=…)`` give samples.

    Raises
    ------
    StudyError
        Lists everything that cannot be simulated as asked.

    Examples
    --------
    >>> from surveysem.instrument import read_instrument
    >>> simulator = response_simulator(
    ...     PopulationValues(loadings={"x1": 0.9, "x2": 0.9, "x3": 0.8}),
    ...     read_instrument("political_democracy"),
    ...     indicators={"industrialization_1960": ["x1", "x2", "x3"]},
    ... )
    >>> simulator.draw_items(n=4, seed=1).shape
    (4, 3)
    """
    prepared = prepared_simulation(
        population, instrument, indicators=indicators, options=options, effect_names=effect_names, problems=problems
    )
    return ResponseSimulator(prepared=prepared)


def simulate_responses(
    population: PopulationValues,
    instrument: Instrument,
    *,
    n: int,
    seed: int,
    indicators: Mapping[str, Sequence[str]],
    thresholds: Mapping[int, Sequence[float]] | None = None,
    careless: Any = 0.02,
    ineligible: float = 0.01,
    **options: Any,
) -> pd.DataFrame:
    """Answers of simulated respondents to a questionnaire, as they would be collected.

    Parameters
    ----------
    population : PopulationValues
        Standardised parameters; a loading for every item in *indicators*.
    instrument : Instrument
        The questionnaire.
    n : int
        Respondents.
    seed : int
        Seed; the same seed gives the same answers.
    indicators : Mapping
        From latent variable to its items. Items of no latent variable are not simulated.
    thresholds : Mapping, optional
        From a scale's number of options *k* to *k* − 1 increasing cuts of a standard normal variable; where none is
        given, :func:`default_thresholds`.
    careless : float, Mapping or Carelessness
        Share of respondents who answer items and attention checks at random, or shares by kind.
    ineligible : float
        Share of respondents with an answer to a screening question that rules them out.
    **options
        Further options of :func:`simulation_options`.

    Returns
    -------
    pandas.DataFrame, *n* rows
        ``respondent``, a column per question, and ``simulated``, whose every cell says so. What the answers were made
        from is in ``attrs["surveysem"]``.

    Raises
    ------
    StudyError
        Lists everything that cannot be simulated as asked.

    Notes
    -----
    An item is *λη + √(1 − λ²)ε*, cut into its options; reverse-keyed items are written as a respondent would answer
    them. Items on number scales stay continuous: standard normal, or mapped monotonically into the bounds of the scale.
    Shares are rounded to whole respondents. The observed measures of the framework of Lima (2026) go with the latent
    variable they accompany; see :func:`surveysem.data.simulation.companions.observed_answers`.

    Examples
    --------
    >>> from surveysem.instrument import read_instrument
    >>> population = PopulationValues(loadings={"x1": 0.9, "x2": 0.9, "x3": 0.8})
    >>> frame = simulate_responses(
    ...     population,
    ...     read_instrument("political_democracy"),
    ...     n=2,
    ...     seed=7,
    ...     indicators={"industrialization_1960": ["x1", "x2", "x3"]},
    ... )
    >>> frame[["respondent", "simulated"]].to_numpy().tolist()
    [[1, 'SIMULATED (seed 7)'], [2, 'SIMULATED (seed 7)']]
    """
    chosen = simulation_options(thresholds=thresholds, careless=careless, ineligible=ineligible, **options)
    problems = list(number_problems(n=(n, 1), seed=(seed, 0)))
    simulator = response_simulator(population, instrument, indicators=indicators, options=chosen, problems=problems)
    return simulator.draw(n=n, seed=seed)
