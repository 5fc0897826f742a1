"""Replications of a study by full information, straight from the pilot's estimates and without what is not judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveysem.errors import SurveySEMError
from surveysem.estimation import estimate_model
from surveysem.estimation.refit import reason_of
from surveysem.modelling.incomplete import full_information
from surveysem.planning.fast_replication import FastReplication
from surveysem.planning.outcomes import Judged, Outcomes, failed, recorded
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class IncompleteReplication(FastReplication):
    """Replications of a model that is fitted by full-information maximum likelihood; see :class:`FastReplication`.

    Estimates, standard errors and verdicts are those of an analysis; fit indices, which decide nothing about
    propositions and take most of its time, are left out.
    """

    def of_answers(self, answers: Sequence[FloatArray]) -> Outcomes:
        """Replications of given answers (n, p) to the items, reverse-keyed ones reversed."""
        return recorded([self._fitted(items) for items in answers])

    def _fitted(self, items: FloatArray) -> Judged:
        items = items[~np.isnan(items).all(axis=1)]
        if len(items) < self.n_parameters:
            return failed(self.families, self._too_few(len(items)))
        observed = np.hstack([items, self.products.of_incomplete(items)])[:, self.order]
        table = self.template.table
        try:
            sample, discrepancy = full_information(pd.DataFrame(observed, columns=list(table.observed)), table.observed)
            solution = estimate_model(table, sample, discrepancies=(discrepancy,), start=self.plan.theta)
            return self._of_solution(solution)
        except SurveySEMError as error:
            return failed(self.families, reason_of(error))
