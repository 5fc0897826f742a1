"""A result as a bundle: everything somebody else needs to compute it again."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import zipfile
from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surveysem.errors import Problem, StudyError
from surveysem.report.content import file_name
from surveysem.report.render.folder import write_together
from surveysem.study.bundles.models import model_files, rests_on_moments
from surveysem.study.bundles.scripts import lavaan_script, semopy_script
from surveysem.study.bundles.tables import analysed_answers, answers_hash, csv_bytes, fitted_models, result_tables

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult

FORMAT = "surveysem bundle"
FORMAT_VERSION = 1
MANIFEST = "bundle.json"
ANSWERS = "answers.csv"
_PACKAGES = ("surveysem", "numpy", "scipy", "pandas")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a ZIP file knows: equal bundles are equal files


def write_bundle(result: StudyResult, target: str | Path, *, include_data: bool = False) -> tuple[Path, ...]:
    """A result written as a folder, or as one ZIP file where *target* ends in ``.zip``.

    Parameters
    ----------
    result : StudyResult
        What is to be computed again.
    target : str or pathlib.Path
        Folder, made if it does not exist, or ZIP file.
    include_data : bool
        Put the analysed answers into it: items and the grouping questions that propositions compare, no other column,
        rows sorted by their values. Combinations of answers may still tell who gave them: look before you publish.

    Returns
    -------
    tuple of pathlib.Path
        The files written.

    Raises
    ------
    StudyError
        When the study was not read from files.
    InputFileError
        When the bundle cannot be written; nothing is changed then.
    """
    path = Path(target)
    if path.suffix.lower() == ".zip":
        zipped = zipped_bundle(result, include_data=include_data)
        return write_together({path.name: zipped}, path.parent, "The bundle")
    return write_together(bundle_files(result, include_data=include_data), path, "The bundle")


def zipped_bundle(result: StudyResult, *, include_data: bool = False) -> bytes:
    """A bundle as the content of one ZIP file; the same result gives the same bytes on one day."""
    return _zipped(bundle_files(result, include_data=include_data))


def bundle_files(result: StudyResult, *, include_data: bool = False) -> dict[str, bytes]:
    """The files of a bundle by their path in it, ``bundle.json`` with the hash of all others last."""
    study, models = result.study, fitted_models(result)
    if not study.files:
        remedy = "Load it with load_study."
        problem = Problem(where=f"study {study.id}", found="it was not read from files", remedy=remedy)
        raise StudyError("A bundle holds the files of a study, and this one has none.", [problem])
    files = {name: text.encode("utf-8") for name, text in study.files.items()}
    files |= {table_path(name): csv_bytes(table) for name, table in result_tables(result).items()}
    for name, fit in models.items():
        files |= model_files(name, fit, include_data=include_data)
    answers = analysed_answers(study, result.responses)
    if include_data:
        cluster = result.settings.get("cluster")
        files[ANSWERS] = csv_bytes(analysed_answers(study, result.responses, cluster=cluster))
    files["lavaan.R"] = lavaan_script(models).encode("utf-8")
    if script := semopy_script(models):
        files["fit_semopy.py"] = script.encode("utf-8")
    facts = _facts(result, answers_hash(answers), include_data=include_data)
    files["README.md"] = _readme(facts).encode("utf-8")
    facts["files"] = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    files[MANIFEST] = (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
    return files


def table_path(name: str) -> str:
    """Place of a table in a bundle: tables of a model stand beside its syntax.

    Examples
    --------
    >>> table_path("structural/fit"), table_path("verdicts")
    ('models/structural/fit.csv', 'verdicts.csv')
    """
    return f"models/{name}.csv" if "/" in name else f"{name}.csv"


def _facts(result: StudyResult, answers: str, *, include_data: bool) -> dict[str, Any]:
    """What the manifest says besides the hashes of the files."""
    study, responses = result.study, result.responses
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "study": study.id,
        "title": study.title,
        "fingerprint": study.fingerprint,
        "created": date.today().isoformat(),
        "software": {"Python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
        "settings": dict(result.settings),
        "inadmissible_allowed": any(each.where == "verdicts" for each in result.overrides),
        "data": {
            "source": file_name(responses.source),
            "simulated": responses.simulated,
            "note": responses.simulated_note,
            "n_read": responses.screening.n_imported,
            "n_screened": responses.n_obs,
            "sha256": answers,
            "included": include_data,
        },
        "models": {name: _model_facts(fit) for name, fit in fitted_models(result).items()},
        "tables": list(result_tables(result)),
    }


def _model_facts(fit: Any) -> dict[str, Any]:
    return {
        "estimator": fit.estimator,
        "engine": fit.engine,
        "n_obs": fit.n_obs,
        "from_moments": rests_on_moments(fit),
        "means": fit.table.has_means,
        "products": {name: list(factors) for name, factors in fit.products.items()},
        "discrepancy": fit.solution.discrepancy,
    }


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _readme(facts: Mapping[str, Any]) -> str:
    data, moments = facts["data"], [name for name, model in facts["models"].items() if model["from_moments"]]
    missing = [name for name in facts["models"] if name not in moments]
    lines = [
        f"# {facts['title']}",
        f"Everything needed to compute the results of the study `{facts['study']}` again. "
        f"Written by surveysem {facts['software']['surveysem']} on {facts['created']}.",
        *([f"**{data['note']}: these answers come from nobody.**"] if data["simulated"] else []),
        "## Check it",
        "    surveysem replicate THIS_BUNDLE\n    surveysem replicate THIS_BUNDLE --data answers.csv",
        _told(moments, missing, included=data["included"]),
        "The data behind the results are those whose analysed answers have the SHA-256 hash "
        f"`{data['sha256']}` ({data['n_screened']} of {data['n_read']} respondents after screening).",
        "## What is in it",
        "\n".join(_CONTENTS),
    ]
    return "\n\n".join(lines) + "\n"


def _told(moments: list[str], missing: list[str], *, included: bool) -> str:
    if included:
        return "The analysed answers are in the bundle (`answers.csv`), so that every number can be checked."
    words = []
    if moments:
        words.append(
            f"Without the answers, these models are refitted to their covariances and means: {', '.join(moments)}. "
            "Under MLR, robust standard errors follow from `score_products.csv`; scaled statistics, robust fit indices "
            "and comparisons of groups need the answers."
        )
    if missing:
        words.append(
            "These models were fitted to the answers themselves and can only be checked with them: "
            f"{', '.join(missing)}."
        )
    return " ".join(words)


_CONTENTS = (
    "- `study.yaml`, `instrument.yaml`: model, propositions, decision rules and questionnaire, as they were used.",
    "- `bundle.json`: settings, versions, and the hash of every file.",
    "- `verdicts.csv`, `extensions.csv`, `screening.csv`: what was judged, and who was left out before.",
    "- `models/*/parameters.csv`, `fit.csv`, `r_squared.csv`, `reliability.csv`, `htmt.csv`: the numbers, unrounded.",
    "- `models/*/covariance.csv`, `means.csv`: sample moments, divided by n; of incomplete answers those of the "
    "saturated model.",
    "- `models/*/score_products.csv`: mean cross-products of the casewise scores at the estimates (MLR).",
    "- `models/*/model.lavaan.txt`, `lavaan.R`: the models for lavaan, and the script that fits them.",
    "- `models/*/model.semopy.txt`, `fit_semopy.py`: the same for semopy, where it can fit them.",
)
