"""Estimates, standard errors and p of simulated samples, as power and calibration judge them, beside lavaan's."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.planning.design import power_design
from surveysem.planning.effects import with_effects
from surveysem.planning.outcomes import NUMBERS

FOLDER = Path(__file__).parent / "lavaan_calibration"
OPTIONS = dict.fromkeys(("estimator", "missing", "interaction", "centering"))


@pytest.fixture(scope="module")
def samples():
    return pd.read_csv(FOLDER / "samples.csv.xz", index_col="sample")


@pytest.fixture(scope="module")
def theirs():
    return pd.read_csv(FOLDER / "numbers.csv", index_col=["sample", "proposition"], skipinitialspace=True)


@pytest.mark.parametrize(("truth", "effects"), [("zero", "zero"), ("stated", None)])
def test_numbers_are_those_of_lavaan(truth, effects, samples, theirs):
    study = with_effects(ss.load_study("b2b_micro_influencer"), effects)
    design = power_design(study, 400, reps=1, seed=1, **OPTIONS)
    names = [name for name in dict.fromkeys(samples.index) if name.startswith(truth)]
    assert len(names) == 10
    answers = [samples.loc[name, list(design.items)].to_numpy(float) for name in names]
    found = design.replication().of_answers(answers)
    assert (found.status == 0).all()
    judged = [each.id for family in design.families for each in family.judged]
    rows = {
        (sample, proposition): numbers
        for sample, replication in zip(names, found.numbers, strict=True)
        for proposition, numbers in zip(judged, replication, strict=True)
    }
    wanted = theirs.loc[names]
    ours = pd.DataFrame.from_dict({key: rows[key] for key in wanted.index}, orient="index", columns=list(NUMBERS))
    assert len(wanted) == 150
    # Estimates near zero are the same relative to their standard errors: both searches stop within 1e-4 of these.
    distance = (ours["estimate"] - wanted["estimate"]) / wanted["std_error"]
    assert distance.abs().max() < 1e-4
    np.testing.assert_allclose(ours["std_error"], wanted["std_error"], rtol=1e-4)
    np.testing.assert_allclose(ours["p_value"], wanted["p_value"], rtol=1e-4, atol=1e-4)
    tiny = wanted["p_value"].between(1e-12, 1e-3)
    # A p of 1e-10 moves by forty times as much as its z.
    np.testing.assert_allclose(ours["p_value"][tiny], wanted["p_value"][tiny], rtol=4e-3)
