"""What a power simulation found, ready for a notebook and a paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from math import isnan

import pandas as pd
from matplotlib.figure import Figure

from surveysem.findings import Finding
from surveysem.number_formats import DASH, format_bounded, format_decimal, format_interval
from surveysem.planning.paragraph import power_paragraph
from surveysem.planning.summary import analysable_sizes, by_size


@dataclass(frozen=True, kw_only=True, eq=False)
class Power:
    """Power of a study's propositions, by simulation.

    Parameters
    ----------
    study_id : str
        The study.
    table : pandas.DataFrame
        By proposition and n: power with its Wilson interval, bias, coverage; see
        :func:`~surveysem.planning.summary.power_table`.
    verdicts : pandas.DataFrame
        By proposition and n: share of each verdict.
    required : pandas.DataFrame
        By proposition and target: n, lower, upper, reached.
    replications : pandas.DataFrame
        By n: requested, solved, inadmissible, failed, refitted.
    failures : pandas.DataFrame
        n, problem, reason, count.
    settings : Mapping of str to object
        estimator, missing, interaction, centering, missing_share, reps, seed, level, fitted_by; parameters: free ones
        of the measurement model, of which no analysis has more than rows.
    findings : tuple of Finding
        What a reader must be told.
    out_of_reach : tuple of str
        Composites with a part whose effect is 0 in the population.
    """

    study_id: str
    table: pd.DataFrame
    verdicts: pd.DataFrame
    required: pd.DataFrame
    replications: pd.DataFrame
    failures: pd.DataFrame
    settings: Mapping[str, object]
    findings: tuple[Finding, ...]
    out_of_reach: tuple[str, ...] = ()

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sample sizes, increasing."""
        return tuple(int(n) for n in self.replications.index)

    @property
    def analysable_sizes(self) -> tuple[int, ...]:
        """Sample sizes at which at least one replication has a solution; required sizes lie among them."""
        return analysable_sizes(self.replications)

    @property
    def refused_sizes(self) -> tuple[int, ...]:
        """Sample sizes at which no replication can be analysed, so that the power is 0; tables mark them ×."""
        return tuple(n for n in self.sizes if n not in self.analysable_sizes)

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Propositions whose effect is 0 in the population: what is called their power is an error rate."""
        first = self.table.groupby(level="proposition", sort=False)["population"].first()
        return tuple(str(name) for name in first.index[first == 0.0])

    @property
    def overview(self) -> pd.DataFrame:
        """Power by proposition (rows) and n (columns)."""
        return by_size(self.table["power"])

    @property
    def figure(self) -> Figure:
        """Power curves with their intervals."""
        from surveysem.planning.figure import plot_power

        return plot_power(self)

    def paragraph(self, language: str = "en") -> str:
        """Sentences for the methods section of a paper.

        Parameters
        ----------
        language : {"en", "pt"}
            English or Portuguese.

        Raises
        ------
        UnsupportedError
            For another language.
        """
        return power_paragraph(self, language)

    def __repr__(self) -> str:
        lines = [f"Power of {self.study_id}, {self._how()}", self.text_table.to_string()]
        return "\n".join([*lines, *(str(finding) for finding in self.findings)])

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(str(finding))}</li>" for finding in self.findings)
        title = f"<b>Power of {escape(self.study_id)}</b>, {escape(self._how())}"
        return f"<p>{title}</p>{self.text_table.to_html()}<ul>{notes}</ul>"

    def _how(self) -> str:
        settings = self.settings
        return f"{settings['reps']} replications of each n, {settings['estimator']}, seed {settings['seed']}"

    @property
    def text_table(self) -> pd.DataFrame:
        """Power with intervals in one cell, and the sizes needed, as text; × where no sample can be analysed."""
        cells = self.table.apply(
            lambda row: (
                f"{format_bounded(row['power'])} {format_interval(row['ci_lower'], row['ci_upper'], bounded=True)}"
            ),
            axis=1,
        )
        shown = by_size(cells)
        shown[list(self.refused_sizes)] = CROSS
        shown = shown.rename(columns=lambda n: marked_size(n, self.refused_sizes))
        first = self.table.groupby(level="proposition", sort=False)["population"].first()
        shown.insert(0, "effect", [DASH if isnan(value) else format_decimal(value) for value in first])
        for target in self.required.index.unique("target"):
            rows = self.required.xs(target, level="target").loc[shown.index]
            shown[f"n for {target:g}"] = [
                DASH if name in (*self.without_effect, *self.out_of_reach) else needed_text(row, self.analysable_sizes)
                for name, row in rows.iterrows()
            ]
        return shown


CROSS = "×"
"""What stands for a sample size that cannot be analysed."""


def marked_size(n: int, refused: tuple[int, ...]) -> str:
    """Heading of the column of a sample size.

    Examples
    --------
    >>> marked_size(150, (150, 200))
    'n = 150 ×'
    """
    return f"n = {n} {CROSS}" if n in refused else f"n = {n}"


def needed_text(row: pd.Series, sizes: tuple[int, ...]) -> str:
    """The sample a power needs, with its interval, or on which side of those analysed it lies."""
    if not sizes:
        return DASH
    if row["reached"] == "below":
        return f"≤ {sizes[0]}"
    if row["reached"] == "above":
        return f"> {sizes[-1]}"
    lower = f"< {sizes[0]}" if isnan(row["lower"]) else f"{row['lower']:.0f}"
    upper = f"> {sizes[-1]}" if isnan(row["upper"]) else f"{row['upper']:.0f}"
    return f"{row['n']:.0f} [{lower}, {upper}]"
