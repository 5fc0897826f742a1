"""How much is missing, from which items and respondents, in which patterns, and whether at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

import numpy as np
import pandas as pd

from surveysem.data.missing import missing_patterns, saturated_moments
from surveysem.data.missing.checks import check_answers
from surveysem.data.missing.little import LittleTest, little_test
from surveysem.data.responses import Responses
from surveysem.data.wording import counted, listed
from surveysem.errors import SurveySEMError
from surveysem.findings import Finding

_PLACE = "Little's test"


@dataclass(frozen=True, kw_only=True, eq=False)
class Missingness:
    """Amounts and patterns of missing answers.

    Parameters
    ----------
    items : pandas.DataFrame
        By item: n (answers), n_missing, share_missing.
    rows : pandas.DataFrame
        By number of missing answers: n_rows, share_rows.
    patterns : pandas.DataFrame
        One row a pattern, the most frequent first: n_rows, share_rows, n_missing, then a column for each item that is
        anywhere missing, true where the pattern has an answer.
    little : LittleTest or None
        Test that answers are missing completely at random; None where it could not be made.
    findings : tuple of Finding
        Why there is no test, and what to bear in mind about it.
    """

    items: pd.DataFrame
    rows: pd.DataFrame
    patterns: pd.DataFrame
    little: LittleTest | None
    findings: tuple[Finding, ...]

    @property
    def n_rows(self) -> int:
        """Rows looked at."""
        return int(self.rows["n_rows"].sum())

    @property
    def share_missing(self) -> float:
        """Share of all answers that are missing."""
        return float(self.items["share_missing"].mean())

    def __repr__(self) -> str:
        return "\n".join([*self._lines(), self.items.to_string(float_format="{:.3f}".format)])

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(line)}</li>" for line in self._lines())
        return f"<ul>{lines}</ul>{self.items.to_html(float_format='{:.3f}'.format, border=0)}"

    def _lines(self) -> list[str]:
        n_complete = int(self.rows["n_rows"].get(0, 0))
        lines = [
            f"Missing: {self.share_missing:.1%} of the answers of {counted(self.n_rows, 'row')} to "
            f"{counted(len(self.items), 'item')}; {counted(n_complete, 'row')} complete, "
            f"{counted(len(self.patterns), 'pattern')}"
        ]
        if self.little is not None:
            lines.append(f"Little's test of MCAR: {self.little}")
        return lines + [str(finding) for finding in self.findings]


def missingness(data: pd.DataFrame | Responses, items: Sequence[str] | None = None) -> Missingness:
    """Amounts of missing answers per item, row and pattern, and Little's test that they are missing at random.

    Parameters
    ----------
    data : pandas.DataFrame or Responses
        One row a respondent; NaN where an answer is missing.
    items : sequence of str, optional
        Numeric columns to look at; all of them by default.

    Raises
    ------
    DataError
        When columns are absent or not numeric; all are listed.

    Notes
    -----
    Little's test takes answers for multivariate normal; items without variation take no part in it. Where the saturated
    moments cannot be estimated (fewer rows than items, items never answered together), there is no test and a finding
    says why.

    References
    ----------
    little_1988

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 4.0, 3.0, 6.0], "b": [2.0, 1.0, 5.0, 3.0, np.nan]})
    >>> result = missingness(frame)
    >>> result.items["n_missing"].tolist(), len(result.patterns), result.little.degrees_of_freedom
    ([0, 1], 2, 1)
    """
    frame = data.frame if isinstance(data, Responses) else data
    names = numeric_columns(frame) if items is None else list(items)
    check_answers(frame, tuple(names))
    little, findings = _test(frame, names, frame[names].isna().to_numpy())
    return replace(missing_amounts(frame[names]), little=little, findings=findings)


def missing_amounts(frame: pd.DataFrame) -> Missingness:
    """Amounts of missing answers in all columns, without Little's test."""
    names = [str(name) for name in frame]
    missing = frame.isna().to_numpy()
    return Missingness(
        items=_by_item(missing, names),
        rows=_by_count(missing),
        patterns=_by_pattern(missing, names),
        little=None,
        findings=(),
    )


def numeric_columns(frame: pd.DataFrame) -> list[str]:
    """Names of the columns that hold numbers, truth values not counted."""
    numeric = frame.select_dtypes(include="number").columns
    return list(dict.fromkeys(str(name) for name in numeric))


def _by_item(missing: np.ndarray, names: list[str]) -> pd.DataFrame:
    n_missing = missing.sum(axis=0)
    return pd.DataFrame(
        {
            "n": len(missing) - n_missing,
            "n_missing": n_missing,
            "share_missing": n_missing / max(len(missing), 1),
        },
        index=pd.Index(names, name="item"),
    )


def _by_count(missing: np.ndarray) -> pd.DataFrame:
    counts, n_rows = np.unique(missing.sum(axis=1), return_counts=True)
    index = pd.Index(counts, name="n_missing")
    return pd.DataFrame({"n_rows": n_rows, "share_rows": n_rows / max(len(missing), 1)}, index=index)


def _by_pattern(missing: np.ndarray, names: list[str]) -> pd.DataFrame:
    incomplete = np.flatnonzero(missing.any(axis=0))
    patterns, n_rows = np.unique(missing[:, incomplete], axis=0, return_counts=True)
    n_missing = patterns.sum(axis=1)
    order = np.lexsort((n_missing, -n_rows))
    counts = {"n_rows": n_rows, "share_rows": n_rows / max(len(missing), 1), "n_missing": n_missing}
    answered = {names[place]: ~patterns[:, number] for number, place in enumerate(incomplete)}
    return pd.DataFrame(counts | answered).iloc[order].reset_index(drop=True)


def _test(frame: pd.DataFrame, names: list[str], missing: np.ndarray) -> tuple[LittleTest | None, tuple[Finding, ...]]:
    if not missing.any():
        return None, (Finding(severity="note", where=_PLACE, message="No answer is missing."),)
    constant = [name for name in names if frame[name].nunique() < 2]
    try:
        rows = missing_patterns(frame, [name for name in names if name not in constant])
        test = little_test(rows, saturated_moments(rows))
    except SurveySEMError as error:
        reasons = " ".join([error.message, *(str(problem) for problem in error.problems[:3])])
        return None, (Finding(severity="warning", where=_PLACE, message=f"There is no test: {reasons}"),)
    return test, tuple(_caveats(test, rows.n_empty, constant))


def _caveats(test: LittleTest, n_empty: int, constant: list[str]) -> list[Finding]:
    found = []
    if constant:
        message = f"Items without variation took no part in the test: {listed(constant, limit=10)}."
        found.append(Finding(severity="note", where=_PLACE, message=message))
    if n_empty:
        message = f"{counted(n_empty, 'row')} without any answer took no part in the test."
        found.append(Finding(severity="note", where=_PLACE, message=message))
    if test.p_value < 0.05:
        message = (
            "Answers are not missing completely at random, so leaving incomplete rows out may bias the estimates; "
            "use missing='fiml' or fit_imputed(), which need answers to be missing at random given the others."
        )
        found.append(Finding(severity="warning", where=_PLACE, message=message))
    return found
