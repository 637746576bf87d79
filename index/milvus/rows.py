"""Documents as rows of a collection of records, and back.

Rows have a kind: ``document`` (everything short about it, as JSON), ``pages`` (its page map, as JSON) and ``text``. What is
longer than a field may be is cut into parts of a fixed number of characters, so it is known which part holds an offset.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents import Document, DocumentSummary, Page, Span
from index.errors import IndexCorrupt
from index.local.records import STORED, passages_checksum, text_checksum
from index.milvus.engine import Row
from index.milvus.terms import terms

PART = 16_000
"""Characters in each part of a text but the last. UTF-8 needs four bytes for one at the most, so a part fits into a field."""
CONTENT = '["document", "pages", "text"]'
"""Kinds of rows that belong to a document, as a list in a condition."""
# Passages of a document are numbered; its key and the number make the id. Keys have room up to 2^39.
_NUMBER_BITS = 24


@dataclass(frozen=True, slots=True)
class Stored:
    """What an index knows of a document, but its text and pages.

    Attributes:
        key: number of this version of the document; no other version of any document has it.
        summary: for listings.
        text_checksum, passages_checksum: as :mod:`index.local.records` computes them.
        page_parts: how many rows the page map takes.
        size: bytes that its text, terms and vectors take.
    """

    key: int
    summary: DocumentSummary
    text_checksum: str
    passages_checksum: str
    page_parts: int
    size: int


def hashed(name: str) -> str:
    """SHA-256 of an id or a source: of one length, and nothing in it means anything in a condition."""
    return text_checksum(name)


def passage_id(key: int, number: int) -> int:
    """Id of a passage: the ``number``-th, counted from 0, of the document with that key."""
    return (key << _NUMBER_BITS) + number


def parts_of(characters: int) -> int:
    """How many parts a text of that many characters has."""
    return -(-characters // PART)


def part_name(kind: str, key: int, part: int) -> str:
    """Primary key of a row."""
    return f"{kind}-{key}-{part}"


def names_list(names: Iterable[str]) -> str:
    """Names without quotes in them, as a list in a condition."""
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def document_rows(
    document: Document,
    key: int,
    generation: int,
    spans: Sequence[Span],
    vectors: NDArray[np.float32],
    keep: Stored | None = None,
) -> tuple[list[Row], list[Row]]:
    """Rows of a document for the collection of records and for that of passages.

    Args:
        document: with text.
        key: number of this version.
        generation: of the index, as of this change.
        spans: its passages.
        vectors: of its passages, float32 of shape (passages, dimension); rounded to float16, as in a local index.
        keep: when rows are made anew, the former: what it says about the text stays, so that a damaged text is not
            taken for sound.
    """
    rounded = vectors.astype(STORED)
    texts = [document.text[span.start : span.end] for span in spans]
    words = terms(texts)
    pages = _parts(json.dumps([asdict(page) for page in document.pages])) if document.pages else []
    facts = {
        "id": document.id,
        "title": document.title,
        "source": document.source,
        "sha256": document.sha256,
        "size": document.size,
        "added_at": document.added_at.isoformat(),
        "date": document.date,
        "characters": len(document.text) if keep is None else keep.summary.characters,
        "passages": len(spans),
        "text_checksum": text_checksum(document.text) if keep is None else keep.text_checksum,
        "passages_checksum": passages_checksum(spans, [vector.tobytes() for vector in rounded]),
        "page_parts": len(pages),
        "stored": len(document.text.encode("utf-8"))
        + sum(len(row.encode("utf-8")) for row in words)
        + 4 * vectors.size,
    }
    records: list[Row] = []
    for kind, parts in (("document", _parts(json.dumps(facts))), ("pages", pages), ("text", _parts(document.text))):
        for part, body in enumerate(parts):
            records.append(
                {
                    "pk": part_name(kind, key, part),
                    "kind": kind,
                    "key": key,
                    "part": part,
                    "generation": generation,
                    "name": hashed(document.id),
                    "source": hashed(document.source),
                    "body": body,
                }
            )
    passages: list[Row] = [
        {
            "id": passage_id(key, number),
            "key": key,
            "document": document.id,
            "start": span.start,
            "end": span.end,
            "vector": vector.tolist(),
            "words": found,
        }
        for number, (span, vector, found) in enumerate(zip(spans, rounded.astype(np.float32), words, strict=True))
    ]
    return records, passages


def bookkeeping_row(kind: str, name: str, key: int, generation: int, body: str = "") -> Row:
    """A row that is about the index itself."""
    return {
        "pk": f"{kind}-{name}",
        "kind": kind,
        "key": key,
        "part": 0,
        "generation": generation,
        "name": "",
        "source": "",
        "body": body,
    }


def read_stored(rows: Iterable[Mapping[str, Any]]) -> list[Stored]:
    """The documents that rows of the kind ``document`` (fields ``key``, ``part``, ``body``) describe, by key.

    Raises:
        IndexCorrupt: a part is missing or cannot be read.
    """
    bodies: dict[int, dict[int, str]] = {}
    for row in rows:
        bodies.setdefault(row["key"], {})[row["part"]] = row["body"]
    found: list[Stored] = []
    for key, parts in sorted(bodies.items()):
        try:
            facts = json.loads(joined(parts, len(parts)))
            found.append(_stored(key, facts))
        except (ValueError, KeyError, TypeError) as error:
            raise IndexCorrupt(
                "The entry of a document is damaged. Copy the index to a new one with: qa copy, or add the documents again."
            ) from error
    return found


def joined(parts: Mapping[int, str], count: int) -> str:
    """Text of ``count`` parts.

    Raises:
        KeyError: one is missing.
    """
    return "".join(parts[part] for part in range(count))


def read_document(stored: Stored, text: str, pages: str) -> Document:
    """A document from what is stored of it; ``pages`` is the JSON of its page map, empty when it has none."""
    summary = stored.summary
    return Document(
        summary.id,
        summary.title,
        summary.source,
        summary.sha256,
        text,
        summary.added_at,
        summary.size,
        tuple(Page(**page) for page in json.loads(pages)) if pages else (),
        summary.date,
    )


def _stored(key: int, facts: Mapping[str, Any]) -> Stored:
    summary = DocumentSummary(
        facts["id"],
        facts["title"],
        facts["source"],
        facts["sha256"],
        datetime.fromisoformat(facts["added_at"]).astimezone(UTC),
        facts["size"],
        facts["characters"],
        facts["passages"],
        facts["date"],
    )
    checksums = facts["text_checksum"], facts["passages_checksum"]
    return Stored(key, summary, *checksums, facts["page_parts"], facts["stored"])


def _parts(text: str) -> list[str]:
    return [text[first : first + PART] for first in range(0, len(text), PART)]
