"""How results of several tables show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from surveysem.findings import Finding


def notebook_html(heading: str, tables: Mapping[str, pd.DataFrame], findings: Sequence[Finding] = ()) -> str:
    """A heading, tables under their captions, and findings as a list; texts are escaped, numbers have three decimals.

    Parameters
    ----------
    heading : str
        In bold; none if empty.
    tables : Mapping of str to pandas.DataFrame
        By caption, which is left out where it is empty; tables without rows are left out.
    findings : sequence of Finding
        Below the tables.

    Examples
    --------
    >>> notebook_html("Two < three", {}, [Finding(severity="note", where="here", message="It is.")])
    '<p><b>Two &lt; three</b></p><ul><li>note: here: It is.</li></ul>'
    """
    parts = [f"<p><b>{escape(heading)}</b></p>"] if heading else []
    for caption, table in tables.items():
        if len(table):
            parts += [f"<p>{escape(caption)}</p>"] if caption else []
            parts.append(table.round(3).to_html(border=0, na_rep=""))
    if findings:
        parts.append(f"<ul>{''.join(f'<li>{escape(str(each))}</li>' for each in findings)}</ul>")
    return "".join(parts)
