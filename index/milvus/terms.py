"""The words of passages and questions, as the local index tells them apart.

Milvus indexes, counts and scores words by itself; only how a text falls into words, and what counts as the same word, is
decided here, by the tokenizer of the local index (FTS5: no case, no accents, Porter's stems). So the same words meet on every
backend, and milvus-lite, whose analyzers know no stems, needs no exception.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Sequence
from contextlib import closing

from index.local.database import WORDS_TABLE
from index.milvus.layout import TEXT_BYTES

# What the local index passes over in questions is passed over here too.
from index.wording import STOP_WORDS

_WORD = re.compile(r"\w+")


def terms(texts: Sequence[str]) -> list[str]:
    """The terms of each text, in order, with spaces between them.

    Of a passage with more than 64 KB of terms, which takes a kind of text that is no prose, only the first ones are kept.
    """
    found: list[list[str]] = [[] for _ in texts]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(WORDS_TABLE)
        # A term of more than 32 KB is cut by FTS5, within a letter, too.
        connection.text_factory = lambda stored: str(stored, "utf-8", "ignore")
        connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (words, instance)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", enumerate(texts))
        for row, term in connection.execute('SELECT doc, term FROM terms ORDER BY doc, "offset"'):
            found[row].append(term)
    return [_fitting(row) for row in found]


def question_terms(question: str) -> str:
    """What to look for when asked ``question``: its terms, the most common words left out unless it has no others."""
    words = dict.fromkeys(word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", question)))
    telling = [word for word in words if word not in STOP_WORDS]
    (found,) = terms([" ".join(telling if telling else words)])
    return found


def _fitting(words: Sequence[str]) -> str:
    joined = " ".join(words).encode("utf-8")
    if len(joined) <= TEXT_BYTES:
        return joined.decode("utf-8")
    # Cut at the last space that fits, so that no half word is indexed.
    return joined[: TEXT_BYTES + 1].rpartition(b" ")[0].decode("utf-8")
