"""Documents, passages and vectors as rows of the database.

Vectors are stored as float16: half the space, and cosines change by less than 0.001.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents import Document, DocumentSummary, Span
from index.errors import IndexCorrupt
from index.local.database import WORDS_TABLE, readable, write_setting
from index.local.entries import forget_entry, note_entry, read_moment, read_pages
from index.local.words import refill

STORED = np.dtype("<f2")
"""How the numbers of a vector are stored."""


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A stored passage: its id, its document's id and its offsets."""

    id: int
    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Stored:
    """Text and passages of a document as they are stored.

    Attributes:
        text: with U+FFFD where it is no UTF-8.
        rows: id, offsets and stored vector of each passage, in the order of ids; a missing vector is empty.
        text_whole, passages_whole: whether they are what was stored.
    """

    text: str
    rows: list[tuple[int, Span, bytes]]
    text_whole: bool
    passages_whole: bool


def text_checksum(text: str) -> str:
    """SHA-256 of a text in UTF-8."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def passages_checksum(spans: Sequence[Span], vectors: Sequence[bytes]) -> str:
    """SHA-256 over the offsets and stored vectors of a document's passages, in order."""
    digest = sha256(np.array([(span.start, span.end) for span in spans], dtype="<i8").tobytes())
    for vector in vectors:
        digest.update(vector)
    return digest.hexdigest()


def insert_document(
    connection: sqlite3.Connection, document: Document, spans: Sequence[Span], vectors: NDArray[np.float32]
) -> None:
    """Store a document with its passages and their vectors, float32 of shape (passages, dimension)."""
    key = connection.execute(
        "INSERT INTO documents (id, title, source, sha256, size, added_at, characters, date, text_checksum, "
        "passages_checksum, pages, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?)",
        (
            document.id,
            document.title,
            document.source,
            document.sha256,
            document.size,
            document.added_at.isoformat(),
            len(document.text),
            document.date,
            text_checksum(document.text),
            json.dumps([asdict(page) for page in document.pages]),
            document.text,
        ),
    ).lastrowid
    if key is None:
        raise IndexCorrupt("SQLite gave a document no key.")
    insert_passages(connection, key, document.text, spans, vectors)
    note_entry(connection, key)


def insert_passages(
    connection: sqlite3.Connection, key: int, text: str, spans: Sequence[Span], vectors: NDArray[np.float32]
) -> None:
    """Store the passages of the document with that key and ``text``; arguments as for :func:`insert_document`."""
    packed = [vector.tobytes() for vector in vectors.astype(STORED)]
    for span, vector in zip(spans, packed, strict=True):
        row = connection.execute(
            'INSERT INTO passages (document, start, "end") VALUES (?, ?, ?)', (key, span.start, span.end)
        ).lastrowid
        connection.execute("INSERT INTO vectors VALUES (?, ?)", (row, vector))
        connection.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (row, text[span.start : span.end]))
    connection.execute(
        "UPDATE documents SET passages_checksum = ? WHERE key = ?", (passages_checksum(spans, packed), key)
    )


def delete_document(connection: sqlite3.Connection, document_id: str) -> list[int]:
    """Remove a document, its passages, their vectors and words; returns the removed passages' ids. ``connection`` is a
    writing one."""
    found = connection.execute("SELECT key FROM documents WHERE id = ?", (document_id,)).fetchone()
    if found is None:
        return []
    (key,) = found
    stored = read_whole(connection, key)
    whole = stored.text_whole and stored.passages_whole
    for row, span, _ in stored.rows:
        # A contentless FTS5 table can only forget words that it is told again; others break it.
        if whole:
            told = (row, stored.text[span.start : span.end])
            connection.execute("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", told)
        connection.execute("DELETE FROM vectors WHERE passage = ?", (row,))
    connection.execute("DELETE FROM passages WHERE document = ?", (key,))
    connection.execute("DELETE FROM documents WHERE key = ?", (key,))
    forget_entry(connection, key)
    if not whole:
        refill(connection)
    return [row for row, _, _ in stored.rows]


def read_whole(connection: sqlite3.Connection, key: int) -> Stored:
    """Text and passages of the document with that key, whatever state they are in."""
    content, kind, text_expected, passages_expected = _of_document(
        connection, "CAST(text AS BLOB), typeof(text), text_checksum, passages_checksum", key
    )
    text = "" if content is None else readable(content)
    rows = [
        (row, Span(start, end), b"" if vector is None else vector)
        for row, start, end, vector in connection.execute(
            'SELECT id, start, "end", vector FROM passages LEFT JOIN vectors ON passage = id WHERE document = ? ORDER BY id',
            (key,),
        )
    ]
    passages = passages_checksum([span for _, span, _ in rows], [vector for _, _, vector in rows])
    return Stored(text, rows, kind == "text" and text_checksum(text) == text_expected, passages == passages_expected)


def delete_passages(connection: sqlite3.Connection) -> None:
    """Remove all passages, vectors and words, whatever state they are in; documents stay."""
    connection.execute("DROP TABLE words")
    connection.execute(WORDS_TABLE)
    for table in ("vectors", "removed", "passages"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608


def note_change(connection: sqlite3.Connection, settings: dict[str, str], gone: Sequence[int]) -> None:
    """Number the change that is being made. ``settings`` are those before it, ``gone`` the ids of removed passages."""
    write_setting(connection, "generation", str(int(settings["generation"]) + 1))
    if gone:
        write_setting(connection, "removals", str(int(settings["removals"]) + 1))
        covered = int(settings["vectors_covered"])
        connection.executemany("INSERT INTO removed VALUES (?)", [(row,) for row in gone if row <= covered])


_DOCUMENT_COLUMNS = "id, title, source, sha256, text, added_at, size, pages, date"


def read_document(connection: sqlite3.Connection, document_id: str) -> Document | None:
    """The document of that id.

    Raises:
        IndexCorrupt: what is stored of it cannot be read.
    """
    row = connection.execute(
        f"SELECT {_DOCUMENT_COLUMNS} FROM documents WHERE id = ?",  # noqa: S608
        (document_id,),
    ).fetchone()
    if row is None:
        return None
    name, title, source, digest, text, added_at, size, pages, date = row
    return Document(name, title, source, digest, text, read_moment(added_at), size, read_pages(pages), date)


def read_identities(connection: sqlite3.Connection, documents: Sequence[Document]) -> list[tuple[str, str]]:
    """Id and source of the stored documents that have the id or the source of one of ``documents``."""
    return connection.execute(
        "SELECT id, source FROM documents WHERE id IN (SELECT value FROM json_each(?)) "
        "UNION SELECT id, source FROM documents WHERE source IN (SELECT value FROM json_each(?))",
        (
            json.dumps([document.id for document in documents]),
            json.dumps([document.source for document in documents]),
        ),
    ).fetchall()


def read_keys(connection: sqlite3.Connection) -> list[tuple[int, str, int]]:
    """Key, id and length in characters of all documents, in the order they were added."""
    return connection.execute("SELECT key, id, characters FROM documents ORDER BY key").fetchall()


def read_summaries(connection: sqlite3.Connection, source: str | None = None) -> list[DocumentSummary]:
    """All documents, or the one from ``source``, without their texts; by title, then id."""
    condition, values = ("", ()) if source is None else ("WHERE source = ?", (source,))
    rows = connection.execute(
        "SELECT id, title, source, sha256, added_at, size, characters, "  # noqa: S608
        "(SELECT count(*) FROM passages WHERE document = documents.key), date "
        f"FROM documents {condition} ORDER BY title, id",
        values,
    )
    return [DocumentSummary(row[0], row[1], row[2], row[3], read_moment(row[4]), *row[5:]) for row in rows]


def is_there(connection: sqlite3.Connection, document_id: str) -> bool:
    """Whether there is a document of that id."""
    return connection.execute("SELECT 1 FROM documents WHERE id = ?", (document_id,)).fetchone() is not None


def intact_text(connection: sqlite3.Connection, key: int) -> str:
    """The whole text of the document with that key; "" when its bytes are no text."""
    (stored,) = _of_document(connection, "CAST(text AS BLOB)", key)
    text = "" if stored is None else readable(stored)
    return text if text.encode("utf-8") == stored else ""


def _of_document(connection: sqlite3.Connection, columns: str, key: int) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(
        f"SELECT {columns} FROM documents WHERE key = ?",  # noqa: S608
        (key,),
    ).fetchone()
    if row is None:
        raise IndexCorrupt("The database is damaged: a document that is listed is not there. Add the documents again.")
    return row


def read_text(connection: sqlite3.Connection, document_id: str) -> str:
    """The whole text of a document that is known to be there."""
    (text,) = connection.execute("SELECT text FROM documents WHERE id = ?", (document_id,)).fetchone()
    return str(text)


def read_passages(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, PassageRow]:
    """Stored passages by id; ids that are not there are left out."""
    rows = connection.execute(
        'SELECT passages.id, documents.id, start, "end" FROM passages JOIN documents ON documents.key = passages.document '
        "WHERE passages.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {row[0]: PassageRow(*row) for row in rows}


def read_vectors(connection: sqlite3.Connection, ids: Sequence[int], dimension: int) -> NDArray[np.float32]:
    """The vectors of ``ids``, which must ascend; float32 of shape (ids, dimension).

    Raises:
        IndexCorrupt: one is missing or has another length.
    """
    rows = connection.execute(
        "SELECT vector FROM vectors WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY passage",
        (json.dumps(list(ids)),),
    ).fetchall()
    return _unpack([row[0] for row in rows], len(ids), dimension)


def vectors_after(
    connection: sqlite3.Connection, last: int, dimension: int, batch: int = 10_000
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Ids, int64, and vectors, float32 of shape (ids, dimension), of all passages with an id above ``last``, in batches.

    Raises:
        IndexCorrupt: a vector has another length.
    """
    rows = connection.execute("SELECT passage, vector FROM vectors WHERE passage > ? ORDER BY passage", (last,))
    while part := rows.fetchmany(batch):
        ids = np.array([row[0] for row in part], dtype=np.int64)
        yield ids, _unpack([row[1] for row in part], len(part), dimension)


def _unpack(blobs: Sequence[bytes], expected: int, dimension: int) -> NDArray[np.float32]:
    joined = b"".join(blobs)
    if len(blobs) != expected or len(joined) != expected * dimension * STORED.itemsize:
        raise IndexCorrupt("Vectors of the index are missing or damaged. Make them anew with: qa verify --repair")
    return np.frombuffer(joined, dtype=STORED).reshape(expected, dimension).astype(np.float32)
