"""Which passages are asked: all, or those of the documents that a filter leaves."""

import json
import re
import sqlite3

from index.errors import UnknownDocument
from index.interface import Filter

_CLASS = re.compile(r"\[(!?)(\]?[^\]]*\])")


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
        # SQLite negates a class with "^", a shell with "!".
        patterns = [_CLASS.sub(lambda found: f"[{'^' if found[1] else ''}{found[2]}", glob) for glob in within.sources]
        values.append(json.dumps(patterns))
    # A date of fewer parts stands for all its days: "2020" lies before "2020-05", yet reaches beyond it.
    if within.since is not None:
        conditions.append("documents.date >= substr(?, 1, length(documents.date))")
        values.append(within.since)
    if within.until is not None:
        conditions.append("substr(documents.date, 1, length(?)) <= ?")
        values.extend([within.until, within.until])
    return conditions, values
