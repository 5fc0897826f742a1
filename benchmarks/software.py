"""One measurement of one piece of software: seconds, and the statistic of fit that shows it did the same."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import semopy

import surveysem as ss
from benchmarks.cases import Case
from surveysem.estimation.engines.quasi_newton import approach
from surveysem.estimation.latent_moderation.fitting import _first_nodes
from surveysem.inference.bootstrap import bootstrap
from surveysem.modelling.latent_moderation import _linear_estimates, _reference
from surveysem.modelling.prepare import prepare_data

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Seconds, per replicate for a bootstrap, and χ² of the model; with latent interactions its log-likelihood."""

    seconds: float
    chi_square: float


def surveysem_fit(case: Case) -> Measurement:
    """From data frame to table of estimates and all fit indices."""

    def run() -> float:
        fit = _fit(case)
        assert len(fit.estimates)
        return fit.fit_indices["logl" if case.interaction else "chisq"]

    return _timed(run, repeats=3 if case.slow_elsewhere else 5)


def surveysem_bootstrap(case: Case, replicates: int) -> Measurement:
    """Resampling, refits, standardised draws and intervals, on one core."""
    fit = _fit(case)
    bootstrap(fit, 2, seed=1)
    start = time.perf_counter()
    bootstrap(fit, replicates, seed=1)
    seconds = (time.perf_counter() - start) / replicates
    return Measurement(seconds=seconds, chi_square=fit.fit_indices["chisq"])


def lms_estimates(case: Case) -> Measurement:
    """From moments to the estimates of a model with latent interactions: linear model, nodes, maximum; nothing more."""
    fit = _fit(case)
    table, samples = fit.table, fit.solution.problem.samples
    prepared = prepare_data(case.data, table.observed)
    reference = _reference(prepared.samples[0], prepared.discrepancies[0])

    def run() -> float:
        start = _linear_estimates(table, prepared)
        discrepancies = _first_nodes(table, samples, [reference], start, None)
        problem = replace(fit.solution.problem, discrepancies=discrepancies)
        theta, _ = approach(problem, start, max_iterations=200)
        return reference - problem.n_obs / 2.0 * problem.value(problem.implied(theta))

    return _timed(run, repeats=5)


def semopy_fit(case: Case) -> Measurement:
    """From data frame to estimates and semopy's statistics."""

    def run() -> float:
        model = semopy.Model(case.syntax)
        model.fit(case.data, solver="SLSQP")
        model.inspect(std_est=True)
        return float(semopy.calc_stats(model)["chi2"].iloc[0])

    return _timed(run, repeats=1)


def lavaan(case: Case, replicates: int = 0) -> Measurement:
    """The same in R; a bootstrap there gives coefficients only."""
    with tempfile.TemporaryDirectory() as folder:
        model, data = Path(folder) / "model.txt", Path(folder) / "data.csv"
        model.write_text(case.syntax + "\n", encoding="utf-8")
        case.data.to_csv(data, index=False, encoding="utf-8")
        size = "large" if len(case.data.columns) > 20 else "small"
        size = "slow" if case.slow_elsewhere else size
        options = [case.estimator, case.group or "", str(replicates), size, case.missing, str(case.ordered).upper()]
        output = _rscript(HERE / "lavaan.R", str(model), str(data), *options)
    seconds, chi_square = output.split()
    return Measurement(seconds=float(seconds), chi_square=float(chi_square))


def has_lavaan() -> bool:
    """Whether R with lavaan can be run."""
    return shutil.which("Rscript") is not None and not _run([_rscript_path(), "-e", "library(lavaan)"]).returncode


def r_description() -> str:
    """Versions of R and lavaan and the BLAS that R uses."""
    return _rscript(HERE / "machine.R").strip()


def _fit(case: Case) -> ss.Fit:
    equal = ("loadings", "intercepts") if case.group else ()
    return ss.sem(
        case.syntax,
        case.data,
        estimator=case.estimator,
        group=case.group,
        group_equal=equal,
        missing=case.missing,
        ordered=case.ordered,
        interaction=case.interaction or "product_indicator",
    )


def _timed(run: Callable[[], float], *, repeats: int) -> Measurement:
    chi_square = run()
    start = time.perf_counter()
    for _ in range(repeats):
        run()
    return Measurement(seconds=(time.perf_counter() - start) / repeats, chi_square=chi_square)


def _rscript(script: Path, *arguments: str) -> str:
    result = _run([_rscript_path(), "--vanilla", str(script), *arguments])
    result.check_returncode()
    return result.stdout


def _rscript_path() -> str:
    return shutil.which("Rscript") or "Rscript"


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
