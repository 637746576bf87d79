"""Files in SQuAD's form, read paragraph by paragraph.

A file of a hundred thousand questions is some hundred megabytes of JSON, and several times that once it is parsed. So it is
read in pieces, and the parser of the standard library gets one paragraph at a time. The library for that, ijson, was weighed:
its fast parsers put a question mark for half a character, which is to be named as a fault, and know nothing of a title that
stands after its paragraphs, which needs the same second look as here.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from index.errors import DatasetError
from qa.evaluation.texts import unreadable

_PIECE = 1 << 16  # characters that are read at a time
_SPACE = re.compile(r"[ \t\n\r]*")
_AFTER = frozenset(" \t\n\r,:]}")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph as it stands in a file.

    Attributes:
        article, position: numbers of its article, and of it in there, from 1. A ``position`` of 0 stands for an article that
            has no list of paragraphs.
        title: of the article; empty if it has none that is a text.
        value: the paragraph, parsed.
    """

    article: int
    position: int
    title: str
    value: object


@dataclass(frozen=True, slots=True)
class _Part:
    """A title or a paragraph, as a file brings them; ``none`` stands for an article without a list of paragraphs."""

    kind: Literal["title", "paragraph", "none"]
    article: int
    position: int = 0
    value: object = None


def paragraphs(path: Path) -> Iterator[Paragraph]:
    """Every paragraph of a file in SQuAD's form, in order.

    Raises:
        DatasetError: the file cannot be read, is not JSON, or has no list called ``data``.
    """
    titles: dict[int, str] | None = None
    article, title = 0, None
    for part in _parts(path):
        if part.article != article:
            article, title = part.article, None
        if part.kind == "title":
            title = str(part.value)
            continue
        if title is None and part.kind == "paragraph":
            # It may follow yet. One more look through the file finds all titles.
            if titles is None:
                titles = {other.article: str(other.value) for other in _parts(path) if other.kind == "title"}
            title = titles.get(article, "")
        yield Paragraph(article, part.position, "" if title is None else title, part.value)


def _parts(path: Path) -> Iterator[_Part]:
    try:
        with _Source(path) as source:
            yield from _root(source, path)
    except (ValueError, RecursionError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise unreadable(path, error) from error
        hint = "A file with one question a line must be named .jsonl."
        raise DatasetError(f"{path}: not valid JSON ({error}).\n{hint}") from error
    except OSError as error:
        raise unreadable(path, error) from error


def _root(source: "_Source", path: Path) -> Iterator[_Part]:
    found = False
    if source.next() == "{":
        for key in _keys(source):
            if key == "data" and source.next() == "[":
                found = True
                for number in _places(source):
                    yield from _article(source, number)
            else:
                source.value()
    else:
        source.value()
    if source.next():
        raise ValueError(f"extra data at character {source.position}")
    if not found:
        raise DatasetError(f'{path}: not a SQuAD file, for it has no list called "data".')


def _article(source: "_Source", number: int) -> Iterator[_Part]:
    listed = False
    if source.next() == "{":
        for key in _keys(source):
            if key == "paragraphs" and source.next() == "[":
                listed = True
                for position in _places(source):
                    yield _Part("paragraph", number, position, source.value())
            else:
                value = source.value()
                if key == "title" and isinstance(value, str):
                    yield _Part("title", number, value=value)
    else:
        source.value()
    if not listed:
        yield _Part("none", number)


def _keys(source: "_Source") -> Iterator[str]:
    """The keys of the object that begins here; whoever takes one also takes its value."""
    source.take("{")
    if source.next() == "}":
        source.take("}")
        return
    while True:
        key = source.value()
        if not isinstance(key, str):
            raise ValueError(f"expecting a key in double quotes before character {source.position}")
        source.take(":")
        yield key
        if source.take(",}") == "}":
            return


def _places(source: "_Source") -> Iterator[int]:
    """The places, from 1, of the list that begins here; whoever takes one also takes its value."""
    source.take("[")
    if source.next() == "]":
        source.take("]")
        return
    number = 1
    while True:
        yield number
        if source.take(",]") == "]":
            return
        number += 1


class _Source:
    """A text file of JSON, of which only the piece that is looked at is in memory; to be used in a ``with`` block."""

    def __init__(self, path: Path) -> None:
        # utf-8-sig, because some editors put a byte-order mark before JSON, which the parser refuses.
        self._file = path.open(encoding="utf-8-sig")
        self._text, self._at, self._dropped, self._ended = "", 0, 0, False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    @property
    def position(self) -> int:
        """How many characters of the file are behind."""
        return self._dropped + self._at

    def next(self) -> str:
        """The next character that is not white space, which is passed over; empty at the end of the file."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = self._at if space is None else space.end()
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._read()

    def take(self, wanted: str) -> str:
        """The next character, which must be one of ``wanted``; raises ``ValueError`` if it is not."""
        found = self.next()
        if not found or found not in wanted:
            raise ValueError(f"expecting {' or '.join(wanted)} at character {self.position}")
        self._at += 1
        return found

    def value(self) -> Any:
        """The value that begins here; raises ``ValueError`` if there is none."""
        self.next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._ended:
                    raise ValueError(f"{error.msg} at character {self._dropped + error.pos}") from error
            else:
                # A number may go on in the next piece, and "0." is one before a point.
                if self._text[end : end + 1] in _AFTER or self._ended:
                    self._at = end
                    return value
            self._read()

    def _read(self) -> None:
        """Let go of what is behind, and read as much again as is left, at least a piece: a long value is tried seldom."""
        self._dropped += self._at
        self._text, self._at = self._text[self._at :], 0
        piece = self._file.read(max(_PIECE, len(self._text)))
        self._ended = not piece
        self._text += piece
