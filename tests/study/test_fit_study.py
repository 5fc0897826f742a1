"""fit_study: options, honesty about rows and solutions, independence of calls."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data import ScreeningRules
from surveysem.errors import DataError, StudyError, UnsupportedError


@pytest.fixture(scope="module")
def study():
    return ss.load_study("political_democracy")


def test_path_frame_and_responses_give_the_same(study, tmp_path, democracy_result):
    file = tmp_path / "answers.csv"
    study.bundled_data().to_csv(file, index=False)
    for data in (file, str(file), ss.read_responses(file, study)):
        result = ss.fit_study(study, data)
        pd.testing.assert_frame_equal(result.verdicts, democracy_result.verdicts, atol=1e-8)


def test_declared_analysis_is_used_and_overridden(study, democracy_result):
    assert democracy_result.structural.estimator == "ML"
    assert ss.fit_study(study, study.bundled_data(), estimator="MLR").structural.estimator == "MLR"


@pytest.mark.parametrize(
    ("option", "value", "available"),
    [
        ("estimator", "nonsense", "ML, MLR"),
        ("missing", "pairwise", "listwise, fiml"),
        ("interaction", "nonsense", "product_indicator, lms, qml"),
        ("engine", "lavaan", "native, semopy"),
    ],
)
def test_unsupported_options_name_the_supported_ones(study, option, value, available):
    with pytest.raises(UnsupportedError, match=available):
        ss.fit_study(study, study.bundled_data(), **{option: value})


def test_incomplete_rows_are_counted_wherever_they_are_left_out(study):
    data = study.bundled_data()
    data.loc[[3, 10], "y1"] = np.nan
    excluded = ss.read_responses(data, study, screening=ScreeningRules(incomplete="exclude"))
    assert ss.fit_study(study, excluded).structural.n_obs == excluded.n_obs == 73
    kept = ss.read_responses(data, study)
    assert kept.n_obs == 75
    result = ss.fit_study(study, kept)
    assert result.structural.n_obs == 73
    assert any("2 of 75 rows" in finding.message for finding in result.findings)
    flow = result.tables["sample"].to_frame()
    assert 73 in flow.to_numpy()[-1].tolist()


def test_incomplete_rows_count_under_full_information(study):
    data = study.bundled_data()
    data.loc[[3, 10], "y1"] = np.nan
    result = ss.fit_study(study, data, missing="fiml")
    assert result.structural.n_obs == 75
    assert any("2 of 75 rows used are incomplete" in finding.message for finding in result.findings)
    complete = ss.fit_study(study, data).verdicts["estimate"]
    assert np.abs(result.verdicts["estimate"] - complete).max() > 1e-4


def test_full_information_with_products_of_incomplete_items():
    flagship = ss.load_study("b2b_micro_influencer")
    data = ss.simulate_responses(flagship, n=320, seed=3)
    data.loc[data.index[::7], "pc_1"] = np.nan
    result = ss.fit_study(flagship, data, missing="fiml", bootstrap=0)
    assert result.structural.n_obs == result.responses.n_obs
    assert result.structural.converged


def test_inadmissible_solutions_leave_nothing_testable_unless_overridden(study):
    data = _heywood_data(study)
    result = ss.fit_study(study, data)
    assert not result.structural.admissible
    assert set(result.verdicts["verdict"]) == {"not testable"}
    assert "below zero" in result.verdicts["reason"].iloc[0]
    assert result.verdicts["estimate"].notna().all()
    overridden = ss.fit_study(study, data, allow_inadmissible=True)
    assert set(overridden.verdicts["verdict"]) != {"not testable"}
    assert any("asked for it" in finding.message for finding in overridden.findings)


def _heywood_data(study):
    """x1 correlates with x2 and x3 more than they do with each other: its residual variance must be negative."""
    data = study.bundled_data()
    noise = np.random.default_rng(3).standard_normal((len(data), 2))
    data["x2"] = data["x1"] + 0.75 * noise[:, 0]
    data["x3"] = data["x1"] + 0.75 * noise[:, 1] - 0.35 * noise[:, 0]
    return data


def test_a_study_without_data_or_population_says_so(study):
    with pytest.raises(StudyError, match="comes without data"):
        ss.load_study("b2b_micro_influencer").bundled_data()
    with pytest.raises(StudyError, match="population"):
        ss.simulate_responses(study, n=10, seed=1)


def test_fewer_rows_than_parameters(study):
    with pytest.raises(DataError, match="fewer rows than parameters"):
        ss.fit_study(study, study.bundled_data().head(20))


def test_model_frame_feeds_lavaan_the_products(flagship_result):
    frame = ss.model_frame(flagship_result.study, flagship_result.responses)
    assert {"pc_1.px_1", "pc_4.ri_4"} <= set(frame.columns)
    np.testing.assert_allclose(frame.filter(like=".").mean(), 0, atol=1e-12)


def test_indirect_effects_are_products_of_their_paths(flagship_result):
    estimates = flagship_result.structural.estimates
    value = estimates.set_index("label")["estimate"]
    indirect = estimates[estimates["op"] == ":="].set_index("lhs")["estimate"]
    assert indirect["credibility_to_trust"] == pytest.approx(value["P4"] * value["P6"])
    assert indirect["network_to_efficiency"] == pytest.approx(value["P1"] * value["P4"] * value["P6"] * value["P8"])


def test_report_is_written_in_both_formats(democracy_result, tmp_path):
    files = democracy_result.write_report(tmp_path / "out")
    assert {path.suffix for path in files} >= {".html", ".md"}
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "38.1" in text
    assert "SIMULATED" not in text


def test_tables_and_figures_have_names(flagship_result):
    assert {"sample", "measurement", "fit", "paths", "verdicts"} <= set(flagship_result.tables)
    assert flagship_result.figures
    assert "<table" in flagship_result._repr_html_()
