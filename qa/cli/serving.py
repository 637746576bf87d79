"""Commands that serve others: mcp and password. The page itself is in :mod:`qa.cli.asking`.

Each runs in a process of its own, because imports run one way: the page knows the assistant, not the other way round.
"""

import subprocess
import sys
from typing import Annotated

import typer

from qa.cli.app import IndexLocation, ReaderName, app


@app.command()
def mcp(index: IndexLocation, reader: ReaderName = None) -> None:
    """Serve language models over the Model Context Protocol, on standard input and output.

    They can ask, search, list and read documents, and change nothing. Needs: pip install 'footnote-qa[mcp]'. Programs that
    start such servers are given the command and its arguments, here: qa mcp --index DIR.
    """
    command = [sys.executable, "-m", "web.mcp_stdio", "--index", index]
    if reader is not None:
        command += ["--reader", reader]
    _become(command)


@app.command()
def password(
    user: Annotated[str, typer.Argument(help="Name to log in with.", metavar="USER")],
) -> None:
    """Ask for a password and print its hash as a line of the file that qa chat --auth takes."""
    _become([sys.executable, "-m", "web.passwords", user])


def _become(command: list[str]) -> None:
    """Run ``command`` with this process's input and output, and end as it ends."""
    with subprocess.Popen(command) as running:  # noqa: S603 - our own module, arguments in a list
        while True:
            try:
                raise typer.Exit(running.wait())
            except KeyboardInterrupt:
                # The terminal sent Ctrl-C to it too.
                continue
