"""Tests that latent variables are distinct."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.inference import Fit
from surveysem.inference.measurement import factor_correlations
from surveysem.modelling.measurement_alternatives import difference_test
from surveysem.modelling.measurement_models import (
    FitOptions,
    attempt,
    check_first_order,
    check_names,
    indicators,
    measurement_statements_of,
    merged,
    unit_scaled,
    with_covariance,
)
from surveysem.specification import Statement
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
        "merged" …), chisq, df, chisq_diff, df_diff, p_value, conclusion ("distinct": the test is significant and the
        estimate nearer to 0 than the cut-off; "not distinct"; "no test") and finding.

    Raises
    ------
    UnsupportedError
        For a second-order model, or fewer than two latent variables.

    Notes
    -----
    As ``discriminantValidity()`` of the R package semTools, with ``merge = TRUE`` for merged factors. Merging holds the
    correlations with all other latent variables equal as well, so that it may be rejected where the two are one but for
    these (Rönkkö & Cho 2022 prefer the fixed correlation).

    References
    ----------
    ronkko_cho_2022

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
    options = FitOptions(estimator=estimator, missing=missing, ordered=ordered)
    free = options.fit(statements, data, unit_variances=True)
    rows = []
    wanted = {frozenset(pair) for pair in pairs}
    check_names([name for pair in pairs for name in pair], indicators(statements))
    for pair in factor_correlations(free, level=1.0 - alpha).to_dict("records"):
        if wanted and frozenset((pair["first"], pair["second"])) not in wanted:
            continue
        first, second, estimate = str(pair["first"]), str(pair["second"]), float(pair["estimate"])
        known = {name: pair[name] for name in ("first", "second", "estimate", "ci_lower", "ci_upper", "problem")}
        restrictions = {
            f"fixed to {cutoff:g}": (with_covariance(statements, first, second, cutoff * np.sign(estimate)), cutoff)
            for cutoff in cutoffs
        } | {"merged": (merged(statements, first, second), 1.0)}
        for name, (restricted, cutoff) in restrictions.items():
            rows.append(known | _restriction(name, restricted, free, data, options, cutoff, estimate, alpha))
    return pd.DataFrame(rows)


def _restriction(
    name: str,
    restricted: tuple[Statement, ...],
    free: Fit,
    data: pd.DataFrame,
    options: FitOptions,
    cutoff: float,
    estimate: float,
    alpha: float,
) -> dict[str, object]:
    fit, findings = attempt(restricted, data, options, where=name, unit_variances=True)
    if fit is None:
        nothing = dict.fromkeys(("chisq", "df", "chisq_diff", "df_diff", "p_value"), float("nan"))
        return {"restriction": name, **nothing, "conclusion": "no test", "finding": findings[0].message}
    test = difference_test(fit, free)
    p_value = float(test["p_value"])  # type: ignore[arg-type]
    is_distinct = p_value < alpha and abs(estimate) < cutoff
    conclusion = "no test" if np.isnan(p_value) else "distinct" if is_distinct else "not distinct"
    kept = {key: test[key] for key in ("chisq_diff", "df_diff", "p_value")}
    own: dict[str, object] = {"restriction": name, "chisq": fit.fit_indices["chisq"], "df": fit.fit_indices["df"]}
    return {**own, **kept} | {"conclusion": conclusion, "finding": test["finding"]}
