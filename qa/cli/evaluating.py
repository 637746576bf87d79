"""Commands that measure: eval."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from qa.cli.app import AsJson, IndexFolder, ReaderName, app, progress_bar


class Mode(StrEnum):
    """What is measured."""

    reading = "reading"
    retrieval = "retrieval"
    answering = "answering"
