"""A model fitted to multiply imputed data sets, pooled by Rubin's rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from surveysem.data.missing import missing_patterns, saturated_moments
from surveysem.data.missing.augmentation import Imputations, impute_normal
from surveysem.errors import DataError, EstimationError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.pooled_tests import PooledFitTests, pooled_fit_indices, pooled_fit_tests
from surveysem.inference.pooling import pool_estimates
from surveysem.modelling.sem import sem
from surveysem.specification import parse_syntax
from surveysem.specification.moderation import latent_products
from surveysem.specification.roles import variable_roles
from surveysem.typing import FloatArray

_ESTIMATORS = ("ML", "MLR", "MLM")
_DEPENDENT = 0.3  # autocorrelation of draws between imputations that is told of
_IDENTITY = ["lhs", "op", "rhs", "block", "group", "label", "free"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ImputedFit:
    """A model fitted to several imputed data sets.

    Parameters
    ----------
    fits : tuple of Fit
        One an imputed data set.
    tests : PooledFitTests
        D₃ of the model and of independence, D₂ of the model.
    n_missing : int
        Values imputed in each data set.
    findings : tuple of Finding
        What was noticed: rows left out, dependent imputations, inadmissible solutions.
    """

    fits: tuple[Fit, ...]
    tests: PooledFitTests
    n_missing: int
    findings: tuple[Finding, ...]

    @property
    def n_imputations(self) -> int:
        """Imputed data sets, *m*."""
        return len(self.fits)

    @property
    def n_obs(self) -> int:
        """Rows of each, *n*."""
        return self.fits[0].n_obs

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """Pooled parameters: estimate, std_error, df, t, p_value, interval, fmi, riv, std_lv, std_all.

        ``df`` are Barnard and Rubin's degrees of freedom, with *n* less the number of parameters for complete data;
        ``fmi`` is the fraction of missing information, ``riv`` the relative increase in variance. Standardised values
        are means over imputations.
        """
        return _pooled_table(self.fits)

    @cached_property
    def fit_indices(self) -> Mapping[str, float]:
        """Fit indices from the pooled test, under lavaan's names."""
        return pooled_fit_indices(self.fits, self.tests)

    def __repr__(self) -> str:
        test = self.tests.model
        head = f"ImputedFit: {self.n_imputations} imputations of {self.n_missing} values, n = {self.n_obs}"
        if test is not None:
            ratio = f"D₃ = {test.statistic:.3f} on {test.degrees_of_freedom} and "
            head += f", {ratio}{test.denominator_degrees_of_freedom:.1f} df, p = {test.p_value:.3f}"
        columns = ["lhs", "op", "rhs", "estimate", "std_error", "df", "p_value", "fmi", "std_all"]
        lines = [head, *(str(each) for each in self.findings)]
        return "\n".join([*lines, self.estimates[columns].to_string(index=False, float_format="{:.3f}".format)])


def fit_imputed(
    syntax: str,
    data: pd.DataFrame,
    *,
    n_imputations: int = 20,
    seed: int,
    estimator: str = "ML",
    group: str | None = None,
    auxiliary: Sequence[str] = (),
    burn_in: int = 200,
    spacing: int = 100,
    **options: object,
) -> ImputedFit:
    """A model fitted to multiply imputed data, with estimates, standard errors and the test of fit pooled.

    Parameters
    ----------
    syntax : str
        The model in lavaan's syntax.
    data : pandas.DataFrame
        One row a respondent; NaN where an answer is missing.
    n_imputations : int
        Imputed data sets, *m*.
    seed : int
        The same seed gives the same imputations.
    estimator : {"ML", "MLR", "MLM"}
        As for :func:`~surveysem.modelling.sem.sem`.
    group : str, optional
        Column whose values part the rows into groups; each is imputed by itself.
    auxiliary : sequence of str
        Columns outside the model that tell something about missing values or why they are missing.
    burn_in, spacing : int
        Steps of the chain before the first imputation, and between two.
    **options : object
        Further options of :func:`~surveysem.modelling.sem.sem`, such as ``group_equal`` or ``cluster``.

    Raises
    ------
    UnsupportedError
        For ordered variables, latent products and products of columns, which normal imputations would distort.
    DataError
        When nothing is missing, or what there is cannot carry the imputation.
    EstimationError
        When the model cannot be fitted to one of the imputed data sets.

    Notes
    -----
    Values are drawn by data augmentation under the multivariate normal model of all observed variables (Schafer 1997),
    so imputed answers are not whole numbers; rounding them would bias the estimates. The estimates agree with those of
    ``missing="fiml"`` but for simulation error where there are no auxiliary variables.

    References
    ----------
    rubin_1987, schafer_1997, barnard_rubin_1999, meng_rubin_1992

    Examples
    --------
    >>> import surveysem as ss
    >>> frame = ss.load_study("political_democracy").bundled_data()
    >>> frame.loc[:9, "y2"] = np.nan
    >>> fit = ss.fit_imputed("dem60 =~ y1 + y2 + y3 + y4", frame, n_imputations=5, seed=1)
    >>> fit.n_missing, bool(fit.estimates["fmi"].max() > 0)
    (10, True)
    """
    variables = _checked(syntax, data, estimator, options)
    columns = list(dict.fromkeys([*variables, *auxiliary]))
    rng = np.random.default_rng(seed)
    completed, findings = _completed(data, columns, group, rng, (n_imputations, burn_in, spacing))
    fits = _fitted(syntax, completed, {"estimator": estimator, "group": group, **options})
    n_missing = int(data.loc[completed[0].index, columns].isna().sum().sum())
    tests = pooled_fit_tests(fits)
    return ImputedFit(
        fits=fits, tests=tests, n_missing=n_missing, findings=(*findings, *_noticed(fits), *_bounded(tests))
    )


def _checked(syntax: str, data: pd.DataFrame, estimator: str, options: Mapping[str, object]) -> tuple[str, ...]:
    """Observed variables of the model."""
    if not isinstance(data, pd.DataFrame):
        raise DataError(f"The data must be a pandas DataFrame, not {type(data).__name__}.")
    if estimator not in _ESTIMATORS:
        raise UnsupportedError(f"estimator={estimator!r} cannot be pooled. Available: {', '.join(_ESTIMATORS)}.")
    for name in ("ordered", "missing"):
        if options.get(name):
            raise UnsupportedError(f"fit_imputed takes no {name}: missing values are imputed as normal variables.")
    statements = parse_syntax(syntax)
    observed = () if latent_products(statements) else variable_roles(statements).observed
    if not observed or any(":" in name for name in observed):
        raise UnsupportedError(
            "Products of variables are not available with imputation: imputations that know nothing of an interaction "
            "shrink it. Use missing='fiml'."
        )
    return observed


def _completed(
    data: pd.DataFrame, columns: list[str], group: str | None, rng: np.random.Generator, chain: tuple[int, int, int]
) -> tuple[list[pd.DataFrame], list[Finding]]:
    """Imputed data sets, each group imputed by itself."""
    if group is not None and group not in data:
        problem = Problem(where=group, found="no such column", remedy="Name the grouping column.")
        raise DataError("There is no grouping variable.", [problem])
    parts = [data] if group is None else [part for _, part in data.groupby(group, sort=False)]
    imputed = [_imputed_part(part, columns, rng, chain) for part in parts]
    findings = _about_chains([each for _, each, _ in imputed], sum(empty for _, _, empty in imputed), len(data))
    if not any(part.loc[rows, columns].isna().any().any() for part, (rows, _, _) in zip(parts, imputed, strict=True)):
        raise DataError("Nothing is missing, so there is nothing to impute. Use sem().")
    order = data.index[data.index.isin(np.concatenate([np.asarray(rows) for rows, _, _ in imputed]))]
    frames = []
    for number in range(chain[0]):
        filled = [pd.DataFrame(each.values[number], index=rows, columns=columns) for rows, each, _ in imputed]
        frame = data.loc[order].copy()
        frame[columns] = pd.concat(filled).loc[order, columns]
        frames.append(frame)
    return frames, findings


def _imputed_part(
    part: pd.DataFrame, columns: list[str], rng: np.random.Generator, chain: tuple[int, int, int]
) -> tuple[pd.Index, Imputations, int]:
    missing = missing_patterns(part, columns)
    n_imputations, burn_in, spacing = chain
    drawn = impute_normal(
        missing, saturated_moments(missing), n_imputations=n_imputations, rng=rng, burn_in=burn_in, spacing=spacing
    )
    return part.index[missing.kept_rows], drawn, missing.n_empty


def _about_chains(imputations: Sequence[Imputations], n_empty: int, n_rows: int) -> list[Finding]:
    findings = []
    if n_empty:
        message = f"{n_empty} of {n_rows} rows have no value of these variables and were left out."
        findings.append(Finding(severity="warning", where="imputation", message=message))
    strongest = max(each.autocorrelation for each in imputations)
    if strongest > _DEPENDENT:
        message = (
            f"Imputations depend on each other: parameters drawn one imputation apart correlate by up to "
            f"{strongest:.2f}. Raise spacing."
        )
        findings.append(Finding(severity="warning", where="imputation", message=message))
    return findings


def _fitted(syntax: str, frames: Sequence[pd.DataFrame], options: Mapping[str, object]) -> tuple[Fit, ...]:
    fits, problems = [], []
    for number, frame in enumerate(frames, start=1):
        try:
            fits.append(sem(syntax, frame, **options))  # type: ignore[arg-type]
        except EstimationError as error:
            remedy = "Simplify the model, or look at the variables with most missing values."
            problems.append(Problem(where=f"imputation {number}", found=error.message, remedy=remedy))
    if problems:
        raise EstimationError(
            f"The model could not be fitted to {len(problems)} of {len(frames)} imputed data sets.", problems
        )
    return tuple(fits)


def _noticed(fits: Sequence[Fit]) -> list[Finding]:
    """Findings of the fits, each once, with the number of imputations it was made in."""
    counts = Counter((each.severity, each.where) for fit in fits for each in dict.fromkeys(fit.findings))
    first = {(each.severity, each.where): each for fit in reversed(fits) for each in reversed(fit.findings)}
    return [
        Finding(
            severity=finding.severity,
            where=finding.where,
            message=f"In {counts[key]} of {len(fits)} imputations: {finding.message}",
        )
        for key, finding in first.items()
    ]


def _bounded(tests: PooledFitTests) -> list[Finding]:
    if not any(test is not None and test.bounded for test in (tests.model, tests.baseline)):
        return []
    message = "An estimate of the relative increase in variance was negative and counts as 0; draw more imputations."
    return [Finding(severity="note", where="pooled test", message=message)]


def _pooled_table(fits: Sequence[Fit]) -> pd.DataFrame:
    tables = [fit.estimates for fit in fits]
    first = tables[0]
    pooled = pool_estimates(
        _stacked(tables, "estimate"),
        _stacked(tables, "std_error"),
        complete_df=float(fits[0].n_obs - fits[0].table.n_free),
    )
    estimated = (first["free"] > 0) | (first["op"] == ":=")
    error = np.where(estimated, pooled.std_errors, 0.0)
    df, fmi, riv = (
        np.where(estimated, each, np.nan)
        for each in (pooled.degrees_of_freedom, pooled.missing_information, pooled.relative_increase)
    )
    tested = np.where(estimated & (error > 0), error, np.nan)
    t = pooled.estimates / tested
    half = stdtrit(df, 0.975) * tested
    columns = {
        "estimate": pooled.estimates,
        "std_error": error,
        "df": df,
        "t": t,
        "p_value": 2.0 * stdtr(df, -np.abs(t)),
        "ci_lower": pooled.estimates - half,
        "ci_upper": pooled.estimates + half,
        "fmi": fmi,
        "riv": riv,
        "std_lv": _stacked(tables, "std_lv").mean(axis=0),
        "std_all": _stacked(tables, "std_all").mean(axis=0),
    }
    return first[_IDENTITY].assign(**columns)


def _stacked(tables: Sequence[pd.DataFrame], column: str) -> FloatArray:
    stacked: FloatArray = np.array([table[column].to_numpy(dtype=np.float64) for table in tables])
    return stacked
