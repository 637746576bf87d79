"""Documents, passages and their words in SQLite: the part of an index that decides what is true.

One file holds the documents with their canonical texts, the passages as offsets, and an FTS5 word index for BM25. FTS5 was
chosen over a BM25 library because it lives in the same transaction as the documents and grows without being rebuilt. The
word index is contentless: it stores no second copy of a text that could drift from the first.

A connection is opened for each piece of work, so that threads and processes share nothing but the file.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.documents import Document, DocumentSummary, Page, Span
from index.errors import IndexBusy, IndexCorrupt, IndexMissing

FORMAT = 1
"""Version of the files of an index."""

_WAIT_SECONDS = 30.0
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
CREATE VIRTUAL TABLE words USING fts5 (text, content='', tokenize="porter unicode61 remove_diacritics 2");
"""
_WORD = re.compile(r"\w+")
# Words that nearly every question has: they cost time and say nothing about a passage.
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by did do does for from had has have how in is it of on or that the their there they "
        "this to was were what when where which who whom whose why will with",
    )
)


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A stored passage: its id, its document's key and its offsets."""

    id: int
    document: int
    start: int
    end: int


class Database:
    """The SQLite file of an index."""

    def __init__(self, path: Path) -> None:
        """Stand for the file at ``path``; nothing is opened yet."""
        self.path = path

    def create(self, settings: dict[str, str]) -> None:
        """Make the file with its tables.

        Raises:
            IndexCorrupt: the folder cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
        except (OSError, sqlite3.OperationalError) as error:
            raise IndexCorrupt(f"{self.path.parent}: an index cannot be made here ({error}).") from error
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA.split(";\n"):
                connection.execute(statement)
            for name, value in settings.items():
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
        with self._connect() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes become visible together when the block ends, or not at all when it raises.

        Raises:
            IndexBusy: another process kept writing for 30 seconds.
            IndexMissing, IndexCorrupt: as :meth:`_connect`.
        """
        with self._connect() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        if not self.path.exists():
            raise IndexMissing(f"There is no index in {self.path.parent} yet. Make one with: qa add PATH")
        if self.path.stat().st_size == 0:
            raise IndexCorrupt(f"{self.path} is empty (0 bytes). Delete it and add the documents again.")
        connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise IndexBusy(
                    "Another process is writing to the index. Wait for it to finish and try again."
                ) from error
            raise IndexCorrupt(f"{self.path} cannot be used: {error}.") from error
        except sqlite3.DatabaseError as error:
            raise IndexCorrupt(f"{self.path} is damaged ({error}). Delete it and add the documents again.") from error
        finally:
            connection.close()


def read_settings(connection: sqlite3.Connection) -> dict[str, str]:
    """All settings by name."""
    return dict(connection.execute("SELECT name, value FROM settings").fetchall())


def write_setting(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Set one setting."""
    connection.execute(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value)
    )


def insert_document(connection: sqlite3.Connection, document: Document, passages: Sequence[Span]) -> list[int]:
    """Store a document with its passages; returns the passages' ids in order."""
    key = connection.execute(
        "INSERT INTO documents (id, title, source, sha256, size, added_at, characters, date, pages, text) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document.id,
            document.title,
            document.source,
            document.sha256,
            document.size,
            document.added_at.isoformat(),
            len(document.text),
            document.date,
            json.dumps([asdict(page) for page in document.pages]),
            document.text,
        ),
    ).lastrowid
    ids: list[int] = []
    for span in passages:
        row = connection.execute(
            'INSERT INTO passages (document, start, "end") VALUES (?, ?, ?)', (key, span.start, span.end)
        ).lastrowid
        if row is None:
            raise IndexCorrupt("SQLite gave a passage no id.")
        connection.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (row, document.text[span.start : span.end]))
        ids.append(row)
    return ids


def delete_document(connection: sqlite3.Connection, document_id: str) -> list[int]:
    """Remove a document, its passages and their words; returns the removed passages' ids."""
    found = connection.execute("SELECT key, text FROM documents WHERE id = ?", (document_id,)).fetchone()
    if found is None:
        return []
    key, text = found
    rows = connection.execute('SELECT id, start, "end" FROM passages WHERE document = ?', (key,)).fetchall()
    for row, start, end in rows:
        # A contentless FTS5 table can only forget words that it is told again.
        connection.execute("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", (row, text[start:end]))
    connection.execute("DELETE FROM passages WHERE document = ?", (key,))
    connection.execute("DELETE FROM documents WHERE key = ?", (key,))
    return [row for row, _, _ in rows]


def delete_everything(connection: sqlite3.Connection) -> None:
    """Remove all documents, passages and words; settings stay."""
    connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    connection.execute("DELETE FROM passages")
    connection.execute("DELETE FROM documents")


_DOCUMENT_COLUMNS = "id, title, source, sha256, text, added_at, size, pages, date"


def _document(row: tuple[str, str, str, str, str, str, int, str, str | None]) -> Document:
    pages = tuple(Page(**page) for page in json.loads(row[7]))
    return Document(*row[:5], datetime.fromisoformat(row[5]).astimezone(UTC), row[6], pages, row[8])


def read_documents(connection: sqlite3.Connection) -> list[Document]:
    """All documents with their texts, in the order they were added."""
    rows = connection.execute(f"SELECT {_DOCUMENT_COLUMNS} FROM documents ORDER BY key")  # noqa: S608
    return [_document(row) for row in rows]


def read_document(connection: sqlite3.Connection, column: str, value: str | int) -> Document | None:
    """The document whose ``id``, ``source`` or ``key`` is ``value``."""
    if column not in ("id", "source", "key"):
        raise ValueError(f"documents are not looked up by {column!r}")
    row = connection.execute(
        f"SELECT {_DOCUMENT_COLUMNS} FROM documents WHERE {column} = ?",  # noqa: S608
        (value,),
    ).fetchone()
    return None if row is None else _document(row)


def read_summaries(connection: sqlite3.Connection) -> list[DocumentSummary]:
    """All documents without their texts, by title, then id."""
    rows = connection.execute(
        "SELECT id, title, source, sha256, added_at, size, characters, "
        "(SELECT count(*) FROM passages WHERE document = documents.key), date FROM documents ORDER BY title, id"
    )
    return [
        DocumentSummary(row[0], row[1], row[2], row[3], datetime.fromisoformat(row[4]).astimezone(UTC), *row[5:])
        for row in rows
    ]


def read_passages(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, PassageRow]:
    """Stored passages by id."""
    rows = connection.execute(
        'SELECT id, document, start, "end" FROM passages WHERE id IN (SELECT value FROM json_each(?))',
        (json.dumps(list(ids)),),
    )
    return {row[0]: PassageRow(*row) for row in rows}


def passage_ids(connection: sqlite3.Connection, documents: Sequence[str] | None = None) -> list[int]:
    """Ids of all passages, or of those of some documents, ascending."""
    if documents is None:
        return [row[0] for row in connection.execute("SELECT id FROM passages ORDER BY id")]
    rows = connection.execute(
        "SELECT passages.id FROM passages JOIN documents ON documents.key = passages.document "
        "WHERE documents.id IN (SELECT value FROM json_each(?)) ORDER BY passages.id",
        (json.dumps(list(documents)),),
    )
    return [row[0] for row in rows]


def search_words(
    connection: sqlite3.Connection, question: str, top: int, among: Sequence[int] | None = None
) -> list[tuple[int, float]]:
    """Rank passages by BM25 (FTS5's, k1 = 1.2, b = 0.75) over any word of ``question``.

    Args:
        connection: an open connection.
        question: free text; nothing in it is taken as query syntax.
        top: how many at the most.
        among: when given, only these passage ids.

    Returns:
        (passage id, score), best first, ties by id; scores are positive, higher is better.
    """
    words = dict.fromkeys(word.lower() for word in _WORD.findall(question))
    telling = [word for word in words if word not in _STOP_WORDS]
    chosen = telling if telling else list(words)
    if not chosen:
        return []
    query = " OR ".join(f'"{word}"' for word in chosen)
    condition, values = "", [query]
    if among is not None:
        condition = "AND rowid IN (SELECT value FROM json_each(?))"
        values.append(json.dumps(list(among)))
    rows = connection.execute(
        f"SELECT rowid, -bm25(words) AS score FROM words WHERE words MATCH ? {condition} "  # noqa: S608
        "ORDER BY score DESC, rowid LIMIT ?",
        (*values, top),
    )
    return [(row[0], float(row[1])) for row in rows]
