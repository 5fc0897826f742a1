"""Models on their own, as lavaan users know them."""

from surveysem.modelling.sem import cfa, fit_statements, rows_left_out, sem

__all__ = ["cfa", "fit_statements", "rows_left_out", "sem"]
