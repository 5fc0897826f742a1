"""Propositions and the decision rules that are declared before data are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Expected: TypeAlias = Literal["positive", "negative", "two-sided", "composite"]
Sides: TypeAlias = Literal["one", "two"]
Multiplicity: TypeAlias = Literal["none", "holm", "benjamini_hochberg"]

_MULTIPLICITY_NAMES: dict[Multiplicity, str] = {
    "none": "p not adjusted",
    "holm": "p adjusted after Holm",
    "benjamini_hochberg": "p adjusted after Benjamini and Hochberg",
}
_SIGNS: dict[Expected, str] = {"positive": "> 0", "negative": "< 0", "two-sided": "≠ 0"}


@dataclass(frozen=True, kw_only=True)
class PathTest:
    """Effect of one latent variable on another."""

    outcome: str
    predictor: str

    def __str__(self) -> str:
        return f"{self.predictor} → {self.outcome}"


@dataclass(frozen=True, kw_only=True)
class InteractionTest:
    """Effect of a product of two latent variables on a third."""

    outcome: str
    predictor: str
    moderator: str

    def __str__(self) -> str:
        return f"{self.predictor} × {self.moderator} → {self.outcome}"


@dataclass(frozen=True, kw_only=True)
class GroupDifferenceTest:
    """Difference of paths between the values of a grouping question."""

    group: str
    paths: tuple[PathTest, ...]

    def __str__(self) -> str:
        paths = "; ".join(str(path) for path in self.paths) if len(self.paths) < 3 else f"{len(self.paths)} paths"
        return f"{paths} differ between values of {self.group}"


@dataclass(frozen=True, kw_only=True)
class CompositeTest:
    """Several parts judged one by one and combined by a declared rule."""

    def __str__(self) -> str:
        return "combination of its parts"


ProposedTest: TypeAlias = PathTest | InteractionTest | GroupDifferenceTest | CompositeTest


@dataclass(frozen=True, kw_only=True)
class DecisionRule:
    """What turns an estimate into a verdict, declared before the data are read.

    Parameters
    ----------
    expected : {"positive", "negative", "two-sided"}
        Sign the proposition foretells.
    alpha : float
        Error rate of the test of no effect, compared with the adjusted p.
    sides : {"one", "two"}
        Whether the p tests only the expected sign or both.
    smallest_effect : float or None
        Smallest standardised effect of interest; an effect whose 1 − 2·alpha interval lies wholly inside
        ± this value is `negligible`.
    multiplicity : {"none", "holm", "benjamini_hochberg"}
        Adjustment over all propositions of the family.
    family : str
        Name of the family of propositions whose p are adjusted together; empty for those without a name, which are one
        family.
    """

    expected: Expected
    alpha: float = 0.05
    sides: Sides = "two"
    smallest_effect: float | None = None
    multiplicity: Multiplicity = "none"
    family: str = ""

    @property
    def one_sided(self) -> bool:
        """Whether only the expected sign is tested."""
        return self.sides == "one" and self.expected != "two-sided"

    def __str__(self) -> str:
        sides = "one" if self.one_sided else "two"
        sign = _SIGNS[self.expected]
        text = f"estimate {sign}, {sides}-sided α = {self.alpha:g}, {_MULTIPLICITY_NAMES[self.multiplicity]}"
        if self.family and self.multiplicity != "none":
            text += f" within the family {self.family}"
        if self.smallest_effect is not None:
            text += (
                f"; negligible if the {1 - 2 * self.alpha:.0%} interval lies inside ±{self.smallest_effect:g} (std.)"
            )
        return text


@dataclass(frozen=True, kw_only=True)
class CompositeRule:
    """How the verdicts of the parts make the verdict of the whole.

    All parts supported: supported. At least one: partially supported. None, and one contradicted: contradicted.
    None, and all negligible: negligible. None, and one not testable: not testable. Otherwise not supported.
    """

    def __str__(self) -> str:
        return "supported if every part is, partially supported if at least one is"


@dataclass(frozen=True, kw_only=True)
class Proposition:
    """A statement the study puts to the test.

    Parameters
    ----------
    id : str
        Name in the paper, such as ``"P1"``.
    statement : str
        The proposition in words, in English.
    expected : {"positive", "negative", "two-sided", "composite"}
        Sign foretold; ``composite`` where the parts foretell each their own.
    test : PathTest or InteractionTest or GroupDifferenceTest or CompositeTest
        The quantity of the model that decides.
    rule : DecisionRule or CompositeRule
        How it decides.
    parts : tuple of Proposition
        Sub-propositions of a composite one.
    translations : Mapping of str to str
        The statement by language, where there are several.
    """

    id: str
    statement: str
    expected: Expected
    test: ProposedTest
    rule: DecisionRule | CompositeRule
    parts: tuple[Proposition, ...] = field(default=())
    translations: Mapping[str, str] = field(default_factory=dict)

    def statement_in(self, language: str) -> str:
        """The statement in a language; in the study's first where it is not translated."""
        return self.translations.get(language, self.statement)
