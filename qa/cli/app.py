"""What all commands share: the application, the index option, messages and errors.

Results go to standard output, everything else to standard error. Exit status: 0 done, 1 something failed, 2 wrong usage.
"""

import re
import shlex
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

import typer

app = typer.Typer(
    name="qa",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Ask articles and get the exact words of the answer, with citations, on your own machine.",
    epilog="Start with: qa add PATH, then: qa ask QUESTION, or open the page with: qa chat",
)


_Location = TypeVar("_Location", str, str | None)


def _default_index() -> str:
    import platformdirs

    return str(platformdirs.user_data_path("footnote", appauthor=False) / "index")


def remember(context: typer.Context, location: _Location) -> _Location:
    """Take what ``--index`` said, which is returned as it came, for :func:`with_index`."""
    # An index of the environment, or the default one, is found again without being named.
    source = context.get_parameter_source("index")
    state.index = location if source is not None and source.name == "COMMANDLINE" else None
    return location


IndexLocation = Annotated[
    str,
    typer.Option(
        "--index",
        envvar="QA_INDEX",
        callback=remember,
        metavar="DIR",
        help="Folder of the index, or its address: milvus://HOST:PORT/NAME, milvus:FILE.db/NAME.",
        default_factory=_default_index,
        show_default="your data folder",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ReaderName = Annotated[
    str | None,
    typer.Option(
        "--reader",
        metavar="PATH_OR_NAME",
        help="Another reader: a folder, or the name of an extractive-QA checkpoint.",
        show_default="the one that comes with Footnote",
    ),
]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"footnote {version('footnote-qa')}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    state.debug = debug


class _State:
    debug = False
    index: str | None = None
    """What ``--index`` said, where it was given."""


state = _State()


def complain(message: str) -> None:
    """One line on standard error."""
    print(printable(message), file=sys.stderr)  # noqa: T201 - this is the command line's voice


def with_index(message: str) -> str:
    """``message`` whose commands, such as ``qa add PATH``, are about the index that ``--index`` named, if it did."""
    if state.index is None:
        return message
    option = f" --index {shlex.quote(state.index)}"
    return re.sub(r"qa (?:add PATH|chat|list|verify --repair)\b", lambda found: found.group() + option, message)


# These change the order in which a terminal shows the characters after them, up to whole lines.
_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """``text`` without what could move a terminal's cursor or worse, each such character replaced by U+FFFD.

    Those are control characters but for line ends and tabs, line and paragraph separators, controls of the direction of
    writing, and what is no character: surrogates, private use, unassigned. All else is shown as it is, every kind of space
    and what joins or parts letters included: the words of a source are shown exactly.
    """
    return "".join(
        character if character.isprintable() or _is_harmless(character) else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def _is_harmless(character: str) -> bool:
    """Whether a character that Python calls unprintable, as it does all spaces but one, may go to a terminal."""
    if character in "\n\t":
        return True
    return unicodedata.category(character) in {"Zs", "Cf"} and character not in _BIDIRECTIONAL


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error; call it with (what is being done, steps done, steps in all)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, speed="")
        began, doing = time.monotonic(), ""

        def advance(what: str, done: int, total: int) -> None:
            nonlocal began, doing
            if what != doing or done == 0:
                began, doing = time.monotonic(), what
            passed = time.monotonic() - began
            speed = f"{done / passed:,.0f} a second" if done and passed > 1 else ""
            bar.update(task, description=what, completed=done, total=total, speed=speed)

        yield advance
