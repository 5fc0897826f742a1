"""The notebook for users of lavaan shows the R code that was run, and our numbers are those it gave."""

import json
import re
from html import unescape
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
KEPT = json.loads((FOLDER / "08_coming_from_lavaan.ipynb").read_text(encoding="utf-8"))
NOT_THE_SAME_TO_FIVE_DECIMALS = 1e-4  # lavaan's optimiser stops early by default: up to 4e-5 in a chi-square of 107


def texts():
    return ["".join(cell["source"]) for cell in KEPT["cells"] if cell["cell_type"] == "markdown"]


def tables():
    outputs = [output for cell in KEPT["cells"] for output in cell.get("outputs", [])]
    html = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    return [each for each in html if "<th>difference</th>" in each]


def test_the_r_code_shown_is_the_code_that_was_run():
    script = (FOLDER / "lavaan" / "coming_from_lavaan.R").read_text(encoding="utf-8")
    shown = [block for text in texts() for block in re.findall(r"```r\n(.*?)```", text, flags=re.DOTALL)]
    assert len(shown) == 6
    for block in shown:
        assert block in script


def test_no_number_shown_differs_from_that_of_lavaan():
    cells = [re.findall(r"<th>(.*?)</th>((?:\s*<td>.*?</td>){3})", table) for table in tables()]
    rows = [(unescape(name), *map(float, re.findall(r"<td>(.*?)</td>", rest))) for each in cells for name, rest in each]
    assert len(rows) > 80
    for name, lavaan, ours, difference in rows:
        assert abs(difference) < NOT_THE_SAME_TO_FIVE_DECIMALS, name
        assert abs(ours - lavaan - difference) < 2e-5, name
