"""Table: moderation."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, Text, cited
from surveysem.report.moderation import ModerationContent
from surveysem.report.table import Cell, Column, Row, Table
from surveysem.report.tables.columns import (
    ABBREVIATIONS,
    EFFECT_SIZE,
    ESTIMATE_COLUMNS,
    effect_size,
    estimate_cells,
    is_interaction,
    model_note,
    rows_of,
    term_label,
)

METHOD_LABELS = {
    "product_indicator": "Product indicators",
    "lms": "Latent moderated structural equations (LMS)",
    "qml": "Quasi-maximum likelihood (QML)",
}
CENTERING_LABELS = {
    "double": "double mean-centring",
    "residual": "residual centring",
    "unconstrained": "single mean-centring, unconstrained",
    "constrained": "single mean-centring, constrained",
}
_DELTA = Column(key="delta_r_squared", label="ΔR²", kind="bounded", decimals=3, symbol=True)
_RATIO = (
    Column(key="lr_chisq", label="χ²", kind="decimal", symbol=True, spanner="Likelihood ratio"),
    Column(key="lr_df", label="df", kind="integer", symbol=True, spanner="Likelihood ratio"),
    Column(key="lr_p", label="p", kind="p", symbol=True, spanner="Likelihood ratio"),
)


def moderation(content: ReportContent) -> Table | None:
    """Effects of products of latent variables."""
    every = rows_of(content.structural, "~")
    rows = [_interaction(content, row) for _, row in every.iterrows() if is_interaction(str(row["rhs"]))]
    if not rows:
        return None
    probed = content.moderation
    tested = probed is not None and not probed.tests.empty
    if probed is not None and tested and len(probed.tests) > 1:
        rows.append(_all_products(probed))
    return Table(
        name="moderation",
        title="Moderation: interactions of latent variables",
        columns=tuple(_columns(sized=probed is not None, tested=tested)),
        rows=tuple(rows),
        notes=tuple(_notes(content)),
        simulated=content.simulated,
    )


def method_label(moderation_content: ModerationContent) -> str:
    """The method with its centring and pairs, or nodes."""
    words = [METHOD_LABELS[moderation_content.method]]
    if moderation_content.centering:
        words.append(CENTERING_LABELS[moderation_content.centering])
        words += [f"{pairs} pairs" for pairs in dict.fromkeys(moderation_content.pairs.values())]
    if moderation_content.nodes:
        words.append(f"{moderation_content.nodes} nodes")
    return ", ".join(words)


def _columns(*, sized: bool, tested: bool) -> Iterator[Column]:
    yield Column(key="interaction", label="Interaction")
    yield Column(key="outcome", label="Outcome")
    yield from ESTIMATE_COLUMNS
    yield EFFECT_SIZE
    if sized:
        yield _DELTA
    if tested:
        yield from _RATIO


def _notes(content: ReportContent) -> Iterator[Text]:
    method: Text = () if content.moderation is None else (f" Method: {method_label(content.moderation)}.",)
    yield (
        *model_note(content.structural),
        *method,
        " ",
        *ABBREVIATIONS,
        ", for an interaction the appropriate one of ",
        cited("wen_marsh_hau_2010"),
        "; ",
        Symbol("f²"),
        " = Cohen’s effect size of the product within the equation; ",
        Symbol("ΔR²"),
        " = what the product adds to the explained variance. Small, medium and large moderation are "
        "customarily put at .005, .010 and .025; the median observed by ",
        cited("aguinis_2005"),
        f" is .002. {_meaning(content)}",
    )
    if content.moderation is not None and not content.moderation.tests.empty:
        tests = content.moderation.tests
        faults = [str(each).rstrip(".") for each in tests["finding"] if each]
        yield (
            f"Likelihood ratio: twice the difference to the log-likelihood of the model without the product; "
            f"{', '.join(dict.fromkeys(map(str, tests['method'])))}.",
            *(f" {each}." for each in dict.fromkeys(faults)),
        )


def _meaning(content: ReportContent) -> str:
    """What the paths beside a product are effects of."""
    if content.moderation is not None and content.moderation.centering == "residual":
        return "The paths of predictor and moderator are average effects, as without the product."
    return "The paths of predictor and moderator are conditional effects at the mean of the other."


def _interaction(content: ReportContent, row: pd.Series) -> Row:
    outcome, product = str(row["lhs"]), str(row["rhs"])
    cells: dict[str, Cell] = {
        "interaction": term_label(content, product),
        "outcome": content.label(outcome),
        **estimate_cells(row),
        "effect_size": effect_size(content, outcome, product),
    }
    if content.moderation is not None:
        cells["delta_r_squared"] = content.moderation.delta_r_squared(outcome, product)
        cells |= _ratio(content.moderation.tests, outcome, product)
    return Row(cells=cells)


def _ratio(tests: pd.DataFrame, outcome: str, product: str) -> dict[str, Cell]:
    if tests.empty:
        return {}
    row = tests[(tests["outcome"] == outcome) & (tests["product"] == product)].iloc[0]
    return _ratio_cells(row)


def _ratio_cells(row: pd.Series) -> dict[str, Cell]:
    return {"lr_chisq": float(row["chisq_diff"]), "lr_df": float(row["df_diff"]), "lr_p": float(row["p_value"])}


def _all_products(probed: ModerationContent) -> Row:
    return Row(cells={"interaction": "All interactions together", **_ratio_cells(probed.tests.iloc[-1])}, strong=True)
