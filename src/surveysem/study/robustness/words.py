"""What the specifications of an analysis say together, in words for a paper."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from surveysem.findings import Finding
from surveysem.number_formats import format_bounded
from surveysem.report.inline import counted, listing
from surveysem.report.robustness import NO_RESULT, RobustnessContent
from surveysem.study.robustness.plan import AnalysisChoice

_PLACE = "robustness"


def moderation_name(choice: AnalysisChoice) -> str:
    """The method of latent interactions as tables and figures name it; empty where there are none.

    Examples
    --------
    >>> moderation_name(AnalysisChoice(number=1, measurement="", screening="", missing="", estimator="ML",
    ...                                interaction="product_indicator", centering="double"))
    'products (double)'
    """
    if choice.interaction == "product_indicator":
        return f"products ({choice.centering})"
    return choice.interaction.upper()


def robustness_findings(content: RobustnessContent) -> Iterator[Finding]:
    """Which verdicts hold in all specifications, which do not, and which specifications have no result."""
    shares, whole = content.shares, _undivided(content)
    n = content.n_specifications
    steady = [name for name in whole if shares.loc[name, "share_same"] == 1.0]
    for verdict in dict.fromkeys(str(shares.loc[name, "declared_verdict"]) for name in steady):
        names = listing([name for name in steady if shares.loc[name, "declared_verdict"] == verdict])
        yield _note(f"{names}: {verdict} in {_all_of(content)}.")
    for name in whole:
        if name not in steady:
            row = content.share(name)
            message = (
                f"{name}: {row['declared_verdict']} as declared, and in {row['n_same']} of {row['n_specifications']} "
                f"specifications; in all of them: {row['verdicts']}.{_range(row)}{_movers(content, name)}"
            )
            yield Finding(severity="warning", where=_PLACE, message=message)
    lost = content.table[content.table["verdict"] == NO_RESULT].groupby("problem", sort=False)["specification"]
    for why, numbers in lost:
        what = f"{numbers.nunique()} of {counted(n, 'specification')}"
        message = f"{what} ({_common(content, numbers)}) had no result: {str(why).rstrip('.')}."
        yield Finding(severity="warning", where="specifications without a result", message=message)
    doubtful = content.table[~content.table["admissible"].astype(bool) & (content.table["problem"] == "")]
    if len(doubtful):
        count = doubtful["specification"].nunique()
        message = (
            f"{count} of {counted(n, 'specification')} ({_common(content, doubtful['specification'])}) gave "
            "inadmissible solutions."
        )
        yield Finding(severity="warning", where="inadmissible specifications", message=message)


def _note(message: str) -> Finding:
    return Finding(severity="note", where=_PLACE, message=message)


def _undivided(content: RobustnessContent) -> list[str]:
    return [each.id for each in content.propositions]


def _all_of(content: RobustnessContent) -> str:
    found = content.table.loc[content.table["verdict"] != NO_RESULT, "specification"].nunique()
    if found == 1:
        return "the declared specification, the only one with a result"
    return f"all {found} specifications" + ("" if found == content.n_specifications else " with a result")


def _range(row: pd.Series) -> str:
    if pd.isna(row["beta_median"]):
        return ""
    low, middle, high = (format_bounded(row[name]) for name in ("beta_min", "beta_median", "beta_max"))
    return f" β lies between {low} and {high} (median {middle}), {format_bounded(row['declared_beta'])} as declared."


def _movers(content: RobustnessContent, proposition: str) -> str:
    """The choice whose levels differ most in how often the declared verdict is reached, where one stands out."""
    rows = content.rows_of(proposition)
    rows = rows[rows["verdict"] != NO_RESULT]
    declared = content.shares.loc[proposition, "declared_verdict"]
    spread = {}
    for choice, levels in content.choices.items():
        shares = {level: (rows.loc[rows[choice] == level, "verdict"] == declared).mean() for level in levels}
        known = {level: share for level, share in shares.items() if pd.notna(share)}
        if len(known) > 1:
            spread[choice] = known
    if not spread:
        return ""
    choice = max(spread, key=lambda name: max(spread[name].values()) - min(spread[name].values()))
    parts = listing([f"{share:.0%} with {level}" for level, share in spread[choice].items()])
    return f" It depends most on the choice of {choice}: the declared verdict is reached in {parts}."


def _common(content: RobustnessContent, numbers: pd.Series) -> str:
    """What some specifications have in common, or their numbers."""
    rows = content.table[content.table["specification"].isin(numbers)].drop_duplicates("specification")
    shared = [f"{choice} {rows[choice].iloc[0]}" for choice in content.choices if len(rows[choice].unique()) == 1]
    return "; ".join(shared) or f"numbers {listing([str(each) for each in rows['specification'].head(6)])}"
