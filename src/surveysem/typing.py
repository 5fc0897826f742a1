"""Type aliases shared by all rooms."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

MaximumLikelihoodName: TypeAlias = Literal["ML", "MLR", "MLM", "MLMV", "MLMVS"]
LeastSquaresName: TypeAlias = Literal["GLS", "WLS", "DWLS", "WLSM", "WLSMV", "WLSMVS", "ULS", "ULSM", "ULSMV", "ULSMVS"]
EstimatorName: TypeAlias = Literal[MaximumLikelihoodName, LeastSquaresName]
MissingTreatment: TypeAlias = Literal["listwise", "fiml"]
VerdictLabel: TypeAlias = Literal[
    "supported", "partially supported", "not supported", "contradicted", "negligible", "not testable"
]
