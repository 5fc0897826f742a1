"""Power of a study before its data exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Literal, overload

from surveysem.data.simulation import SimulationOptions
from surveysem.errors import Problem, StudyError, UnsupportedError
from surveysem.findings import Finding
from surveysem.planning.checkpoints import open_checkpoints
from surveysem.planning.design import PowerDesign, power_design
from surveysem.planning.effects import Effects, with_effects
from surveysem.planning.expected import ExpectedPower, expected_power
from surveysem.planning.full_replication import Answers
from surveysem.planning.outcomes import FAILED, Outcomes
from surveysem.planning.result import Power
from surveysem.planning.running import content_of, run_tasks
from surveysem.planning.summary import (
    failure_reasons,
    out_of_reach,
    power_table,
    replication_counts,
    required_table,
    verdict_shares,
)
from surveysem.study import Study

SIZES = (150, 200, 300, 400, 600)
TARGETS = (0.8, 0.9)


@overload
def power(
    study: Study,
    n: int | Sequence[int] = ...,
    reps: int = ...,
    seed: int = ...,
    *,
    method: Literal["simulation"] = ...,
    estimator: str | None = ...,
    missing: str | None = ...,
    interaction: str | None = ...,
    centering: str | None = ...,
    effects: Effects | None = ...,
    missing_share: float = ...,
    responses: SimulationOptions | Answers | None = ...,
    targets: Sequence[float] = ...,
    level: float = ...,
    checkpoints: str | Path | None = ...,
    n_jobs: int | None = ...,
    progress: bool = ...,
) -> Power: ...


@overload
def power(
    study: Study,
    n: int | Sequence[int] = ...,
    reps: int = ...,
    seed: int = ...,
    *,
    method: Literal["analytic"],
    estimator: str | None = ...,
    missing: str | None = ...,
    interaction: str | None = ...,
    centering: str | None = ...,
    effects: Effects | None = ...,
    targets: Sequence[float] = ...,
) -> ExpectedPower: ...


def power(
    study: Study,
    n: int | Sequence[int] = SIZES,
    reps: int = 1000,
    seed: int = 1,
    *,
    method: Literal["simulation", "analytic"] = "simulation",
    estimator: str | None = None,
    missing: str | None = None,
    interaction: str | None = None,
    centering: str | None = None,
    effects: Effects | None = None,
    missing_share: float = 0.0,
    responses: SimulationOptions | Answers | None = None,
    targets: Sequence[float] = TARGETS,
    level: float = 0.95,
    checkpoints: str | Path | None = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> Power | ExpectedPower:
    """Power of each proposition of a study, and the sample each needs.

    Parameters
    ----------
    study : Study
        With population values, which are the effects to be found.
    n : int or sequence of int
        Sizes of the analysed sample.
    reps : int
        Replications of each size.
    seed : int
        The same seed gives the same numbers, whatever the number of processes, the other sizes and an interruption.
    method : {"simulation", "analytic"}
        Draw, fit and judge samples; or compute the power of the Wald tests from the information at the population, at
        once, which takes samples for large and looks at each test alone.
    estimator, missing, interaction, centering : str, optional
        Of the analysis, as of :func:`surveysem.fit_study`, instead of what the study declares.
    effects : Mapping or {"zero", "reversed"}, optional
        Population effects instead of those of the study: from the id of a path or interaction to a standardised value,
        ``"zero"`` or ``"reversed"``; or one of these words for all that are tested.
    missing_share : float
        Share of answers missing completely at random.
    responses : SimulationOptions or callable, optional
        How answers are simulated (:func:`surveysem.simulation_options`: skew, gaps …), by default by respondents who
        read and leave out only what *missing_share* says. Or a function that is called with the study, ``n=`` and
        ``seed=`` and returns answers as they would be collected, which are then read and screened: *n* is in this case
        the number collected. It must be importable where there are several processes.
    targets : sequence of float
        Powers for which the sample needed is looked for.
    level : float
        Level of Monte Carlo intervals.
    checkpoints : str or pathlib.Path, optional
        Folder where results are kept as they come; the same call goes on where an interrupted one stopped.
    n_jobs : int, optional
        Processes; by default those of an active ``joblib.parallel_config`` (a Dask cluster, say), else one a processor.
    progress : bool
        Show a bar, on a terminal or in a notebook.

    Returns
    -------
    Power or ExpectedPower
        Of simulation, and of the analytic method.

    Raises
    ------
    StudyError, UnsupportedError, InputFileError
        When the study states no population, or options do not go together; all problems are listed.

    Notes
    -----
    Power is the share of replications with the verdict ``supported``, given by the rules the study declares: sides,
    alpha, multiplicity, smallest effect. Replications without a solution, or with an inadmissible one, are not testable
    and count as not supported. Answers are drawn on the scales of the questionnaire.

    Models fitted by maximum likelihood, without latent products or with double-mean-centred product indicators, are
    refitted alone, to complete rows in stacks: estimates, robust standard errors and verdicts are those of an analysis,
    at 20 ms a replication of a model with 74 indicators (full information: 150 ms). The measurement model and fit
    indices are left out. Other analyses (WLSMV, LMS, QML, comparisons of groups) are run whole, which takes seconds.

    References
    ----------
    muthen_muthen_2002

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("b2b_micro_influencer")
    >>> found = ss.power(study, n=300, reps=10, seed=1, n_jobs=1)
    >>> float(found.overview.loc["P5", 300])
    1.0
    """
    if method not in ("simulation", "analytic"):
        raise UnsupportedError(f"There is no method {method!r}. Available: simulation, analytic.")
    _check(targets, level, n_jobs)
    design = power_design(
        with_effects(study, effects),
        n,
        reps=reps,
        seed=seed,
        missing_share=missing_share,
        responses=responses,
        estimator=estimator,
        missing=missing,
        interaction=interaction,
        centering=centering,
    )
    if method == "analytic":
        return expected_power(design, tuple(targets))
    kept = None if checkpoints is None else open_checkpoints(checkpoints, content_of(design))
    outcomes = run_tasks(design, checkpoints=kept, n_jobs=n_jobs, progress=progress)
    return _result(design, outcomes, tuple(targets), level, missing_share)


def _result(
    design: PowerDesign,
    outcomes: Mapping[int, Outcomes],
    targets: tuple[float, ...],
    level: float,
    missing_share: float,
) -> Power:
    fast = not design.obstacles_to_speed
    return Power(
        study_id=design.study.id,
        table=power_table(design, outcomes, level=level),
        verdicts=verdict_shares(design, outcomes),
        required=required_table(design, outcomes, targets, level=level),
        replications=replication_counts(design, outcomes),
        failures=failure_reasons(outcomes),
        settings={
            **{name: value for name, value in design.options.items() if name != "engine"},
            "missing_share": missing_share,
            "reps": design.reps,
            "seed": design.seed,
            "level": level,
            "fitted_by": "structural model alone" if fast else "whole analyses",
            "parameters": design.n_parameters,
        },
        findings=_findings(design, outcomes),
        out_of_reach=out_of_reach(design),
    )


def _findings(design: PowerDesign, outcomes: Mapping[int, Outcomes]) -> tuple[Finding, ...]:
    refused = [n for n in design.sizes if (outcomes[n].status == FAILED).all()]
    lost = (each for n in design.sizes if n not in refused for each in _lost(n, outcomes[n]))
    return (*_assumptions(), *_other_population(design), *_absent_effects(design), *_refused(refused, outcomes), *lost)


def _assumptions() -> tuple[Finding, ...]:
    message = (
        "Power holds for the population the study assumes: standardised effects, loadings, correlations, and the "
        "model itself. It says nothing about effects that are smaller."
    )
    return (Finding(severity="note", where="population", message=message),)


def _other_population(design: PowerDesign) -> tuple[Finding, ...]:
    """Answers whose population is not, or need not be, that of the study."""
    if design.groups_differ:
        message = (
            "Groups differ in the simulated answers. Effects in all respondents together are then not those the study "
            "states, and neither they nor bias and coverage are given."
        )
    elif callable(design.responses):
        message = "A function draws the answers. Bias and coverage hold if its population is the one the study states."
    else:
        return ()
    return (Finding(severity="note", where="population", message=message),)


def _absent_effects(design: PowerDesign) -> tuple[Finding, ...]:
    """Propositions whose effect is 0 in the population."""
    tested = [each for family in design.families for each in family.tested]
    absent = [each.id for each in tested if design.effect_of(each) == 0]
    if not absent:
        return ()
    message = (
        f"The population effect of {', '.join(absent)} is 0: what stands as power there is the rate of false support, "
        "and no sample is large enough."
    )
    if wholes := out_of_reach(design):
        message += f" Nor is any for {', '.join(wholes)}, supported only if every part is."
    return (Finding(severity="note", where="population", message=message),)


def _refused(sizes: Sequence[int], outcomes: Mapping[int, Outcomes]) -> Iterator[Finding]:
    """Sizes at which no replication can be analysed, those with the same reasons together."""
    reasons: dict[tuple[str, ...], list[str]] = {}
    for n in sizes:
        reasons.setdefault(tuple(sorted({str(each).rstrip(".") for each in outcomes[n].reasons})), []).append(str(n))
    for why, alike in reasons.items():
        named = f"{'; '.join(why[:_SHOWN_REASONS])}{'; …' if len(why) > _SHOWN_REASONS else ''}"
        message = f"× No replication can be analysed, so that the power is 0, whatever the effects: {named}."
        yield Finding(severity="warning", where=f"n = {', '.join(alike)}", message=message)


_SHOWN_REASONS = 3


def _lost(n: int, outcomes: Outcomes) -> tuple[Finding, ...]:
    """What kept replications of one size from counting."""
    total, lost = len(outcomes.status), int((outcomes.status > 0).sum())
    if not lost:
        return ()
    failed = int((outcomes.status == FAILED).sum())
    severity: Literal["warning", "note"] = "warning" if lost > 0.01 * total else "note"
    message = (
        f"{failed} of {total} replications failed and {lost - failed} had an inadmissible solution; none of them "
        "counts as supporting a proposition."
    )
    return (Finding(severity=severity, where=f"n = {n}", message=message),)


def _check(targets: Sequence[float], level: float, n_jobs: int | None) -> None:
    given = [("targets", target) for target in targets] + [("level", level)]
    problems = [
        Problem(where=where, found=f"{value!r}", remedy="Give a number between 0 and 1.")
        for where, value in given
        if not isinstance(value, int | float) or not isfinite(value) or not 0 < value < 1
    ]
    if not len(targets):
        problems.append(Problem(where="targets", found="no power", remedy="Give at least one, such as 0.8."))
    if n_jobs is not None and (not isinstance(n_jobs, int) or isinstance(n_jobs, bool) or n_jobs == 0):
        remedy = "Give a number of processes; −1 is one a processor."
        problems.append(Problem(where="n_jobs", found=f"{n_jobs!r}", remedy=remedy))
    if problems:
        raise StudyError("The power cannot be computed as asked.", problems)
