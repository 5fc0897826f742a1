"""What a chunk of replications gave, and the quantities it is recorded for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import nan
from typing import get_args

import numpy as np

from surveysem.propositions import DecisionRule, Evidence, Proposition, Verdict, judge_propositions
from surveysem.typing import FloatArray, IntArray, VerdictLabel

VERDICTS: tuple[VerdictLabel, ...] = get_args(VerdictLabel)
NUMBERS = ("estimate", "std_error", "std_estimate", "std_std_error", "std_ci_lower", "std_ci_upper", "p_value")
SOLVED, INADMISSIBLE, FAILED = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Family:
    """Propositions that are judged together.

    Parameters
    ----------
    name : {"propositions", "extensions"}
        Which they are.
    propositions : tuple of Proposition
        In their order.
    """

    name: str
    propositions: tuple[Proposition, ...]

    @property
    def judged(self) -> tuple[Proposition, ...]:
        """All that have a verdict: composites first, then their parts."""
        return tuple(each for whole in self.propositions for each in (whole, *whole.parts))

    @property
    def tested(self) -> tuple[Proposition, ...]:
        """All that have evidence and a rule of their own."""
        return tuple(each for each in self.judged if isinstance(each.rule, DecisionRule))


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """Results of *r* replications with *v* verdicts each; the numbers are NaN where there is no solution.

    Parameters
    ----------
    verdicts : int array of shape (r, v)
        Places in ``VERDICTS``.
    numbers : array of shape (r, v, 7)
        Estimate, its standard error, standardised estimate, its standard error and interval, and p; NaN of composites.
    status : int array of shape (r,)
        0 solved, 1 solved with an inadmissible solution, 2 failed.
    reasons : array of str of shape (r,)
        Why a replication failed or its solution is inadmissible; empty for others.
    retried : int array of shape (1,), or one number a chunk joined
        Samples that the fast iterations gave up on and the native engine fitted from its own start.
    """

    verdicts: IntArray
    numbers: FloatArray
    status: IntArray
    reasons: np.ndarray[tuple[int], np.dtype[np.str_]]
    retried: IntArray

    @staticmethod
    def joined(parts: Sequence[Outcomes]) -> Outcomes:
        """Several chunks as one."""
        columns = {each.name: np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Outcomes)}
        return Outcomes(**columns)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One replication, judged.

    Parameters
    ----------
    verdicts : tuple of Verdict
        Of all families, parts behind their composite.
    status : int
        As in :class:`Outcomes`.
    reason : str
        Why it failed or is inadmissible.
    """

    verdicts: tuple[Verdict, ...]
    status: int = SOLVED
    reason: str = ""


def judge(
    families: Sequence[Family], evidence: Mapping[str, Evidence], labels: Mapping[str, str], *, reason: str = ""
) -> Judged:
    """Verdicts on one solution, by the rules of the study.

    Parameters
    ----------
    families : sequence of Family
        What is judged; p-values are adjusted within each.
    evidence : Mapping of str to Evidence
        By proposition id.
    labels : Mapping of str to str
        Readers' names of latent variables.
    reason : str
        Why the solution is inadmissible; empty when it is not.
    """
    found = [verdict for each in families for verdict in judge_propositions(each.propositions, evidence, labels)]
    return Judged(verdicts=flat(found), status=INADMISSIBLE if reason else SOLVED, reason=reason)


def failed(families: Sequence[Family], reason: str) -> Judged:
    """A replication without a solution: nothing can be tested in it."""
    evidence = {each.id: Evidence(obstacle=reason) for family in families for each in family.tested}
    judged = judge(families, evidence, {})
    return Judged(verdicts=judged.verdicts, status=FAILED, reason=reason)


def flat(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Verdicts with those of the parts behind their composite."""
    return tuple(each for whole in verdicts for each in (whole, *whole.parts))


def recorded(replications: Sequence[Judged], *, n_retried: int = 0) -> Outcomes:
    """Replications as arrays; see :class:`Outcomes`."""
    return Outcomes(
        verdicts=np.array([[VERDICTS.index(v.verdict) for v in each.verdicts] for each in replications]),
        numbers=np.array([[_numbers(v, each.status) for v in each.verdicts] for each in replications]),
        status=np.array([each.status for each in replications], dtype=np.int64),
        reasons=np.array([each.reason for each in replications], dtype=np.str_),
        retried=np.array([n_retried], dtype=np.int64),
    )


def _numbers(verdict: Verdict, status: int) -> list[float]:
    return [nan if status == FAILED else float(getattr(verdict.evidence, name)) for name in NUMBERS]
