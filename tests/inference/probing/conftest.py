"""Fits with latent interactions: of the simulated data outside the project, and of small ones made here."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data import product_indicators
from surveysem.inference import Fit
from surveysem.modelling.sem import fit_statements
from surveysem.specification import parse_syntax, product_pairs

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "data"
REFERENCE = ROOT / "tests" / "reference" / "lavaan_probing"
PRODUCTS = {
    "one_int": {"P": ("X", "Z")},
    "second_stage": {"INT_x_PBC": ("INT", "PBC")},
    "both_stages": {"INT_x_PBC": ("INT", "PBC"), "ATT_x_PBC": ("ATT", "PBC")},
}
MATCHED = """
X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; XZ =~ x1.z1 + x2.z2 + x3.z3
Y ~ X + Z + XZ
"""


def shared(name: str) -> pd.DataFrame:
    """Data outside the project."""
    path = SHARED / f"{name}.csv"
    if not path.is_file():
        pytest.skip(f"{name}.csv is not beside this checkout (../shared/data)")
    return pd.read_csv(path, encoding="utf-8")


def with_products(frame: pd.DataFrame, *stems: tuple[str, str], pairs: str = "matched") -> pd.DataFrame:
    """The data with double-mean-centred products of three items of each."""
    made = [
        product_pairs([f"{x}{i}" for i in (1, 2, 3)], [f"{z}{i}" for i in (1, 2, 3)], pairs)  # type: ignore[arg-type]
        for x, z in stems
    ]
    return pd.concat([frame, product_indicators(frame, [pair for part in made for pair in part])], axis=1)


@pytest.fixture(scope="session")
def probed_fit() -> Callable[[str, str], Fit]:
    """The models whose slopes and indirect effects lavaan computed too."""
    known: dict[tuple[str, str], Fit] = {}

    def fit(case: str, estimator: str = "ML") -> Fit:
        if (case, estimator) not in known:
            if case == "one_int":
                frame = with_products(shared("oneInt"), ("x", "z"), pairs="all")
            else:
                frame = with_products(shared("TPB"), ("int", "pbc"), ("att", "pbc"))
            statements = parse_syntax((REFERENCE / f"{case}.txt").read_text(encoding="utf-8"))
            known[case, estimator] = fit_statements(
                statements,
                frame,
                estimator=estimator,  # type: ignore[arg-type]
                products=PRODUCTS[case],
            )
        return known[case, estimator]

    return fit


def moderated_sample(n: int, *, seed: int, effects: tuple[float, float, float], mean: float = 0.0) -> pd.DataFrame:
    """Items of X, Z and Y = b₁X + b₂Z + b₃XZ + ζ, where Z has a mean."""
    rng = np.random.default_rng(seed)
    first, noise = rng.normal(size=(2, n))
    x, z = first, 0.3 * first + np.sqrt(0.91) * noise + mean
    y = effects[0] * x + effects[1] * z + effects[2] * x * z + rng.normal(size=n) * 0.7
    values = {"x": x, "z": z, "y": y}
    return pd.DataFrame({f"{name}{i}": values[name] + rng.normal(size=n) * 0.5 for name in values for i in (1, 2, 3)})


@pytest.fixture(scope="session")
def small_fit() -> Fit:
    """One group of 300."""
    frame = with_products(moderated_sample(300, seed=3, effects=(0.4, 0.3, 0.25)), ("x", "z"))
    return fit_statements(parse_syntax(MATCHED), frame, products={"XZ": ("X", "Z")})


@pytest.fixture(scope="session")
def grouped_fit() -> Fit:
    """Two groups that differ in the mean of the moderator, with equal loadings and intercepts."""
    parts = [moderated_sample(1500, seed=5 + g, effects=(0.4, 0.3, 0.25), mean=0.8 * g) for g in (0, 1)]
    frame = pd.concat(parts, ignore_index=True).assign(sector=np.repeat(["other", "regulated"], 1500))
    frame = with_products(frame, ("x", "z"))
    return fit_statements(
        parse_syntax(MATCHED),
        frame,
        group="sector",
        group_equal=("loadings", "intercepts"),
        products={"XZ": ("X", "Z")},
    )


@pytest.fixture(scope="session")
def make_sample() -> Callable[..., pd.DataFrame]:
    """A sample of a moderated regression."""
    return moderated_sample


@pytest.fixture(scope="session")
def add_products() -> Callable[..., pd.DataFrame]:
    """Product indicators beside the data."""
    return with_products


@pytest.fixture(scope="session")
def read_shared() -> Callable[[str], pd.DataFrame]:
    """Data outside the project, by name."""
    return shared
