"""What a regression of scores is asked and given, checked before it is run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference.moderated_regression import ObservedModerator, RegressionCovariance
from surveysem.number_formats import format_decimal
from surveysem.typing import IntArray

Centre: TypeAlias = Literal["mean", "z"]

_FEW_CLUSTERS = 40
_COLLINEAR = 1e-10


def check_options(
    data: pd.DataFrame,
    names: Sequence[str],
    *,
    covariance: str,
    cluster: str | None,
    centre: str | None,
    alpha: float,
    level: float,
) -> None:
    """Refuse options that make no sense, every problem told; see :func:`moderated_regression`."""
    if not isinstance(data, pd.DataFrame):
        raise DataError(f"The data must be a pandas DataFrame, not {type(data).__name__}.")
    twice = [name for name, count in Counter(names).items() if count > 1]
    problems = [
        Problem(where=f"variable {name}", found="it has two roles", remedy="Name each variable once.") for name in twice
    ]
    if covariance not in get_args(RegressionCovariance):
        remedy = f"Available: {', '.join(get_args(RegressionCovariance))}."
        problems.append(Problem(where="covariance", found=f"{covariance!r} is not offered", remedy=remedy))
    if (covariance == "cluster") != (cluster is not None):
        remedy = "Give both covariance='cluster' and cluster=, the column that names the cluster of each row."
        problems.append(Problem(where="cluster", found="only one of the two is given", remedy=remedy))
    if centre not in (None, *get_args(Centre)):
        remedy = "Use 'mean', 'z' or None."
        problems.append(Problem(where="centre", found=f"{centre!r} is not offered", remedy=remedy))
    problems += [
        Problem(where=name, found=repr(value), remedy="Give a number between 0 and 1.")
        for name, value in (("alpha", alpha), ("level", level))
        if not 0.0 < value < 1.0
    ]
    if problems:
        raise UnsupportedError("The regression cannot be run so.", problems)


def check_products(products: Sequence[str], variables: Sequence[str]) -> None:
    """Refuse products among the covariates that are not of two variables of the equation.

    Parameters
    ----------
    products : sequence of str
        Such as ``"x:w"``.
    variables : sequence of str
        Predictor, moderator and covariates.
    """
    problems = []
    for product in products:
        factors = product.split(":")
        absent = [name for name in dict.fromkeys(factors) if name not in variables]
        if len(factors) != 2:
            problems.append(Problem(where=f"covariate {product}", found="not two factors", remedy="Give two, as x:w."))
        elif absent:
            found = f"{' and '.join(absent)} not in the equation"
            problems.append(
                Problem(where=f"covariate {product}", found=found, remedy="Name the factors as covariates.")
            )
    if problems:
        raise UnsupportedError("The regression cannot be run so.", problems)


def check_rows(complete: pd.DataFrame, names: Sequence[str], *, n_products: int) -> None:
    """Refuse too few rows and constant variables.

    Parameters
    ----------
    complete : pandas.DataFrame
        Rows used.
    names : sequence of str
        Variables, the outcome among them.
    n_products : int
        Products of them in the equation.
    """
    needed = len(names) + n_products + 1
    if len(complete) < needed:
        found = f"{len(complete)} complete rows for {needed - 1} coefficients"
        problem = Problem(where="data", found=found, remedy=f"At least {needed} are needed, and many more wanted.")
        raise DataError("There are too few rows for the regression.", [problem])
    constant = [name for name in names if complete[name].nunique() < 2]
    if constant:
        remedy = "Leave it out: it explains nothing."
        problems = [Problem(where=f"variable {name}", found="one value only", remedy=remedy) for name in constant]
        raise DataError("The variables of the regression cannot be used.", problems)


def cluster_numbers(data: pd.DataFrame, rows: pd.Index, cluster: str) -> IntArray:
    """Number of each row's cluster, of shape (n,).

    Raises
    ------
    DataError
        When there is no such column, a name is missing, or there is one cluster.
    """
    if int((data.columns == cluster).sum()) != 1:
        absent = Problem(where=f"cluster={cluster!r}", found="not one column of this name", remedy="Name a column.")
        raise DataError("The rows cannot be clustered.", [absent])
    named = data[cluster].loc[rows]
    codes = pd.factorize(named)[0].astype(np.int64)
    problem: Problem | None = None
    if named.isna().any():
        found, remedy = f"{int(named.isna().sum())} missing", "Name a cluster for each row."
        problem = Problem(where=f"column {cluster}", found=found, remedy=remedy)
    elif codes.max() == 0:
        remedy = "Give at least two, or another covariance."
        problem = Problem(where=f"column {cluster}", found="one cluster", remedy=remedy)
    if problem:
        raise DataError("The rows cannot be clustered.", [problem])
    return codes


def check_rank(design: pd.DataFrame) -> None:
    """Refuse variables that others determine."""
    values = design.to_numpy() / np.linalg.norm(design.to_numpy(), axis=0)
    spread, directions = np.linalg.svd(values, full_matrices=False)[1:]
    if spread[-1] > _COLLINEAR * spread[0]:
        return
    names = [name for name, share in zip(design.columns, directions[-1], strict=True) if abs(share) > 0.01]
    problem = Problem(where=", ".join(names), found="each follows from the others", remedy="Leave one out.")
    raise DataError("The variables of the regression are collinear.", [problem])


def cluster_findings(clusters: IntArray | None) -> tuple[Finding, ...]:
    """How clusters were allowed for, and whether there are too few."""
    if clusters is None:
        return ()
    n_clusters = int(clusters.max()) + 1
    message = (
        f"{n_clusters} clusters: standard errors carry the correction G/(G − 1) · (n − 1)/(n − k), and tests have "
        f"{n_clusters - 1} degrees of freedom (CR1)."
    )
    if n_clusters < _FEW_CLUSTERS:
        message += (
            f" With fewer than about {_FEW_CLUSTERS} clusters such tests still reject too often (Cameron, Gelbach & "
            "Miller 2008)."
        )
    severity: Literal["note", "warning"] = "warning" if n_clusters < _FEW_CLUSTERS else "note"
    return (Finding(severity=severity, where="clusters", message=message),)


def check_unexplained(r_squared: float) -> None:
    """Refuse an outcome that the variables determine: nothing would be left to test with."""
    if r_squared > 1.0 - _COLLINEAR:
        problem = Problem(where="outcome", found="the other variables determine it", remedy="Look for a copied column.")
        raise DataError("The variables of the regression are collinear.", [problem])


def extrapolation_findings(
    moderator: ObservedModerator, at: Iterable[float], boundaries: Sequence[float]
) -> tuple[Finding, ...]:
    """Which values of the moderator that are reported on nobody has.

    Parameters
    ----------
    moderator : ObservedModerator
        Its values.
    at, boundaries : iterables of float
        Values of the simple slopes, and where significance changes.
    """
    lowest, highest = float(moderator.values.min()), float(moderator.values.max())
    named = {"simple slopes": at, "boundaries of significance": boundaries}
    outside = [name for name, values in named.items() if any(not lowest <= value <= highest for value in values)]
    if not outside:
        return ()
    message = (
        f"Observed values lie between {format_decimal(lowest)} and {format_decimal(highest)}; some "
        f"{' and '.join(outside)} lie beyond, where they are extrapolation."
    )
    return (Finding(severity="note", where=f"moderator {moderator.name}", message=message),)
