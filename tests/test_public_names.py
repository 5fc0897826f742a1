"""The public names and what it costs to have them."""

import subprocess
import sys

import pytest

import surveysem

HEAVY = ("semopy", "sklearn", "sympy", "matplotlib", "statsmodels", "great_tables", "docx", "scipy.stats")


def test_every_public_name_is_in_its_room_and_listed_once() -> None:
    listed = [name for names in surveysem._ROOMS.values() for name in names]
    assert sorted(listed) == surveysem.__all__
    assert all(getattr(surveysem, name) is not None for name in surveysem.__all__)


def test_unknown_names_are_refused_as_usual() -> None:
    with pytest.raises(AttributeError, match="no attribute 'sme'"):
        surveysem.sme  # noqa: B018


@pytest.mark.parametrize("code", ["import surveysem", "import surveysem.cli.main"])
def test_importing_loads_nothing_that_is_not_needed_yet(code: str) -> None:
    command = f"{code}, sys; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout.split() == []
