"""On whom do the results rest? Estimates and verdicts without each respondent, and without each cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.influence import InfluenceMethod
from surveysem.report.robustness import InfluenceContent
from surveysem.report.table import Table
from surveysem.study.robustness.influence_units import (
    LeftOut,
    changed_verdicts,
    cluster_names,
    effects_of_fit,
    effects_of_study,
    failure_findings,
    influence_findings,
    influence_of_units,
    row_labels,
    unmade_products,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from surveysem.study.result import StudyResult


@dataclass(frozen=True, kw_only=True, eq=False)
class Influence:
    """Respondents and clusters on which estimates and verdicts rest.

    Parameters
    ----------
    content : InfluenceContent
        Distances, changes and verdicts, as reports take them.
    findings : tuple of Finding
        What a reader must know.
    simulated : bool
        Whether the answers come from a simulation, which figures must say.
    """

    content: InfluenceContent
    findings: tuple[Finding, ...]
    simulated: bool = False

    @property
    def cases(self) -> pd.DataFrame:
        """One row a respondent: generalized_distance, likelihood_distance, largest change and effect, n_left_out."""
        return self.content.cases

    @property
    def changes(self) -> pd.DataFrame:
        """What each respondent adds to each effect, in standard errors."""
        return self.content.changes

    @property
    def clusters(self) -> pd.DataFrame:
        """The columns of :attr:`cases`, one row a cluster; empty where no clusters were named."""
        return self.content.clusters

    @property
    def cluster_changes(self) -> pd.DataFrame:
        """What each cluster adds to each effect, in standard errors."""
        return self.content.cluster_changes

    @property
    def verdicts(self) -> pd.DataFrame:
        """Verdicts that differ without a respondent or a cluster."""
        return self.content.verdicts

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it means, fit for a paper."""
        return self.content.sentences

    def plot(self) -> Figure:
        """Index plot of the distances and of the largest changes."""
        from surveysem.report.figures.influence import influence_plot

        return influence_plot(self.content, simulated=self.simulated)

    @cached_property
    def report_table(self) -> Table:
        """The table for a paper."""
        from surveysem.report.tables.influence import influence_table

        return influence_table(self.content, simulated=self.simulated)

    def __repr__(self) -> str:
        top = self.cases.nlargest(10, "generalized_distance").round(3)
        return "\n".join([*self.sentences, top.to_string()])

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(each)}</li>" for each in self.sentences)
        return f"<ul>{lines}</ul>{self.report_table._repr_html_()}"


def influence(
    fitted: StudyResult | Fit,
    data: pd.DataFrame | None = None,
    *,
    cluster: str | None = None,
    method: InfluenceMethod = "exact",
    n_refitted: int = 5,
    n_jobs: int = 1,
    progress: bool = False,
) -> Influence:
    """Estimates and verdicts without each respondent, and without each cluster of respondents.

    Parameters
    ----------
    fitted : StudyResult or Fit
        A fitted study, whose tested effects and verdicts are looked at, or a fitted model, whose paths are.
    data : pandas.DataFrame, optional
        What a model was fitted to, for its column of clusters; a study has its answers.
    cluster : str, optional
        Column whose values group the respondents, such as the influencer: each group is left out in turn.
    method : {"exact", "one_step"}
        Refit without each respondent, or take one Newton step from the estimates, which is quicker and a little less
        accurate; LMS and QML have the step alone.
    n_refitted : int
        The most influential respondents without each of whom the whole study is judged again. Without each cluster it
        always is.
    n_jobs : int
        Processes in which studies are judged again.
    progress : bool
        Show a bar, on a terminal or in a notebook.

    Returns
    -------
    Influence
        Generalised Cook's distances, likelihood distances, and the change of each effect in standard errors.

    Raises
    ------
    UnsupportedError
        For least squares; for refits under LMS and QML.
    DataError
        When there is no such column of clusters, or a respondent has none.

    Notes
    -----
    The change of an effect is (θ̂ − θ̂₍ᵢ₎) / SE(θ̂): positive where the respondent raises the estimate. In models of
    means, products of indicators are made anew without the respondent. There is no cut-off: the largest distances are
    where to look, not whom to leave out.

    References
    ----------
    cook_1977, cook_1986, pek_maccallum_2011

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.sem("ind60 =~ x1 + x2 + x3; dem60 =~ y1 + y2 + y3 + y4; dem60 ~ ind60", data)
    >>> found = ss.influence(fit)
    >>> found.changes.shape, int(found.cases["generalized_distance"].idxmax())
    ((75, 1), 40)
    """
    study = None if isinstance(fitted, Fit) else fitted
    fit = fitted if isinstance(fitted, Fit) else fitted.structural
    effects = effects_of_fit(fit) if study is None else effects_of_study(study)
    rows = row_labels(fit)
    cases = influence_of_units(fit, np.arange(len(rows)), rows, effects, method)
    clusters, names = None, None
    if cluster is not None:
        names = cluster_names(fit, data if study is None else study.responses.frame, cluster)
        codes, labels = pd.factorize(names)
        clusters = influence_of_units(fit, codes.astype(np.int64), pd.Index(labels, name=cluster), effects, method)
    verdicts = pd.DataFrame()
    if study is not None:
        chosen = list(cases.table["generalized_distance"].nlargest(n_refitted).index)
        left_out = [LeftOut(kind="respondent", name=name, rows=(_row(name),)) for name in chosen]
        if names is not None:
            places = pd.Series([_row(each) for each in rows])
            left_out += [
                LeftOut(kind="cluster", name=name, rows=tuple(places[np.asarray(names) == name]))
                for name in pd.unique(names)
            ]
        verdicts = changed_verdicts(study, left_out, n_jobs=n_jobs, progress=progress)
    content = InfluenceContent(
        method=method,
        cases=cases.table,
        changes=cases.changes,
        clusters=pd.DataFrame() if clusters is None else clusters.table,
        cluster_changes=pd.DataFrame() if clusters is None else clusters.changes,
        verdicts=verdicts,
        n_refitted=min(n_refitted, len(rows)) if study is not None else 0,
        cluster=cluster or "",
        clusters_judged=study is not None and clusters is not None,
    )
    findings = (
        *influence_findings(content),
        *unmade_products(fit),
        *(finding for each in (cases, clusters) if each is not None for finding in failure_findings(each)),
    )
    sentences = tuple(each.message for each in findings if each.where == "influence")
    return Influence(
        content=replace(content, sentences=sentences),
        findings=findings,
        simulated=study is not None and study.responses.simulated,
    )


def _row(name: object) -> object:
    """A row of the answers; where there are groups, its label stands behind theirs."""
    return name[-1] if isinstance(name, tuple) else name
