"""Model syntax: what is read, and what each error says."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveysem.errors import ModelSyntaxError
from surveysem.specification import Statement, lavaan_syntax, parse_syntax
from surveysem.specification.statements import Modifiers


def _rows(text):
    return [(each.lhs, each.op, each.rhs) for each in parse_syntax(text)]


def test_formulas_over_several_lines_with_comments():
    text = """
    f =~ x1 +   # first
         x2
         + x3   ! third
    g =~ x4 + x5; g ~ f  # f: not read

    f ~~ g
    """
    assert _rows(text) == [
        ("f", "=~", "x1"),
        ("f", "=~", "x2"),
        ("f", "=~", "x3"),
        ("g", "=~", "x4"),
        ("g", "=~", "x5"),
        ("g", "~", "f"),
        ("f", "~~", "g"),
    ]


def test_an_operator_or_a_modifier_at_the_end_of_a_line_continues():
    assert _rows("f =~\nx1 + a*\nx2") == [("f", "=~", "x1"), ("f", "=~", "x2")]


def test_several_left_sides():
    assert _rows("y1 + y2 ~ x1 + x2") == [
        ("y1", "~", "x1"),
        ("y1", "~", "x2"),
        ("y2", "~", "x1"),
        ("y2", "~", "x2"),
    ]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("x", {}),
        ("a*x", {"label": "a"}),
        ("a.1_b*x", {"label": "a.1_b"}),
        ("label('a')*x", {"label": "a"}),
        ('label("a")*x', {"label": "a"}),
        ("2*x", {"value": 2.0}),
        ("-.5*x", {"value": -0.5}),
        ("1e-2*x", {"value": 0.01}),
        ("2.E+1*x", {"value": 20.0}),
        ("NA*x", {"freed": True}),
        ("start(0.5)*x", {"start": 0.5}),
        ("start( -1 ) * x", {"start": -1.0}),
        ("a*start(.5)*x", {"label": "a", "start": 0.5}),
        ("a*2*x", {"label": "a", "value": 2.0}),
        ("NA*x + a*x + start(1)*x", {"freed": True, "label": "a", "start": 1.0}),
    ],
)
def test_modifiers(term, expected):
    assert parse_syntax(f"f =~ {term}") == (Statement(lhs="f", op="=~", rhs="x", **expected),)


def test_plus_signs_part_terms_after_names_that_end_in_e():
    formula = "y ~ age+e+f1e+x + 1e+1*z+q2e+3*w+.5E+1*v+x1.e+1*u"
    assert [row.rhs for row in parse_syntax(formula)] == ["age", "e", "f1e", "x", "z", "q2e", "w", "v", "x1.e", "u"]
    assert [row.value for row in parse_syntax(formula)][4:] == [10.0, None, 3.0, 5.0, None, 1.0]


def test_intercepts_thresholds_and_products():
    assert _rows("y + z ~ 1; w ~ x:z + 1; u | t1 + 0.5*t2") == [
        ("y", "~1", ""),
        ("z", "~1", ""),
        ("w", "~", "x:z"),
        ("w", "~1", ""),
        ("u", "|", "t1"),
        ("u", "|", "t2"),
    ]


def test_constraints_keep_their_expressions():
    assert _rows("a == 2*b + c; a > 0; b - 1 < c") == [
        ("a", "==", "2*b + c"),
        ("a", ">", "0"),
        ("b - 1", "<", "c"),
    ]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("c(a, b)*x", [{"label": "a"}, {"label": "b"}]),
        ("c(1, NA)*x", [{"value": 1.0}, {"freed": True}]),
        ("c(1, 2)*a*x", [{"value": 1.0, "label": "a"}, {"value": 2.0, "label": "a"}]),
        ("start(c(.5, 1))*x", [{"start": 0.5}, {"start": 1.0}]),
        ("label(c('a', 'b'))*x", [{"label": "a"}, {"label": "b"}]),
        ("c(a, b)*x + start(2)*x", [{"label": "a", "start": 2.0}, {"label": "b", "start": 2.0}]),
    ],
)
def test_modifiers_by_group(term, expected):
    (statement,) = parse_syntax(f"f =~ {term}")
    assert statement.by_group == tuple(Modifiers(**each) for each in expected)
    assert [statement.in_group(group, 2).label for group in (0, 1)] == [each.get("label", "") for each in expected]


def test_one_modifier_in_c_is_for_all_groups():
    assert parse_syntax("f =~ c(a)*x") == parse_syntax("f =~ a*x")


def test_definitions_keep_their_expression():
    assert _rows("ab := a*b + (c - 1)^2") == [("ab", ":=", "a*b + (c - 1)^2")]


def test_names_of_any_alphabet():
    assert _rows("Größe =~ x.1 + _; y ~ Größe") == [("Größe", "=~", "x.1"), ("Größe", "=~", "_"), ("y", "~", "Größe")]


ERRORS = {
    "f = x1": ("line 1, 'f = x1'", "no operator", "Use one of =~ ~ ~~ :="),
    "f =~ x1\ng =~": ("line 2, 'g =~'", "nothing on the right of =~", "Complete the formula"),
    "=~ x1": ("line 1", "nothing on the left of =~", "Complete the formula"),
    "f =~ x1 +": ("line 1", "'' is not a variable name", "Use letters"),
    "f =~ x1 ++ x2": ("line 1", "'' is not a variable name", "Use letters"),
    "f =~ 2x": ("line 1", "'2x' is not a variable name", "Use letters"),
    "f =~ x1 + x2 x3": ("line 1", "'x2 x3' is not a variable name", "Use letters"),
    "f =~ x-1": ("line 1", "'x-1' is not a variable name", "Use letters"),
    "a + b := c": ("line 1", "'a + b' is not a variable name", "Use letters"),
    "f <~ x1": ("line 1", "operator <~ is not read", "It reads =~ ~ ~~ :="),
    "x1 | 1": ("line 1", "'1' is not a threshold", "Name thresholds t1, t2"),
    "x1 | t1 + x": ("line 1", "'x' is not a threshold", "Name thresholds t1, t2"),
    "x1 | t0": ("line 1", "'t0' is not a threshold", "Name thresholds t1, t2"),
    "a ==": ("line 1", "nothing on the right of ==", "Complete the formula"),
    "y ~ 0 + x": ("line 1", "'0' is not a variable name", "Use letters"),
    "f =~ 1": ("line 1", "'1' is not a variable name", "Use letters"),
    "y ~ x:": ("line 1", "'' is not a variable name", "Use letters"),
    "f =~ c(a, b)*x + c(1, 2, 3)*x": ("line 1", "different numbers of groups", "one for each group in every c(…)"),
    "f =~ c(a, 2x)*x": ("line 1", "modifier '2x' is not read", "Use a number, NA, start(number) or a label"),
    "f =~ c(NA, 1)*x + 2*x": ("line 1", "f =~ x is both freed (NA) and fixed", "Keep one of the two"),
    "y ~ 1\ny ~ a*1": ("model syntax", "y ~1 is written twice", "Keep one of them"),
    "f =~ start(a)*x": ("line 1", "modifier 'start(a)' is not read", "Use a number"),
    "f =~ equal('a')*x": ("line 1", "is not read", "Use a number"),
    "f =~ label('a b')*x": ("line 1", "is not read", "Use a number"),
    "f =~ *x": ("line 1", "modifier '' is not read", "Use a number"),
    "f =~ 1e999*x": ("line 1", "number 1e999 is too large", "Use a smaller one"),
    "f =~ a*b*x": ("line 1", "f =~ x has more than one label", "Keep one of them"),
    "f =~ 1*x + 2*x": ("line 1", "f =~ x has more than one fixed value", "Keep one of them"),
    "f =~ NA*1*x": ("line 1", "f =~ x is both freed (NA) and fixed", "Keep one of the two"),
    "f =~ x + x": ("model syntax", "f =~ x is written twice", "Keep one of them"),
    "x ~~ y\ny ~~ x": ("model syntax", "y ~~ x is written twice", "Keep one of them"),
    "f =~ x\nf =~ x": ("model syntax", "f =~ x is written twice", "Keep one of them"),
    "a := b\na := c": ("model syntax", "a := c is written twice", "Keep one of them"),
    "f =~ f": ("line 1", "lets a variable depend on itself", "write f ~~ f"),
    "y ~ x + y": ("line 1", "lets a variable depend on itself", "write y ~~ y"),
    "level: 1": ("line 1, 'level: 1'", "no operator", "Use one of"),
    "": ("model syntax", "no formula", "Write at least"),
    "# f =~ x": ("model syntax", "no formula", "Write at least"),
}


@pytest.mark.parametrize("text", ERRORS)
def test_errors_say_where_what_and_what_to_do(text):
    with pytest.raises(ModelSyntaxError) as caught:
        parse_syntax(text)
    where, found, remedy = ERRORS[text]
    (problem,) = caught.value.problems
    assert where in str(problem)
    assert found in str(problem)
    assert remedy in str(problem)


def test_all_errors_come_at_once():
    with pytest.raises(ModelSyntaxError) as caught:
        parse_syntax("f = x1\ng =~ x1 + x2\ng =~ 3y\ng =~ x1")
    assert [problem.where.split(",")[:2] for problem in caught.value.problems] == [
        ["model syntax", " line 1"],
        ["model syntax", " line 3"],
        ["model syntax"],
    ]


@pytest.mark.parametrize("thing", [None, 5, ["f =~ x"], b"f =~ x"])
def test_something_else_than_text(thing):
    with pytest.raises(ModelSyntaxError, match="must be text, not"):
        parse_syntax(thing)


OPERATORS = ["=~", "~", "~~", ":=", "==", "|", "+", "*", ":", "#", ";", "(", ")", " ", "\n"]
FRAGMENTS = st.sampled_from(["f", "x1", "1", "-.5", "NA", "start(1)", "c(a,b)", "t1", *OPERATORS])


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(FRAGMENTS, max_size=14).map("".join)))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(ModelSyntaxError):  # any other error fails the test
        assert parse_syntax(text)


NAMES = st.sampled_from(["f", "g", "x1", "x2", "x3", "y.1"])
MODIFIERS = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(["a", "b", "c.1"]),
        "start": st.floats(allow_nan=False, allow_infinity=False),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_written_syntax_is_read_back(data):
    keys = data.draw(st.sets(st.tuples(NAMES, st.sampled_from(["=~", "~"]), NAMES), min_size=1, max_size=6))
    statements = []
    for lhs, op, rhs in sorted(keys):
        if lhs != rhs:
            fixed = data.draw(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)))
            extra = {"value": fixed} if fixed is not None else data.draw(MODIFIERS)
            statements.append(Statement(lhs=lhs, op=op, rhs=rhs, **extra))
    if statements:
        assert set(parse_syntax(lavaan_syntax(statements))) == set(statements)
