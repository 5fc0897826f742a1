"""Where methods of moderation agree and disagree, in words for a paper."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

import pandas as pd

from surveysem.findings import Finding, Severity
from surveysem.number_formats import format_bounded, format_p_equation
from surveysem.study.moderation.rows import ModerationHypothesis


def method_findings(hypothesis: ModerationHypothesis, table: pd.DataFrame) -> Iterator[Finding]:
    """What the methods say together about one hypothesis, and which have no part in it.

    Parameters
    ----------
    hypothesis : ModerationHypothesis
        The latent interaction.
    table : pandas.DataFrame
        Rows of all methods: hypothesis, method, estimate, beta, p_value, converged, admissible, problem.

    Examples
    --------
    >>> hypothesis = ModerationHypothesis(name="H1", outcome="Y", predictor="X", moderator="Z")
    >>> table = pd.DataFrame({"hypothesis": "H1", "method": ["LMS", "QML"], "estimate": [0.2, 0.1], "beta": [0.2, 0.1],
    ...                       "p_value": [0.01, 0.2], "converged": True, "admissible": True, "problem": ""})
    >>> print(next(method_findings(hypothesis, table)).message)
    On H1 (X × Z → Y) the conclusion depends on the method: the interaction differs from zero at α = .05 under LMS \
(p = .010), but not under QML (p = .200).
    """
    rows = table[table["hypothesis"] == hypothesis.name]
    usable = rows[rows["converged"] & rows["admissible"].astype(bool) & rows["p_value"].notna()]
    where = f"methods of moderation, {hypothesis.name}"
    for row in rows[~rows.index.isin(usable.index)].itertuples():
        why = row.problem or "its solution is inadmissible"
        message = f"{row.method} has no part in the comparison: {str(why).rstrip('.')}."
        yield Finding(severity="note", where=where, message=message)
    if len(usable) > 1:
        signs, decisions = _disagreement_in_sign(hypothesis, usable), _disagreement_in_tests(hypothesis, usable)
        found = [each for each in (decisions, signs) if each]
        yield from (Finding(severity=severity, where=where, message=text) for severity, text in found)
        if not found:
            yield Finding(severity="note", where=where, message=_agreement(hypothesis, usable))


def _disagreement_in_tests(hypothesis: ModerationHypothesis, rows: pd.DataFrame) -> tuple[Severity, str] | None:
    differs = rows["p_value"] < hypothesis.alpha
    if differs.all() or not differs.any():
        return None
    yes, no = _listed(rows[differs]), _listed(rows[~differs])
    level = format_bounded(hypothesis.alpha)
    return "warning", (
        f"On {hypothesis.name} ({hypothesis}) the conclusion depends on the method: the interaction differs from zero "
        f"at α = {level} under {yes}, but not under {no}."
    )


def _disagreement_in_sign(hypothesis: ModerationHypothesis, rows: pd.DataFrame) -> tuple[Severity, str] | None:
    positive = rows["estimate"] > 0
    if positive.all() or not positive.any():
        return None
    severity: Severity = "warning" if (rows["p_value"] < hypothesis.alpha).any() else "note"
    text = (
        f"On {hypothesis.name} ({hypothesis}) the methods disagree in sign: the interaction is positive under "
        f"{_listed(rows[positive])}, negative under {_listed(rows[~positive])}."
    )
    if severity == "note":
        text += " None of the estimates differs from zero."
    return severity, text


def _agreement(hypothesis: ModerationHypothesis, rows: pd.DataFrame) -> str:
    sign = "positive" if rows["estimate"].iloc[0] > 0 else "negative"
    differs = bool((rows["p_value"] < hypothesis.alpha).all())
    verdict = "differs from zero" if differs else "does not differ from zero"
    known = [abs(float(each)) for each in rows["beta"] if not isnan(each)]
    spread = f" |β| lies between {format_bounded(min(known), 3)} and {format_bounded(max(known), 3)}." if known else ""
    return (
        f"On {hypothesis.name} ({hypothesis}) all {len(rows)} methods agree: the interaction is {sign} and {verdict} "
        f"at α = {format_bounded(hypothesis.alpha)}.{spread}"
    )


def _listed(rows: pd.DataFrame) -> str:
    pairs = zip(rows["method"], rows["p_value"], strict=True)
    words = [f"{method} (p {format_p_equation(float(p))})" for method, p in pairs]
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
