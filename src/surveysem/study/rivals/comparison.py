"""The question how a study's model compares with its rivals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from surveysem.data import Responses
from surveysem.errors import StudyError
from surveysem.study.fitting import fit_study
from surveysem.study.rivals.fits import RivalComparison
from surveysem.study.study import Study


def compare_rivals(
    study: Study, data: Responses | pd.DataFrame | str | Path, *, n_jobs: int = 1, **options: Any
) -> RivalComparison:
    """The study's model beside the rivals it declares, fitted to the same answers.

    Parameters
    ----------
    study : Study
        With ``rival_models`` in its file.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        Answers, as :func:`surveysem.fit_study` takes them.
    n_jobs : int
        Processes the rivals are fitted in; they gain where a fit takes seconds, as under LMS.
    **options
        Of :func:`surveysem.fit_study`: estimator, missing, interaction …

    Returns
    -------
    RivalComparison
        Its ``table`` has a row for each model.

    Raises
    ------
    StudyError
        When the study declares no rival.

    Notes
    -----
    A rival changes effects, never measures; what it leaves out is fixed to 0. Whether it is nested in the study's
    model, or that in it, is found by fitting the larger model to what the smaller implies; nested models are tested
    against each other (scaled under robust estimators), others only weighed by AIC and BIC. With LMS, QML and ordered
    answers nesting follows from the parameters.

    References
    ----------
    bentler_satorra_2010, satorra_bentler_2001, wagenmakers_farrell_2004

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> found = ss.compare_rivals(study, study.bundled_data()).table
    >>> found.loc["full_mediation", "relation"], int(found.loc["full_mediation", "df_diff"])
    ('restricted', 1)
    """
    if not study.rival_models:
        raise StudyError(f"The study {study.id} declares no rivals. Add `rival_models:` to its file.")
    found = fit_study(study, data, bootstrap=0, n_jobs=n_jobs, **options).rival_models
    assert found is not None
    return found
