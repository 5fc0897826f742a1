"""Model syntax written for lavaan and semopy."""

from dataclasses import replace

import semopy

from surveysem.specification import SEM_DEFAULTS, lavaan_syntax, parameter_table, parse_syntax, semopy_syntax

MODEL = """
f =~ x1 + b*x2 + start(0.3)*x3
g =~ NA*x4 + 0.123456789012345*x5 + x6
g ~~ 1*g
g ~ slope*f
x1 ~~ x2
effect := b*slope
"""


def test_lavaan_syntax_is_read_back_unchanged():
    statements = parse_syntax(MODEL)
    assert set(parse_syntax(lavaan_syntax(statements))) == set(statements)


EVERYTHING = """
f =~ x1 + c(a, b)*x2 + c(0.5, NA)*x3 + start(c(0.3, 0.6))*x4 + c(d, d)*start(c(1, 2))*x5
y ~ x:z + f
f + x1 ~ c(m1, m2)*1
x2 ~ 0*1
u | t1 + 0.5*t2
u ~*~ 1*u
effect := a*b
a == 2*b + 0.5
b > 0
a < 2
"""


def test_nothing_is_left_out():
    statements = parse_syntax(EVERYTHING)
    assert set(parse_syntax(lavaan_syntax(statements))) == set(statements)
    assert len(statements) == 17


def test_numbers_keep_all_their_digits():
    assert "0.123456789012345*x5" in lavaan_syntax(parse_syntax(MODEL))
    assert "0.123456789012345*x5" in semopy_syntax(parameter_table(parse_syntax(MODEL)))


def test_large_and_small_numbers_are_written_without_exponent():
    """semopy takes the plus sign of 1e+20 for that of a sum."""
    table = parameter_table(parse_syntax("f =~ x1 + 1e20*x2 + 1e-7*x3"))
    assert "100000000000000000000*x2 + 0.0000001*x3" in semopy_syntax(table)


def test_long_formulas_are_broken_after_a_plus_sign():
    statements = parse_syntax("f =~ " + " + ".join(f"indicator_number_{i}" for i in range(20)))
    lines = lavaan_syntax(statements).splitlines()
    assert max(map(len, lines)) <= 100
    assert len(lines) > 2
    assert all(line.endswith("+") for line in lines[1:-1])


def test_semopy_does_not_fix_loadings_that_are_free():
    """semopy fixes the first unlabelled loading of a latent variable that has no fixed one."""
    table = parameter_table(parse_syntax("f =~ x1 + x2 + x3"), replace(SEM_DEFAULTS, standardize_latent=True))
    text = semopy_syntax(table)
    assert text.startswith("f =~ f_x1*x1 + f_x2*x2 + f_x3*x3\n")
    model = semopy.Model(text)
    assert sum(parameter.active for parameter in model.parameters.values()) == table.n_free


def test_semopy_counts_the_free_parameters_we_count():
    table = parameter_table(parse_syntax("f =~ a + b + c; g =~ d + e + h; k =~ i + j + l; g ~ f; y ~ g + z"))
    model = semopy.Model(semopy_syntax(table))
    assert sum(parameter.active for parameter in model.parameters.values()) == table.n_free


def test_labels_are_written_for_semopy_too():
    assert "g ~ slope*f" in semopy_syntax(parameter_table(parse_syntax(MODEL)))
