"""What a study file may say of the quality of measurement."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from surveysem.instrument.values import Identifier, NonEmptyText, Part


class MinimumQualityEntry(Part):
    """Measurement below which a proposition is not judged, declared before data are read."""

    reliability: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Lowest composite reliability of every construct of a proposition."""
    ave: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Lowest average variance extracted of every construct of a proposition."""
    htmt: Annotated[float, Field(gt=0, le=1)] | None = None
    """Heterotrait-monotrait ratio that every pair of constructs of a proposition must stay below."""
    action: Literal["exclude", "mark"] = "exclude"
    """Whether a proposition whose constructs fail is not testable, or is judged and the failure told beside."""


class QualityCutoffsEntry(Part):
    """Conventions that coefficients of measurement are held against in the report; they decide nothing."""

    reliability: Annotated[float, Field(gt=0, lt=1)] = 0.70
    """Lowest acceptable composite reliability."""
    ave: Annotated[float, Field(gt=0, lt=1)] = 0.50
    """Lowest acceptable average variance extracted (Fornell & Larcker 1981)."""
    htmt: Annotated[float, Field(gt=0, le=1)] = 0.85
    """Heterotrait-monotrait ratio from which discriminant validity is in doubt (Henseler et al. 2015)."""
    loading: Annotated[float, Field(gt=0, lt=1)] = 0.50
    """Lowest acceptable standardised loading."""
    vif: Annotated[float, Field(gt=1)] = 3.3
    """Full-collinearity factor above which common method bias is in question (Kock 2015)."""


class InvarianceEntry(Part):
    """Measurement invariance across the groups of one question."""

    group: Identifier
    """Grouping question."""
    constructs: tuple[Identifier, ...] = ()
    """Latent variables whose measurement is tested, where all together would take more respondents than there are."""
    up_to: Literal["thresholds", "metric", "scalar", "strict"] | None = None
    """Last level to test; all up to the first that fails if left out."""
    partial: tuple[NonEmptyText, ...] = ()
    """Parameters free to differ between groups, such as `brand_trust=~bt_2` or `bt_2~1`."""


class MeasurementQualityEntry(Part):
    """Checks of measurement beyond those every report has; they take from a second to minutes."""

    checks: tuple[
        Literal["htmt_intervals", "discriminant_tests", "item_deletion", "alternatives", "method_bias"], ...
    ] = ()
    """Intervals of HTMT, tests of doubtful pairs of constructs, scales without each item, other models, method bias."""
    marker: Identifier | None = None
    """Latent variable that serves as marker of method bias, which is then checked."""
    invariance: tuple[InvarianceEntry, ...] = ()
    """Groups across which invariance is tested."""
    cutoffs: QualityCutoffsEntry = QualityCutoffsEntry()
    """What coefficients are held against."""
    replicates: Annotated[int, Field(ge=200)] = 5000
    """Bootstrap samples of the intervals."""
    seed: Annotated[int, Field(ge=0)] = 1
    """The same seed gives the same intervals."""
