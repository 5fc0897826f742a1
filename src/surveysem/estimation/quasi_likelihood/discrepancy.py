"""Quasi-maximum likelihood as a discrepancy, with its exact derivatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from surveysem.data.missing import MissingMoments, SaturatedMoments, missing_patterns
from surveysem.data.moments import SampleMoments
from surveysem.errors import UnsupportedError
from surveysem.estimation.discrepancy import MaximumLikelihood
from surveysem.estimation.full_information import FullInformation
from surveysem.estimation.quasi_likelihood.auxiliary import Auxiliary, auxiliary
from surveysem.estimation.quasi_likelihood.evaluation import (
    Evaluation,
    evaluation,
    mean_information,
    part_curvature,
    row_scores,
)
from surveysem.implied import (
    ImpliedMoments,
    ModeratedMoments,
    ModeratedStructure,
    mean_gradient,
    mean_hessian,
    mean_jacobian,
    trace_gradient,
    trace_hessian,
)
from surveysem.typing import FloatArray, IntArray

_NO_OTHER_INFORMATION = (
    "Quasi-maximum likelihood has neither expected information nor information without the curvature of the model. "
    "Available: observed and first-order information."
)


@dataclass(frozen=True, kw_only=True, eq=False)
class QuasiLikelihood:
    """Quasi-maximum likelihood of a model with latent products; F = 2/n (ln L saturated − ln L).

    Parameters
    ----------
    observations : array of shape (n, p)
        Rows of one group, in the order of the table's observed variables; NaN where missing, but no row without any
        value.
    reference : float
        Log-likelihood of the saturated normal model.

    Notes
    -----
    Indicators that are free of the outcomes of products, and contrasts of indicators from which the outcomes cancel,
    are normally distributed. Given these, the conditional means and variances of the outcomes' indicators are exact,
    and their conditional distribution is taken for normal. Which indicators set the scales makes no difference.

    Outcomes are the variables on the left of products. Indicators of what depends on them in turn yield contrasts too,
    so that no more is approximated than there are outcomes. Where outcomes stand at the end of all paths, as in the
    models of Klein and Muthén, the likelihood is theirs; without products it is that of maximum likelihood.

    References
    ----------
    klein_muthen_2007

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> syntax = "ind60 =~ x1 + x2 + x3; dem60 =~ y1 + y2 + y3 + y4; dem60 ~ ind60 + ind60:ind60"
    >>> fit = ss.sem(syntax, data, interaction="qml")
    >>> round(fit.fit_indices["logl"], 3)
    -937.618
    """

    observations: FloatArray = field(repr=False)
    reference: float
    _kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if np.isnan(self.observations).all(axis=1).any():
            raise ValueError("rows without any value must be left out")

    def value(self, implied: ImpliedMoments) -> float:
        """F."""
        moments, n = _linear_part(implied), len(self.observations)
        return self._linear_value(moments) - 2.0 / n * self._at(implied).log_ratio

    def gradient(self, implied: ImpliedMoments) -> FloatArray:
        """∂F/∂θ of shape (q,)."""
        at = self._at(implied)
        of_covariance, of_mean = at.weights
        gradient = trace_gradient(at.implied, of_covariance) + mean_gradient(at.implied, of_mean)
        for part in at.parts:
            gradient += part.gradients.coefficients.sum(1) @ part.incidence
        return self._linear.gradient(_linear_part(implied)) - 2.0 / len(self.observations) * gradient

    def hessian(self, implied: ImpliedMoments) -> FloatArray:
        """∂²F/∂θ∂θᵀ of shape (q, q), exact to rounding."""
        at = self._at(implied)
        if "hessian" not in self._kept:
            of_covariance, of_mean = at.weights
            hessian = trace_hessian(at.implied, of_covariance) + mean_hessian(at.implied, of_mean)
            for part in at.parts:
                hessian += part_curvature(at.implied, part)
            linear = self._linear.hessian(_linear_part(implied))
            self._kept["hessian"] = linear - 2.0 / len(self.observations) * hessian
            self._kept["hessian"].setflags(write=False)
        kept: FloatArray = self._kept["hessian"]
        return kept

    def metric_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """A positive definite stand-in for the Hessian, (q, q), to step and to measure distances by.

        It is the expected Hessian of a normal model in which products move the means by their conditional
        expectations, but leave the covariances as they are.
        """
        linear, moments = self._linear, _linear_part(implied)
        metric = linear.metric_hessian if isinstance(linear, FullInformation) else linear.expected_hessian
        jacobian, added = mean_jacobian(moments), np.zeros((len(implied.theta),) * 2)
        for part in self._at(implied).parts:
            added += mean_information(jacobian, part)
        return metric(moments) + 2.0 / len(self.observations) * added

    def expected_hessian(self, implied: ImpliedMoments) -> FloatArray:  # noqa: ARG002
        """Not available: the expectation has no closed form."""
        raise UnsupportedError(_NO_OTHER_INFORMATION)

    def structured_hessian(self, implied: ImpliedMoments) -> FloatArray:  # noqa: ARG002
        """Not available: the likelihood is no function of sample moments."""
        raise UnsupportedError(_NO_OTHER_INFORMATION)

    def casewise_scores(self, implied: ImpliedMoments) -> FloatArray:
        """Derivatives of each row's log-likelihood, of shape (n, q)."""
        return row_scores(self._at(implied))

    @cached_property
    def _missing(self) -> MissingMoments | None:
        if not np.isnan(self.observations).any():
            return None
        return missing_patterns(pd.DataFrame(self.observations, columns=list(self._names)), self._names)

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(f"variable {number}" for number in range(1, self.observations.shape[1] + 1))

    @cached_property
    def _linear(self) -> MaximumLikelihood | FullInformation:
        """Discrepancy of the linear part."""
        names, p = self._names, len(self._names)
        if self._missing is not None:
            # Nothing but the log-likelihood of the saturated model is asked for.
            unknown = SaturatedMoments(
                variables=names,
                means=np.full(p, np.nan),
                covariance=np.full((p, p), np.nan),
                log_likelihood=self.reference,
                gradient=np.nan,
                n_steps=0,
            )
            return FullInformation(missing=self._missing, saturated=unknown)
        sample = SampleMoments(
            variables=names,
            covariance=np.cov(self.observations, rowvar=False, bias=True).reshape(p, p),
            means=self.observations.mean(axis=0),
            n_obs=len(self.observations),
            observations=self.observations,
        )
        return MaximumLikelihood(moments=sample)

    def _linear_value(self, moments: ImpliedMoments) -> float:
        """F of the linear part."""
        linear, n = self._linear, len(self.observations)
        if isinstance(linear, FullInformation):
            return linear.value(moments)
        difference = linear.moments.means - moments.mean
        about = linear.moments.covariance + np.outer(difference, difference)
        spread = moments.log_determinant + float(np.vdot(moments.inverse, about))
        return 2.0 / n * self.reference + len(difference) * float(np.log(2.0 * np.pi)) + spread

    @cached_property
    def _patterns(self) -> tuple[tuple[IntArray, IntArray], ...]:
        """Rows that have the same variables, and these variables."""
        if self._missing is not None:
            return tuple((each.rows, each.observed) for each in self._missing.patterns)
        n, p = self.observations.shape
        return ((np.arange(n), np.arange(p)),)

    def _at(self, implied: ImpliedMoments) -> Evaluation:
        """The evaluation at a point, kept until another is asked for."""
        structure, kept = implied.structure, self._kept
        assert isinstance(structure, ModeratedStructure)
        if kept.get("structure") is not structure:
            kept.clear()
            kept.update(structure=structure, auxiliary=auxiliary(structure))
        if "theta" not in kept or not np.array_equal(kept["theta"], implied.theta):
            joined: Auxiliary = kept["auxiliary"]
            made = evaluation(joined, structure, _linear_part(implied), self.observations, self._patterns)
            kept.pop("hessian", None)
            kept.update(theta=np.array(implied.theta), evaluation=made)
        found: Evaluation = kept["evaluation"]
        return found


def casewise_scores_qml(discrepancy: QuasiLikelihood, implied: ImpliedMoments) -> FloatArray:
    """Derivatives of each row's quasi-log-likelihood, of shape (n, q).

    Parameters
    ----------
    discrepancy : QuasiLikelihood
        The rows of one group.
    implied : ModeratedMoments
        Where they are taken.
    """
    return discrepancy.casewise_scores(implied)


def _linear_part(implied: ImpliedMoments) -> ImpliedMoments:
    assert isinstance(implied, ModeratedMoments)
    return implied.linear
