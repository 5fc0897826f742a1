"""The network relevance ratio: the share of an influencer's followers who hold relevant decision roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from scipy.special import ndtri

from surveysem.data.wording import closest, counted, listed
from surveysem.errors import DataError, Problem
from surveysem.findings import Finding

_COLUMNS = [
    "influencer",
    "nrr_relevant_followers",
    "nrr_total_followers",
    "nrr",
    "nrr_ci_lower",
    "nrr_ci_upper",
    "nrr_weighted",
    "nrr_weighted_ci_lower",
    "nrr_weighted_ci_upper",
    "nrr_second_relevant",
    "nrr_second_total",
    "nrr_second",
    "nrr_second_ci_lower",
    "nrr_second_ci_upper",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class NetworkRelevance:
    """Network relevance ratios, one row an influencer.

    Parameters
    ----------
    table : pandas.DataFrame
        ``influencer`` (index, text), ``nrr_relevant_followers``, ``nrr_total_followers``, ``nrr`` with
        ``nrr_ci_lower`` and ``nrr_ci_upper``; the same of ``nrr_weighted`` if weights were given, and of ``nrr_second``
        if edges were.
    findings : tuple of Finding
        Followers counted once, without a role, or unlike people.
    confidence : float
        Level of the intervals.
    """

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    confidence: float

    def join(self, answers: pd.DataFrame, *, on: str) -> pd.DataFrame:
        """Answers with the ratios of the influencer each respondent named; missing where none is known.

        Parameters
        ----------
        answers : pandas.DataFrame
            Its rows and their order are kept.
        on : str
            Column with the influencer's id.

        Raises
        ------
        DataError
            When there is no such column, a column of the ratios is there already, or no influencer is in both.
        """
        taken = [name for name in self.table.columns if name in answers.columns]
        problems = [_no_column("answers", on, answers)] if on not in answers.columns else []
        if taken:
            remedy = "Drop or rename them first."
            problems.append(Problem(where="answers", found=f"has columns {', '.join(taken)} already", remedy=remedy))
        if problems:
            raise DataError("The ratios cannot be joined to these answers.", problems)
        keys = answers[on].map(_identity)
        if not keys.isin(self.table.index).any():
            found = f"none of {listed(sorted(set(keys) - {''}))} is among {listed(self.table.index)}"
            problem = Problem(where=f"column {on}", found=found, remedy="Write the ids of influencers alike in both.")
            raise DataError("The ratios cannot be joined to these answers.", [problem])
        matched = self.table.reindex(keys)
        return answers.assign(**{name: matched[name].to_numpy() for name in matched.columns})


def network_relevance(
    followers: pd.DataFrame,
    *,
    influencer: str = "influencer",
    role: str = "role",
    industry: str | None = None,
    account: str = "account",
    relevant_roles: Iterable[str],
    relevant_industries: Iterable[str] | None = None,
    weights: Mapping[str, float] | None = None,
    edges: pd.DataFrame | None = None,
    confidence: float = 0.95,
) -> NetworkRelevance:
    """Network relevance ratio: followers in relevant decision roles divided by all followers, for each influencer.

    Parameters
    ----------
    followers : pandas.DataFrame
        One row a follower of an influencer.
    influencer, role, account : str
        Columns with the influencer's id, the follower's role and the follower's account.
    industry : str, optional
        Column with the follower's industry; needed with *relevant_industries*.
    relevant_roles : iterable of str
        Roles that count, compared without regard to case and spaces around.
    relevant_industries : iterable of str, optional
        Industries that count; all of them if left out.
    weights : Mapping of str to float, optional
        Weight in [0, 1] of each relevant role, for the weighted ratio.
    edges : pandas.DataFrame, optional
        Who follows the followers, for the second-degree ratio: columns ``account`` (follower of an influencer) and
        ``follower`` (the follower's follower), with columns named *role* and *industry* of the latter.
    confidence : float
        Level of the intervals.

    Returns
    -------
    NetworkRelevance
        One row an influencer, ready to be joined to answers, and what was found on the way.

    Raises
    ------
    DataError
        When columns are missing, accounts or influencers are empty, or weights do not fit; all are listed.

    Notes
    -----
    A follower listed several times under an influencer is counted once. Followers without a role stay in the
    denominator, so that the ratio is that of all followers; a finding says how far it could rise if all of them held a
    relevant role. Rows that look like bots stay as well and are counted in a finding.

    The interval of the plain ratio is Wilson's. The weighted ratio is the mean weight of all followers, zero for those
    who do not count; its interval is the mean ± z standard errors, s / √n with denominator n − 1, within [0, 1], and is
    missing for fewer than two followers. Both take followers as a sample of those the influencer could have. The
    second-degree ratio counts each follower of a follower once, and neither first-degree followers nor the influencer.

    References
    ----------
    lima_2026
    wilson_1927

    Examples
    --------
    >>> followers = pd.DataFrame({"influencer": "ana", "account": range(5000), "role": ["Buyer"] * 1500 + [""] * 3500})
    >>> result = network_relevance(followers, relevant_roles=["buyer"])
    >>> float(result.table.loc["ana", "nrr"])
    0.3
    """
    wanted = [influencer, role, account, *([industry] if industry else [])]
    roles, industries = _folded(relevant_roles), None if relevant_industries is None else _folded(relevant_industries)
    columns = [role, *([industry] if industry else [])]
    _check(followers, wanted, edges, columns, roles, industries, industry, weights, confidence)
    weight_of = dict.fromkeys(roles, 1.0) if weights is None else {_fold(k): float(v) for k, v in weights.items()}
    first, findings = _standing(
        followers, {influencer: "influencer", account: "account", role: "role"}, industry, roles, industries, weight_of
    )
    z = float(ndtri(0.5 + confidence / 2))
    rows = [_ratios(str_id, part, z=z, weighted=weights is not None) for str_id, part in first.groupby("influencer")]
    table = pd.DataFrame(rows).set_index("influencer")
    if edges is not None:
        second, more = _second_degree(first, edges, role, industry, roles, industries, z=z)
        table, findings = table.join(second), findings + more
    kept = [name for name in _COLUMNS if name in table.columns]
    return NetworkRelevance(table=table[kept], findings=tuple(findings), confidence=confidence)


def wilson_interval(successes: float, n: float, *, z: float) -> tuple[float, float]:
    """Wilson's interval of a share of *n* cases.

    Parameters
    ----------
    successes, n : float
        Cases that count, and all cases (more than 0).
    z : float
        Quantile of the standard normal distribution, such as 1.96.

    References
    ----------
    wilson_1927

    Examples
    --------
    >>> [round(limit, 4) for limit in wilson_interval(1500, 5000, z=1.959964)]
    [0.2875, 0.3129]
    """
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _ratios(influencer: object, part: pd.DataFrame, *, z: float, weighted: bool) -> dict[str, object]:
    n, relevant = len(part), int(part["relevant"].sum())
    lower, upper = wilson_interval(relevant, n, z=z)
    row: dict[str, object] = {
        "influencer": influencer,
        "nrr_relevant_followers": relevant,
        "nrr_total_followers": n,
        "nrr": relevant / n,
        "nrr_ci_lower": lower,
        "nrr_ci_upper": upper,
    }
    if weighted:
        weights = part["weight"].to_numpy(dtype=float)
        half = z * float(weights.std(ddof=1)) / sqrt(n) if n > 1 else np.nan
        row["nrr_weighted"] = mean = float(weights.mean())
        row["nrr_weighted_ci_lower"] = float(np.fmax(mean - half, 0.0)) if n > 1 else np.nan
        row["nrr_weighted_ci_upper"] = float(np.fmin(mean + half, 1.0)) if n > 1 else np.nan
    return row


def _standing(
    people: pd.DataFrame,
    names: Mapping[str, str],
    industry: str | None,
    roles: frozenset[str],
    industries: frozenset[str] | None,
    weight_of: Mapping[str, float],
) -> tuple[pd.DataFrame, list[Finding]]:
    """Distinct followers with their relevance and weight, and what was found about them."""
    frame = people.rename(columns=dict(names))[list(names.values())].copy()
    frame["influencer"] = frame["influencer"].map(_identity)
    frame["account"] = frame["account"].map(_identity)
    frame["role"] = frame["role"].map(_fold)
    frame["industry"] = people[industry].map(_fold) if industry else ""
    frame["counts"] = True if industries is None else frame["industry"].isin(industries)
    frame["relevant"] = frame["role"].isin(roles) & frame["counts"]
    frame["weight"] = np.where(frame["relevant"], frame["role"].map(weight_of).astype(float), 0.0)
    # Where rows of one follower differ, the most relevant one stands for the follower, and one with a role before none.
    ranked = frame.assign(named=frame["role"] != "").sort_values(["weight", "named"], ascending=False, kind="stable")
    distinct = ranked.drop_duplicates(["influencer", "account"]).sort_index()
    findings = [*_repeated(frame, people.index), *_without_role(distinct, industries), *_like_bots(distinct)]
    return distinct, findings


def _repeated(frame: pd.DataFrame, index: pd.Index) -> list[Finding]:
    repeated = frame.duplicated(["influencer", "account"])
    if not repeated.any():
        return []
    groups = frame[frame.duplicated(["influencer", "account"], keep=False)].groupby(["influencer", "account"])
    unlike = sum(len(set(roles)) > 1 for _, roles in groups["role"])
    rows = listed(index[repeated.to_numpy()])
    message = f"{counted(int(repeated.sum()), 'row')} of followers already listed (rows {rows}); each is counted once."
    if unlike:
        message += f" {counted(unlike, 'follower')} had several roles: the one with the greatest weight was taken."
    return [Finding(severity="warning", where="followers", message=message)]


def _without_role(frame: pd.DataFrame, industries: frozenset[str] | None) -> list[Finding]:
    findings = []
    unknown = {"role": frame["role"] == ""}
    if industries is not None:
        unknown["industry"] = frame["industry"] == ""
    for what, rows in unknown.items():
        if rows.any():
            n = int(rows.sum())
            highest = (frame["relevant"] | rows).groupby(frame["influencer"]).mean().max()
            message = f"{counted(n, 'follower')} of {len(frame)} without {what}: they count as not relevant. "
            message += f"If all of them were relevant, the ratio would be at most {highest:.3f}."
            findings.append(Finding(severity="warning", where="followers", message=message))
    return findings


def _like_bots(frame: pd.DataFrame) -> list[Finding]:
    """Accounts without a single letter, or whose name ends in a long number, and nothing known of them."""
    text = frame["account"].astype(str)
    named = text.str.contains(r"[^\W\d_]", regex=True)
    looks = named & (text.str.contains(r"\d{7,}$", regex=True) | text.str.contains(r"bot\b", case=False, regex=True))
    unknown = frame["role"] == ""
    rows = frame[looks & unknown]
    if rows.empty:
        return []
    message = f"{counted(len(rows), 'account')} may be bots: no role, and a name such as {listed(rows['account'])}. "
    message += "They are counted among all followers; remove their rows if they are not people."
    return [Finding(severity="warning", where="followers", message=message)]


def _second_degree(
    first: pd.DataFrame,
    edges: pd.DataFrame,
    role: str,
    industry: str | None,
    roles: frozenset[str],
    industries: frozenset[str] | None,
    *,
    z: float,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Followers of followers, each once for an influencer, without the influencer and the followers of first degree."""
    links = edges.assign(account=edges["account"].map(_identity), follower=edges["follower"].map(_identity))
    reached = first[["influencer", "account"]].merge(links, on="account")
    reached = reached.drop(columns="account").rename(columns={"follower": "account"})
    known = set(map(tuple, first[["influencer", "account"]].to_numpy().tolist()))
    pairs = zip(reached["influencer"], reached["account"], strict=True)
    outside = [(who, each) not in known and each != _identity(who) for who, each in pairs]
    names = {"influencer": "influencer", "account": "account", role: "role"}
    columns = [*names, *([industry] if industry else [])]
    beyond = reached.loc[outside, columns].reset_index(drop=True)
    rows = []
    people, findings = _standing(beyond, names, industry, roles, industries, dict.fromkeys(roles, 1.0))
    for who, part in people.groupby("influencer"):
        relevant, n = int(part["relevant"].sum()), len(part)
        lower, upper = wilson_interval(relevant, n, z=z)
        row = (who, relevant, n, relevant / n, lower, upper)
        rows.append(dict(zip(["influencer", *_COLUMNS[9:]], row, strict=True)))
    table = pd.DataFrame(rows, columns=["influencer", *_COLUMNS[9:]]).set_index("influencer")
    # That paths meet in one person is what "counted once" is about, not a fault of the table.
    told = [each for each in findings if "already listed" not in each.message]
    lost = sorted(set(links["account"]) - set(first["account"]))
    if lost:
        message = f"{counted(len(lost), 'account')} in edges follow no influencer ({listed(lost)}) and were not used."
        told.append(Finding(severity="warning", where="edges", message=message))
    return table, [Finding(severity=each.severity, where="edges", message=each.message) for each in told]


def _check(
    followers: pd.DataFrame,
    wanted: list[str],
    edges: pd.DataFrame | None,
    wanted_of_edges: list[str],
    roles: frozenset[str],
    industries: frozenset[str] | None,
    industry: str | None,
    weights: Mapping[str, float] | None,
    confidence: float,
) -> None:
    problems = [_no_column("followers", name, followers) for name in wanted if name not in followers.columns]
    if edges is not None:
        needed = ("account", "follower", *wanted_of_edges)
        problems += [_no_column("edges", name, edges) for name in needed if name not in edges.columns]
    if not 0 < confidence < 1:
        problems.append(Problem(where="confidence", found=f"{confidence}", remedy="Give a level such as 0.95."))
    if not roles:
        problems.append(Problem(where="relevant_roles", found="there are none", remedy="Name the roles that count."))
    if industries is not None and industry is None:
        remedy = "Name the column with the followers' industries."
        problems.append(Problem(where="industry", found="relevant_industries without a column", remedy=remedy))
    problems += _weight_problems(weights, roles)
    if not problems:
        problems += _empty_cells(followers, wanted[0], wanted[2])
    if problems:
        raise DataError("The network relevance ratio cannot be computed.", problems)


def _weight_problems(weights: Mapping[str, float] | None, roles: frozenset[str]) -> list[Problem]:
    if weights is None:
        return []
    folded = {_fold(name): value for name, value in weights.items()}
    problems = [
        Problem(where="weights", found=f"{name!r} has {value}", remedy="Give a weight from 0 to 1.")
        for name, value in folded.items()
        if not 0 <= value <= 1
    ]
    unlike = sorted(set(folded) ^ roles)
    if unlike:
        remedy = "Give one weight for each relevant role, and for no other."
        problems.append(
            Problem(where="weights", found=f"they differ from the roles in {listed(unlike)}", remedy=remedy)
        )
    return problems


def _empty_cells(followers: pd.DataFrame, influencer: str, account: str) -> list[Problem]:
    problems = []
    if followers.empty:
        problems.append(Problem(where="followers", found="there are no rows", remedy="Give one row a follower."))
    for name in (influencer, account):
        empty = followers[name].map(_identity) == ""
        if empty.any():
            rows = listed(followers.index[empty.to_numpy()])
            found = f"{counted(int(empty.sum()), 'row')} without a value ({rows})"
            problems.append(Problem(where=f"column {name}", found=found, remedy="Fill them in or remove the rows."))
    return problems


def _no_column(where: str, name: str, frame: pd.DataFrame) -> Problem:
    near = closest(name, map(str, frame.columns))
    remedy = f"Did you mean {near!r}?" if near else f"It has {listed(frame.columns)}."
    return Problem(where=where, found=f"there is no column {name!r}", remedy=remedy)


def _identity(cell: object) -> str:
    """An account as text; numbers and text of the same account are alike."""
    if cell is None or cell is pd.NA or cell != cell:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _fold(cell: object) -> str:
    return " ".join(_identity(cell).casefold().split())


def _folded(names: Iterable[str]) -> frozenset[str]:
    given = [names] if isinstance(names, str) else names
    return frozenset(_fold(name) for name in given) - {""}
