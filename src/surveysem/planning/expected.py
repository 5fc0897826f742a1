"""Power of a study's Wald tests from the information at its population."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from math import isnan

import pandas as pd

from surveysem.findings import Finding
from surveysem.number_formats import DASH, format_bounded, format_decimal
from surveysem.planning.design import PowerDesign
from surveysem.planning.outcomes import Family
from surveysem.planning.population_model import PopulationModel, population_model
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
        alpha divided by the number of tests (Bonferroni), below what Holm's procedure or that of Benjamini and Hochberg
        gives; equal to ``power`` where no adjustment is declared.
    required : pandas.DataFrame
        By proposition and target: n and n_adjusted; NaN where no sample suffices.
    fit : pandas.DataFrame
        Power of tests of the structural model's fit by the RMSEA, with alpha = .05, by n: close (.05 against .08),
        not_close (.05 against .01), exact (0 against .05).
    settings : Mapping of str to object
        estimator, df of the structural model and, for product indicators, interaction and centering.
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
        """Power and the samples needed as text, a row a proposition; adjusted numbers in brackets."""
        cells = self.table.apply(
            lambda row: f"{format_bounded(row['power'])} ({format_bounded(row['power_adjusted'])})", axis=1
        )
        shown = by_size(cells).rename(columns=lambda n: f"n = {n}")
        first = self.table.groupby(level="proposition", sort=False)["population"].first()
        shown.insert(0, "effect", [format_decimal(value) for value in first])
        for target in self.required.index.unique("target"):
            rows = self.required.xs(target, level="target").loc[shown.index]
            shown[f"n for {target:g}"] = [
                f"{_count(row['n'])} ({_count(row['n_adjusted'])})" for _, row in rows.iterrows()
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
        },
        findings=(*_notes(), *_too_small(design), *_left_out(design)),
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
    return 1 if rule.multiplicity == "none" else len(family.tested)


def _notes() -> tuple[Finding, ...]:
    message = (
        "Expected power is that of each Wald test alone in large samples, with alpha as declared; in brackets with "
        "alpha divided by the number of tests, which an adjustment of p after Holm exceeds. A smallest effect of "
        "interest and samples without a proper solution are not considered: simulation considers both."
    )
    return (Finding(severity="note", where="expected power", message=message),)


def _too_small(design: PowerDesign) -> tuple[Finding, ...]:
    small = [str(n) for n in design.sizes if n < design.n_parameters]
    if not small:
        return ()
    message = (
        f"With n = {', '.join(small)} there are fewer rows than free parameters of the measurement model "
        f"({design.n_parameters}): the study cannot be analysed, whatever the power of its tests."
    )
    return (Finding(severity="warning", where="sample size", message=message),)


def _left_out(design: PowerDesign) -> tuple[Finding, ...]:
    judged = [each for family in design.families for each in family.judged]
    tested = {each.id for family in design.families for each, _ in _tests(family)}
    absent = [each.id for each in judged if each.id not in tested]
    if not absent:
        return ()
    message = f"{', '.join(absent)} are composites or comparisons of groups; only simulation gives their power."
    return (Finding(severity="note", where="expected power", message=message),)


def _count(n: float) -> str:
    return DASH if isnan(n) else f"{n:.0f}"
