"""Showing the documents of an index in a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qa.cli.app import printable

if TYPE_CHECKING:
    from rich.console import Console

    from index import DocumentSummary

_LEAST = 24
"""Least characters for title and source in a table; where there are fewer, each document is a block of lines."""

_GAP = 2  # blanks beside a column
_YIELDING = ("title", "source")


def print_summaries(summaries: "Sequence[DocumentSummary]", console: "Console") -> None:
    """Print what documents there are.

    Args:
        summaries: one at least.
        console: where to; its width decides between a table and a block of lines for each document.
    """
    from rich.table import Column, Table

    rows = [_row(summary) for summary in summaries]
    # What is cut could not be used or read, so in a narrow terminal title and source alone give way.
    whole = sum(
        max(len(text) for text in (name, *(row[name] for row in rows))) for name in rows[0] if name not in _YIELDING
    )
    if console.width - whole - _GAP * len(rows[0]) < _LEAST:
        for row in rows:
            document, *others = row.items()
            console.print(document[1], soft_wrap=True)
            for name, value in others:
                if value:
                    console.print(f"  {name:<10}  {value}", soft_wrap=True)
        return
    columns = (Column(name, overflow="fold", no_wrap=name not in _YIELDING) for name in rows[0])
    table = Table(*columns, box=None)
    for row in rows:
        table.add_row(*row.values())
    console.print(table)


def _row(summary: "DocumentSummary") -> dict[str, str]:
    return {
        "document": summary.id,
        "title": printable(summary.title),
        "date": "" if summary.date is None else summary.date,
        "passages": f"{summary.passages:,}",
        "characters": f"{summary.characters:,}",
        "added": summary.added_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        "source": printable(summary.source),
    }
