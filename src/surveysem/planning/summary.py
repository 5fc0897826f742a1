"""Tables of a power simulation, from the outcomes of its replications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from math import nan

import numpy as np
import pandas as pd

from surveysem.planning.design import PowerDesign
from surveysem.planning.intervals import required_size, wilson_interval
from surveysem.planning.outcomes import FAILED, INADMISSIBLE, NUMBERS, SOLVED, VERDICTS, Outcomes
from surveysem.propositions import Proposition
from surveysem.typing import FloatArray

SUPPORTED = VERDICTS.index("supported")
_KEYS = ["proposition", "n"]


def judged_propositions(design: PowerDesign) -> list[tuple[str, Proposition]]:
    """All propositions with a verdict, with the family they are judged in, in the order they are recorded."""
    return [(family.name, each) for family in design.families for each in family.judged]


def power_table(design: PowerDesign, outcomes: Mapping[int, Outcomes], *, level: float) -> pd.DataFrame:
    """Power, bias and coverage by proposition and sample size.

    Returns
    -------
    pandas.DataFrame
        Indexed by proposition and n. family; population: standardised effect; power: share of replications in which the
        verdict is ``supported``, failed and inadmissible ones counted as not supported; ci_lower, ci_upper: its
        Wilson interval; mean, std_deviation: of the standardised estimates; mean_std_error; bias, relative_bias: of
        their mean; coverage: share of their intervals that hold the population effect, with coverage_lower and
        coverage_upper. Means and shares after the power are of the replications with a solution, inadmissible ones
        included; NaN for composites and comparisons of groups, and of all where answers are simulated of groups that
        differ.
    """
    rows = []
    for place, (family, proposition) in enumerate(judged_propositions(design)):
        population = design.effect_of(proposition)
        for n in design.sizes:
            hits = int((outcomes[n].verdicts[:, place] == SUPPORTED).sum())
            lower, upper = wilson_interval(hits, design.reps, level=level)
            row = {"proposition": proposition.id, "n": n, "family": family, "population": population}
            row |= {"power": hits / design.reps, "ci_lower": lower, "ci_upper": upper}
            solved = outcomes[n].numbers[outcomes[n].status != FAILED, place]
            rows.append(row | _recovery(solved, population, level))
    return pd.DataFrame(rows).set_index(_KEYS)


def _recovery(numbers: FloatArray, population: float, level: float) -> dict[str, float]:
    """How well estimates (r, 7) of one effect recover its population value."""
    names = ("mean", "std_deviation", "mean_std_error", "bias", "relative_bias")
    empty = dict.fromkeys((*names, "coverage", "coverage_lower", "coverage_upper"), nan)
    at = {name: numbers[:, place] for place, name in enumerate(NUMBERS)}
    usable = np.isfinite(at["std_estimate"]) & np.isfinite(at["std_std_error"])
    count = int(usable.sum())
    if count < 2 or np.isnan(population):
        return empty
    estimates = at["std_estimate"][usable]
    bias = float(estimates.mean()) - population
    inside = (at["std_ci_lower"][usable] <= population) & (population <= at["std_ci_upper"][usable])
    lower, upper = wilson_interval(int(inside.sum()), count, level=level)
    values = (
        float(estimates.mean()),
        float(estimates.std(ddof=1)),
        float(at["std_std_error"][usable].mean()),
        bias,
        bias / population if population else nan,
    )
    covered = {"coverage": float(inside.mean()), "coverage_lower": lower, "coverage_upper": upper}
    return dict(zip(names, values, strict=True)) | covered


def out_of_reach(design: PowerDesign) -> tuple[str, ...]:
    """Composites with a part whose effect is 0 in the population: they are supported only if every part is."""
    composites = [each for family in design.families for each in family.propositions if each.parts]
    return tuple(each.id for each in composites if any(design.effect_of(part) == 0 for part in each.parts))


def verdict_shares(design: PowerDesign, outcomes: Mapping[int, Outcomes]) -> pd.DataFrame:
    """Share of each verdict by proposition and n; columns are the verdicts, rows add up to 1."""
    rows = []
    for place, (_, proposition) in enumerate(judged_propositions(design)):
        for n in design.sizes:
            counts = np.bincount(outcomes[n].verdicts[:, place], minlength=len(VERDICTS))
            shares = dict(zip(VERDICTS, (counts / design.reps).tolist(), strict=True))
            rows.append({"proposition": proposition.id, "n": n, **shares})
    return pd.DataFrame(rows).set_index(_KEYS)


def required_table(
    design: PowerDesign, outcomes: Mapping[int, Outcomes], targets: tuple[float, ...], *, level: float
) -> pd.DataFrame:
    """Sample size at which each proposition reaches each power.

    Returns
    -------
    pandas.DataFrame
        Indexed by proposition and target: n, lower, upper (NaN where not reached between the sizes simulated) and
        reached (inside, below or above them). Sizes at which no replication can be analysed have no part in this.
    """
    rows = []
    sizes = analysable_sizes(replication_counts(design, outcomes)) or design.sizes
    for place, (_, proposition) in enumerate(judged_propositions(design)):
        hits = [int((outcomes[n].verdicts[:, place] == SUPPORTED).sum()) for n in sizes]
        for target in targets:
            size = required_size(sizes, hits, design.reps, target=target, level=level)
            rows.append({"proposition": proposition.id, "target": target, **vars(size)})
    return pd.DataFrame(rows).set_index(["proposition", "target"])


def analysable_sizes(replications: pd.DataFrame) -> tuple[int, ...]:
    """Sample sizes at which at least one replication has a solution."""
    return tuple(int(n) for n in replications.index[replications["failed"] < replications["requested"]])


def replication_counts(design: PowerDesign, outcomes: Mapping[int, Outcomes]) -> pd.DataFrame:
    """Replications by n: requested, solved, inadmissible, failed, refitted.

    ``solved`` counts proper solutions; ``refitted`` those that the fast iterations gave up on and the native engine
    fitted from its own start.
    """
    rows = {
        n: {
            "requested": len(outcomes[n].status),
            "solved": int((outcomes[n].status == SOLVED).sum()),
            "inadmissible": int((outcomes[n].status == INADMISSIBLE).sum()),
            "failed": int((outcomes[n].status == FAILED).sum()),
            "refitted": int(outcomes[n].retried.sum()),
        }
        for n in design.sizes
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("n")


def failure_reasons(outcomes: Mapping[int, Outcomes]) -> pd.DataFrame:
    """Why replications failed or are inadmissible: n, problem (failed or inadmissible), reason, count."""
    rows = list(_reasons(outcomes))
    return pd.DataFrame(rows, columns=["n", "problem", "reason", "count"])


def _reasons(outcomes: Mapping[int, Outcomes]) -> Iterator[tuple[int, str, str, int]]:
    for n, found in outcomes.items():
        for status, problem in ((FAILED, "failed"), (INADMISSIBLE, "inadmissible")):
            counts = Counter(_kind(str(reason)) for reason in found.reasons[found.status == status])
            yield from ((n, problem, reason, count) for reason, count in counts.most_common())


def _kind(reason: str) -> str:
    """A reason without the numbers of one sample, so that like ones are counted together."""
    words = (_without_number(word) for word in reason.split())
    return " ".join(word for word in words if word)


def _without_number(word: str) -> str:
    stripped = word.strip("(),.;:±−-")
    return "…" if stripped.replace(".", "", 1).isdigit() and "." in stripped else word


def by_size(column: pd.Series) -> pd.DataFrame:
    """A column indexed by proposition and n, with a row a proposition and a column a size."""
    return pd.DataFrame({n: column.xs(n, level="n") for n in column.index.unique("n")})
