"""How a report says that intervals come from a bootstrap."""

from __future__ import annotations

from surveysem.inference.bootstrap import Bootstrap
from surveysem.number_formats import format_bounded
from surveysem.report.inline import Symbol, Text, cited, counted

_KINDS = {
    "percentile": "percentile intervals",
    "bca": "bias-corrected and accelerated intervals (BCa)",
    "basic": "basic intervals",
    "normal": "intervals of a normal distribution corrected for bias",
}


def bootstrap_note(bootstrap: Bootstrap | None) -> Text:
    """Where standard errors, intervals and p come from, and how many replicates gave none; empty if there is none."""
    if bootstrap is None:
        return ()
    source: Text = (" after ", cited("efron_1987")) if bootstrap.confidence == "bca" else ()
    return (
        f" Standard errors, intervals and their p: bootstrap, {counted(bootstrap.n_replicates, 'replicate')}, seed "
        f"{bootstrap.seed}, {_KINDS[bootstrap.confidence]}",
        *source,
        f"; {_failed(bootstrap)}. No ",
        Symbol("p"),
        f" can be below {format_bounded(2.0 / (bootstrap.n_replicates - bootstrap.n_failed + 1), 4)}.",
    )


def _failed(bootstrap: Bootstrap) -> str:
    """Replicates without a solution, and with an inadmissible one."""
    failed = f"{bootstrap.n_failed:,} had no solution and are left out" if bootstrap.n_failed else "all had a solution"
    kept = f", {bootstrap.n_inadmissible:,} of them inadmissible and kept" if bootstrap.n_inadmissible else ""
    if bootstrap.n_failed and kept:
        kept = f", {bootstrap.n_inadmissible:,} were inadmissible and are kept"
    return failed + kept
