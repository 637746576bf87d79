"""Ranking passages by the words they share with a question: BM25 as FTS5 computes it (k1 = 1.2, b = 0.75).

FTS5 scores every passage that holds any of the words, so a word that stands in a tenth of a large index costs more than
all the others together, and says the least. When there would be too much to score, the rarest words alone choose the
candidates, and these are then scored by all words. In indexes of some ten thousand passages nothing is left out.
"""

import json
import re
import sqlite3
from collections.abc import Sequence

WORK = 20_000
"""How many occurrences of words in passages are scored for a question, at the most, in the first round."""
_SPARE = 3
"""How many times as many candidates the first round gives when it looked at some of the words only."""
_WORD = re.compile(r"\w+")
# Words that nearly every question has: they cost time and say nothing about a passage.
STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by did do does for from had has have how in is it of on or that the their there they "
        "this to was were what when where which who whom whose why will with",
    )
)


def search_words(
    connection: sqlite3.Connection, question: str, top: int, among: Sequence[int] | None = None
) -> list[tuple[int, float]]:
    """Rank passages by BM25 over any word of ``question``.

    Args:
        connection: an open connection.
        question: free text; nothing in it is taken as query syntax.
        top: how many at the most.
        among: when given, only these passage ids.

    Returns:
        (passage id, score), best first, ties by id; scores are positive, higher is better.
    """
    words = dict.fromkeys(word.lower() for word in _WORD.findall(question))
    telling = [word for word in words if word not in STOP_WORDS]
    chosen = telling if telling else list(words)
    if not chosen or top <= 0:
        return []
    if among is not None:
        return _ranked(connection, _any(chosen), top, among)
    rare = _rare(connection, chosen)
    if len(rare) == len(chosen):
        return _ranked(connection, _any(chosen), top, None)
    first = _ranked(connection, _any(rare), top * _SPARE, None)
    return _ranked(connection, _any(chosen), top, [row for row, _ in first])


def _any(words: Sequence[str]) -> str:
    """An FTS5 query for passages with any of ``words``."""
    return " OR ".join(f'"{word}"' for word in words)


def _rare(connection: sqlite3.Connection, words: Sequence[str]) -> list[str]:
    """The rarest of ``words`` that stand in at most :data:`WORK` passages together; one at least."""
    counts: dict[str, int] = {}
    for word in words:
        # Counting stops where it no longer matters.
        (counts[word],) = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)", (f'"{word}"', WORK + 1)
        ).fetchone()
    kept: list[str] = []
    work = 0
    for word in sorted(words, key=lambda word: counts[word]):
        work += counts[word]
        if kept and work > WORK:
            break
        kept.append(word)
    return kept


def _ranked(
    connection: sqlite3.Connection, query: str, top: int, among: Sequence[int] | None
) -> list[tuple[int, float]]:
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
