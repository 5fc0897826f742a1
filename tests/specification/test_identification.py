"""Models that no data could determine are refused before anything is fitted."""

from dataclasses import replace

import pytest

from surveysem.errors import IdentificationError
from surveysem.specification import AS_WRITTEN, SEM_DEFAULTS, check_identification, parameter_table, parse_syntax


def _problems(text, defaults=SEM_DEFAULTS):
    with pytest.raises(IdentificationError) as caught:
        check_identification(parameter_table(parse_syntax(text), defaults))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "text",
    [
        "f =~ x1 + x2 + x3",
        "f =~ x1 + x2; g =~ x3 + x4",
        "f =~ x1; g =~ x2 + x3 + x4; g ~ f",
        "f =~ NA*x1 + x2 + 1*x3",
        "f =~ NA*x1 + x2 + x3; f ~~ 1*f",
        "y ~ x1 + x2",
        "f =~ x1 + x2 + x3; top =~ f",
    ],
)
def test_identified(text):
    check_identification(parameter_table(parse_syntax(text)))


def test_latent_variable_without_a_scale_is_named():
    (problem,) = _problems("trust =~ NA*x1 + x2 + x3 + x4; g =~ x5 + x6 + x7")
    assert "latent variable 'trust': nothing sets its scale." in problem
    assert "std_lv=True" in problem


def test_a_loading_fixed_to_zero_sets_no_scale():
    assert "'f': nothing sets its scale" in _problems("f =~ 0*x1 + x2 + x3 + x4")[0]


def test_single_indicator_with_a_free_residual_is_named():
    (problem,) = _problems("f =~ x1; x1 ~~ NA*x1; g =~ x2 + x3 + x4; g ~ f")
    assert "latent variable 'f': one indicator only, 'x1', whose residual variance is free." in problem
    assert "x1 ~~ 0*x1" in problem


def test_too_many_parameters_are_counted():
    (problem,) = _problems("f =~ x1 + x2")
    assert "4 free parameters for 3 sample moments (observed variables: 2)" in problem


def test_several_problems_come_at_once():
    assert len(_problems("f =~ NA*x1 + x2; g =~ NA*x3 + x4")) == 3


def test_variables_without_variance_are_named_when_nothing_is_added():
    (problem,) = _problems("f =~ 1*x1 + x2 + x3; x1 ~~ x1; x2 ~~ x2; x3 ~~ x3", AS_WRITTEN)
    assert problem == (
        "variable 'f': nothing explains it and the model has no variance for it. Add f ~~ f, or use auto=True."
    )


def test_unit_variances_set_scales():
    check_identification(
        parameter_table(parse_syntax("f =~ x1 + x2 + x3"), replace(SEM_DEFAULTS, standardize_latent=True))
    )


def test_a_model_without_free_parameters_is_refused():
    text = "f =~ 1*x1 + 1*x2\nf ~~ 1*f\nx1 ~~ 1*x1\nx2 ~~ 1*x2"
    with pytest.raises(IdentificationError, match="no parameter is free"):
        check_identification(parameter_table(parse_syntax(text), SEM_DEFAULTS))
