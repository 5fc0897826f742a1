"""Do the verdicts depend on whom screening left out? A study fitted under several screenings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

import pandas as pd

from surveysem.data import Responses, ScreeningRules
from surveysem.data.responses import screen_again
from surveysem.errors import SurveySEMError, UnsupportedError
from surveysem.findings import Finding
from surveysem.study.careless_kept import without_careless_exclusions
from surveysem.study.fitting import fit_study
from surveysem.study.responses import read_responses
from surveysem.study.result import StudyResult
from surveysem.study.study import Study

_SHOWN = ("verdict", "std_estimate", "p_value")


@dataclass(frozen=True, kw_only=True, eq=False)
class ScreeningComparison:
    """A study fitted under several screenings.

    Parameters
    ----------
    rules : Mapping of str to ScreeningRules
        The screenings by name, the first of which the others are compared with.
    results : Mapping of str to StudyResult
        Results of those that could be fitted.
    failures : Mapping of str to str
        Why the others could not.
    """

    rules: Mapping[str, ScreeningRules]
    results: Mapping[str, StudyResult]
    failures: Mapping[str, str]

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Verdict, standardised estimate and p of each proposition under each screening, side by side.

        Columns are pairs of the screening's name and verdict, std_estimate or p_value, and at last
        (changed, verdict): whether the verdicts differ.
        """
        tables = {name: result.verdicts[list(_SHOWN)] for name, result in self.results.items()}
        table = pd.concat(tables, axis=1)
        verdicts = pd.DataFrame({name: each["verdict"] for name, each in tables.items()})
        table[("changed", "verdict")] = verdicts.ne(verdicts.iloc[:, 0], axis=0).any(axis=1)
        return table

    @cached_property
    def samples(self) -> pd.DataFrame:
        """Rows read, left out by each rule, and analysed, by screening."""
        return pd.DataFrame({name: _counts(result) for name, result in self.results.items()}).T.fillna(0).astype(int)

    @property
    def changed(self) -> tuple[str, ...]:
        """Propositions whose verdict is not the same under all screenings."""
        table = self.verdicts
        return tuple(str(name) for name in table.index[table[("changed", "verdict")]])

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the comparison shows, in sentences fit for a report."""
        place = "sensitivity to screening"
        found = [
            Finding(severity="warning", where=place, message=f"Under the screening {name!r} there is no result: {why}")
            for name, why in self.failures.items()
        ]
        names = ", ".join(repr(name) for name in self.results)
        if self.changed:
            message = f"The verdict on {', '.join(self.changed)} is not the same under the screenings {names}."
            found.append(Finding(severity="warning", where=place, message=message))
        elif len(self.results) > 1:
            message = f"All verdicts are the same under the screenings {names}."
            found.append(Finding(severity="note", where=place, message=message))
        return tuple(found)

    def __repr__(self) -> str:
        return "\n".join(
            [*(str(each) for each in self.findings), self.samples.to_string(), self.verdicts.round(3).to_string()]
        )

    def _repr_html_(self) -> str:
        lines = "".join(f"<li>{escape(str(each))}</li>" for each in self.findings)
        tables = self.samples.to_html(border=0) + self.verdicts.round(3).to_html(border=0)
        return f"<ul>{lines}</ul>{tables}"


def compare_screening(
    study: Study,
    data: Responses | pd.DataFrame | str | Path,
    rules: Mapping[str, ScreeningRules] | None = None,
    **options: object,
) -> ScreeningComparison:
    """A study fitted under several screenings, with the verdicts side by side.

    Parameters
    ----------
    study : Study
        Questionnaire, model and propositions.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        Answers that :func:`read_responses` returned, of whom everybody is screened anew; or answers as they were
        collected, for that function.
    rules : Mapping of str to ScreeningRules, optional
        Screenings by name. By default ``"declared"``, the study's own, and ``"careless kept"``, the same with rules on
        attention checks and careless responding flagging instead of leaving out.
    **options : object
        Of :func:`fit_study`, such as ``estimator`` or ``missing``.

    Raises
    ------
    UnsupportedError
        When *rules* are no mapping of names to screening rules, or there are none.
    SurveySEMError
        When the first screening gives no result; failures of the others are told by ``failures``.

    References
    ----------
    meade_craig_2012, curran_2016

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> comparison = ss.compare_screening(study, study.bundled_data())
    >>> comparison.changed, comparison.samples["analysed"].tolist()
    ((), [75, 75])
    """
    screenings = dict(_default_rules(study) if rules is None else _checked(rules))
    results: dict[str, StudyResult] = {}
    failures: dict[str, str] = {}
    for name, each in screenings.items():
        try:
            answers = _screened(study, data, each)
            results[name] = fit_study(study, answers, bootstrap=0, rivals=False, **options)  # type: ignore[arg-type]
        except SurveySEMError as error:
            if not results:
                raise
            failures[name] = " ".join([error.message, *(str(problem) for problem in error.problems[:2])])
    return ScreeningComparison(rules=screenings, results=results, failures=failures)


def _screened(study: Study, data: Responses | pd.DataFrame | str | Path, rules: ScreeningRules) -> Responses:
    if isinstance(data, Responses):
        return screen_again(data, study.instrument, required=study.specification.indicators, rules=rules)
    return read_responses(data, study, screening=rules)


def _default_rules(study: Study) -> dict[str, ScreeningRules]:
    return {"declared": study.screening, "careless kept": without_careless_exclusions(study.screening)}


def _checked(rules: object) -> Mapping[str, ScreeningRules]:
    if not isinstance(rules, Mapping) or not rules or not all(isinstance(r, ScreeningRules) for r in rules.values()):
        raise UnsupportedError(
            "rules must be screening rules by name, such as {'strict': ScreeningRules(...), 'all': ScreeningRules()}."
        )
    return rules


def _counts(result: StudyResult) -> dict[str, int]:
    flow = result.responses.screening.flow
    excluded = flow[(flow["action"] == "exclude") & (flow["n_affected"] > 0)]
    counts = {"imported": result.responses.screening.n_imported}
    counts |= {str(step): int(count) for step, count in zip(excluded["step"], excluded["n_affected"], strict=True)}
    left_out = result.responses.n_obs - result.structural.n_obs
    return counts | ({"missing answers": left_out} if left_out else {}) | {"analysed": result.structural.n_obs}
