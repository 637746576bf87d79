"""Entry point of ``qa``: runs a command and turns errors into one or two plain lines."""

import sys
from io import TextIOWrapper

from index.errors import FootnoteError, QuestionError
from qa.cli import (  # noqa: F401 - importing them registers their commands
    asking,
    copying,
    documents,
    evaluating,
    feedback,
    judging,
    serving,
)
from qa.cli.app import app, complain, state


def main() -> None:
    """Run the command line of this process and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        # What is shown is a document's exact text, so neither its encoding nor its line ends may be changed on the way.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        app()
    except FootnoteError as error:
        if state.debug:
            raise
        complain(str(error))
        sys.exit(2 if isinstance(error, QuestionError) else 1)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; there is no one left to tell.
        sys.stderr.close()
        sys.exit(1)
