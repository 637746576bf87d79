"""The SQLite file of a local index: its tables, and connections that see one consistent state.

It holds the truth of an index: documents, passages, their vectors and a full-text index of their words (FTS5, contentless:
it points into the documents' texts and keeps no copy of them). What lies beside it can be made anew from it.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from index.errors import IndexBusy, IndexCorrupt, IndexMissing, IndexStateError

FORMAT = 2
"""Version of the files of an index."""

_Found = TypeVar("_Found")

_WAIT_SECONDS = 30.0
# How long a reader that cannot take part in locking tries to find the file as it was when it began.
_UNSETTLED_SECONDS = 10.0
# How long a file may stay empty that another process is making.
_EMPTY_SECONDS = 2.0
_WITH_LOG, _ALONE = "mode=ro", "immutable=1"
_SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    source TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    characters INTEGER NOT NULL,
    date TEXT,
    text_checksum TEXT NOT NULL,
    passages_checksum TEXT NOT NULL,
    pages TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents (key),
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL
);
CREATE INDEX passages_of_document ON passages (document);
CREATE TABLE vectors (passage INTEGER PRIMARY KEY REFERENCES passages (id), vector BLOB NOT NULL);
CREATE TABLE removed (passage INTEGER PRIMARY KEY);
"""
WORDS_TABLE = (
    "CREATE VIRTUAL TABLE words USING fts5 (text, content='', tokenize=\"porter unicode61 remove_diacritics 2\")"
)
_BUSY = "Another process is writing to the index. Wait for it to finish and try again."
_REASONS = {
    sqlite3.SQLITE_FULL: "The disk is full. Free some space and run the same command again; the index is as it was before.",
    sqlite3.SQLITE_READONLY: "The index cannot be written: its folder or disk is read-only. Choose another with --index.",
    sqlite3.SQLITE_IOERR: "The disk reported an error while the index was used. Check it, then run: qa verify",
}


class Database:
    """The SQLite file of an index."""

    def __init__(self, path: Path) -> None:
        """Stand for the file at ``path``; nothing is opened yet."""
        self.path = path

    def is_made(self) -> bool:
        """Whether the file has its tables; it has none when its making was stopped, or goes on in another process.

        Raises:
            IndexCorrupt: it is no database.
            IndexStateError: its folder may not be entered.
        """
        if not self._is_there():
            return False
        with self.reading() as connection:
            return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])

    def create(self, settings: dict[str, str]) -> None:
        """Make the file with its tables, unless another process has done so meanwhile.

        Raises:
            IndexStateError: the folder cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
        except (OSError, sqlite3.OperationalError) as error:
            raise IndexStateError(
                f"{self.path.parent}: an index cannot be made here ({error}). Choose another folder with --index."
            ) from error
        try:
            with _explained(self.path):
                _write_ahead(connection)
                connection.execute("BEGIN IMMEDIATE")
                tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
                for statement in () if tables else (*_SCHEMA.split(";\n"), WORDS_TABLE):
                    connection.execute(statement)
                for name, value in () if tables else settings.items():
                    write_setting(connection, name, value)
                connection.execute("COMMIT")
        finally:
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one consistent state for as long as it is open.

        Raises:
            IndexMissing, IndexCorrupt: as :meth:`_connect`.
        """
        with self._connect(None if self._is_writable() else self._read_only()) as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")

    def read(
        self, look: Callable[[sqlite3.Connection], _Found], start_over: Callable[[], None] | None = None
    ) -> _Found:
        """What ``look`` finds in one consistent state.

        In a folder that cannot be written, nothing keeps a writer from changing the file that is being read. When it has
        changed meanwhile, ``look`` is called again, whatever it found or raised.

        Args:
            look: called with a connection as :meth:`reading` gives it, once or several times.
            start_over: called when what ``look`` has seen was no state of the index, so that nothing of it is kept.

        Raises:
            IndexBusy: the file kept changing for 10 seconds.
            IndexMissing, IndexCorrupt, IndexStateError: as :meth:`reading`; and what ``look`` raises.
        """
        if self._is_writable():
            with self.reading() as connection:
                return look(connection)
        end = time.monotonic() + _UNSETTLED_SECONDS
        while True:
            before = self._trace()
            options = self._read_only()
            try:
                with self._connect(options) as connection:
                    connection.execute("BEGIN")
                    found = look(connection)
                # With a log, SQLite's locks keep the state that is read.
                if options == _WITH_LOG or self._trace() == before:
                    return found
            except Exception as error:
                settled = not isinstance(error, IndexBusy) and self._trace() == before
                if not settled and start_over is not None:
                    start_over()
                if settled or time.monotonic() > end:
                    raise
            else:
                if start_over is not None:
                    start_over()
                if time.monotonic() > end:
                    raise IndexBusy(_BUSY)
            time.sleep(0.02)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes become visible together when the block ends, or not at all when it raises.

        It reads texts as :func:`readable` does: what is damaged must be possible to remove.

        Raises:
            IndexBusy: another process kept writing for 30 seconds.
            IndexMissing, IndexCorrupt, IndexStateError: as :meth:`_connect`.
        """
        with self._connect() as connection:
            connection.text_factory = readable
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back by itself after some faults, such as a full disk.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _connect(self, read_only: str | None = None) -> Iterator[sqlite3.Connection]:
        """A connection that may write, or one with the options ``read_only``."""
        if not self._is_there():
            raise IndexMissing(f"There is no index in {self.path.parent} yet. Make one with: qa add PATH")
        if self._stays_empty():
            raise IndexCorrupt(f"{self.path} is empty (0 bytes). Delete it and add the documents again.")
        with _explained(self.path, logged=read_only == _WITH_LOG):
            name = self.path.resolve().as_uri() + ("" if read_only is None else f"?{read_only}")
            connection = sqlite3.connect(name, timeout=_WAIT_SECONDS, isolation_level=None, uri=True)
            try:
                if read_only is None:
                    connection.execute("PRAGMA foreign_keys = ON")
                    connection.execute("PRAGMA synchronous = FULL")
                yield connection
            finally:
                connection.close()

    def _is_there(self) -> bool:
        return _stat(self.path) is not None

    def _stays_empty(self) -> bool:
        end = time.monotonic() + _EMPTY_SECONDS
        while self.path.stat().st_size == 0:
            if time.monotonic() > end:
                return True
            time.sleep(0.01)
        return False

    def _is_writable(self) -> bool:
        return os.access(self.path.parent, os.W_OK)

    def _read_only(self) -> str:
        """How to open the file where nothing can be written, so neither can SQLite's shared-memory file beside it."""
        _, log = self._trace()
        return _WITH_LOG if log is not None and log[1] > 0 else _ALONE

    def _trace(self) -> list[tuple[int, int, int] | None]:
        """What a change of the file or of its log leaves to be seen: inode, size and time of each; ``None`` if missing."""
        traces: list[tuple[int, int, int] | None] = []
        for path in (self.path, self.path.with_name(f"{self.path.name}-wal")):
            stat = _stat(path)
            traces.append(None if stat is None else (stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return traces


def _stat(path: Path) -> os.stat_result | None:
    """What the file system tells of a file; ``None`` if there is none."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise IndexStateError(
            f"{path.parent}: no index can be looked for here ({error.strerror}). Choose another folder with --index."
        ) from error


def readable(stored: bytes) -> str:
    """The text of these bytes, with U+FFFD for those that are no UTF-8; a ``text_factory``."""
    return str(stored, "utf-8", "replace")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have changes logged ahead. Two that ask for it at once can lock each other out: whoever waits then waits in vain, so
    both are to give up at once and to ask again."""
    end = time.monotonic() + _WAIT_SECONDS
    connection.execute("PRAGMA busy_timeout = 0")
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)
    connection.execute(f"PRAGMA busy_timeout = {round(1000 * _WAIT_SECONDS)}")


@contextmanager
def _explained(path: Path, *, logged: bool = False) -> Iterator[None]:
    """Turn SQLite's errors into ours; ``logged`` for who can only read, beside a log of changes."""
    try:
        yield
    except sqlite3.OperationalError as error:
        number: int | None = getattr(error, "sqlite_errorcode", None)
        # Python's sqlite3 raises the same error, without a code, for a text whose bytes are no UTF-8.
        if number is None:
            raise IndexCorrupt(f"{path} is damaged ({error}). See what is with: qa verify") from error
        # Extended codes carry the kind in their lowest byte.
        code = number & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexBusy(_BUSY) from error
        # A log whose shared-memory file is not there (yet) would have to be gone through by who can write.
        if logged and code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise IndexBusy(
                f"{path.parent}: a change of the index is not finished. Wait and try again; if that does not help, run "
                "qa info as a user who can write there."
            ) from error
        if code in _REASONS:
            raise IndexStateError(f"{path.parent}: {_REASONS[code]}") from error
        raise IndexCorrupt(f"{path} cannot be used: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise IndexCorrupt(
            f"{path} is damaged ({error}). Run: qa verify --repair. If that does not help, delete it and add the documents "
            "again."
        ) from error
    # What SQLite says of a damaged file can quote from it.
    except UnicodeDecodeError as error:
        raise IndexCorrupt(f"{path} is damaged. Delete it and add the documents again.") from error


def damaged_settings(settings: Mapping[str, str]) -> str | None:
    """What to say of ``settings`` that something is missing in, or is no number; ``None`` where all is there."""
    numbers = ("generation", "removals", "vectors_covered", "dimension", "max_tokens", "overlap_tokens")
    wrong = [name for name in numbers if not settings.get(name, "").isdecimal()]
    wrong += [name for name in ("encoder", "encoder_fingerprint", "vector_file") if name not in settings]
    if not wrong:
        return None
    return f"The settings of the index are damaged ({', '.join(wrong)}). Add the documents to a new index."


def read_settings(connection: sqlite3.Connection) -> dict[str, str]:
    """All settings by name."""
    return dict(connection.execute("SELECT name, value FROM settings").fetchall())


def write_setting(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Set one setting."""
    connection.execute(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
    )
