"""The SQLite file of a local index: its tables, and connections that see one consistent state.

It holds the truth of an index: documents, passages, their vectors and a full-text index of their words (FTS5, contentless:
it points into the documents' texts and keeps no copy of them). What lies beside it can be made anew from it.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexBusy, IndexCorrupt, IndexMissing, IndexStateError

FORMAT = 2
"""Version of the files of an index."""

_WAIT_SECONDS = 30.0
# How long a file may stay empty that another process is making.
_EMPTY_SECONDS = 2.0
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
        """
        if not self.path.exists():
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
        with self._connect(read_only=not os.access(self.path.parent, os.W_OK)) as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes become visible together when the block ends, or not at all when it raises.

        Raises:
            IndexBusy: another process kept writing for 30 seconds.
            IndexMissing, IndexCorrupt, IndexStateError: as :meth:`_connect`.
        """
        with self._connect() as connection:
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
    def _connect(self, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
        if not self.path.exists():
            raise IndexMissing(f"There is no index in {self.path.parent} yet. Make one with: qa add PATH")
        if self._stays_empty():
            raise IndexCorrupt(f"{self.path} is empty (0 bytes). Delete it and add the documents again.")
        with _explained(self.path):
            name = self._read_only_name() if read_only else self.path.resolve().as_uri()
            connection = sqlite3.connect(name, timeout=_WAIT_SECONDS, isolation_level=None, uri=True)
            try:
                if not read_only:
                    connection.execute("PRAGMA foreign_keys = ON")
                    connection.execute("PRAGMA synchronous = FULL")
                yield connection
            finally:
                connection.close()

    def _stays_empty(self) -> bool:
        end = time.monotonic() + _EMPTY_SECONDS
        while self.path.stat().st_size == 0:
            if time.monotonic() > end:
                return True
            time.sleep(0.01)
        return False

    def _read_only_name(self) -> str:
        """How to open the file where nothing can be written, so neither can SQLite's shared-memory file beside it."""
        log = self.path.with_name(f"{self.path.name}-wal")
        unfinished = log.exists() and log.stat().st_size > 0
        return f"{self.path.resolve().as_uri()}?{'mode=ro' if unfinished else 'immutable=1'}"


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
def _explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        # Extended codes carry the kind in their lowest byte.
        code = error.sqlite_errorcode & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexBusy("Another process is writing to the index. Wait for it to finish and try again.") from error
        if code in _REASONS:
            raise IndexStateError(f"{path.parent}: {_REASONS[code]}") from error
        raise IndexCorrupt(f"{path} cannot be used: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise IndexCorrupt(f"{path} is damaged ({error}). Delete it and add the documents again.") from error


def read_settings(connection: sqlite3.Connection) -> dict[str, str]:
    """All settings by name."""
    return dict(connection.execute("SELECT name, value FROM settings").fetchall())


def write_setting(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Set one setting."""
    connection.execute(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
    )
