"""Checking that a local index is whole."""

import sqlite3
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path

import numpy as np

from index.documents import Span
from index.encoder import Encoder
from index.errors import IndexCorrupt
from index.local import records
from index.local.database import FORMAT, read_settings
from index.local.nearest import read_removed
from index.local.vectors import ClusteredVectors


def find_problems(connection: sqlite3.Connection, folder: Path, encoder: Encoder) -> list[str]:
    """What is wrong with the state that ``connection`` sees, a line each; an empty list when nothing is."""
    settings = read_settings(connection)
    if settings.get("format") != str(FORMAT):
        return [
            f"The index was made by another version of Footnote (format {settings.get('format')}, this one reads "
            f"{FORMAT}). Add the documents to a new index."
        ]
    problems: list[str] = []
    if settings["encoder_fingerprint"] != encoder.fingerprint:
        problems.append(f"The vectors were made by {settings['encoder']}, not by {encoder.name}.")
    for check in (_structure, _contents, _words):
        problems.extend(check(connection))
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
    """Documents whose text, passages or vectors are not what was stored."""
    for key, name, characters in records.read_keys(connection):
        text, expected_text, expected_passages = connection.execute(
            "SELECT text, text_checksum, passages_checksum FROM documents WHERE key = ?", (key,)
        ).fetchone()
        rows = connection.execute(
            'SELECT start, "end", vector FROM passages JOIN vectors ON passage = id WHERE document = ? ORDER BY id',
            (key,),
        ).fetchall()
        spans = [Span(start, end) for start, end, _ in rows]
        if records.text_checksum(text) != expected_text or len(text) != characters:
            yield f"{name}: its text has changed since it was stored. Remove the document and add it again."
        elif records.passages_checksum(spans, [vector for _, _, vector in rows]) != expected_passages:
            yield f"{name}: its passages or vectors have changed since they were stored."
        if any(not 0 <= span.start < span.end <= len(text) for span in spans):
            yield f"{name}: passages lie outside the text."


def _words(connection: sqlite3.Connection) -> Iterator[str]:
    (different,) = connection.execute(
        "SELECT (SELECT count(*) FROM passages WHERE id NOT IN (SELECT id FROM words_docsize)) + "
        "(SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT id FROM passages))"
    ).fetchone()
    if different:
        yield f"The word index and the passages differ in {different} passages."


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
    alive = np.array(records.passage_ids(connection), dtype=np.int64)
    expected = np.union1d(alive[alive <= int(settings["vectors_covered"])], read_removed(connection))
    different = len(np.setxor1d(stored, expected))
    if different:
        yield f"The vector file and the passages differ in {different} passages."
