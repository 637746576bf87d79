"""What a document's row says beside its text, such as title, source, date and pages: whether it is as it was stored.

The checksums stand in a table of their own, which indexes made by earlier versions of Footnote lack until something is added
to them. Those versions leave the table alone, so it may also hold checksums of documents that have gone.
"""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from index.documents import Page
from index.errors import IndexCorrupt, InputError
from index.interface import check_date

_TABLE = "CREATE TABLE IF NOT EXISTS entries (document INTEGER PRIMARY KEY, checksum TEXT NOT NULL)"
_COLUMNS = "id, title, source, sha256, size, added_at, characters, date, text_checksum, pages, typeof(text)"


def note_entry(connection: sqlite3.Connection, key: int, *, again: bool = True) -> None:
    """Store the checksum of what the row of the document with that key says; unless ``again``, only where there is none."""
    connection.execute(_TABLE)
    how = "REPLACE" if again else "IGNORE"
    connection.execute(f"INSERT OR {how} INTO entries VALUES (?, ?)", (key, _checksum(connection, key)))  # noqa: S608


def forget_entry(connection: sqlite3.Connection, key: int) -> None:
    """Delete the checksum of a document that goes."""
    connection.execute(_TABLE)
    connection.execute("DELETE FROM entries WHERE document = ?", (key,))


def changed_entries(connection: sqlite3.Connection) -> set[int]:
    """Keys of the documents whose rows say something else than when they were stored, beside their texts."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchone() is None:
        return set()
    expected = connection.execute("SELECT key, checksum FROM entries JOIN documents ON key = document").fetchall()
    return {key for key, checksum in expected if checksum != _checksum(connection, key)}


def mend_entry(connection: sqlite3.Connection, key: int) -> None:
    """Where the row of a document can no longer be read, put something there that can; its checksum stays as it was.

    Args:
        connection: a writing one, which reads texts that are no UTF-8.
        key: of a document that is there.
    """
    kept = connection.execute(
        "SELECT id, title, source, sha256, size, added_at, characters, date, pages FROM documents WHERE key = ?", (key,)
    ).fetchone()
    name, title, source, digest, size, added_at, characters, date, pages = kept
    texts = tuple(value if isinstance(value, str) else str(value) for value in (name, title, source, digest))
    mended = (
        *texts,
        size if isinstance(size, int) else 0,
        added_at if _succeeds(read_moment, added_at) else datetime.now(UTC).isoformat(),
        characters if isinstance(characters, int) else 0,
        date if date is None or _succeeds(check_date, date) else None,
        pages if _succeeds(read_pages, pages) else "[]",
    )
    if mended != kept or any("\ufffd" in text for text in texts):
        connection.execute(
            "UPDATE documents SET id = ?, title = ?, source = ?, sha256 = ?, size = ?, added_at = ?, characters = ?, "
            "date = ?, pages = ? WHERE key = ?",
            (*mended, key),
        )


def read_moment(stored: str) -> datetime:
    """When a document was added, in UTC.

    Raises:
        IndexCorrupt: that cannot be read.
    """
    try:
        return datetime.fromisoformat(stored).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise IndexCorrupt(_unreadable("date", stored)) from error


def read_pages(stored: str) -> tuple[Page, ...]:
    """The page map of a document.

    Raises:
        IndexCorrupt: it cannot be read.
    """
    try:
        return tuple(Page(**page) for page in json.loads(stored))
    except (TypeError, ValueError) as error:
        raise IndexCorrupt(_unreadable("page map", stored)) from error


def _unreadable(what: str, stored: object) -> str:
    return f"The {what} of a document is damaged ({str(stored)[:40]!r}). Make it readable with: qa verify --repair"


def _checksum(connection: sqlite3.Connection, key: int) -> str:
    row = connection.execute(f"SELECT {_COLUMNS} FROM documents WHERE key = ?", (key,)).fetchone()  # noqa: S608
    # Damage can turn a text into bytes, too.
    return sha256(json.dumps(row, default=repr).encode("ascii")).hexdigest()


def _succeeds(read: Callable[[str], object], stored: str) -> bool:
    try:
        read(stored)
    except (IndexCorrupt, InputError, TypeError):
        return False
    return True
