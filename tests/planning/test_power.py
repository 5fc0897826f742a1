"""Power by simulation: same numbers however it is run, resumed without loss, told honestly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config

import surveysem as ss
from surveysem.planning.intervals import wilson_interval
from surveysem.planning.running import CHUNK

REPS = 2 * CHUNK + 10


@pytest.fixture(scope="module")
def found(small_study):
    return ss.power(small_study, n=(80, 120, 200), reps=REPS, seed=3, n_jobs=1)


def _assert_same(one, other):
    for name in ("table", "verdicts", "required", "replications", "failures"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_two_processes_give_the_same_numbers(small_study, found):
    _assert_same(found, ss.power(small_study, n=(80, 120, 200), reps=REPS, seed=3, n_jobs=2))


def test_a_dask_cluster_gives_the_same_numbers(small_study, found):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        parallel_config(backend="dask"),
    ):
        again = ss.power(small_study, n=(80, 120, 200), reps=REPS, seed=3)
    _assert_same(found, again)


def test_other_sizes_and_an_order_change_nothing(small_study, found):
    alone = ss.power(small_study, n=120, reps=REPS, seed=3, n_jobs=1)
    pd.testing.assert_frame_equal(alone.table, found.table.loc[(slice(None), [120]), :], check_exact=True)


def test_another_seed_gives_other_numbers(small_study, found):
    other = ss.power(small_study, n=80, reps=REPS, seed=4, n_jobs=1)
    assert not np.allclose(other.table["mean"], found.table.xs(80, level="n")["mean"])


def test_power_is_the_share_of_supported_verdicts(found):
    assert (found.table["power"] == found.verdicts["supported"]).all()
    np.testing.assert_allclose(found.verdicts.sum(axis=1), 1.0)
    row = found.table.loc[("D3", 120)]
    assert (row["ci_lower"], row["ci_upper"]) == wilson_interval(round(row["power"] * REPS), REPS)
    assert row["population"] == 0.5


def test_estimates_recover_the_population(found):
    solved = found.replications["solved"] + found.replications["inadmissible"]
    for (_, n), row in found.table.iterrows():
        error = row["std_deviation"] / np.sqrt(solved[n])
        assert abs(row["bias"]) < 4 * error + 0.02  # standardised estimates of small samples are biased a little
        assert row["relative_bias"] == pytest.approx(row["bias"] / row["population"])
        assert row["coverage_upper"] > 0.9


def test_type_one_error_with_all_effects_zero(small_study):
    null = ss.power(small_study, n=200, reps=400, seed=5, effects="zero", n_jobs=1)
    supported, contradicted = (null.verdicts[name] for name in ("supported", "contradicted"))
    assert (null.table["population"] == 0).all()
    for share in (supported, contradicted):
        assert (share < 0.025 + 4 * np.sqrt(0.025 * 0.975 / 400)).all()
    assert null.table["relative_bias"].isna().all()


def test_reversed_effects_are_contradicted(small_study):
    wrong = ss.power(small_study, n=300, reps=50, seed=5, effects="reversed", n_jobs=1)
    assert wrong.table.loc[("D1", 300), "population"] == -0.35
    assert wrong.verdicts.loc[("D1", 300), "contradicted"] > 0.95
    assert wrong.verdicts.loc[("D1", 300), "supported"] == 0


def test_effects_are_replaced_one_by_one(small_study):
    changed = ss.power(
        small_study, n=100, reps=2, seed=5, effects={"D1": 0.1, "D2": "zero", "D3": "reversed"}, n_jobs=1
    )
    assert changed.table["population"].tolist() == [0.1, 0.0, -0.5]


def test_missing_answers_cost_power(small_study, found):
    gaps = ss.power(small_study, n=200, reps=REPS, seed=3, missing_share=0.05, n_jobs=1)
    assert gaps.table.loc[("D3", 200), "std_deviation"] > found.table.loc[("D3", 200), "std_deviation"]
    assert gaps.settings["missing_share"] == 0.05


def answers_of(study, n, seed):
    """Answers as a function of one's own draws them."""
    return ss.simulate_responses(study, n=n, seed=seed, careless=0.0, ineligible=0.0)


def test_answers_may_come_from_a_function(small_study):
    own = ss.power(small_study, n=150, reps=4, seed=3, responses=answers_of, n_jobs=1)
    assert own.settings["fitted_by"] == "whole analyses"
    assert any("A function draws the answers" in finding.message for finding in own.findings)
    assert own.replications.loc[150, "requested"] == 4


def test_full_information_uses_incomplete_rows(small_study, found):
    own = ss.power(small_study, n=200, reps=REPS, seed=3, missing="fiml", missing_share=0.05, n_jobs=1)
    complete = ss.power(small_study, n=200, reps=REPS, seed=3, missing_share=0.05, n_jobs=1)
    assert own.replications.loc[200, "failed"] == 0
    assert own.table.loc[("D3", 200), "std_deviation"] < complete.table.loc[("D3", 200), "std_deviation"]
    assert found.table.loc[("D3", 200), "mean_std_error"] < own.table.loc[("D3", 200), "mean_std_error"]


def test_checkpoints_are_taken_up(small_study, found, tmp_path):
    first = ss.power(small_study, n=(80, 120, 200), reps=REPS, seed=3, n_jobs=1, checkpoints=tmp_path)
    _assert_same(found, first)
    files = sorted(tmp_path.glob("n*.npz"))
    assert len(files) == 9
    for file in files[::2]:
        file.unlink()
    kept = {file: file.stat().st_mtime_ns for file in files[1::2]}
    _assert_same(found, ss.power(small_study, n=(80, 120, 200), reps=REPS, seed=3, n_jobs=1, checkpoints=tmp_path))
    assert {file: file.stat().st_mtime_ns for file in files[1::2]} == kept


def test_checkpoints_of_another_simulation_are_refused(small_study, tmp_path):
    ss.power(small_study, n=80, reps=2, seed=3, n_jobs=1, checkpoints=tmp_path)
    with pytest.raises(ss.SurveySEMError, match="another simulation") as error:
        ss.power(small_study, n=80, reps=2, seed=4, n_jobs=1, checkpoints=tmp_path)
    assert [problem.where for problem in error.value.problems] == ["seed"]


def test_a_broken_checkpoint_is_named(small_study, tmp_path):
    ss.power(small_study, n=80, reps=2, seed=3, n_jobs=1, checkpoints=tmp_path)
    (file,) = tmp_path.glob("n*.npz")
    file.write_bytes(b"half a file")
    with pytest.raises(ss.SurveySEMError, match="cannot be read"):
        ss.power(small_study, n=80, reps=2, seed=3, n_jobs=1, checkpoints=tmp_path)


SCRIPT = """
import sys
from dataclasses import replace
import surveysem as ss
from surveysem.data import PopulationValues
sys.path.insert(0, {tests!r})
from conftest import PATHS
study = ss.load_study("political_democracy")
population = PopulationValues(paths=PATHS, loadings=dict.fromkeys(study.specification.indicators, 0.75))
ss.power(replace(study, population=population), n=(80, 120, 200), reps={reps}, seed=3, n_jobs=1, checkpoints={folder!r})
"""


def test_a_killed_run_is_resumed_without_loss(small_study, found, tmp_path):
    script = SCRIPT.format(tests=str(Path(__file__).parent), reps=REPS, folder=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", script], env=dict(os.environ))
    try:
        end = time.monotonic() + 240
        while len(list(tmp_path.glob("n*.npz"))) < 2 and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        process.wait()
    assert len(list(tmp_path.glob("n*.npz"))) >= 2
    again = ss.power(small_study, n=(80, 120, 200), reps=REPS, seed=3, n_jobs=1, checkpoints=tmp_path)
    _assert_same(found, again)


def test_sizes_that_cannot_be_analysed_are_told_and_left_aside(flagship):
    own = ss.power(flagship, n=(150, 300), reps=5, seed=1, n_jobs=1)
    assert (own.table.xs(150, level="n")["power"] == 0).all()
    assert own.replications.loc[150].tolist() == [5, 0, 0, 5, 0]
    assert own.failures["reason"].tolist() == ["There are fewer rows than parameters to estimate (237)."]
    assert any("power is 0" in finding.message for finding in own.findings)
    assert own.refused_sizes == (150,)
    assert set(own.text_table["n = 150 ×"]) == {"×"}
    assert "n = 300" in own.text_table
    assert "Samples of n = 150 cannot be analysed at all: the measurement model alone has 237" in own.paragraph()
    assert "237 parâmetros livres" in own.paragraph("pt")
    assert "237 free parameters" in own.figure.get_supxlabel()
    assert own.required.loc[("P5", 0.8), "reached"] == "below"
    assert "≤ 300" in own.text_table.loc["P5"].tolist()
    assert "n = 150 cannot be analysed" in own.paragraph()


def test_paragraphs_and_notebook(found):
    english, portuguese = found.paragraph(), found.paragraph("pt")
    assert english.startswith(f"Power was determined by simulation (Muthén & Muthén, 2002): {REPS} samples")
    assert "D1 0.35" in english
    assert "D1 0,35" in portuguese
    assert "{" not in english + portuguese
    assert "<table" in found._repr_html_()
    assert "n for 0.8" in repr(found)
    with pytest.raises(ss.SurveySEMError, match="no language"):
        found.paragraph("xx")


def test_curves_are_drawn(found):
    axes = [each for each in found.figure.axes if each.get_visible()]
    assert len(axes) == 3
    assert axes[0].get_title(loc="left") == "D1 (β = .35)"
    drawn = axes[0].get_lines()[-1].get_ydata()
    np.testing.assert_array_equal(drawn, found.table.loc["D1", "power"])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n": ()}, "no sample size"),
        ({"n": (100, 0.5)}, "whole number"),
        ({"reps": 0}, "reps"),
        ({"targets": (1.0,)}, "targets"),
        ({"missing_share": 1.5}, "missing_share"),
        ({"method": "guess"}, "no method"),
        ({"estimator": "auto"}, "auto"),
        ({"effects": {"Q1": 0.1}}, "no such effect"),
        ({"effects": {"D1": "none"}}, "zero"),
        ({"effects": {"D1": 1.5}}, "No population has these values"),
        ({"responses": 3}, "responses"),
    ],
)
def test_what_cannot_be_simulated_is_refused(small_study, wrong, message):
    with pytest.raises(ss.SurveySEMError) as error:
        ss.power(small_study, **{"n": 100, "reps": 2, "n_jobs": 1, **wrong})
    assert message in str(error.value)


def test_a_study_without_population_has_no_power():
    with pytest.raises(ss.SurveySEMError, match="states no population"):
        ss.power(ss.load_study("political_democracy"))


def test_an_effect_of_zero_is_not_looked_for(small_study):
    null = ss.power(small_study, n=(100, 200), reps=5, seed=1, effects={"D2": "zero"}, n_jobs=1)
    assert null.without_effect == ("D2",)
    assert null.text_table.loc["D2", "n for 0.8"] == "—"
    assert "The assumed effect of D2 is zero" in null.paragraph()
    assert "é zero" in null.paragraph("pt")
    assert any("rate of false support" in finding.message for finding in null.findings)


def test_sizes_none_of_which_can_be_analysed_need_no_larger_ones(flagship):
    own = ss.power(flagship, n=(100, 200), reps=2, seed=1, n_jobs=1)
    assert own.analysable_sizes == ()
    assert set(own.text_table["n for 0.8"]) == {"—"}
    assert "requires" not in own.paragraph()
    assert [finding.where for finding in own.findings if finding.severity == "warning"] == ["n = 100, 200"]
    assert own.figure is not None


def test_a_composite_with_a_part_that_has_no_effect_is_out_of_reach(flagship):
    own = ss.power(flagship, n=300, reps=2, seed=1, n_jobs=1)
    assert own.out_of_reach == ("P10",)
    assert own.text_table.loc["P10", "n for 0.8"] == "—"
    assert "The support of P10 needs that of every part" in own.paragraph()


@pytest.mark.parametrize("n_jobs", [0, 1.5, True])
def test_processes_must_be_some(small_study, n_jobs):
    with pytest.raises(ss.SurveySEMError, match="n_jobs"):
        ss.power(small_study, n=80, reps=1, n_jobs=n_jobs)


def test_sizes_may_be_an_array(small_study):
    several = ss.power(small_study, n=np.array([80, 120]), reps=1, n_jobs=1)
    assert several.sizes == (80, 120)


@pytest.mark.parametrize(("options", "where"), [({"n": "80"}, "n"), ({"targets": ()}, "targets")])
def test_what_is_no_size_and_no_target_is_told_once(small_study, options, where):
    with pytest.raises(ss.SurveySEMError) as error:
        ss.power(small_study, **{"n": 80, "reps": 1, "n_jobs": 1, **options})
    assert [problem.where for problem in error.value.problems] == [where]
