"""What every loader gets and gives, and how bytes become characters."""

import codecs
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from index.documents import Page
from index.errors import DocumentError

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Enough of a text to tell its encoding by; guessing on all of a large file takes minutes.
_GUESS_BYTES = 256 * 1024
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
    for candidate in ("utf-8",) if declared is None else (declared, "utf-8"):
        try:
            return canonical_newlines(content.decode(candidate))
        except (UnicodeDecodeError, LookupError):
            continue
    _refuse_broken_utf8(source)
    return canonical_newlines(_guessed(source))


def _refuse_broken_utf8(source: SourceFile) -> None:
    """Raise for text that is UTF-8 but for some bytes; read in another encoding, all of it would turn to gibberish."""
    letters = broken = 0
    first: int | None = None
    position = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for start in range(0, len(source.content), _GUESS_BYTES):
        text = decoder.decode(source.content[start : start + _GUESS_BYTES], start + _GUESS_BYTES >= len(source.content))
        for match in re.finditer(r"[^\x00-\x7f]", text):
            if "\udc80" <= match.group() <= "\udcff":
                broken += 1
                if first is None:
                    first = position + len(text[: match.start()].encode("utf-8", "surrogateescape"))
            else:
                letters += 1
        position += len(text.encode("utf-8", "surrogateescape"))
    # Other encodings hardly ever form valid UTF-8 sequences, so a majority of them means UTF-8.
    if letters > broken:
        raise DocumentError(
            f"{source.name}: this is UTF-8 text with {broken} broken bytes, the first at byte {first}. "
            "Get an undamaged copy, or save it again as UTF-8."
        )


def _guessed(source: SourceFile) -> str:
    # charset-normalizer, not chardet: kept up, small, and already needed by other dependencies.
    import charset_normalizer

    # A sample from the first byte that ASCII cannot explain; what comes before tells nothing.
    first = next((match.start() for match in re.finditer(rb"[\x80-\xff]", source.content)), 0)
    start = max(0, first - _GUESS_BYTES // 2)
    guess = charset_normalizer.from_bytes(source.content[start : start + _GUESS_BYTES]).best()
    if guess is not None:
        try:
            return source.content.decode(guess.encoding)
        except UnicodeDecodeError:
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
