"""Studies: loaded, answered, fitted, judged and reported."""

from surveysem.study.fitting import fit_study
from surveysem.study.read import load_study
from surveysem.study.responses import model_frame, read_responses, response_simulator, simulate_responses
from surveysem.study.result import StudyResult
from surveysem.study.schema import study_json_schema
from surveysem.study.study import Study

__all__ = [
    "Study",
    "StudyResult",
    "fit_study",
    "load_study",
    "model_frame",
    "read_responses",
    "response_simulator",
    "simulate_responses",
    "study_json_schema",
]
