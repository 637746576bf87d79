"""Reading documents and passages of one state of a Milvus index."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents import Document
from index.errors import IndexCorrupt, UnknownDocument
from index.milvus.engine import Engine
from index.milvus.rows import (
    PART,
    Stored,
    hashed,
    joined,
    names_list,
    part_name,
    parts_of,
    passage_id,
    read_document,
    read_stored,
)
from index.milvus.state import State

# How much is asked for at once: entries of documents of some hundred bytes, hashes, parts of texts of up to 64 KB, passages.
_KEYS, _NAMES, _PARTS, _PASSAGES = 2_000, 500, 100, 1_000
_FIELDS = ["key", "part", "body"]


def all_stored(engine: Engine, records: str, state: State) -> Iterator[Stored]:
    """All documents, by key."""
    for first in range(state.first_key, state.last_key + 1, _KEYS):
        window = f"key >= {first} and key < {first + _KEYS}"
        yield from read_stored(
            engine.query(records, f'kind == "document" and {window} and {state.live}', _FIELDS),
        )


def stored_as(engine: Engine, records: str, state: State, field: str, values: Iterable[str]) -> list[Stored]:
    """The documents whose ``field``, which is ``name`` for the id or ``source``, is one of ``values``."""
    hashes = [hashed(value) for value in values]
    found: list[Stored] = []
    for first in range(0, len(hashes), _NAMES):
        wanted = names_list(hashes[first : first + _NAMES])
        found.extend(
            read_stored(
                engine.query(records, f'kind == "document" and {field} in {wanted} and {state.live}', _FIELDS),
            )
        )
    return found


def stored_named(engine: Engine, records: str, state: State, ids: Sequence[str]) -> list[Stored]:
    """The documents with these ids, which differ, in their order.

    Raises:
        UnknownDocument: the index does not have one of them.
    """
    by_id = {stored.summary.id: stored for stored in stored_as(engine, records, state, "name", ids)}
    for name in ids:
        if name not in by_id:
            raise UnknownDocument(f"There is no document {name!r}. See them with: qa list")
    return [by_id[name] for name in ids]


def whole_document(engine: Engine, records: str, stored: Stored) -> Document:
    """A document with its text.

    Raises:
        IndexCorrupt: a part of it is missing.
    """
    key = stored.key
    text_parts = parts_of(stored.summary.characters)
    names = [part_name("text", key, part) for part in range(text_parts)]
    names += [part_name("pages", key, part) for part in range(stored.page_parts)]
    bodies = _bodies(engine, records, names)
    text = {part: bodies[name] for part in range(text_parts) if (name := part_name("text", key, part)) in bodies}
    pages = {
        part: bodies[name] for part in range(stored.page_parts) if (name := part_name("pages", key, part)) in bodies
    }
    try:
        return read_document(stored, joined(text, text_parts), joined(pages, stored.page_parts))
    except (ValueError, KeyError, TypeError) as error:
        raise _torn(stored.summary.id) from error


def slices(engine: Engine, records: str, places: Sequence[tuple[int, str, int, int]]) -> list[str]:
    """The characters ``[start, end)`` of texts, for each (key, document id, start, end).

    Raises:
        IndexCorrupt: a part of a text is missing.
    """
    names = [
        part_name("text", key, part)
        for key, _, start, end in places
        for part in range(start // PART, (end - 1) // PART + 1)
    ]
    bodies = _bodies(engine, records, list(dict.fromkeys(names)))
    found: list[str] = []
    for key, name, start, end in places:
        first = start // PART
        parts = [bodies.get(part_name("text", key, part)) for part in range(first, (end - 1) // PART + 1)]
        if None in parts:
            raise _torn(name)
        text = "".join(part for part in parts if part is not None)[start - first * PART : end - first * PART]
        if len(text) != end - start:
            raise _torn(name)
        found.append(text)
    return found


def passage_rows(engine: Engine, state: State, stored: Stored, fields: Sequence[str]) -> list[Mapping[str, Any]]:
    """The rows of all passages of a document that are there, in order."""
    found: list[dict[str, Any]] = []
    for first in range(0, stored.summary.passages, _PASSAGES):
        low, high = passage_id(stored.key, first), passage_id(stored.key, first + _PASSAGES)
        found.extend(engine.query(state.passages, f"id >= {low} and id < {high}", ["id", *fields]))
    return sorted(found, key=lambda row: int(row["id"]))


def passages_by_id(engine: Engine, state: State, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Key, document, offsets and vector of passages.

    Raises:
        IndexCorrupt: one is missing.
    """
    rows = engine.query(state.passages, f"id in {list(ids)}", ["id", "key", "document", "start", "end", "vector"])
    found = {int(row["id"]): row for row in rows}
    if len(found) != len(ids):
        raise IndexCorrupt("Passages of the index are missing. Make them anew with: qa verify --repair")
    return {row: found[row] for row in ids}


def vectors_of(rows: Iterable[Mapping[str, Any]], dimension: int) -> NDArray[np.float32]:
    """The vectors of passages, float32 of shape (passages, dimension)."""
    return np.array([row["vector"] for row in rows], dtype=np.float32).reshape(-1, dimension)


def _bodies(engine: Engine, records: str, names: Sequence[str]) -> dict[str, str]:
    """Bodies of the rows that are there, by primary key."""
    found: dict[str, str] = {}
    for first in range(0, len(names), _PARTS):
        rows = engine.query(records, f"pk in {names_list(names[first : first + _PARTS])}", ["pk", "body"])
        found.update((row["pk"], row["body"]) for row in rows)
    return found


def _torn(name: str) -> IndexCorrupt:
    return IndexCorrupt(f"A part of the text of {name} is missing. Remove the document and add it again.")
