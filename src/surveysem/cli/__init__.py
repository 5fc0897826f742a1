"""The command line."""

from surveysem.cli.main import main

__all__ = ["main"]
