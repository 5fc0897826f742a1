"""What starting the program loads: help is at hand before numpy and pandas are."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "pandas", "scipy", "matplotlib", "semopy", "statsmodels", "docx", "openpyxl", "joblib")


def test_help_loads_no_numerical_library():
    script = (
        "import sys\n"
        "from surveysem.cli.commands import app\n"
        "app(args=['--help'], standalone_mode=False)\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(loaded, file=sys.stderr)\n"
        "raise SystemExit(bool(loaded))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_the_package_loads_no_numerical_library():
    script = f"import surveysem, sys\nraise SystemExit(any(name in sys.modules for name in {HEAVY!r}))\n"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
