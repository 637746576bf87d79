"""Checking that a Milvus index is whole."""

from collections.abc import Iterator

from index.documents import Span
from index.encoder import Encoder
from index.errors import IndexCorrupt
from index.local.records import STORED, passages_checksum, text_checksum
from index.milvus import contents
from index.milvus.engine import Engine
from index.milvus.rows import Stored
from index.milvus.state import FORMAT, State
from index.milvus.terms import terms


def find_problems(engine: Engine, records: str, state: State, encoder: Encoder) -> list[str]:
    """What is wrong with ``state``, a line each; an empty list when nothing is.

    What an unfinished change left behind is no problem: nobody sees it, and the next writer deletes it.

    Raises:
        IndexCorrupt: the entry of a document cannot be read.
    """
    if state.format != FORMAT:
        return [
            f"The index was made by another version of Footnote (format {state.format}, this one reads {FORMAT}). "
            "Add the documents to a new index."
        ]
    problems: list[str] = []
    if state.made_with["encoder_fingerprint"] != encoder.fingerprint:
        problems.append(f"The vectors were made by {state.made_with['encoder']}, not by {encoder.name}.")
    if not engine.has(state.passages):
        return [*problems, "The passages are missing altogether."]
    expected = 0
    for stored in contents.all_stored(engine, records, state):
        expected += stored.summary.passages
        problems.extend(_document(engine, records, state, stored))
    there = engine.count(state.passages, state.live)
    if there != expected:
        problems.append(f"There are {there:,} passages, but the documents have {expected:,}.")
    return problems


def _document(engine: Engine, records: str, state: State, stored: Stored) -> Iterator[str]:
    """A document whose text, passages, vectors or terms are not what was stored."""
    name = stored.summary.id
    try:
        text = contents.whole_document(engine, records, stored).text
    except IndexCorrupt as error:
        yield str(error)
        return
    rows = contents.passage_rows(engine, state, stored, ["start", "end", "vector", "words"])
    spans = [Span(row["start"], row["end"]) for row in rows]
    vectors = contents.vectors_of(rows, int(state.made_with["dimension"])).astype(STORED)
    if text_checksum(text) != stored.text_checksum or len(text) != stored.summary.characters:
        yield f"{name}: its text has changed since it was stored. Remove the document and add it again."
    elif passages_checksum(spans, [vector.tobytes() for vector in vectors]) != stored.passages_checksum:
        yield f"{name}: its passages or vectors have changed since they were stored."
    elif terms([text[span.start : span.end] for span in spans]) != [row["words"] for row in rows]:
        yield f"{name}: its word index has changed since it was stored."
    if any(not 0 <= span.start < span.end <= len(text) for span in spans):
        yield f"{name}: passages lie outside the text."
