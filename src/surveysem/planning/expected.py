"""Power of a study's Wald tests from the information at its population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from math import isnan
from typing import Any

import pandas as pd

from surveysem.findings import Finding
from surveysem.number_formats import DASH, format_bounded, format_decimal
from surveysem.planning.design import PowerDesign
from surveysem.planning.outcomes import Family
from surveysem.planning.population_model import PopulationModel, population_model
from surveysem.planning.result import CROSS, marked_size
from surveysem.planning.rmsea_power import rmsea_power
from surveysem.planning.summary import by_size
from surveysem.planning.wald_power import power_under, size_under
from surveysem.propositions import DecisionRule, InteractionTest, PathTest, Proposition


@dataclass(frozen=True, kw_only=True, eq=False)
class ExpectedPower:
    """Power of the tests of a study in large samples.

    Parameters
    ----------
    study_id : str
        The study.
    table : pandas.DataFrame
        By proposition and n: family; population: standardised effect; std_error: of its unstandardised estimate, in
        units of that estimate; power: of the test with the declared alpha and sides; power_adjusted: the same with
        alpha divided by the number of tests (Bonferroni). Where Holm's procedure or that of Benjamini and Hochberg is
        declared, the power lies between the two; where no adjustment is, they are equal. Sizes with fewer rows than the
        measurement model has free parameters are not left out, though no study of that size can be analysed.
    required : pandas.DataFrame
        By proposition and target: n and n_adjusted; NaN where no sample suffices.
    fit : pandas.DataFrame
        Power of tests of the structural model's fit by the RMSEA, with alpha = .05, by n: close (.05 against .08),
        not_close (.05 against .01), exact (0 against .05).
    settings : Mapping of str to object
        estimator, df of the structural model, parameters: free ones of the measurement model, and, for product
        indicators, interaction and centering.
    findings : tuple of Finding
        What a reader must be told.
    """

    study_id: str
    table: pd.DataFrame
    required: pd.DataFrame
    fit: pd.DataFrame
    settings: Mapping[str, object]
    findings: tuple[Finding, ...]

    @property
    def overview(self) -> pd.DataFrame:
        """Unadjusted power by proposition (rows) and n (columns)."""
        return by_size(self.table["power"])

    def __repr__(self) -> str:
        lines = [f"Expected power of {self.study_id}, {self.settings['estimator']}", self.text_table.to_string()]
        return "\n".join([*lines, *(str(finding) for finding in self.findings)])

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(str(finding))}</li>" for finding in self.findings)
        return f"<p><b>Expected power of {escape(self.study_id)}</b></p>{self.text_table.to_html()}<ul>{notes}</ul>"

    @property
    def text_table(self) -> pd.DataFrame:
        """Power and the samples needed as text, a row a proposition; adjusted numbers in brackets.

        × stands for, or beside, sizes with fewer rows than free parameters of the measurement model.
        """
        cells = self.table.apply(
            lambda row: f"{format_bounded(row['power'])} ({format_bounded(row['power_adjusted'])})", axis=1
        )
        least = int(str(self.settings["parameters"]))
        shown = by_size(cells)
        refused = tuple(int(n) for n in self.table.index.unique("n") if n < least)
        shown[list(refused)] = CROSS
        shown = shown.rename(columns=lambda n: marked_size(n, refused))
        first = self.table.groupby(level="proposition", sort=False)["population"].first()
        shown.insert(0, "effect", [format_decimal(value) for value in first])
        for target in self.required.index.unique("target"):
            rows = self.required.xs(target, level="target").loc[shown.index]
            shown[f"n for {target:g}"] = [
                f"{_count(row['n'], least)} ({_count(row['n_adjusted'], least)})" for _, row in rows.iterrows()
            ]
        return shown


def expected_power(design: PowerDesign, targets: tuple[float, ...]) -> ExpectedPower:
    """Power of each test of a design in large samples; see :class:`ExpectedPower`.

    Raises
    ------
    UnsupportedError
        For methods whose information is not known in closed form.

    References
    ----------
    maccallum_1996
    """
    model = population_model(design)
    rows, required = [], []
    for family in design.families:
        for proposition, rule in _tests(family):
            estimate, error, std = _effect(model, proposition)
            tests = _number_of_tests(family, rule)
            base = {"proposition": proposition.id, "family": family.name, "population": std}
            for n in design.sizes:
                power, adjusted = (power_under(rule, estimate, error, n=n, tests=k) for k in (1, tests))
                numbers = {"std_error": error / n**0.5, "power": power, "power_adjusted": adjusted}
                rows.append({**base, "n": n, **numbers})
            for target in targets:
                size, larger = (size_under(rule, estimate, error, power=target, tests=k) for k in (1, tests))
                required.append({"proposition": proposition.id, "target": target, "n": size, "n_adjusted": larger})
    return ExpectedPower(
        study_id=design.study.id,
        table=pd.DataFrame(rows).set_index(["proposition", "n"]),
        required=pd.DataFrame(required).set_index(["proposition", "target"]),
        fit=_fit_power(design, model.degrees_of_freedom),
        settings={
            **{name: value for name, value in design.options.items() if name not in ("engine", "missing")},
            "df": model.degrees_of_freedom,
            "parameters": design.n_parameters,
        },
        findings=(
            *_notes(),
            *_adjustments(design),
            *_products(design),
            *_too_small(design, required),
            *_left_out(design),
        ),
    )


def _fit_power(design: PowerDesign, df: int) -> pd.DataFrame:
    rows = [
        {
            name: rmsea_power(degrees_of_freedom=df, n=n, null=null, alternative=other)
            for name, null, other in _FIT_TESTS
        }
        for n in design.sizes
    ]
    return pd.DataFrame(rows, index=pd.Index(design.sizes, name="n"))


_FIT_TESTS = (("close", 0.05, 0.08), ("not_close", 0.05, 0.01), ("exact", 0.0, 0.05))


def _tests(family: Family) -> Iterator[tuple[Proposition, DecisionRule]]:
    for each in family.tested:
        if isinstance(each.test, PathTest | InteractionTest) and isinstance(each.rule, DecisionRule):
            yield each, each.rule


def _effect(model: PopulationModel, proposition: Proposition) -> tuple[float, float, float]:
    """Estimate, standard error times √n and standardised effect; what rounding leaves of an absent effect is 0."""
    test = proposition.test
    assert isinstance(test, PathTest | InteractionTest)
    factors = (test.predictor, test.moderator) if isinstance(test, InteractionTest) else (test.predictor,)
    estimate, error, std = model.effect(model.row(test.outcome, *factors))
    return (estimate, error, std) if abs(std) > _ROUNDING else (0.0, error, 0.0)


_ROUNDING = 1e-8


def _number_of_tests(family: Family, rule: DecisionRule) -> int:
    if rule.multiplicity == "none":
        return 1
    return sum(isinstance(each.rule, DecisionRule) and each.rule.family == rule.family for each in family.tested)


def _notes() -> tuple[Finding, ...]:
    message = (
        "Expected power is that of each Wald test alone in large samples, with alpha as declared. In small "
        "samples it may be off by some points. A smallest effect of interest and samples without a proper solution are "
        "not considered: simulation considers both."
    )
    return (Finding(severity="note", where="expected power", message=message),)


def _adjustments(design: PowerDesign) -> tuple[Finding, ...]:
    """What the numbers in brackets are, beside the adjustment the study declares."""
    declared = {rule.multiplicity for family in design.families for _, rule in _tests(family)}
    names = [name for key, name in _ADJUSTMENTS.items() if key in declared]
    if not names:
        return ()
    message = (
        f"The study declares the adjustment of p after {' and '.join(names)}, under which the power of a test depends "
        "on the other tests. It lies between the two numbers given: without adjustment, and in brackets with alpha "
        "divided by the number of tests (Bonferroni). Simulation gives the power under the adjustment itself."
    )
    return (Finding(severity="note", where="expected power", message=message),)


_ADJUSTMENTS = {"holm": "Holm", "benjamini_hochberg": "Benjamini and Hochberg"}


def _products(design: PowerDesign) -> tuple[Finding, ...]:
    """What is simpler at the population than in answers, where there are products."""
    products = [each.label for each in design.study.specification.interactions if each.label]
    if not products:
        return ()
    message = (
        f"The numbers of {', '.join(products)} are approximate: covariances of products are those of normal variables, "
        "where answers are cut into the options of a scale."
    )
    return (Finding(severity="note", where="expected power", message=message),)


def _too_small(design: PowerDesign, required: list[dict[str, Any]]) -> tuple[Finding, ...]:
    least = design.n_parameters
    small = [str(n) for n in design.sizes if n < least]
    if not small and not any(row[name] < least for row in required for name in ("n", "n_adjusted")):
        return ()
    message = (
        f"× marks sizes smaller than the number of free parameters of the measurement model ({least}): a study cannot "
        f"be analysed with fewer than {least} complete rows, whatever the power of its tests."
    )
    where = f"n = {', '.join(small)}" if small else "sample size"
    return (Finding(severity="warning", where=where, message=message),)


def _left_out(design: PowerDesign) -> tuple[Finding, ...]:
    judged = [each for family in design.families for each in family.judged]
    tested = {each.id for family in design.families for each, _ in _tests(family)}
    absent = [each.id for each in judged if each.id not in tested]
    if not absent:
        return ()
    message = f"Only simulation gives the power of composites and comparisons of groups: {', '.join(absent)}."
    return (Finding(severity="note", where="expected power", message=message),)


def _count(n: float, least: int) -> str:
    return DASH if isnan(n) else f"{n:.0f} {CROSS}" if n < least else f"{n:.0f}"
