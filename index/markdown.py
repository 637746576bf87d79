"""The canonical text of a Markdown document: its words as a reader of the rendered page sees them.

Parsed with markdown-it-py, the CommonMark parser that rich already brings along. Blocks of HTML are read as web pages are.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from index.loaders.blocks import SOFT_HYPHEN, parse_html, tag_name, tree_text
from index.loaders.scripts import lowered, raised

if TYPE_CHECKING:
    from markdown_it.token import Token

# Inside a table, cells of a row are kept on one line so that a row reads as one statement.
_CELL_GAP = " | "
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
# Between such tags stands nothing that is shown. Others that hide their words (``title``) are hardly ever meant inside a
# sentence, and close even less.
_HIDING = frozenset({"script", "style"})
_SCRIPTS = frozenset({"sup", "sub"})


def markdown_text(source: str, name: str = "Markdown") -> tuple[str, str | None]:
    """Strip the markup of a CommonMark text (with tables and HTML).

    Args:
        source: the text.
        name: of the file, for messages.

    Returns:
        The text, with blank lines between blocks, and the first level-one heading (``None`` without one).

    Raises:
        DocumentError: a block of HTML in it is nested more than 256 levels deep.
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
            blocks.append(token.content.rstrip("\n").replace(SOFT_HYPHEN, ""))
        elif token.type == "html_block":
            text, h1 = _html(token.content, name)
            if h1 and title is None:
                title = h1
            blocks.append(text)
        elif token.type == "inline":
            text = _inline(token.children)
            if heading == "h1" and title is None:
                title = text
            if row is None:
                blocks.append(text)
            else:
                row.append(text.replace("\n", " "))
    return "\n\n".join(block for block in blocks if block.strip()), title


def _html(source: str, name: str) -> tuple[str, str]:
    """The words of a block of HTML, and its first level-one heading (``""`` without one)."""
    # A block may be no more than a closing tag; of a body without words a tree can be made too.
    tree = parse_html(f"<body>{source}", name)
    heading = tree.find(".//h1")
    return (
        # Menus are no more wanted here than on a web page.
        tree_text(tree, lambda element: tag_name(element) == "nav"),
        "" if heading is None else tree_text(heading),
    )


def _inline(tokens: Sequence["Token"] | None) -> str:
    """The visible words of one block: link texts, image descriptions, code, line breaks."""
    parts: list[str] = []
    opened: dict[str, int] = {}  # how many parts are before a tag that raises or lowers
    for token in () if tokens is None else _shown(tokens):
        if token.type == "softbreak":
            # Nothing is left of it behind a line break.
            if parts[-1:] != ["\n"]:
                parts.append(" ")
        elif token.type == "hardbreak":
            parts.append("\n")
        elif token.type in ("text", "code_inline", "image", "text_special"):
            parts.append(token.content.replace(SOFT_HYPHEN, ""))
        slash, name = _tag(token)
        if name == "br":
            parts.append("\n")
        elif name in _SCRIPTS and not slash:
            opened[name] = len(parts)
        elif name in opened:
            # Tags may cross: then there is less than there was.
            start = min(opened.pop(name), len(parts))
            text = "".join(parts[start:])
            before = parts[start - 1] if start else ""
            parts[start:] = [raised(text) if name == "sup" else lowered(text, before)]
    return "".join(parts)


def _tag(token: "Token") -> tuple[str, str]:
    """Of a tag in a sentence ``"/"`` if it closes something, else ``""``, and its name in lower case."""
    match = _TAG.match(token.content) if token.type == "html_inline" else None
    return ("", "") if match is None else (match[1], match[2].lower())


def _shown(tokens: Sequence["Token"]) -> Iterable["Token"]:
    """``tokens`` without those between tags that hide what is between them."""
    closed = {name: at for at, (slash, name) in enumerate(map(_tag, tokens)) if slash}
    hidden = ""
    for at, token in enumerate(tokens):
        slash, name = _tag(token)
        if hidden:
            hidden = "" if (slash, name) == ("/", hidden) else hidden
        elif not slash and name in _HIDING and closed.get(name, 0) > at:
            hidden = name
        else:
            yield token
