"""Handing over to a process of its own: imports run one way, so what serves is no part of this one."""

import os
import subprocess
import sys
from typing import NoReturn


def become(module: str, *arguments: str) -> NoReturn:
    """Go on as ``python -m module`` with this process's input and output, and end as it ends.

    Args:
        module: one of ours, by its whole name.
        arguments: what it is given.

    Raises:
        SystemExit: it has ended, where a process cannot become another; with its status.
    """
    # -P, or else a file of that name in the folder in which somebody works would run in place of ours.
    command = [sys.executable, "-P", "-m", module, *arguments]
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        # Not a child, which would serve on when only this process is told to end.
        os.execv(sys.executable, command)  # noqa: S606 - our own module, arguments in a list
    with subprocess.Popen(command) as running:  # noqa: S603 - our own module, arguments in a list
        while True:
            try:
                sys.exit(running.wait())
            except KeyboardInterrupt:
                # The terminal sent Ctrl-C to it too, which now closes by itself.
                continue
