"""A fitted model, labelled: what researchers look at and every later stage reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.estimation import Solution
from surveysem.findings import Finding
from surveysem.inference.admissibility import admissibility_findings
from surveysem.inference.estimates import estimates_table
from surveysem.inference.explained import effect_sizes, r_squared
from surveysem.inference.indices import collect_fit_indices
from surveysem.inference.information import parameter_covariance
from surveysem.inference.reliability import reliability_table
from surveysem.inference.summary import summarize
from surveysem.inference.validity import fornell_larcker_table, htmt_table
from surveysem.specification import ParameterTable
from surveysem.typing import EstimatorName, FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """A fitted model with its inference.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : {"ML", "MLR"}
        Which standard errors and test statistic are reported.
    parameter_covariance : array of shape (q, q)
        Covariance of the estimates under that estimator.
    products : Mapping of str to (str, str)
        Latent products by name, with the latent variables they are made of.
    notes : tuple of Finding
        What was noticed before the model was fitted, rows left out above all.

    Notes
    -----
    A ``Fit`` exists only for a solution that converged; one that did not raises
    :class:`~surveysem.errors.EstimationError` where it was estimated.
    """

    solution: Solution
    estimator: EstimatorName
    parameter_covariance: FloatArray
    products: Mapping[str, tuple[str, str]]
    notes: tuple[Finding, ...] = ()

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """All parameters: lhs, op, rhs, estimate, std_error, z, p_value, interval, std_lv, std_all …"""
        return estimates_table(self.solution, self.parameter_covariance, products=self.products)

    @cached_property
    def fit_indices(self) -> Mapping[str, float]:
        """Fit indices under lavaan's names."""
        return collect_fit_indices(self.solution, self.estimator)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What a reader must be told about the data used and the solution."""
        return (*self.notes, *admissibility_findings(self.solution))

    @cached_property
    def r_squared(self) -> pd.Series:
        """Share of explained variance of indicators and outcomes."""
        return r_squared(self.solution)

    @cached_property
    def effect_sizes(self) -> Mapping[tuple[str, str], float]:
        """Cohen's f² by (outcome, predictor)."""
        return effect_sizes(self.solution, self.products)

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """Alpha, omega, composite reliability and AVE per latent variable."""
        return reliability_table(self.solution)

    @cached_property
    def htmt(self) -> pd.DataFrame:
        """Heterotrait–monotrait ratios, a symmetric frame."""
        return htmt_table(self.solution)

    @cached_property
    def fornell_larcker(self) -> pd.DataFrame:
        """Latent correlations with √AVE on the diagonal."""
        return fornell_larcker_table(self.solution)

    @property
    def converged(self) -> bool:
        """Always true: a model that does not converge raises instead of returning numbers."""
        return True

    @property
    def admissible(self) -> bool:
        """Whether some population could have this solution."""
        return not any(finding.severity == "serious" for finding in self.findings)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The findings as sentences."""
        return tuple(finding.message for finding in self.findings)

    @property
    def engine(self) -> str:
        """Software that found the estimates."""
        return self.solution.engine_result.engine

    @property
    def table(self) -> ParameterTable:
        """The model's parameter table."""
        return self.solution.table

    @property
    def n_obs(self) -> int:
        """Number of observations, *n*."""
        return self.solution.moments.n_obs

    @cached_property
    def implied_covariance(self) -> pd.DataFrame:
        """Σ at the estimates."""
        names = list(self.solution.structure.observed)
        return pd.DataFrame(self.solution.implied.covariance, index=names, columns=names)

    def summary(self) -> str:
        """Text for a terminal: fit, loadings, paths, variances and what to beware of."""
        return summarize(self)

    def __repr__(self) -> str:
        chi_square, df = self.fit_indices["chisq"], self.fit_indices["df"]
        return f"<Fit {self.estimator}, n = {self.n_obs}, χ²({df:.0f}) = {chi_square:.3f}, {self.engine}>"


def infer(
    solution: Solution,
    *,
    estimator: EstimatorName,
    products: Mapping[str, tuple[str, str]] | None = None,
    notes: tuple[Finding, ...] = (),
) -> Fit:
    """Inference for a solution.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : {"ML", "MLR"}
        Normal-theory, or robust standard errors and test statistic.
    products : Mapping of str to (str, str), optional
        Latent products among the latent variables.
    notes : tuple of Finding
        What was noticed before.

    Raises
    ------
    UnsupportedError
        For robust statistics in models with observed exogenous variables, and unknown estimators.
    EstimationError
        When the information matrix is not positive definite.
    """
    if estimator not in ("ML", "MLR"):
        raise UnsupportedError(f"There is no estimator {estimator!r}. Available: ML, MLR.")
    if estimator == "MLR" and solution.table.exogenous_observed:
        names = ", ".join(solution.table.exogenous_observed)
        raise UnsupportedError(
            f"MLR is not available in models with observed exogenous variables ({names}). Use estimator='ML'."
        )
    covariance = np.array(parameter_covariance(solution, estimator))
    covariance.setflags(write=False)
    return Fit(
        solution=solution,
        estimator=estimator,
        parameter_covariance=covariance,
        products=dict(products or {}),
        notes=notes,
    )
