"""What docs/moderation.md says of the simulation is what the stored tables say, and its example runs."""

import re
import runpy
from pathlib import Path

import pytest

from surveysem.references import REFERENCES, bibliography_entry

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "moderation.md").read_text(encoding="utf-8")
STORED = (ROOT / "benchmarks" / "results" / "moderation.md").read_text(encoding="utf-8")
STUDY = runpy.run_path(str(ROOT / "benchmarks" / "moderation.py"))


def rows(section):
    """Rows of the first table of a section: cells by the first one."""
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in lines]


def stored(name):
    """Stored rates under MLR by method; the columns differ with the condition."""
    section = STORED.partition(f"## {STUDY['heading'](name, STUDY['FULL'])}\n")[2].partition("\n## ")[0]
    return {row[0]: [float(cell.split()[0]) for cell in row[4:]] for row in rows(section) if row[1] == "MLR"}


def told(heading):
    return {row[0]: row[1:] for row in rows(PAGE.partition(f"### {heading}\n")[2].partition("\n#")[0])}


def rounded(cell):
    """The cell's number and half a unit of its last digit."""
    text = cell.replace("−", "-").replace("%", "").strip()
    decimals = len(text.partition(".")[2])
    return float(text), 0.5 * 10.0**-decimals + 1e-9


@pytest.mark.parametrize(
    ("heading", "name", "columns"),
    [
        ("Normal latent variables", "normal latent variables", {0: 0, 1: 1, 2: 2, 3: 3}),
        ("Skewed latent variables", "skewed latent variables", {0: 0, 1: 2, 2: 4, 3: 5}),
        ("Five-point items", "five-point items, symmetric", {0: 0, 1: 3}),
        ("Five-point items", "five-point items, skewed", {3: 0, 4: 3}),
    ],
)
def test_rates_are_those_of_the_stored_tables(heading, name, columns):
    table, truth = told(heading), stored(name)
    assert len(table) >= 6
    for method, cells in table.items():
        for here, there in columns.items():
            value, error = rounded(cells[here])
            percent = 100 if "%" in cells[here] else 1
            assert abs(value - percent * truth[method][there]) <= error, (method, cells[here])


def test_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    names = {}
    exec(compile(example, "moderation.md", "exec"), names)
    assert names["fit"].converged
    assert names["second"].fit_indices["logl"] > names["linear"].fit_indices["logl"]


def test_references_are_known_and_named_in_the_text():
    text, _, listed = PAGE.partition("## References")
    known = {bibliography_entry(key): work for key, work in REFERENCES.items()}
    for line in listed.strip().splitlines():
        work = known[line.removeprefix("* ")]
        assert work.families[0] in text, line
        assert str(work.year) in text, line
