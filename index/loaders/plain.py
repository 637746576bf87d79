"""Plain text and Markdown.

The canonical text of a plain text is its decoded content with ``\\r\\n`` and ``\\r`` turned into ``\\n`` and a byte-order mark
dropped. That of Markdown is what a reader of the rendered page sees, without markup, with blank lines between blocks.
"""

from index.loaders.base import Parsed, SourceFile, clean_title, decode, plain_newlines
from index.markdown import markdown_text


def load_plain(source: SourceFile) -> Parsed:
    """Read a plain text. Raises as :func:`decode`."""
    return Parsed(decode(source))


def load_markdown(source: SourceFile) -> Parsed:
    """Read a Markdown text; its first level-one heading is the title. Raises as :func:`decode`."""
    text, title = markdown_text(decode(source))
    return Parsed(plain_newlines(text), clean_title(title))
