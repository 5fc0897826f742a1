"""Matrix functions."""

from surveysem.linalg.definite import inverse_positive_definite, is_positive_definite, log_determinant

__all__ = ["inverse_positive_definite", "is_positive_definite", "log_determinant"]
