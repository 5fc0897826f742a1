"""Quality of measurement within a study: the cheap checks always, the others where the study declares them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from time import perf_counter
from typing import Any

import pandas as pd

from surveysem.data import Responses
from surveysem.errors import SurveySEMError, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.measurement import (
    cross_loadings,
    factor_correlations,
    htmt_intervals,
    reliability_coefficients,
)
from surveysem.inference.validity import htmt_table
from surveysem.modelling.discriminant_validity import discriminant_validity
from surveysem.modelling.invariance import Invariance, measurement_invariance
from surveysem.modelling.item_deletion import item_deletion
from surveysem.modelling.method_bias import collinearity_factors, common_method_bias, harman_share
from surveysem.report.measurement_quality import MeasurementQuality, QualityCutoffs
from surveysem.specification import lavaan_syntax
from surveysem.study.measurement import compare_measurement
from surveysem.study.quality.document import InvarianceEntry, MeasurementQualityEntry
from surveysem.study.study import Study

DOUBTFUL_LIMIT = 0.8
"""Limit of the interval of a factor correlation from which Rönkkö and Cho (2022) see a problem."""

_TITLES = {
    "htmt_intervals": "bootstrap intervals of HTMT",
    "discriminant_tests": "tests of discriminant validity",
    "item_deletion": "item deletion",
    "alternatives": "alternative measurement models",
    "method_bias": "common method bias",
}


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, kw_only=True, eq=False)
class _Subject:
    """What the checks are of."""

    study: Study
    responses: Responses
    fit: Fit
    settings: Mapping[str, Any]

    @property
    def syntax(self) -> str:
        return self.study.model_syntax(model="measurement")

    @property
    def options(self) -> dict[str, Any]:
        """Settings that all functions of measurement know."""
        chosen = {name: self.settings[name] for name in ("estimator", "missing")}
        return chosen | ({"ordered": self.settings["ordered"]} if self.settings.get("ordered") else {})

    @property
    def clustered(self) -> dict[str, Any]:
        return {"cluster": self.settings["cluster"]} if self.settings.get("cluster") else {}

    @property
    def entry(self) -> MeasurementQualityEntry:
        return self.study.measurement_quality


def measure_quality(
    study: Study,
    responses: Responses,
    fit: Fit,
    settings: Mapping[str, Any],
    *,
    progress: Callable[[str], None] = _silent,
) -> MeasurementQuality:
    """All checks of measurement that a study calls for.

    Parameters
    ----------
    study : Study
        Its ``measurement_quality`` says which of the slow checks are made.
    responses : Responses
        The answers analysed.
    fit : Fit
        The measurement model.
    settings : Mapping of str to str
        Estimator and missing; ordered and cluster where they have a part.
    progress : callable
        Is told the name of each slow check before it begins.

    Notes
    -----
    Always: reliability with intervals, HTMT2, factor correlations with intervals, cross-loadings, modification indices,
    full-collinearity factors and Harman's share, which need no other model than the one fitted. The others fit models
    or resample. A check that cannot be carried out is told as a finding; it does not stop the others.
    """
    subject = _Subject(study=study, responses=responses, fit=fit, settings=settings)
    done = _Done()
    always = _cheap(subject, done)
    declared = dict(_declared(subject, always))
    results = {name: done.attempt(name, check, progress) for name, check in declared.items()}
    ladders = {
        entry.group: ladder
        for entry in subject.entry.invariance
        if (ladder := done.attempt(f"invariance across {entry.group}", _ladder(subject, entry), progress)) is not None
    }
    both = results.pop("htmt_intervals", None) or (None, None)
    return MeasurementQuality(
        **always,
        **results,
        htmt_intervals=both[0],
        htmt2_intervals=both[1],
        invariance=ladders,
        seconds=done.seconds,
        findings=(*done.findings, *_unclustered(subject, results), *_told(results, ladders)),
    )


class _Done:
    """Checks carried out: how long they took, and why others could not be."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.findings: list[Finding] = []

    def attempt(self, name: str, check: Callable[[], Any], progress: Callable[[str], None]) -> Any:
        """Result of a slow check; None, and a finding, where there is none."""
        title = _TITLES.get(name, name)
        progress(title)
        begun = perf_counter()
        try:
            return check()
        except SurveySEMError as error:
            told = " ".join([error.message, *(f"{each.where}: {each.found}." for each in error.problems[:3])])
            self.findings.append(Finding(severity="warning", where=title, message=f"It could not be done. {told}"))
            return None
        finally:
            self.seconds[title] = perf_counter() - begun

    def available(self, name: str, check: Callable[[], Any], instead: Any) -> Any:
        """Result of a quick check; an empty one, and a finding, where it is not available for the model."""
        try:
            return check()
        except UnsupportedError as error:
            self.findings.append(Finding(severity="note", where=name, message=f"Not available. {error.message}"))
            return instead


def _cheap(subject: _Subject, done: _Done) -> dict[str, Any]:
    fit, several = subject.fit, len(subject.study.specification.latent_variables) > 1
    empty = pd.DataFrame()
    indices = done.available("modification indices", fit.modification_indices, empty)
    known = None if indices.empty else indices
    return {
        "cutoffs": QualityCutoffs(**subject.entry.cutoffs.model_dump()),
        "reliability": reliability_coefficients(fit),
        "htmt2": done.available("HTMT2", lambda: fit.by_group(_htmt2), empty) if several else empty,
        "factor_correlations": done.available("factor correlations", lambda: factor_correlations(fit), empty)
        if several
        else empty,
        "cross_loadings": done.available("cross-loadings", lambda: cross_loadings(fit, indices=known), empty)
        if several
        else empty,
        "modification_indices": indices,
        "vif": collinearity_factors(fit) if several else pd.Series(dtype=float),
        "harman": harman_share(fit) if several else nan,
    }


def _htmt2(group: Any) -> pd.DataFrame:
    return htmt_table(group, version=2)


def _declared(subject: _Subject, always: Mapping[str, Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Slow checks the study declares, in the order in which reports show them."""
    entry, frame = subject.entry, subject.responses.frame
    checks: dict[str, Callable[[], Any]] = {
        "htmt_intervals": lambda: _both_intervals(subject),
        "discriminant_tests": lambda: _discriminant_tests(subject, always),
        "item_deletion": lambda: item_deletion(subject.syntax, frame, **subject.options),
        "alternatives": lambda: compare_measurement(subject.study, subject.responses, **subject.options),
        "method_bias": lambda: common_method_bias(subject.syntax, frame, marker=entry.marker, **subject.options),
    }
    wanted = {*entry.checks, *(("method_bias",) if entry.marker else ())}
    yield from ((name, check) for name, check in checks.items() if name in wanted)


def _both_intervals(subject: _Subject) -> tuple[pd.DataFrame, pd.DataFrame]:
    options = {"n_replicates": subject.entry.replicates, "seed": subject.entry.seed}
    first, second = (htmt_intervals(subject.fit, version=version, **options) for version in (1, 2))
    return first, second


def doubtful_pairs(correlations: pd.DataFrame, htmt: pd.DataFrame, cutoff: float) -> list[tuple[str, str]]:
    """Pairs of latent variables whose interval reaches .8, or whose ratio reaches the cut-off.

    Parameters
    ----------
    correlations : pandas.DataFrame
        Of :func:`surveysem.factor_correlations`.
    htmt : pandas.DataFrame
        Ratios, symmetric.
    cutoff : float
        Of the ratio.

    References
    ----------
    ronkko_cho_2022, henseler_2015
    """
    found = []
    for row in correlations.to_dict("records"):
        first, second = str(row["first"]), str(row["second"])
        farthest = max(abs(float(row["ci_lower"])), abs(float(row["ci_upper"])))
        known = first in htmt.index and second in htmt.columns
        ratio = float(htmt.loc[first, second]) if known else nan  # type: ignore[arg-type]
        if farthest >= DOUBTFUL_LIMIT or ratio >= cutoff:
            found.append((first, second))
    return found


def _discriminant_tests(subject: _Subject, always: Mapping[str, Any]) -> pd.DataFrame:
    cutoff = subject.entry.cutoffs.htmt
    pairs = doubtful_pairs(always["factor_correlations"], subject.fit.htmt, cutoff)
    if not pairs:
        return pd.DataFrame(columns=["first", "second", "restriction", "p_value", "conclusion"])
    return discriminant_validity(subject.syntax, subject.responses.frame, pairs=pairs, **subject.options)


def _ladder(subject: _Subject, entry: InvarianceEntry) -> Callable[[], Invariance]:
    return lambda: measurement_invariance(
        _syntax_of(subject, entry.constructs),
        subject.responses.frame,
        group=entry.group,
        group_partial=entry.partial,
        up_to=entry.up_to,
        **subject.options,
        **subject.clustered,
    )


def _syntax_of(subject: _Subject, constructs: Sequence[str]) -> str:
    """The measurement model of some of the constructs; of all without any."""
    if not constructs:
        return subject.syntax
    statements = subject.study.statements("measurement")
    items = {each.rhs for each in statements if each.op == "=~" and each.lhs in constructs}
    kept = [
        each
        for each in statements
        if (each.op == "=~" and each.lhs in constructs) or {each.lhs, each.rhs} <= {*items, *constructs}
    ]
    return lavaan_syntax(kept)


_NOT_CLUSTERED = ("discriminant_tests", "item_deletion", "alternatives", "method_bias")


def _unclustered(subject: _Subject, results: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Checks that take clustered respondents for independent ones."""
    concerned = [_TITLES[name] for name in _NOT_CLUSTERED if results.get(name) is not None]
    if not subject.clustered or not concerned:
        return ()
    message = (
        f"These do not allow for the clusters of {subject.settings['cluster']}: {', '.join(concerned)}. Estimates and "
        "coefficients are the same; tests and fit indices are those of independent respondents."
    )
    return (Finding(severity="warning", where="clusters", message=message),)


def _told(results: Mapping[str, Any], ladders: Mapping[str, Invariance]) -> tuple[Finding, ...]:
    """Findings of the checks themselves."""
    found: dict[Finding, None] = {}
    for name in ("alternatives", "method_bias"):
        if results.get(name) is not None:
            found |= dict.fromkeys(results[name].findings)
    for group, ladder in ladders.items():
        where = f"invariance across {group}"
        found |= dict.fromkeys(replace(each, where=f"{where}, {each.where}") for each in ladder.findings)
    return tuple(found)
