"""Answers to a study: read, simulated, and made ready for its model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from surveysem import data as data_room
from surveysem.data import Responses, ScreeningRules, product_indicators
from surveysem.errors import StudyError
from surveysem.study.study import Study


def read_responses(
    source: str | Path | pd.DataFrame, study: Study, *, screening: ScreeningRules | None = None
) -> Responses:
    """Answers to a study's questionnaire: read, checked, screened by the study's rules, reverse-coded once.

    Parameters
    ----------
    source : str, pathlib.Path or pandas.DataFrame
        UTF-8 CSV file, or a frame, with one column a question, named by its id.
    study : Study
        Whose questionnaire was answered.
    screening : ScreeningRules, optional
        Instead of the rules the study declares.

    Raises
    ------
    InputFileError, DataError, UnsupportedError
        Everything wrong is listed at once, with rows and columns.

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> ss.read_responses(study.bundled_data(), study).n_obs
    75
    """
    rules = study.screening if screening is None else screening
    return data_room.read_responses(source, study.instrument, required=study.specification.indicators, rules=rules)


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
    pairs = [pair for products in study.specification.products.values() for pair in products]
    return pd.concat([items, product_indicators(items, pairs, incomplete=True)], axis=1) if pairs else items
