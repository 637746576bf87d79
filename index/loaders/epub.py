"""Electronic books (EPUB 2 and 3).

A book is a zip file of web pages with a list of their order, so zipfile and the page reader do; ebooklib is AGPL and would
give no more than that. All pages of the reading order are taken whole: a book has no menus that would have to be removed.
"""

from io import BytesIO
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from index.errors import DocumentError
from index.loaders.archives import Container, open_zip
from index.loaders.base import MAX_TEXT, Parsed, SourceFile, clean_title, decode, iso_date, too_large
from index.loaders.blocks import parse_html, tag_name, tree_text
from index.loaders.html import declared_charset

if TYPE_CHECKING:
    from lxml.etree import _Element

# Fonts may be obscured without the book being protected.
_FONT_METHODS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def load_epub(source: SourceFile) -> Parsed:
    """Read a book.

    Raises:
        DocumentError: it is damaged, copy-protected, or no book at all, or its chapters have more than :data:`MAX_TEXT`
            bytes together.
    """
    with open_zip(BytesIO(source.content), source.name) as archive:
        book = Container(archive, source.name)
        entry = _first(book.xml("META-INF/container.xml"), "rootfile")
        path = None if entry is None else entry.get("full-path")
        package = None if path is None else book.xml(path)
        if path is None or package is None:
            raise DocumentError(
                f"{source.name}: this is not an EPUB book, although it is named like one. Name it as what it is."
            )
        if _is_protected(book.xml("META-INF/encryption.xml")):
            raise DocumentError(f"{source.name}: this book is copy-protected. Get a copy without such protection.")
        hrefs = {item.get("id"): item.get("href", "") for item in package.iter() if tag_name(item) == "item"}
        chapters: list[str] = []
        missing: set[str | None] = set()
        notes: list[str] = []
        read: set[str] = set()
        size = 0
        for reference in package.iter():
            if tag_name(reference) != "itemref":
                continue
            part = normpath(join(dirname(path), unquote(hrefs.get(reference.get("idref"), ""))))
            # A book may not list a chapter twice; one that does, a thousand times over, would have no end of text.
            if part in read:
                continue
            content = book.bytes_of(part)
            if content is None:
                missing.add(reference.get("idref"))
                continue
            read.add(part)
            size += len(content)
            if size > MAX_TEXT:
                raise too_large(source.name, size, MAX_TEXT)
            if content.strip():
                page = SourceFile(source.name, content, "")
                decoded = decode(page, declared_charset(content))
                chapters.append(tree_text(parse_html(decoded.text, source.name)))
                if decoded.note is not None and decoded.note not in notes:
                    notes.append(decoded.note)
    if missing:
        notes.insert(0, f"{len(missing)} of its chapters {'is' if len(missing) == 1 else 'are'} not in the file")
    named = _first(package, "title")
    dated = _first(package, "date")
    return Parsed(
        "\n\n".join(chapter for chapter in chapters if chapter),
        clean_title(None if named is None else named.text),
        iso_date(None if dated is None else dated.text),
        note="; ".join(notes) if notes else None,
    )


def _first(root: "_Element | None", name: str) -> "_Element | None":
    elements = () if root is None else root.iter()
    return next((element for element in elements if tag_name(element) == name), None)


def _is_protected(encryption: "_Element | None") -> bool:
    for element in () if encryption is None else encryption.iter():
        if tag_name(element) == "encryptionmethod" and element.get("Algorithm") not in _FONT_METHODS:
            return True
    return False
