"""An index in a Milvus: documents, offsets, vectors and words are rows there, and the engine does the searching."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from index.chunking import ChunkingSettings
from index.documents import Document, DocumentSummary, Passage
from index.encoder import Encoder
from index.errors import EncoderMismatch, InputError
from index.identity import check_identities
from index.interface import Filter, OnProgress, PassageIndex, Ranking
from index.milvus import contents, verify
from index.milvus.address import read_address
from index.milvus.catalog import Catalog
from index.milvus.engine import Engine, Row
from index.milvus.layout import TEXT_BYTES
from index.milvus.lease import Lease
from index.milvus.rows import Stored, document_rows
from index.milvus.searching import ranked
from index.milvus.state import Ledger, State, check_format

# Rows are sent when there are about this many, so that the rows of a large change are never all in memory.
_ROWS_AT_ONCE = 1_000
# From so many passages on, those that milvus-lite has not put away make searching slower than it need be.
_SETTLE_ROWS = 1_000


class MilvusIndex(PassageIndex):
    """The documents under one name in one Milvus."""

    def __init__(self, location: str | Path, encoder: Encoder) -> None:
        """Use :meth:`open` or :meth:`create`; made directly, nothing is checked, which repairing needs.

        Raises:
            IndexStateError: ``location`` is no address; see :mod:`index.milvus.address`.
        """
        self.encoder = encoder
        self.address = read_address(location)
        self._engine = Engine(self.address)
        self._ledger = Ledger(self._engine)
        self._records = self._ledger.records
        self._catalog: Catalog | None = None
        self._counted = (-1, 0)  # a generation of the index, and how many passages it has
        self._lock = threading.Lock()

    @classmethod
    def open(cls, location: str | Path, encoder: Encoder) -> "MilvusIndex":
        """Open an existing index.

        Raises:
            IndexMissing: there is none.
            IndexCorrupt: another version of Footnote made it, or its state cannot be read.
            EncoderMismatch: it was built with another encoder than ``encoder``.
            IndexBusy: another process uses the file.
            IndexStateError: the server cannot be reached, or pymilvus is not installed.
        """
        index = cls(location, encoder)
        state = index._ledger.state()
        index._check_encoder(state)
        return index

    @classmethod
    def create(cls, location: str | Path, encoder: Encoder, chunking: ChunkingSettings | None = None) -> "MilvusIndex":
        """Open the index at ``location``, making an empty one first if there is none. Raises as :meth:`open`."""
        index = cls(location, encoder)
        if not index._ledger.exists():
            sizes = ChunkingSettings() if chunking is None else chunking
            tokens = {"max_tokens": str(sizes.max_tokens), "overlap_tokens": str(sizes.overlap_tokens)}
            index._ledger.create({**_made_by(encoder), **tokens})
        return cls.open(location, encoder)

    def exists(self) -> bool:
        """Whether there is an index; nothing is made."""
        return self._ledger.exists()

    @property
    def location(self) -> str:
        """Its address."""
        return str(self.address)

    def bytes_stored(self) -> int:
        """Size of a file's data, of all indexes in it; for a server, of texts, terms and vectors, without what it adds."""
        if self.address.file is not None:
            return sum(path.stat().st_size for path in self.address.file.rglob("*") if path.is_file())
        return self._ledger.reading(lambda state: sum(stored.size for stored in self._all(state)))

    def settings(self) -> dict[str, str]:
        """See :meth:`PassageIndex.settings`."""
        return self._ledger.state().settings

    def documents(self) -> list[DocumentSummary]:
        """See :meth:`PassageIndex.documents`."""
        summaries = self._ledger.reading(lambda state: [stored.summary for stored in self._all(state)])
        return sorted(summaries, key=lambda summary: (summary.title, summary.id))

    def document(self, document_id: str) -> Document:
        """See :meth:`PassageIndex.document`; raises ``IndexCorrupt`` when a part of it is missing."""

        def read(state: State) -> Document:
            (stored,) = contents.stored_named(self._engine, self._records, state, [document_id])
            return contents.whole_document(self._engine, self._records, stored)

        return self._ledger.reading(read)

    def document_from(self, source: str) -> DocumentSummary | None:
        """See :meth:`PassageIndex.document_from`."""
        found = self._ledger.reading(
            lambda state: contents.stored_as(self._engine, self._records, state, "source", [source])
        )
        return found[0].summary if found else None

    def put(self, documents: Sequence[Document], on_progress: OnProgress | None = None) -> None:
        """See :meth:`PassageIndex.put`.

        Raises:
            InputError: two documents have the same id or source, one has the id or the source of another in the index, or
                an id is too long for Milvus.
        """
        self._check_encoder(self._ledger.state())
        spans, vectors = self.embed(documents, on_progress)
        with self._ledger.writing() as (state, lease):
            self._check_encoder(state)
            replaced = self._check_new(state, documents)
            after = replace(state, generation=state.generation + 1, last_key=state.last_key + len(documents))
            rows = _Rows(self._engine, self._records, after, lease)
            first = 0
            for number, (document, passages) in enumerate(zip(documents, spans, strict=True), start=1):
                own = vectors[first : first + len(passages)]
                rows.add(*document_rows(document, state.last_key + number, after.generation, passages, own))
                first += len(passages)
            rows.send()
            self._ledger.commit(state, after, replaced, lease)

    def remove(self, document_ids: Sequence[str]) -> None:
        """See :meth:`PassageIndex.remove`."""
        with self._ledger.writing() as (state, lease):
            ids = list(dict.fromkeys(document_ids))
            gone = contents.stored_named(self._engine, self._records, state, ids)
            after = replace(state, generation=state.generation + 1)
            self._ledger.commit(state, after, [stored.key for stored in gone], lease)

    def search(
        self, question: str, *, top: int, within: Filter | None = None, ranking: Ranking | None = None
    ) -> list[Passage]:
        """See :meth:`PassageIndex.search`."""
        chosen = Ranking() if ranking is None else ranking
        query = self.encoder.encode([question])[0]

        def look(state: State) -> list[Passage]:
            self._check_encoder(state)
            keys = self._keys(state, within)
            return ranked(self._engine, self._records, state, question, query, top, chosen, keys)

        return self._ledger.reading(look)

    def passage_count(self, within: Filter | None = None) -> int:
        """See :meth:`PassageIndex.passage_count`."""

        def count(state: State) -> int:
            keys = self._keys(state, within)
            if keys is not None:
                return self._engine.count(state.passages, f"key in {keys}") if keys else 0
            generation, passages = self._counted
            if generation != state.generation:
                passages = self._engine.count(state.passages, state.live)
                self._counted = (state.generation, passages)
            return passages

        return self._ledger.reading(count)

    def optimise(self, on_progress: OnProgress | None = None) -> bool:  # noqa: ARG002 - as the interface has it
        """See :meth:`PassageIndex.optimise`. Servers index vectors by themselves (HNSW) as they come; a file is searched
        exactly, and faster when what this process added is put away."""
        if not self._engine.unsettled(_SETTLE_ROWS):
            return False
        with self._ledger.writing():
            self._engine.settle(_SETTLE_ROWS)
        return True

    def rebuild(self, on_progress: OnProgress | None = None) -> None:
        """See :meth:`PassageIndex.rebuild`. Everything is written anew beside the old, which serves until the new counts.

        Raises:
            IndexCorrupt: another version of Footnote made it, or a part of a text is missing.
        """
        with self._ledger.writing() as (state, lease):
            everything = list(self._all(state))
            characters = sum(stored.summary.characters for stored in everything)
            generation, first = state.generation + 1, state.last_key + 1
            after = replace(
                state,
                generation=generation,
                first_key=first,
                last_key=state.last_key + len(everything),
                passages=self._ledger.passages_name(generation),
                made_with={**state.made_with, **_made_by(self.encoder)},
            )
            self._engine.create_passages(after.passages, self.encoder.dimension)
            rows = _Rows(self._engine, self._records, after, lease)
            done = 0
            for key, stored in enumerate(everything, start=first):
                document = contents.whole_document(self._engine, self._records, stored)
                spans, vectors = self.embed([document])
                rows.add(*document_rows(document, key, generation, spans[0], vectors, keep=stored))
                done += stored.summary.characters
                if on_progress is not None:
                    on_progress(done, characters)
            rows.send()
            self._ledger.commit(state, after, [], lease)

    def problems(self) -> list[str]:
        """See :meth:`PassageIndex.problems`.

        Raises:
            IndexMissing: there is no index.
            IndexCorrupt: its state, or the entry of a document, cannot be read at all.
        """
        return self._ledger.reading(
            lambda state: verify.find_problems(self._engine, self._records, state, self.encoder)
        )

    def _check_encoder(self, state: State) -> None:
        """Raise ``EncoderMismatch`` or ``IndexCorrupt`` when the vectors are of another encoder or the layout of another
        version; another process may have made them anew."""
        check_format(state, self.location)
        if state.made_with["encoder_fingerprint"] != self.encoder.fingerprint:
            raise EncoderMismatch(
                f"{self.location} was built with the encoder {state.made_with['encoder']}, not with {self.encoder.name}. "
                "Rebuild its vectors with: qa verify --repair"
            )

    def _all(self, state: State) -> list[Stored]:
        return list(contents.all_stored(self._engine, self._records, state))

    def _keys(self, state: State, within: Filter | None) -> list[int] | None:
        """Keys of the documents that ``within`` leaves; ``None`` for all."""
        if within is None or within.everything:
            return None
        if within == Filter(documents=within.documents) and within.documents is not None:
            ids = list(dict.fromkeys(within.documents))
            return [stored.key for stored in contents.stored_named(self._engine, self._records, state, ids)]
        with self._lock:
            if self._catalog is None or self._catalog.generation != state.generation:
                self._catalog = Catalog(state.generation, self._all(state))
            catalog = self._catalog
        return catalog.keys(within)

    def _check_new(self, state: State, documents: Sequence[Document]) -> list[int]:
        """Keys of the documents that ``documents`` replace."""
        ids, sources = [document.id for document in documents], [document.source for document in documents]
        for name in ids:
            if len(name.encode("utf-8")) > TEXT_BYTES:
                raise InputError(f"The id {name[:40]!r}... is too long: Milvus takes {TEXT_BYTES:,} bytes.")
        replaced = contents.stored_as(self._engine, self._records, state, "name", ids)
        others = contents.stored_as(self._engine, self._records, state, "source", sources)
        check_identities(documents, [(one.summary.id, one.summary.source) for one in (*replaced, *others)])
        return [stored.key for stored in replaced]


class _Rows:
    """Rows on their way into the collections of a state that is being written."""

    def __init__(self, engine: Engine, records: str, state: State, lease: Lease) -> None:
        self._engine, self._lease = engine, lease
        self._waiting: dict[str, list[Row]] = {records: [], state.passages: []}
        self._records, self._passages = records, state.passages

    def add(self, records: Sequence[Row], passages: Sequence[Row]) -> None:
        self._waiting[self._records].extend(records)
        self._waiting[self._passages].extend(passages)
        if sum(len(rows) for rows in self._waiting.values()) > _ROWS_AT_ONCE:
            self.send()

    def send(self) -> None:
        self._lease.prolong()
        for collection, rows in self._waiting.items():
            self._engine.insert(collection, rows)
            rows.clear()


def _made_by(encoder: Encoder) -> dict[str, str]:
    return {
        "encoder": encoder.name,
        "encoder_fingerprint": encoder.fingerprint,
        "dimension": str(encoder.dimension),
    }
