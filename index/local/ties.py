"""The best passages by one score. Which of equally good ones are among them must not depend on when they were added."""

import json
import sqlite3
from collections.abc import Mapping
from heapq import nlargest


def best(connection: sqlite3.Connection, scores: Mapping[int, float], top: int, tolerance: float = 0.0) -> list[int]:
    """Ids of the ``top`` highest scores, in no particular order; those that tie with the last one come in by (document id,
    start, end).

    Args:
        connection: one that sees the passages.
        scores: by passage id.
        top: how many at the most, 0 or more.
        tolerance: how far apart scores may be that are the same but for rounding.
    """
    if len(scores) <= top:
        return list(scores)
    if top < 1:
        return []
    last = nlargest(top, scores.values())[-1]
    above = [row for row, score in scores.items() if score > last + tolerance]
    tied = [row for row, score in scores.items() if last - tolerance <= score <= last + tolerance]
    room = top - len(above)
    if len(tied) > room:
        rows = connection.execute(
            "SELECT passages.id FROM passages JOIN documents ON documents.key = passages.document "
            'WHERE passages.id IN (SELECT value FROM json_each(?)) ORDER BY documents.id, start, "end" LIMIT ?',
            (json.dumps(tied), room),
        )
        tied = [row for (row,) in rows]
    return above + tied
