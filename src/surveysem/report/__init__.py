"""Reports: a document of tables, figures and sentences, and its renderers."""

from surveysem.report.content import FittedModel, ReportContent
from surveysem.report.deviations import Deviation, PreregistrationCheck
from surveysem.report.document import Document
from surveysem.report.figures import paper_figures
from surveysem.report.measurement_quality import MeasurementQuality
from surveysem.report.narrative import build_document
from surveysem.report.render import (
    render_html,
    render_latex,
    render_markdown,
    write_report,
    write_tables,
)
from surveysem.report.table import Table
from surveysem.report.tables import paper_tables

__all__ = [
    "Deviation",
    "Document",
    "FittedModel",
    "MeasurementQuality",
    "PreregistrationCheck",
    "ReportContent",
    "Table",
    "build_document",
    "paper_figures",
    "paper_tables",
    "render_html",
    "render_latex",
    "render_markdown",
    "write_report",
    "write_tables",
]
