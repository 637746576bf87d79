"""Plain text and Markdown.

The canonical text of a plain text is its decoded content with ``\\r\\n`` and ``\\r`` turned into ``\\n`` and a byte-order mark
dropped. That of Markdown is what a reader of the rendered page sees, without markup, with blank lines between blocks.
"""

from index.errors import DocumentError
from index.front_matter import split_front_matter
from index.loaders.base import Parsed, SourceFile, clean_title, decode, iso_date, plain_newlines
from index.markdown import markdown_text

_RTF = b"{\\rtf"


def load_plain(source: SourceFile) -> Parsed:
    """Read a plain text. Raises as :func:`decode`, and ``DocumentError`` when it is rich text (RTF)."""
    # Whatever its name: word processors write it as .doc too. Its words are among commands that are no text.
    if source.content.startswith(_RTF):
        raise DocumentError(
            f"{source.name}: this is rich text (RTF), which is not read. Save it as DOCX or plain text."
        )
    decoded = decode(source)
    return Parsed(decoded.text, note=decoded.note)


def load_markdown(source: SourceFile) -> Parsed:
    """Read a Markdown text.

    Its title is that of its front matter, else its first level-one heading.

    Raises as :func:`decode`, and ``DocumentError`` when HTML in it is nested too deeply.
    """
    decoded = decode(source)
    front, body = split_front_matter(decoded.text)
    text, heading = markdown_text(body, source.name)
    title = clean_title(front.get("title")) or clean_title(heading)
    return Parsed(plain_newlines(text), title, iso_date(front.get("date")), note=decoded.note)
