"""An analysis computed again from its bundle, and compared with what the bundle says, number by number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from surveysem.data import Responses, Screening
from surveysem.errors import UnsupportedError
from surveysem.study.bundles.bundle import ANSWERS
from surveysem.study.bundles.reading import Bundle, read_bundle
from surveysem.study.bundles.refit import tables_from_moments
from surveysem.study.bundles.tables import KEYS, analysed_answers, answers_hash, result_tables
from surveysem.study.fitting import fit_study
from surveysem.study.responses import read_responses
from surveysem.study.result import StudyResult
from surveysem.study.study import Study

SAME, DIFFERS, UNCHECKED = _STATUSES = ("same", "differs", "needs data")
TOLERANCE = 1e-6
_OPTIONS = ("estimator", "missing", "interaction", "centering", "nodes", "ordered", "cluster", "engine")
_COLUMNS = ["table", "row", "column", "stored", "recomputed", "difference", "status"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reproduction:
    """What came out when a bundle was computed again.

    Parameters
    ----------
    path : pathlib.Path
        The bundle.
    basis : {"the answers given", "the answers in the bundle", "the moments in the bundle"}
        What the models were fitted to.
    tolerance : float
        Largest difference of two numbers that count as the same: absolute below 1, relative above.
    comparison : pandas.DataFrame
        One row a value: table, row, column, stored, recomputed, difference, status (same, differs, needs data).
    """

    path: Path
    basis: str
    tolerance: float
    comparison: pd.DataFrame

    @property
    def same(self) -> bool:
        """Whether every value that could be computed again is what the bundle says, and there was at least one."""
        return self.n_same > 0 and self.n_different == 0

    @property
    def n_same(self) -> int:
        """Number of values that are the same."""
        return int((self.comparison["status"] == SAME).sum())

    @property
    def n_different(self) -> int:
        """Number of values that differ."""
        return int((self.comparison["status"] == DIFFERS).sum())

    @property
    def n_unchecked(self) -> int:
        """Number of values that can be computed from the answers alone, which were not at hand."""
        return int((self.comparison["status"] == UNCHECKED).sum())

    @property
    def differences(self) -> pd.DataFrame:
        """Rows of the comparison that differ."""
        return self.comparison[self.comparison["status"] == DIFFERS]

    @cached_property
    def overview(self) -> pd.DataFrame:
        """By table: number of values that are the same, differ or need the answers, and the largest difference."""
        grouped = self.comparison.groupby("table", sort=False)
        is_status = {name: self.comparison["status"] == name for name in _STATUSES}
        counts = pd.DataFrame(is_status).groupby(self.comparison["table"], sort=False).sum()
        return counts.assign(largest_difference=grouped["difference"].max()).reset_index()

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        left = f" {self.n_unchecked:,} more can only be checked with the answers." if self.n_unchecked else ""
        if not self.n_same and not self.n_different:
            return f"Nothing could be checked: all {self.n_unchecked:,} values need the answers. Give them with data."
        compared = self.n_same + self.n_different
        told = f"From {self.basis}, {self.n_same:,} of {compared:,} values came out the same"
        return f"{told} (tolerance {self.tolerance:g}).{left}"

    def __repr__(self) -> str:
        lines = [f"{self.path}: {self.sentence}", self.overview.to_string(index=False)]
        return "\n".join([*lines, *([self.differences.to_string(index=False)] if self.n_different else [])])

    def _repr_html_(self) -> str:
        shown = self.differences.to_html(index=False, border=0) if self.n_different else ""
        return f"<p><b>{escape(self.sentence)}</b></p>{self.overview.to_html(index=False, border=0)}{shown}"


def replicate(
    path: str | Path,
    data: Responses | pd.DataFrame | str | Path | None = None,
    *,
    tolerance: float = TOLERANCE,
) -> Reproduction:
    """An analysis computed again from its bundle and compared with what the bundle says, number by number.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder or ZIP file that ``result.write_bundle`` wrote.
    data : Responses, pandas.DataFrame, str or pathlib.Path, optional
        The answers as they were collected: import, screening, every model and every verdict are then repeated. Without
        them, the answers in the bundle are used; without those, models of complete answers are refitted to their
        moments, and what only answers can tell is listed as such.
    tolerance : float
        Largest difference of two numbers that count as the same: absolute below 1, relative above.

    Raises
    ------
    InputFileError
        When it is no bundle, or its files were changed.
    UnsupportedError
        For a tolerance that is not between 0 and 0.1.
    DataError, EstimationError
        When the answers cannot be read or the models cannot be fitted to them.

    Notes
    -----
    The hashes of a bundle's files find what was changed by accident or without care. Somebody who rewrites the hashes
    too is found by the refit, as far as the moments or answers were left as they were. The comparison of moderation
    methods, probing and conditional effects are not repeated.

    Examples
    --------
    >>> import surveysem as ss, tempfile
    >>> study = ss.load_study("political_democracy")
    >>> result = ss.fit_study(study, study.bundled_data())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = result.write_bundle(folder + "/democracy.zip")
    ...     ss.replicate(folder + "/democracy.zip").same
    True
    """
    if not 0 < tolerance < 0.1:
        raise UnsupportedError(f"tolerance={tolerance!r} is not available. Give a number between 0 and 0.1.")
    bundle = read_bundle(path)
    study = bundle.study()
    basis, recomputed = _recomputed(bundle, study, data)
    stored = {name: bundle.table(name) for name in bundle.facts["tables"]}
    rows = [row for name, table in stored.items() for row in _compared(name, table, recomputed.get(name), tolerance)]
    rows += _compared("data", _data_table(bundle), recomputed.get("data"), tolerance)
    comparison = pd.DataFrame(rows, columns=_COLUMNS).astype({"difference": float})
    return Reproduction(path=Path(path), basis=basis, tolerance=tolerance, comparison=comparison)


def _recomputed(bundle: Bundle, study: Study, data: Any) -> tuple[str, dict[str, pd.DataFrame]]:
    if data is not None:
        responses = data if isinstance(data, Responses) else read_responses(data, study)
        result = _refitted(bundle, study, responses)
        n_read = {"n_read": responses.screening.n_imported}
        return "the answers given", result_tables(result) | {"data": _row(study, responses, n_read)}
    if ANSWERS not in bundle.files:
        return "the moments in the bundle", tables_from_moments(bundle, study)
    responses = _stored_responses(bundle)
    tables = result_tables(_refitted(bundle, study, responses)) | {"data": _row(study, responses, {})}
    del tables["screening"]  # those left out are not in the bundle
    return "the answers in the bundle", tables


def _refitted(bundle: Bundle, study: Study, responses: Responses) -> StudyResult:
    """The study fitted again, without what no table of a bundle compares."""
    settings = bundle.facts["settings"]
    return fit_study(
        study,
        responses,
        allow_inadmissible=bool(bundle.facts.get("inadmissible_allowed")),
        compare_interactions=False,
        robustness=False,
        bootstrap=0,
        rivals=False,
        progress=False,
        **{name: settings[name] for name in _OPTIONS if name in settings},
    )


def _stored_responses(bundle: Bundle) -> Responses:
    """The answers in the bundle, which were screened and reversed before they were put into it."""
    frame, n_read = bundle.frame(ANSWERS), int(bundle.facts["data"]["n_read"])
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    flow = [("imported", "rows of the source", "", 0, n_read), ("analysed", "", "", n_read - len(frame), len(frame))]
    none = pd.DataFrame(columns=["row", "step", "reason"])
    screening = Screening(
        flow=pd.DataFrame(flow, columns=["step", "rule", "action", "n_affected", "n_remaining"]),
        dropped=none,
        flagged=none,
    )
    return Responses(
        frame=frame,
        screening=screening,
        source=ANSWERS,
        simulated=bool(bundle.facts["data"]["simulated"]),
        simulated_note=str(bundle.facts["data"]["note"]),
        findings=(),
        reverse_keyed=(),
    )


def _data_table(bundle: Bundle) -> pd.DataFrame:
    facts = bundle.facts["data"]
    return pd.DataFrame([{name: facts[name] for name in ("n_read", "n_screened", "sha256")}])


def _row(study: Study, responses: Responses, more: dict[str, int]) -> pd.DataFrame:
    facts = more | {"n_screened": responses.n_obs, "sha256": answers_hash(analysed_answers(study, responses))}
    return pd.DataFrame([facts])


def _compared(name: str, stored: pd.DataFrame, again: pd.DataFrame | None, tolerance: float) -> list[list[object]]:
    """Every value of a table beside the one computed again, matched by the keys of its row."""
    keys = [key for key in KEYS.get(name.rpartition("/")[2], ()) if key in stored]
    by_key = {} if again is None else {_key(row, keys): row for row in again.to_dict("records")}
    rows = []
    for row in stored.to_dict("records"):
        key = _key(row, keys)
        other = by_key.pop(key, None)
        for column, value in row.items():
            if column not in keys:
                rows.append([name, " ".join(key), str(column), value, *_verdict(value, other, str(column), tolerance)])
    surplus = [[name, " ".join(key), "", "no such row", "a row", np.nan, DIFFERS] for key in by_key]
    return rows + surplus


def _key(row: dict[Any, Any], keys: list[str]) -> tuple[str, ...]:
    return tuple("" if _is_nothing(row[key]) else str(row[key]) for key in keys)


def _verdict(stored: object, other: dict[Any, Any] | None, column: str, tolerance: float) -> tuple[object, float, str]:
    """The value computed again, its difference and what that means."""
    if other is None or column not in other:
        return None, np.nan, UNCHECKED
    value = other[column]
    if _is_nothing(stored) or _is_nothing(value):
        return value, np.nan, SAME if _is_nothing(stored) and _is_nothing(value) else DIFFERS
    if _is_number(stored) and _is_number(value):
        first, second = float(str(stored)), float(str(value))
        difference = 0.0 if first == second else abs(first - second)
        return value, difference, SAME if difference <= tolerance * max(1.0, abs(first)) else DIFFERS
    return value, np.nan, SAME if str(stored) == str(value) else DIFFERS


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and np.isnan(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
