"""Implied moments and their derivatives."""

from surveysem.implied.derivatives import (
    cross_products,
    mean_gradient,
    mean_hessian,
    mean_products,
    trace_gradient,
    trace_hessian,
    trace_products,
)
from surveysem.implied.moderated import ModeratedMoments, distinct_products, model_moments, model_variance_jacobian
from surveysem.implied.moments import (
    ImpliedMoments,
    covariance_jacobian,
    element_columns,
    element_to_parameter,
    implied_moments,
    mean_jacobian,
    mean_weights,
    residual_variances,
    variance_jacobian,
)
from surveysem.implied.statistics import (
    has_exact_hessian,
    implied_statistics,
    response_covariance,
    response_scales,
    statistics_hessian,
    statistics_jacobian,
)
from surveysem.implied.structure import Matrix, ModeratedStructure, MomentStructure, moment_structure

__all__ = [
    "ImpliedMoments",
    "Matrix",
    "ModeratedMoments",
    "ModeratedStructure",
    "MomentStructure",
    "covariance_jacobian",
    "cross_products",
    "distinct_products",
    "element_columns",
    "element_to_parameter",
    "has_exact_hessian",
    "implied_moments",
    "implied_statistics",
    "mean_gradient",
    "mean_hessian",
    "mean_jacobian",
    "mean_products",
    "mean_weights",
    "model_moments",
    "model_variance_jacobian",
    "moment_structure",
    "residual_variances",
    "response_covariance",
    "response_scales",
    "statistics_hessian",
    "statistics_jacobian",
    "trace_gradient",
    "trace_hessian",
    "trace_products",
    "variance_jacobian",
]
