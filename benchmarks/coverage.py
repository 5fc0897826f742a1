"""Coverage of 95 % intervals over simulated samples: python -m benchmarks.coverage [replications].

Two correlated factors of four indicators each and a path between them, known loadings and path; each way of estimating
meets the data it is made for. The table goes to benchmarks/results/coverage.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import surveysem as ss

SEED = 20260101
MODEL = """
    f =~ x1 + x2 + x3 + x4
    g =~ y1 + y2 + y3 + y4
    g ~ path*f
"""
LOADING, PATH = 0.8, 0.5
COLUMNS = ("x1", "x2", "x3", "x4", "y1", "y2", "y3", "y4")
TRUTH = {("g", "~", "f"): PATH} | {(name[0].replace("x", "f").replace("y", "g"), "=~", name): 1.0 for name in COLUMNS}


def normal(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Normal indicators with equal loadings, so that loadings relative to the first are 1."""
    f = rng.standard_normal(n)
    g = PATH * f + np.sqrt(1 - PATH**2) * rng.standard_normal(n)
    error = rng.standard_normal((n, 8)) * np.sqrt(1 - LOADING**2)
    return pd.DataFrame(LOADING * np.repeat(np.c_[f, g], 4, axis=1) + error, columns=list(COLUMNS))


def skewed(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """The same covariances with χ² distributed factors and errors (skew 1.4, excess kurtosis 3)."""

    def draws(*shape: int) -> np.ndarray:
        return (rng.chisquare(4, shape) - 4) / np.sqrt(8)

    f = draws(n)
    g = PATH * f + np.sqrt(1 - PATH**2) * draws(n)
    error = draws(n, 8) * np.sqrt(1 - LOADING**2)
    return pd.DataFrame(LOADING * np.repeat(np.c_[f, g], 4, axis=1) + error, columns=list(COLUMNS))


def missing_at_random(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Normal indicators; x1 and y1 are complete, and 15 % of the others are missing where x1 is high, say."""
    data = normal(rng, n)
    chance = 0.15 * 2 / (1 + np.exp(-1.5 * data["x1"].to_numpy()))
    for name in COLUMNS:
        if name not in ("x1", "y1"):
            data.loc[rng.random(n) < chance, name] = np.nan
    return data


def five_points(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Normal latent responses cut into five categories, skewed."""
    cuts = np.array([-1.6, -0.9, -0.2, 0.7])
    return normal(rng, n).apply(lambda column: np.digitize(column, cuts) + 1)


CASES: dict[str, tuple[Callable[[np.random.Generator, int], pd.DataFrame], dict[str, object]]] = {
    "ML, normal data": (normal, {}),
    "MLR, skewed data": (skewed, {"estimator": "MLR"}),
    "FIML, 15 % missing at random": (missing_at_random, {"missing": "fiml"}),
    "WLSMV, five-point items": (five_points, {"ordered": COLUMNS}),
}


def coverage(case: str, replications: int, n: int = 400) -> dict[str, object]:
    """Share of intervals that hold the true value: of the path, and of the loadings together."""
    draw, options = CASES[case]
    hits: dict[str, list[bool]] = {"path": [], "loadings": []}
    failed = 0
    for seed in np.random.SeedSequence(SEED).spawn(replications):
        try:
            rows = ss.sem(MODEL, draw(np.random.default_rng(seed), n), **options).estimates  # type: ignore[arg-type]
        except ss.SurveySEMError:
            failed += 1
            continue
        for row in rows[rows["free"] > 0].itertuples():
            truth = TRUTH.get((row.lhs, row.op, row.rhs))
            if truth is not None:
                hits["path" if row.op == "~" else "loadings"].append(row.ci_lower <= truth <= row.ci_upper)
    shares = {name: float(np.mean(values)) for name, values in hits.items()}
    return {"case": case, "replications": replications, "failed": failed} | shares


def main() -> None:
    """Run all cases and keep the table."""
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    table = pd.DataFrame([coverage(case, replications) for case in CASES])
    lines = ["| case | replications | failed | path | loadings |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.case} | {row.replications} | {row.failed} | {row.path:.3f} | {row.loadings:.3f} |"
        for row in table.itertuples()
    ]
    text = "\n".join(lines) + "\n"
    head = f"# Coverage of 95 % intervals\n\nn = 400, seed {SEED}; made by `python -m benchmarks.coverage`.\n\n"
    (Path(__file__).parent / "results" / "coverage.md").write_text(head + text, encoding="utf-8", newline="\n")
    print(text)


if __name__ == "__main__":
    main()
