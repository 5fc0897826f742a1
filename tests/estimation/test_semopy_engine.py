"""The semopy engine: what it hands over, what it refuses, and that no fit depends on another."""

import numpy as np
import pandas as pd
import pytest

from surveysem.data import read_political_democracy, sample_moments
from surveysem.errors import EstimationError, UnsupportedError
from surveysem.estimation import estimate_model, find_engine
from surveysem.estimation.engines.units import start_values, unit_factor, variable_units
from surveysem.specification import SEM_DEFAULTS, parameter_table, parse_syntax
from surveysem.specification.defaults import Defaults

DEMOCRACY = """
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
"""


def _solve(text, frame, defaults=SEM_DEFAULTS):
    table = parameter_table(parse_syntax(text), defaults)
    return estimate_model(table, sample_moments(frame, table.observed), engine="semopy")


@pytest.fixture(scope="module")
def democracy():
    return read_political_democracy()


def test_a_second_fit_is_the_first_again(democracy):
    first = _solve(DEMOCRACY, democracy)
    _solve("dem60 =~ y1 + y2 + y3 + y4", 100 * democracy)
    again = _solve(DEMOCRACY, democracy)
    np.testing.assert_array_equal(first.theta, again.theta)


def test_standard_errors_of_the_engine_are_those_of_expected_information(democracy):
    from surveysem.inference.information import parameter_covariance

    solution = _solve(DEMOCRACY, democracy)
    ours = np.sqrt(np.diag(parameter_covariance(solution, "ML")))
    np.testing.assert_allclose(solution.engine_result.standard_errors, ours, rtol=1e-6)


@pytest.mark.parametrize(
    "names",
    [
        ("START", "BOUND", "DEFINE"),
        ("v0", "f0", "p1"),
        ("v1", "v0", "v2"),
        ("x.1", "x..2", "_"),
        ("lambda", "is", "None"),
        ("Größe", "переменная", "変数"),
        ("e1", "E2", "_b1"),
    ],
)
def test_names_are_never_taken_for_syntax(names, democracy):
    plain = _solve("f =~ y1 + y2 + y3; g =~ y4 + y5 + y6", democracy)
    renamed = democracy.rename(columns=dict(zip(["y1", "y2", "y3"], names, strict=True)))
    odd = _solve(f"NA_ =~ {' + '.join(names)}; latent.two =~ y4 + y5 + y6", renamed)
    np.testing.assert_array_equal(odd.theta, plain.theta)


def test_equality_constraints_are_refused_by_label(democracy):
    with pytest.raises(UnsupportedError, match=r"equality constraints \(label same, other\)"):
        _solve("f =~ y1 + same*y2 + same*y3; g =~ y5 + other*y6 + other*y7", democracy)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f =~ y1 + y2 + y3; y4 ~ f; y1 ~~ y4", r"covariances of an indicator's residual .*\(y1 ~~ y4\)"),
        ("f =~ y1 + y2 + y3 + y4; y1 ~~ f", r"\(y1 ~~ f\)"),
        ("f =~ y1 + y2 + y3; y1 ~~ x1", r"variables without a loading or regression \(x1\)"),
        ("y1 ~~ y2", r"variables without a loading or regression \(y1, y2\)"),
    ],
)
def test_models_out_of_reach_are_refused(text, message, democracy):
    with pytest.raises(UnsupportedError, match=message):
        _solve(text, democracy)


def test_unknown_engines_are_refused():
    with pytest.raises(UnsupportedError, match=r"no engine 'lisrel'\. Available: native, semopy"):
        find_engine("lisrel")


def test_a_run_that_breaks_off_is_an_error(democracy):
    with pytest.raises(EstimationError) as caught:
        _solve("f =~ y1 + y2 + y3; y1 ~~ -5*y1", democracy)
    assert "engine semopy" in str(caught.value)
    assert "Check the model against the data" in str(caught.value)


def test_nothing_is_added_to_a_model_as_written(democracy):
    """semopy adds variances, and covariances of exogenous latent variables; without a row they are zero."""
    text = """
    f =~ 1*x1 + x2 + x3
    g =~ 1*y1 + y2 + y3
    f ~~ f
    g ~~ g
    x1 ~~ x1
    x2 ~~ x2
    x3 ~~ x3
    y1 ~~ y1
    y2 ~~ y2
    y3 ~~ y3
    """
    nothing = Defaults(
        fix_first=False,
        fix_single=False,
        variances=False,
        exogenous_covariances=False,
        outcome_covariances=False,
        fixed_exogenous=False,
    )
    as_written = _solve(text, democracy, nothing)
    said = _solve("f =~ x1 + x2 + x3; g =~ y1 + y2 + y3; f ~~ 0*g", democracy)
    assert as_written.discrepancy == pytest.approx(said.discrepancy, abs=1e-10)
    assert as_written.groups[0].implied.latent_covariance[0, 1] == 0.0


def test_start_values_of_the_author_are_used(democracy):
    """Two mirror-image minima: the sign of the loadings follows the start values."""
    table_text = "f =~ NA*y1 + start({0})*y1 + start({0})*y2 + start({0})*y3; f ~~ 1*f"
    up = _solve(table_text.format(2.0), democracy)
    down = _solve(table_text.format(-2.0), democracy)
    assert (up.theta[:3] > 0).all()
    np.testing.assert_allclose(down.theta[:3], -up.theta[:3], rtol=1e-4)


def test_units_make_scales_one():
    table = parameter_table(parse_syntax("f =~ 2*a + b + c; g =~ NA*d + e + h; g ~~ 9*g; top =~ 0.5*f + g + k"))
    deviations = dict(zip(table.observed, [3.0, 1.0, 1.0, 2.0, 2.0, 2.0, 5.0], strict=True))
    covariance = np.diag([deviations[name] ** 2 for name in table.observed])
    units = variable_units(table, covariance)
    assert {name: units[name] for name in table.observed} == deviations
    assert (units["f"], units["g"], units["top"]) == (1.5, 3.0, 3.0)
    scaled = {row.name: row.value * unit_factor(row, units) for row in table if row.value is not None}
    assert scaled == {"f=~a": 1.0, "g~~g": 1.0, "top=~f": 1.0}


def test_loadings_without_a_marker_start_off_zero_with_the_sign_of_their_correlation():
    table = parameter_table(parse_syntax("f =~ NA*a + b + start(0.2)*c; f ~~ 1*f; g =~ d + e + h"))
    correlation = np.eye(6)
    correlation[0, 1] = correlation[1, 0] = -0.4
    numbers = {row.name: row.free for row in table if row.free}
    starts = start_values(table, correlation)
    assert starts == {numbers["f=~a"]: 0.7, numbers["f=~b"]: -0.7, numbers["f=~c"]: 0.2}


def test_no_message_or_warning_leaks(democracy, capfd, caplog):
    _solve("f =~ NA*y1 + y2 + y3; f ~~ 1*f", democracy)
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_moments_must_be_in_the_order_of_the_table(democracy):
    table = parameter_table(parse_syntax("f =~ y1 + y2 + y3"))
    with pytest.raises(ValueError, match="in that order"):
        estimate_model(table, sample_moments(democracy, ["y2", "y1", "y3"]))


def test_results_are_read_only(democracy):
    result = _solve("f =~ y1 + y2 + y3", democracy).engine_result
    with pytest.raises(ValueError, match="read-only"):
        result.theta[0] = 0.0
    assert isinstance(result.message, str)
    assert result.engine.startswith("semopy 2")
    assert pd.notna(result.standard_errors).all()
