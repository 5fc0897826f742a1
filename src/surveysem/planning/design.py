"""A simulation of a study's power: what is varied, and how a replication is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any, get_args

import numpy as np
import pandas as pd

from surveysem.data.simulation import ResponseSimulator, SimulationOptions, simulation_options
from surveysem.data.simulation_checks import number_problems, share_problems
from surveysem.errors import Problem, StudyError, UnsupportedError
from surveysem.inference import Fit
from surveysem.planning.effects import population_effect, population_of
from surveysem.planning.fast_replication import FastReplication, drawn, fast_replication
from surveysem.planning.full_replication import Answers, FullReplication
from surveysem.planning.incomplete_replication import IncompleteReplication
from surveysem.planning.outcomes import Family
from surveysem.propositions import GroupDifferenceTest, Proposition
from surveysem.specification import parameter_table
from surveysem.study import Study, response_simulator
from surveysem.study.analysis import analysis_settings
from surveysem.study.structural import fit_structural
from surveysem.typing import MaximumLikelihoodName

PILOT_SIZE = 10_000
"""Respondents in the sample that the refits start from."""
PILOT = 0
REPLICATION = 1
"""First number of the key of a random stream, which tells the pilot from the replications."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PowerDesign:
    """What is simulated.

    Parameters
    ----------
    study : Study
        With the population effects to be found.
    sizes : tuple of int
        Sample sizes.
    reps : int
        Replications of each.
    seed : int
        The same seed gives the same numbers.
    options : Mapping of str to object
        estimator, missing, interaction, centering: what the analysis will use.
    responses : SimulationOptions or callable
        How answers are simulated, or what draws them.
    """

    study: Study
    sizes: tuple[int, ...]
    reps: int
    seed: int
    options: Mapping[str, Any]
    responses: SimulationOptions | Answers

    @property
    def simulator(self) -> ResponseSimulator:
        """What draws answers as the options say; none may be asked for where a callable draws them."""
        assert isinstance(self.responses, SimulationOptions)
        return response_simulator(self.study, self.responses)

    @property
    def items(self) -> tuple[str, ...]:
        """Items of the model."""
        return tuple(self.study.specification.indicators)

    @property
    def families(self) -> tuple[Family, ...]:
        """What is judged: the propositions and, apart, the extensions."""
        pairs = (("propositions", self.study.propositions), ("extensions", self.study.extensions))
        return tuple(Family(name=name, propositions=members) for name, members in pairs if members)

    @property
    def obstacles_to_speed(self) -> tuple[str, ...]:
        """Why the structural model cannot be refitted alone; empty when it can."""
        found = []
        if not isinstance(self.responses, SimulationOptions):
            found.append("answers come from a function")
        elif self.responses.waves is not None:
            found.append("answers come in waves")
        if self.options["estimator"] not in get_args(MaximumLikelihoodName):
            found.append(f"estimator={self.options['estimator']!r}")
        if self.study.specification.interactions:
            usual = {"interaction": "product_indicator", "centering": "double"}
            found += [f"{key}={value!r}" for key, value in self.options.items() if usual.get(key, value) != value]
        found += [f"{name}={self.options[name]!r}" for name in ("ordered", "cluster") if name in self.options]
        tests = [each.test for family in self.families for each in family.tested]
        if any(isinstance(test, GroupDifferenceTest) for test in tests):
            found.append("a proposition compares groups")
        return tuple(found)

    @property
    def groups_differ(self) -> bool:
        """Whether answers are simulated of groups that differ, so that all together have effects of their own."""
        if not isinstance(self.responses, SimulationOptions) or self.responses.groups is None:
            return False
        groups = self.responses.groups.groups.values()
        return any(each.effects or each.loadings or each.means or each.intercepts for each in groups)

    def effect_of(self, proposition: Proposition) -> float:
        """Standardised effect of a proposition in all respondents together; NaN where it is none or not known."""
        return nan if self.groups_differ else population_effect(population_of(self.study), proposition)

    def stream(self, *key: int) -> np.random.SeedSequence:
        """Random numbers of their own for a key, whatever else is drawn."""
        return np.random.SeedSequence(self.seed, spawn_key=key)

    def seeds(self, n: int, first: int, size: int) -> list[np.random.SeedSequence]:
        """Streams of *size* replications with *n* respondents, from number *first* on."""
        return [self.stream(REPLICATION, n, number) for number in range(first, first + size)]

    def replication(self) -> FastReplication | FullReplication:
        """How a sample is drawn, fitted and judged."""
        if self.obstacles_to_speed:
            return FullReplication(
                study=self.study,
                families=self.families,
                options=_given_to_fit_study(self.study, self.options),
                answers=self.simulator if isinstance(self.responses, SimulationOptions) else self.responses,
            )
        pilot = self.pilot()
        return fast_replication(
            pilot,
            self.simulator,
            self.items,
            self.families,
            self.study.labels,
            n_parameters=max(self.n_parameters, pilot.table.n_free),
            kind=FastReplication if self.options["missing"] == "listwise" else IncompleteReplication,
        )

    def pilot(self) -> Fit:
        """The structural model fitted to a large sample without gaps."""
        assert isinstance(self.responses, SimulationOptions)
        simulator = response_simulator(self.study, replace(self.responses, missing=None, forms=None))
        answers = drawn(simulator, self.items, PILOT_SIZE, self.stream(PILOT))
        frame = pd.DataFrame(answers, columns=list(self.items)).dropna()
        return fit_structural(self.study.specification, frame, self.options).full

    @property
    def n_parameters(self) -> int:
        """Free parameters of the measurement model, which an analysis fits too."""
        table = parameter_table(self.study.statements("measurement"), means=self.options["missing"] == "fiml")
        return table.n_free


def _given_to_fit_study(study: Study, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that differ from what the study declares; it adds those itself."""
    declared = study.analysis.model_dump()
    return {
        name: options[name]
        for name in ("estimator", "missing", "interaction", "centering")
        if name in options and options[name] != declared[name]
    }


def power_design(
    study: Study,
    n: int | Sequence[int],
    *,
    reps: int,
    seed: int,
    missing_share: float = 0.0,
    responses: SimulationOptions | Answers | None = None,
    **given: str | None,
) -> PowerDesign:
    """A checked design.

    Raises
    ------
    StudyError, UnsupportedError
        List everything that cannot be simulated as asked.
    """
    population_of(study)
    several = isinstance(n, np.ndarray) or (isinstance(n, Sequence) and not isinstance(n, str))
    sizes: tuple[int, ...] = tuple(n) if several else (n,)  # type: ignore[arg-type,assignment]
    problems = [
        *(problem for size in sizes for problem in number_problems(n=(size, 2))),
        *number_problems(reps=(reps, 1), seed=(seed, 0)),
        *share_problems(missing_share=missing_share),
    ]
    if missing_share and responses is not None:
        remedy = "Give the share to responses=simulation_options(missing=…), or let the function leave answers out."
        problems.append(Problem(where="missing_share", found="it is given beside responses=", remedy=remedy))
    if not (responses is None or isinstance(responses, SimulationOptions) or callable(responses)):
        remedy = "Give what ss.simulation_options() returns, or a function of the study, n and seed."
        problems.append(Problem(where="responses", found=f"{type(responses).__name__}", remedy=remedy))
    if not sizes:
        problems.append(Problem(where="n", found="no sample size", remedy="Give at least one."))
    if problems:
        raise StudyError("The power cannot be computed as asked.", problems)
    settings = analysis_settings(study, engine="native", nodes=None, ordered=None, cluster=None, **given)
    if settings["estimator"] == "auto":
        raise UnsupportedError(
            'estimator="auto" follows the data, of which there are none yet. Name the estimator the analysis will use.'
        )
    return PowerDesign(
        study=study,
        sizes=tuple(sorted({int(size) for size in sizes})),
        reps=int(reps),
        seed=int(seed),
        options=settings,
        responses=attentive(missing_share) if responses is None else responses,
    )


def attentive(missing_share: float) -> SimulationOptions:
    """Respondents who read and are eligible, so that *n* is the number analysed."""
    return simulation_options(careless=0.0, ineligible=0.0, missing=missing_share or None)
