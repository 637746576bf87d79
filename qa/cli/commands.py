"""All commands of ``qa``, and their errors as one or two plain lines."""

import sys

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
from qa.cli.app import app, complain, state, with_index


def run() -> None:
    """Run the command that this process was started with.

    Raises:
        SystemExit: it has ended; the status is 2 for wrong usage, 1 if something failed.
        FootnoteError: as it came, with ``--debug``.
        OSError: its output cannot be written.
    """
    try:
        app()
    except FootnoteError as error:
        if state.debug:
            raise
        complain(with_index(str(error)))
        sys.exit(2 if isinstance(error, QuestionError) else 1)
