"""Contents of reports, invented: a study of flagship size and a small one."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import erfc, nan, sqrt

import numpy as np
import pandas as pd
import pytest

from surveysem.findings import Finding
from surveysem.instrument import Construct, Instrument, Item, ResponseScale
from surveysem.propositions import FitCriteria
from surveysem.propositions.proposition import (
    CompositeRule,
    CompositeTest,
    DecisionRule,
    InteractionTest,
    PathTest,
    Proposition,
)
from surveysem.propositions.verdict import Evidence, Verdict
from surveysem.report.content import ReportContent

FLAGSHIP_LABELS = {
    "network_relevance": "Network relevance",
    "professional_expertise": "Professional expertise",
    "relational_engagement": "Relational engagement",
    "perceived_credibility": "Perceived credibility",
    "technical_validity": "Perceived technical validity",
    "risk_reduction": "Risk reduction",
    "evaluation_quality": "Evaluation quality",
    "brand_trust": "Brand trust",
    "decision_efficiency": "Decision-making efficiency",
    "organizational_echo": "Organizational echo",
    "perceived_authenticity": "Perceived authenticity",
    "perceived_legitimacy": "Perceived legitimacy",
    "product_complexity": "Product complexity",
    "regulatory_intensity": "Regulatory environment",
    "disclosure_awareness": "Disclosure awareness",
}
FLAGSHIP_PATHS = {
    "perceived_credibility": ("network_relevance", "relational_engagement"),
    "technical_validity": ("professional_expertise",),
    "risk_reduction": ("perceived_credibility", "product_complexity", "perceived_credibility:product_complexity"),
    "evaluation_quality": ("technical_validity",),
    "brand_trust": (
        "risk_reduction",
        "perceived_credibility",
        "regulatory_intensity",
        "perceived_credibility:regulatory_intensity",
    ),
    "decision_efficiency": ("brand_trust", "organizational_echo"),
    "perceived_authenticity": ("regulatory_intensity", "disclosure_awareness"),
    "perceived_legitimacy": ("regulatory_intensity", "disclosure_awareness"),
    "organizational_echo": ("perceived_credibility", "network_relevance"),
}
MISFIT = "CFI = .941 misses the cut-off of .95: the model fits poorly by this index."
RULE = DecisionRule(expected="positive", smallest_effect=0.1, multiplicity="holm")


@dataclass(frozen=True, kw_only=True)
class FakeFit:
    estimates: pd.DataFrame
    fit_indices: dict[str, float]
    r_squared: pd.Series
    effect_sizes: dict[tuple[str, str], float] = field(default_factory=dict)
    n_obs: int = 372
    estimator: str = "MLR"
    engine: str = "native"
    converged: bool = True
    admissible: bool = True
    warnings: tuple[str, ...] = field(default=())


def _parameter(lhs: str, op: str, rhs: str, std: float, *, fixed: bool = False) -> dict[str, object]:
    error = nan if fixed else 0.05
    estimate = 1.0 if fixed else std * 0.6
    p = nan if fixed else erfc(abs(estimate / error) / sqrt(2))
    return {
        "lhs": lhs,
        "op": op,
        "rhs": rhs,
        "block": 1,
        "group": 1,
        "label": "",
        "free": 0 if fixed else 1,
        "estimate": estimate,
        "std_error": error,
        "z": estimate / error,
        "p_value": p,
        "ci_lower": estimate - 1.96 * error,
        "ci_upper": estimate + 1.96 * error,
        "std_lv": std,
        "std_all": std,
        "std_std_error": 0.045,
        "std_ci_lower": std - 0.09,
        "std_ci_upper": std + 0.09,
        "std_p_value": p,
    }


def _indices(shift: float) -> dict[str, float]:
    return {
        "npar": 237,
        "chisq": 2841.337 + shift,
        "df": 1975,
        "pvalue": 0.00001,
        "cfi": 0.9412,
        "tli": 0.9377,
        "rmsea": 0.0344,
        "rmsea.ci.lower": 0.0315,
        "rmsea.ci.upper": 0.0372,
        "rmsea.pvalue": 0.9999,
        "srmr": 0.0521 + shift / 10000,
        "logl": -31532.12,
        "aic": 63538.24,
        "bic": 64466.97,
        "ntotal": 372,
        "chisq.scaled": 2705.992 + shift,
        "df.scaled": 1975,
        "pvalue.scaled": 0.00001,
        "chisq.scaling.factor": 1.0502,
        "cfi.robust": 0.9457,
        "tli.robust": 0.9420,
        "rmsea.robust": 0.0332,
        "rmsea.ci.lower.robust": 0.0301,
        "rmsea.ci.upper.robust": 0.0361,
    }


def build_instrument(labels: dict[str, str], wording: str = "") -> Instrument:
    agree = {code: {"en": f"Agreement {code}"} for code in range(1, 8)}
    items = [
        Item(
            id=f"{name}_{number}",
            construct=name,
            scale="agree7",
            reverse=number == 3,
            text={
                "en": wording
                or f"Thinking of the purchase I named, statement {number} about {label.lower()} described it well."
            },
        )
        for name, label in labels.items()
        for number in range(1, 5 if name != "brand_trust" else 7)
    ]
    return Instrument(
        id="invented",
        title={"en": "An invented questionnaire"},
        version="1.0",
        languages=("en",),
        response_scales=(ResponseScale(id="agree7", kind="ordinal", options=agree),),
        constructs=tuple(
            Construct(id=name, role="mediator", label={"en": label}, definition={"en": label})
            for name, label in labels.items()
        ),
        items=tuple(items),
    )


def _measurement(instrument: Instrument) -> FakeFit:
    rng = np.random.default_rng(3)
    rows, explained = [], {}
    for construct in instrument.constructs:
        for number, item in enumerate(instrument.items_of(construct.id)):
            loading = float(rng.uniform(0.6, 0.92))
            rows.append(_parameter(construct.id, "=~", item.id, loading, fixed=number == 0))
            explained[item.id] = loading**2
    return FakeFit(estimates=pd.DataFrame(rows), fit_indices=_indices(0.0), r_squared=pd.Series(explained))


def _structural(paths: dict[str, tuple[str, ...]]) -> FakeFit:
    rng = np.random.default_rng(5)
    rows = [
        _parameter(outcome, "~", predictor, float(rng.uniform(-0.1, 0.55)))
        for outcome, predictors in paths.items()
        for predictor in predictors
    ]
    explained = pd.Series({outcome: float(rng.uniform(0.1, 0.6)) for outcome in paths})
    sizes = {(outcome, predictor): 0.0213 for outcome, predictors in paths.items() for predictor in predictors}
    return FakeFit(estimates=pd.DataFrame(rows), fit_indices=_indices(63.5), r_squared=explained, effect_sizes=sizes)


def _verdict(
    name: str, statement: str, test: PathTest | InteractionTest, label: str, fit: FakeFit, rule: DecisionRule = RULE
) -> Verdict:
    predictor = f"{test.predictor}:{test.moderator}" if isinstance(test, InteractionTest) else test.predictor
    estimates = fit.estimates
    row = estimates.loc[(estimates["lhs"] == test.outcome) & (estimates["rhs"] == predictor)].iloc[0]
    proposition = Proposition(id=name, statement=statement, expected=rule.expected, test=test, rule=rule)
    evidence = Evidence(
        estimate=row["estimate"],
        std_error=row["std_error"],
        ci_lower=row["ci_lower"],
        ci_upper=row["ci_upper"],
        p_value=row["p_value"],
        std_estimate=row["std_all"],
        std_std_error=0.045,
        std_ci_lower=row["std_ci_lower"],
        std_ci_upper=row["std_ci_upper"],
        std_p_value=row["std_p_value"],
        effect_size=0.0213,
    )
    if label == "not testable":
        evidence = Evidence(obstacle="The path is not in the model.")
    return Verdict(
        proposition=proposition,
        verdict=label,
        evidence=evidence,
        p_adjusted=nan if label == "not testable" else min(1.0, 3 * evidence.p_value),
        reason=f"The estimate has the sign foretold and its adjusted p decides: {label}.",
    )


def _propositions(fit: FakeFit) -> tuple[Verdict, ...]:
    plain = [
        ("P1", "perceived_credibility", "network_relevance", "supported"),
        ("P2", "technical_validity", "professional_expertise", "supported"),
        ("P3", "perceived_credibility", "relational_engagement", "not supported"),
        ("P4", "risk_reduction", "perceived_credibility", "supported"),
        ("P5", "evaluation_quality", "technical_validity", "contradicted"),
        ("P6", "brand_trust", "risk_reduction", "negligible"),
        ("P7", "brand_trust", "perceived_credibility", "supported"),
        ("P8", "decision_efficiency", "brand_trust", "not testable"),
    ]
    judged = [
        _verdict(name, _statement(outcome, predictor), PathTest(outcome=outcome, predictor=predictor), label, fit)
        for name, outcome, predictor, label in plain
    ]
    ninth = InteractionTest(outcome="risk_reduction", predictor="perceived_credibility", moderator="product_complexity")
    statement = "The more complex the product, the more credibility reduces risk."
    return (*judged, _verdict("P9", statement, ninth, "supported", fit), _composite(fit))


def _statement(outcome: str, predictor: str) -> str:
    names = FLAGSHIP_LABELS
    return f"{names[predictor]} of the micro-influencer increases {names[outcome].lower()} among business buyers."


def _composite(fit: FakeFit) -> Verdict:
    moderated = InteractionTest(
        outcome="brand_trust", predictor="perceived_credibility", moderator="regulatory_intensity"
    )
    authenticity = PathTest(outcome="perceived_authenticity", predictor="regulatory_intensity")
    legitimacy = PathTest(outcome="perceived_legitimacy", predictor="regulatory_intensity")
    two_sided = replace(RULE, expected="two-sided")
    parts = (
        _verdict("P10a", "Regulation lowers authenticity.", authenticity, "not supported", fit),
        _verdict("P10b", "Regulation raises legitimacy.", legitimacy, "supported", fit),
        _verdict(
            "P10c", "Regulation changes what credibility does to trust.", moderated, "not supported", fit, two_sided
        ),
    )
    proposition = Proposition(
        id="P10",
        statement="Regulation moderates the effect of the communication.",
        expected="two-sided",
        test=CompositeTest(),
        rule=CompositeRule(),
        parts=tuple(part.proposition for part in parts),
    )
    return Verdict(
        proposition=proposition,
        verdict="partially supported",
        evidence=Evidence(),
        p_adjusted=nan,
        reason="One of three parts is supported.",
        parts=parts,
    )


def _extensions(fit: FakeFit) -> tuple[Verdict, ...]:
    plain = [
        ("E1", "organizational_echo", "perceived_credibility"),
        ("E2", "organizational_echo", "network_relevance"),
        ("E3", "decision_efficiency", "organizational_echo"),
    ]
    return tuple(
        _verdict(name, _statement(y, x), PathTest(outcome=y, predictor=x), "supported", fit) for name, y, x in plain
    )


def _validity(names: list[str]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(11)
    size = len(names)
    correlations = rng.uniform(0.1, 0.7, (size, size))
    correlations = np.tril(correlations, -1)
    htmt = pd.DataFrame(np.eye(size) + (correlations + correlations.T) * 1.3, index=names, columns=names)
    larcker = pd.DataFrame(np.where(correlations > 0, correlations, nan), index=names, columns=names)
    values = larcker.to_numpy(copy=True)
    np.fill_diagonal(values, rng.uniform(0.65, 0.85, size))
    larcker = pd.DataFrame(values, index=names, columns=names)
    reliability = pd.DataFrame(
        {
            "n_items": 4,
            "alpha": rng.uniform(0.7, 0.93, size),
            "omega": rng.uniform(0.7, 0.93, size),
            "composite_reliability": rng.uniform(0.68, 0.93, size),
            "average_variance_extracted": rng.uniform(0.42, 0.75, size),
        },
        index=names,
    )
    return reliability, htmt, larcker


def build_content(
    labels: dict[str, str], paths: dict[str, tuple[str, ...]], *, simulated: bool, wording: str = ""
) -> ReportContent:
    instrument = build_instrument(labels, wording)
    reliability, htmt, larcker = _validity(list(labels))
    return ReportContent(
        title="Micro-influencers as catalysts for brand building: verdict on an invented survey",
        study_id="invented_study",
        instrument=instrument,
        labels=labels,
        simulated=simulated,
        simulated_note="SIMULATED (seed 7)" if simulated else "",
        population_note="Drawn from an invented population with paths between .10 and .50." if simulated else "",
        source="/home/ana/project/answers.csv",
        n_read=400,
        n_analysed=372,
        flow=pd.DataFrame(
            [
                ("imported", "rows of the source", "", 0, 400),
                ("eligibility", "took part in a purchase in the last 24 months", "exclude", 12, 388),
                ("attention checks", "at most 0 failed", "exclude", 9, 379),
                ("straight-lining", "same answer 20 times in a row", "flag", 4, 379),
                ("incomplete answers", "all items of the model answered", "exclude", 7, 372),
                ("analysed", "rows that enter the analysis", "", 0, 372),
            ],
            columns=["step", "rule", "action", "n_affected", "n_remaining"],
        ),
        measurement=_measurement(instrument),
        structural=_structural(paths),
        reliability=reliability,
        htmt=htmt,
        fornell_larcker=larcker,
        verdicts=(),
        extensions=(),
        effects=pd.DataFrame(
            columns=["label", "estimate", "std_error", "ci_lower", "ci_upper", "p_value", "std_estimate"]
        ),
        fit_judgement=(),
        findings=(),
        agreement="",
        software={"surveysem": "0.1.0", "Python": "3.11.7", "numpy": "2.4.0"},
        settings={"estimator": "MLR", "missing": "listwise", "interaction": "product indicators, all pairs"},
        fit_criteria=FitCriteria(),
        generated="2026-03-01",
        fingerprint="sha256:9f2c4a1be0d3",
    )


def build_flagship(*, simulated: bool = True, wording: str = "") -> ReportContent:
    content = build_content(FLAGSHIP_LABELS, FLAGSHIP_PATHS, simulated=simulated, wording=wording)
    fit = content.structural
    effects = [
        ("Network relevance → Perceived credibility → Risk reduction → Brand trust", 0.0312),
        ("Professional expertise → Perceived technical validity → Evaluation quality", 0.1143),
    ]
    return replace(
        content,
        verdicts=_propositions(fit),
        extensions=_extensions(fit),
        effects=pd.DataFrame(
            [(label, b, 0.011, b - 0.022, b + 0.022, 0.0042, b * 1.1) for label, b in effects],
            columns=["label", "estimate", "std_error", "ci_lower", "ci_upper", "p_value", "std_estimate"],
        ),
        fit_judgement=(Finding(severity="warning", where="structural model", message=MISFIT),),
        findings=(
            Finding(severity="note", where="import", message="The column comment was not used."),
            Finding(severity="warning", where="product_complexity", message="AVE is .46, below .50."),
            Finding(severity="serious", where="structural model", message="A residual variance is close to zero."),
        ),
        agreement="Both engines agree: the largest difference between their estimates is 2.1e-06.",
    )


def build_small(*, simulated: bool = False, wording: str = "") -> ReportContent:
    labels = {"quality": "Quality", "liking": "Liking", "intention": "Purchase intention"}
    paths = {"liking": ("quality",), "intention": ("liking", "quality")}
    content = build_content(labels, paths, simulated=simulated, wording=wording)
    test = PathTest(outcome="intention", predictor="liking")
    rule = DecisionRule(expected="positive")
    verdict = _verdict("H1", "Liking raises intention.", test, "supported", content.structural, rule)
    return replace(content, verdicts=(verdict,))


@pytest.fixture(scope="session")
def flagship() -> ReportContent:
    return build_flagship()


@pytest.fixture(scope="session")
def small() -> ReportContent:
    return build_small()


@pytest.fixture(scope="session")
def small_with() -> Callable[..., ReportContent]:
    return build_small
