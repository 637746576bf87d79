"""The tools of :mod:`web.mcp_tools` over standard input and output: ``python -m web.mcp_stdio --index DIR``, or ``qa mcp``."""

import logging
import shlex
import threading
from functools import partial
from typing import Annotated

import typer

from index.errors import FootnoteError
from qa.assistant import open_assistant
from web.page import Page
from web.programs import Programs


def main(
    index: Annotated[str, typer.Option(help="Folder or address of the index.")],
    reader: Annotated[str | None, typer.Option(help="Reader to use instead of the default one.")] = None,
) -> None:
    """Answer a language model until it closes the line. Standard output belongs to the protocol."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        from web.mcp_tools import make_tools
    except ImportError:
        typer.echo(
            "The Model Context Protocol is not installed. Install it with: pip install 'footnote-qa[mcp]'", err=True
        )
        raise typer.Exit(1) from None
    page = Page(partial(open_assistant, index, reader), f"qa add PATH --index {shlex.quote(index)}")
    try:
        page.assistant()  # an index that cannot be used is reported at once
    except FootnoteError as error:
        typer.echo(error, err=True)
        raise typer.Exit(1) from None
    threading.Thread(target=page.warm_up, name="footnote-warm-up", daemon=True).start()
    make_tools(Programs(page)).run("stdio")


if __name__ == "__main__":
    typer.run(main)
