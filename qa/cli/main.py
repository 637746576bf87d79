"""Entry point of ``qa``: runs a command and ends with its status."""

import errno
import os
import sys
from io import TextIOWrapper
from pathlib import Path

_INTERRUPTED = 130  # as shells have it for a program that Ctrl-C ended
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main() -> None:
    """Run the command line of this process and exit with its status."""
    # Closed by whoever started us, as some services do, they are None, which has nothing of a stream.
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the process ends
    for stream in (sys.stdout, sys.stderr):
        # What is shown is a document's exact text, so neither its encoding nor its line ends may be changed on the way.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        try:
            # Not before: Ctrl-C while it loads should be as quiet as later.
            from qa.cli.commands import run

            run()
        finally:
            # At its end Python would do it, and show where in itself that failed.
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; there is no one left to tell.
        _let_go()
        sys.exit(1)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        sys.stderr.write(f"The output cannot be written: {error.strerror}.\n")
        _let_go()
        sys.exit(1)


def _let_go() -> None:
    """Let what is left of the output go nowhere, or Python would try once more to write it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
