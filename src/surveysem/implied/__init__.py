"""Implied moments and their derivatives."""

from surveysem.implied.derivatives import trace_gradient, trace_hessian, trace_products
from surveysem.implied.moments import (
    ImpliedMoments,
    covariance_jacobian,
    element_columns,
    element_to_parameter,
    implied_moments,
    variance_jacobian,
)
from surveysem.implied.structure import CovarianceStructure, Matrix, covariance_structure

__all__ = [
    "CovarianceStructure",
    "ImpliedMoments",
    "Matrix",
    "covariance_jacobian",
    "covariance_structure",
    "element_columns",
    "element_to_parameter",
    "implied_moments",
    "trace_gradient",
    "trace_hessian",
    "trace_products",
    "variance_jacobian",
]
