"""Quality of measurement of a study, or of a model in lavaan's syntax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from surveysem.data import Responses, write_table
from surveysem.errors import StudyError, UnsupportedError
from surveysem.inference import Fit
from surveysem.modelling import discriminant_validity as distinctness
from surveysem.modelling import fit_statements, measurement_alternatives, method_bias
from surveysem.modelling import item_deletion as deletion
from surveysem.modelling.measurement_alternatives import MeasurementComparison
from surveysem.modelling.method_bias import MethodBias
from surveysem.modelling.person_scores import PersonScores, ScoreKind, person_scores
from surveysem.study.analysis import declared_options
from surveysem.study.reduced import measured_study
from surveysem.study.responses import read_responses
from surveysem.study.study import Study

Answers = Responses | pd.DataFrame | str | Path
"""Screened answers, or what :func:`surveysem.read_responses` reads."""


def compare_measurement(
    model: Study | str | Mapping[str, str],
    data: Answers,
    *,
    constructs: Sequence[str] | None = None,
    **options: Any,
) -> MeasurementComparison:
    """Alternative measurement models: correlated factors, one factor, facets, second order.

    Parameters
    ----------
    model : Study, str or Mapping of str to str
        A study; a model in lavaan's syntax; or several, by name.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        With a study screened answers, or what :func:`surveysem.read_responses` reads; else a frame.
    constructs : sequence of str, optional
        Of a study: constructs tried as one factor, as correlated facets and as a second-order factor of their facets;
        by default those whose items cover two or more facets with two or more items each.
    **options
        Of :func:`~surveysem.modelling.measurement_alternatives.compare_measurement`; of a study estimator and missing
        are those it declares unless given.

    Raises
    ------
    StudyError
        When a construct has no such facets.
    DataError, UnsupportedError
        As of the function named above.

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> compare_measurement(study, study.bundled_data(), constructs=()).table.index.tolist()
    ['correlated factors', 'one factor', 'second order']
    """
    if not isinstance(model, Study):
        if constructs is not None:
            raise UnsupportedError(
                "constructs= is of studies, whose questionnaire says which facets items cover; use facets=."
            )
        return measurement_alternatives.compare_measurement(model, _frame(data), **options)
    responses = _responses(model, data)
    facets = _facets(measured_study(model, responses), constructs)
    syntax, frame, settings = _of_study(model, responses)
    return measurement_alternatives.compare_measurement(syntax, frame, **{**settings, "facets": facets, **options})


def _facets(study: Study, constructs: Sequence[str] | None) -> dict[str, dict[str, list[str]]]:
    """Items by facet of the constructs that can be parted."""
    available: dict[str, dict[str, list[str]]] = {}
    for latent in study.specification.latent_variables:
        items = {item.id: item.facet for item in study.instrument.items_of(latent.construct)}
        parts: dict[str, list[str]] = {}
        for name in latent.indicators:
            parts.setdefault(items.get(name) or "", []).append(name)
        if "" not in parts and len(parts) > 1 and all(len(each) > 1 for each in parts.values()):
            available[latent.name] = parts
    unknown = [name for name in constructs or () if name not in available]
    if unknown:
        raise StudyError(
            f"{', '.join(unknown)}: no two facets with two items each in the study {study.id}. Constructs that have "
            f"them: {', '.join(available) or 'none'}."
        )
    return available if constructs is None else {name: available[name] for name in constructs}


def common_method_bias(model: Study | str, data: Answers, *, marker: str | None = None, **options: Any) -> MethodBias:
    """Checks for common method bias of a study or a model.

    Parameters
    ----------
    model : Study or str
        A study, or a model in lavaan's syntax.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        As of :func:`compare_measurement`.
    marker : str, optional
        Latent variable that serves as marker.
    **options
        Of :func:`~surveysem.modelling.method_bias.common_method_bias`.

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> round(common_method_bias(study, study.bundled_data()).harman, 2)
    0.58
    """
    syntax, frame, settings = _resolved(model, data)
    return method_bias.common_method_bias(syntax, frame, marker=marker, **{**settings, **options})


def discriminant_validity(model: Study | str, data: Answers, **options: Any) -> pd.DataFrame:
    """Tests that the latent variables of a study or a model are distinct.

    Parameters
    ----------
    model, data
        As of :func:`common_method_bias`.
    **options
        Of :func:`~surveysem.modelling.discriminant_validity.discriminant_validity`.
    """
    syntax, frame, settings = _resolved(model, data)
    return distinctness.discriminant_validity(syntax, frame, **{**settings, **options})


def item_deletion(model: Study | str, data: Answers, **options: Any) -> pd.DataFrame:
    """Reliability of the scales of a study or a model without each of their items.

    Parameters
    ----------
    model, data
        As of :func:`common_method_bias`.
    **options
        Of :func:`~surveysem.modelling.item_deletion.item_deletion`.
    """
    syntax, frame, settings = _resolved(model, data)
    return deletion.item_deletion(syntax, frame, **{**settings, **options})


def scores(
    model: Study | Fit,
    data: Answers,
    *,
    kind: ScoreKind = "factor",
    ids: str | Sequence[str] = (),
    path: str | Path | None = None,
    force: bool = False,
    minimum_answered: float = 1.0,
) -> PersonScores:
    """Factor scores or scale means of the respondents, beside their ids, and written to a file if asked for.

    Parameters
    ----------
    model : Study or Fit
        A study, whose measurement model is fitted, or a fitted model of one group.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        As of :func:`compare_measurement`; of a fit the data it was fitted to.
    kind : {"factor", "scale"}
        Factor scores, or means of the items.
    ids : str or sequence of str
        Columns carried along; rows keep their index in any case (of a study the row in the source).
    path : str or pathlib.Path, optional
        CSV or Excel file to write; texts that a spreadsheet would take for formulas are made harmless.
    force : bool
        Whether a file of that name is replaced.
    minimum_answered : float
        Share of a scale's items that must be answered for its mean.

    Raises
    ------
    InputFileError
        When the file exists and may not be replaced, or cannot be written.
    DataError, UnsupportedError
        As of :func:`~surveysem.modelling.person_scores.person_scores`, and for another ending than .csv, .tsv, .xlsx.

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> scores(study, study.bundled_data()).frame.shape
    (75, 3)
    """
    if isinstance(model, Study):
        responses = _responses(model, data)
        options = declared_options(model, responses.frame)
        fit = fit_statements(model.statements("measurement"), responses.frame, **options)
        frame = responses.frame
    else:
        fit, frame = model, _frame(data)
    found = person_scores(fit, frame, kind=kind, ids=ids, minimum_answered=minimum_answered)
    if path is not None:
        rows = found.frame.rename_axis(str(found.frame.index.name or "row")).reset_index()
        write_table(rows, path, force=force)
    return found


def _resolved(model: Study | str, data: Answers) -> tuple[str, pd.DataFrame, dict[str, Any]]:
    return _of_study(model, data) if isinstance(model, Study) else (model, _frame(data), {})


def _of_study(study: Study, data: Answers) -> tuple[str, pd.DataFrame, dict[str, Any]]:
    """Measurement model, screened answers and declared settings."""
    responses = _responses(study, data)
    study, frame = measured_study(study, responses), responses.frame
    return study.model_syntax(model="measurement"), frame, declared_options(study, frame)


def _responses(study: Study, data: Answers) -> Responses:
    return data if isinstance(data, Responses) else read_responses(data, study)


def _frame(data: Answers) -> pd.DataFrame:
    if isinstance(data, Responses):
        return data.frame
    if isinstance(data, pd.DataFrame):
        return data
    raise UnsupportedError(
        "Without a study the data must be a pandas DataFrame; read_responses() reads files of a study."
    )
