"""What every loader gets and gives, and how bytes become characters."""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.documents import Page
from index.errors import DocumentError
from index.loaders.guessing import guess_encoding

MAX_TEXT = 64 * 1024 * 1024
"""Largest text, Markdown or web page that is read, in bytes: some ten million words. What is made of it takes many times as
much memory, up to twenty times for the tokens of a Markdown text."""

# UTF-32 comes before UTF-16, whose mark is the first half of its own.
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# Codecs of Python that no other program takes for the encoding of a page; they would rewrite its words.
_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
_DECLARATION = b"<meta charset>"
# Bytes on either side of a place that tell whether a text is UTF-8 but for damages.
_SAMPLE = 64 * 1024
_CONTINUATIONS = bytes(range(0x80, 0xC0))
_LINE_BREAKING = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's content and identity before it is parsed.

    ``name`` is its path, or ``archive.zip!/member``; ``sha256`` is of ``content``, in hexadecimal.
    """

    name: str
    content: bytes
    sha256: str

    @property
    def suffix(self) -> str:
        """The extension in lower case with its dot, or ``""``."""
        return PurePosixPath(self.name).suffix.lower()


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a loader makes of a file.

    Attributes:
        text: the canonical text.
        title: the title that the file gives itself; ``None`` when it has none.
        date: when it was written, as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; ``None`` when it does not say.
        pages: page map that covers ``text``; empty for formats without pages.
        note: one line about what the reader of the text should know, such as pages left out; ``None`` mostly.
    """

    text: str
    title: str | None = None
    date: str | None = None
    pages: tuple[Page, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, and the encoding that was guessed for it; ``None`` when nothing had to be guessed."""

    text: str
    guessed: str | None = None

    @property
    def note(self) -> str | None:
        """What the reader of the text should know about a guess."""
        # A wrong guess changes letters and nothing else, so nobody would notice.
        if self.guessed is None:
            return None
        return f"not UTF-8; read as {self.guessed}. Save it as UTF-8 if letters are wrong"


class NotText(DocumentError):
    """The content of a file that was to be read as text is something else."""


def decode(source: SourceFile, declared: str | None = None) -> Decoded:
    """The text of a file: by its byte-order mark, else as declared, else as UTF-8, else in the encoding that fits best.

    Args:
        source: the file.
        declared: the encoding that the content says it has, where its format has a place for that. It is not believed
            when it is unknown or the bytes cannot be read in it.

    Raises:
        NotText: the bytes are no text in any encoding.
        DocumentError: they are text with damaged places.
    """
    content = source.content
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            try:
                return Decoded(_canonical(source, content.decode(encoding)))
            except UnicodeDecodeError as error:
                raise DocumentError(
                    f"{source.name}: starts as {encoding} but is broken: {error.reason}. "
                    "Get an undamaged copy, or save it again as UTF-8."
                ) from error
    if b"\x00" in content:
        raise _binary(source)
    if declared is not None and _is_charset(declared):
        with suppress(UnicodeDecodeError):  # then it is not believed
            return Decoded(_canonical(source, content.decode(declared)))
    try:
        return Decoded(_canonical(source, content.decode("utf-8")))
    except UnicodeDecodeError as error:
        if _is_utf8_around(content, error.start):
            raise DocumentError(
                f"{source.name}: this is UTF-8 text with damaged bytes, the first at byte {error.start}. "
                "Get an undamaged copy, or save it again as UTF-8."
            ) from error
        return _guessed(source, error.start)


def _guessed(source: SourceFile, first: int) -> Decoded:
    """The text in the encoding that fits best; ``first`` is a byte that UTF-8 cannot explain."""
    encoding = guess_encoding(source.content, first)
    if encoding is None:
        raise NotText(f"{source.name}: this is not text in any known encoding. Save it as UTF-8.")
    return Decoded(_canonical(source, source.content.decode(encoding)), encoding)


def _canonical(source: SourceFile, text: str) -> str:
    """``text`` with canonical newlines; raises ``NotText`` when it has null characters."""
    # No text has them, and browsers and databases drop them or stop at them, so that offsets would part.
    if "\x00" in text:
        raise _binary(source)
    return canonical_newlines(text)


def _binary(source: SourceFile) -> NotText:
    return NotText(f"{source.name}: this is a binary file, not text. If it is meant to be text, save it as UTF-8.")


def _is_charset(label: str) -> bool:
    """Whether ``label`` names an encoding that a declaration, readable as ASCII, can stand in."""
    try:
        name = codecs.lookup(label).name
        return name not in _NO_CHARSETS and _DECLARATION.decode(name) == _DECLARATION.decode("ascii")
    except (LookupError, UnicodeError):
        return False


def _is_utf8_around(content: bytes, broken: int) -> bool:
    """Whether a text is UTF-8 but for some bytes, of which the first is at ``broken``.

    Read in another encoding, all letters of such a text that are not ASCII would turn to gibberish.
    """
    sample = content[max(0, broken - _SAMPLE) : broken + _SAMPLE]
    around = sample.lstrip(_CONTINUATIONS).decode("utf-8", "surrogateescape")
    damaged = len(re.findall("[\udc80-\udcff]", around))
    # Other encodings hardly ever form valid UTF-8 sequences, so a majority of them means UTF-8.
    return sum(not character.isascii() for character in around) - damaged > damaged


def canonical_newlines(text: str) -> str:
    """``text`` without a byte-order mark and with every line end as ``\\n``, as a browser would show it."""
    return plain_newlines(text.removeprefix("\ufeff"))


def plain_newlines(text: str) -> str:
    """``text`` with every line end as ``\\n``; mark-up can spell the others out (``&#13;``)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def too_large(name: str, size: int, limit: int) -> DocumentError:
    """The error that says that ``size`` bytes are more than ``limit``."""
    return DocumentError(
        f"{name}: {size / 2**20:.0f} MiB is more than the {limit // 2**20} MiB that a file of its kind may have. "
        "Split it into smaller ones."
    )


def unreadable(path: Path, error: OSError) -> DocumentError:
    """The error that says why the system does not hand out what is at ``path``."""
    return DocumentError(
        f"{one_line(str(path))}: cannot be read ({error.strerror}). Make it readable for yourself, or leave it out."
    )


def no_text(name: str) -> DocumentError:
    """The error that says that a file has no words."""
    return DocumentError(f"{name}: there is no text in this file. Get a complete copy, or leave it out.")


def one_line(name: str) -> str:
    """``name`` without characters that would break or hide a line of a message; for names out of foreign archives."""
    return _LINE_BREAKING.sub("\ufffd", name)


def iso_date(value: str | None) -> str | None:
    """The date at the start of ``value`` as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; ``None`` when there is none.

    Years before 1000 stand for an unknown date (Calibre writes the year 101).
    """
    match = re.match(r"\s*([1-9]\d{3})(?:-?(\d\d))?(?:-?(\d\d))?", "" if value is None else value)
    if match is None:
        return None
    year, month, day = match.groups()
    if month is None or not 1 <= int(month) <= 12:
        return str(year)
    if day is None or not 1 <= int(day) <= 31:
        return f"{year}-{month}"
    return f"{year}-{month}-{day}"


def clean_title(value: str | None) -> str | None:
    """``value`` on one line; ``None`` when nothing is left of it."""
    title = " ".join("" if value is None else _LINE_BREAKING.sub(" ", value).split())
    return title if title else None
