"""What every loader gets and gives, and how bytes become characters."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from index.documents import Page
from index.errors import DocumentError

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Bytes on either side of a place that tell the encoding of a text; guessing on all of a large file takes minutes.
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


def decode(source: SourceFile, declared: str | None = None) -> str:
    """The text of a file: by its byte-order mark, else as declared, else as UTF-8, else in the encoding that fits best.

    Args:
        source: the file.
        declared: the encoding that the content says it has, where its format has a place for that. It is not believed
            when it is unknown or the bytes cannot be read in it.

    Raises:
        DocumentError: the bytes are no text in any encoding, or UTF-8 with damaged places.
    """
    content = source.content
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            try:
                return canonical_newlines(content.decode(encoding))
            except UnicodeDecodeError as error:
                raise DocumentError(f"{source.name}: starts as {encoding} but is broken: {error.reason}.") from error
    if b"\x00" in content:
        raise DocumentError(f"{source.name}: this is a binary file, not text.")
    try:
        if declared is not None:
            return canonical_newlines(content.decode(declared))
    except (UnicodeDecodeError, LookupError):
        pass  # not believed
    try:
        return canonical_newlines(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        if _is_utf8_around(content, error.start):
            raise DocumentError(
                f"{source.name}: this is UTF-8 text with damaged bytes, the first at byte {error.start}. "
                "Get an undamaged copy, or save it again as UTF-8."
            ) from error
        return canonical_newlines(_guessed(source, error.start))


def _is_utf8_around(content: bytes, broken: int) -> bool:
    """Whether a text is UTF-8 but for some bytes, of which the first is at ``broken``.

    Read in another encoding, all letters of such a text that are not ASCII would turn to gibberish.
    """
    sample = content[max(0, broken - _SAMPLE) : broken + _SAMPLE]
    around = sample.lstrip(_CONTINUATIONS).decode("utf-8", "surrogateescape")
    damaged = len(re.findall("[\udc80-\udcff]", around))
    # Other encodings hardly ever form valid UTF-8 sequences, so a majority of them means UTF-8.
    return sum(not character.isascii() for character in around) - damaged > damaged


def _guessed(source: SourceFile, first: int) -> str:
    """The text in the encoding that fits best; ``first`` is a byte that UTF-8 cannot explain."""
    # charset-normalizer, not chardet: kept up, small, and already needed by other dependencies.
    import charset_normalizer

    sample = source.content[max(0, first - _SAMPLE) : first + _SAMPLE]
    guess = charset_normalizer.from_bytes(sample).best()
    # Three bytes tell nothing; then the most common of the old encodings is the best guess.
    rare = sum(byte > 0x7F for byte in sample) <= 3
    for encoding in [*(["cp1252"] if rare else []), *([] if guess is None else [guess.encoding])]:
        try:
            return source.content.decode(encoding)
        except UnicodeDecodeError:
            continue
    guess = charset_normalizer.from_bytes(source.content).best()
    if guess is None:
        raise DocumentError(f"{source.name}: this is not text in any known encoding. Save it as UTF-8.")
    return str(guess)


def canonical_newlines(text: str) -> str:
    """``text`` with every line end as ``\\n``, as a browser would show it."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def one_line(name: str) -> str:
    """``name`` without characters that would break or hide a line of a message; for names out of foreign archives."""
    return _LINE_BREAKING.sub("\ufffd", name)


def iso_date(value: str | None) -> str | None:
    """The date at the start of ``value`` as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; ``None`` when there is none."""
    match = re.match(r"\s*(\d{4})(?:-?(\d\d))?(?:-?(\d\d))?", "" if value is None else value)
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
