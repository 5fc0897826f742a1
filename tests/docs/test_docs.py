"""What the documents show is what happens."""

import json
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import surveysem as ss

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if "```python\n" in page.read_text(encoding="utf-8")]


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_readme_python_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks(README, "python")), "README.md", "exec"), {})
    assert (tmp_path / "democracy-report" / "report.html").is_file()


def test_readme_commands_run(tmp_path):
    commands = [line for line in README.splitlines() if line.startswith("surveysem ")]
    assert commands
    for command in commands:
        arguments = shlex.split(command)[1:]
        subprocess.run([sys.executable, "-m", "surveysem", *arguments], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "democracy" / "report.html").is_file()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks(page.read_text(encoding="utf-8"), "python")), page.name, "exec"), {})


SECTIONS = ("explanation/verdicts", "screening", "measurement", "robustness", "effects")


@pytest.mark.parametrize("page", SECTIONS)
def test_sections_of_study_files_on_a_page_are_valid(page, tmp_path):
    yaml = YAML()
    shown = blocks((ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"), "yaml")
    assert shown
    for place, section in enumerate(shown):
        study = yaml.load(ROOT / "models" / "b2b_micro_influencer.yaml")
        study.update(yaml.load(section))
        yaml.dump(study, tmp_path / f"{place}.yaml")
        assert ss.load_study(tmp_path / f"{place}.yaml").id == "b2b_micro_influencer"


def test_reference_pages_are_current_and_name_everything_public():
    made = runpy.run_path(str(ROOT / "docs" / "make_reference.py"))
    for name in made["PAGES"]:
        assert (ROOT / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8") == made["page"](name)
    named = [each for _, _, names in made["PAGES"].values() for each in names.split()]
    assert sorted(named) == sorted(ss.__all__)


def test_study_schema_pages_are_current():
    made = runpy.run_path(str(ROOT / "docs" / "make_study_schema.py"))
    schema = ss.study.study_json_schema()
    assert (ROOT / "docs" / "study-schema.md").read_text(encoding="utf-8") == made["page"](schema)
    assert json.loads((ROOT / "docs" / "study.schema.json").read_text(encoding="utf-8")) == schema


def test_study_schema_example_is_valid(tmp_path):
    (example,) = blocks((ROOT / "docs" / "study-schema.md").read_text(encoding="utf-8"), "yaml")
    file = tmp_path / "small.yaml"
    file.write_text(example, encoding="utf-8")
    assert ss.load_study(file).propositions[0].id == "H1"


def test_no_path_of_a_machine_is_written_anywhere():
    for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("notebooks/*"), *ROOT.glob("src/**/*.py")]:
        if file.is_file():
            assert not re.search(
                r"/(home|root|Users|tmp|work)/\w", file.read_text(encoding="utf-8").replace("/home/ana", "")
            )
