"""The answers in the report: counts, moments and tests against pandas and scipy; sections, tables and figures."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import surveysem as ss
from surveysem.report.inline import plain
from surveysem.study.description import category_counts, description_content, latent_correlations, measure_summaries


@pytest.fixture(scope="module")
def flagship():
    return ss.load_study("b2b_micro_influencer")


@pytest.fixture(scope="module")
def answers(flagship):
    """Simulated answers with gaps, clusters, and a grouping question that not everybody answered."""
    frame = ss.simulate_responses(flagship, n=400, seed=7)
    rng = np.random.default_rng(2)
    holes = rng.random((len(frame), 6)) < 0.03
    names = ["pc_1", "pc_2", "rr_1", "rr_2", "bt_1", "bt_2"]
    frame[names] = frame[names].mask(holes)
    frame.loc[frame.index[::9], "sector"] = np.nan
    return frame.assign(influencer_id=[f"influencer {number}" for number in rng.integers(0, 80, len(frame))])


@pytest.fixture(scope="module")
def result(flagship, answers):
    return ss.fit_study(flagship, answers, cluster="influencer_id", rivals=False, bootstrap=0)


@pytest.fixture(scope="module")
def described(result):
    return description_content(result)


@pytest.fixture(scope="module")
def report(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    result.write_report(folder, formats=("html", "docx", "latex", "markdown"))
    return folder, (folder / "report.md").read_text(encoding="utf-8").replace("\\_", "_")


def test_rows_described_are_those_analysed(result, described):
    assert len(described.answers) == result.structural.n_obs < result.responses.n_obs
    assert described.missing.n_rows == result.responses.n_obs
    assert not described.answers.isna().any().any()


def test_item_table_agrees_with_pandas_and_scipy(result, described):
    printed = result.tables["item_descriptives"].to_frame().set_index("item")
    for name in ("nr_1", "bt_3", "da_4"):
        values = described.answers[name]
        assert printed.loc[name, "mean"] == pytest.approx(values.mean())
        assert printed.loc[name, "sd"] == pytest.approx(values.std())
        assert printed.loc[name, "skewness"] == pytest.approx(stats.skew(values, bias=False))
        assert printed.loc[name, "kurtosis"] == pytest.approx(stats.kurtosis(values, bias=False))
        assert printed.loc[name, "answer_7"] == pytest.approx(100 * (values == 7).mean())


def test_items_stand_under_their_constructs(flagship, result):
    rows = result.tables["item_descriptives"].rows
    heads = [row.cells["item"] for row in rows if row.strong]
    assert heads == [flagship.labels[each.name] for each in flagship.specification.latent_variables]
    assert [row.cells["item"] for row in rows if not row.strong] == list(flagship.specification.indicators)


def test_reverse_keyed_items_are_reversed(flagship, answers, result, described):
    (reverse, *_) = result.responses.reverse_keyed
    raw = answers.loc[result.measurement.rows[0] - 2, reverse]  # rows of a source are counted from its header, 1
    np.testing.assert_allclose(described.answers[reverse], 8 - raw)


def test_categories_are_counted_with_those_who_gave_none(flagship, result):
    frame = result.responses.frame
    counts = category_counts(frame, flagship.instrument)
    sector = counts[counts["question"] == "sector"]
    expected = frame["sector"].value_counts(dropna=False)
    assert sector["n"].sum() == len(frame)
    assert sector.loc[sector["code"].isna(), "n"].item() == frame["sector"].isna().sum() > 0
    for _, row in sector.dropna().iterrows():
        assert row["n"] == expected[row["code"]]
        assert row["share"] == pytest.approx(row["n"] / len(frame))
    assert "influencer_id" not in set(counts["question"])


def test_measures_are_summarised_without_missing_values(flagship, result):
    frame = result.responses.frame.copy()
    frame.loc[frame.index[:50], "deal_value"] = np.nan
    frame["n_certifications"] = np.nan
    table = measure_summaries(frame, flagship.instrument)
    values = frame["deal_value"].dropna()
    assert table.loc["deal_value"].tolist() == pytest.approx(
        [len(values), values.mean(), values.std(), values.median(), values.min(), values.max()]
    )
    assert "n_certifications" not in table.index


def test_latent_correlations_are_those_of_the_model(result):
    table = latent_correlations(result.measurement)
    row = result.measurement.estimates.query("op == '~~' and lhs == 'network_relevance' and rhs == 'brand_trust'")
    assert table.loc["brand_trust", "network_relevance"] == pytest.approx(row["std_all"].item())
    np.testing.assert_allclose(np.diag(table), 1.0)
    np.testing.assert_allclose(table, table.T)


def test_sections_stand_in_the_order_of_a_paper(report):
    _, text = report
    heads = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    wanted = ["Sample and screening", "Missing data", "Measures and model", "Descriptive statistics"]
    assert [head for head in heads if head in wanted] == wanted


def test_tables_and_figures_are_numbered_as_they_appear(report, result):
    _, text = report
    import re

    for kind in ("Table", "Figure"):
        numbers = [int(number) for number in re.findall(rf"^\*\*{kind} (\d+)", text, flags=re.MULTILINE)]
        assert numbers
        assert numbers == sorted(numbers)
    assert set(result.figures) >= {"missing_pattern", "responses_1", "item_correlations", "latent_correlations"}


def test_missing_answers_are_told(report, described):
    _, text = report
    n_missing = int(described.screened.isna().sum().sum())
    assert f"{n_missing:,} (" in text
    assert "Little’s test" in text
    assert "listwise deletion" in text


def test_missing_table_adds_up(result, described):
    frame = result.tables["missing_data"].to_frame()
    start, second, third = np.flatnonzero(frame["n_rows"].isna())
    items, respondents = frame.iloc[start:second], frame.iloc[second:third]
    total = int(described.screened.isna().sum().sum())
    assert items["n_missing"].sum() == respondents["n_missing"].sum() == total
    assert respondents["n_rows"].sum() == len(described.screened)


def test_clusters_and_advice_are_told(report):
    _, text = report
    assert "Respondents belong to" in text
    assert "clusters of influencer_id" in text
    assert "The answers call for MLR" in text


def test_advice_that_was_not_followed_is_told(flagship, answers):
    result = ss.fit_study(flagship, answers, estimator="ML", rivals=False, bootstrap=0)
    advice = description_content(result).advice
    assert advice.advised == "MLR"
    assert not advice.followed


def test_complete_answers_need_one_sentence(democracy_result):
    content = democracy_result._content
    assert "missing_data" not in democracy_result.tables
    assert "missing_pattern" not in democracy_result.figures
    assert content.description is not None
    assert not content.description.any_missing
    notes = [plain(note) for note in democracy_result.tables["item_descriptives"].notes]
    assert any("n = 75" in note for note in notes)


def test_simulated_answers_are_marked_once_in_every_figure(result):
    for name, figure in result.figures.items():
        marks = [text for axes in figure.axes for text in axes.texts if text.get_gid() == "mark"]
        marks += [text for text in figure.texts if text.get_gid() == "mark"]
        assert len(marks) == 1, name


def test_obstacles_are_told_instead_of_numbers(democracy_result):
    study, responses = democracy_result.study, democracy_result.responses
    few = responses.frame.head(10)
    from surveysem.study.description import _normality, _with_clusters

    test, obstacle = _normality(few[list(study.specification.indicators)])
    assert test is None
    assert "singular" in obstacle
    table = pd.DataFrame(index=["y1"])
    assert "no such column" in _with_clusters(table, few, "region")[1]
