"""Effects of a fitted study or model."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from surveysem.inference import Fit
from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.effects import ALL_KINDS, EffectKind, effects_table
from surveysem.study.result import StudyResult


def effects(
    fit: Fit | StudyResult,
    *,
    kinds: Sequence[EffectKind] = ALL_KINDS,
    predictor: str | None = None,
    outcome: str | None = None,
    bootstrap: Bootstrap | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Direct, specific indirect, total indirect and total effects, plain and standardised, with intervals.

    Parameters
    ----------
    fit : Fit or StudyResult
        A fitted model with regressions; of a result, its structural model and its bootstrap.
    kinds : sequence of {"direct", "specific", "indirect", "total"}
        Which effects: of an arrow alone; along one route through other variables; along all such routes together;
        altogether.
    predictor, outcome : str, optional
        Only effects of, or on, one variable; a product of two is named ``x:z``.
    bootstrap : Bootstrap, optional
        Of this fit: standard errors, intervals and p are then the bootstrap's, of its kind and level. By default
        they come from the delta method, robust where the estimator is.
    level : float
        Confidence level of the delta method.

    Returns
    -------
    pandas.DataFrame
        One row an effect: predictor, outcome, effect (its kind), through (the mediators of a specific effect),
        estimate, std_error, z, p_value, ci_lower, ci_upper and the same of the standardised effect: std_estimate,
        std_std_error … With a bootstrap n_draws in place of z: replicates in which the effect exists. ``group`` comes
        first where there are several groups.

    Raises
    ------
    UnsupportedError
        For unknown options, variables without effects, and BCa intervals under least squares.
    EstimationError
        When effects feed back so strongly that their sum has no limit.
    DataError
        When the bootstrap is of another fit.

    Notes
    -----
    With B the direct effects, total effects are (I − B)⁻¹ − I and indirect ones that less B. In models with feedback
    this is the sum of all rounds, which has a limit if all eigenvalues of B lie within the unit circle; routes of
    specific effects pass no variable twice, so that they do not add up to it. Standardised effects are the same
    functions of standardised paths. Beside a latent interaction, effects of its factors hold where the other factor is
    at its mean; the effect of the product says how they change. A loading counts as an arrow where its indicator
    predicts something itself.

    References
    ----------
    bollen_1987, sobel_1986

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> model = "i =~ x1 + x2 + x3; d =~ y1 + y2 + y3 + y4; e =~ y5 + y6 + y7 + y8; d ~ i; e ~ i + d"
    >>> table = ss.effects(ss.sem(model, data), predictor="i", outcome="e")
    >>> table[["effect", "through", "std_estimate"]].round(2)
         effect through  std_estimate
    0    direct                  0.15
    1  specific       d          0.41
    2  indirect                  0.41
    3     total                  0.55
    """
    if isinstance(fit, StudyResult):
        bootstrap, fit = bootstrap or fit.bootstrap, fit.structural
    return effects_table(fit, kinds=kinds, predictor=predictor, outcome=outcome, bootstrap=bootstrap, level=level)
