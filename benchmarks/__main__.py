"""Speed against lavaan and semopy: python -m benchmarks [--quick], from the project's root.

All measurements are taken in one run, in random order, each several times; the table shows medians. It goes to
benchmarks/results/<date>.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import scipy

from benchmarks.cases import cases
from benchmarks.software import (
    Measurement,
    has_lavaan,
    lavaan,
    lms_estimates,
    r_description,
    semopy_fit,
    surveysem_bootstrap,
    surveysem_fit,
)

RESULTS = Path(__file__).resolve().parent / "results"
Jobs = dict[tuple[str, str], Callable[[], Measurement]]


def jobs(*, quick: bool, with_lavaan: bool, skip_slow: bool = False) -> Jobs:
    """What is measured, by row of the table and software."""
    known = cases()
    planned: Jobs = {}
    for case in known.values():
        planned[case.name, "surveysem"] = partial(surveysem_fit, case)
        if case.interaction == "lms":
            planned[f"{case.name.split(', with')[0]}, estimates alone", "surveysem"] = partial(lms_estimates, case)
        if case.interaction:
            continue
        if case.estimator == "ML" and case.group is None and case.missing == "listwise":
            planned[case.name, "semopy"] = partial(semopy_fit, case)
        if with_lavaan and not (case.slow_elsewhere and skip_slow):
            planned[case.name, "lavaan"] = partial(lavaan, case)
    ours = 500 if quick else 5000
    for key, indicators, theirs in (("study", 60, 20), ("nine", 9, 100)):
        name = f"{indicators} indicators, one bootstrap replicate"
        planned[name, "surveysem"] = partial(surveysem_bootstrap, known[key], ours)
        if with_lavaan:
            planned[name, "lavaan"] = partial(lavaan, known[key], theirs // 4 if quick else theirs)
    return planned


def measure(planned: Jobs, repetitions: int) -> dict[tuple[str, str], list[Measurement]]:
    """Every measurement several times, what takes minutes in R once, in random order."""
    once = {(case.name, "lavaan") for case in cases().values() if case.slow_elsewhere}
    order = [key for key in planned for _ in range(1 if key in once else repetitions)]
    random.Random(1).shuffle(order)
    found: dict[tuple[str, str], list[Measurement]] = defaultdict(list)
    for number, key in enumerate(order, start=1):
        found[key].append(planned[key]())
        print(f"{number}/{len(order)}  {key[1]:10} {key[0]}: {1000 * found[key][-1].seconds:.3f} ms", flush=True)
    return found


def table(found: dict[tuple[str, str], list[Measurement]], rows: list[str]) -> str:
    """Medians in milliseconds, how many times longer the others take, and whether χ² agrees."""
    lines = ["| task | surveysem | lavaan | ratio | semopy | ratio | χ² |", "|---|---|---|---|---|---|---|"]
    for name in rows:
        medians = {
            software: median(each.seconds for each in found[name, software])
            for software in ("surveysem", "lavaan", "semopy")
            if found.get((name, software))
        }
        cells = [name, _milliseconds(medians["surveysem"])]
        for software in ("lavaan", "semopy"):
            seconds = medians.get(software)
            cells += (
                ["–", "–"] if seconds is None else [_milliseconds(seconds), f"{seconds / medians['surveysem']:.1f}"]
            )
        lines.append("| " + " | ".join([*cells, _agreement(found, name)]) + " |")
    return "\n".join(lines)


def _agreement(found: dict[tuple[str, str], list[Measurement]], name: str) -> str:
    values = {key[1]: each[0].chi_square for key, each in found.items() if key[0] == name}
    ours = values.pop("surveysem")
    differing = [f"{software} {value:.3f}" for software, value in values.items() if abs(value - ours) > 1e-3]
    return f"{ours:.3f}" + (f"; {', '.join(differing)}" if differing else "")


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms"


def machine(*, with_lavaan: bool) -> str:
    """Processor and versions of everything timed."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    lines = [
        f"* {_processor()}, {os.cpu_count()} cores; {platform.system()} {platform.release()}",
        f"* Python {platform.python_version()}, numpy {np.__version__} ({blas['name']} {blas['version']}), "
        f"scipy {scipy.__version__}; one BLAS thread",
        f"* {r_description()}" if with_lavaan else "* R with lavaan was not found",
    ]
    return "\n".join(lines)


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed against lavaan and semopy.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and replicates")
    parser.add_argument("--skip-slow", action="store_true", help="leave out what takes lavaan minutes")
    arguments = parser.parse_args()
    quick = arguments.quick
    with_lavaan = has_lavaan()
    repetitions = 2 if quick else 5
    planned = jobs(quick=quick, with_lavaan=with_lavaan, skip_slow=arguments.skip_slow)
    found = measure(planned, repetitions)
    rows = list(dict.fromkeys(name for name, _ in planned))
    today = datetime.now(tz=UTC).date().isoformat()
    text = (
        f"# Speed, {today}\n\n{machine(with_lavaan=with_lavaan)}\n\n"
        f"Medians of {repetitions} measurements in random order within one run. A fit goes from data frame to table of "
        "estimates with standardised values, and all fit indices. A bootstrap replicate of surveysem includes "
        "resampling, standardised estimates, intervals and p-values; lavaan's gives coefficients only. Each ratio says "
        "how many times longer the other software takes; χ² is that of surveysem, with others where they differ "
        "(models with latent interactions have none: their log-likelihood is shown).\n\n"
        f"{table(found, rows)}\n"
    )
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{today}{'-quick' if quick else ''}.md"
    path.write_text(text, encoding="utf-8")
    print(f"\n{text}\nWritten to {path}")


if __name__ == "__main__":
    main()
