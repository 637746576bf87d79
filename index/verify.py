"""Checking that an index is whole, and rebuilding what can be derived from its texts."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np

from index import database as db
from index.encoder import Encoder
from index.errors import IndexCorrupt
from index.store import PassageIndex
from index.vectors import VectorIndex


def find_problems(folder: Path, encoder: Encoder) -> list[str]:
    """What is wrong with the index in ``folder``, a line each; an empty list when nothing is.

    Raises:
        IndexMissing: there is no index.
        IndexCorrupt: its database cannot be read at all.
    """
    index = PassageIndex(folder, encoder)
    problems: list[str] = []
    with index.reading() as connection:
        settings = db.read_settings(connection)
        (checked,) = connection.execute("PRAGMA integrity_check").fetchone()
        if checked != "ok":
            problems.append(f"{db_name(index)}: {checked}")
        if settings.get("encoder_fingerprint") != encoder.fingerprint:
            problems.append(f"The vectors were made by {settings.get('encoder')}, not by {encoder.name}.")
        problems.extend(_passage_problems(connection))
        problems.extend(_word_problems(connection))
        try:
            vectors = index.vectors(settings)
        except IndexCorrupt as error:
            problems.append(str(error))
        else:
            problems.extend(_vector_problems(connection, vectors))
    return problems


def repair(folder: Path, encoder: Encoder, on_progress: Callable[[int, int], None] | None = None) -> None:
    """Rebuild passages, word index and vectors from the stored texts, with ``encoder``.

    Raises:
        IndexMissing, IndexCorrupt: the database itself cannot be read; then the documents have to be added again.
    """
    PassageIndex(folder, encoder).rebuild(on_progress)


def db_name(index: PassageIndex) -> str:
    """File name of the index's database."""
    return index.database_path.name


def _passage_problems(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT documents.id, count(*) FROM passages JOIN documents ON documents.key = passages.document "
        'WHERE passages.start < 0 OR passages."end" > documents.characters OR passages.start >= passages."end" '
        "OR length(documents.text) != documents.characters GROUP BY documents.id"
    ).fetchall()
    return [f"{name}: {count} passages lie outside the text." for name, count in rows]


def _word_problems(connection: sqlite3.Connection) -> list[str]:
    (different,) = connection.execute(
        "SELECT (SELECT count(*) FROM passages WHERE id NOT IN (SELECT id FROM words_docsize)) + "
        "(SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT id FROM passages))"
    ).fetchone()
    return [f"The word index and the passages differ in {different} passages."] if different else []


def _vector_problems(connection: sqlite3.Connection, vectors: VectorIndex) -> list[str]:
    different = np.setxor1d(np.array(db.passage_ids(connection), dtype=np.int64), vectors.ids())
    return [f"The vectors and the passages differ in {len(different)} passages."] if len(different) else []
