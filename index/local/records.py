"""Documents, passages and vectors as rows of the database.

Vectors are stored as float16: half the space, and cosines change by less than 0.001.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from index.documents import Document, DocumentSummary, Page, Span
from index.errors import IndexCorrupt, UnknownDocument
from index.interface import Filter
from index.local.database import WORDS_TABLE, write_setting

STORED = np.dtype("<f2")
"""How the numbers of a vector are stored."""


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A stored passage: its id, its document's id and its offsets."""

    id: int
    document_id: str
    start: int
    end: int


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
    """Remove a document, its passages, their vectors and words; returns the removed passages' ids."""
    found = connection.execute("SELECT key, text FROM documents WHERE id = ?", (document_id,)).fetchone()
    if found is None:
        return []
    key, text = found
    rows = connection.execute('SELECT id, start, "end" FROM passages WHERE document = ?', (key,)).fetchall()
    for row, start, end in rows:
        # A contentless FTS5 table can only forget words that it is told again.
        connection.execute("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", (row, text[start:end]))
        connection.execute("DELETE FROM vectors WHERE passage = ?", (row,))
    connection.execute("DELETE FROM passages WHERE document = ?", (key,))
    connection.execute("DELETE FROM documents WHERE key = ?", (key,))
    return [row for row, _, _ in rows]


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
    """The document of that id."""
    row = connection.execute(
        f"SELECT {_DOCUMENT_COLUMNS} FROM documents WHERE id = ?",  # noqa: S608
        (document_id,),
    ).fetchone()
    if row is None:
        return None
    pages = tuple(Page(**page) for page in json.loads(row[7]))
    name, title, source, digest, text, added_at, size, _, date = row
    return Document(name, title, source, digest, text, _moment(added_at), size, pages, date)


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
    return [DocumentSummary(row[0], row[1], row[2], row[3], _moment(row[4]), *row[5:]) for row in rows]


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored).astimezone(UTC)


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


def passage_ids(connection: sqlite3.Connection, within: Filter | None = None, after: int = 0) -> list[int]:
    """Ids above ``after`` of all passages, or of those of some documents, ascending.

    Raises:
        UnknownDocument: ``within`` names a document that the index does not have.
    """
    if within is None or within.everything:
        return [row[0] for row in connection.execute("SELECT id FROM passages WHERE id > ? ORDER BY id", (after,))]
    for name in () if within.documents is None else within.documents:
        if connection.execute("SELECT 1 FROM documents WHERE id = ?", (name,)).fetchone() is None:
            raise UnknownDocument(f"There is no document {name!r}. See them with: qa list")
    conditions, values = _conditions(within)
    rows = connection.execute(
        "SELECT passages.id FROM passages JOIN documents ON documents.key = passages.document "  # noqa: S608
        f"WHERE passages.id > ? AND {' AND '.join(conditions)} ORDER BY passages.id",
        (after, *values),
    )
    return [row[0] for row in rows]


def count_passages(connection: sqlite3.Connection) -> int:
    """How many passages there are."""
    return int(connection.execute("SELECT count(*) FROM passages").fetchone()[0])


def _conditions(within: Filter) -> tuple[list[str], list[str]]:
    """SQL conditions that all have to hold, and their values."""
    conditions: list[str] = []
    values: list[str] = []
    if within.documents is not None:
        conditions.append("documents.id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(list(within.documents)))
    if within.sources is not None:
        conditions.append("EXISTS (SELECT 1 FROM json_each(?) WHERE documents.source GLOB value)")
        values.append(json.dumps(list(within.sources)))
    # A date of fewer parts stands for all its days: "2020" lies before "2020-05", yet reaches beyond it.
    if within.since is not None:
        conditions.append("documents.date >= substr(?, 1, length(documents.date))")
        values.append(within.since)
    if within.until is not None:
        conditions.append("substr(documents.date, 1, length(?)) <= ?")
        values.extend([within.until, within.until])
    return conditions, values
