"""The canonical text of a Markdown document: its words as a reader of the rendered page sees them.

Parsed with markdown-it-py, the CommonMark parser that rich already brings along.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

# Inside a table, cells of a row are kept on one line so that a row reads as one statement.
_CELL_GAP = " | "


def markdown_text(source: str) -> tuple[str, str | None]:
    """Strip the markup of a CommonMark text (with tables).

    Returns:
        The text, with blank lines between blocks, and the first level-one heading (``None`` without one).
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    blocks: list[str] = []
    row: list[str] | None = None
    title: str | None = None
    heading = ""
    for token in tokens:
        if token.type == "heading_open":
            heading = token.tag
        elif token.type == "heading_close":
            heading = ""
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            if row is not None:
                blocks.append(_CELL_GAP.join(row))
            row = None
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content.rstrip("\n"))
        elif token.type == "inline":
            text = _inline(token.children)
            if heading == "h1" and title is None:
                title = text
            if row is None:
                blocks.append(text)
            else:
                row.append(text)
    return "\n\n".join(block for block in blocks if block.strip()), title


def _inline(tokens: Iterable["Token"] | None) -> str:
    """The visible words of one block: link texts, image descriptions, code, line breaks."""
    parts: list[str] = []
    for token in () if tokens is None else tokens:
        if token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type in ("text", "code_inline", "image", "text_special"):
            parts.append(token.content)
    return "".join(parts)
