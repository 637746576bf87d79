"""Word documents (DOCX).

Read straight from the XML inside, with zipfile and lxml, which the web page loader needs anyway. python-docx would be the
usual choice, but it passes over content controls, text boxes and insertions under review, and loads every picture.

The canonical text has the paragraphs, list items and table rows in document order with blank lines between them, cells of a
row on one line, then the footnotes and endnotes. Headers and footers, comments, deleted and hidden text are left out.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from index.errors import DocumentError
from index.loaders.archives import Container, open_zip
from index.loaders.base import Parsed, SourceFile, clean_title, iso_date, plain_newlines
from index.loaders.blocks import CELL_GAP, SOFT_HYPHEN, tag_name
from index.loaders.scripts import lowered, raised
from index.loaders.symbols import symbol

if TYPE_CHECKING:
    from lxml.etree import _Element

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SKIPPED = frozenset({"del", "moveFrom", "rt", "Fallback", "instrText", "delText", "pPr", "rPr", "sectPr", "tblPr"})
_NOTES = ("footnotes", "endnotes")
# Types of notes that are the lines between the text and its notes.
_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})
# When python-docx's template was made; documents made with it keep that date unless their author sets another.
_TEMPLATE_DATE = "2013-12-23T23:15:00Z"
_NO = frozenset({"0", "false", "off"})


def load_docx(source: SourceFile) -> Parsed:
    """Read a Word document.

    Raises:
        DocumentError: it is damaged, encrypted, in the old format, or no Word document at all.
    """
    if source.content.startswith(_OLE):
        raise DocumentError(
            f"{source.name}: it is protected by a password or in the old Word format. Save it as DOCX without a password."
        )
    with open_zip(BytesIO(source.content), source.name) as archive:
        package = _Package(archive, source.name)
        main = package.related("", "officeDocument")
        body = None if main is None else package.xml(main)
        if main is None or body is None:
            raise DocumentError(
                f"{source.name}: this is not a Word document, although it is named like one. Name it as what it is."
            )
        blocks = list(_blocks(body))
        heading = _first_heading(body, package.heading_styles(main))
        for kind in _NOTES:
            part = package.related(main, kind)
            notes = None if part is None else package.xml(part)
            for note in () if notes is None else notes:
                if _attribute(note, "type") not in _SEPARATORS:
                    blocks.extend(_blocks(note))
        core = package.related("", "core-properties")
        properties = None if core is None else package.xml(core)
    named = {} if properties is None else {tag_name(entry): entry.text for entry in properties}
    title = clean_title(named.get("title")) or clean_title(heading)
    created = named.get("created")
    return Parsed("\n\n".join(blocks), title, None if created == _TEMPLATE_DATE else iso_date(created))


class _Package(Container):
    """The parts of a document and how they refer to each other."""

    def related(self, part: str, kind: str) -> str | None:
        """The part that ``part`` (``""``: the package) refers to as ``kind``."""
        folder, _, file = part.rpartition("/")
        relations = self.xml(join(folder, "_rels", f"{file}.rels"))
        for relation in () if relations is None else relations:
            if relation.get("Type", "").rpartition("/")[2] == kind and relation.get("TargetMode") != "External":
                target = relation.get("Target", "")
                return target.lstrip("/") if target.startswith("/") else normpath(join(dirname(part), target))
        return None

    def heading_styles(self, main: str) -> dict[str, int]:
        """Level by style id: 0 for the title, 1 to 9 for headings. Ids are translated, names are not."""
        part = self.related(main, "styles")
        root = None if part is None else self.xml(part)
        levels: dict[str, int] = {}
        for style in () if root is None else root:
            key = _attribute(style, "styleId")
            name = next((_attribute(entry, "val") for entry in style if tag_name(entry) == "name"), None)
            match = re.fullmatch(r"title|heading (\d)", "" if name is None else name.lower())
            if key is not None and match is not None:
                levels[key] = int(match.group(1) or 0)
        return levels


def _local(name: str | bytes) -> str:
    text = name.decode() if isinstance(name, bytes) else name
    return text.rpartition("}")[2]


def _attribute(element: "_Element", name: str) -> str | None:
    return next((str(value) for key, value in element.attrib.items() if _local(key) == name), None)


def _kind(element: "_Element") -> str:
    return _local(element.tag) if isinstance(element.tag, str) else ""


def _blocks(parent: "_Element") -> Iterator[str]:
    """The paragraphs and table rows below ``parent``, without empty ones. Depth is bounded by the parser."""
    open_text = ""  # of paragraphs whose end was deleted under review, so that the next one goes on
    boxes: list[_Element] = []
    for child in parent:
        kind = _kind(child)
        if kind == "p":
            open_text += "".join(_words(child, boxes))
            if _has_no_end(child):
                continue
            following: Iterator[str] = iter(())
        elif kind == "tr":
            row = CELL_GAP.join(_cells(child))
            following = iter([row] if row.strip(" |") else [])
        elif kind and kind not in _SKIPPED:
            following = _blocks(child)
        else:
            continue
        first = next(following, None)
        # Between two paragraphs there may be marks that hold no words.
        if kind == "p" or first is not None:
            yield from _closed(open_text, boxes)
            open_text, boxes = "", []
        if first is not None:
            yield first
            yield from following
    yield from _closed(open_text, boxes)


def _closed(text: str, boxes: list["_Element"]) -> Iterator[str]:
    """A paragraph, unless it is empty, and what is in the text boxes that are anchored in it."""
    text = text.strip()
    if text:
        yield text
    for box in boxes:
        yield from _blocks(box)


def _has_no_end(paragraph: "_Element") -> bool:
    """Whether the end of a paragraph was deleted, or moved away, under review."""
    properties = next((child for child in paragraph if _kind(child) == "pPr"), None)
    mark = None if properties is None else next((child for child in properties if _kind(child) == "rPr"), None)
    return mark is not None and any(_kind(entry) in ("del", "moveFrom") for entry in mark)


def _cells(parent: "_Element") -> Iterator[str]:
    for child in parent:
        kind = _kind(child)
        if kind == "tc":
            yield " ".join(" ".join(_blocks(child)).split())
        elif kind and kind not in _SKIPPED:
            yield from _cells(child)


def _words(parent: "_Element", boxes: list["_Element"]) -> Iterator[str]:
    """The words of a paragraph; text boxes anchored in it are put into ``boxes``."""
    last = ""
    for child in parent:
        kind = _kind(child)
        if kind == "r":
            if _property(child, "vanish") not in (None, *_NO):
                continue
            text = _placed(child, "".join(_words(child, boxes)), last)
            last = text if text else last
            yield text
            continue
        if kind == "t":
            yield "" if child.text is None else plain_newlines(child.text).replace(SOFT_HYPHEN, "")
        elif kind in ("tab", "ptab"):
            yield " "
        elif kind in ("br", "cr"):
            yield "\n"
        elif kind == "sym":
            yield symbol(_attribute(child, "font") or "", _attribute(child, "char") or "")
        elif kind == "noBreakHyphen":
            yield "-"
        elif kind == "txbxContent":
            boxes.append(child)
        elif kind and kind not in _SKIPPED:
            yield from _words(child, boxes)


def _placed(run: "_Element", text: str, before: str) -> str:
    """``text`` with its numbers raised or lowered as the run says that they are; ``before`` is the text before it."""
    place = _property(run, "vertAlign")
    if place == "superscript":
        return raised(text)
    return lowered(text, before) if place == "subscript" else text


def _property(run: "_Element", name: str) -> str | None:
    """The value of a property of a run; ``""`` for one without a value, ``None`` for one that it lacks."""
    properties = next((child for child in run if _kind(child) == "rPr"), None)
    for entry in () if properties is None else properties:
        if _kind(entry) == name:
            value = _attribute(entry, "val")
            return "" if value is None else value
    return None


def _first_heading(body: "_Element", levels: dict[str, int]) -> str | None:
    """The paragraph in the highest style among the title and headings, the first one of these."""
    best: tuple[int, str] | None = None
    for element in body.iter():
        if _kind(element) != "pStyle":
            continue
        level = levels.get(_attribute(element, "val") or "")
        properties = element.getparent()
        paragraph = None if properties is None else properties.getparent()
        if level is None or paragraph is None or (best is not None and best[0] <= level):
            continue
        text = "".join(_words(paragraph, [])).strip()
        if text:
            best = (level, text)
    return None if best is None else best[1]
