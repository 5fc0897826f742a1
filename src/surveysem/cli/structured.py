"""What commands print for scripts: JSON, with null where there is no number."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import typer

import surveysem as ss
from surveysem.cli.rivals import rivals_content


def print_json(content: Mapping[str, object]) -> None:
    """One JSON object on stdout, ASCII alone, so that no console's encoding matters."""
    typer.echo(json.dumps(plain(content), indent=2, allow_nan=False))


def plain(value: object) -> object:
    """Mappings, lists, texts, numbers and None alone; frames become lists of their rows."""
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return [plain(row) for row in value.to_dict("records")]
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, bool | int | float) else str(value)


def findings(found: Iterable[object]) -> list[dict[str, str]]:
    """Findings as objects of severity, where and message."""
    names = ("severity", "where", "message")
    return [{name: str(getattr(each, name)) for name in names} for each in found]


def result_content(result: ss.StudyResult, files: Iterable[Path]) -> dict[str, object]:
    """A fitted study: sample, fit of the models, verdicts, findings and the files written."""
    return {
        "study": result.study.id,
        "fingerprint": result.study.fingerprint,
        "simulated": result.responses.simulated,
        "n": result.structural.n_obs,
        "estimator": result.structural.estimator,
        "fit": {
            "measurement": dict(result.measurement.fit_indices),
            "structural": dict(result.structural.fit_indices),
        },
        "verdicts": result.verdicts.rename_axis("id").reset_index(),
        "extensions": result.extensions.rename_axis("id").reset_index(),
        "findings": findings((*result.fit_judgement, *result.findings)),
        "rival_models": rivals_content(result),
        "preregistration": _preregistration(result),
        "files": list(files),
    }


def _preregistration(result: ss.StudyResult) -> dict[str, object] | None:
    """The analysis held against its preregistration: its hash, whether it is intact, every deviation."""
    check = result.preregistration
    if check is None:
        return None
    names = ("topic", "item", "registered", "done")
    deviations = [{name: getattr(each, name) for name in names} for each in check.deviations]
    return {"date": check.date, "hash": check.content_hash, "intact": check.intact, "deviations": deviations}
