"""The network relevance ratio against the article's example, published intervals and hand-counted tables."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

import surveysem as ss
from surveysem.data.network_relevance import wilson_interval
from surveysem.errors import DataError

ROLES = ["Decision-maker", "Gatekeeper"]


def people(**columns):
    return pd.DataFrame(columns)


@pytest.fixture
def followers():
    return people(
        influencer=["ana"] * 5 + ["rui"] * 3,
        account=["a", "b", "c", "d", "e", "a", "f", "g"],
        role=["decision-maker ", "Gatekeeper", "Student", "DECISION-MAKER", "Gatekeeper", "Gatekeeper", "x", "y"],
        industry=["Health", "Health", "Health", "Retail", "Finance", "Retail", "Health", "Health"],
    )


def test_the_article_s_example():
    table = people(influencer="ana", account=range(5000), role=["Buyer"] * 1500 + ["Other"] * 3500)
    result = ss.network_relevance(table, relevant_roles=["Buyer"])
    row = result.table.loc["ana"]
    assert (row["nrr_relevant_followers"], row["nrr_total_followers"], row["nrr"]) == (1500, 5000, 0.3)
    expected = proportion_confint(1500, 5000, method="wilson")
    assert (row["nrr_ci_lower"], row["nrr_ci_upper"]) == pytest.approx(expected, rel=1e-12)
    assert result.findings == ()


@pytest.mark.parametrize(("successes", "n"), [(0, 7), (7, 7), (1, 3), (81, 263)])
def test_wilson_as_in_statsmodels(successes, n):
    expected = proportion_confint(successes, n, method="wilson", alpha=0.1)
    assert wilson_interval(successes, n, z=1.6448536269514722) == pytest.approx(expected, abs=1e-12)


def test_wilson_as_newcombe_published_it():
    # Newcombe (1998), table I: 81 of 263, 95 % interval 0.2553 to 0.3662.
    assert wilson_interval(81, 263, z=1.959964) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_roles_and_industries(followers):
    plain = ss.network_relevance(followers, relevant_roles=ROLES)
    assert plain.table["nrr"].to_dict() == {"ana": 4 / 5, "rui": 1 / 3}
    both = ss.network_relevance(
        followers, relevant_roles=ROLES, industry="industry", relevant_industries=["health", "FINANCE"]
    )
    assert both.table["nrr"].to_dict() == {"ana": 3 / 5, "rui": 0}


def test_the_weighted_ratio_and_its_interval(followers):
    weights = {"Decision-maker": 1.0, "Gatekeeper": 0.5}
    row = ss.network_relevance(followers, relevant_roles=ROLES, weights=weights, confidence=0.9).table.loc["ana"]
    values = np.array([1, 0.5, 0, 1, 0.5])
    assert row["nrr_weighted"] == pytest.approx(0.6)
    low, high = DescrStatsW(values).zconfint_mean(alpha=0.1)
    found = (row["nrr_weighted_ci_lower"], row["nrr_weighted_ci_upper"])
    assert found == pytest.approx((low, high), rel=1e-10)


def test_weights_of_one_are_the_plain_ratio(followers):
    table = ss.network_relevance(followers, relevant_roles=ROLES, weights=dict.fromkeys(ROLES, 1)).table
    assert table["nrr_weighted"].tolist() == table["nrr"].tolist()


def test_followers_of_followers_are_counted_once():
    first = people(influencer=["ana", "ana"], account=["a", "b"], role=["Buyer", "Other"])
    edges = people(
        account=["a", "a", "b", "b", "a", "z"],
        follower=["p", "q", "p", "a", "ana", "w"],  # p through both; a is of first degree; ana is the influencer
        role=["Buyer", "Other", "Buyer", "Buyer", "Buyer", "Buyer"],
    )
    result = ss.network_relevance(first, relevant_roles=["buyer"], edges=edges)
    row = result.table.loc["ana"]
    assert (row["nrr_second_relevant"], row["nrr_second_total"], row["nrr_second"]) == (1, 2, 0.5)
    assert (row["nrr_second_ci_lower"], row["nrr_second_ci_upper"]) == pytest.approx(wilson_interval(1, 2, z=1.959964))
    assert ["z" in str(finding) for finding in result.findings] == [True]


def test_duplicates_missing_roles_and_bots_are_told_and_kept():
    table = people(
        influencer="ana",
        account=["a", "a", "b", "user84739201", "c"],
        role=["Other", "Buyer", None, None, "Buyer"],
    )
    result = ss.network_relevance(table, relevant_roles=["buyer"])
    row = result.table.loc["ana"]
    assert (row["nrr_relevant_followers"], row["nrr_total_followers"]) == (2, 4)
    told = " ".join(map(str, result.findings))
    assert "1 row of followers already listed (rows 1)" in told
    assert "1 follower had several roles" in told
    assert "2 followers of 4 without role" in told
    assert "at most 1.000" in told
    assert "user84739201" in told


def test_joined_to_answers(followers):
    result = ss.network_relevance(followers, relevant_roles=ROLES)
    answers = people(influencer_id=["rui", "ana", "nobody", None, "ana"], x=range(5))
    joined = result.join(answers, on="influencer_id")
    assert joined["x"].tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_allclose(joined["nrr"], [1 / 3, 0.8, np.nan, np.nan, 0.8])
    doubled = result.join(answers.set_axis([0, 0, 1, 1, 1]), on="influencer_id")
    assert doubled["x"].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(DataError, match="already"):
        result.join(joined, on="influencer_id")
    with pytest.raises(DataError, match="none of"):
        result.join(people(influencer_id=["Ana Silva"]), on="influencer_id")


def test_numbers_and_texts_are_the_same_influencer():
    result = ss.network_relevance(people(influencer=[7, 7], account=[1, 2], role="Buyer"), relevant_roles=["Buyer"])
    assert result.join(people(who=["7", None]), on="who")["nrr"].tolist()[0] == 1
    assert result.join(people(who=[7.0, None]), on="who")["nrr"].tolist()[0] == 1


def test_all_mistakes_at_once(followers):
    with pytest.raises(DataError) as caught:
        ss.network_relevance(
            followers,
            role="roles",
            relevant_roles=ROLES,
            relevant_industries=["Health"],
            weights={"Gatekeeper": 2, "Student": 0.1},
            confidence=95,
        )
    text = str(caught.value)
    assert len(caught.value.problems) == 5
    for words in ("Did you mean 'role'?", "without a column", "from 0 to 1", "decision-maker, student"):
        assert words in text


def test_empty_tables_and_cells(followers):
    with pytest.raises(DataError, match="no rows"):
        ss.network_relevance(followers.iloc[:0], relevant_roles=ROLES)
    followers.loc[2, "account"] = " "
    with pytest.raises(DataError, match="column account"):
        ss.network_relevance(followers, relevant_roles=ROLES)
