"""What a reader must be told of labels in model syntax."""

from __future__ import annotations

from collections.abc import Sequence

from surveysem.findings import Finding
from surveysem.specification import Statement


def label_notes(statements: Sequence[Statement]) -> tuple[Finding, ...]:
    """Warnings of regressions whose label is the name of another variable: ``X*Z`` where ``X:Z`` may be meant.

    Parameters
    ----------
    statements : sequence of Statement
        The model as written.

    Examples
    --------
    >>> from surveysem.specification import parse_syntax
    >>> [note] = label_notes(parse_syntax("X =~ x1 + x2; Z =~ z1 + z2; Y =~ y1 + y2; Y ~ X + X*Z"))
    >>> note.where
    'Y ~ X*Z'
    """
    variables = {each.lhs for each in statements if each.op in ("=~", "~")}
    variables |= {each.rhs for each in statements if each.op in ("=~", "~")}
    return tuple(
        Finding(
            severity="warning",
            where=f"{each.lhs} ~ {each.label}*{each.rhs}",
            message=f"{each.label} is taken as the label of the effect of {each.rhs}, as in lavaan. The interaction of "
            f"the two is written {each.label}:{each.rhs}.",
        )
        for each in statements
        if each.op == "~" and each.label in variables and ":" not in each.rhs
    )
