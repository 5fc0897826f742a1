"""docs/simulation.md: its examples run, and its table is what the code holds."""

import re
from pathlib import Path

from surveysem.data.simulation.companions import COMPANIONS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "simulation.md").read_text(encoding="utf-8")


def test_examples_run():
    names = {}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)), "simulation.md", "exec"), names)
    assert names["over_time"].table.index[0] == "configural"
    assert len(names["who"]) == 5
    assert len(names["samples"]) == 5
    assert names["refused"]["oe_1"].eq(-99).any()


def test_correlations_are_those_assumed():
    by_construct = {}
    for companion in COMPANIONS.values():
        if companion.correlation:
            by_construct.setdefault(companion.construct.replace("_", " "), []).append(companion.correlation)
    for construct, values in by_construct.items():
        written = ", ".join(f"{value:g}".replace("-", "−") for value in values)
        assert f"| {construct} | {written} |" in PAGE, construct
