"""Table: fit indices beside their cut-offs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import nan

from surveysem.number_formats import format_bounded
from surveysem.propositions import FitCriteria
from surveysem.report.content import ReportContent
from surveysem.report.inline import cited
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
    """Whether a scaled test and robust indices stand beside the standard ones."""
    return "chisq.scaled" in indices


def fit(content: ReportContent) -> Table:
    """Fit indices of the measurement and the structural model."""
    robust = any(has_robust_indices(model.fit_indices) for model in (content.measurement, content.structural))
    return Table(
        name="fit",
        title="Fit of the measurement and the structural model",
        columns=tuple(_columns(robust=robust)),
        rows=tuple(_row(content, line) for line in _STANDARD if line[1] or robust),
        notes=(
            (
                *model_note(content.measurement, what="Measurement model: "),
                " ",
                *model_note(content.structural, what="Structural model: "),
                " CFI = comparative fit index; TLI = Tucker–Lewis index; RMSEA = root mean square error of "
                "approximation; SRMR = standardised root mean square residual; AIC, BIC = information criteria of "
                "Akaike and Schwarz.",
            ),
            (
                "The cut-offs were derived from one kind of model and do not carry over to every other, as ",
                cited("mcneish_wolf_2023"),
                " show; they are printed as a convention, not as a test.",
            ),
        ),
        simulated=content.simulated,
    )


def _columns(*, robust: bool) -> Iterator[Column]:
    yield Column(key="index", label="Index")
    for model in ("Measurement", "Structural"):
        yield Column(key=f"{model.lower()}_standard", label="Standard", kind="decimal", spanner=f"{model} model")
        if robust:
            label = "Scaled or robust"
            yield Column(key=f"{model.lower()}_robust", label=label, kind="decimal", spanner=f"{model} model")
    yield Column(key="cutoff", label="Cut-off")
    yield Column(key="source", label="Source")


def _row(content: ReportContent, line: tuple[str, str, Kind, int]) -> Row:
    label, key, kind, decimals = line
    cells: dict[str, Cell] = {"index": label, "cutoff": _cutoff(content.fit_criteria, key)}
    customary = hasattr(FitCriteria, key) and getattr(content.fit_criteria, key) == getattr(FitCriteria, key)
    cells["source"] = cited("hu_bentler_1999") if customary else None
    for name, model in (("measurement", content.measurement), ("structural", content.structural)):
        cells[f"{name}_standard"] = _quantity(model.fit_indices, key, kind, decimals) if key else None
        robust = _ROBUST.get(label) if has_robust_indices(model.fit_indices) else None
        cells[f"{name}_robust"] = _quantity(model.fit_indices, robust, kind, decimals) if robust else None
    return Row(cells=cells)


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
