"""The answers in samples.csv.xz: python tests/reference/lavaan_calibration/make_samples.py, from the project's root.

Ten samples of 400 with every tested effect zero and ten with effects as stated: the first ones that
benchmarks/calibration.py draws. They are kept because other versions of numpy or of the simulation may draw others.
"""

from pathlib import Path

import pandas as pd

import surveysem as ss
from surveysem.planning.design import power_design
from surveysem.planning.effects import with_effects
from surveysem.planning.fast_replication import drawn

SEED = 20261123
N, SAMPLES = 400, 10


def samples_of(truth: str) -> list[pd.DataFrame]:
    """Samples under a truth, "zero" or "stated"."""
    study = with_effects(ss.load_study("b2b_micro_influencer"), "zero" if truth == "zero" else None)
    options = dict.fromkeys(("estimator", "missing", "interaction", "centering"))
    design = power_design(study, N, reps=SAMPLES, seed=SEED, **options)
    parts = []
    for number, seed in enumerate(design.seeds(N, 0, SAMPLES)):
        answers = drawn(design.simulator, design.items, N, seed).astype(int)
        parts.append(pd.DataFrame(answers, columns=list(design.items)))
        parts[-1].insert(0, "sample", f"{truth}_{number:02d}")
    return parts


if __name__ == "__main__":
    drawn_samples = pd.concat([part for truth in ("zero", "stated") for part in samples_of(truth)])
    drawn_samples.to_csv(Path(__file__).parent / "samples.csv.xz", index=False, compression="xz", lineterminator="\n")
