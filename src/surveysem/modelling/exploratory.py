"""Exploratory factor analysis for pilot data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, nan, sqrt
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import chi2

from surveysem.data.moments import sample_moments
from surveysem.data.ordinal import ordinal_moments
from surveysem.errors import DataError, EstimationError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.modelling.notebook_html import notebook_html
from surveysem.modelling.prepare import rows_left_out
from surveysem.modelling.rotation import ROTATIONS, RotatedFactors, Rotation, rotate
from surveysem.typing import FloatArray

Extraction: TypeAlias = Literal["minres", "ml"]

_SMALLEST, _LARGEST = 0.005, 1.0
"""Bounds of uniquenesses, as in R's ``factanal()``."""
_STATIONARY = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class ExploratoryFactors:
    """An exploratory factor solution.

    Parameters
    ----------
    loadings : pandas.DataFrame
        Pattern: items by factors.
    correlation : pandas.DataFrame
        Of the factors; the identity for orthogonal rotations.
    structure : pandas.DataFrame
        Correlations of items and factors.
    communalities, uniquenesses : pandas.Series
        By item.
    variance : pandas.DataFrame
        By factor: ss_loadings, proportion (of the items' variance) and cumulative.
    chi_square, degrees_of_freedom, p_value : float, int, float
        Bartlett-corrected likelihood-ratio test of the number of factors; NaN for minres.
    rmsr : float
        Root mean square of the residual correlations off the diagonal.
    n_obs : int
        Rows.
    method, rotation : str
        As asked for.
    findings : tuple of Finding
        Rows left out, uniquenesses at their bound.
    """

    loadings: pd.DataFrame
    correlation: pd.DataFrame
    structure: pd.DataFrame
    communalities: pd.Series
    uniquenesses: pd.Series
    variance: pd.DataFrame
    chi_square: float
    degrees_of_freedom: int
    p_value: float
    rmsr: float
    n_obs: int
    method: str
    rotation: str
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        tables = (table.round(3).to_string() for table in self._shown().values())
        return "\n\n".join([self._heading(), *tables, *map(str, self.findings)])

    def _repr_html_(self) -> str:
        return notebook_html(self._heading(), self._shown(), self.findings)

    def _heading(self) -> str:
        head = f"Exploratory factor analysis ({self.method}, {self.rotation}), n = {self.n_obs}"
        if isnan(self.chi_square):
            return head
        return f"{head}, χ²({self.degrees_of_freedom}) = {self.chi_square:.3f}, p = {self.p_value:.4f}"

    def _shown(self) -> dict[str, pd.DataFrame]:
        loadings = self.loadings.assign(communality=self.communalities)
        return {"Loadings": loadings, "Variance": self.variance, "Correlations of factors": self.correlation}


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemCorrelations:
    """Correlations of items and the complete rows they rest on.

    Parameters
    ----------
    items : tuple of str
        Names, *p* of them.
    correlation : array of shape (p, p)
        Product-moment, or polychoric where asked for.
    observations : array of shape (n, p)
        Complete rows.
    findings : tuple of Finding
        Rows left out, and remarks on ordered items.
    """

    items: tuple[str, ...]
    correlation: FloatArray
    observations: FloatArray
    findings: tuple[Finding, ...]

    @property
    def n_obs(self) -> int:
        """Complete rows, *n*."""
        return len(self.observations)


def item_correlations(data: pd.DataFrame, items: Sequence[str] = (), *, ordered: bool = False) -> ItemCorrelations:
    """Correlations of the complete rows of some columns, or of all.

    Raises
    ------
    DataError
        Lists absent, repeated, non-numeric or constant columns.
    """
    names = tuple(items) or tuple(str(name) for name in data.columns)
    absent = [name for name in names if name not in data.columns]
    if absent:
        problems = [Problem(where="items", found=f"no column {name!r}", remedy="Rename or add it.") for name in absent]
        raise DataError("The data lack items.", problems)
    frame = data[list(names)]
    complete = frame.dropna()
    notes = rows_left_out(len(complete), len(frame))
    moments = sample_moments(complete, names)
    if ordered:
        found = ordinal_moments(complete, names, names)
        return ItemCorrelations(
            items=names,
            correlation=found.correlation,
            observations=moments.observations,
            findings=(*notes, *found.findings),
        )
    deviations = np.sqrt(np.diag(moments.covariance))
    correlation = moments.covariance / np.outer(deviations, deviations)
    return ItemCorrelations(items=names, correlation=correlation, observations=moments.observations, findings=notes)


def efa(
    data: pd.DataFrame,
    n_factors: int,
    *,
    items: Sequence[str] = (),
    method: Extraction = "minres",
    rotation: Rotation = "oblimin",
    ordered: bool = False,
) -> ExploratoryFactors:
    """Exploratory factor analysis of items.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; rows with a missing answer are left out, and a finding says how many.
    n_factors : int
        Number of factors; see :func:`~surveysem.modelling.parallel_analysis.parallel_analysis`.
    items : sequence of str
        Columns; all by default.
    method : {"minres", "ml"}
        Least squares of the residual correlations, or maximum likelihood.
    rotation : {"oblimin", "promax", "varimax", "none"}
        See :func:`~surveysem.modelling.rotation.rotate`.
    ordered : bool
        Use polychoric correlations.

    Returns
    -------
    ExploratoryFactors

    Raises
    ------
    DataError
        When the columns cannot carry correlations.
    UnsupportedError
        For unknown options, or more factors than the correlations can tell.
    EstimationError
        When no minimum was found, or correlations are not positive definite under maximum likelihood.

    Notes
    -----
    Solutions are those of ``fa()`` of the R package psych (minres) and ``factanal()`` of R (ml). A factor structure
    found in a sample has to be confirmed in another one.

    References
    ----------
    harman_jones_1966, joreskog_1967, lawley_maxwell_1971

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> result = efa(data, 2, items=["y1", "y2", "y3", "y4", "x1", "x2", "x3"])
    >>> result.loadings["factor_1"].abs().round(2).tolist()
    [0.03, 0.09, 0.01, 0.1, 0.9, 0.97, 0.89]
    """
    sample = item_correlations(data, items, ordered=ordered)
    p = len(sample.items)
    degrees = ((p - n_factors) ** 2 - (p + n_factors)) // 2
    _check_options(n_factors, p, degrees, method, rotation)
    uniquenesses, discrepancy = _extract(sample.correlation, n_factors, method)
    unrotated = _loadings(sample.correlation, uniquenesses, n_factors, method)
    rotated = rotate(unrotated, rotation)
    correction = sample.n_obs - 1.0 - (2.0 * p + 5.0) / 6.0 - 2.0 * n_factors / 3.0
    chi_square = correction * discrepancy if method == "ml" and not ordered else nan
    residual = sample.correlation - unrotated @ unrotated.T
    return ExploratoryFactors(
        **_tables(sample.items, rotated, uniquenesses),
        chi_square=chi_square,
        degrees_of_freedom=degrees,
        p_value=float(chi2.sf(chi_square, degrees)) if degrees else nan,
        rmsr=sqrt(float((residual[np.tril_indices(p, -1)] ** 2).mean())),
        n_obs=sample.n_obs,
        method=method,
        rotation=rotation,
        findings=(*sample.findings, *_bound_findings(sample.items, uniquenesses)),
    )


def _check_options(n_factors: int, p: int, degrees: int, method: str, rotation: str) -> None:
    problems = []
    if method not in ("minres", "ml"):
        problems.append(Problem(where="method", found=repr(method), remedy="Use 'minres' or 'ml'."))
    if rotation not in ROTATIONS:
        problems.append(Problem(where="rotation", found=repr(rotation), remedy=f"Use one of {', '.join(ROTATIONS)}."))
    if not 1 <= n_factors < p or degrees < 0:
        remedy = (
            "Ask for at least one factor and fewer than the correlations can tell (degrees of freedom not negative)."
        )
        problems.append(Problem(where="n_factors", found=f"{n_factors} for {p} items", remedy=remedy))
    if problems:
        raise UnsupportedError("The factor analysis cannot be done.", problems)


def _extract(correlation: FloatArray, m: int, method: Extraction) -> tuple[FloatArray, float]:
    """Uniquenesses (p,) at the minimum of the discrepancy, and that minimum."""
    smallest = np.linalg.eigvalsh(correlation)[0]
    if smallest <= 1e-10 and method == "ml":
        raise EstimationError("The correlations are not positive definite. Use method='minres' or fewer items.")
    objective: Callable[..., tuple[float, FloatArray]] = _likelihood if method == "ml" else _least_squares
    start = (1.0 - 0.5 * m / len(correlation)) / np.diag(np.linalg.pinv(correlation))
    start = np.clip(start, _SMALLEST, _LARGEST)
    found = minimize(
        objective,
        start,
        args=(correlation, m),
        jac=True,
        method="L-BFGS-B",
        bounds=[(_SMALLEST, _LARGEST)] * len(correlation),
        options={"maxiter": 10_000, "maxfun": 100_000, "ftol": 1e-16, "gtol": 1e-9, "maxcor": 30},
    )
    value, slope = objective(found.x, correlation, m)
    inwards = np.where(found.x <= _SMALLEST, np.minimum(slope, 0.0), slope)
    inwards = np.where(found.x >= _LARGEST, np.maximum(inwards, 0.0), inwards)
    if np.abs(inwards).max() > _STATIONARY:
        raise EstimationError(
            f"The {m}-factor solution did not converge (largest slope {np.abs(inwards).max():.2g}). Try fewer factors."
        )
    return found.x, value


def _likelihood(uniquenesses: FloatArray, correlation: FloatArray, m: int) -> tuple[float, FloatArray]:
    """Discrepancy of maximum likelihood, the loadings at their best, and its gradient (p,)."""
    roots = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(correlation / np.outer(roots, roots))
    rest, own = values[:-m], vectors[:, :-m]
    slope = (own**2 * (1.0 - rest)).sum(axis=1) / uniquenesses
    return float((rest - np.log(rest) - 1.0).sum()), slope


def _least_squares(uniquenesses: FloatArray, correlation: FloatArray, m: int) -> tuple[float, FloatArray]:
    """Half the sum of squared residuals, the loadings at their best, and its gradient (p,)."""
    values, vectors = np.linalg.eigh(correlation - np.diag(uniquenesses))
    rest = values.copy()
    rest[-m:] = np.minimum(rest[-m:], 0.0)
    return float((rest**2).sum() / 2.0), -(vectors**2 * rest).sum(axis=1)


def _loadings(correlation: FloatArray, uniquenesses: FloatArray, m: int, method: Extraction) -> FloatArray:
    """Unrotated loadings (p, m), largest factor first."""
    roots = np.sqrt(uniquenesses)
    if method == "ml":
        values, vectors = np.linalg.eigh(correlation / np.outer(roots, roots))
        found = roots[:, None] * vectors[:, -m:] * np.sqrt(np.maximum(values[-m:] - 1.0, 0.0))
    else:
        values, vectors = np.linalg.eigh(correlation - np.diag(uniquenesses))
        found = vectors[:, -m:] * np.sqrt(np.maximum(values[-m:], 0.0))
    ordered: FloatArray = found[:, ::-1]
    return ordered


def _tables(items: Sequence[str], rotated: RotatedFactors, uniquenesses: FloatArray) -> dict[str, Any]:
    m = rotated.loadings.shape[1]
    names = [f"factor_{number}" for number in range(1, m + 1)]
    structure = rotated.loadings @ rotated.correlation
    communalities = (rotated.loadings * structure).sum(axis=1)
    sums = (rotated.loadings * structure).sum(axis=0)
    index = pd.Index(items, name="item")
    variance = {"ss_loadings": sums, "proportion": sums / len(items), "cumulative": np.cumsum(sums) / len(items)}
    return {
        "loadings": pd.DataFrame(rotated.loadings, index=index, columns=names),
        "correlation": pd.DataFrame(rotated.correlation, index=names, columns=names),
        "structure": pd.DataFrame(structure, index=index, columns=names),
        "communalities": pd.Series(communalities, index=index, name="communality"),
        "uniquenesses": pd.Series(uniquenesses, index=index, name="uniqueness"),
        "variance": pd.DataFrame(variance, index=pd.Index(names, name="factor")),
    }


def _bound_findings(items: Sequence[str], uniquenesses: FloatArray) -> tuple[Finding, ...]:
    bound = [name for name, value in zip(items, uniquenesses, strict=True) if value <= _SMALLEST * 1.0001]
    if not bound:
        return ()
    message = (
        f"The uniqueness of {', '.join(bound)} is at its lower bound, {_SMALLEST} (a Heywood case): too many "
        "factors, too few items of a factor, or too few respondents."
    )
    return (Finding(severity="serious", where="exploratory factor analysis", message=message),)
