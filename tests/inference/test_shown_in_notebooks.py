"""Fits and probed interactions show themselves in a notebook."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import surveysem as ss

MODEL = """
    expertise =~ e1 + e2 + e3
    complexity =~ c1 + c2 + c3
    validity =~ v1 + v2 + v3
    trust =~ t1 + t2 + t3
    validity ~ expertise + complexity + expertise:complexity
    trust ~ validity
"""


@pytest.fixture(scope="module")
def fit():
    rng = np.random.default_rng(1)
    e, c = rng.standard_normal((2, 300))
    v = 0.4 * e + 0.3 * c + 0.3 * e * c + rng.standard_normal(300)
    latent = {"e": e, "c": c, "v": v, "t": 0.6 * v + rng.standard_normal(300)}
    answers = {f"{name}{i}": each + 0.6 * rng.standard_normal(300) for name, each in latent.items() for i in (1, 2, 3)}
    return ss.sem(MODEL, pd.DataFrame(answers), estimator="MLR", pairs="matched")


def test_a_fit_shows_its_summary_escaped():
    answers = ss.load_study("political_democracy").bundled_data()
    fit = ss.cfa("one =~ x1 + x2 + x3 + y1 + y2 + y3", answers)
    assert fit.fit_indices["pvalue"] < 0.0005
    assert "p < 0.001" in fit.summary()
    assert "p &lt; 0.001" in fit._repr_html_()


def test_regions_of_significance_show_shares(fit):
    regions = ss.johnson_neyman(fit, x="expertise", moderator="complexity", outcome="validity")
    html = regions._repr_html_()
    assert regions.description.replace("−", "-")[:20] in html.replace("−", "-")
    assert "share_respondents" in html


def test_conditional_indirect_effects_show_their_table(fit):
    effects = ss.conditional_indirect(fit, path=["expertise", "validity", "trust"], moderator="complexity")
    html = effects._repr_html_()
    assert "ci_lower" in html
    assert "NaN" not in html


def test_regions_that_no_respondent_reaches_are_named(fit):
    regions = ss.johnson_neyman(fit, x="expertise", moderator="complexity", outcome="validity")
    reached = [each.share_respondents > 0 for each in regions.regions if each.sign != "none"]
    assert ("There is no respondent" in regions.description) == (not all(reached))
    none = replace(regions, regions=tuple(replace(each, share_respondents=0.0) for each in regions.regions))
    assert "There is no respondent where complexity is below" in none.description
    some = replace(regions, regions=tuple(replace(each, share_respondents=0.1) for each in regions.regions))
    assert "There is no respondent" not in some.description
