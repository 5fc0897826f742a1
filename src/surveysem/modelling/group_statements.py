"""A model rewritten for comparisons of groups: its measurement part, and paths free or equal across groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from surveysem.errors import ModelSyntaxError, Problem
from surveysem.findings import Finding
from surveysem.specification import Statement, parse_syntax
from surveysem.specification.expressions import names_in
from surveysem.specification.moderation import latent_products

_CONSTRAINTS = ("==", "<", ">")


@dataclass(frozen=True, kw_only=True)
class ComparedPath:
    """A path that is compared across groups."""

    outcome: str
    predictor: str

    @property
    def name(self) -> str:
        """``outcome ~ predictor``."""
        return f"{self.outcome} ~ {self.predictor}"

    def is_in(self, statement: Statement) -> bool:
        """Whether a statement is this path."""
        return statement.op == "~" and (statement.lhs, statement.rhs) == (self.outcome, self.predictor)


def read_paths(paths: str | Sequence[str]) -> tuple[ComparedPath, ...]:
    """Paths written as formulas.

    Parameters
    ----------
    paths : str or sequence of str
        Such as ``"trust ~ credibility"`` or ``["trust ~ credibility + risk", "risk ~ credibility"]``.

    Raises
    ------
    ModelSyntaxError
        When a formula cannot be read or is no regression.

    Examples
    --------
    >>> [path.name for path in read_paths(["y ~ x + z"])]
    ['y ~ x', 'y ~ z']
    """
    formulas = parse_syntax(paths if isinstance(paths, str) else "\n".join(paths))
    problems = [
        Problem(
            where="paths",
            found=f"{each.lhs} {each.op} {each.rhs} is no path",
            remedy='Write each path as "outcome ~ predictor".',
        )
        for each in formulas
        if each.op != "~"
    ]
    if problems:
        raise ModelSyntaxError("The paths to compare cannot be read.", problems)
    return tuple(ComparedPath(outcome=each.lhs, predictor=each.rhs) for each in formulas)


def check_paths(statements: Sequence[Statement], paths: Sequence[ComparedPath]) -> None:
    """Refuse paths that cannot be free in each group.

    Raises
    ------
    ModelSyntaxError
        Lists paths that the model has not, that are fixed, or whose label other parts of the model use.
    """
    problems = [problem for path in paths for problem in _path_problems(statements, path)]
    problems += [
        Problem(where=f"{each.lhs} ~ {each.rhs}", found="a product of latent variables", remedy=_NO_PRODUCTS)
        for each in statements
        if each.op == "~" and each.rhs in latent_products(statements)
    ]
    if problems:
        raise ModelSyntaxError("The paths cannot be compared across groups.", problems)


_NO_PRODUCTS = "Comparisons of groups are available for models without them."


def _path_problems(statements: Sequence[Statement], path: ComparedPath) -> list[Problem]:
    written = [each for each in statements if path.is_in(each)]
    if not written:
        known = ", ".join(f"{each.lhs} ~ {each.rhs}" for each in statements if each.op == "~") or "none"
        remedy = f"Paths of the model: {known}."
        return [Problem(where=f"path {path.name}", found="the model has no such path", remedy=remedy)]
    problems = []
    states = [state for each in written for state in (each.by_group or (each,))]
    if any(state.value is not None for state in states):
        remedy = "Leave the value out."
        problems.append(Problem(where=f"path {path.name}", found="it is fixed to a value", remedy=remedy))
    shared = {state.label for state in states if state.label} & _labels_beside(statements, path)
    problems += [
        Problem(
            where=f"path {path.name}",
            found=f"its label {label} stands elsewhere in the model too, in another parameter or a constraint",
            remedy="Leave the label out; the path is free in each group first, and equal across groups next.",
        )
        for label in sorted(shared)
    ]
    return problems


def _labels_beside(statements: Sequence[Statement], path: ComparedPath) -> set[str]:
    """Labels of other parameters, and names in constraints."""
    others = [each for each in statements if not path.is_in(each)]
    labels = {state.label for each in others for state in (each.by_group or (each,)) if state.label}
    return labels | {name for each in others if each.op in _CONSTRAINTS for name in _names(each)}


def _names(constraint: Statement) -> set[str]:
    return {name for side in (constraint.lhs, constraint.rhs) for name in names_in(side)}


def with_free_paths(statements: Sequence[Statement], paths: Sequence[ComparedPath]) -> tuple[Statement, ...]:
    """The model with the paths free in each group, without defined quantities."""
    return with_equal_paths(statements, paths, held=())


def with_equal_paths(
    statements: Sequence[Statement], paths: Sequence[ComparedPath], *, held: Sequence[ComparedPath]
) -> tuple[Statement, ...]:
    """The model with some of the paths equal across groups and the others free, without defined quantities."""
    taken = {state.label for each in statements for state in (each.by_group or (each,))}
    prefix = "equal"
    while any(label.startswith(prefix) for label in taken):
        prefix += "_"
    labels = {path: f"{prefix}{number}" for number, path in enumerate(held, start=1)}
    found = []
    for each in statements:
        path = next((path for path in paths if path.is_in(each)), None)
        if path is not None:
            each = replace(each, by_group=(), freed=False, start=None, label=labels.get(path, ""))
        if each.op != ":=":
            found.append(each)
    return tuple(found)


def measurement_part(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """The confirmatory factor model of a model: what it says of indicators and of unexplained latent variables.

    Examples
    --------
    >>> kept = measurement_part(parse_syntax("f =~ a + b + c; g =~ d + e; g ~ f + z; a ~~ b; f ~~ g"))
    >>> [f"{each.lhs}{each.op}{each.rhs}" for each in kept]
    ['f=~a', 'f=~b', 'f=~c', 'g=~d', 'g=~e', 'a~~b']
    """
    latent = {each.lhs for each in statements if each.op == "=~"}
    outcomes = latent & {each.lhs for each in statements if each.op == "~"}
    measured = latent | {each.rhs for each in statements if each.op == "=~"}
    kept = [each for each in statements if _is_measurement(each, measured, explained=outcomes)]
    labels = {state.label for each in kept for state in (each.by_group or (each,)) if state.label}
    constraints = [each for each in statements if each.op in _CONSTRAINTS and _names(each) <= labels]
    return (*kept, *constraints)


def _is_measurement(statement: Statement, measured: set[str], *, explained: set[str]) -> bool:
    if statement.op == "=~":
        return True
    if statement.op in ("~1", "|", "~*~"):
        return statement.lhs in measured - explained
    if statement.op != "~~" or not {statement.lhs, statement.rhs} <= measured:
        return False
    return statement.lhs == statement.rhs or not {statement.lhs, statement.rhs} & explained


def writing_findings(statements: Sequence[Statement], paths: Sequence[ComparedPath]) -> tuple[Finding, ...]:
    """What becomes of labels and definitions, which a reader of the results must know."""
    findings = []
    names = [each.lhs for each in statements if each.op == ":="]
    if names:
        message = f"{', '.join(names)}: defined quantities are left out of comparisons of groups."
        findings.append(Finding(severity="note", where="model", message=message))
    held = [
        f"{each.lhs} {each.op} {each.rhs}"
        for each in statements
        if each.label and each.op == "~" and not any(path.is_in(each) for path in paths)
    ]
    if held:
        message = (
            f"{', '.join(held)}: a label makes a parameter equal across groups, here as in lavaan. Leave it out, or "
            "write one label for each group, c(a, b)*x, to let the groups differ."
        )
        findings.append(Finding(severity="warning", where="model", message=message))
    return tuple(findings)
