"""surveysem: from a questionnaire to a defensible verdict.

>>> import surveysem as ss
>>> study = ss.load_study("political_democracy")
>>> result = ss.fit_study(study, study.bundled_data())
>>> round(float(result.verdicts.loc["D1", "estimate"]), 3)
1.483
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from surveysem.errors import SurveySEMError as SurveySEMError
    from surveysem.inference import Fit as Fit
    from surveysem.inference import compare as compare
    from surveysem.inference import factor_scores as factor_scores
    from surveysem.inference import fornell_larcker as fornell_larcker
    from surveysem.inference import htmt as htmt
    from surveysem.inference import reliability as reliability
    from surveysem.inference import wald_test as wald_test
    from surveysem.instrument import Instrument as Instrument
    from surveysem.instrument import read_instrument as read_instrument
    from surveysem.modelling import cfa as cfa
    from surveysem.modelling import measurement_invariance as measurement_invariance
    from surveysem.modelling import sem as sem
    from surveysem.study import Study as Study
    from surveysem.study import StudyResult as StudyResult
    from surveysem.study import fit_study as fit_study
    from surveysem.study import load_study as load_study
    from surveysem.study import model_frame as model_frame
    from surveysem.study import read_responses as read_responses
    from surveysem.study import simulate_responses as simulate_responses

try:
    __version__ = version("surveysem")
except PackageNotFoundError:  # run from a source tree that was not installed
    __version__ = "0+unknown"

_ROOMS = {
    "errors": ("SurveySEMError",),
    "inference": ("Fit", "compare", "factor_scores", "fornell_larcker", "htmt", "reliability", "wald_test"),
    "instrument": ("Instrument", "read_instrument"),
    "modelling": ("cfa", "measurement_invariance", "sem"),
    "study": (
        "Study",
        "StudyResult",
        "fit_study",
        "load_study",
        "model_frame",
        "read_responses",
        "simulate_responses",
    ),
}
"""Public names by the room they live in; a room is loaded when one of its names is first asked for."""

_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}
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


def __getattr__(name: str) -> object:
    if name not in _ROOM_OF:
        raise AttributeError(f"module 'surveysem' has no attribute {name!r}")
    value: object = getattr(import_module(f"surveysem.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
