"""Plain text and Markdown.

The canonical text of a plain text is its decoded content with ``\\r\\n`` and ``\\r`` turned into ``\\n`` and a byte-order mark
dropped. That of Markdown is what a reader of the rendered page sees, without markup, with blank lines between blocks.
"""

from index.errors import DocumentError
from index.loaders.base import Parsed, SourceFile, decode
from index.markdown import markdown_text

MAX_MARKDOWN = 64 * 1024 * 1024
"""Largest Markdown text that is parsed, in bytes; its tokens take about twenty times as much memory."""


def load_plain(source: SourceFile) -> Parsed:
    """Read a plain text. Raises as :func:`decode`."""
    return Parsed(decode(source))


def load_markdown(source: SourceFile) -> Parsed:
    """Read a Markdown text; its first level-one heading is the title.

    Raises:
        DocumentError: as :func:`decode`, or it is larger than :data:`MAX_MARKDOWN`.
    """
    if len(source.content) > MAX_MARKDOWN:
        raise DocumentError(
            f"{source.name}: {len(source.content) / 2**20:.0f} MiB is more than the {MAX_MARKDOWN // 2**20} MiB "
            "a Markdown file may have. Split it, or name it .txt to have it read as plain text."
        )
    return Parsed(*markdown_text(decode(source)))
