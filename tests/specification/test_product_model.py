"""Latent products as part of a model: items to multiply, statements, and what normality implies."""

import numpy as np
import pytest

from surveysem.errors import ModelSyntaxError, UnsupportedError
from surveysem.implied import implied_moments, moment_structure
from surveysem.specification import SEM_DEFAULTS, Defaults, lavaan_syntax, parameter_table, parse_syntax
from surveysem.specification.expressions import evaluate
from surveysem.specification.product_model import ModeratedModel, moderated_model
from surveysem.specification.product_statements import measured_model

MEASUREMENT = "X =~ x1 + x2 + x3; Z =~ z1 + z2; Y =~ y1 + y2 + y3"
UNIT_VARIANCES = Defaults(standardize_latent=True)


def _model(structure: str, pairs="all", measurement=MEASUREMENT, **options) -> ModeratedModel:
    return moderated_model(parse_syntax(f"{measurement}; {structure}"), pairs, **options)


def _lines(model: ModeratedModel, **options) -> list[str]:
    return lavaan_syntax(measured_model(model, **options).statements).splitlines()


def test_matched_pairs_written_out():
    assert _lines(_model("Y ~ X + Z + X:Z", "matched")) == [
        "# measurement model",
        "X =~ x1 + x2 + x3",
        "Z =~ z1 + z2",
        "Y =~ y1 + y2 + y3",
        "X_x_Z =~ x1.z1 + x2.z2",
        "",
        "# structural model",
        "Y ~ X + Z + X_x_Z",
    ]


def test_residuals_covary_across_products_that_share_items():
    model = _model("Y ~ X + Z + W + X:Z + X:W", "matched", f"{MEASUREMENT}; W =~ w1 + w2 + w3")
    assert [line for line in _lines(model) if "~~" in line] == ["x1.z1 ~~ x1.w1", "x2.z2 ~~ x2.w2"]


def test_each_product_once_whichever_way_round():
    model = _model("Y ~ X + Z + X:Z; V =~ v1 + v2; V ~ X + Z + Z:X")
    assert [product.term for product in model.products] == ["X:Z"]
    assert [each.rhs for each in model.statements if each.op == "~"] == ["X", "Z", "X_x_Z", "X", "Z", "X_x_Z"]


@pytest.mark.parametrize(
    ("structure", "message"),
    [
        ("Y ~ X + Z + X:Z + Z:X", "Y ~ X:Z: the product stands twice. Keep one of the two."),
        ("Y ~ X + Z + X:Z + X_x_Z", "X_x_Z: this variable has the name of the product X:Z. Rename the variable."),
    ],
)
def test_products_that_cannot_be_read(structure, message):
    with pytest.raises(ModelSyntaxError) as caught:
        _model(structure)
    assert message in str(caught.value)


def test_all_factors_without_items_are_named():
    with pytest.raises(UnsupportedError) as caught:
        _model("Y ~ F + W + F:W", measurement=f"{MEASUREMENT}; F =~ X + Z; W =~ w1 + w2; V =~ w1 + w2 + v1")
    text = str(caught.value)
    assert "latent variable F: its indicators are latent variables. Use its first-order latent variables" in text
    assert "latent variable W: all its items measure something else too. Give it items of its own" in text


def test_items_that_measure_something_else_too_are_not_multiplied():
    model = _model("Y ~ X + Z + X:Z", measurement="X =~ x1 + x2 + x3; Z =~ z1 + z2 + x3; Y =~ y1 + y2")
    assert [pair.name for pair in model.products[0].indicators] == ["x1.z1", "x1.z2", "x2.z1", "x2.z2"]


def test_the_product_of_the_scaling_items_sets_the_scale():
    model = _model("Y ~ X + Z + X:Z", "matched", "X =~ NA*x1 + 2*x2 + x3; Z =~ z1 + z2; Y =~ y1 + y2")
    assert "X_x_Z =~ 2*x2.z1 + x1.z2" in _lines(model)


def test_unit_variances_leave_the_scale_to_a_constraint():
    model = _model("Y ~ X + Z + X:Z", "matched", defaults=UNIT_VARIANCES)
    lines = _lines(model, defaults=UNIT_VARIANCES)
    assert "X_x_Z =~ loading.X_x_Z.x1.z1*x1.z1 + x2.z2" in lines
    assert "X_x_Z ~~ NA*X_x_Z" in lines
    assert lines[-1] == "loading.X_x_Z.x1.z1 == loading.X.x1*loading.Z.z1"


def test_labels_differ_between_groups():
    model = _model("Y ~ X + Z + X:Z", "matched", defaults=UNIT_VARIANCES, n_groups=2)
    lines = _lines(model, defaults=UNIT_VARIANCES, n_groups=2)
    assert "X =~ c(loading.X.x1.g1, loading.X.x1.g2)*x1 + x2 + x3" in lines
    assert "loading.X_x_Z.x1.z1.g2 == loading.X.x1.g2*loading.Z.z1.g2" in lines


def test_labels_of_the_author_are_used_and_never_taken():
    model = _model("Y ~ loading.Z.z1*X + Z + X:Z", "matched", "X =~ a*x1 + x2; Z =~ z1 + z2; Y =~ y1 + y2")
    lines = _lines(model, defaults=UNIT_VARIANCES)
    assert lines[-1] == "loading.X_x_Z.x1.z1 == a*loading.Z.z1_"


def test_an_observed_moderator_covaries_with_what_else_is_exogenous():
    model = _model("Y ~ X + W + m + c + X:m", measurement="X =~ x1 + x2; W =~ w1 + w2; Y =~ y1 + y2")
    lines = _lines(model)
    assert lines[-2:] == ["m ~~ m + c + X + W + X_x_m", "c ~~ c"]
    assert "X_x_m =~ x1.m + x2.m" in lines


def test_an_explained_moderator_does_not():
    model = _model("Y ~ X + m + X:m; m ~ c", measurement="X =~ x1 + x2; Y =~ y1 + y2")
    assert not [line for line in _lines(model) if "~~" in line]


def test_the_mean_of_a_product_is_the_covariance_of_its_factors():
    assert "X_x_Z ~ covariance.X.Z*1" in _lines(_model("Y ~ X + Z + X:Z"), product_means=True)
    assert "X_x_X ~ variance.X*1" in _lines(_model("Y ~ X + X:X"), product_means=True)
    assert "X_x_X ~ 1*1" in _lines(
        _model("Y ~ X + X:X", defaults=UNIT_VARIANCES), product_means=True, defaults=UNIT_VARIANCES
    )
    assert not [line for line in _lines(_model("Z ~ X; Y ~ X + Z + X:Z"), product_means=True) if line.endswith("*1")]


def test_what_the_author_wrote_of_product_indicators_stays():
    model = _model("Y ~ X + Z + X:Z; x1.z1 ~~ 0*x1.z2; x1.z1 ~ 0*1")
    lines = _lines(model)
    assert "x1.z1 ~~ 0*x1.z2 + x2.z1 + x3.z1" in lines
    assert "x1.z1 ~ 0*1" in lines


CONSTRAINED = {
    "matched": ("Y ~ X + Z + X:Z", "matched", SEM_DEFAULTS),
    "all pairs": ("Y ~ X + Z + X:Z", "all", SEM_DEFAULTS),
    "unit variances": ("Y ~ X + Z + X:Z", "all", UNIT_VARIANCES),
    "square": ("Y ~ X + Z + X:X + X:Z", "all", SEM_DEFAULTS),
    "squares, matched": ("Y ~ X + Z + X:X + X:Z", "matched", SEM_DEFAULTS),
    "three products": ("Y ~ X + Z + W + X:Z + X:W + Z:W; W =~ w1 + w2", "matched", SEM_DEFAULTS),
    "observed moderator": ("Y ~ X + m + Z + X:m + X:Z", "all", SEM_DEFAULTS),
    "single item with error": ("Y ~ X + S + X:S; S =~ s1; s1 ~~ 0.4*s1", "all", SEM_DEFAULTS),
}


@pytest.mark.parametrize("case", CONSTRAINED)
def test_constraints_are_the_moments_of_products_of_normal_variables(case):
    """For product indicators cov(uv, st) = cov(u, s) cov(v, t) + cov(u, t) cov(v, s), and they covary with no item."""
    structure, pairs, defaults = CONSTRAINED[case]
    model = _model(structure, pairs, defaults=defaults)
    draft = measured_model(model, constrained=True, product_means=True, defaults=defaults)
    table = parameter_table(draft.statements, defaults, means=True)
    rng = np.random.default_rng(3)
    theta = rng.uniform(0.5, 1.5, table.n_free)
    for row in table.rows:  # covariances of factors below their variances
        if row.free and row.label.startswith("covariance"):
            theta[row.free - 1] = rng.uniform(-0.4, 0.4)
    values = {row.label: theta[row.free - 1] if row.free else row.value for row in table.parameters if row.label}
    for row in table.constraints:
        values[row.lhs] = evaluate(row.rhs, values).real
    for row in table.parameters:
        if row.free and row.label:
            theta[row.free - 1] = values[row.label]
    implied = implied_moments(moment_structure(table, table.n_free), theta)
    names = list(table.observed)
    among = {pair.name: [names.index(item) for item in pair.items] for p in model.products for pair in p.indicators}
    outcomes = {f"y{number}" for number in (1, 2, 3)}
    for one, (u, v) in among.items():
        for other, (s, t) in among.items():
            c = implied.covariance
            found = c[names.index(one), names.index(other)]
            assert found == pytest.approx(c[u, s] * c[v, t] + c[u, t] * c[v, s], rel=1e-12, abs=1e-12), (one, other)
        for item in set(names) - set(among) - outcomes:
            assert implied.covariance[names.index(one), names.index(item)] == 0.0
    for product in model.products:
        at = table.latent.index(product.name)
        first, second = product.factors
        if first in table.latent and second in table.latent:
            both = [table.latent.index(name) for name in product.factors]
            assert implied.latent_mean[at] == pytest.approx(implied.latent_covariance[both[0], both[1]])


@pytest.mark.parametrize(
    ("structure", "reason"),
    [
        ("Z ~ X; Y ~ X + Z + X:Z", "the model explains Z"),
        ("Y ~ X + Z + X:Z; x1 ~~ z1", "residuals of items that are multiplied covary (x1 ~~ z1)"),
    ],
)
def test_where_moments_of_products_are_no_such_functions(structure, reason):
    with pytest.raises(UnsupportedError) as caught:
        measured_model(_model(structure), constrained=True)
    assert reason in str(caught.value)
