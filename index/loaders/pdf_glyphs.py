"""The glyphs of a PDF page as lines of characters; everything that asks PDFium for text."""

import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ctypes import byref, c_double
from dataclasses import replace
from itertools import groupby, pairwise
from math import pi
from typing import TYPE_CHECKING

from index.errors import DocumentError
from index.loaders.pdf_columns import unwoven
from index.loaders.pdf_layout import NO_GLYPH, Gap, Line, PageText, page_text
from index.loaders.scripts import raised

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfTextPage

_Box = tuple[float, float, float, float]  # left, bottom, right, top
_WORD = re.compile(r"[^ ]+")
# What may be a raised number right behind a word or a number.
_NUMBER = re.compile("(?<=[^ ])[0-9+\u2212-]+")
# Raised and lowered characters are smaller than this share of the line's size, and raised ones stand higher by that.
_SMALL, _RAISED = 0.9, 0.15
# PDFium must not be entered by two threads at once.
_LOCK = threading.Lock()
_LINE_END_HYPHEN = 0x02  # how PDFium reports a hyphen that ends a line


@contextmanager
def opened(content: bytes, name: str) -> Iterator["PdfDocument"]:
    """A document to read pages of; no other can be opened until the block ends.

    Args:
        content: the file's bytes.
        name: what to call it in messages.

    Raises:
        DocumentError: it is damaged, cut short or encrypted.
    """
    import pypdfium2
    from pypdfium2 import raw

    # The engine repairs a file whose end is missing by leaving out what it cannot find; text would be lost without a word.
    complete = content.rfind(b"startxref") > content.rfind(b"endobj")
    cut = DocumentError(f"{name}: this PDF is damaged or cut short. Get a complete copy.")
    if not complete:
        raise cut
    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(content)
            pages = len(document)
        except pypdfium2.PdfiumError as error:
            if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
                raise DocumentError(
                    f"{name}: this PDF is encrypted. Save a copy without a password and add that."
                ) from error
            raise cut from error
        with closing(document):
            if pages == 0:
                raise cut
            try:
                yield document
            except pypdfium2.PdfiumError as error:
                raise DocumentError(f"{name}: a page of this PDF is damaged ({error}). Get another copy.") from error


def read_page(document: "PdfDocument", number: int) -> tuple[PageText, int]:
    """The text of the page with index ``number``, and how many glyphs on it stand for no known character."""
    with closing(document[number]) as page, closing(page.get_textpage()) as text_page:
        lines, unmapped = _lines(text_page, page.get_rotation() // 90)
    return page_text(unwoven(_whole(lines))), unmapped


def _lines(page: "PdfTextPage", quarters: int) -> tuple[list[Line], int]:
    """The lines of a page that is shown turned by ``quarters``, and how many glyphs stand for no known character."""
    from pypdfium2 import raw

    lines: list[Line] = []
    characters: list[str] = []
    origins: list[int] = []
    unmapped = 0

    def finish() -> None:
        while characters and characters[-1] == " ":
            characters.pop()
            origins.pop()
        if characters:
            lines.append(_line(page, "".join(characters), tuple(origins)))
        characters.clear()
        origins.clear()

    high = 0
    for index in range(page.count_chars()):
        code = raw.FPDFText_GetUnicode(page, index)
        if 0xD800 <= code <= 0xDBFF:
            high = code
            continue
        if 0xDC00 <= code <= 0xDFFF:
            # Where wide characters have 16 bits, PDFium hands out the two halves of a character one by one.
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0
        high = 0
        character = chr(code)
        if code == _LINE_END_HYPHEN and raw.FPDFText_IsHyphen(page, index) == 1:
            characters.append("-")
            origins.append(index)
            finish()
        elif character in "\r\n":
            finish()
        elif character.isspace():
            if characters and characters[-1] != " ":
                characters.append(" ")
                origins.append(index)
        elif code < 0x20 or 0x7F <= code < 0xA0 or code in (0xFFFD, 0xFFFE, 0xFFFF):
            unmapped += 1
        else:
            characters.append("-" if character == "\u00ad" else character)
            origins.append(index)
    finish()
    return _downwards(lines, quarters), unmapped


def _downwards(lines: list[Line], quarters: int) -> list[Line]:
    """``lines`` with text that reads down the shown page put right: PDFium gives lines of a column from left to right."""
    result: list[Line] = []
    for turn, same in groupby(lines, key=lambda line: line.turn):
        if (turn + quarters) % 4 != 1:
            result.extend(same)
            continue
        rising: list[Line] = []
        for line in same:
            if rising and line.baseline <= rising[-1].baseline:
                result.extend(reversed(rising))
                rising.clear()
            rising.append(line)
        result.extend(reversed(rising))
    return result


def _whole(lines: list[Line]) -> list[Line]:
    """``lines`` with those put together that PDFium ended at a raised or lowered character, although they go on behind it."""
    result: list[Line] = []
    for line in lines:
        before = result[-1] if result else None
        # Words further away are in another column, or in another cell of a table.
        if (
            before is not None
            and before.ends_small
            and before.turn == line.turn
            and max(before.size, line.size) < 1.15 * min(before.size, line.size)
            and abs(before.baseline - line.baseline) < 0.3 * line.size
            and -0.2 * line.size < line.left - before.right < line.size
        ):
            result[-1] = _put_together(before, line)
        else:
            result.append(line)
    return result


def _put_together(before: Line, line: Line) -> Line:
    gap = " " if line.left - before.right > 0.1 * line.size else ""
    start = len(before.text) + len(gap)
    return replace(
        before,
        text=f"{before.text}{gap}{line.text}",
        origins=(*before.origins, *[NO_GLYPH] * len(gap), *line.origins),
        right=max(before.right, line.right),
        gaps=(*before.gaps, *(replace(other, at=other.at + start) for other in line.gaps)),
        ends_small=line.ends_small,
    )


def _line(page: "PdfTextPage", text: str, origins: tuple[int, ...]) -> Line:
    """A line with its measures, turned so that it reads from left to right."""
    from pypdfium2 import raw

    turn = round(raw.FPDFText_GetCharAngle(page, origins[0]) / (pi / 2)) % 4

    def box(at: int) -> _Box:
        return _turned(page.get_charbox(origins[at], loose=True), turn)

    ends = [match.span() for match in _WORD.finditer(text)]
    words = [(box(start), box(end - 1)) for start, end in ends]
    first, last = words[0], words[-1]
    heights = sorted(edges[3] - edges[1] for edges in (first[0], words[len(words) // 2][0], last[1]))
    size = max(heights[1], 0.1)

    def height(at: int) -> float:
        x, y = c_double(), c_double()
        raw.FPDFText_GetCharOrigin(page, origins[at], byref(x), byref(y))
        return _turned((x.value, y.value, x.value, y.value), turn)[1]

    def is_small(at: int) -> bool:
        edges = box(at)
        return edges[3] - edges[1] < _SMALL * size

    baseline = height(0)
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        # From behind, because most numbers end with a character that is not raised.
        at = end
        while at > start and is_small(at - 1) and height(at - 1) - baseline > _RAISED * size:
            at -= 1
        text = f"{text[:at]}{raised(text[at:end])}{text[end:]}"
    gaps = tuple(
        Gap(ends[number][0] - 1, before[1][2], word[0][0], _length(word))
        for number, (before, word) in enumerate(pairwise(words), start=1)
        if word[0][0] - before[1][2] > size
    )
    return Line(
        text,
        origins,
        left=min(first[0][0], last[0][0]),
        right=max(first[1][2], last[1][2]),
        baseline=baseline,
        size=size,
        turn=turn,
        first_word=_length(first),
        gaps=gaps,
        ends_small=is_small(len(text) - 1),
    )


def _length(word: tuple[_Box, _Box]) -> float:
    """The length of a word, given the boxes of its first and its last glyph; either may stand further right."""
    return max(word[0][2], word[1][2]) - min(word[0][0], word[1][0])


def _turned(box: _Box, turn: int) -> _Box:
    """``box`` (left, bottom, right, top) as seen by someone who has turned to read text at ``turn`` quarters."""
    left, bottom, right, top = box
    if turn == 1:
        return -top, left, -bottom, right
    if turn == 2:
        return -right, -top, -left, -bottom
    if turn == 3:
        return bottom, -right, top, -left
    return box
