"""lavaan run live: the stored numbers made anew, the data it ships, and the flagship study."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data import read_political_democracy

pytestmark = pytest.mark.against_lavaan
LAVAAN = Path(__file__).parent / "lavaan"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
PACKAGES_OF_RELIABILITY = (
    "cat(requireNamespace('semTools', quietly = TRUE) && requireNamespace('psych', quietly = TRUE))"
)
CASES = sorted(path.parent.name for path in LAVAAN.glob("*/make.R"))


def _assert_same_table(made: Path, stored: Path) -> None:
    """1e-4: other versions of R, of lavaan and of the linear algebra stop at slightly other points."""
    new, old = (pd.read_csv(path, keep_default_na=False, dtype=str) for path in (made, stored))
    assert list(new.columns) == list(old.columns)
    assert len(new) == len(old)
    for column in old.columns:
        numbers = [pd.to_numeric(table[column], errors="coerce") for table in (new, old)]
        is_number = numbers[1].notna()
        np.testing.assert_allclose(numbers[0][is_number], numbers[1][is_number], rtol=1e-4, atol=2e-5)
        assert new.loc[~is_number, column].tolist() == old.loc[~is_number, column].tolist()


@pytest.mark.parametrize("case", CASES)
def test_stored_numbers_are_made_anew(case, rscript, tmp_path):
    if (LAVAAN / case / "data.txt").is_file() and not SHARED.is_dir():
        pytest.skip("the data are not beside this checkout (../shared/data)")
    if case == "reliability" and "FALSE" in rscript("-e", PACKAGES_OF_RELIABILITY, folder=tmp_path):
        pytest.skip("the R packages semTools and psych are not installed")
    rscript("make.R", str(tmp_path), folder=LAVAAN / case)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made
    assert made == sorted(path.name for path in (LAVAAN / case).glob("*.csv"))
    for name in made:
        if name == "fit.csv":
            _drop_version(tmp_path / name)
        stored = LAVAAN / case / name
        _assert_same_table(tmp_path / name, _without_version(stored, tmp_path) if name == "fit.csv" else stored)


def _drop_version(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if "lavaan.version" not in line), encoding="utf-8")


def _without_version(stored: Path, folder: Path) -> Path:
    copy = folder / "stored.csv"
    copy.write_text(stored.read_text(encoding="utf-8"), encoding="utf-8")
    _drop_version(copy)
    return copy


@pytest.mark.parametrize(
    ("name", "columns", "ours"),
    [
        ("PoliticalDemocracy", [f"y{i}" for i in range(1, 9)] + ["x1", "x2", "x3"], read_political_democracy),
        ("HolzingerSwineford1939", ["sex", "ageyr", *(f"x{i}" for i in range(1, 10))], None),
    ],
)
def test_the_data_are_those_lavaan_ships(name, columns, ours, rscript, tmp_path, holzinger):
    rscript("-e", f"write.csv(lavaan::{name}, 'data.csv', row.names = FALSE)", folder=tmp_path)
    theirs = pd.read_csv(tmp_path / "data.csv")
    frame = holzinger if ours is None else ours()
    # 1e-9: the copies were written with 9 decimals
    np.testing.assert_allclose(frame[columns], theirs[columns], rtol=0, atol=1e-8)


FLAGSHIP = """
source(file.path("{folder}", "reference.R"))
data <- read.csv("frame.csv")
model <- readLines("{model}.txt", encoding = "UTF-8")
fit <- tight_fit(paste(model, collapse = "\\n"), data, estimator = "MLR")
write_table(estimates_of(fit), "{model}_estimates.csv")
write_table(measures_of(fit), "{model}_fit.csv")
"""


@pytest.fixture(scope="module")
def flagship():
    """The flagship study fitted to simulated answers, and the frame that lavaan needs."""
    study = ss.load_study("b2b_micro_influencer")
    answers = ss.read_responses(ss.simulate_responses(study, n=400, seed=7), study)
    return study, ss.fit_study(study, answers), ss.model_frame(study, answers)


@pytest.mark.parametrize("model", ["structural", "measurement"])
def test_flagship_study(model, flagship, rscript, tmp_path):
    """The study's model syntax, given to lavaan unchanged, leads to our numbers."""
    study, result, frame = flagship
    fit = getattr(result, model)
    frame.to_csv(tmp_path / "frame.csv", index=False)
    (tmp_path / f"{model}.txt").write_text(study.model_syntax("lavaan", model=model), encoding="utf-8")
    (tmp_path / "run.R").write_text(FLAGSHIP.format(folder=LAVAAN.as_posix(), model=model), encoding="utf-8")
    rscript("run.R", folder=tmp_path)
    measures = pd.read_csv(tmp_path / f"{model}_fit.csv", dtype=str).set_index("measure")["value"]
    for name, value in fit.fit_indices.items():
        assert value == pytest.approx(float(measures[name]), rel=1e-5, abs=1e-6), name
    _assert_same_estimates(fit.estimates, pd.read_csv(tmp_path / f"{model}_estimates.csv"), study)


def _assert_same_estimates(ours: pd.DataFrame, theirs: pd.DataFrame, study: ss.Study) -> None:
    """1e-4 absolute: lavaan stops up to 5e-4 standard errors from the minimum in a model of 205 parameters."""
    products = {each.product_name: each.term for each in study.specification.interactions}
    theirs[["lhs", "rhs"]] = theirs[["lhs", "rhs"]].replace(products)
    keyed = [table.assign(key=[_key(*row) for row in zip(*_names(table), strict=True)]) for table in (ours, theirs)]
    merged = keyed[0].merge(keyed[1], on="key", validate="one_to_one", suffixes=("", "_lavaan"))
    assert len(merged) == len(ours) == len(theirs)
    # Paths of latent products are standardised by the components' standard deviations, which lavaan does not do.
    is_product_path = (merged["op"] == "~") & merged["rhs"].str.contains(":")
    assert is_product_path.sum() == ours["rhs"].isin(products.values()).where(ours["op"] == "~", other=False).sum()
    for mine, yours in (("estimate", "est"), ("std_error", "se")):
        np.testing.assert_allclose(merged[mine], merged[yours], rtol=1e-4, atol=1e-4, err_msg=mine)
    for mine, yours in (("std_all", "est.std"), ("std_std_error", "est.std.se")):
        rows = merged[~is_product_path]
        np.testing.assert_allclose(rows[mine], rows[yours], rtol=1e-4, atol=1e-4, err_msg=mine)


def _names(table: pd.DataFrame) -> list[pd.Series]:
    return [table["lhs"], table["op"], table["rhs"]]


def _key(lhs: str, op: str, rhs: str) -> str:
    pair = sorted((lhs, rhs)) if op == "~~" else [lhs, "" if op == ":=" else rhs]
    return f"{pair[0]} {op} {pair[1]}"
