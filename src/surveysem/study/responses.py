"""Answers to a study: read, simulated, and made ready for its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from surveysem import data as data_room
from surveysem.data import Responses, ScreeningRules
from surveysem.data.simulation import (
    Carelessness,
    Clusters,
    Groups,
    Missingness,
    PlannedForms,
    ResponseSimulator,
    SimulationOptions,
    Waves,
    simulation_options,
)
from surveysem.data.simulation_checks import number_problems
from surveysem.errors import Problem, StudyError
from surveysem.modelling.product_indicator import with_products
from surveysem.specification import specification_with_products
from surveysem.study.reduced import item_sets
from surveysem.study.study import Study


def read_responses(
    source: str | Path | pd.DataFrame,
    study: Study,
    *,
    screening: ScreeningRules | None = None,
    format: str | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[float | str] | None = None,
    unmeasured: str | None = None,
) -> Responses:
    """Answers to a study's questionnaire: read, checked, screened by the study's rules, reverse-coded once.

    Parameters
    ----------
    source : str, pathlib.Path or pandas.DataFrame
        CSV, Excel, SPSS, Stata or Parquet file, or a frame, with one column a question: named by its id, by its text,
        or as the study declares. Exports of Qualtrics, LimeSurvey, REDCap, KoboToolbox, ODK, Google Forms and Microsoft
        Forms are recognised.
    study : Study
        Whose questionnaire was answered.
    screening : ScreeningRules, optional
        Instead of the rules the study declares.
    format : str, optional
        Survey tool that wrote the export, instead of the one declared or detected; ``"plain"`` for none of them.
    sheet : str, optional
        Sheet of a workbook.
    encoding : str, optional
        Character encoding of a text file.
    columns : Mapping of str to str, optional
        Headers by id of the question, beside those the study declares.
    missing : sequence of float or str, optional
        Cells that stand for no answer, beside those the study declares.
    unmeasured : {"refuse", "not_testable"}, optional
        Whether answers without any item of a construct are refused, instead of as declared; see :func:`fit_study`.

    Raises
    ------
    InputFileError, DataError, UnsupportedError
        Everything wrong is listed at once, with rows and columns.

    Notes
    -----
    What was detected, matched or read as missing is told by the ``findings`` of the result.

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> ss.read_responses(study.bundled_data(), study).n_obs
    75
    """
    rules = study.screening if screening is None else screening
    declared = study.imports
    settings = replace(
        declared,
        format=format or declared.format,
        sheet=sheet or declared.sheet,
        encoding=encoding or declared.encoding,
        columns={**declared.columns, **(columns or {})},
        missing=(*declared.missing, *(missing or ())),
    )
    return data_room.read_responses(
        source,
        study.instrument,
        required=study.specification.indicators,
        rules=rules,
        settings=settings,
        item_sets=item_sets(study, unmeasured),
    )


def simulate_responses(
    study: Study,
    *,
    n: int,
    seed: int,
    careless: float | Mapping[str, float] | Carelessness = 0.02,
    ineligible: float = 0.01,
    skew: float | Mapping[str, float] | None = None,
    missing: float | Mapping[str, Any] | Missingness | None = None,
    forms: bool | Mapping[str, Sequence[str]] | PlannedForms = False,
    does_not_apply: float | Mapping[str, float] = 0.0,
    clusters: Mapping[str, Any] | Clusters | None = None,
    groups: Mapping[str, Mapping[str, Any]] | Groups | None = None,
    waves: int | Mapping[str, Any] | Waves | None = None,
    latent_skew: float = 0.0,
    options: SimulationOptions | None = None,
) -> pd.DataFrame:
    """Answers drawn from the population values a study states, marked as simulated in every row.

    Parameters
    ----------
    study : Study
        With population values.
    n : int
        Respondents.
    seed : int
        The same seed gives the same answers; an option left at its default changes none of them.
    careless : float, Mapping or Carelessness
        Share of respondents who answer at random; or shares of those who answer at ``random``, by ``straight_lining``,
        ``alternating`` or ``diagonal``, or are ``too_fast`` (adds a column ``completion_seconds``).
    ineligible : float
        Share of respondents whom a screening question rules out.
    skew : float or Mapping, optional
        Skewness of the answers, reverse-keyed items turned round: of all items with options, or by item.
    missing : float, Mapping or Missingness, optional
        Share of answers not given (of every item), or ``{"share": …, "depends_on": question, "strength": …}``, where
        *share* may be by item.
    forms : bool, Mapping or PlannedForms
        Three forms, each without one of the blocks of items ``A``, ``B`` and ``C``; True deals the items out.
    does_not_apply : float or Mapping
        Share of answers with the scale's code for "does not apply", of every item or by item.
    clusters : Mapping or Clusters, optional
        ``{"number": …, "intraclass_correlation": …, "column": "influencer_id"}``.
    groups : Mapping or Groups, optional
        By grouping question and option, how a group differs: ``{"regulated": {"Yes": {"share": 0.4, "effects":
        {"P7": 0.1}, "loadings": {}, "means": {}, "intercepts": {}}}}``.
    waves : int, Mapping or Waves, optional
        ``{"number": …, "stability": …, "residual_stability": …, "change": {}, "attrition": …, "layout": "long"}``.
    latent_skew : float
        Skewness of the independent sources that latent variables are made of. Covariances stay exact (with latent
        interactions: but for the variance explained by the product); a latent variable that mixes several sources is
        less skewed than they are.
    options : SimulationOptions, optional
        All of these as one frozen value, instead of them.

    Returns
    -------
    pandas.DataFrame
        What the answers were made from is in ``attrs["surveysem"]``, as plain values that JSON can hold.

    Raises
    ------
    StudyError
        When the study states no population values; or lists everything that cannot be simulated as asked.

    Notes
    -----
    :class:`~surveysem.data.simulation.SimulationOptions` and the values in it say what each option means.

    Examples
    --------
    >>> import surveysem as ss
    >>> frame = ss.simulate_responses(ss.load_study("b2b_micro_influencer"), n=3, seed=7)
    >>> frame["simulated"].unique().tolist()
    ['SIMULATED (seed 7)']
    """
    chosen = simulation_options(
        careless=careless,
        ineligible=ineligible,
        skew=skew,
        missing=missing,
        forms=forms,
        does_not_apply=does_not_apply,
        clusters=clusters,
        groups=groups,
        waves=waves,
        latent_skew=latent_skew,
    )
    if options is not None and chosen != SimulationOptions():
        raise StudyError("Give either options, or careless, skew and the others one by one; not both.")
    problems = list(number_problems(n=(n, 1), seed=(seed, 0)))
    return _simulator(study, chosen if options is None else options, problems).draw(n=n, seed=seed)


def response_simulator(study: Study, options: SimulationOptions | None = None) -> ResponseSimulator:
    """The simulation of a study's answers, checked and factorised once, to draw many samples from.

    Parameters
    ----------
    study : Study
        With population values.
    options : SimulationOptions, optional
        As :func:`simulation_options` makes them of plain values.

    Returns
    -------
    ResponseSimulator
        ``draw(n=…, seed=…)`` gives answers as collected, ``draw_items(n=…, seed=…)`` coded items ready for a model.

    Raises
    ------
    StudyError
        When the study states no population values; or lists everything that cannot be simulated as asked.

    Examples
    --------
    >>> import surveysem as ss
    >>> simulator = ss.response_simulator(ss.load_study("b2b_micro_influencer"), ss.simulation_options(skew=-1.0))
    >>> simulator.draw_items(n=200, seed=1).shape
    (200, 66)
    """
    return _simulator(study, options, ())


def _simulator(study: Study, options: SimulationOptions | None, problems: Sequence[Problem]) -> ResponseSimulator:
    if study.population is None:
        raise StudyError(
            f"The study {study.id} states no population values, so answers to it cannot be simulated. "
            "Add a `population:` section to its file."
        )
    model = study.specification
    names = {path.label: f"{path.outcome} ~ {path.predictor}" for path in model.paths if path.label}
    names |= {each.label: f"{each.outcome} ~ {each.term}" for each in model.interactions if each.label}
    return data_room.response_simulator(
        study.population,
        study.instrument,
        indicators={latent.name: latent.indicators for latent in model.latent_variables},
        options=options,
        effect_names=names,
        problems=problems,
    )


def model_frame(study: Study, answers: Responses | pd.DataFrame) -> pd.DataFrame:
    """The columns a study's models are fitted to: indicators, and the products of its latent interactions.

    This is the frame lavaan needs beside ``study.model_syntax("lavaan")``.

    Parameters
    ----------
    study : Study
        Whose model it is.
    answers : Responses or pandas.DataFrame
        Answers, reverse-keyed items already reversed.

    Notes
    -----
    Products are double mean-centred (Lin et al. 2010). A product is missing where one of its items is; means are those
    of the rows that have a value.
    """
    frame = answers.frame if isinstance(answers, Responses) else answers
    items = frame[list(study.specification.indicators)].astype(float)
    return with_products(items, specification_with_products(study.specification).products)
