"""Advice on the estimator: what is found in the answers decides, and is followed only when asked for."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.modelling.advice import advise_estimator

MODEL = "f =~ a + b + c + d"


def answers(n_categories):
    rng = np.random.default_rng(1)
    latent = rng.normal(size=(400, 1)) + 0.8 * rng.normal(size=(400, 4))
    cuts = np.quantile(latent, np.linspace(0, 1, n_categories + 1)[1:-1])
    return pd.DataFrame(np.digitize(latent, cuts) + 1.0, columns=list("abcd"))


def test_four_categories_call_for_wlsmv_and_five_for_mlr():
    four, five = (advise_estimator(answers(count)) for count in (4, 5))
    assert (four.estimator, four.ordered) == ("WLSMV", tuple("abcd"))
    assert (five.estimator, five.ordered) == ("MLR", ())
    assert [reason.source for reason in four.reasons] == ["rhemtulla_2012"]
    assert "Yuan and Bentler, 2000" in str(five)


def test_strong_skew_calls_for_wlsmv():
    shares = [0.01, 0.01, 0.01, 0.01, 0.02, 0.04, 0.90]
    drawn = np.random.default_rng(2).choice(np.arange(1.0, 8.0), p=shares, size=(400, 4))
    frame = pd.DataFrame(drawn, columns=list("abcd"))
    advice = advise_estimator(frame)
    assert advice.estimator == "WLSMV"
    assert advice.reasons[0].source == "west_finch_curran_1995"


def _with_skewed(n_skewed):
    """Seven-point items, some of them with nine answers in ten on the last option."""
    shares = [0.01, 0.01, 0.01, 0.01, 0.02, 0.04, 0.90]
    drawn = np.random.default_rng(2).choice(np.arange(1.0, 8.0), p=shares, size=(400, n_skewed))
    plain = np.random.default_rng(3).integers(1, 8, size=(400, 8 - n_skewed)).astype(float)
    return pd.DataFrame(np.hstack([drawn, plain]), columns=list("abcdefgh"))


def test_a_few_skewed_items_of_many_categories_stay_continuous_and_are_named():
    one, two = (advise_estimator(_with_skewed(count)) for count in (1, 2))
    assert (one.estimator, one.ordered) == ("MLR", ())
    assert "a may stay continuous" in str(one)
    assert "in 1 of 8 items, fewer than a quarter" in str(one)
    assert (two.estimator, two.ordered) == ("WLSMV", ("a", "b"))
    assert "(2 of 8 items)" in str(two)


def test_skewed_items_join_those_of_few_categories():
    frame = _with_skewed(1).assign(h=lambda d: d["h"].clip(upper=3))
    assert advise_estimator(frame).ordered == ("a", "h")


def test_one_skewed_item_of_the_real_survey_does_not_call_for_wlsmv(influencer_csv):
    study = ss.load_study("influencer_endorsement")
    responses = ss.read_responses(influencer_csv, study)
    advice = advise_estimator(responses, study.specification.indicators)
    assert advice.estimator == "MLR"
    assert "sic_6 may stay continuous" in str(advice)


def test_measures_are_not_taken_for_categories():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(np.exp(2 * rng.normal(size=(300, 2))), columns=["euros", "days"])
    assert advise_estimator(frame).estimator == "MLR"


def test_full_information_and_products_keep_maximum_likelihood_with_a_warning():
    frame = answers(3)
    for options in ({"missing": "fiml"}, {"categorical": False}):
        advice = advise_estimator(frame, **options)
        assert advice.estimator == "MLR"
        assert advice.reasons[0].advice.startswith("Beware of taking a, b, c, d for continuous")


@pytest.mark.parametrize(("between", "cluster"), [(1.0, "firm"), (0.0, None)])
def test_design_effect_decides_on_clusters(between, cluster):
    rng = np.random.default_rng(3)
    firms = np.repeat(np.arange(60), 10)
    frame = pd.DataFrame(rng.normal(size=(600, 3)) + between * rng.normal(size=(60, 1))[firms], columns=list("abc"))
    if not between:  # deviations from the firm's mean have a negative intraclass correlation
        frame = frame - frame.groupby(firms).transform("mean")
    advice = advise_estimator(frame.assign(firm=firms), cluster="firm")
    assert advice.cluster == cluster
    assert advice.reasons[-1].source == "lai_kwok_2015"


def test_sem_follows_only_when_asked():
    frame = answers(4)
    assert ss.sem(MODEL, frame).estimator == "ML"
    fit = ss.sem(MODEL, frame, estimator="auto")
    expected = ss.sem(MODEL, frame, estimator="WLSMV", ordered=list("abcd"))
    assert fit.estimator == "WLSMV"
    assert fit.fit_indices["chisq.scaled"] == pytest.approx(expected.fit_indices["chisq.scaled"])
    assert any("Rhemtulla" in finding.message for finding in fit.findings)
    assert ss.sem(MODEL, answers(7), estimator="auto").estimator == "MLR"
    assert ss.sem(MODEL, answers(7), estimator="auto", ordered=["a"]).estimator == "WLSMV"


def test_fit_study_follows_and_tells():
    study = ss.load_study("political_democracy")
    result = ss.fit_study(study, study.bundled_data(), estimator="auto")
    assert result.settings["estimator"] == "MLR"
    assert any(finding.where == "estimator chosen from the answers" for finding in result.findings)
