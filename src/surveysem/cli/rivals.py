"""Rival models on the command line: what is printed of them, and what scripts get."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

import surveysem as ss
from surveysem.cli.console import frame_table, p_cell

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = ("npar", "df", "chisq", "aic", "bic", "delta_aic", "delta_bic", "akaike_weight")
_TEST = ("chisq_diff", "df_diff", "p_value", "method", "finding", "problem")


def print_rivals(out: Console, result: ss.StudyResult) -> None:
    """The study's model beside its rivals, where it declares some, and what was noticed about them."""
    rivals = result.rival_models
    if rivals is None:
        return
    out.print(frame_table(_shown(rivals.table), title="The study's model and its rivals"))
    for finding in rivals.findings:
        out.print(escape(str(finding)))


def rivals_content(result: ss.StudyResult) -> list[dict[str, object]] | None:
    """One object a model, the study's own first; None where the study declares no rivals."""
    if result.rival_models is None:
        return None
    table = result.rival_models.table[["title", "changes", "relation", "admissible", *_NUMBERS, *_TEST]]
    return [
        {"id": str(name)} | {str(key): value for key, value in row.items()}
        for name, row in zip(table.index, table.to_dict("records"), strict=True)
    ]


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Rivals with the numbers a terminal has room for."""
    import pandas as pd

    shown: dict[str, object] = {"": table.index, "Relation": [_relation(value) for value in table["relation"]]}
    places = {"AIC": ("aic", 1), "BIC": ("bic", 1), "weight": ("akaike_weight", 2)}
    places |= {"Δχ²": ("chisq_diff", 2), "Δdf": ("df_diff", 0)}
    for heading, (name, decimals) in places.items():
        shown[heading] = ["" if isnan(value) else f"{value:.{decimals}f}" for value in table[name]]
    return pd.DataFrame(shown | {"p": [p_cell(value) for value in table["p_value"]]})


def _relation(found: object) -> str:
    return "the study's model" if found == "study" else str(found)
