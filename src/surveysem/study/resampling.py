"""The bootstrap of a study's structural model, as declared or asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from surveysem.errors import Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.bootstrap_intervals import Confidence
from surveysem.study.document import AnalysisEntry

_WHERE = "bootstrap"


def check_bootstrap(replicates: int | None, seed: int | None, confidence: str | None, *, interaction: str) -> None:
    """Refuse options of the bootstrap that make no sense, all at once, before anything is fitted."""
    problems = []
    if replicates is not None and (replicates < 0 or replicates == 1):
        problems.append(Problem(where=_WHERE, found=str(replicates), remedy="Give two or more replicates, or 0."))
    if seed is not None and seed < 0:
        problems.append(Problem(where="seed", found=str(seed), remedy="Give a whole number from 0 on."))
    if confidence is not None and confidence not in get_args(Confidence):
        remedy = f"Use one of: {', '.join(get_args(Confidence))}."
        problems.append(Problem(where="confidence", found=f"{confidence!r} is not offered", remedy=remedy))
    if replicates and interaction != "product_indicator":
        remedy = 'Leave it out, or use interaction="product_indicator".'
        found = f"{replicates} replicates with interaction={interaction!r}, which takes too long to be refitted"
        problems.append(Problem(where=_WHERE, found=found, remedy=remedy))
    if problems:
        raise UnsupportedError("The options of the bootstrap are not understood.", problems)


def with_bootstrap(settings: Mapping[str, Any], declared: AnalysisEntry, found: Bootstrap | None) -> Mapping[str, Any]:
    """The settings of an analysis with those of its bootstrap; 0 replicates where one was declared but not made."""
    if found is not None:
        return {**settings, "bootstrap": found.n_replicates, "seed": found.seed, "confidence": found.confidence}
    return {**settings, "bootstrap": 0} if declared.bootstrap else settings


def resample(
    fit: Fit,
    declared: AnalysisEntry,
    *,
    replicates: int | None,
    seed: int | None,
    confidence: str | None,
    progress: bool = False,
    n_jobs: int = 1,
) -> tuple[Bootstrap | None, tuple[Finding, ...]]:
    """The bootstrap of a structural model: what was asked for, else what the study declares; and what to tell.

    Parameters
    ----------
    fit : Fit
        The structural model.
    declared : AnalysisEntry
        What the study declares.
    replicates, seed, confidence : optional
        What was asked for instead.
    progress : bool
        Show a bar on a terminal.
    n_jobs : int
        Processes.
    """
    wanted = declared.bootstrap if replicates is None else replicates
    if not wanted:
        return None, ()
    if fit.solution.has_latent_products:
        message = (
            f"The study declares {wanted:,} bootstrap replicates; latent interactions by LMS or QML are not "
            "bootstrapped, so that intervals are those of normal theory."
        )
        return None, (Finding(severity="note", where=_WHERE, message=message),)
    found = fit.bootstrap(
        wanted,
        seed=declared.seed if seed is None else seed,
        confidence=confidence or declared.confidence,
        progress=progress,
        n_jobs=n_jobs,
    )
    return found, found.findings
