"""The Johnson–Neyman technique: for which values of the moderator a slope differs from zero."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import inf, isinf, nan
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from surveysem.errors import UnsupportedError
from surveysem.inference.fit import Fit
from surveysem.inference.probing.group import Points, ProbedGroup, check_interaction, chosen_group
from surveysem.inference.probing.scores import respondent_values
from surveysem.inference.probing.slopes import slope
from surveysem.inference.probing.uncertainty import derivatives
from surveysem.inference.probing.values import standard_deviation
from surveysem.number_formats import format_decimal
from surveysem.typing import FloatArray

ErrorControl: TypeAlias = Literal["pointwise", "simultaneous"]

_REACH = 3.0
_N_POINTS = 241


@dataclass(frozen=True, kw_only=True)
class SignificanceRegion:
    """An interval of the moderator in which the slope has one verdict.

    Parameters
    ----------
    lower, upper : float
        Limits in the moderator's units; infinite at the ends.
    lower_sd, upper_sd : float
        The same in standard deviations from its mean.
    sign : {"positive", "negative", "none"}
        Of the slope where it is significant; ``none`` where it is not.
    share_normal : float
        Share of a normal distribution with the moderator's mean and variance; NaN for an observed moderator.
    share_respondents : float
        Share of the respondents, by their factor scores (which vary less than the latent variable), or their values
        of an observed moderator; NaN where there are no factor scores.
    """

    lower: float
    upper: float
    lower_sd: float
    upper_sd: float
    sign: Literal["positive", "negative", "none"]
    share_normal: float
    share_respondents: float


@dataclass(frozen=True, kw_only=True, eq=False)
class JohnsonNeyman:
    """Regions of significance of a slope along its moderator.

    Parameters
    ----------
    x, moderator, outcome, group : str
        What the slope is of; the group is empty where there is one.
    alpha : float
        Level of the tests.
    control : {"pointwise", "simultaneous"}
        Whether *alpha* holds at each value, or for all values at once.
    critical : float
        Absolute z that a slope must exceed.
    boundaries : tuple of float
        Values of the moderator, in its units, at which the verdict changes: none, one or two.
    boundaries_sd : tuple of float
        The same in standard deviations from its mean.
    regions : tuple of SignificanceRegion
        The whole axis, from left to right.
    curve : pandas.DataFrame
        For a plot: at, moderator_value, slope, std_error, ci_lower, ci_upper, significant; from three standard
        deviations below the mean to three above.
    respondents : array of shape (n,)
        Factor scores of the moderator, or its observed values; empty where there are no factor scores.
    unavailable : str
        Why there are no factor scores; else empty.
    """

    x: str
    moderator: str
    outcome: str
    group: str
    alpha: float
    control: ErrorControl
    critical: float
    boundaries: tuple[float, ...]
    boundaries_sd: tuple[float, ...]
    regions: tuple[SignificanceRegion, ...]
    curve: pd.DataFrame
    respondents: FloatArray
    unavailable: str = ""

    @property
    def significant_share(self) -> float:
        """Share of the normal distribution of the moderator in which the slope is significant."""
        return sum(each.share_normal for each in self.regions if each.sign != "none")

    @property
    def description(self) -> str:
        """The regions in words."""
        subject = f"the slope of {self.x} on {self.outcome}"
        if len(self.regions) == 1:
            verdict = _VERDICTS[self.regions[0].sign]
            return f"{self._level}, {subject} is {verdict} at every value of {self.moderator}."
        parts = [f"{_VERDICTS[each.sign]} {_where(each, self.moderator)}" for each in self.regions]
        share = self.significant_share
        reached = (
            ""
            if np.isnan(share)
            else (
                f" The slope is significant in {format_decimal(100 * share, 1)}% of a normal distribution of "
                f"{self.moderator}."
            )
        )
        return f"{self._level}, {subject} is {', '.join(parts[:-1])}, and {parts[-1]}.{reached}{self._unseen}"

    @property
    def _unseen(self) -> str:
        """Significant regions that no respondent reaches, in a sentence."""
        empty = [each for each in self.regions if each.sign != "none" and each.share_respondents == 0]
        places = " or ".join(_where(each, self.moderator) for each in empty)
        return f" There is no respondent {places}." if empty else ""

    @property
    def _level(self) -> str:
        level = f"At α = {self.alpha:g}"
        return level if self.control == "pointwise" else f"{level} for all values at once"

    def __repr__(self) -> str:
        return f"<JohnsonNeyman {self.description}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.description)}</p>{pd.DataFrame(self.regions).round(3).to_html(index=False)}"


_VERDICTS = {
    "positive": "positive and significant",
    "negative": "negative and significant",
    "none": "not significant",
}


def _where(region: SignificanceRegion, moderator: str) -> str:
    low = f"{format_decimal(region.lower)} ({format_decimal(region.lower_sd)} SD)"
    high = f"{format_decimal(region.upper)} ({format_decimal(region.upper_sd)} SD)"
    if isinf(region.lower):
        return f"where {moderator} is below {high}"
    return f"above {low}" if isinf(region.upper) else f"from {low} to {high}"


def johnson_neyman(
    fit: Fit,
    *,
    x: str,
    moderator: str,
    outcome: str,
    alpha: float = 0.05,
    control: ErrorControl = "pointwise",
    group: str | None = None,
) -> JohnsonNeyman:
    """Values of the moderator for which the slope of a predictor differs significantly from zero.

    Parameters
    ----------
    fit : Fit
        A model with the row ``outcome ~ x:moderator`` (or ``moderator:x``), whatever the method.
    x, moderator, outcome : str
        Variables.
    alpha : float
        Level of the two-sided tests.
    control : {"pointwise", "simultaneous"}
        Whether *alpha* is the risk of error at one value of the moderator, or of any error at all values.
    group : str, optional
        Which group, where there are several.

    Returns
    -------
    JohnsonNeyman
        Boundaries, regions with the share of the moderator's distribution they hold, and a curve for plotting.

    Raises
    ------
    UnsupportedError
        When the model has no such interaction, the group is not determined, or options make no sense.

    Notes
    -----
    Boundaries solve (b₁ + b₃z)² = c²·Var(b₁ + b₃z), with the variance from the covariance of the estimates, robust
    where the fit is. Without a real solution the verdict is the same everywhere. Pointwise, c is a quantile of the
    normal distribution; simultaneously, c² is one of χ² with 2 degrees of freedom (Potthoff's extension), which no
    slope of the whole line exceeds by chance with a probability above *alpha*. Other variables that *x* interacts
    with, and *x* itself where the equation has ``x:x``, are at their means.

    References
    ----------
    bauer_curran_2005, johnson_neyman_1936, potthoff_1964

    Examples
    --------
    >>> import numpy as np
    >>> import surveysem as ss
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 500))
    >>> y = 0.4 * x + 0.3 * z + 0.2 * x * z + rng.normal(size=500)
    >>> latent = {"x": x, "z": z, "y": y}
    >>> data = pd.DataFrame({f"{n}{i}": latent[n] + rng.normal(size=500) / 2 for n in latent for i in (1, 2, 3)})
    >>> model = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z"
    >>> result = ss.johnson_neyman(ss.sem(model, data), x="X", moderator="Z", outcome="Y")
    >>> [region.sign for region in result.regions]
    ['negative', 'none', 'positive']
    """
    chosen = chosen_group(fit, group)
    check_interaction([chosen], x=x, moderator=moderator, outcome=outcome)
    critical = _critical(alpha, control)
    centre, deviation = chosen.means[moderator], standard_deviation(chosen, moderator)

    def at_mean_and_beyond(thetas: Points) -> Points:
        values = {moderator: centre + np.array([0.0, 1.0])}
        at = slope(chosen, thetas, outcome=outcome, predictor=x, raw=values)
        return np.stack([at[:, 0], at[:, 1] - at[:, 0]], axis=1)

    theta = fit.solution.theta
    jacobian = derivatives(at_mean_and_beyond, theta)
    line = at_mean_and_beyond(theta[None])[0]
    covariance = jacobian @ fit.parameter_covariance @ jacobian.T
    beyond = significance_boundaries(line, covariance, critical)
    respondents, unavailable = _respondents(fit, chosen, moderator)
    boundaries = tuple(centre + each for each in beyond)
    return JohnsonNeyman(
        x=x,
        moderator=moderator,
        outcome=outcome,
        group=chosen.label,
        alpha=alpha,
        control=control,
        critical=critical,
        boundaries=boundaries,
        boundaries_sd=tuple(each / deviation for each in beyond),
        regions=_regions(line, covariance, critical, beyond, chosen, moderator, respondents),
        curve=_curve(line, covariance, critical, centre, deviation),
        respondents=respondents,
        unavailable=unavailable,
    )


def significance_boundaries(line: FloatArray, covariance: FloatArray, critical: float) -> tuple[float, ...]:
    """Values z at which the line b₁ + b₃z is *critical* standard errors from zero: none, one or two.

    Parameters
    ----------
    line : array of shape (2,)
        b₁ and b₃.
    covariance : array of shape (2, 2)
        Of their estimates.
    critical : float
        Number of standard errors.

    References
    ----------
    johnson_neyman_1936

    Examples
    --------
    >>> significance_boundaries(np.array([0.0, 2.0]), np.diag([1.0, 0.0]), 2.0)
    (-1.0, 1.0)
    >>> significance_boundaries(np.array([0.5, 0.1]), np.diag([1.0, 1.0]), 2.0)
    ()
    """
    excess = np.outer(line, line) - critical**2 * covariance
    constant, half, square = float(excess[0, 0]), float(excess[0, 1]), float(excess[1, 1])
    discriminant = half**2 - constant * square
    if discriminant <= 0.0:
        return ()
    if square == 0.0:
        return (-constant / (2.0 * half),)
    # The root that cancels is had from the product of both.
    sum_of_terms = -(half + np.copysign(np.sqrt(discriminant), half))
    roots = [sum_of_terms / square, constant / sum_of_terms]
    return tuple(sorted(float(root) for root in roots))


def _critical(alpha: float, control: str) -> float:
    problems = []
    if not 0.0 < alpha < 1.0:
        problems.append(f"alpha={alpha!r}; a level lies between 0 and 1")
    if control not in ("pointwise", "simultaneous"):
        problems.append(f"control={control!r}; available: pointwise, simultaneous")
    if problems:
        raise UnsupportedError(f"The regions cannot be computed: {'; '.join(problems)}.")
    return float(norm.isf(alpha / 2.0) if control == "pointwise" else np.sqrt(chi2.isf(alpha, 2)))


def _respondents(fit: Fit, group: ProbedGroup, moderator: str) -> tuple[FloatArray, str]:
    try:
        values = respondent_values(fit, group, moderator).copy()
        values.setflags(write=False)
        return values, ""
    except UnsupportedError as error:
        return np.empty(0), str(error)


def _regions(
    line: FloatArray,
    covariance: FloatArray,
    critical: float,
    beyond: tuple[float, ...],
    group: ProbedGroup,
    moderator: str,
    respondents: FloatArray,
) -> tuple[SignificanceRegion, ...]:
    centre, deviation = group.means[moderator], group.deviations[moderator]
    ends = (-inf, *beyond, inf)
    regions = []
    for lower, upper in pairwise(ends):
        held = (respondents > centre + lower) & (respondents <= centre + upper)
        share = norm.cdf(upper / deviation) - norm.cdf(lower / deviation)
        regions.append(
            SignificanceRegion(
                lower=centre + lower,
                upper=centre + upper,
                lower_sd=lower / deviation,
                upper_sd=upper / deviation,
                sign=_sign(line, covariance, critical, _inside(lower, upper, deviation)),
                share_normal=nan if group.is_observed(moderator) else float(share),
                share_respondents=float(held.mean()) if len(respondents) else nan,
            )
        )
    return tuple(regions)


def _inside(lower: float, upper: float, scale: float) -> float:
    """A point within an interval."""
    if isinf(lower) and isinf(upper):
        return 0.0
    if isinf(lower):
        return upper - scale
    return lower + scale if isinf(upper) else (lower + upper) / 2.0


def _sign(
    line: FloatArray, covariance: FloatArray, critical: float, at: float
) -> Literal["positive", "negative", "none"]:
    weights = np.array([1.0, at])
    value = float(weights @ line)
    if value**2 <= critical**2 * float(weights @ covariance @ weights):
        return "none"
    return "positive" if value > 0 else "negative"


def _curve(line: FloatArray, covariance: FloatArray, critical: float, centre: float, deviation: float) -> pd.DataFrame:
    at = np.linspace(-_REACH, _REACH, _N_POINTS)
    weights = np.stack([np.ones(_N_POINTS), at * deviation], axis=1)
    slopes = weights @ line
    errors = np.sqrt(np.einsum("ki,ij,kj->k", weights, covariance, weights))
    return pd.DataFrame(
        {
            "at": at,
            "moderator_value": centre + at * deviation,
            "slope": slopes,
            "std_error": errors,
            "ci_lower": slopes - critical * errors,
            "ci_upper": slopes + critical * errors,
            "significant": np.abs(slopes) > critical * errors,
        }
    )
