"""What simulated answers can have beyond a population: kinds of respondents, gaps, clusters, groups and waves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias, TypeVar

from surveysem.data.wording import closest, listed
from surveysem.errors import Problem, StudyError
from surveysem.instrument.values import ReadOnlyMapping

Shares: TypeAlias = float | Mapping[str, float]
"""One value for all, or a value by name."""
CARELESS_KINDS = ("random", "straight_lining", "alternating", "diagonal", "too_fast")
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Carelessness:
    """Shares of respondents who do not read the items, by what they do instead.

    Parameters
    ----------
    random : float
        Every option is as likely as the others.
    straight_lining : float
        The same option throughout.
    alternating : float
        Two options in turn, one from either half of the scale.
    diagonal : float
        The next option each time, up to the last one and back.
    too_fast : float
        At random, and in less than two seconds an item; the others take longer.
    """

    random: float = 0.0
    straight_lining: float = 0.0
    alternating: float = 0.0
    diagonal: float = 0.0
    too_fast: float = 0.0

    @property
    def total(self) -> float:
        """Share of all careless respondents."""
        return self.random + self.straight_lining + self.alternating + self.diagonal + self.too_fast


@dataclass(frozen=True, kw_only=True)
class Missingness:
    """Answers that are not given.

    Parameters
    ----------
    share : float or Mapping of str to float
        Expected share of missing answers, of every item or by item.
    depends_on : str or None
        Question whose answer makes gaps more likely (missing at random, MAR); none for gaps that depend on nothing
        (missing completely at random, MCAR).
    strength : float
        Change of the log-odds of a gap for one standard deviation of that question's answers.
    """

    share: Shares
    depends_on: str | None = None
    strength: float = 1.0


@dataclass(frozen=True, kw_only=True)
class PlannedForms:
    """Three forms of a questionnaire, each without one of three blocks of items.

    Parameters
    ----------
    A, B, C : tuple of str
        Items of the blocks; those of no block are on every form. Form 1 leaves out C, form 2 B and form 3 A. All empty:
        of each latent variable the first item is on every form, and the others are dealt out in turn.
    """

    A: tuple[str, ...] = ()
    B: tuple[str, ...] = ()
    C: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """Respondents nested in clusters, such as those who follow the same influencer.

    Parameters
    ----------
    number : int
        Clusters, of sizes that differ by one at most.
    intraclass_correlation : float or Mapping of str to float
        Share of variance between clusters, of every latent variable or by latent variable. Exogenous ones that are not
        named have none; outcomes that are not named have what their predictors pass on.
    column : str
        Column that names the cluster: a text question of the questionnaire, or a column of its own.
    """

    number: int
    intraclass_correlation: Shares
    column: str = "influencer_id"


@dataclass(frozen=True, kw_only=True)
class SimulatedGroup:
    """How one group differs from the population stated.

    Parameters
    ----------
    share : float or None
        Share of respondents; groups without one divide what is left equally.
    effects : Mapping of str to float
        Standardised coefficients within the group, by the id of a path or moderation or as ``"y ~ x"``, ``"y ~ x:z"``.
    loadings : Mapping of str to float
        Standardised loadings within the group, by item.
    means : Mapping of str to float
        Means of latent variables, in standard deviations; 0 where none is given.
    intercepts : Mapping of str to float
        What is added to the tendency behind an item, in standard deviations of it: the item favours the group.
    """

    share: float | None = None
    effects: Mapping[str, float] = field(default_factory=dict)
    loadings: Mapping[str, float] = field(default_factory=dict)
    means: Mapping[str, float] = field(default_factory=dict)
    intercepts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Groups that differ, told apart by a grouping question.

    Parameters
    ----------
    question : str
        Grouping question with options.
    groups : Mapping of str to SimulatedGroup
        By the option's code or label. Options that are not named follow the population stated.
    """

    question: str
    groups: Mapping[str, SimulatedGroup]


@dataclass(frozen=True, kw_only=True)
class Waves:
    """The same respondents asked repeatedly.

    Parameters
    ----------
    number : int
        Waves, 2 or more.
    stability : float or Mapping of str to float
        Correlation of a latent variable with itself one wave later, of every one or by name, as for the intraclass
        correlation of :class:`Clusters`. From wave to wave it is carried on (autoregression of first order).
    residual_stability : float
        Correlation of an item's residuals between any two waves.
    change : Mapping of str to float
        What the mean of a latent variable gains from wave to wave, in standard deviations.
    attrition : float
        Share of those still taking part who are lost before each later wave, for reasons that have to do with nothing.
    layout : {"long", "wide"}
        One row a respondent and wave, with a column ``wave``; or one row a respondent, with ``_w1``, ``_w2``, …
        appended to what is asked at every wave.
    """

    number: int
    stability: Shares = 0.6
    residual_stability: float = 0.3
    change: Mapping[str, float] = field(default_factory=dict)
    attrition: float = 0.0
    layout: Literal["long", "wide"] = "long"


@dataclass(frozen=True, kw_only=True)
class SimulationOptions:
    """All that a simulation can be asked for beside the population and the number of respondents.

    Parameters
    ----------
    careless : Carelessness
        Respondents who do not read.
    ineligible : float
        Share of respondents whom a screening question rules out.
    thresholds : Mapping of int to tuple of float
        From a scale's number of options *k* to *k* − 1 increasing cuts of a standard normal variable.
    skew : float, Mapping of str to float, or None
        Skewness of the answers to every item with options, or by item.
    missing : Missingness or None
        Answers that are not given.
    forms : PlannedForms or None
        Answers that are not asked for.
    does_not_apply : float or Mapping of str to float
        Share of answers with the scale's first code for "does not apply", of every item or by item.
    clusters : Clusters or None
        Clusters.
    groups : Groups or None
        Groups.
    waves : Waves or None
        Waves.
    latent_skew : float
        Skewness of the independent sources that latent variables are made of, standardised gamma variables.

    Notes
    -----
    What is left at its default changes no other number: each option draws from a stream of its own.
    """

    careless: Carelessness = Carelessness(random=0.02)
    ineligible: float = 0.01
    thresholds: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    skew: Shares | None = None
    missing: Missingness | None = None
    forms: PlannedForms | None = None
    does_not_apply: Shares = 0.0
    clusters: Clusters | None = None
    groups: Groups | None = None
    waves: Waves | None = None
    latent_skew: float = 0.0

    def as_record(self) -> dict[str, Any]:
        """The options as plain values that JSON can hold."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}


def simulation_options(
    *,
    careless: float | Mapping[str, float] | Carelessness = 0.02,
    ineligible: float = 0.01,
    thresholds: Mapping[int, Sequence[float]] | None = None,
    skew: Shares | None = None,
    missing: float | Mapping[str, Any] | Missingness | None = None,
    forms: bool | Mapping[str, Sequence[str]] | PlannedForms = False,
    does_not_apply: Shares = 0.0,
    clusters: Mapping[str, Any] | Clusters | None = None,
    groups: Mapping[str, Mapping[str, Any]] | Groups | None = None,
    waves: int | Mapping[str, Any] | Waves | None = None,
    latent_skew: float = 0.0,
) -> SimulationOptions:
    """Options of a simulation, from frozen values or from plain numbers and dictionaries.

    Parameters
    ----------
    careless : float, Mapping or Carelessness
        A number is the share of those who answer at random.
    ineligible : float
        Share whom a screening question rules out.
    thresholds : Mapping, optional
        Cuts by number of options.
    skew : float or Mapping, optional
        Skewness of all items with options, or by item.
    missing : float, Mapping or Missingness, optional
        A number is the share of answers missing completely at random, of every item; a mapping has the fields of
        :class:`Missingness`.
    forms : bool, Mapping or PlannedForms
        True deals the items out to three forms; a mapping has the blocks ``A``, ``B`` and ``C``.
    does_not_apply : float or Mapping
        Share of "does not apply".
    clusters : Mapping or Clusters, optional
        Fields of :class:`Clusters`.
    groups : Mapping or Groups, optional
        From one grouping question to, by option, the fields of :class:`SimulatedGroup`.
    waves : int, Mapping or Waves, optional
        Number of waves, or fields of :class:`Waves`.
    latent_skew : float
        Skewness of what latent variables are made of.

    Returns
    -------
    SimulationOptions
        Not yet compared with a questionnaire.

    Raises
    ------
    StudyError
        Lists every field that is unknown or absent.

    Examples
    --------
    >>> options = simulation_options(careless=0.05, clusters={"number": 30, "intraclass_correlation": 0.1})
    >>> options.careless.random, options.clusters.number
    (0.05, 30)
    """
    make = _Maker()
    options = SimulationOptions(
        careless=make.value(Carelessness, "careless", careless, short="random"),
        ineligible=ineligible,
        thresholds=ReadOnlyMapping({size: tuple(map(float, cuts)) for size, cuts in (thresholds or {}).items()}),
        skew=_kept(skew),
        missing=None if missing is None else make.value(Missingness, "missing", missing, short="share"),
        forms=None if forms is False else make.value(PlannedForms, "forms", {} if forms is True else forms),
        does_not_apply=_kept(does_not_apply),
        clusters=None if clusters is None else make.value(Clusters, "clusters", clusters, short="number"),
        groups=None if groups is None else make.groups(groups),
        waves=None if waves is None else make.value(Waves, "waves", waves, short="number"),
        latent_skew=latent_skew,
    )
    make.refuse()
    return options


class _Maker:
    """Makes frozen values of dictionaries and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def value(self, kind: type[Value], where: str, given: Any, *, short: str = "") -> Any:
        if isinstance(given, kind):
            return given
        if short and not isinstance(given, Mapping):
            given = {short: given}
        names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
        if not isinstance(given, Mapping):
            self._add(where, f"{given!r}", f"Give a mapping with {listed(names, limit=9)}.")
            return None
        for name in given:
            if name not in names:
                match = closest(str(name), names)
                remedy = f"Did you mean {match}?" if match else f"Available: {listed(names, limit=9)}."
                self._add(f"{where}, {name}", "there is no such option", remedy)
        try:
            return kind(**{name: _kept(each) for name, each in given.items() if name in names})
        except TypeError as error:
            self._add(where, f"it is not complete ({str(error).split(': ')[-1]} missing)", "Add what is missing.")
            return None

    def groups(self, given: Any) -> Any:
        if isinstance(given, Groups):
            return given
        if not isinstance(given, Mapping) or len(given) != 1 or not isinstance(next(iter(given.values())), Mapping):
            found = f"{listed(given, limit=5)}" if isinstance(given, Mapping) else f"{given!r}"
            self._add("groups", found, "Give one grouping question, and by its options how these groups differ.")
            return None
        question, options = next(iter(given.items()))
        made = {
            str(option): self.value(SimulatedGroup, f"groups, {question}, {option}", each)
            for option, each in options.items()
        }
        return Groups(question=question, groups=ReadOnlyMapping(made))

    def refuse(self) -> None:
        if self.problems:
            raise StudyError("The simulation cannot be run as asked.", self.problems)

    def _add(self, where: str, found: str, remedy: str) -> None:
        self.problems.append(Problem(where=where, found=found, remedy=remedy))


def _kept(value: Any) -> Any:
    """The value where nobody can change it."""
    if isinstance(value, Mapping):
        return ReadOnlyMapping(value)
    return tuple(value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return value.item() if hasattr(value, "item") else value
