"""Against numbers that lavaan made; the scripts are in tests/reference/lavaan_missing."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data.missing import (
    MissingMoments,
    SaturatedMoments,
    casewise_scores_missing,
    likelihood_weights,
    missing_patterns,
    observed_log_likelihood,
    pattern_information,
    saturated_expected_information,
    saturated_moments,
    saturated_observed_information,
    saturated_scores,
    saturated_trace_missing,
)
from surveysem.implied import (
    element_columns,
    element_to_parameter,
    implied_moments,
    moment_structure,
    trace_hessian,
)
from surveysem.specification import parameter_table, parse_syntax

STORED = Path(__file__).parents[2] / "reference" / "lavaan_missing"


@dataclass(frozen=True)
class Case:
    folder: Path
    missing: MissingMoments
    saturated: SaturatedMoments
    fit: pd.Series

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / name, encoding="utf-8")

    def moments(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        table = self.table(name)
        return table["mean"].to_numpy(), table.drop(columns="mean").to_numpy()


@pytest.fixture(scope="module", params=["holzinger", "political_democracy"])
def case(request) -> Case:
    folder = STORED / request.param
    data = pd.read_csv(folder / "data.csv", encoding="utf-8", skip_blank_lines=False)
    missing = missing_patterns(data, list(data.columns))
    fit = pd.read_csv(folder / "fit.csv", encoding="utf-8").set_index("measure")["value"]
    return Case(folder, missing, saturated_moments(missing), fit)


def test_rows(case):
    assert case.missing.n_obs == case.fit["ntotal"]
    assert case.missing.n_empty == 1


def test_saturated_moments(case):
    means, covariance = case.moments("saturated.csv")
    # Our gradient stops at 1e-10 standard errors times √n; lavaan's EM when no moment changes by more than 1e-13.
    np.testing.assert_allclose(case.saturated.means, means, rtol=1e-9)
    np.testing.assert_allclose(case.saturated.covariance, covariance, rtol=1e-9, atol=1e-9)
    assert case.saturated.log_likelihood == pytest.approx(case.fit["unrestricted.logl"], rel=1e-12)


def test_log_likelihood_of_the_model(case):
    log_likelihood = observed_log_likelihood(case.missing, *case.moments("implied.csv"))
    assert log_likelihood == pytest.approx(case.fit["logl"], rel=1e-12)
    assert 2.0 * (case.saturated.log_likelihood - log_likelihood) == pytest.approx(case.fit["chisq"], rel=1e-9)


def test_log_likelihood_and_gradient_away_from_the_maximum(case):
    weights = likelihood_weights(case.missing, *case.moments("point.csv"))
    assert weights.log_likelihood == pytest.approx(case.table("point_logl.csv")["logl"].item(), rel=1e-12)
    of_mean, of_covariance = case.moments("point_gradient.csv")
    half_n = -case.missing.n_obs / 2.0
    np.testing.assert_allclose(half_n * weights.mean_gradient, of_mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(half_n * weights.covariance_weight, of_covariance, rtol=1e-9, atol=1e-9)


def _lower(information):
    """The lower triangle column by column, as R takes it, with the covariances' order as R's vech has it."""
    s = len(information)
    p = next(p for p in range(1, s) if p + p * (p + 1) // 2 == s)
    place = np.zeros((p, p), dtype=int)
    place[np.tril_indices(p)] = np.arange(s - p)
    of_r = [place[i, j] for j in range(p) for i in range(j, p)]
    order = np.concatenate([np.arange(p), p + np.array(of_r)])
    return information[np.ix_(order, order)].T[np.triu_indices(s)]


@pytest.mark.parametrize("kind", ["observed", "expected", "first_order"])
def test_information_on_the_moments(case, kind):
    mu, sigma = case.moments("point.csv")
    stored = case.table("point_information.csv")[kind].to_numpy()
    if kind == "first_order":
        scores = saturated_scores(case.missing, mu, sigma)
        information = scores.T @ scores / case.missing.n_obs
    else:
        function = saturated_observed_information if kind == "observed" else saturated_expected_information
        information = function(case.missing, mu, sigma)
    np.testing.assert_allclose(_lower(information), stored, rtol=1e-9, atol=1e-11)


def test_trace_of_the_saturated_model(case):
    p = len(case.missing.variables)
    expected = case.fit["scaling.factor.h1"] * (p + p * (p + 1) / 2)
    assert saturated_trace_missing(case.missing, case.saturated) == pytest.approx(expected, rel=1e-8)


def _model_information(case, theta):
    """Observed and first-order information of a model with free intercepts, covariance parameters first."""
    table = parameter_table(parse_syntax((case.folder / "model.txt").read_text(encoding="utf-8")))
    structure = moment_structure(table, table.n_free)
    assert structure.observed == case.missing.variables
    implied = implied_moments(structure, theta)
    at, q, p = element_columns(structure), structure.n_free, len(structure.observed)
    to_parameter = element_to_parameter(structure)
    mu, sigma = case.moments("implied.csv")
    np.testing.assert_allclose(implied.covariance, sigma, rtol=1e-8)
    elements = {"columns": implied.columns, "u": at.u, "v": at.v, "scale": at.scale}
    pieces = pattern_information(case.missing, mu, sigma, **elements)
    weight = likelihood_weights(case.missing, mu, sigma).covariance_weight
    covariance_block = to_parameter.T @ pieces.observed @ to_parameter + trace_hessian(implied, weight)
    cross = to_parameter.T @ pieces.cross
    hessian = np.block([[covariance_block, cross], [cross.T, 2.0 * pieces.mean]])
    no_means = np.zeros((p, len(at.u)))
    of_covariance = casewise_scores_missing(case.missing, mu, sigma, **elements, mean_directions=no_means)
    scores = np.hstack([of_covariance @ to_parameter, saturated_scores(case.missing, mu, sigma)[:, :p]])
    assert hessian.shape == (q + p, q + p)
    return hessian / 2.0, scores.T @ scores / case.missing.n_obs


def _stored_by_parameter(case, table_rows):
    stored = case.table("estimates.csv").set_index(["lhs", "op", "rhs"])
    rows = [stored.loc[(row.lhs, row.op, row.rhs)] for row in table_rows]
    stored = case.table("estimates.csv")
    intercepts = stored[(stored["op"] == "~1") & stored["lhs"].isin(case.missing.variables)]
    return pd.concat([pd.DataFrame(rows), intercepts.drop(columns=["lhs", "op", "rhs"])], ignore_index=True)


def test_standard_errors_and_scaling_of_a_model(case):
    table = parameter_table(parse_syntax((case.folder / "model.txt").read_text(encoding="utf-8")))
    free = sorted((row for row in table if row.free), key=lambda row: row.free)
    stored = _stored_by_parameter(case, free)
    observed, first_order = _model_information(case, stored["est"].to_numpy()[: len(free)])
    n, inverse = case.missing.n_obs, np.linalg.inv(observed)
    # The stored estimates are within about 1e-8 of the maximum, and standard errors inherit that.
    np.testing.assert_allclose(np.sqrt(np.diag(inverse) / n), stored["se.observed"], rtol=1e-7)
    sandwich = inverse @ first_order @ inverse
    np.testing.assert_allclose(np.sqrt(np.diag(sandwich) / n), stored["se.robust"], rtol=1e-7)
    trace = np.vdot(first_order, inverse)
    assert trace == pytest.approx(case.fit["scaling.factor.h0"] * case.fit["npar"], rel=1e-8)
    scaling = (saturated_trace_missing(case.missing, case.saturated) - trace) / case.fit["df"]
    assert scaling == pytest.approx(case.fit["chisq.scaling.factor"], rel=1e-8)
