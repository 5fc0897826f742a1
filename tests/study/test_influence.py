"""On whom estimates and verdicts rest."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss

SYNTAX = "ind60 =~ x1 + x2 + x3; dem60 =~ y1 + y2 + y3 + y4; dem60 ~ ind60"


@pytest.fixture(scope="module")
def democracy():
    return ss.load_study("political_democracy")


@pytest.fixture(scope="module")
def data(democracy):
    return democracy.bundled_data()


@pytest.fixture(scope="module")
def result(democracy, data):
    return ss.fit_study(democracy, data, rivals=False, bootstrap=0)


def test_changes_are_those_of_refits_one_by_one(data):
    fit = ss.sem(SYNTAX, data, estimator="MLR")
    found = ss.influence(fit)
    row = fit.estimates.query("op == '~'").iloc[0]
    for place in (0, 33, 74):
        without = ss.sem(SYNTAX, data.drop(index=data.index[place]), estimator="MLR")
        other = without.estimates.query("op == '~'").iloc[0]["estimate"]
        # Fast refits stop within 1e-5 standard errors of the minimum.
        assert found.changes.iloc[place, 0] == pytest.approx((row["estimate"] - other) / row["std_error"], abs=2e-5)


def test_clusters_are_left_out_whole(data):
    frame = data.assign(region=np.arange(len(data)) % 10)
    fit = ss.sem(SYNTAX, frame)
    found = ss.influence(fit, frame, cluster="region")
    assert found.clusters["n_left_out"].tolist() == [8] * 5 + [7] * 5
    without = ss.sem(SYNTAX, frame[frame["region"] != 3])
    row, other = (each.estimates.query("op == '~'").iloc[0] for each in (fit, without))
    change = (row["estimate"] - other["estimate"]) / row["std_error"]
    assert found.cluster_changes.loc[3].iloc[0] == pytest.approx(change, abs=2e-5)


def test_products_of_indicators_are_made_anew(data):
    syntax = "a =~ x1 + x2 + x3; b =~ y1 + y2 + y3; c =~ y5 + y6 + y7; c ~ a + b + a:b"
    options = {"interaction": "product_indicator", "pairs": "matched"}
    fit = ss.sem(syntax, data, **options)
    found = ss.influence(fit)
    without = ss.sem(syntax, data.drop(index=data.index[5]), **options)
    ours = found.changes.iloc[5]
    for term in ("a", "b", "a:b"):
        row, other = (each.estimates.query(f"lhs == 'c' and rhs == '{term}'").iloc[0] for each in (fit, without))
        change = (row["estimate"] - other["estimate"]) / row["std_error"]
        assert ours[f"c ~ {term}"] == pytest.approx(change, abs=2e-4)  # distances of 1e-5 se in a flat direction


def test_complete_rows_by_full_information_are_those_of_maximum_likelihood(data):
    listwise, fiml = (
        ss.influence(ss.sem(SYNTAX, data, missing=missing, estimator="MLR", meanstructure=True))
        for missing in ("listwise", "fiml")
    )
    # Under MLR both have standard errors from observed information; refits stop within 1e-5 of these.
    np.testing.assert_allclose(listwise.changes, fiml.changes, atol=5e-5)
    np.testing.assert_allclose(
        listwise.cases["likelihood_distance"], fiml.cases["likelihood_distance"], rtol=1e-3, atol=1e-6
    )


def test_groups_have_their_rows(data):
    frame = data.assign(half=np.where(np.arange(len(data)) < 38, "first", "second"))
    fit = ss.sem(SYNTAX, frame, group="half")
    found = ss.influence(fit)
    assert found.cases.index.names == ["group", "row"]
    assert list(found.changes.columns) == ["dem60 ~ ind60, first", "dem60 ~ ind60, second"]
    # A case of the second group has nothing to say about the free path of the first.
    assert found.changes.loc["second", "dem60 ~ ind60, first"].abs().max() < 2e-5


def test_one_step_is_the_score_of_the_case_for_lms(data):
    syntax = "a =~ x1 + x2 + x3; b =~ y1 + y2 + y3 + y4; c =~ y5 + y6 + y7 + y8; c ~ a + b + a:b"
    fit = ss.sem(syntax, data, interaction="lms")
    found = ss.influence(fit, method="one_step")
    assert found.cases["generalized_distance"].gt(0).all()
    place = int(np.argsort(found.changes["c ~ a:b"].abs().to_numpy())[len(data) // 2])
    without = ss.sem(syntax, data.drop(index=data.index[place]), interaction="lms")
    row, other = (each.estimates.query("lhs == 'c' and rhs == 'a:b'").iloc[0] for each in (fit, without))
    exact = (row["estimate"] - other["estimate"]) / row["std_error"]
    assert found.changes["c ~ a:b"].iloc[place] == pytest.approx(exact, abs=0.05)  # one step, not the whole way
    with pytest.raises(ss.SurveySEMError, match="one_step"):
        ss.influence(fit)


def test_a_study_is_judged_without_its_most_influential_respondents(result):
    found = ss.influence(result, n_refitted=2)
    assert list(found.changes.columns) == ["D1", "D2", "D3"]
    assert found.content.n_refitted == 2
    assert any("verdict" in sentence.lower() for sentence in found.sentences)


def test_a_verdict_that_rests_on_one_cluster_is_told(democracy, data, result):
    # The dozen rows that carry the effect of D2 most.
    frame = result.responses.frame
    names = pd.Series("rest", index=frame.index)
    names[ss.influence(result, n_refitted=0).changes["D2"].nlargest(12).index] = "bearers"
    responses = result.responses.__class__(**{**vars(result.responses), "frame": frame.assign(team=names)})
    found = ss.influence(ss.fit_study(democracy, responses, rivals=False, bootstrap=0), cluster="team", n_refitted=0)
    without = found.verdicts[(found.verdicts["left_out"] == "bearers") & (found.verdicts["proposition"] == "D2")]
    again = ss.fit_study(democracy, data.drop(index=_places(frame, names, "bearers")), rivals=False, bootstrap=0)
    assert without["without"].tolist() == [again.verdicts.loc["D2", "verdict"]]
    assert without["p_value_without"].iloc[0] == pytest.approx(again.verdicts.loc["D2", "p_value"], rel=1e-6)
    assert any("rests on few" in each.message for each in found.findings)


def _places(frame, names, which):
    """Rows of the source data; row 2 is the first under the header."""
    return [frame.index.get_loc(row) for row in names.index[names == which]]


def test_least_squares_and_unknown_columns_are_refused(data):
    with pytest.raises(ss.SurveySEMError, match="least squares"):
        ss.influence(ss.sem(SYNTAX, data, estimator="GLS"))
    with pytest.raises(ss.SurveySEMError, match="no such column"):
        ss.influence(ss.sem(SYNTAX, data), data, cluster="nobody")
    with pytest.raises(ss.SurveySEMError, match="no method"):
        ss.influence(ss.sem(SYNTAX, data), method="guess")


def test_it_shows_itself(result):
    found = ss.influence(result, n_refitted=1)
    assert "Cook" in repr(found)
    html = found._repr_html_()
    assert "not judged again" in html
    assert found.plot().get_size_inches()[0] == 7
