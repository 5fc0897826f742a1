"""Errors as people meet them."""

import surveysem as ss
from surveysem.errors import DataError, Problem


def test_an_error_lists_every_problem():
    problems = [Problem(where=f"row {row}", found="9", remedy="Use 1 to 7.") for row in (3, 8)]
    text = str(DataError("Answers do not fit.", problems))
    assert text.splitlines() == ["Answers do not fit.", "  1. row 3: 9. Use 1 to 7.", "  2. row 8: 9. Use 1 to 7."]


def test_notebooks_show_the_error_without_the_calls_in_between():
    error = DataError("Answers do not fit.", [Problem(where="row 3", found="9", remedy="Use 1 to 7.")])
    assert isinstance(error, ss.SurveySEMError)
    assert error._render_traceback_() == ["DataError: Answers do not fit.", "  1. row 3: 9. Use 1 to 7."]
