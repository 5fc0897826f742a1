"""Entry point: runs a command and turns errors into one screen of explanation and an exit status."""

from __future__ import annotations

import io
import sys

import typer

from surveysem import SurveySEMError
from surveysem.cli.commands import app
from surveysem.cli.console import show_error

BAD_INPUT = 2
UNEXPECTED = 1


def main() -> None:
    """Run ``surveysem``: exit status 0 on success, 2 for bad input, 1 for a fault of our own.

    ``--debug`` may stand anywhere and lets errors through with their traceback.
    """
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    _survive_narrow_encodings()
    try:
        app(args=[each for each in arguments if each != "--debug"], prog_name="surveysem")
    except SurveySEMError as error:
        if debug:
            raise
        show_error(error)
        sys.exit(BAD_INPUT)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        text = f"This is a fault in surveysem, not in your input: {type(error).__name__}: {error}"
        show_error(SurveySEMError(f"{text}\nRun the command again with --debug and report what it prints."))
        sys.exit(UNEXPECTED)


def _survive_narrow_encodings() -> None:
    """Print a substitute for characters the terminal's encoding lacks (→ on an old Windows console)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
