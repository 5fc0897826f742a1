"""Parallel analysis: how many factors stand out from chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from surveysem.errors import EstimationError, UnsupportedError
from surveysem.findings import Finding
from surveysem.modelling.exploratory import ItemCorrelations, item_correlations
from surveysem.modelling.notebook_html import notebook_html
from surveysem.typing import FloatArray

Null: TypeAlias = Literal["normal", "permutation"]

_AT_ONCE = 2_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class ParallelAnalysis:
    """Eigenvalues of the items beside those of unrelated variables.

    Parameters
    ----------
    table : pandas.DataFrame
        By rank: components and factors (eigenvalues of the correlations, and of these with squared multiple
        correlations on the diagonal), each with the mean and the percentile of the random samples.
    n_components, n_factors : int
        Leading eigenvalues above the percentile.
    percentile : float
        The percentile used.
    n_samples, seed, n_obs : int
        Random samples, their seed, and rows of the data.
    null : str
        What the random samples are.
    findings : tuple of Finding
        Rows left out; disagreement of the two numbers.
    """

    table: pd.DataFrame
    n_components: int
    n_factors: int
    percentile: float
    n_samples: int
    seed: int
    n_obs: int
    null: str
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        head = f"Parallel analysis ({self._samples})"
        return "\n\n".join([head, self.table.round(3).to_string(), self._decision, *map(str, self.findings)])

    def _repr_html_(self) -> str:
        return notebook_html(f"Parallel analysis. {self._decision}", {self._samples: self.table}, self.findings)

    @property
    def _decision(self) -> str:
        return f"Components: {self.n_components}; common factors: {self.n_factors}"

    @property
    def _samples(self) -> str:
        return f"{self.n_samples} {self.null} samples, percentile {self.percentile:g}, n = {self.n_obs}"


def parallel_analysis(
    data: pd.DataFrame,
    *,
    items: Sequence[str] = (),
    n_samples: int = 1000,
    percentile: float = 95.0,
    null: Null = "normal",
    seed: int,
) -> ParallelAnalysis:
    """Horn's parallel analysis, of principal components and of common factors.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; rows with a missing answer are left out.
    items : sequence of str
        Columns; all by default.
    n_samples : int
        Random samples.
    percentile : float
        Of the random eigenvalues; the mean is given as well.
    null : {"normal", "permutation"}
        Independent normal variables, or each item's own answers shuffled among the rows.
    seed : int
        The same seed gives the same samples.

    Returns
    -------
    ParallelAnalysis

    Raises
    ------
    DataError
        When the columns cannot carry correlations.
    UnsupportedError
        For unknown options.
    EstimationError
        When the correlations are not positive definite.

    Notes
    -----
    Correlations of *n* independent normal rows are those of a Wishart matrix with n − 1 degrees of freedom, which is
    drawn itself. Eigenvalues count from the largest on, up to the first that is not above the percentile. Components
    tend to find too few factors where these correlate, reduced correlations too many where rows are many: weigh both
    against theory.

    References
    ----------
    horn_1965, humphreys_montanelli_1975, glorfeld_1995

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> parallel_analysis(data, seed=1, n_samples=200).n_components
    2
    """
    problems = [
        text
        for wrong, text in (
            (null not in ("normal", "permutation"), f"null={null!r} is not offered; use 'normal' or 'permutation'"),
            (not 0.0 < percentile < 100.0, f"percentile={percentile} is not between 0 and 100"),
            (n_samples < 50, f"n_samples={n_samples} is too few; use 50 or more"),
        )
        if wrong
    ]
    if problems:
        raise UnsupportedError(f"The parallel analysis cannot be done: {'; '.join(problems)}.")
    sample = item_correlations(data, items)
    observed = {name: values[0] for name, values in eigenvalues(sample.correlation[None]).items()}
    random = _random_eigenvalues(sample, n_samples, null, np.random.default_rng(seed))
    columns: dict[str, FloatArray] = {}
    counts = {}
    for kind in ("components", "factors"):
        limit = np.percentile(random[kind], percentile, axis=0)
        columns |= {kind: observed[kind], f"{kind}_mean": random[kind].mean(axis=0), f"{kind}_percentile": limit}
        counts[kind] = _leading(observed[kind] > limit)
    index = pd.RangeIndex(1, len(sample.items) + 1, name="rank")
    return ParallelAnalysis(
        table=pd.DataFrame(columns, index=index),
        n_components=counts["components"],
        n_factors=counts["factors"],
        percentile=percentile,
        n_samples=n_samples,
        seed=seed,
        n_obs=sample.n_obs,
        null=null,
        findings=(*sample.findings, *_disagreement(counts)),
    )


def eigenvalues(correlations: FloatArray) -> dict[str, FloatArray]:
    """Eigenvalues, largest first, of correlation matrices (b, p, p) and of these reduced: arrays of shape (b, p).

    The reduced ones ("factors") have squared multiple correlations on the diagonal.

    Raises
    ------
    EstimationError
        When a correlation matrix is singular.

    Examples
    --------
    >>> found = eigenvalues(np.array([[[1.0, 0.5], [0.5, 1.0]]]))
    >>> found["components"].round(2).tolist(), found["factors"].round(2).tolist()
    ([[1.5, 0.5]], [[0.75, -0.25]])
    """
    try:
        inverse = np.linalg.inv(correlations)
    except np.linalg.LinAlgError:
        raise EstimationError("The correlations are singular: some items are combinations of others.") from None
    reduced = correlations.copy()
    at = np.arange(correlations.shape[-1])
    reduced[:, at, at] = 1.0 - 1.0 / inverse[:, at, at]
    return {
        "components": np.linalg.eigvalsh(correlations)[:, ::-1].astype(np.float64),
        "factors": np.linalg.eigvalsh(reduced)[:, ::-1].astype(np.float64),
    }


def _random_eigenvalues(
    sample: ItemCorrelations, n_samples: int, null: Null, rng: np.random.Generator
) -> dict[str, FloatArray]:
    p = len(sample.items)
    size = max(1, _AT_ONCE // (p * (p if null == "normal" else sample.n_obs)))
    parts = []
    for first in range(0, n_samples, size):
        number = min(size, n_samples - first)
        if null == "normal":
            covariances = _wishart(number, sample.n_obs - 1, p, rng)
        else:
            covariances = _shuffled(number, sample.observations, rng)
        deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
        parts.append(eigenvalues(covariances / (deviations[:, :, None] * deviations[:, None, :])))
    return {kind: np.concatenate([part[kind] for part in parts]) for kind in ("components", "factors")}


def _wishart(number: int, degrees: int, p: int, rng: np.random.Generator) -> FloatArray:
    """Wishart matrices (b, p, p) with identity scale, by Bartlett's decomposition."""
    root = np.tril(rng.standard_normal((number, p, p)), -1)
    at = np.arange(p)
    root[:, at, at] = np.sqrt(rng.chisquare(degrees - at, size=(number, p)))
    products: FloatArray = root @ root.transpose(0, 2, 1)
    return products


def _shuffled(number: int, observations: FloatArray, rng: np.random.Generator) -> FloatArray:
    centred = observations - observations.mean(axis=0)
    shuffled = rng.permuted(np.broadcast_to(centred, (number, *centred.shape)), axis=1)
    products: FloatArray = shuffled.transpose(0, 2, 1) @ shuffled
    return products


def _leading(above: np.ndarray) -> int:
    return int(np.argmin(above)) if not above.all() else len(above)


def _disagreement(counts: dict[str, int]) -> tuple[Finding, ...]:
    if counts["components"] == counts["factors"]:
        return ()
    message = (
        f"Components suggest {counts['components']}, common factors {counts['factors']}: compare the solutions and "
        "weigh them against theory."
    )
    return (Finding(severity="note", where="parallel analysis", message=message),)
