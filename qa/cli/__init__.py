"""The command line ``qa``."""

from qa.cli.main import main

__all__ = ["main"]
