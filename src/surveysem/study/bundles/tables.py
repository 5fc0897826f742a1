"""The numbers of an analysis as tables with keys, so that two analyses can be compared cell by cell."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from surveysem.data import Responses
from surveysem.inference import Fit
from surveysem.propositions import GroupDifferenceTest, Proposition
from surveysem.study.study import Study

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult

KEYS: Mapping[str, tuple[str, ...]] = {
    "parameters": ("lhs", "op", "rhs", "group"),
    "fit": ("index",),
    "r_squared": ("variable",),
    "reliability": ("latent_variable",),
    "htmt": ("latent_variable",),
    "fornell_larcker": ("latent_variable",),
    "verdicts": ("proposition",),
    "extensions": ("proposition",),
    "screening": ("step", "rule"),
}
"""Columns that tell the rows of a table apart, by the last part of its name."""

_PARAMETERS = [
    "lhs",
    "op",
    "rhs",
    "group",
    "label",
    "free",
    "estimate",
    "std_error",
    "z",
    "p_value",
    "ci_lower",
    "ci_upper",
    "std_lv",
    "std_all",
    "std_std_error",
    "std_ci_lower",
    "std_ci_upper",
    "std_p_value",
]
_WORDS_RECOMPUTED = ["reason", "rule", "statement", "effect"]


def result_tables(result: StudyResult) -> dict[str, pd.DataFrame]:
    """All tables of a result that can be compared, by name such as ``structural/parameters``."""
    tables = {"screening": result.responses.screening.flow}
    for name, fit in fitted_models(result).items():
        tables |= model_tables(name, fit)
    tables |= measurement_tables(result.measurement)
    tables["verdicts"] = verdict_table(result.verdicts)
    if len(result.extensions):
        tables["extensions"] = verdict_table(result.extensions)
    return tables


def fitted_models(result: StudyResult) -> dict[str, Fit]:
    """The fits of a study by name."""
    models = {"measurement": result.measurement, "structural": result.structural}
    return models if result.structural_linear is None else models | {"structural_linear": result.structural_linear}


def model_tables(name: str, fit: Fit) -> dict[str, pd.DataFrame]:
    """Parameters, fit indices and explained variances of one model."""
    indices = pd.DataFrame({"index": list(fit.fit_indices), "value": [float(v) for v in fit.fit_indices.values()]})
    explained = fit.r_squared.rename("value").rename_axis("variable").reset_index()
    return {
        f"{name}/parameters": parameters_table(fit),
        f"{name}/fit": indices,
        f"{name}/r_squared": explained,
    }


def parameters_table(fit: Fit) -> pd.DataFrame:
    """Parameters with their standard errors and standardised values; ``free`` is 1 where they were estimated."""
    return fit.estimates[_PARAMETERS].assign(free=(fit.estimates["free"] > 0).astype(int))


def measurement_tables(fit: Fit) -> dict[str, pd.DataFrame]:
    """Reliability and validity of the latent variables."""
    frames = {"reliability": fit.reliability, "htmt": fit.htmt, "fornell_larcker": fit.fornell_larcker}
    return {
        f"measurement/{name}": frame.rename_axis("latent_variable", axis=0).rename_axis(None, axis=1).reset_index()
        for name, frame in frames.items()
        if len(frame)
    }


def verdict_table(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Verdicts with the words that explain them at the end."""
    last = [name for name in _WORDS_RECOMPUTED if name in verdicts]
    return verdicts[[name for name in verdicts if name not in last] + last].rename_axis("proposition").reset_index()


def analysed_answers(study: Study, responses: Responses, *, cluster: str | None = None) -> pd.DataFrame:
    """What the models saw of the respondents, and nothing else: items and grouping questions, in an order of its own.

    Rows are sorted by their values, so that their order tells nothing of who gave them; row numbers are left out, and
    clusters, where they are wanted, are numbered.
    """
    groups = [test.group for test in group_tests((*study.propositions, *study.extensions))]
    names = [*study.specification.indicators, *(name for name in dict.fromkeys(groups) if name in responses.frame)]
    frame = responses.frame[names].sort_values(names, kind="stable")
    if cluster and cluster in responses.frame:
        frame[cluster] = pd.factorize(responses.frame[cluster].loc[frame.index], use_na_sentinel=True)[0]
        frame[cluster] = frame[cluster].where(frame[cluster] >= 0)
    return frame.reset_index(drop=True)


def group_tests(propositions: tuple[Proposition, ...]) -> list[GroupDifferenceTest]:
    """Tests of differences between groups among propositions and their parts."""
    tests = [each.test for proposition in propositions for each in (proposition, *proposition.parts)]
    return [test for test in tests if isinstance(test, GroupDifferenceTest)]


def answers_hash(answers: pd.DataFrame) -> str:
    """SHA-256 of answers, whatever the order of their rows.

    Examples
    --------
    >>> frame = pd.DataFrame({"x1": [1.0, 2.0], "x2": [3.0, 4.0]})
    >>> answers_hash(frame) == answers_hash(frame.iloc[::-1])
    True
    """
    head, *rows = answers.to_csv(index=False, lineterminator="\n").splitlines()
    return hashlib.sha256("\n".join([head, *sorted(rows)]).encode("utf-8")).hexdigest()


def csv_bytes(frame: pd.DataFrame, *, index: bool = False) -> bytes:
    """A table as CSV with every digit that tells its numbers apart from their neighbours."""
    return frame.to_csv(index=index, lineterminator="\n").encode("utf-8")
