"""Tests that latent variables are distinct."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveysem.errors import EstimationError, IdentificationError, UnsupportedError
from surveysem.estimation import Solution, estimate_model
from surveysem.inference import Fit
from surveysem.inference.comparison import UNTESTED, solution_difference_test
from surveysem.inference.indices.statistics import ChiSquare, model_statistic
from surveysem.inference.measurement import factor_correlations
from surveysem.modelling.measurement_models import (
    UNIT_VARIANCES,
    FitOptions,
    check_first_order,
    check_names,
    indicators,
    measurement_statements_of,
    merged,
    unit_scaled,
    with_covariance,
)
from surveysem.specification import Statement, parameter_table
from surveysem.typing import EstimatorName


def discriminant_validity(
    syntax: str,
    data: pd.DataFrame,
    *,
    cutoffs: Sequence[float] = (1.0, 0.9),
    pairs: Sequence[tuple[str, str]] = (),
    alpha: float = 0.05,
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
    ordered: Sequence[str] | bool = (),
) -> pd.DataFrame:
    """Tests that latent variables are distinct: correlations fixed to cut-offs, and pairs of factors merged into one.

    Parameters
    ----------
    syntax : str
        A model in lavaan's syntax; its measurement part is used.
    data : pandas.DataFrame
        One row a respondent.
    cutoffs : sequence of float
        Correlations to fix to, with the sign of the estimate: χ²(1) and χ²(.9) by default.
    pairs : sequence of (str, str)
        Pairs of latent variables to test; all by default, which takes three fits a pair.
    alpha : float
        Level of the tests.
    estimator, missing, ordered
        As of :func:`surveysem.sem`.

    Returns
    -------
    pandas.DataFrame
        Columns first, second, estimate, ci_lower, ci_upper (1 − *alpha*), problem (see
        :func:`~surveysem.inference.measurement.factor_correlations.discriminant_problem`), restriction ("fixed to .9",
        "merged" …), chisq, df, chisq_diff, df_diff, p_value, method (name of the test), conclusion
        ("distinct": the test is significant and the estimate nearer to 0 than the cut-off; "not distinct"; "no test")
        and finding.

    Raises
    ------
    UnsupportedError
        For a second-order model, or fewer than two latent variables.

    Notes
    -----
    As ``discriminantValidity()`` of the R package semTools, with ``merge = TRUE`` for merged factors. Merging holds the
    correlations with all other latent variables equal as well, so that it may be rejected where the two are one but for
    these (Rönkkö & Cho 2022 prefer the fixed correlation).

    Restrictions far from the data, such as one factor for two that hardly correlate, can have several minima. The
    search begins at the estimates of the unrestricted model, second loadings turned by the sign of the correlation,
    which led to the lower one wherever this was compared with guesses from the moments.

    Under MLR and MLM the difference is Satorra and Bentler's (2001), as in semTools. So far from the data its scaling
    factor is often negative; the test is then Satorra's (2000), and the finding says so. (That of Satorra and Bentler
    (2010) is no way out under MLR: observed information at the restricted estimates is seldom positive definite there.)

    References
    ----------
    ronkko_cho_2022, satorra_bentler_2001, satorra_2000

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> table = discriminant_validity("dem60 =~ y1 + y2 + y3 + y4; dem65 =~ y5 + y6 + y7 + y8", data)
    >>> table["restriction"].tolist()
    ['fixed to 1', 'fixed to 0.9', 'merged']
    """
    statements = unit_scaled(measurement_statements_of(syntax))
    check_first_order(statements, "A test of discriminant validity")
    if len(indicators(statements)) < 2:
        raise UnsupportedError("The model has one latent variable; discriminant validity takes two or more.")
    check_names([name for pair in pairs for name in pair], indicators(statements))
    options = FitOptions(estimator=estimator, missing=missing, ordered=ordered)
    free = options.fit(statements, data, unit_variances=True)
    if free.estimator in UNTESTED:
        raise UnsupportedError(
            f"estimator={free.estimator!r} has no difference test. Use {UNTESTED[free.estimator]}, whose estimates are "
            "the same."
        )
    larger = _Larger(fit=free, statistic=model_statistic(free.solution, free.estimator))
    wanted = {frozenset(pair) for pair in pairs}
    rows = []
    for pair in factor_correlations(free, level=1.0 - alpha).to_dict("records"):
        first, second, estimate = str(pair["first"]), str(pair["second"]), float(pair["estimate"])
        if wanted and frozenset((first, second)) not in wanted:
            continue
        known = {name: pair[name] for name in ("first", "second", "estimate", "ci_lower", "ci_upper", "problem")}
        for name, (restricted, cutoff) in _restrictions(statements, first, second, cutoffs, estimate).items():
            start = _merged_start(free, first, second, estimate) if name == _MERGED else _start(free)
            found = _tested(restricted, larger, start)
            is_distinct = float(found["p_value"]) < alpha and abs(estimate) < cutoff  # type: ignore[arg-type]
            untested = np.isnan(found["p_value"])  # type: ignore[call-overload]
            conclusion = "no test" if untested else "distinct" if is_distinct else "not distinct"
            rows.append({**known, "restriction": name, **found, "conclusion": conclusion, "finding": found["finding"]})
    return pd.DataFrame(rows)


_MERGED = "merged"


@dataclass(frozen=True, kw_only=True)
class _Larger:
    """The model with free correlations."""

    fit: Fit
    statistic: ChiSquare


def _restrictions(
    statements: tuple[Statement, ...], first: str, second: str, cutoffs: Sequence[float], estimate: float
) -> dict[str, tuple[tuple[Statement, ...], float]]:
    """Restricted models of one pair by name, each with the cut-off it stands for."""
    return {
        f"fixed to {cutoff:g}": (with_covariance(statements, first, second, cutoff * np.sign(estimate)), cutoff)
        for cutoff in cutoffs
    } | {_MERGED: (merged(statements, first, second), 1.0)}


def _start(free: Fit) -> dict[str, float]:
    """Estimates of the free model by name."""
    return dict(zip(free.table.free_names, free.solution.theta.tolist(), strict=True))


def _merged_start(free: Fit, first: str, second: str, estimate: float) -> dict[str, float]:
    """Loadings on the second latent variable, with the sign of the correlation, as loadings on the first."""
    values, marker = _start(free), f"{second}=~"
    moved = {
        f"{first}=~{name.removeprefix(marker)}": float(np.sign(estimate)) * value
        for name, value in values.items()
        if name.startswith(marker)
    }
    return values | moved


def _tested(restricted: Sequence[Statement], larger: _Larger, start: Mapping[str, float]) -> dict[str, object]:
    """Statistic of a restricted model and its difference test, or why there is none.

    The model is fitted to the moments that the free model was fitted to, beginning at the free model's estimates; only
    what the test needs is computed.
    """
    try:
        solution = _restricted_solution(restricted, larger.fit, start)
        statistic = model_statistic(solution, larger.fit.estimator)
        test = solution_difference_test(solution, statistic, larger.fit, larger.statistic)
    except (EstimationError, IdentificationError) as error:
        nothing = dict.fromkeys(("chisq", "df", "chisq_diff", "df_diff", "p_value"), float("nan")) | {"method": ""}
        told = " ".join([error.message, *(f"{each.where}: {each.found}." for each in error.problems)])
        return {**nothing, "finding": f"The model has no solution. {told}"}
    own: dict[str, object] = {"chisq": statistic.plain, "df": statistic.degrees_of_freedom}
    return own | {name: test[name] for name in ("chisq_diff", "df_diff", "p_value", "method", "finding")}


def _restricted_solution(restricted: Sequence[Statement], fit: Fit, start: Mapping[str, float]) -> Solution:
    free = fit.solution
    thresholds = Counter(row.lhs for row in free.table if row.op == "|")
    table = parameter_table(
        restricted,
        UNIT_VARIANCES,
        means=free.table.has_means,
        categories={name: count + 1 for name, count in thresholds.items()},
    )
    if table.observed != free.table.observed:
        raise ValueError("a restriction of latent variables must leave the order of the items alone")
    guesses = np.array([start.get(name, np.nan) for name in table.free_names])
    return estimate_model(
        table,
        free.problem.samples,
        discrepancies=free.problem.discrepancies,
        start=None if np.isnan(guesses).any() else guesses,
    )
