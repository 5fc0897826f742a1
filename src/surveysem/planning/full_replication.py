"""Replications of a study by its whole analysis, with any estimator, missing answers and method of moderation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from surveysem.data.simulation import ResponseSimulator
from surveysem.errors import SurveySEMError
from surveysem.estimation.refit import reason_of
from surveysem.planning.outcomes import Family, Judged, Outcomes, failed, flat, recorded
from surveysem.study import Study, StudyResult, fit_study, read_responses

Answers: TypeAlias = Callable[..., pd.DataFrame]
"""Called with the study, ``n=`` and ``seed=``, it returns answers as they would be collected."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FullReplication:
    """Replications by :func:`~surveysem.study.fit_study`.

    Parameters
    ----------
    study : Study
        With the population that answers are drawn from.
    families : tuple of Family
        What is judged.
    options : Mapping of str to object
        Of ``fit_study``.
    answers : ResponseSimulator or callable
        What draws the answers.
    """

    study: Study
    families: tuple[Family, ...]
    options: Mapping[str, Any]
    answers: ResponseSimulator | Answers

    def run(self, n: int, seeds: Sequence[np.random.SeedSequence]) -> Outcomes:
        """Replications of samples of *n* collected answers, one a seed."""
        return recorded([self._judged(n, seed) for seed in seeds])

    def _judged(self, n: int, seed: np.random.SeedSequence) -> Judged:
        try:
            answers = read_responses(self._answers(n, seed), self.study)
            result = fit_study(self.study, answers, bootstrap=0, rivals=False, progress=False, **self.options)
        except SurveySEMError as error:
            return failed(self.families, reason_of(error))
        return _of_result(result)

    def _answers(self, n: int, seed: np.random.SeedSequence) -> pd.DataFrame:
        number = int(seed.generate_state(1, np.uint32)[0])
        if isinstance(self.answers, ResponseSimulator):
            return self.answers.draw(n=n, seed=number)
        return self.answers(self.study, n=n, seed=number)


def _of_result(result: StudyResult) -> Judged:
    verdicts = flat([*result.judged, *result.judged_extensions])
    if result.structural.admissible:
        return Judged(verdicts=verdicts)
    serious = [finding.message for finding in result.structural.findings if finding.severity == "serious"]
    return Judged(verdicts=verdicts, status=1, reason=f"the solution is inadmissible ({' '.join(serious).rstrip('.')})")
