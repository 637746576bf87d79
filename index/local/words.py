"""Ranking passages by the words they share with a question: BM25 as FTS5 computes it (k1 = 1.2, b = 0.75).

FTS5 scores every passage that holds any of the words, so a word that stands in a tenth of a large index costs more than
all the others together, and says the least. When there would be too much to score, only the rarest words are looked for. In
indexes of some ten thousand passages nothing is left out.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Sequence

from index.local.database import WORDS_TABLE, readable
from index.wording import STOP_WORDS

WORK = 20_000
"""How many occurrences of words in passages are scored for a question, at the most, as long as one word is left."""
_WORD = re.compile(r"\w+")


def score_words(connection: sqlite3.Connection, question: str) -> dict[int, float]:
    """BM25 of all passages that hold any of the words of ``question`` that are looked for.

    Args:
        connection: an open connection.
        question: free text; nothing in it is taken as query syntax.

    Returns:
        Scores by passage id, positive, higher is better.
    """
    words = dict.fromkeys(word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", question)))
    telling = [word for word in words if word not in STOP_WORDS]
    chosen = telling if telling else list(words)
    if not chosen:
        return {}
    rows = connection.execute(
        "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ?", (_any(_rare(connection, chosen)),)
    )
    return dict(rows.fetchall())


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


def refill(connection: sqlite3.Connection) -> None:
    """Make the word index anew from the texts, whatever state it is in."""
    connection.execute("DROP TABLE words")
    connection.execute(WORDS_TABLE)
    fill(connection, connection)


def fill(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Tell the empty word index of ``target`` the words of all passages of ``source``."""
    for key, stored in source.execute("SELECT key, CAST(text AS BLOB) FROM documents WHERE text IS NOT NULL"):
        text = readable(stored)
        target.executemany(
            "INSERT INTO words (rowid, text) VALUES (?, ?)",
            [
                (row, text[start:end])
                for row, start, end in source.execute(
                    'SELECT id, start, "end" FROM passages WHERE document = ? ORDER BY id', (key,)
                )
            ],
        )
