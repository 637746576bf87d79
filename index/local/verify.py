"""Checking that a local index is whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import file_digest
from pathlib import Path

import numpy as np

from index.encoder import Encoder
from index.errors import IndexCorrupt
from index.local import records, selecting
from index.local.database import FORMAT, WORDS_TABLE, damaged_settings, read_settings, readable
from index.local.entries import changed_entries
from index.local.nearest import read_removed
from index.local.vectors import ClusteredVectors
from index.local.words import fill

_VOCABULARY = "CREATE VIRTUAL TABLE temp.occurrences USING fts5vocab (main, words, instance)"
# The tables that FTS5 keeps words in, and as many marks as they have columns.
_WORD_TABLES = {"words_data": "?, ?", "words_idx": "?, ?, ?", "words_docsize": "?, ?", "words_config": "?, ?"}
# How often each word stands somewhere, and sums in which no single place can differ unseen.
_TERMS = (
    'SELECT CAST(term AS BLOB) AS term, count(*) AS occurrences, sum(doc), sum("offset"), sum(doc * ("offset" + 1) % 1000003) '
    "FROM temp.occurrences GROUP BY term"
)
_SCORES = "SELECT rowid, bm25(words) FROM words WHERE words MATCH ? ORDER BY rowid"
# What the scores of words are made from beside the words: how many each passage has, and all together.
# (The sums of nothing are written in several ways.)
_LENGTHS = (
    "SELECT id, sz FROM words_docsize UNION ALL SELECT -1, block FROM words_data "
    "WHERE id = 1 AND EXISTS (SELECT 1 FROM words_docsize) ORDER BY 1"
)
_SOME_WORD = f"SELECT '\"' || term || '\"' FROM ({_TERMS}) ORDER BY occurrences DESC LIMIT 1"  # noqa: S608


def find_problems(connection: sqlite3.Connection, folder: Path, encoder: Encoder) -> list[str]:
    """What is wrong with the state that ``connection`` sees, a line each; an empty list when nothing is."""
    # What is damaged has to be named, so it must be possible to read it.
    connection.text_factory = readable
    settings = read_settings(connection)
    if settings.get("format") != str(FORMAT):
        return [
            f"The index was made by another version of Footnote (format {settings.get('format')}, this one reads "
            f"{FORMAT}). Add the documents to a new index."
        ]
    damaged = damaged_settings(settings)
    if damaged is not None:
        return [damaged]
    problems: list[str] = []
    if settings["encoder_fingerprint"] != encoder.fingerprint:
        problems.append(f"The vectors were made by {settings['encoder']}, not by {encoder.name}.")
    for check in (_structure, _contents, _words):
        try:
            problems.extend(check(connection))
        # Numbers that have become something else, and rows that are found in one order and not in another.
        except (IndexCorrupt, TypeError, ValueError) as error:
            problems.append(f"The database is damaged: {error}")
    problems.extend(_vector_file(connection, folder, settings))
    return problems


def _structure(connection: sqlite3.Connection) -> Iterator[str]:
    """What SQLite itself finds, and rows without a counterpart."""
    for (found,) in connection.execute("PRAGMA integrity_check"):
        if found != "ok":
            yield f"The database is damaged: {found}"
    for table, counterpart in (("passages", "vectors"), ("vectors", "passages")):
        mine, other = ("id", "passage") if table == "passages" else ("passage", "id")
        (lone,) = connection.execute(
            f"SELECT count(*) FROM {table} WHERE {mine} NOT IN (SELECT {other} FROM {counterpart})"  # noqa: S608
        ).fetchone()
        if lone:
            yield f"{lone} rows of {table} have no row in {counterpart}."


def _contents(connection: sqlite3.Connection) -> Iterator[str]:
    """Documents whose text, passages, vectors, or what else is told of them, are not what was stored."""
    changed = changed_entries(connection)
    for key, name, characters in records.read_keys(connection):
        stored = records.read_whole(connection, key)
        if not stored.text_whole or len(stored.text) != characters:
            yield f"{name}: its text has changed since it was stored. Remove the document and add it again."
        elif not stored.passages_whole:
            yield f"{name}: its passages or vectors have changed since they were stored."
        if key in changed:
            yield (
                f"{name}: its title, source, date, pages or the like have changed since it was stored. Remove the document "
                "and add it again."
            )
        if any(not 0 <= span.start < span.end <= len(stored.text) for _, span, _ in stored.rows):
            yield f"{name}: passages lie outside the text."


def _words(connection: sqlite3.Connection) -> Iterator[str]:
    """Whether the word index is in order, and says what one made now of the same passages does.

    SQLite's own check passes over it, and FTS5's wants to write: so it is a copy that is looked through.
    """
    with closing(_empty_words()) as fresh, closing(sqlite3.connect("", isolation_level=None)) as copy:
        fresh.execute("BEGIN")
        fill(connection, fresh)
        # FTS5 writes its sums when it is asked to commit.
        fresh.execute("COMMIT")
        try:
            with closing(_empty_words()) as filled:
                filled.execute("BEGIN")
                for table, marks in _WORD_TABLES.items():
                    rows = connection.execute(f"SELECT * FROM {table}")  # noqa: S608
                    filled.execute(f"DELETE FROM {table}")  # noqa: S608
                    filled.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
                filled.execute("COMMIT")
                # What FTS5 holds in memory is of the empty table; a connection of its own begins with what is there.
                filled.backup(copy)
            copy.execute("INSERT INTO words (words) VALUES ('integrity-check')")
            for one in (fresh, copy):
                one.execute(_VOCABULARY)
            same = all(
                copy.execute(query).fetchall() == fresh.execute(query).fetchall() for query in (_LENGTHS, _TERMS)
            )
            # What is copied may be whole and yet not be found where it is.
            word = fresh.execute(_SOME_WORD).fetchone()
            if word is not None:
                same &= connection.execute(_SCORES, word).fetchall() == fresh.execute(_SCORES, word).fetchall()
        except sqlite3.DatabaseError as error:
            yield f"The word index is damaged ({error})."
        else:
            if not same:
                yield "The word index does not have the words of the passages."


def _empty_words() -> sqlite3.Connection:
    """A database with an empty word index, in memory as long as it is small."""
    made = sqlite3.connect("", isolation_level=None)
    made.execute(WORDS_TABLE)
    return made


def _vector_file(connection: sqlite3.Connection, folder: Path, settings: dict[str, str]) -> Iterator[str]:
    name = settings["vector_file"]
    if not name:
        return
    path = folder / name
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        yield f"{name} cannot be read ({error.strerror}). Make it anew with: qa verify --repair"
        return
    if digest != settings["vector_file_sha256"]:
        yield f"{name} is not the file that was written. Make it anew with: qa verify --repair"
        return
    try:
        stored = ClusteredVectors.load(path, int(settings["dimension"])).ids()
    except IndexCorrupt as error:
        yield str(error)
        return
    alive = np.array(selecting.passage_ids(connection), dtype=np.int64)
    expected = np.union1d(alive[alive <= int(settings["vectors_covered"])], read_removed(connection))
    different = len(np.setxor1d(stored, expected))
    if different:
        yield f"The vector file and the passages differ in {different} passages."
