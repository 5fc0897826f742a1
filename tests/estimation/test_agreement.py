"""Agreement with semopy."""

from dataclasses import replace

import numpy as np
import pytest

from surveysem.data import read_political_democracy
from surveysem.estimation import EngineResult
from surveysem.estimation.agreement import EngineAgreement, compare_engines
from surveysem.estimation.engines.semopy import SemopyEngine
from surveysem.modelling import sem

SYNTAX = "ind60 =~ x1 + x2 + x3; dem60 =~ y1 + y2 + y3 + y4; dem60 ~ ind60; y2 ~~ y4"


@pytest.fixture(scope="module")
def fit():
    return sem(SYNTAX, read_political_democracy())


def errors_of(fit):
    return np.sqrt(np.diag(fit.parameter_covariance))


def test_independent_software_finds_the_same(fit):
    agreement = compare_engines(fit.solution, errors_of(fit))
    assert isinstance(agreement, EngineAgreement)
    # 1e-4 standard errors and 0.01 %: far below what is printed anywhere
    assert agreement.largest_relative_difference_estimates < 1e-4
    assert agreement.largest_relative_difference_standard_errors < 1e-4
    assert agreement.engine.startswith("surveysem")
    assert agreement.other_engine.startswith("semopy")
    assert agreement.parameter in fit.table.free_names


def test_differences_are_found_where_they_are(fit, monkeypatch):
    result, errors = SemopyEngine().fit(fit.solution.problem), errors_of(fit)
    theta, other_errors = result.theta.copy(), result.standard_errors.copy()
    theta[2] += 0.3 * errors[2]
    other_errors[4] *= 1.02
    changed = replace(result, theta=theta, standard_errors=other_errors)
    monkeypatch.setattr(SemopyEngine, "fit", lambda self, problem: changed)
    agreement = compare_engines(fit.solution, errors)
    assert agreement.largest_relative_difference_estimates == pytest.approx(0.3, rel=1e-3)
    assert agreement.parameter == fit.table.free_names[2]
    assert agreement.largest_relative_difference_standard_errors == pytest.approx(0.02, rel=1e-3)
    assert agreement.standard_error_parameter == fit.table.free_names[4]
    assert agreement.sentence() == (
        f"Refitted with {result.engine}, independent software: estimates differ by at most 0.3 of a standard error "
        "and standard errors by at most 2 %."
    )


@pytest.mark.parametrize(
    ("syntax", "options", "reason"),
    [
        ("f =~ y1 + y2 + y3 + y4", {"meanstructure": True}, "mean structures"),
        ("f =~ y1 + a*y2 + a*y3 + y4", {}, "equality constraints"),
    ],
)
def test_the_reason_is_given_where_semopy_cannot(syntax, options, reason):
    fit = sem(syntax, read_political_democracy(), **options)
    answer = compare_engines(fit.solution, errors_of(fit))
    assert isinstance(answer, str)
    assert answer.startswith("The model was not refitted with semopy: ")
    assert reason in answer


def test_numbers_that_are_none_are_told(fit, monkeypatch):
    empty = EngineResult(
        engine="semopy 0",
        theta=np.full(fit.table.n_free, np.nan),
        standard_errors=np.full(fit.table.n_free, np.nan),
        n_iterations=0,
        message="gave up",
    )
    monkeypatch.setattr(SemopyEngine, "fit", lambda self, problem: empty)
    assert "no finite estimates" in compare_engines(fit.solution, errors_of(fit))


def test_semopys_own_solution_is_not_compared_with_itself():
    fit = sem(SYNTAX, read_political_democracy(), engine="semopy")
    assert "not asked again" in compare_engines(fit.solution, errors_of(fit))
