"""Paths and studies that many tests share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SURVEY = ROOT.parent / "shared" / "data" / "influencer_data.csv"


@pytest.fixture(scope="session")
def influencer_csv() -> Path:
    """The real survey, which stays outside the project."""
    if not SURVEY.is_file():
        pytest.skip("the influencer survey is not beside this checkout (../shared/data/influencer_data.csv)")
    return SURVEY


@pytest.fixture(scope="session")
def democracy_result():
    """The bundled study on its bundled data."""
    import surveysem as ss

    study = ss.load_study("political_democracy")
    return ss.fit_study(study, study.bundled_data())


@pytest.fixture(scope="session")
def flagship_result():
    """The flagship study on simulated answers."""
    import surveysem as ss

    study = ss.load_study("b2b_micro_influencer")
    return ss.fit_study(study, ss.simulate_responses(study, n=400, seed=7))
