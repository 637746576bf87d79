"""Showing claims in a terminal: items of a list, and differing claims side by side under their speakers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qa.cli.app import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from qa.models import Citation, Claim

NOBODY = "the article itself"
"""Who says what no speaker is named for."""

_NARROWEST = 30
"""Least characters for a claim beside others; on a narrower terminal they stand one below the other."""


def print_differing(console: "Console", claims: "Sequence[Claim]") -> None:
    """Print claims that differ, side by side, each under those who say so."""
    from rich.table import Table
    from rich.text import Text

    console.print(Text("Claims differ:", style="bold yellow"))
    # In a pipe or a file there is no width to fit into, and what is looked for there is not to be cut.
    if not console.is_terminal or console.width < _NARROWEST * len(claims):
        number = 1
        for claim in claims:
            console.print(_heading(claim))
            for citation in claim.citations:
                console.print(citation_line(number, citation))
                number += 1
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0), width=console.width)
    for _ in claims:
        table.add_column(ratio=1, overflow="fold", no_wrap=False)
    table.add_row(*(_heading(claim) for claim in claims))
    numbers = [sum(len(claim.citations) for claim in claims[:place]) for place in range(len(claims))]
    for row in range(max(len(claim.citations) for claim in claims)):
        table.add_row(
            *(
                citation_line(before + row + 1, claim.citations[row]) if row < len(claim.citations) else Text("")
                for before, claim in zip(numbers, claims, strict=True)
            )
        )
    # Here lines are broken, unlike elsewhere, since columns would run into each other.
    console.print(table, soft_wrap=False)


def print_items(console: "Console", claims: "Sequence[Claim]") -> None:
    """Print the items of a list, each with the places it stands in."""
    number = 1
    for claim in claims:
        console.print(_item(claim))
        for citation in claim.citations:
            console.print(citation_line(number, citation))
            number += 1


def print_speakers(console: "Console", claims: "Sequence[Claim]") -> None:
    """Print who says so, if anybody is named; several when they agree."""
    from rich.text import Text

    if claims and (names := _names(claims[0])):
        agree = "They agree: " if len(names) > 1 else "Said by: "
        console.print(Text(agree + "; ".join(names), style="dim"))


def citation_line(number: int, citation: "Citation") -> "Text":
    """``[n]``, the sentence with the cited words in bold, and where they stand."""
    from rich.text import Text

    sentence = citation.sentence
    before = sentence.text[: citation.start - sentence.start]
    after = sentence.text[citation.end - sentence.start :]
    page = "" if citation.page is None else f", page {citation.page}"
    return Text.assemble(
        f"[{number}] ",
        printable(before),
        (printable(citation.text), "bold underline"),
        printable(after),
        (f"  ({printable(citation.title)}{page}; {citation.document_id}, {citation.start}-{citation.end})", "dim"),
    )


def _heading(claim: "Claim") -> "Text":
    """Who says so, and then what, with the mark of the newest document."""
    from rich.text import Text

    names = _names(claim)
    return Text.assemble(
        ("; ".join(names) if names else NOBODY, "cyan"),
        "\n",
        (printable(claim.answer), "bold"),
        (f" ({claim.confidence:.0%})", "dim"),
        *_dated(claim),
    )


def _item(claim: "Claim") -> "Text":
    from rich.text import Text

    names = _names(claim)
    return Text.assemble(
        "- ",
        (printable(claim.answer), "bold"),
        (f" ({claim.confidence:.0%})", "dim"),
        (f" - {'; '.join(names)}" if names else "", "cyan"),
    )


def _dated(claim: "Claim") -> list[tuple[str, str]]:
    dates = sorted({date for date in claim.dates if date is not None})
    if not dates:
        return []
    return [(f" {dates[-1]}{', the newest' if claim.newest else ''}", "green" if claim.newest else "dim")]


def _names(claim: "Claim") -> list[str]:
    return list(dict.fromkeys(printable(speaker.text) for speaker in claim.speakers if speaker is not None))
