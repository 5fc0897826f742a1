"""Measurement invariance over time, in one sample measured repeatedly."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

import pandas as pd

from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.inference import Fit
from surveysem.inference.comparison import nested_difference
from surveysem.inference.fixed_parameters import fixed_parameter_tests
from surveysem.inference.modification import score_test
from surveysem.modelling.invariance import Invariance, InvarianceCriteria, _first_row, _row
from surveysem.modelling.invariance_findings import difference_findings, fit_findings
from surveysem.modelling.invariance_levels import InvarianceLevel, invariance_levels, levels_up_to
from surveysem.modelling.longitudinal_findings import longitudinal_findings, untested_over_time
from surveysem.modelling.longitudinal_model import LongitudinalModel, check_measurement
from surveysem.modelling.longitudinal_waves import (
    RepeatedMeasures,
    WaveColumns,
    common_categories,
    long_waves,
    wide_waves,
)
from surveysem.modelling.sem import fit_statements
from surveysem.specification import ordered_variables, parse_syntax
from surveysem.typing import EstimatorName

_CONSEQUENCES = {
    "thresholds": "the answer categories do not mean the same at all waves and nothing that rests on them can be "
    "compared",
    "metric": "relations among the latent variables cannot be compared over time",
    "scalar": "change in latent means cannot be told from change in the items",
    "strict": "observed scale scores cannot be compared over time without reserve",
}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LongitudinalInvariance(Invariance):
    """The levels of invariance over time; as :class:`~surveysem.modelling.invariance.Invariance`.

    Parameters
    ----------
    waves : tuple of str
        Names of the waves, in order of time. A latent variable ``f`` is called ``f_`` and the name of the wave in
        the fits.
    columns : Mapping of str to Mapping of str to str
        By wave the column of each item.
    """

    waves: tuple[str, ...] = ()
    columns: WaveColumns = field(default_factory=lambda: MappingProxyType({}))

    @property
    def decision(self) -> str:
        """The result in one sentence."""
        failed = self.table.index[~self.table["holds"]]
        reached = f"Invariance over time ({len(self.waves)} waves) holds up to the {self.highest} level"
        if not len(failed):
            return f"{reached}."
        return f"{reached}; the {failed[0]} level fails, so that {_CONSEQUENCES[str(failed[0])]}."


def longitudinal_invariance(
    syntax: str,
    data: pd.DataFrame,
    *,
    waves: WaveColumns | Sequence[Hashable] | None = None,
    ordered: Sequence[str] | bool = (),
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
    cluster: str | None = None,
    partial: Sequence[str] = (),
    criteria: InvarianceCriteria | None = None,
    id: str | None = None,
    wave: str | None = None,
) -> LongitudinalInvariance:
    """Tests of measurement invariance over time in one sample, stopping at the first level that fails.

    Parameters
    ----------
    syntax : str
        The measurement model of one wave in lavaan's syntax, without labels. That of all waves is made from it:
        every covariance between latent variables of different waves is free, except where the two are written as
        uncorrelated within waves, and so is that of the residuals of one item at different waves (unless its
        residual variance is fixed).
    data : pandas.DataFrame
        One row a person, with a column for each item and wave; or, with *id* and *wave*, one row a person and wave.
    waves : mapping or sequence
        Of one row a person: the column of each item by wave (``{"t1": {"x1": "x1_1", …}, …}``), or what is appended
        to the items' names (``("_1", "_2")``), in order of time. With *id* and *wave*: the values of *wave* to use,
        in order of time; by default all, where the column is numeric, a date or an ordered categorical.
    ordered, estimator, missing, cluster
        As for :func:`surveysem.sem`; items are named as in the syntax. Of ordered items the default estimator is
        WLSMV. DWLS and ULS have no difference test. A *cluster* is that of the person.
    partial : sequence of str
        Parameters of one wave freed from equality at every level: ``"f=~x2"``, ``"x3~1"``, ``"x1|t2"``, ``"x1~~x1"``.
    criteria : InvarianceCriteria, optional
        As for :func:`surveysem.measurement_invariance`. The limits were found for groups; over time they are a custom.
    id, wave : str, optional
        Columns that name the person and the wave, of data with one row a person and wave. A person without a row at
        some wave counts as missing there: used with ``missing="fiml"``, else left out and counted.

    Returns
    -------
    LongitudinalInvariance
        Of continuous items the levels are configural, metric (equal loadings), scalar (and intercepts; latent means of
        later waves are free) and strict (and residual variances). With ordered items: configural, thresholds, metric
        and scalar, identified after Wu and Estabrook (2016) as for groups. A level that restricts nothing beyond the
        one before is left out, and a finding says so. Latent variances are free at every wave. Of a level that
        fails, ``proposals`` are score tests of its equalities, the first wave against each other one; the column
        ``parameter`` is what *partial* takes.

    Raises
    ------
    ModelSyntaxError
        When the syntax is not the measurement model of one wave.
    DataError, EstimationError, UnsupportedError
        As :func:`surveysem.sem`; and where waves, items or persons cannot be told apart.

    Notes
    -----
    All levels are models of one group of persons. CFI compares each with the usual independence model, as lavaan does,
    and not with the longitudinal one of Widaman and Thompson (2003), whose means and variances are equal over time.

    References
    ----------
    chen_2007, liu_2017, widaman_thompson_2003, wu_estabrook_2016

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> years = {"60": dict(a="y1", b="y2", c="y3", d="y4"), "65": dict(a="y5", b="y6", c="y7", d="y8")}
    >>> result = ss.longitudinal_invariance("democracy =~ a + b + c + d", data, waves=years)
    >>> result.table["chisq"].round(3).to_dict()
    {'configural': 23.841, 'metric': 27.135, 'scalar': 33.131, 'strict': 40.802}
    >>> result.decision
    'Invariance over time (2 waves) holds up to the strict level.'
    """
    if estimator in ("DWLS", "ULS"):
        other = "WLSMV" if estimator == "DWLS" else "ULSMV"
        raise UnsupportedError(
            f"estimator={estimator!r} has no difference test. Use {other}, whose estimates are the same."
        )
    statements = parse_syntax(syntax)
    items = check_measurement(statements)
    measures = _measures(data, items, waves=waves, id=id, wave=wave, cluster=cluster)
    ordered_items = _ordered_items(ordered, items, ordered_variables(statements))
    model = LongitudinalModel(
        statements=tuple(statements),
        columns=measures.columns,
        categories=common_categories(measures, ordered_items),
        partial=_plain(partial),
    )

    def fitted(level: InvarianceLevel) -> Fit:
        return fit_statements(
            model.compiled(level),
            measures.frame,
            estimator=estimator,
            missing=missing,
            ordered=tuple(names[item] for names in model.names for item in ordered_items),
            cluster=cluster,
            meanstructure=True,
        )

    return _climb(model, measures, fitted, criteria or InvarianceCriteria())


def _measures(
    data: pd.DataFrame,
    items: Sequence[str],
    *,
    waves: WaveColumns | Sequence[Hashable] | None,
    id: str | None,
    wave: str | None,
    cluster: str | None,
) -> RepeatedMeasures:
    if not isinstance(data, pd.DataFrame):
        raise DataError(f"The data must be a pandas DataFrame, not {type(data).__name__}.")
    if (id is None) != (wave is None):
        raise UnsupportedError("id= and wave= go together: data with one row a person and wave have both columns.")
    if id is not None and wave is not None:
        if isinstance(waves, Mapping):
            raise UnsupportedError("With id= and wave=, waves= lists values of the column, and maps no columns.")
        return long_waves(data, items, id=id, wave=wave, waves=waves, cluster=cluster)
    if waves is None:
        raise UnsupportedError('Say where the waves are: waves=("_1", "_2"), a mapping of columns, or id= and wave=.')
    return wide_waves(data, items, cast("WaveColumns | Sequence[str]", waves))


def _ordered_items(ordered: Sequence[str] | bool, items: Sequence[str], written: Sequence[str]) -> tuple[str, ...]:
    named = (ordered,) if isinstance(ordered, str) else ordered
    wanted = {*written, *((items if named else ()) if isinstance(named, bool) else named)}
    unknown = sorted(wanted - set(items))
    if unknown:
        remedy = f"Items of the model of one wave: {', '.join(items)}."
        problems = [Problem(where="ordered", found=f"{name!r} is not one of them", remedy=remedy) for name in unknown]
        raise DataError("Only items of the model can be ordered.", problems)
    return tuple(name for name in items if name in wanted)


def _plain(partial: Sequence[str]) -> tuple[str, ...]:
    names = (partial,) if isinstance(partial, str) else partial
    return tuple("".join(name.split()) for name in names)


def _climb(
    model: LongitudinalModel,
    measures: RepeatedMeasures,
    fitted: Callable[[InvarianceLevel], Fit],
    criteria: InvarianceCriteria,
) -> LongitudinalInvariance:
    """Level by level, up to the first that fails."""
    configural = InvarianceLevel(name="configural", equal=())
    by_wave = model.by_wave(configural)
    findings = [*measures.findings, *longitudinal_findings(by_wave, model.statements)]
    reached = configural
    fits = {"configural": fitted(configural)}
    rows = [_first_row(fits["configural"])]
    levels = invariance_levels(by_wave, model.statements, model.partial)
    for level in levels_up_to(levels, "scalar" if by_wave.ordered else None)[1:]:
        before = fits[reached.name]
        if model.degrees_of_freedom(level) == before.table.degrees_of_freedom:
            findings.append(untested_over_time(level.name, reached.name))
            continue
        fits[level.name] = fitted(level)
        test = nested_difference(fits[level.name], before)
        rows.append(_row(fits[level.name], before, level.name, criteria, test))
        findings += difference_findings(test, level.name)
        if not rows[-1]["holds"]:
            break
        reached = level
    failed = not rows[-1]["holds"]
    return LongitudinalInvariance(
        fits=fits,
        table=pd.DataFrame(rows, index=pd.Index(list(fits), name="level")),
        highest=reached.name,
        proposals=_proposals(fits[level.name], model, level) if failed else pd.DataFrame(),
        group="wave",
        findings=(*findings, *fit_findings(fits)),
        waves=tuple(model.columns),
        columns=model.columns,
    )


def _proposals(fit: Fit, model: LongitudinalModel, level: InvarianceLevel) -> pd.DataFrame:
    """Score tests of what is equal over time: by constraint, or fixed as intercepts of latent responses are."""
    templates = model.templates(level)
    found = score_test(fit).constraints
    fixed = [row for row in fit.table if row.op == "~1" and row.lhs in _later_ordered(model) and not row.free]
    tables = [found.assign(parameter=[templates[name] for name in found["lhs"]])]
    if level.name == "scalar" and fixed:
        tests = fixed_parameter_tests(fit, fixed)
        tables.append(tests.assign(parameter=[templates[name] for name in tests["lhs"]]))
    by = "chi_square_robust" if "chi_square_robust" in found else "chi_square"
    return pd.concat(tables).sort_values(by, ascending=False, kind="stable", ignore_index=True)


def _later_ordered(model: LongitudinalModel) -> set[str]:
    """Columns of ordered items after the first wave."""
    return {names[item] for names in model.names[1:] for item in model.categories}
