"""Makes each notebook from the text beside it: runs it in an empty folder and keeps what it shows.

    python notebooks/make_notebooks.py                      # all
    python notebooks/make_notebooks.py 03_from_export_to_clean_data

A notebook is a pair: ``NAME.py``, which is written by hand (jupytext, percent format), and ``NAME.ipynb``, made here.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).parent
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
MACHINE = re.compile(r"(/(home|root|Users|tmp|work)/\w|[A-Z]:\\\\?Users)")
ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]+")
GREAT_TABLE = re.compile(r"<div id=\"([a-z]{10})\" style")


def names() -> list[str]:
    """Notebooks that have a text, in order."""
    return sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))


def written(name: str) -> NotebookNode:
    """The notebook as its text says, without output."""
    notebook = jupytext.read(FOLDER / f"{name}.py", fmt="py:percent")
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = _tags(cell)
    notebook["metadata"] = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook["nbformat"], notebook["nbformat_minor"] = 4, 5
    return notebook


def executed(notebook: NotebookNode, folder: str | Path, *, timeout: int = 300) -> NotebookNode:
    """The notebook run in a folder, where the files that it writes are left, beside a copy of those that it reads."""
    _bring_files(notebook, Path(folder))
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    return client.execute()


def _bring_files(notebook: NotebookNode, folder: Path) -> None:
    """Copies of the folders beside the notebooks from which it reads, such as ``lavaan/results.csv``."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    for beside in FOLDER.iterdir():
        if beside.is_dir() and f'"{beside.name}/' in code:
            shutil.copytree(beside, folder / beside.name, dirs_exist_ok=True)


def cleaned(notebook: NotebookNode) -> NotebookNode:
    """The notebook without what changes from run to run or from machine to machine.

    Raises
    ------
    ValueError
        When output still names a folder of this machine, or has gone to the error stream.
    """
    notebook["metadata"] = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells, start=1):
        cell["metadata"] = _tags(cell)
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise ValueError(f"cell {number} writes to the error stream: {output['text'][:500]}")
            _settle(output, number)
            shown = {kind: text for kind, text in output.get("data", {}).items() if kind.startswith("text/")}
            found = MACHINE.search(f"{shown} {output.get('text')} {output.get('traceback')}")
            if found:
                raise ValueError(f"cell {number} shows a folder of this machine: {found.group()}…")
    return notebook


def _tags(cell: NotebookNode) -> dict[str, list[str]]:
    """What is kept of a cell's metadata: that it shows an error on purpose."""
    return {"tags": ["raises-exception"]} if "raises-exception" in cell["metadata"].get("tags", []) else {}


def _settle(output: NotebookNode, number: int) -> None:
    """Addresses and random ids in an output, made the same in every run."""
    if "data" in output:
        output["metadata"] = {}
    if "gt_table" in output.get("data", {}).get("text/html", ""):
        output["data"]["text/plain"] = "<table>"  # instead of the great_tables object, spelled out
    for kind, content in output.get("data", {}).items():
        if kind.startswith("text/"):
            text = ADDRESS.sub("0x0", content)
            for place, random in enumerate(dict.fromkeys(GREAT_TABLE.findall(text)), start=1):
                text = text.replace(random, f"table-{number}-{place}")
            output["data"][kind] = text


def make(name: str) -> Path:
    """Writes a notebook with its output."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = cleaned(executed(written(name), folder))
    path = FOLDER / f"{name}.ipynb"
    nbformat.validate(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    return path


def main() -> None:
    """Makes the notebooks named on the command line, or all."""
    parser = argparse.ArgumentParser(description="Makes notebooks from the texts beside them.")
    parser.add_argument("names", nargs="*", help="notebooks, without an ending; all if left out")
    chosen = [Path(each).stem for each in parser.parse_args().names] or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        sys.exit(f"There is no {', '.join(unknown)}. Available: {', '.join(names())}.")
    for name in chosen:
        sys.stdout.write(f"{make(name).name}\n")


if __name__ == "__main__":
    main()
