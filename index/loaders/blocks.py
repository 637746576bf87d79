"""Marked-up trees as text: one block of words after another, a table row on one line.

Works on HTML as parsed by lxml and on the simpler tags that trafilatura makes of it (``head``, ``item``, ``row``, ``cell``).
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from index.errors import DocumentError
from index.loaders.base import MAX_TEXT, no_text, plain_newlines, too_large
from index.loaders.scripts import lowered, raised

if TYPE_CHECKING:
    from lxml.etree import _Element

CELL_GAP = " | "
"""Between the cells of a table row, so that a row reads as one statement."""

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
        "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html item legend li list main menu nav ol p pre quote row "
        "section summary table tbody tfoot thead tr ul",
    )
)
_CELLS = frozenset({"td", "th", "cell"})
_BREAKS = frozenset({"br", "lb"})
_SCRIPTS = frozenset({"sup", "sub"})
# What a browser does not show as words of the page.
_HIDDEN = frozenset(
    re.findall(
        r"\w+",
        "applet audio canvas datalist embed iframe math noembed noframes noscript object script select style svg template "
        "textarea title video",
    )
)
_XHTML = "http://www.w3.org/1999/xhtml"
_PROLOGUE = 4096
_SELF_CLOSED = re.compile(r"<([a-z][\w:-]*)(\s[^<>]*)?/>", re.IGNORECASE)
_VOID = frozenset(re.findall(r"\w+", "area base br col embed hr img input link meta param source track wbr"))
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_WHITE = re.compile(r"[ \t\n\r\f\v]+")
# A soft hyphen only says where a word may be broken; kept, it would hide the word from every search.
SOFT_HYPHEN = "\u00ad"


def parse_html(text: str, name: str) -> "_Element":
    """The tree of an HTML page, without comments; nothing is fetched and no entity but the standard ones is expanded.

    Args:
        text: the decoded page.
        name: of the file, for messages.

    Raises:
        DocumentError: the page is empty, larger than :data:`MAX_TEXT` in UTF-8, or nested more than 256 levels deep.
    """
    from lxml import etree, html

    # In XHTML any element may close itself; to an HTML parser <title/> would hide all that follows.
    if _XHTML in text[:_PROLOGUE]:
        text = _SELF_CLOSED.sub(
            lambda tag: tag[0] if tag[1].lower() in _VOID else f"<{tag[1]}{tag[2] or ''}></{tag[1]}>", text
        )
    # As UTF-8 bytes, so that no declaration inside the page can make the parser decode it again.
    content = text.encode("utf-8", "replace")
    if len(content) > MAX_TEXT:
        raise too_large(name, len(content), MAX_TEXT)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree: _Element = html.document_fromstring(content, parser=parser)
    except etree.ParserError as error:
        raise no_text(name) from error
    # The parser drops what is past its limits and goes on; a page read in part must not pass for the whole.
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        raise DocumentError(
            f"{name}: the page is nested too deeply or holds too long a text to be read. Save it as plain text."
        )
    return tree


def tree_text(root: "_Element", leave_out: "Callable[[_Element], bool] | None" = None) -> str:
    """The words of ``root`` as a reader of the rendered page sees them, with blank lines between blocks.

    Args:
        root: an element of a parsed page.
        leave_out: says of an element below ``root`` that it is not wanted, with all that is in it.
    """
    from lxml import etree

    writer = _Writer()
    skipped: set[_Element] = set()
    # Walked in a loop and not by recursion, because the depth is up to the page.
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = tag_name(element)
        if event == "start":
            if not name or _is_hidden(element, name) or (leave_out is not None and leave_out(element)):
                skipped.add(element)
                walk.skip_subtree()
                continue
            writer.start(name, element)
            writer.words(element.text)
        else:
            if element not in skipped:
                writer.end(name)
            if element is not root:
                writer.words(element.tail)
    return writer.text()


def _is_hidden(element: "_Element", name: str) -> bool:
    if name in _HIDDEN:
        return True
    # An HTML head has no words to show; trafilatura calls a heading so, and marks its level.
    if name == "head":
        return tag_name(element.getparent()) == "html"
    style = element.get("style")
    return "hidden" in element.attrib or (style is not None and _HIDING_STYLE.search(style) is not None)


def tag_name(element: "_Element | None") -> str:
    """The name of an element in lower case without its namespace; ``""`` for what is no element."""
    return element.tag.rpartition("}")[2].lower() if element is not None and isinstance(element.tag, str) else ""


def is_block(element: "_Element") -> bool:
    """Whether ``element`` begins a new block, or a cell of a table, and does not stand among words."""
    name = tag_name(element)
    return name in _BLOCKS or name in _CELLS


class _Writer:
    """Collects words into blocks; knows about table cells and text whose line breaks are meant."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._parts: list[str] = []
        self._preformatted = 0
        self._scripts: list[int] = []  # for each open sup or sub, how many parts are before it
        self._cells: list[bool] = []  # for each open cell, whether it is one short statement of its row

    def start(self, name: str, element: "_Element") -> None:
        """An element begins."""
        if name in _CELLS:
            first = element.getprevious() is None
            inline = not _is_layout(element)
            self._cells.append(inline)
            if not inline:
                self._break()
            elif not first:
                self._raw(CELL_GAP)
        elif name in _BREAKS:
            self._raw(" " if self._in_cell() else "\n")
        elif name in _BLOCKS:
            self._break()
        if name == "pre":
            self._preformatted += 1
        elif name == "q":
            self._raw("“")
        elif name in _SCRIPTS:
            self._scripts.append(len(self._parts))

    def end(self, name: str) -> None:
        """An element ends."""
        if name in _CELLS:
            if not self._cells.pop():
                self._break()
        elif name in _BLOCKS:
            self._break()
        if name == "pre":
            self._preformatted -= 1
        elif name == "q":
            self._raw("”")
        elif name in _SCRIPTS:
            start = self._scripts.pop()
            text = "".join(self._parts[start:])
            before = self._parts[start - 1] if start else ""
            self._parts[start:] = [raised(text) if name == "sup" else lowered(text, before)]

    def words(self, text: str | None) -> None:
        """Text between two tags."""
        if text is None:
            return
        text = plain_newlines(text).replace(SOFT_HYPHEN, "")
        if self._preformatted and not self._in_cell():
            self._raw(text)
        else:
            self._raw(_WHITE.sub(" ", text))

    def text(self) -> str:
        """Everything so far."""
        self._break()
        return "\n\n".join(self._blocks)

    def _in_cell(self) -> bool:
        return bool(self._cells) and self._cells[-1]

    def _raw(self, text: str) -> None:
        self._parts.append(text)

    def _break(self) -> None:
        """End the block, or, inside a table cell, only the word."""
        if self._in_cell():
            self._raw(" ")
            return
        joined = "".join(self._parts)
        self._parts.clear()
        self._scripts = [0] * len(self._scripts)
        if not self._preformatted:
            joined = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", joined))
        block = joined.strip(" \t\n\r\f\v") if not self._preformatted else joined.strip("\n").rstrip()
        # A row of empty cells holds no words.
        if block.strip(" |\n\t\u00a0"):
            self._blocks.append(block)


def _is_layout(cell: "_Element") -> bool:
    """Whether a table cell is used to lay out a page: it holds another table, or several paragraphs."""
    blocks = 0
    for element in cell.iterdescendants():
        name = tag_name(element)
        if name == "table":
            return True
        blocks += name in _BLOCKS
        if blocks > 3:
            return True
    return False
