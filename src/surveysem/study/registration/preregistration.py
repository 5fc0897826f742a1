"""A preregistration: the plan of a study written down before its data exist."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as calendar
from importlib.metadata import version
from math import ceil
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias, get_args

import pandas as pd
from ruamel.yaml import YAML

from surveysem.errors import InputFileError, Problem, UnsupportedError
from surveysem.located_yaml import read_located_yaml
from surveysem.report.render.folder import write_together
from surveysem.study.registration.registered import FORMAT, HASH, as_plain, content_hash, planned_content
from surveysem.study.registration.text import LANGUAGES, preregistration_markdown
from surveysem.study.study import Study

DataStatus: TypeAlias = Literal["none", "not_analysed", "analysed"]
YAML_NAME, MARKDOWN_NAME = "preregistration.yaml", "preregistration.md"
_SECTIONS: Mapping[str, type] = {
    "format": str,
    "version": str,
    "date": str,
    "language": str,
    "data_status": str,
    "study": dict,
    "hypotheses": list,
    "extensions": list,
    "model": dict,
    "sample": dict,
    "exclusions": dict,
    "analysis": dict,
    "fit_criteria": dict,
    "robustness": list,
    "declared": dict,
    HASH: str,
}
_POWER_COLUMNS = ("proposition", "n", "power")


@dataclass(frozen=True, kw_only=True, eq=False)
class Preregistration:
    """The plan of a study, with the hash of its content.

    Parameters
    ----------
    content : Mapping
        Everything registered, as it stands in ``preregistration.yaml``.
    source : str
        Name of the file.
    files : tuple of pathlib.Path
        Files written; the one read, for a preregistration that was read.
    """

    content: Mapping[str, Any]
    source: str = YAML_NAME
    files: tuple[Path, ...] = ()

    @property
    def stated_hash(self) -> str:
        """SHA-256 that the file states of its content."""
        return str(self.content[HASH])

    @property
    def intact(self) -> bool:
        """Whether the content still has the hash the file states."""
        return content_hash(self.content) == self.stated_hash

    @property
    def markdown(self) -> str:
        """The plan in sentences, in the language it was registered in."""
        return preregistration_markdown(self.content)

    def __repr__(self) -> str:
        state = "" if self.intact else ", CHANGED after it was written"
        return f"Preregistration of {self.content['study']['id']}, {self.content['date']}{state}"


class SupportsPower(Protocol):
    """A power analysis that holds its table."""

    @property
    def table(self) -> pd.DataFrame:
        """Power by proposition and sample size."""


def preregister(
    study: Study,
    folder: str | Path,
    *,
    n: int | None = None,
    n_maximum: int | None = None,
    power: pd.DataFrame | SupportsPower | None = None,
    authors: Sequence[str] = (),
    data_status: DataStatus = "none",
    robustness: Sequence[str] = (),
    notes: str = "",
    language: str = "en",
    date: str | None = None,
    force: bool = False,
) -> Preregistration:
    """A study's plan, written to ``preregistration.md`` and ``preregistration.yaml`` before data exist.

    Parameters
    ----------
    study : Study
        Hypotheses, rules, measures, model, exclusions and analysis are those its file declares.
    folder : str or pathlib.Path
        Made if it does not exist.
    n : int, optional
        Respondents to be analysed at least, after all exclusions.
    n_maximum : int, optional
        And at most; a tenth above *n* where it is left out.
    power : pandas.DataFrame or Power, optional
        Power analysis: a row for each proposition and sample size, with ``proposition``, ``n``, ``power`` and, if there
        are, ``ci_lower`` and ``ci_upper``, as columns or index; or the result of :func:`power`.
    authors : sequence of str
        Names.
    data_status : {"none", "not_analysed", "analysed"}
        Whether data have been collected, and whether anybody has looked at them.
    robustness : sequence of str
        Further analyses planned, a sentence each.
    notes : str
        Anything else.
    language : {"en", "pt"}
        Of the sentences; statements are in that language where the study has them in it.
    date : str, optional
        Day in ISO 8601; today if left out.
    force : bool
        Replace a preregistration that is there already.

    Returns
    -------
    Preregistration
        With the files written.

    Raises
    ------
    InputFileError
        When a preregistration is there already, or the folder cannot be written.
    UnsupportedError
        Lists everything wrong with the options.

    Notes
    -----
    The YAML file holds the study file and the questionnaire in full, and the hash of its own content: an analysis can
    be held against it later (``fit_study(..., preregistration=...)``), and a change of the file shows. A hash does not
    stop somebody from writing another file; deposit it with a registry that stamps the time.

    References
    ----------
    nosek_2018

    Examples
    --------
    >>> import surveysem as ss, tempfile
    >>> study = ss.load_study("political_democracy")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plan = ss.preregister(study, folder, n=75, authors=["Ana Lima"], date="2026-03-01")
    >>> plan
    Preregistration of political_democracy, 2026-03-01
    >>> plan.intact
    True
    """
    day = calendar.today().isoformat() if date is None else date
    _check(n=n, n_maximum=n_maximum, data_status=data_status, language=language, day=day)
    target = Path(folder)
    if not force:
        _refuse_replacing(target)
    content: dict[str, Any] = as_plain(
        {
            "format": FORMAT,
            "version": version("surveysem"),
            "date": day,
            "language": language,
            "authors": [authors] if isinstance(authors, str) else list(authors),
            "data_status": data_status,
            **planned_content(study),
            "sample": _sample(n, n_maximum, power, language),
            "robustness": [robustness] if isinstance(robustness, str) else list(robustness),
            "notes": notes,
        }
    )
    content[HASH] = content_hash(content)
    texts = {MARKDOWN_NAME: preregistration_markdown(content), YAML_NAME: _as_yaml(content)}
    encoded = {name: text.encode("utf-8") for name, text in texts.items()}
    return Preregistration(content=content, files=write_together(encoded, target, "The preregistration"))


def read_preregistration(path: str | Path) -> Preregistration:
    """A preregistration as :func:`preregister` wrote it.

    Raises
    ------
    InputFileError
        When the file cannot be read or is no preregistration; every missing part is named.
    """
    document = read_located_yaml(Path(path))
    content = document.content
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = f"it does not begin with `format: {FORMAT}`"
        problem = Problem(where=str(path), found=found, remedy="Name the preregistration.yaml that preregister wrote.")
        raise InputFileError(f"{path} is not a preregistration.", [problem])
    problems = [
        Problem(where=document.where((name,)), found=f"`{name}` is missing or malformed", remedy="Restore the file.")
        for name, sort in _SECTIONS.items()
        if not isinstance(content.get(name), sort)
    ]
    problems += [
        Problem(
            where=document.where((section, name)), found=f"`{section}: {name}` is missing", remedy="Restore the file."
        )
        for section, names in (("study", ("id", "fingerprint")), ("declared", ("study", "questionnaire")))
        for name in names
        if isinstance(content.get(section), dict) and name not in content[section]
    ]
    if problems:
        raise InputFileError(f"{path} is not a complete preregistration.", problems)
    return Preregistration(content=content, source=Path(path).name, files=(Path(path),))


def _check(*, n: int | None, n_maximum: int | None, data_status: str, language: str, day: str) -> None:
    problems = [
        Problem(where=name, found=f"{given!r}", remedy=f"Available: {', '.join(known)}.")
        for name, given, known in (
            ("data_status", data_status, get_args(DataStatus)),
            ("language", language, LANGUAGES),
        )
        if given not in known
    ]
    if n is not None and n < 1:
        problems.append(Problem(where="n", found=f"{n}", remedy="Give the number of respondents to be analysed."))
    if n_maximum is not None and (n is None or n_maximum < n):
        found = f"{n_maximum} with n={n}"
        problems.append(Problem(where="n_maximum", found=found, remedy="Give n, and no maximum below it."))
    try:
        calendar.fromisoformat(day)
    except ValueError:
        problems.append(Problem(where="date", found=repr(day), remedy="Write it as 2026-03-01."))
    if problems:
        raise UnsupportedError("The study was not preregistered.", problems)


def _refuse_replacing(folder: Path) -> None:
    problems = [
        Problem(where=str(folder / name), found="there is a preregistration already", remedy="Choose another folder.")
        for name in (MARKDOWN_NAME, YAML_NAME)
        if (folder / name).exists()
    ]
    if problems:
        raise InputFileError("A preregistration is not replaced unless force=True says so.", problems)


def _sample(n: int | None, n_maximum: int | None, power: Any, language: str) -> dict[str, Any]:
    planned: dict[str, Any] = {}
    if n is not None:
        planned = {"n": int(n), "n_maximum": n + ceil(n / 10) if n_maximum is None else int(n_maximum)}
    if power is None:
        return planned
    paragraph = getattr(power, "paragraph", None)
    told = {"power_method": paragraph(language)} if callable(paragraph) else {}
    return planned | told | {"power": list(_power_rows(power))}


def _power_rows(power: Any) -> Iterable[dict[str, Any]]:
    """Rows of a power analysis, as plain numbers."""
    frame = power if isinstance(power, pd.DataFrame) else getattr(power, "table", None)
    if not isinstance(frame, pd.DataFrame):
        raise UnsupportedError(f"power is a {type(power).__name__}; give a DataFrame, or a result with a `table`.")
    if set(_POWER_COLUMNS) - set(frame.columns):
        frame = frame.reset_index()
    missing = [name for name in _POWER_COLUMNS if name not in frame.columns]
    if missing:
        columns = ", ".join(map(str, frame.columns))
        problems = [Problem(where="power", found=f"no column {name!r} among {columns}", remedy="") for name in missing]
        raise UnsupportedError("The power analysis cannot be read.", problems)
    for row in frame.to_dict("records"):
        numbers = {name: float(row[name]) for name in ("power", "ci_lower", "ci_upper") if name in row}
        kept = {name: value for name, value in numbers.items() if value == value}
        yield {"proposition": str(row["proposition"]), "n": int(row["n"])} | kept


def _as_yaml(content: Mapping[str, Any]) -> str:
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 120
    stream = io.StringIO()
    writer.dump(dict(content), stream)
    return stream.getvalue()
