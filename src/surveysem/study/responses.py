"""Answers to a study: read, simulated, and made ready for its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from surveysem import data as data_room
from surveysem.data import Responses, ScreeningRules
from surveysem.errors import StudyError
from surveysem.modelling.product_indicator import with_products
from surveysem.specification import specification_with_products
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
        source, study.instrument, required=study.specification.indicators, rules=rules, settings=settings
    )


def simulate_responses(
    study: Study, *, n: int, seed: int, careless: float = 0.02, ineligible: float = 0.01
) -> pd.DataFrame:
    """Answers drawn from the population values a study states, marked as simulated in every row.

    Parameters
    ----------
    study : Study
        With population values.
    n : int
        Respondents.
    seed : int
        The same seed gives the same answers.
    careless, ineligible : float
        Shares of respondents who answer at random, and whom a screening question rules out.

    Raises
    ------
    StudyError
        When the study states no population values, or they are impossible.

    Examples
    --------
    >>> import surveysem as ss
    >>> frame = ss.simulate_responses(ss.load_study("b2b_micro_influencer"), n=3, seed=7)
    >>> frame["simulated"].unique().tolist()
    ['SIMULATED (seed 7)']
    """
    if study.population is None:
        raise StudyError(
            f"The study {study.id} states no population values, so answers to it cannot be simulated. "
            "Add a `population:` section to its file."
        )
    indicators = {latent.name: latent.indicators for latent in study.specification.latent_variables}
    return data_room.simulate_responses(
        study.population,
        study.instrument,
        n=n,
        seed=seed,
        indicators=indicators,
        careless=careless,
        ineligible=ineligible,
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
