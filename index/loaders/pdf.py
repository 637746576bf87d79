"""PDF, read by pypdfium2: text with its pages, and the boxes of the glyphs that a span of the text was made from.

pypdfium2 brings Chromium's PDF engine as one wheel, is released monthly and freely licensed (PyMuPDF is AGPL; pdfminer.six and
pypdf are slower by a factor of ten and more, and cannot draw the page for which the boxes are meant).

The canonical text is built from the very characters whose boxes are drawn: the glyphs in the order of the page's content, lines
joined to paragraphs by :mod:`index.loaders.pdf_layout`, pages separated by a blank line unless a sentence runs on. Ligatures
are spelled out; their letters share one box. The text is a function of the file's bytes and of the version of PDFium, page by
page, so nothing but the page map needs to be stored to find the glyphs again.
"""

from array import array
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from index.documents import Document, Page
from index.errors import DocumentError
from index.loaders.base import Parsed, SourceFile, clean_title, iso_date, unreadable
from index.loaders.pdf_glyphs import opened, read_page
from index.loaders.pdf_layout import NO_GLYPH, PageText, gap_between_pages

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_Key = TypeVar("_Key", int, str)
_NO_TITLES = frozenset({"untitled", "unknown", "title", "document", "(anonymous)", "(unspecified)"})

GlyphBox = tuple[int, float, float, float, float]
"""Page number from 1, left, bottom, right, top; in points (1/72 inch) of the page's own space, before it is turned."""


def load_pdf(source: SourceFile) -> Parsed:
    """Read a PDF.

    Raises:
        DocumentError: it is damaged, cut short or encrypted, or has no text in it.
    """
    with opened(source.content, source.name) as document:
        texts: list[PageText] = []
        unreadable = 0
        for number in range(len(document)):
            read, unmapped = read_page(document, number)
            texts.append(read)
            unreadable += unmapped
        labels = [_readable(document.get_page_label, number) for number in range(len(document))]
        named = _readable(document.get_metadata_value, "Title")
        dated = _readable(document.get_metadata_value, "CreationDate")
    blank = [number for number, text in enumerate(texts, start=1) if not text.text]
    if len(blank) == len(texts):
        if unreadable:
            raise DocumentError(
                f"{source.name}: its fonts do not say which letters their shapes stand for. Run OCR over it and add the result."
            )
        raise DocumentError(
            f"{source.name}: it has no text layer, so it is probably scanned. Run OCR over it and add the result."
        )
    notes = []
    if blank:
        notes.append(f"{len(blank)} of {len(texts)} pages have no text layer (page {blank[0]} is the first)")
    if unreadable:
        notes.append(f"shapes that stand for no known letter were left out ({unreadable})")
    text, starts = _joined([page.text for page in texts])
    pages = tuple(
        Page(number, start, end, label if label else None)
        for number, (start, end, label) in enumerate(
            zip(starts, [*starts[1:], len(text)], labels, strict=True), start=1
        )
    )
    title = clean_title(named)
    if title is not None and title.lower() in _NO_TITLES:
        title = None
    date = iso_date(dated.removeprefix("D:"))
    return Parsed(text, title, date, pages, "; ".join(notes) if notes else None)


def span_boxes(file: Path | bytes, start: int, end: int, document: Document | None = None) -> list[GlyphBox]:
    """The boxes of the glyphs that the characters ``[start, end)`` of a PDF's canonical text were made from.

    Args:
        file: the PDF, as its path or its bytes.
        start: first character.
        end: character after the last, ``0 <= start < end``.
        document: what was made of the file. With it only the pages of the span are read, and their text is compared.

    Returns:
        Boxes in reading order; white space has none, letters of a ligature share one.

    Raises:
        DocumentError: the file cannot be read, or its text is not that of ``document`` any more.
        ValueError: the span is not inside the text.
    """
    content, name = (file, "PDF") if isinstance(file, bytes) else (_bytes(file), str(file))
    boxes: list[GlyphBox] = []
    with opened(content, name) as pdf:
        if document is None:
            texts = [read_page(pdf, number)[0] for number in range(len(pdf))]
            whole, starts = _joined([text.text for text in texts])
            length = len(whole)
            found = list(zip(range(1, len(pdf) + 1), starts, texts, strict=True))
        else:
            length = len(document.text)
            found = [
                (page.number, page.start, _same_page(pdf, page, document, name))
                for page in document.pages
                if page.start < end and page.end > start
            ]
        if not 0 <= start < end <= length:
            raise ValueError(f"[{start}, {end}) is not inside a text of {length} characters")
        for number, page_start, text in found:
            low, high = max(start - page_start, 0), min(end - page_start, len(text.text))
            if low < high:
                boxes.extend(_boxes(pdf, number, text, low, high))
    return boxes


def _readable(get: Callable[[_Key], str], key: _Key) -> str:
    """What a PDF says of itself; ``""`` when that is no text, which must not keep the words of its pages out."""
    try:
        return get(key)
    except UnicodeDecodeError:
        return ""


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def _joined(texts: list[str]) -> tuple[str, list[int]]:
    """The texts of all pages as one, and where each page begins; a gap belongs to the page before it."""
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    waiting = 0  # pages without text since the last one with text: they begin where the next one does
    previous = ""
    for text in texts:
        waiting += 1
        if not text:
            continue
        gap = gap_between_pages(previous, text) if previous else ""
        length += len(gap)
        starts.extend([length] * waiting)
        parts.extend((gap, text))
        length += len(text)
        waiting, previous = 0, text
    starts.extend([length] * waiting)
    return "".join(parts), starts


def _same_page(pdf: "PdfDocument", page: Page, document: Document, name: str) -> PageText:
    """The text of a page of ``document``, made anew; raises ``DocumentError`` when it is another than it was."""
    text = read_page(pdf, page.number - 1)[0] if page.number <= len(pdf) else PageText("", array("l"))
    known = document.text[page.start : page.end]
    if not known.startswith(text.text) or len(known) - len(text.text) > len("\n\n"):
        raise DocumentError(
            f"{name}: page {page.number} reads differently now than when it was added. Add the file again."
        )
    return text


def _boxes(pdf: "PdfDocument", number: int, text: PageText, low: int, high: int) -> Iterator[GlyphBox]:
    with closing(pdf[number - 1]) as page, closing(page.get_textpage()) as text_page:
        last: GlyphBox | None = None
        for offset in range(low, high):
            if text.origins[offset] == NO_GLYPH or text.text[offset] == " ":
                continue
            box = (number, *text_page.get_charbox(text.origins[offset]))
            if box != last:
                yield box
            last = box
