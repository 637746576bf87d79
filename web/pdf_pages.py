"""The pages of a PDF as pictures, with boxes on the very glyphs that a cited span was made from.

The picture is drawn when it is asked for, from the original file, and only if that still is the file the text was made
of, byte for byte: its SHA-256 is compared. Nothing that comes from a browser reaches the file system: it names a document
and a page, and the index knows the file. pypdfium2 draws; it also read the text, so page and boxes are of one engine.
"""

import io
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import closing
from ctypes import byref, c_int
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from index.documents import Document, Span
from index.errors import InputError
from index.loaders.pdf import GlyphBox, span_boxes
from index.loaders.pdf_glyphs import opened
from index.loading import MEMBER, sources_in

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

WIDTH = 1240
"""Width of a picture in pixels: twice that of the panel, for screens with fine pixels."""
_LARGEST_SIDE = 4000
_LARGEST_FILE = 256 * 1024 * 1024
_SHOWN_PAGES = 6
_CACHED_BYTES = 32 * 1024 * 1024
_CACHED_FILES = 4
_GRID = 100_000  # device units that a page is measured in, for boxes as shares of it
_SUFFIX = ".pdf"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page as it is shown, in shares of its width and height, 0..1, from the top left."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class PageView:
    """A page and what is lit on it. ``width`` and ``height`` are in points as it is shown, after turning."""

    number: int
    label: str | None
    width: float
    height: float
    boxes: tuple[Box, ...]


def is_pdf(document: Document) -> bool:
    """Whether a document was made from a PDF."""
    return bool(document.pages) and document.source.lower().endswith(_SUFFIX)


class PdfPages:
    """Draws pages of the PDFs of an index. Safe to use from several threads; pictures and files are kept for a while."""

    def __init__(self) -> None:
        """Nothing is drawn or read yet."""
        self._pictures: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._files: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def views(self, document: Document, span: Span) -> list[PageView]:
        """The pages that ``span`` stands on, with its boxes; of a very long span the first few.

        Raises:
            InputError: the file is gone, has changed, or cannot be shown.
            DocumentError: the file cannot be read, or its text is not that of ``document`` any more.
        """
        content = self._content(document)
        pages = [page for page in document.pages if page.start < span.end and page.end > span.start][:_SHOWN_PAGES]
        if not pages:
            raise InputError("These words stand on no page of the PDF.")
        end = min(span.end, pages[-1].end)
        boxes = span_boxes(content, span.start, end, document)
        views: list[PageView] = []
        with opened(content, document.source) as pdf:
            for known in pages:
                with closing(pdf[known.number - 1]) as page:
                    width, height = page.get_size()
                    on_page = [box for box in boxes if box[0] == known.number]
                    lit = merged([_shown(page, box) for box in on_page])
                    views.append(PageView(known.number, known.label, width, height, tuple(lit)))
        return views

    def picture(self, document: Document, number: int) -> bytes:
        """The page ``number``, from 1, as a PNG.

        Raises:
            InputError: there is no such page, or the file is gone, has changed, or cannot be shown.
            DocumentError: the file cannot be read.
        """
        if not is_pdf(document) or not 1 <= number <= len(document.pages):
            raise InputError("There is no such page.")
        content = self._content(document)  # also when the picture is kept: the file may be gone since
        key = (document.sha256, number)
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
                return self._pictures[key]
        with opened(content, document.source) as pdf:
            if number > len(pdf):
                raise InputError("There is no such page.")
            with closing(pdf[number - 1]) as page:
                width, height = page.get_size()
                if width <= 0 or height <= 0:
                    raise InputError("This page has no size, so it cannot be shown.")
                scale = min(WIDTH / width, _LARGEST_SIDE / height)
                with closing(page.render(scale=scale)) as bitmap:
                    file = io.BytesIO()
                    bitmap.to_pil().save(file, "PNG")
        picture = file.getvalue()
        with self._lock:
            self._pictures[key] = picture
            while len(self._pictures) > 1 and sum(map(len, self._pictures.values())) > _CACHED_BYTES:
                self._pictures.popitem(last=False)
        return picture

    def _content(self, document: Document) -> bytes:
        """The bytes of the original file, which are those the text was made of."""
        path = Path(document.source.partition(MEMBER)[0])
        try:
            stat = path.stat()
        except OSError as error:
            raise InputError("The original file is gone, so its page cannot be shown.") from error
        key = (document.sha256, stat.st_mtime_ns, stat.st_size)
        with self._lock:
            if key in self._files:
                return self._files[key]
        if stat.st_size > _LARGEST_FILE:
            raise InputError("The original file is too large for its page to be shown.")
        content = next((one.read().content for one in sources_in(path) if one.name == document.source), None)
        if content is None:
            raise InputError("The original file is gone from its archive, so its page cannot be shown.")
        if sha256(content).hexdigest() != document.sha256:
            raise InputError("The original file has changed since it was added, so its page cannot be shown.")
        if len(content) <= _CACHED_BYTES:
            with self._lock:
                self._files[key] = content
                while len(self._files) > _CACHED_FILES:
                    self._files.popitem(last=False)
        return content


def merged(boxes: Sequence[Box]) -> list[Box]:
    """``boxes`` in reading order, those of one line that stand next to each other as one."""
    lines: list[Box] = []
    for box in boxes:
        if box.width <= 0 or box.height <= 0:
            continue
        last = lines[-1] if lines else None
        if last is not None and _continues(last, box):
            left, top = min(last.left, box.left), min(last.top, box.top)
            right, bottom = max(last.right, box.right), max(last.bottom, box.bottom)
            lines[-1] = Box(left, top, right - left, bottom - top)
        else:
            lines.append(box)
    return lines


def _continues(line: Box, box: Box) -> bool:
    """Whether ``box`` stands on the same line, at most about a word's gap further on."""
    shared = min(line.bottom, box.bottom) - max(line.top, box.top)
    gap = max(box.left - line.right, line.left - box.right)
    return shared > 0.3 * min(line.height, box.height) and gap < 1.2 * max(line.height, box.height)


def _shown(page: "PdfPage", box: GlyphBox) -> Box:
    """A box in the page's own space as it is shown: cropped and turned as the page says."""
    corners = list(_corners(page, box))
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    top, bottom = min(y for _, y in corners), max(y for _, y in corners)
    return Box(left / _GRID, top / _GRID, (right - left) / _GRID, (bottom - top) / _GRID)


def _corners(page: "PdfPage", box: GlyphBox) -> Iterator[tuple[int, int]]:
    from pypdfium2 import raw

    _, left, bottom, right, top = box
    for x, y in ((left, bottom), (right, top)):
        shown_x, shown_y = c_int(), c_int()
        raw.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, byref(shown_x), byref(shown_y))
        yield shown_x.value, shown_y.value
