"""Division where it is defined."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from surveysem.typing import FloatArray


def ratio_where(numerator: ArrayLike, denominator: ArrayLike, defined: NDArray[np.bool_]) -> FloatArray:
    """Quotients where they are *defined*, NaN elsewhere."""
    quotients: FloatArray = np.full(defined.shape, np.nan)
    np.divide(numerator, denominator, out=quotients, where=defined)
    return quotients
