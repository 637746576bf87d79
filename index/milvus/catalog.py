"""Which documents a filter leaves, decided by the same SQL as in the local index.

Milvus's conditions know no shell patterns and no dates of fewer parts, so ids, sources and dates of all documents are held in
memory, in tables named as the local index names them, and read anew after each change, once a filter by source or date asks
for them. That costs about 200 bytes a document.
"""

import sqlite3
import threading
from collections.abc import Iterable

from index.interface import Filter
from index.local.selecting import passage_ids
from index.milvus.rows import Stored

# One passage stands for each document, under the document's key.
_SCHEMA = (
    "CREATE TABLE documents (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, date TEXT)",
    "CREATE TABLE passages (id INTEGER PRIMARY KEY, document INTEGER NOT NULL)",
)


class Catalog:
    """The documents of one generation of an index. Safe to use from several threads."""

    def __init__(self, generation: int, documents: Iterable[Stored]) -> None:
        """Hold ``documents``, which are those of ``generation``."""
        self.generation = generation
        self._lock = threading.Lock()
        self._tables = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for statement in (*_SCHEMA, "BEGIN"):
            self._tables.execute(statement)
        for stored in documents:
            summary = stored.summary
            self._tables.execute(
                "INSERT INTO documents VALUES (?, ?, ?, ?)", (stored.key, summary.id, summary.source, summary.date)
            )
            self._tables.execute("INSERT INTO passages VALUES (?, ?)", (stored.key, stored.key))
        self._tables.execute("COMMIT")

    def keys(self, within: Filter) -> list[int]:
        """Keys of the documents that ``within`` leaves, ascending.

        Raises:
            UnknownDocument: it names a document that the index does not have.
        """
        with self._lock:
            return passage_ids(self._tables, within)
