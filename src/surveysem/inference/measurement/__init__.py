"""Quality of measurement: reliability with intervals, discriminant validity, cross-loadings."""

from surveysem.inference.measurement.coefficients import (
    categorical_omega,
    feldt_interval,
    full_collinearity_vif,
    implied_average_variance_extracted,
    standardized_alpha,
)
from surveysem.inference.measurement.cross_loadings import cross_loadings
from surveysem.inference.measurement.factor_correlations import factor_correlations
from surveysem.inference.measurement.general_factor import omega_hierarchical
from surveysem.inference.measurement.htmt_bootstrap import htmt_intervals
from surveysem.inference.measurement.reliability import reliability_coefficients

__all__ = [
    "categorical_omega",
    "cross_loadings",
    "factor_correlations",
    "feldt_interval",
    "full_collinearity_vif",
    "htmt_intervals",
    "implied_average_variance_extracted",
    "omega_hierarchical",
    "reliability_coefficients",
    "standardized_alpha",
]
