"""surveysem: from a questionnaire to a defensible verdict.

>>> import surveysem as ss
>>> study = ss.load_study("political_democracy")
>>> result = ss.fit_study(study, study.bundled_data())
>>> round(float(result.verdicts.loc["D1", "estimate"]), 3)
1.483
"""

from importlib.metadata import PackageNotFoundError, version

from surveysem.errors import SurveySEMError
from surveysem.inference import (
    Fit,
    compare,
    factor_scores,
    fornell_larcker,
    htmt,
    reliability,
    wald_test,
)
from surveysem.instrument import Instrument, read_instrument
from surveysem.modelling import cfa, measurement_invariance, sem
from surveysem.study import (
    Study,
    StudyResult,
    fit_study,
    load_study,
    model_frame,
    read_responses,
    simulate_responses,
)

try:
    __version__ = version("surveysem")
except PackageNotFoundError:  # run from a source tree that was not installed
    __version__ = "0+unknown"

__all__ = [
    "Fit",
    "Instrument",
    "Study",
    "StudyResult",
    "SurveySEMError",
    "cfa",
    "compare",
    "factor_scores",
    "fit_study",
    "fornell_larcker",
    "htmt",
    "load_study",
    "measurement_invariance",
    "model_frame",
    "read_instrument",
    "read_responses",
    "reliability",
    "sem",
    "simulate_responses",
    "wald_test",
]
