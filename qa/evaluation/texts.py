"""Reading the texts of question files: as a whole, or line by line."""

from codecs import getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path

from index.errors import DatasetError

_PIECE = 1 << 20


def read_text(path: Path, newline: str | None = None) -> str:
    """Content of a UTF-8 file; ``newline`` as for ``open``.

    Raises:
        DatasetError: it cannot be read, or is not UTF-8.
    """
    try:
        # utf-8-sig, because some editors put a byte-order mark before the first character.
        with path.open(encoding="utf-8-sig", newline=newline) as file:
            return file.read()
    except (UnicodeDecodeError, OSError) as error:
        raise unreadable(path, error) from error


def read_lines(path: Path, newline: str | None = None) -> Iterator[str]:
    """The lines of a UTF-8 file one after the other, each with its end; ``newline`` as for ``open``.

    Raises:
        DatasetError: it cannot be read, or is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8-sig", newline=newline) as file:
            yield from file
    except (UnicodeDecodeError, OSError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: UnicodeDecodeError | OSError) -> DatasetError:
    """What to say of a file that cannot be read."""
    if isinstance(error, UnicodeDecodeError):
        return DatasetError(f"{path}: not UTF-8 text (byte {_first_fault(path)}). Save it as UTF-8.")
    return DatasetError(f"{path}: cannot be read ({error.strerror}).")


def _first_fault(path: Path) -> int:
    """Offset of the first byte that is not UTF-8: whoever reads in pieces is told the offset in the piece only."""
    decoder = getincrementaldecoder("utf-8")()
    before = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            kept = len(decoder.getstate()[0])
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                return before - kept + error.start
            before += len(piece)
    # Nothing but the end is missing of its last character.
    return before - len(decoder.getstate()[0])
