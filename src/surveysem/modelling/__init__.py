"""Models on their own, as lavaan users know them."""

from surveysem.modelling.prepare import rows_left_out
from surveysem.modelling.sem import cfa, fit_statements, sem

__all__ = ["cfa", "fit_statements", "rows_left_out", "sem"]
