"""Models on their own, as lavaan users know them."""

from surveysem.modelling.invariance import Invariance, InvarianceCriteria, loss_of_fit, measurement_invariance
from surveysem.modelling.prepare import rows_left_out
from surveysem.modelling.sem import cfa, fit_statements, sem

__all__ = [
    "Invariance",
    "InvarianceCriteria",
    "cfa",
    "fit_statements",
    "loss_of_fit",
    "measurement_invariance",
    "rows_left_out",
    "sem",
]
