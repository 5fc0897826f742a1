"""A study analysed in every defensible way: do the verdicts depend on choices that could have been made otherwise?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from surveysem.data import Responses, ScreeningRules
from surveysem.errors import Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.propositions import DecisionRule
from surveysem.report.robustness import ComparedProposition, RobustnessContent
from surveysem.report.table import Table
from surveysem.study.careless_kept import without_careless_exclusions
from surveysem.study.reduced import measured_study
from surveysem.study.responses import read_responses
from surveysem.study.robustness.analysis import JudgedAnalysis, analyse
from surveysem.study.robustness.fitting import MOST_SHOWN, answers_by_screening, fit_choices, screened_by
from surveysem.study.robustness.plan import AS_DECLARED, AnalysisChoice, MeasurementVariant, RobustnessPlan, choices_of
from surveysem.study.robustness.words import moderation_name, robustness_findings
from surveysem.study.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FACTORS = ("measurement", "screening", "missing", "moderation", "estimator")
_NOT_DECLARED = (
    "The study declares no alternative analyses; these were chosen by surveysem. Declare `robustness:` in the study "
    "file before data are read, so that nobody can choose them by their results."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Multiverse:
    """A study analysed in every combination of defensible choices.

    Parameters
    ----------
    study : Study
        What was settled before.
    choices : tuple of AnalysisChoice
        The specifications, the declared analysis first.
    content : RobustnessContent
        Table, shares and choices, as reports take them.
    findings : tuple of Finding
        What the specifications say together, and which have no result.
    simulated : bool
        Whether the answers come from a simulation, which figures must say.
    """

    study: Study
    choices: tuple[AnalysisChoice, ...]
    content: RobustnessContent
    findings: tuple[Finding, ...]
    simulated: bool

    @property
    def table(self) -> pd.DataFrame:
        """One row a specification and proposition (or part): choices, numbers, verdict and, if none, the problem."""
        return self.content.table

    @property
    def shares(self) -> pd.DataFrame:
        """Share of specifications that support each proposition, and how far they agree with the declared one."""
        return self.content.shares

    @property
    def differing(self) -> tuple[str, ...]:
        """Propositions and parts on which specifications disagree."""
        return self.content.differing

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the specifications say together, fit for a paper."""
        return self.content.sentences

    def by_choice(self, proposition: str) -> pd.DataFrame:
        """Which choices move the verdict on a proposition: one row a level of each choice.

        Columns: choice, level, n_specifications with a result, n_supported, share_supported, beta_median.

        Raises
        ------
        UnsupportedError
            When there is no such proposition.
        """
        rows = self._rows(proposition)
        rows = rows[rows["problem"] == ""]
        found = []
        for choice, levels in self.content.choices.items():
            for level in levels:
                part = rows[rows[choice] == level]
                supported = int((part["verdict"] == "supported").sum())
                share = supported / len(part) if len(part) else float("nan")
                found.append((choice, level, len(part), supported, share, float(part["beta"].median())))
        columns = ["choice", "level", "n_specifications", "n_supported", "share_supported", "beta_median"]
        return pd.DataFrame(found, columns=columns)

    def plot(self, proposition: str | None = None) -> Figure:
        """Specification curve of a proposition, or all propositions in one figure.

        Parameters
        ----------
        proposition : str, optional
            Id; without it, the overview.

        Raises
        ------
        UnsupportedError
            When there is no such proposition, or it has no effect of its own.
        """
        from surveysem.report.figures.specification_curve import specification_curve, specification_overview

        if proposition is None:
            return specification_overview(self.content, simulated=self.simulated)
        if self._rows(proposition)["beta"].isna().all():
            raise UnsupportedError(f"{proposition} has no standardised effect of its own to draw; its parts may have.")
        return specification_curve(self.content, proposition, simulated=self.simulated)

    @cached_property
    def report_table(self) -> Table:
        """The table for a paper."""
        from surveysem.report.tables.robustness import robustness_table

        return robustness_table(self.content, simulated=self.simulated)

    def _rows(self, proposition: str) -> pd.DataFrame:
        rows = self.content.rows_of(proposition)
        if rows.empty:
            names = ", ".join(each.id for each in self.content.propositions)
            raise UnsupportedError(f"There is no proposition {proposition!r}. Available: {names}.")
        return rows

    def __repr__(self) -> str:
        columns = ["declared_verdict", "n_supported", "n_specifications", "beta_median", "beta_min", "beta_max"]
        return "\n".join([*self.sentences, self.shares[columns].round(3).to_string()])

    def _repr_html_(self) -> str:
        found = [str(each) for each in self.findings if each.severity != "note"]
        lines = "".join(f"<li>{escape(each)}</li>" for each in (*self.sentences, *found))
        return f"<ul>{lines}</ul>{self.report_table._repr_html_()}"


def multiverse(
    study: Study,
    data: Responses | pd.DataFrame | str | Path,
    *,
    estimators: Sequence[str] | None = None,
    missing: Sequence[str] | None = None,
    interactions: Sequence[str] | None = None,
    centerings: Sequence[str] | None = None,
    screening: Mapping[str, ScreeningRules] | None = None,
    measurement: Mapping[str, MeasurementVariant] | None = None,
    max_specifications: int | None = None,
    n_jobs: int = 1,
    progress: bool = False,
    **options: Any,
) -> Multiverse:
    """A study analysed in every combination of defensible choices, each judged by the declared rules.

    Parameters
    ----------
    study : Study
        Questionnaire, model, propositions, rules and, under ``robustness:``, the alternatives.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        Answers, or what :func:`read_responses` reads.
    estimators, missing, interactions, centerings : sequence of str, optional
        Alternatives to the declared analysis, instead of those the study declares; see :func:`fit_study`. Estimators
        for ordered answers (WLSMV and its kin) take all items for ordered, those of maximum likelihood none.
    screening : Mapping of str to ScreeningRules, optional
        Other screenings by name, likewise.
    measurement : Mapping of str to MeasurementVariant, optional
        Other measurements by name, likewise.
    max_specifications : int, optional
        Most combinations that are fitted, likewise; 200 where nothing is declared.
    n_jobs : int
        Processes; the numbers are the same whatever it is.
    progress : bool
        Show a bar, on a terminal or in a notebook.
    **options : object
        Of :func:`fit_study`, for all specifications: ``estimator``, ``missing``, ``interaction``, ``centering`` (of the
        declared analysis), ``nodes``, ``cluster``, ``engine``, ``allow_inadmissible``.

    Returns
    -------
    Multiverse
        A combination that cannot be fitted has rows that say why; the others go on.

    Raises
    ------
    UnsupportedError
        When there are more combinations than allowed, or alternatives that are not understood.
    SurveySEMError
        When the declared analysis itself has no result.

    Notes
    -----
    The declared analysis is always among them. Where the study declares no alternatives and none are given, these are
    taken: ML and MLR; full information where answers are missing; all methods of latent interactions and mean-centred,
    residual and unconstrained product indicators where there are any; and screening that keeps careless respondents. A
    finding says so. Specifications are not independent samples: the share that supports a proposition is a description
    of how much it depends on choices, not a probability.

    References
    ----------
    steegen_2016, simonsohn_2020

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> found = ss.multiverse(study, study.bundled_data(), estimators=["ML", "MLR"], missing=["fiml"])
    >>> found.shares["n_supported"].tolist(), len(found.choices)
    ([4, 4, 4], 4)
    """
    given = {
        "estimators": estimators,
        "missing": missing,
        "interactions": interactions,
        "centerings": centerings,
        "screening": screening,
        "measurement": measurement,
        "max_specifications": max_specifications,
    }
    given = {name: value for name, value in given.items() if value is not None}
    responses = data if isinstance(data, Responses) else read_responses(data, study)
    study = measured_study(study, responses)
    declared = analyse(study, responses, **options)
    plan = _plan(study, given, responses)
    return multiverse_of(
        declared,
        plan,
        chosen=not given and study.robustness is None,
        n_jobs=n_jobs,
        progress=progress,
        options={name: value for name, value in options.items() if name not in _VARIED},
    )


_VARIED = ("estimator", "missing", "interaction", "centering")


def multiverse_of(
    declared: JudgedAnalysis,
    plan: RobustnessPlan | None = None,
    *,
    chosen: bool = False,
    n_jobs: int = 1,
    progress: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Multiverse:
    """The specifications around a fitted study; see :func:`multiverse`.

    Parameters
    ----------
    declared : JudgedAnalysis
        The declared analysis.
    plan : RobustnessPlan, optional
        Alternatives; those the study declares, or the usual ones.
    chosen : bool
        Whether the alternatives are the usual ones, which a finding must say.
    n_jobs, progress, options
        As of :func:`multiverse`.
    """
    study, settings = declared.study, declared.settings
    if plan is None:
        chosen = study.robustness is None
        plan = _plan(study, {}, declared.responses)
    moderated = bool(study.specification.interactions)
    base = AnalysisChoice(
        number=1,
        measurement=AS_DECLARED,
        screening=AS_DECLARED,
        missing=settings["missing"],
        interaction=settings["interaction"] if moderated else "",
        centering=settings.get("centering", ""),
        estimator=settings["estimator"],
    )
    _check_measurement(study, plan)
    choices = choices_of(plan, base, moderated=moderated)
    answers = answers_by_screening(declared.responses, study, plan)
    table = fit_choices(declared, choices, plan, answers, options or {}, n_jobs=n_jobs, progress=progress)
    content = RobustnessContent(
        table=table,
        propositions=tuple(_tested(declared)),
        choices={name: levels for name in _FACTORS if len(levels := _levels(choices, name)) > 1},
    )
    findings = tuple(robustness_findings(content))
    sentences = tuple(each.message for each in findings if each.where == "robustness")
    if chosen:
        findings = (Finding(severity="note", where="choice of specifications", message=_NOT_DECLARED), *findings)
    return Multiverse(
        study=study,
        choices=choices,
        content=replace(content, sentences=sentences),
        findings=findings,
        simulated=declared.responses.simulated,
    )


def _plan(study: Study, given: Mapping[str, Any], responses: Responses) -> RobustnessPlan:
    """What the study declares, with what is given instead; the usual alternatives where there is neither."""
    if study.robustness is None and not given:
        return _usual_plan(study, responses)
    taken: dict[str, Any] = {
        name: value if isinstance(value, int | Mapping) else _listed(name, value) for name, value in given.items()
    }
    return replace(study.robustness or RobustnessPlan(), **taken)


def _listed(name: str, values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        problem = Problem(where=name, found=repr(values), remedy=f"Write [{values!r}].")
        raise UnsupportedError("Alternatives are lists.", [problem])
    return tuple(values)


def _usual_plan(study: Study, responses: Responses) -> RobustnessPlan:
    """Alternatives that can make a difference in these answers."""
    items = responses.frame[list(study.specification.indicators)]
    moderated = bool(study.specification.interactions)
    return RobustnessPlan(
        estimators=("ML", "MLR"),
        missing=("listwise", "fiml") if items.isna().any(axis=None) else (),
        interactions=("product_indicator", "lms", "qml") if moderated else (),
        centerings=("double", "residual", "unconstrained") if moderated else (),
        screening=_careless_kept(study, responses),
    )


def _careless_kept(study: Study, responses: Responses) -> Mapping[str, ScreeningRules]:
    """Screening that keeps careless respondents, where there are any and the answers can be screened again."""
    rules = without_careless_exclusions(study.screening)
    if responses.coded is None or screened_by(study, responses, rules).n_obs == responses.n_obs:
        return {}
    return {"careless kept": rules}


def _check_measurement(study: Study, plan: RobustnessPlan) -> None:
    items = [item.id for item in study.instrument.items]
    problems = [
        problem
        for name, each in plan.measurement.items()
        for problem in each.problems(study.specification, items, f"measurement {name!r}")
    ]
    if problems:
        raise UnsupportedError("The alternative measurements do not suit the study.", problems[:MOST_SHOWN])


def _levels(choices: Sequence[AnalysisChoice], name: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(moderation_name(each) if name == "moderation" else getattr(each, name) for each in choices)
    )


def _tested(declared: JudgedAnalysis) -> Iterable[ComparedProposition]:
    labels = declared.study.labels
    for verdict in declared.verdicts:
        for each in (verdict, *verdict.parts):
            rule = each.proposition.rule
            title = "" if each.parts else _in_words(str(each.proposition.test), labels)
            if isinstance(rule, DecisionRule):
                smallest = float("nan") if rule.smallest_effect is None else rule.smallest_effect
                yield ComparedProposition(id=each.id, title=title, smallest_effect=smallest, level=1 - rule.alpha)
            else:
                yield ComparedProposition(id=each.id, title=title)


def _in_words(effect: str, labels: Mapping[str, str]) -> str:
    return " ".join(labels.get(word, word) for word in effect.split(" "))
