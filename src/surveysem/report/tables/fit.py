"""Table: fit indices beside their cut-offs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import nan

from surveysem.number_formats import format_bounded
from surveysem.propositions import FitCriteria
from surveysem.report.content import FittedModel, ReportContent
from surveysem.report.inline import Text, cited
from surveysem.report.table import Cell, Column, Interval, Kind, Quantity, Row, Table
from surveysem.report.tables.columns import model_note

_STANDARD: tuple[tuple[str, str, Kind, int], ...] = (
    ("χ²", "chisq", "decimal", 2),
    ("df", "df", "integer", 0),
    ("p", "pvalue", "p", 3),
    ("Scaling factor", "", "decimal", 3),
    ("CFI", "cfi", "bounded", 3),
    ("TLI", "tli", "bounded", 3),
    ("RMSEA", "rmsea", "bounded", 3),
    ("RMSEA, 90% CI", "rmsea.ci", "bounded_interval", 3),
    ("RMSEA, p of close fit", "rmsea.pvalue", "p", 3),
    ("SRMR", "srmr", "bounded", 3),
    ("Log-likelihood", "logl", "decimal", 2),
    ("AIC", "aic", "decimal", 2),
    ("BIC", "bic", "decimal", 2),
    ("Free parameters", "npar", "integer", 0),
)
_OF_LIKELIHOOD = ("logl", "aic", "bic")
_ROBUST: Mapping[str, str] = {
    "χ²": "chisq.scaled",
    "df": "df.scaled",
    "p": "pvalue.scaled",
    "Scaling factor": "chisq.scaling.factor",
    "CFI": "cfi.robust",
    "TLI": "tli.robust",
    "RMSEA": "rmsea.robust",
    "RMSEA, 90% CI": "rmsea.ci.robust",
}


def has_robust_indices(indices: Mapping[str, float]) -> bool:
    """Whether robust CFI, TLI and RMSEA stand beside the standard ones, or would if they could be computed."""
    return "cfi.robust" in indices


def has_scaled_test(indices: Mapping[str, float]) -> bool:
    """Whether a scaled test statistic stands beside the standard one."""
    return "chisq.scaled" in indices


def fit(content: ReportContent) -> Table:
    """Fit indices of the measurement and the structural model, and of the latter without products by LMS or QML."""
    models = shown_models(content)
    indices = [model.fit_indices for _, model in models.values()]
    scaled = any(map(has_scaled_test, indices))
    corrected = scaled or any(map(has_robust_indices, indices))
    return Table(
        name="fit",
        title="Fit of the measurement and the structural model",
        columns=tuple(_columns(models, corrected=corrected)),
        rows=tuple(_row(content, models, line) for line in _STANDARD if _applies(line[1], indices, scaled=scaled)),
        notes=tuple(_notes(content)),
        simulated=content.simulated,
    )


def _applies(key: str, indices: Sequence[Mapping[str, float]], *, scaled: bool) -> bool:
    """Whether a line has a number: scaling factors of scaled tests, likelihoods of likelihood methods."""
    return any(key in each for each in indices) if key in _OF_LIKELIHOOD else bool(key) or scaled


def shown_models(content: ReportContent) -> dict[str, tuple[str, FittedModel]]:
    """Models whose fit is shown, by key, with their headings."""
    models = {
        "measurement": ("Measurement model", content.measurement),
        "structural": ("Structural model", content.structural),
    }
    if content.structural_linear is not None:
        models["linear"] = ("Structural model without its products", content.structural_linear)
    return models


def _notes(content: ReportContent) -> Iterator[Text]:
    yield (
        *model_note(content.measurement, what="Measurement model: "),
        " ",
        *model_note(content.structural, what="Structural model: "),
        " CFI = comparative fit index; TLI = Tucker–Lewis index; RMSEA = root mean square error of "
        "approximation; SRMR = standardised root mean square residual",
        "; AIC, BIC = information criteria of Akaike and Schwarz." if _has_likelihood(content) else ".",
    )
    if content.structural_linear is not None:
        yield (
            "A model with latent products by LMS or QML has no χ², and no index made of one: its outcomes are not "
            "normal, so that means and covariances do not say all about it. Cut-offs are held against the same model "
            "without its products; likelihood-ratio tests of the products stand in the table on moderation.",
        )
    yield (
        "The cut-offs were derived from one kind of model and do not carry over to every other, as ",
        cited("mcneish_wolf_2023"),
        " show; they are printed as a convention, not as a test.",
    )


def _has_likelihood(content: ReportContent) -> bool:
    return any("aic" in model.fit_indices for _, model in shown_models(content).values())


def _columns(models: Mapping[str, tuple[str, FittedModel]], *, corrected: bool) -> Iterator[Column]:
    yield Column(key="index", label="Index")
    for key, (heading, model) in models.items():
        yield Column(key=f"{key}_standard", label="Standard", kind="decimal", spanner=heading)
        if corrected and _has_test(model.fit_indices):
            yield Column(key=f"{key}_robust", label="Scaled or robust", kind="decimal", spanner=heading)
    yield Column(key="cutoff", label="Cut-off")
    yield Column(key="source", label="Source")


def _has_test(indices: Mapping[str, float]) -> bool:
    return "chisq" in indices


def _row(
    content: ReportContent, models: Mapping[str, tuple[str, FittedModel]], line: tuple[str, str, Kind, int]
) -> Row:
    label, key, kind, decimals = line
    cells: dict[str, Cell] = {"index": label, "cutoff": _cutoff(content.fit_criteria, key)}
    customary = hasattr(FitCriteria, key) and getattr(content.fit_criteria, key) == getattr(FitCriteria, key)
    cells["source"] = cited("hu_bentler_1999") if customary else None
    for name, (_, model) in models.items():
        cells[f"{name}_standard"] = _quantity(model.fit_indices, key, kind, decimals) if key else None
        cells[f"{name}_robust"] = _corrected(model.fit_indices, label, kind, decimals)
    return Row(cells=cells)


def _corrected(indices: Mapping[str, float], label: str, kind: Kind, decimals: int) -> Quantity | None:
    """The scaled or robust version of an index; None where the model has none."""
    key = _ROBUST.get(label, "")
    present = has_robust_indices(indices) if key.endswith(".robust") else has_scaled_test(indices)
    return _quantity(indices, key, kind, decimals) if key and present else None


def _cutoff(criteria: FitCriteria, key: str) -> str:
    """The cut-off the study declares for an index; empty where there is none."""
    if not hasattr(criteria, key):
        return ""
    return f"{'≥' if key in ('cfi', 'tli') else '≤'} {format_bounded(getattr(criteria, key))}"


def _quantity(indices: Mapping[str, float], key: str, kind: Kind, decimals: int) -> Quantity:
    if kind != "bounded_interval":
        return Quantity(value=float(indices.get(key, nan)), kind=kind, decimals=decimals)
    lower, upper = (key.replace("rmsea.ci", f"rmsea.ci.{side}") for side in ("lower", "upper"))
    limits = Interval(lower=float(indices.get(lower, nan)), upper=float(indices.get(upper, nan)))
    return Quantity(value=limits, kind=kind, decimals=decimals)
