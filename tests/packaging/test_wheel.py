"""An installed copy works outside the checkout: the wheel carries instruments and models."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command, folder, **options):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Python of a fresh environment into which the wheel and what it depends on were installed."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, folder=folder)
    (wheel,) = folder.glob("surveysem-*.whl")
    venv.create(folder / "environment", with_pip=True)
    scripts = folder / "environment" / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--quiet", wheel, folder=folder)
    return scripts


def test_the_demo_runs_from_an_empty_folder(installed, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    said = run(installed / "surveysem", "demo", folder=tmp_path, env=environment)
    assert "SIMULATED" in said
    assert [path.name for path in tmp_path.iterdir()] == ["surveysem-demo"]
    report = (tmp_path / "surveysem-demo" / "report.html").read_text(encoding="utf-8")
    assert "P10c" in report
    where = run(
        installed / "python", "-c", "import surveysem; print(surveysem.__file__)", folder=tmp_path, env=environment
    )
    assert str(ROOT / "src") not in where
