"""Tables of the paper, one short file each."""

from surveysem.report.tables.collection import paper_tables

__all__ = ["paper_tables"]
