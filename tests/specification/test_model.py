"""Specifications: products of indicators and the statements models are compiled into."""

import pytest

from surveysem.errors import StudyError
from surveysem.specification import (
    LatentInteraction,
    LatentVariable,
    ModelSpecification,
    StructuralPath,
    lavaan_syntax,
    measurement_statements,
    moderated_statements,
    parameter_table,
    product_pairs,
    sharing_pairs,
    structural_statements,
)


def _specification(**changes):
    fields = {
        "latent_variables": (
            LatentVariable(name="X", construct="X", indicators=("x1", "x2", "x3")),
            LatentVariable(name="Z", construct="Z", indicators=("z1", "z2")),
            LatentVariable(name="Y", construct="Y", indicators=("y1", "y2", "y3")),
        ),
        "paths": (
            StructuralPath(outcome="Y", predictor="X", label="a"),
            StructuralPath(outcome="Y", predictor="Z", label="b"),
        ),
        "interactions": (LatentInteraction(outcome="Y", predictor="X", moderator="Z", pairs="matched", label="ab"),),
        "residual_covariances": (("x1", "y1"), ("X", "Z")),
        "definitions": {"sum": "a + b"},
    }
    return ModelSpecification(**(fields | changes))


def test_all_pairs_and_those_that_share_an_item():
    pairs = product_pairs(["x1", "x2"], ["z1", "z2"], "all")
    assert [pair.name for pair in pairs] == ["x1.z1", "x1.z2", "x2.z1", "x2.z2"]
    assert sharing_pairs(pairs) == (
        ("x1.z1", "x1.z2"),
        ("x1.z1", "x2.z1"),
        ("x1.z2", "x2.z2"),
        ("x2.z1", "x2.z2"),
    )


def test_matched_pairs_share_nothing():
    assert sharing_pairs(product_pairs(["x1", "x2", "x3"], ["z1", "z2", "z3"], "matched")) == ()


def test_an_item_squared_shares_items_with_its_neighbours():
    pairs = product_pairs(["x1", "x2"], ["x1", "x2"], "all")
    assert pairs[1].shares_item_with(pairs[2])


def test_structural_model_as_text():
    assert lavaan_syntax(structural_statements(_specification())) == (
        "# measurement model\n"
        "X =~ x1 + x2 + x3\n"
        "Z =~ z1 + z2\n"
        "Y =~ y1 + y2 + y3\n"
        "X_x_Z =~ x1.z1 + x2.z2\n"
        "\n"
        "# structural model\n"
        "Y ~ a*X + b*Z + ab*X_x_Z\n"
        "\n"
        "# residual covariances\n"
        "x1 ~~ y1\n"
        "X ~~ Z\n"
        "\n"
        "# defined quantities\n"
        "sum := a + b\n"
    )


def test_measurement_model_has_no_products_paths_or_definitions():
    text = lavaan_syntax(measurement_statements(_specification()))
    assert text == (
        "# measurement model\nX =~ x1 + x2 + x3\nZ =~ z1 + z2\nY =~ y1 + y2 + y3\n\n# residual covariances\nx1 ~~ y1\n"
    )


def _two_outcomes(*interactions):
    return _specification(
        latent_variables=(
            *_specification().latent_variables,
            LatentVariable(name="W", construct="W", indicators=("w1", "w2")),
        ),
        paths=tuple(StructuralPath(outcome=each, predictor=factor) for each in ("Y", "W") for factor in ("X", "Z")),
        definitions={},
        interactions=interactions,
    )


def test_one_product_serves_several_outcomes():
    both = _two_outcomes(*(LatentInteraction(outcome=outcome, predictor="X", moderator="Z") for outcome in ("Y", "W")))
    statements = structural_statements(both)
    assert sum(each.op == "=~" and each.lhs == "X_x_Z" for each in statements) == 6
    assert [each.lhs for each in statements if each.op == "~" and each.rhs == "X_x_Z"] == ["Y", "W"]
    assert [each.lhs for each in moderated_statements(both) if each.rhs == "X:Z"] == ["Y", "W"]


def test_one_product_is_written_one_way():
    first = LatentInteraction(outcome="Y", predictor="X", moderator="Z")
    with pytest.raises(StudyError) as caught:
        _two_outcomes(first, LatentInteraction(outcome="W", predictor="Z", moderator="X"))
    assert "interaction Z:X on W: the same product is X:Z with all pairs on Y." in str(caught.value)
    with pytest.raises(StudyError, match="X:Z with all pairs on Y"):
        _two_outcomes(first, LatentInteraction(outcome="W", predictor="X", moderator="Z", pairs="matched"))


def test_latent_variables_by_name():
    assert _specification().latent_variable("Z").indicators == ("z1", "z2")
    with pytest.raises(StudyError, match=r"no latent variable 'Q'\. It has: X, Z, Y"):
        _specification().latent_variable("Q")


def test_the_table_knows_its_variables():
    table = parameter_table(structural_statements(_specification()))
    assert table.latent == ("X", "Z", "Y", "X_x_Z")
    assert table.indicators_of("Z") == ("z1", "z2")
    assert table.predictors_of("Y") == ("X", "Z", "X_x_Z")
    assert table.indicators_of("nobody") == table.predictors_of("nobody") == ()
    assert table.free_names[table.n_free - 1]
    frame = table.to_frame()
    assert len(frame) == len(table.rows)
    assert frame["free"].max() == table.n_free
