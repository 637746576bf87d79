"""Commands that serve others: mcp and password. The page itself is in :mod:`qa.cli.asking`."""

from typing import Annotated

import typer

from qa.cli.app import IndexLocation, ReaderName, app
from qa.cli.process import become


@app.command()
def mcp(index: IndexLocation, reader: ReaderName = None) -> None:
    """Serve language models over the Model Context Protocol, on standard input and output.

    They can ask, search, list and read documents, and change nothing. Needs: pip install 'footnote-qa[mcp]'. Programs that
    start such servers are given the command and its arguments, here: qa mcp --index DIR.
    """
    become("web.mcp_stdio", "--index", index, *(() if reader is None else ("--reader", reader)))


@app.command()
def password(
    user: Annotated[str, typer.Argument(help="Name to log in with.", metavar="USER")],
) -> None:
    """Ask for a password and print its hash as a line of the file that qa chat --auth takes."""
    become("web.passwords", user)
