"""A model whose loading is the product of two others, written with a constraint and without, against lavaan.

lavaan fits both ways of writing it. Where standard errors come from expected information they agree. Where they come
from observed information (MLR, incomplete rows) its two ways differ, by 2 % here: it leaves the curvature of the
constraint out of the first. Standard errors must not depend on how a model is written, so ours are those of the second.
"""

import numpy as np
import pandas as pd
import pytest

from surveysem.inference.information import first_order_information
from surveysem.modelling import sem

RUNS = [(data, estimator) for data in ("holzinger", "holzinger_missing") for estimator in ("ML", "MLR")]


CASE_OF = {"holzinger": ("holzinger", "listwise"), "holzinger_missing": ("fiml", "fiml")}
"""The case that has the data, and what is done about missing values."""
_FITS = {}


@pytest.fixture
def stored(lavaan_folder):
    return pd.read_csv(lavaan_folder / "nonlinear_constraints_curved" / "estimates.csv")


def _theirs(stored, written, data, estimator):
    chosen = (stored["written"] == written) & (stored["data"] == data) & (stored["estimator"] == estimator)
    return stored[chosen].set_index(["lhs", "op", "rhs"]).sort_index()


@pytest.fixture
def fit_of(lavaan_folder, frame_of):
    def fit(data, estimator):
        if (data, estimator) not in _FITS:
            model = (lavaan_folder / "nonlinear_constraints_curved" / "constrained.txt").read_text(encoding="utf-8")
            case, missing = CASE_OF[data]
            _FITS[data, estimator] = sem(model, frame_of(case), estimator=estimator, missing=missing)
        return _FITS[data, estimator]

    return fit


@pytest.mark.parametrize(("data", "estimator"), RUNS)
def test_standard_errors_do_not_depend_on_how_the_model_is_written(fit_of, stored, data, estimator):
    fit, theirs = fit_of(data, estimator), _theirs(stored, "reparameterised", data, estimator)
    ours = fit.estimates.set_index(["lhs", "op", "rhs"]).loc[theirs.index]
    np.testing.assert_allclose(ours["estimate"], theirs["est"], rtol=1e-4)
    np.testing.assert_allclose(ours["std_error"], theirs["se"], rtol=1e-4)
    assert fit.fit_indices["chisq"] == pytest.approx(theirs["chisq"].iloc[0], rel=1e-6)
    assert fit.fit_indices["df"] == theirs["df"].iloc[0] == 14
    if estimator == "MLR":
        assert fit.fit_indices["chisq.scaling.factor"] == pytest.approx(theirs["factor"].iloc[0], rel=1e-5)


@pytest.mark.parametrize("estimator", ["MLM", "GLS", "WLSMV", "ULSMV"])
def test_estimators_with_other_information_are_lavaans(lavaan_folder, frame_of, estimator):
    folder = lavaan_folder / "nonlinear_constraints_curved"
    stored = pd.read_csv(folder / "estimators.csv")
    theirs = stored[stored["estimator"] == estimator].set_index(["lhs", "op", "rhs"])
    fit = sem((folder / "two.txt").read_text(encoding="utf-8"), frame_of("holzinger"), estimator=estimator)
    ours = fit.estimates.set_index(["lhs", "op", "rhs"]).loc[theirs.index]
    np.testing.assert_allclose(ours["estimate"], theirs["est"], rtol=1e-4)
    np.testing.assert_allclose(ours["std_error"], theirs["se"], rtol=1e-4)
    for name, column in (("chisq", "chisq"), ("chisq.scaled", "scaled"), ("df", "df"), ("npar", "npar")):
        if not np.isnan(theirs[column].iloc[0]):
            assert fit.fit_indices[name] == pytest.approx(theirs[column].iloc[0], rel=1e-6), name


def test_the_score_test_is_lavaans(lavaan_folder, frame_of):
    folder = lavaan_folder / "nonlinear_constraints_curved"
    stored = pd.read_csv(folder / "score_test.csv", keep_default_na=False)
    theirs = {(row.lhs, row.rhs.replace(" ", "")): row for row in stored.itertuples()}
    test = sem((folder / "two.txt").read_text(encoding="utf-8"), frame_of("holzinger")).score_test()
    # lavaan's constrained estimates are off by 1e-6, which leaves 1e-6 in a statistic of 0.006
    assert test.chi_square == pytest.approx(theirs["all", ""].X2, rel=1e-4)
    assert test.degrees_of_freedom == theirs["all", ""].df == 2
    for row in test.constraints.itertuples():
        assert row.chi_square == pytest.approx(theirs[row.lhs, row.rhs.replace(" ", "")].X2, rel=1e-4, abs=2e-6)


@pytest.mark.parametrize(("data", "estimator"), RUNS)
def test_without_the_curvature_they_are_lavaans_of_the_constrained_model(fit_of, stored, data, estimator):
    """Which explains the whole difference."""
    solution = fit_of(data, estimator).solution
    theirs = _theirs(stored, "constrained", data, estimator)
    problem, basis = solution.problem, solution.problem.constraints.basis
    implied = tuple(group.implied for group in solution.groups)
    observed = estimator == "MLR" or data == "holzinger_missing"
    hessian = problem.hessian(implied) if observed else problem.expected_hessian(implied)
    covariance = basis @ np.linalg.inv(basis.T @ hessian @ basis / 2.0) @ basis.T
    if estimator == "MLR":
        covariance = covariance @ first_order_information(solution) @ covariance
    errors = pd.Series(np.sqrt(np.diag(covariance) / solution.n_obs), index=solution.table.free_names)
    labels = {("visual", "=~", "x2"): "l2", ("visual", "=~", "x3"): "l3"}
    ours = [errors[labels.get(key, "".join(key))] for key in theirs.index]
    np.testing.assert_allclose(ours, theirs["se"], rtol=1e-4)
