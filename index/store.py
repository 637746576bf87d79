"""An index on disk: articles in, ranked passages out.

SQLite decides what the index holds; the FAISS file is derived from it and can be rebuilt. Each change writes a new FAISS
file named after the next generation, then commits the documents together with that generation's number. A process that
dies in between leaves an unused file behind and the last complete state in force.
"""

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import database as db
from index.chunking import ChunkingSettings, passage_spans
from index.database import FORMAT, Database
from index.documents import Document, DocumentSummary, Passage, Span
from index.encoder import Encoder
from index.errors import EncoderMismatch, IndexCorrupt, UnknownDocument
from index.retriever import CANDIDATES, Candidate, fuse
from index.vectors import VectorIndex

DATABASE_NAME = "index.sqlite"


class PassageIndex:
    """The documents of one folder, searchable by question. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Use :meth:`open` or :meth:`create`."""
        self.folder = folder
        self.encoder = encoder
        self._database = Database(folder / DATABASE_NAME)
        self._lock = threading.Lock()
        self._loaded: tuple[int, VectorIndex] | None = None

    @classmethod
    def open(cls, folder: Path, encoder: Encoder) -> "PassageIndex":
        """Open an existing index.

        Raises:
            IndexMissing: there is none in ``folder``.
            IndexCorrupt: its database cannot be read, or another version of Footnote made it.
            EncoderMismatch: it was built with another encoder than ``encoder``.
        """
        index = cls(folder, encoder)
        settings = index.settings()
        if settings.get("format") != str(FORMAT):
            raise IndexCorrupt(
                f"{folder} was made by another version of Footnote (format {settings.get('format')}, this one reads {FORMAT}). "
                "Add the documents to a new index."
            )
        if settings.get("encoder_fingerprint") != encoder.fingerprint:
            raise EncoderMismatch(
                f"{folder} was built with the encoder {settings.get('encoder')}, not with {encoder.name}. "
                "Rebuild its vectors with: qa verify --repair"
            )
        return index

    @classmethod
    def create(cls, folder: Path, encoder: Encoder, chunking: ChunkingSettings | None = None) -> "PassageIndex":
        """Open the index in ``folder``, making an empty one first if there is none. Raises as :meth:`open`."""
        index = cls(folder, encoder)
        if not index._database.path.exists():
            sizes = ChunkingSettings() if chunking is None else chunking
            index._database.create(
                {
                    "format": str(FORMAT),
                    "generation": "0",
                    "encoder": encoder.name,
                    "encoder_fingerprint": encoder.fingerprint,
                    "dimension": str(encoder.dimension),
                    "max_tokens": str(sizes.max_tokens),
                    "overlap_tokens": str(sizes.overlap_tokens),
                }
            )
        return cls.open(folder, encoder)

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self._database.path

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """A connection that sees one consistent state; for checks that look below this class."""
        return self._database.reading()

    def settings(self) -> dict[str, str]:
        """What the index was made with: format, generation, encoder, passage sizes."""
        with self._database.reading() as connection:
            return db.read_settings(connection)

    def documents(self) -> list[DocumentSummary]:
        """All documents, by title."""
        with self._database.reading() as connection:
            return db.read_summaries(connection)

    def document(self, document_id: str) -> Document:
        """One document with its text.

        Raises:
            UnknownDocument: the index has no document of that id.
        """
        with self._database.reading() as connection:
            document = db.read_document(connection, "id", document_id)
        if document is None:
            raise UnknownDocument(f"There is no document {document_id!r}. See them with: qa list")
        return document

    def document_from(self, source: str) -> Document | None:
        """The document that was made from the file or address ``source``; ``None`` when there is none."""
        with self._database.reading() as connection:
            return db.read_document(connection, "source", source)

    def resolve(self, name: str) -> str:
        """The id of the document meant by ``name``: an id or the start of one, a path, a file name or a title.

        Raises:
            UnknownDocument: no document goes by that name, or several do.
        """
        summaries = self.documents()
        tests: list[Callable[[DocumentSummary], bool]] = [
            lambda summary: summary.id == name,
            lambda summary: summary.source in (name, str(Path(name).resolve())),
            lambda summary: Path(summary.source).name == name or summary.title == name,
            lambda summary: bool(name) and summary.id.startswith(name),
        ]
        for test in tests:
            found = [summary.id for summary in summaries if test(summary)]
            if len(found) == 1:
                return found[0]
            if found:
                raise UnknownDocument(
                    f"Several documents go by {name!r}: {', '.join(found[:5])}. Use one of these ids."
                )
        raise UnknownDocument(f"There is no document {name!r}. See them with: qa list")

    def chunk(self, text: str) -> list[Span]:
        """The passages that this index makes of ``text``."""
        settings = self.settings()
        sizes = ChunkingSettings(int(settings["max_tokens"]), int(settings["overlap_tokens"]))
        return passage_spans(text, self.encoder.token_spans, sizes)

    def put(self, documents: Sequence[Document], on_progress: Callable[[int, int], None] | None = None) -> None:
        """Add documents, replacing those that have the same id; all of them become visible at once.

        Args:
            documents: with ids that differ.
            on_progress: called with (passages embedded, passages in all).
        """
        spans, vectors = self._embed(documents, on_progress)
        with self._database.writing() as connection:
            index = self.vectors(db.read_settings(connection), fresh=True)
            removed = [row for document in documents for row in db.delete_document(connection, document.id)]
            index.remove(np.array(removed, dtype=np.int64))
            generation = self._insert(connection, index, documents, spans, vectors)
        self._keep(generation, index)

    def remove(self, document_ids: Sequence[str]) -> None:
        """Remove documents and everything derived from them, at once.

        Raises:
            UnknownDocument: one of them is not in the index; then none is removed.
        """
        with self._database.writing() as connection:
            removed: list[int] = []
            for document_id in document_ids:
                if db.read_document(connection, "id", document_id) is None:
                    raise UnknownDocument(f"There is no document {document_id!r}. See them with: qa list")
                removed.extend(db.delete_document(connection, document_id))
            index = self.vectors(db.read_settings(connection), fresh=True)
            index.remove(np.array(removed, dtype=np.int64))
            generation = self._next_generation(connection, index)
        self._keep(generation, index)

    def rebuild(self, on_progress: Callable[[int, int], None] | None = None) -> None:
        """Make passages, word index and vectors anew from the stored texts, with this index's encoder.

        Args:
            on_progress: called with (passages embedded, passages in all).
        """
        # The lock is held while embedding: what is rebuilt must be what the index holds when this ends.
        with self._database.writing() as connection:
            documents = db.read_documents(connection)
            spans, vectors = self._embed(documents, on_progress)
            db.delete_everything(connection)
            db.write_setting(connection, "encoder", self.encoder.name)
            db.write_setting(connection, "encoder_fingerprint", self.encoder.fingerprint)
            db.write_setting(connection, "dimension", str(self.encoder.dimension))
            index = VectorIndex(self.encoder.dimension)
            generation = self._insert(connection, index, documents, spans, vectors)
        self._keep(generation, index)

    def search(self, question: str, *, top: int, documents: Sequence[str] | None = None) -> list[Passage]:
        """The passages most likely to answer ``question``.

        Args:
            question: free text.
            top: how many at the most.
            documents: ids of the documents to look at; all when ``None``.

        Returns:
            Passages by fused score, highest first; equal scores by (document id, start, end).
        """
        query = self.encoder.encode([question])[0]
        with self._database.reading() as connection:
            vectors = self.vectors(db.read_settings(connection))
            among = None if documents is None else db.passage_ids(connection, documents)
            near, _ = vectors.search(query, CANDIDATES, None if among is None else np.array(among, dtype=np.int64))
            lexical = dict(db.search_words(connection, question, CANDIDATES, among))
            ids = sorted({*near.tolist(), *lexical})
            if not ids:
                return []
            # A passage that only its cosine put forward may still share words with the question.
            missing = [row for row in ids if row not in lexical]
            lexical.update(db.search_words(connection, question, len(missing), missing) if missing else [])
            cosines = vectors.vectors(np.array(ids, dtype=np.int64)) @ query
            rows = db.read_passages(connection, ids)
            names = dict(connection.execute("SELECT key, id FROM documents").fetchall())
            candidates = [
                Candidate(
                    row,
                    (names[rows[row].document], rows[row].start, rows[row].end),
                    float(cosine),
                    lexical.get(row, 0.0),
                )
                for row, cosine in zip(ids, cosines, strict=True)
            ]
            passages: list[Passage] = []
            texts: dict[str, str] = {}
            for candidate, score in fuse(candidates)[:top]:
                name, start, end = candidate.key
                if name not in texts:
                    (texts[name],) = connection.execute("SELECT text FROM documents WHERE id = ?", (name,)).fetchone()
                passages.append(Passage(name, start, end, texts[name][start:end], score))
            return passages

    def _vectors_path(self, generation: int) -> Path:
        return self.folder / f"vectors-{generation}.faiss"

    def vectors(self, settings: dict[str, str], *, fresh: bool = False) -> VectorIndex:
        """The vectors of the state that ``settings`` were read from; with ``fresh`` a copy that may be changed.

        Raises:
            IndexCorrupt: their file is missing or damaged.
        """
        generation = int(settings["generation"])
        with self._lock:
            if not fresh and self._loaded is not None and self._loaded[0] == generation:
                return self._loaded[1]
            if generation == 0:
                return VectorIndex(int(settings["dimension"]))
            try:
                index = VectorIndex.load(self._vectors_path(generation), int(settings["dimension"]))
            except FileNotFoundError as error:
                raise IndexCorrupt(
                    f"{self._vectors_path(generation).name} is missing from {self.folder}. "
                    "Rebuild it from the stored texts with: qa verify --repair"
                ) from error
            if not fresh:
                self._loaded = (generation, index)
            return index

    def _embed(
        self, documents: Sequence[Document], on_progress: Callable[[int, int], None] | None
    ) -> tuple[list[list[Span]], NDArray[np.float32]]:
        """Passages of each document, and the vectors of all passages in order, float32 of shape (passages, dimension)."""
        spans = [self.chunk(document.text) for document in documents]
        texts = [
            document.text[span.start : span.end]
            for document, passages in zip(documents, spans, strict=True)
            for span in passages
        ]
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            if on_progress is not None:
                on_progress(done, len(texts))

        return spans, self.encoder.encode(texts, advance)

    def _insert(
        self,
        connection: sqlite3.Connection,
        index: VectorIndex,
        documents: Sequence[Document],
        spans: Sequence[Sequence[Span]],
        vectors: NDArray[np.float32],
    ) -> int:
        """Store new documents with their passages and vectors; returns the generation that this makes."""
        added: list[int] = []
        for document, passages in zip(documents, spans, strict=True):
            added.extend(db.insert_document(connection, document, passages))
        index.add(np.array(added, dtype=np.int64), vectors)
        return self._next_generation(connection, index)

    def _next_generation(self, connection: sqlite3.Connection, index: VectorIndex) -> int:
        """Write ``index`` as the file of the next generation and make that the one in force once the change commits."""
        generation = int(db.read_settings(connection)["generation"]) + 1
        index.save(self._vectors_path(generation))
        db.write_setting(connection, "generation", str(generation))
        return generation

    def _keep(self, generation: int, index: VectorIndex) -> None:
        """Use ``index`` from now on and delete files that no reader can need.

        The generation before stays: a reader that began before the change may be about to open it.
        """
        with self._lock:
            self._loaded = (generation, index)
        for path in self.folder.glob("vectors-*.faiss"):
            number = path.stem.removeprefix("vectors-")
            if number.isdecimal() and int(number) < generation - 1:
                path.unlink(missing_ok=True)
