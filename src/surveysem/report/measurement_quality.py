"""What a report says about the quality of measurement: the results of all checks that were carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from surveysem.findings import Finding
from surveysem.modelling.invariance import Invariance
from surveysem.modelling.measurement_alternatives import MeasurementComparison
from surveysem.modelling.method_bias import MethodBias


@dataclass(frozen=True, kw_only=True)
class QualityCutoffs:
    """Conventions that coefficients of measurement are held against.

    Parameters
    ----------
    reliability : float
        Lowest acceptable composite reliability.
    ave : float
        Lowest acceptable average variance extracted.
    htmt : float
        Heterotrait–monotrait ratio from which discriminant validity is in doubt.
    loading : float
        Lowest acceptable standardised loading.
    vif : float
        Full-collinearity variance inflation factor above which common method bias is in question.

    References
    ----------
    fornell_larcker_1981, henseler_2015, kock_2015
    """

    reliability: float = 0.70
    ave: float = 0.50
    htmt: float = 0.85
    loading: float = 0.50
    vif: float = 3.3


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasurementQuality:
    """Checks of the measurement model of a study.

    The first group costs next to nothing and is always there; the others are None, or empty, unless they are declared.

    Parameters
    ----------
    cutoffs : QualityCutoffs
        What the coefficients are held against.
    reliability : pandas.DataFrame
        Of :func:`surveysem.reliability_coefficients`.
    htmt2 : pandas.DataFrame
        Ratios of geometric means, symmetric.
    factor_correlations : pandas.DataFrame
        Of :func:`surveysem.factor_correlations`; empty for one latent variable.
    cross_loadings : pandas.DataFrame
        Of :func:`surveysem.cross_loadings`; empty where they are not available.
    modification_indices : pandas.DataFrame
        Of the measurement model, the largest first; empty where they are not available.
    vif : pandas.Series
        Full-collinearity variance inflation factors of the latent variables.
    harman : float
        Share of the first principal component in the items' variance; NaN where it is not defined.
    htmt_intervals : pandas.DataFrame or None
        Bootstrap intervals of HTMT.
    htmt2_intervals : pandas.DataFrame or None
        The same of HTMT2.
    discriminant_tests : pandas.DataFrame or None
        Tests of the pairs whose interval reaches .8 or whose ratio reaches the cut-off.
    item_deletion : pandas.DataFrame or None
        Scales without each item.
    alternatives : MeasurementComparison or None
        Alternative measurement models.
    method_bias : MethodBias or None
        Checks for common method bias.
    invariance : Mapping of str to Invariance
        By grouping question.
    seconds : Mapping of str to float
        Time each declared check took.
    findings : tuple of Finding
        What a reader must know, checks that could not be carried out among it.
    """

    cutoffs: QualityCutoffs
    reliability: pd.DataFrame
    htmt2: pd.DataFrame
    factor_correlations: pd.DataFrame
    cross_loadings: pd.DataFrame
    modification_indices: pd.DataFrame
    vif: pd.Series
    harman: float
    htmt_intervals: pd.DataFrame | None = None
    htmt2_intervals: pd.DataFrame | None = None
    discriminant_tests: pd.DataFrame | None = None
    item_deletion: pd.DataFrame | None = None
    alternatives: MeasurementComparison | None = None
    method_bias: MethodBias | None = None
    invariance: Mapping[str, Invariance] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        done = [f"{name} ({taken:.1f} s)" for name, taken in self.seconds.items()]
        return "\n".join(
            [
                self.reliability["estimate"].round(3).to_string(),
                f"declared checks: {', '.join(done) or 'none'}",
                *map(str, self.findings),
            ]
        )
