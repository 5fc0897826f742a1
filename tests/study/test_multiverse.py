"""Every combination of defensible choices: what is combined, fitted, judged, counted and told."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data import ScreeningRules
from surveysem.report.robustness import NO_RESULT
from surveysem.study.robustness.plan import AnalysisChoice, RobustnessPlan, choices_of

STUDY = """
id: democracy_again
title: {en: Democracy}
instrument: political_democracy
latent_variables:
  - {id: industrialization_1960}
  - {id: democracy_1960}
  - {id: democracy_1965}
paths:
  - {id: a, predictor: industrialization_1960, outcome: democracy_1960}
  - {id: c, predictor: industrialization_1960, outcome: democracy_1965}
  - {id: b, predictor: democracy_1960, outcome: democracy_1965}
propositions:
  - {id: D1, statement: {en: One.}, tests: a, expected: positive}
  - {id: D2, statement: {en: Two.}, tests: c, expected: positive}
  - {id: D3, statement: {en: Three.}, tests: b, expected: positive}
analysis: {estimator: ML, missing: listwise}
"""


@pytest.fixture(scope="module")
def democracy():
    return ss.load_study("political_democracy")


@pytest.fixture(scope="module")
def answers(democracy):
    frame = democracy.bundled_data()
    frame.loc[[3, 40], "y2"] = np.nan
    return frame


@pytest.fixture(scope="module")
def found(democracy, answers):
    return ss.multiverse(
        democracy,
        answers,
        estimators=["ML", "MLR", "MLM"],
        missing=["fiml"],
        measurement={
            "without y1": ss.MeasurementVariant(drop=("y1",)),
            "parcels": ss.MeasurementVariant(
                parcels={"democracy_1960": {"early": ("y1", "y2"), "late": ("y3", "y4")}},
            ),
        },
    )


def _study(folder, text):
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return ss.load_study(path)


def test_all_combinations_are_fitted_with_the_declared_analysis_first(found):
    assert len(found.choices) == 3 * 2 * 3
    table = found.table
    assert table.groupby("specification").size().eq(3).all()
    assert table.loc[table["declared"], "specification"].unique().tolist() == [1]


@pytest.mark.parametrize(
    ("number", "options"), [(2, {"estimator": "MLR"}), (4, {"estimator": "ML", "missing": "fiml"})]
)
def test_a_specification_has_the_numbers_of_the_study_fitted_that_way(found, democracy, answers, number, options):
    rows = found.table[found.table["specification"] == number].set_index("proposition")
    assert (
        rows[["estimator", "missing"]].iloc[0].to_dict() | options == rows[["estimator", "missing"]].iloc[0].to_dict()
    )
    verdicts = ss.fit_study(democracy, answers, rivals=False, bootstrap=0, **options).verdicts
    for ours, theirs in (("beta", "std_estimate"), ("p_value", "p_value"), ("ci_upper", "ci_upper")):
        np.testing.assert_array_equal(rows[ours], verdicts[theirs])
    assert rows["verdict"].tolist() == verdicts["verdict"].tolist()


def test_a_dropped_item_gives_the_numbers_of_the_model_without_it(found, answers):
    rows = found.table[(found.table["measurement"] == "without y1") & (found.table["missing"] == "listwise")]
    syntax = """
    industrialization_1960 =~ x1 + x2 + x3
    democracy_1960 =~ y2 + y3 + y4
    democracy_1965 =~ y5 + y6 + y7 + y8
    democracy_1960 ~ industrialization_1960
    democracy_1965 ~ industrialization_1960 + democracy_1960
    y2 ~~ y4 + y6
    y3 ~~ y7
    y4 ~~ y8
    y6 ~~ y8
    """
    estimates = ss.sem(syntax, answers).estimates.query("op == '~'")
    ours = rows[rows["estimator"] == "ML"]["estimate"]
    # Listwise deletion looks at the items of the model alone, y1 among them or not.
    np.testing.assert_allclose(ours, estimates["estimate"], rtol=1e-6)


def test_parcels_are_means_of_their_items(found, answers):
    frame = answers.dropna(subset=["y2"])
    frame = frame.assign(early=frame[["y1", "y2"]].mean(axis=1), late=frame[["y3", "y4"]].mean(axis=1))
    syntax = """
    industrialization_1960 =~ x1 + x2 + x3
    democracy_1960 =~ early + late
    democracy_1965 =~ y5 + y6 + y7 + y8
    democracy_1960 ~ industrialization_1960
    democracy_1965 ~ industrialization_1960 + democracy_1960
    y6 ~~ y8
    """
    estimates = ss.sem(syntax, frame).estimates.query("op == '~'")
    rows = found.table[
        (found.table["measurement"] == "parcels")
        & (found.table["missing"] == "listwise")
        & (found.table["estimator"] == "ML")
    ]
    np.testing.assert_allclose(rows["estimate"], estimates["estimate"], rtol=1e-6)


def test_a_combination_that_cannot_be_fitted_says_why(found):
    rows = found.table[(found.table["missing"] == "fiml") & (found.table["estimator"] == "MLM")]
    assert (rows["verdict"] == NO_RESULT).all()
    assert rows["beta"].isna().all()
    assert rows["problem"].str.contains("complete rows").all()
    assert (found.shares["n_without"] == 3).all()
    assert (found.shares["n_specifications"] == 15).all()
    told = [each.message for each in found.findings if each.where == "specifications without a result"]
    assert len(told) == 1
    assert "3 of 18 specifications" in told[0]


def test_shares_count_the_verdicts_of_the_table(found):
    rows = found.table[found.table["proposition"] == "D2"]
    supported = (rows["verdict"] == "supported").sum()
    row = found.shares.loc["D2"]
    assert row["n_supported"] == supported
    assert row["share_supported"] == supported / 15
    assert row["beta_min"] == rows["beta"].min()
    choices = found.by_choice("D2")
    assert choices[choices["choice"] == "missing"]["n_supported"].sum() == supported


def test_processes_change_no_number(democracy, answers, found):
    options = {"estimators": ["ML", "MLR"], "missing": ["fiml"]}
    serial, parallel = (ss.multiverse(democracy, answers, n_jobs=n, **options) for n in (1, 2))
    pd.testing.assert_frame_equal(serial.table, parallel.table, check_exact=True)


def test_screened_answers_can_be_screened_again(tmp_path):
    flagship = ss.load_study("b2b_micro_influencer")
    responses = ss.read_responses(ss.simulate_responses(flagship, n=250, seed=3, careless=0.1), flagship)
    kept = ScreeningRules(attention_checks="flag")
    alone = {"estimators": ["MLR"], "missing": ["listwise"], "centerings": ["double"]}
    result = ss.multiverse(flagship, responses, screening={"kept": kept}, **alone)
    direct = ss.read_responses(ss.simulate_responses(flagship, n=250, seed=3, careless=0.1), flagship, screening=kept)
    sizes = result.table.drop_duplicates("specification")["n_obs"].tolist()
    assert sizes[0] == responses.n_obs
    assert sizes[1] == direct.n_obs > responses.n_obs


def test_levels_of_latent_interactions_go_with_their_own_options_alone():
    base = AnalysisChoice(
        number=1,
        measurement="declared",
        screening="declared",
        missing="listwise",
        interaction="product_indicator",
        centering="double",
        estimator="MLR",
    )
    plan = RobustnessPlan(interactions=("lms", "qml"), centerings=("residual",))
    found = [(each.interaction, each.centering) for each in choices_of(plan, base, moderated=True)]
    assert found == [("product_indicator", "double"), ("product_indicator", "residual"), ("lms", ""), ("qml", "")]


def test_too_many_combinations_are_refused_with_their_number(democracy):
    with pytest.raises(ss.SurveySEMError, match="too many specifications") as error:
        ss.multiverse(democracy, democracy.bundled_data(), estimators=["MLR", "MLM"], max_specifications=2)
    assert "3 = 3 specifications where 2 are allowed" in str(error.value)


def test_alternatives_that_do_not_suit_are_listed_at_once(democracy):
    variant = ss.MeasurementVariant(drop=("x1", "x2", "x3", "zz"), indicators={"nobody": ("y1",)})
    with pytest.raises(ss.SurveySEMError) as error:
        ss.multiverse(democracy, democracy.bundled_data(), measurement={"odd": variant})
    message = str(error.value)
    assert "'nobody'" in message
    assert "'zz'" in message
    assert "nothing would measure industrialization_1960" in message
    with pytest.raises(ss.SurveySEMError, match="do not suit"):
        ss.multiverse(democracy, democracy.bundled_data(), interactions=["lms"])
    with pytest.raises(ss.SurveySEMError, match="Alternatives are lists"):
        ss.multiverse(democracy, democracy.bundled_data(), estimators="ML")


def test_a_study_file_declares_alternatives(tmp_path):
    declared = """
robustness:
  estimators: [MLR]
  missing: [fiml]
  screening:
    - {id: complete, rules: {incomplete: exclude}}
  measurement:
    - {id: short, drop: [y1]}
    - id: parcelled
      parcels:
        - {id: early, latent_variable: democracy_1960, items: [y1, y2]}
        - {id: late, latent_variable: democracy_1960, items: [y3, y4]}
  max_specifications: 24
"""
    study = _study(tmp_path, STUDY + declared)
    assert study.robustness.screening["complete"].incomplete == "exclude"
    assert study.robustness.screening["complete"].attention_checks == study.screening.attention_checks
    found = ss.multiverse(study, ss.load_study("political_democracy").bundled_data())
    assert len(found.choices) == 3 * 2 * 2 * 2
    assert not any(each.where == "choice of specifications" for each in found.findings)


def test_mistakes_in_a_study_file_are_listed_with_their_lines(tmp_path):
    declared = """
robustness:
  interactions: [lms]
  screening:
    - {id: declared}
  measurement:
    - {id: short, drop: [zz]}
    - {id: short, drop: [y1]}
"""
    with pytest.raises(ss.SurveySEMError) as error:
        _study(tmp_path, STUDY + declared)
    message = str(error.value)
    assert "no latent interaction" in message
    assert "'declared' is taken" in message
    assert "'zz'" in message
    assert "'short' is taken" in message


def test_alternatives_nobody_declared_are_said_to_be_chosen(democracy, answers):
    found = ss.multiverse(democracy, answers)
    assert any(each.where == "choice of specifications" for each in found.findings)
    assert set(found.content.choices) == {"missing", "estimator"}


def test_a_result_carries_what_was_asked_for(democracy, answers, found):
    result = ss.fit_study(democracy, answers, robustness=True, rivals=False, bootstrap=0)
    assert result.robustness is not None
    assert result.influence is not None
    assert {"robustness", "influence"} <= set(result.tables)
    assert {"specification_curve", "influence"} <= set(result.figures)
    assert ss.fit_study(democracy, answers, rivals=False, bootstrap=0).robustness is None
    given = ss.fit_study(democracy, answers, robustness=found, rivals=False, bootstrap=0)
    assert given.robustness is found
    with pytest.raises(ss.SurveySEMError, match="do not belong"):
        ss.fit_study(democracy, answers.iloc[:60], robustness=found, rivals=False, bootstrap=0)


def test_it_shows_itself(found):
    assert "supported in" in repr(found) or "specifications" in repr(found)
    assert "Verdicts under all specifications" in found._repr_html_()
    with pytest.raises(ss.SurveySEMError, match="no proposition 'Z'"):
        found.plot("Z")


def test_what_has_no_influence_is_told(democracy, answers):
    result = ss.fit_study(democracy, answers, estimator="GLS", robustness=True, rivals=False, bootstrap=0)
    assert result.influence is None
    told = [each.message for each in result.findings if each.where == "influential respondents"]
    assert len(told) == 1
    assert "least squares" in told[0]
