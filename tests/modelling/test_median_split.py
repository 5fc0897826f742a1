"""Scores cut in two: refused where senseless, and marked for good."""

import pickle

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError
from surveysem.modelling.median_split import SplitLabel, split_findings


def split(*arguments, **options):
    with pytest.warns(UserWarning, match="loses power"):
        return ss.median_split(*arguments, **options)


def test_the_median_parts_low_from_high_and_missing_stays_missing():
    values = pd.Series([1.0, np.nan, 2.0, 3.0, 4.0, 4.0], index=list("uvwxyz"), name="complexity")
    made = split(values)
    assert made.fillna("?").tolist() == ["low", "?", "low", "low", "high", "high"]
    assert list(made.index) == list("uvwxyz")
    assert made.name == "complexity"


def test_a_cut_and_labels_of_ones_own():
    made = split(pd.Series([1, 2, 3, 4]), ("simple", "complex"), cut=3)
    assert made.tolist() == ["simple", "simple", "simple", "complex"]


def test_the_mark_outlives_frames_subsets_and_pickles():
    frame = pd.DataFrame({"score": np.arange(9.0)})
    frame["half"] = split(frame["score"])
    kept = pickle.loads(pickle.dumps(frame[frame["score"] > 1].copy()))
    findings = split_findings(kept["half"])
    assert len(findings) == 1
    assert "score was cut in two at its median, 4 (5 at or below it, 4 above)" in findings[0].message
    assert split_findings(pd.Series(["low", "high"])) == ()
    assert kept["half"].iloc[-1] == "high"
    assert isinstance(kept["half"].iloc[-1], SplitLabel)


@pytest.mark.parametrize(
    ("values", "options", "text"),
    [
        (pd.Series([0, 1, 1, 0]), {}, "It parts the respondents already"),
        (pd.Series([2.0, 2.0, np.nan]), {}, "1 different value"),
        (pd.Series(["a", "b", "c"]), {}, "not all values are finite numbers"),
        (pd.Series([1.0, 2.0, np.inf]), {}, "not all values are finite numbers"),
        (pd.Series([1.0, 2.0, 3.0]), {"cut": 9}, "nobody is above 9. Choose a cut from 1 to below 3"),
        (pd.Series([1.0, 2.0, 3.0]), {"cut": 0}, "nobody is at or below 0"),
        (pd.Series([1.0, 3.0, 3.0, 3.0, 2.0]), {}, "nobody is above 3"),
        (pd.Series([1.0, 2.0, 3.0]), {"labels": ("a", "a")}, "two different texts"),
        ([1.0, 2.0, 3.0], {}, "a pandas Series"),
    ],
)
def test_what_cannot_be_cut_is_refused(values, options, text):
    with pytest.raises(DataError) as caught:
        ss.median_split(values, **options)
    assert text in str(caught.value)
