"""Incomplete rows made ready for full-information maximum likelihood."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from surveysem.data.missing import missing_patterns, saturated_moments
from surveysem.data.moments import SampleMoments
from surveysem.estimation import FullInformation
from surveysem.findings import Finding


def full_information(frame: pd.DataFrame, variables: Sequence[str]) -> tuple[SampleMoments, FullInformation]:
    """Unrestricted moments of incomplete rows, and the discrepancy that uses every row.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of one group.
    variables : sequence of str
        Observed variables of the model.
    """
    missing = missing_patterns(frame, variables)
    saturated = saturated_moments(missing)
    sample = SampleMoments(
        variables=tuple(variables),
        covariance=saturated.covariance,
        means=saturated.means,
        n_obs=missing.n_obs,
        observations=missing.observations,
    )
    return sample, FullInformation(missing=missing, saturated=saturated)


def usable_rows(
    frame: pd.DataFrame, variables: Sequence[str], exogenous: Sequence[str]
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Rows that have all exogenous variables and at least one value, and what was left out.

    The distribution of observed exogenous variables is no part of the model, so nothing is known of missing ones.
    """
    usable = frame.dropna(subset=list(exogenous)) if exogenous else frame.dropna(subset=list(variables), how="all")
    n_incomplete = int(usable[list(variables)].isna().any(axis=1).sum())
    findings = []
    if len(usable) < len(frame):
        message = (
            f"{len(frame) - len(usable)} of {len(frame)} rows have no value of the model's variables, or lack an "
            "exogenous one, and were left out."
        )
        findings.append(Finding(severity="warning", where="full-information maximum likelihood", message=message))
    if n_incomplete:
        message = f"{n_incomplete} of {len(usable)} rows used are incomplete; each counts with the values it has."
        findings.append(Finding(severity="note", where="full-information maximum likelihood", message=message))
    return usable, tuple(findings)
