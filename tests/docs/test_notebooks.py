"""Each notebook runs, is kept with its output, and is the one that the text beside it says."""

import ast
import re
import runpy
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
MADE = runpy.run_path(str(FOLDER / "make_notebooks.py"))
NAMES = MADE["names"]()
LONGEST_CELL = 12


def kept(name):
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def sources(notebook):
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_notebook_has_a_text():
    assert NAMES
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_pair_agrees(name):
    assert sources(kept(name)) == sources(MADE["written"](name))


@pytest.mark.parametrize("name", NAMES)
def test_output_is_kept_and_errors_are_shown_on_purpose_only(name):
    for cell in code_cells(kept(name)):
        assert cell.execution_count
        failed = any(output.output_type == "error" for output in cell.outputs)
        assert failed == ("raises-exception" in cell.metadata.get("tags", []))
        assert not any(output.get("name") == "stderr" for output in cell.outputs)


@pytest.mark.parametrize("name", NAMES)
def test_every_code_cell_is_short_and_introduced(name):
    cells = kept(name).cells
    for before, cell in pairwise(cells):
        if cell.cell_type == "code":
            assert before.cell_type == "markdown"
            assert sum(bool(line.strip()) for line in cell.source.splitlines()) <= LONGEST_CELL
            assert not any(
                isinstance(node, ast.Name) and node.id == "print" for node in ast.walk(ast.parse(cell.source))
            )


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_notebooks(name):
    text = "\n".join(cell.source for cell in kept(name).cells if cell.cell_type == "markdown")
    assert all((FOLDER / link).is_file() for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", text))


@pytest.mark.parametrize("name", NAMES)
def test_making_it_again_changes_no_metadata(name):
    notebook = kept(name)
    assert nbformat.writes(MADE["cleaned"](kept(name))) == nbformat.writes(notebook)


@pytest.mark.parametrize("name", NAMES)
def test_notebook_runs(name, tmp_path):
    MADE["executed"](MADE["written"](name), tmp_path)


def test_output_that_names_a_folder_of_the_machine_is_refused():
    output = nbformat.v4.new_output("stream", name="stdout", text="written to /home/somebody/file.csv")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[output])])
    with pytest.raises(ValueError, match="folder of this machine"):
        MADE["cleaned"](notebook)
