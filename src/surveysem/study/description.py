"""The answers to a study described for its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveysem.data.clustering import intraclass_correlations
from surveysem.data.descriptives import item_descriptives
from surveysem.data.missingness import missingness
from surveysem.data.normality import MardiaTest, mardia_test
from surveysem.data.wording import counted
from surveysem.errors import SurveySEMError
from surveysem.inference import Fit
from surveysem.instrument import Instrument
from surveysem.report.description import AdviceContent, DescriptionContent
from surveysem.study.analysis import estimator_advice

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult

_MEASURES = {"mean": "mean", "sd": "std", "median": "median", "minimum": "min", "maximum": "max"}


def description_content(result: StudyResult) -> DescriptionContent:
    """Everything a report says about the answers to a study."""
    study, responses = result.study, result.responses
    items = list(study.specification.indicators)
    rows = result.measurement.rows[0]
    analysed = responses.frame.loc[rows]
    cluster = result.settings.get("cluster") or study.analysis.cluster or ""
    descriptives, obstacle = _with_clusters(
        item_descriptives(analysed, items, instrument=study.instrument), analysed, cluster
    )
    normality, problem = _normality(analysed[items])
    return DescriptionContent(
        answers=analysed[items].astype(float),
        items=descriptives,
        constructs={each.name: each.indicators for each in study.specification.latent_variables},
        screened=responses.frame[items].astype(float),
        missing=missingness(responses.frame[items].astype(float)),
        normality=normality,
        normality_obstacle=problem,
        categories=category_counts(analysed, study.instrument),
        measures=measure_summaries(analysed, study.instrument),
        latent_correlations=latent_correlations(result.measurement),
        cluster=cluster,
        n_clusters=int(analysed[cluster].nunique()) if cluster in analysed else 0,
        cluster_obstacle=obstacle,
        advice=_advice(result, analysed),
    )


def category_counts(frame: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Answers to questions that part respondents into categories, with those who gave none.

    Parameters
    ----------
    frame : pandas.DataFrame
        Coded answers, one row a respondent.
    instrument : Instrument
        Its grouping questions, and observed measures in categories.

    Returns
    -------
    pandas.DataFrame
        question, code (NaN for no answer), n, share of all rows; codes in the order of their scale, without those that
        nobody gave. Questions without any answer are left out.
    """
    rows: list[dict[str, object]] = []
    for question in (*instrument.grouping_questions, *instrument.observed_measures):
        scale = instrument.scale(question.scale)
        if scale.kind not in ("nominal", "ordinal") or question.id not in frame or frame[question.id].isna().all():
            continue
        answers = frame[question.id]
        counts: dict[float, int] = {float(code): int((answers == code).sum()) for code in scale.codes}
        counts[float("nan")] = int(answers.isna().sum())
        rows += [
            {"question": question.id, "code": code, "n": n, "share": n / len(answers)}
            for code, n in counts.items()
            if n
        ]
    return pd.DataFrame(rows, columns=["question", "code", "n", "share"])


def measure_summaries(frame: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Mean, standard deviation (divided by *n* − 1), median and range of each measure that is a number.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a respondent; NaN where a value is missing, which is left out measure by measure.
    instrument : Instrument
        Its observed measures and grouping questions.

    Returns
    -------
    pandas.DataFrame
        Indexed by question: n, mean, sd, median, minimum, maximum. Measures without any value are left out.
    """
    names = [
        question.id
        for question in (*instrument.grouping_questions, *instrument.observed_measures)
        if instrument.scale(question.scale).kind == "number" and question.id in frame
    ]
    values = frame[names].astype(float).dropna(axis="columns", how="all")
    table = pd.DataFrame({"n": values.notna().sum()})
    return table.assign(**{name: getattr(values, how)() for name, how in _MEASURES.items()})


def latent_correlations(fit: Fit) -> pd.DataFrame:
    """Correlations of the latent variables of a measurement model; NaN where it has none of a pair."""
    estimates = fit.estimates
    names = list(dict.fromkeys(estimates.loc[estimates["op"] == "=~", "lhs"]))
    table = pd.DataFrame(np.nan, index=names, columns=names)
    among = (estimates["op"] == "~~") & estimates["lhs"].isin(names) & estimates["rhs"].isin(names)
    for _, row in estimates[among].iterrows():
        table.loc[row["lhs"], row["rhs"]] = table.loc[row["rhs"], row["lhs"]] = float(row["std_all"])
    return table


def _with_clusters(table: pd.DataFrame, frame: pd.DataFrame, cluster: str) -> tuple[pd.DataFrame, str]:
    """Descriptives with intraclass correlations and design effects, where respondents are clustered."""
    if not cluster:
        return table, ""
    try:
        found = intraclass_correlations(frame, cluster=cluster, items=list(table.index))
    except SurveySEMError as error:
        return table, _reason(error)
    return table.join(found[["icc", "design_effect"]]), ""


def _normality(answers: pd.DataFrame) -> tuple[MardiaTest | None, str]:
    try:
        return mardia_test(answers), ""
    except SurveySEMError as error:
        return None, _reason(error)


def _advice(result: StudyResult, frame: pd.DataFrame) -> AdviceContent:
    settings = result.settings
    remarks: tuple[str, ...] = ()
    try:
        advice = estimator_advice(result.study, frame, settings)
    except SurveySEMError as error:
        if "cluster" not in settings:
            return AdviceContent(advised="", reasons=(_reason(error),), followed=True)
        remarks = (f"Clusters were left aside: {_reason(error)}",)
        advice = estimator_advice(result.study, frame, {**settings, "cluster": None})
    words: list[str] = [advice.estimator]
    words += [f"with {counted(len(advice.ordered), 'item')} taken for ordered"] if advice.ordered else []
    words += [f"with standard errors that allow for the clusters of {advice.cluster}"] if advice.cluster else []
    followed = (
        settings["estimator"] == advice.estimator
        and set(settings.get("ordered", ())) == set(advice.ordered)
        and (advice.cluster is None or settings.get("cluster") == advice.cluster)
    )
    return AdviceContent(advised=" ".join(words), reasons=(*map(str, advice.reasons), *remarks), followed=followed)


def _reason(error: SurveySEMError) -> str:
    return " ".join([error.message, *(str(problem) for problem in error.problems[:3])])
