"""An index in a folder on this machine.

SQLite decides what the index holds: a change is one transaction there, so a process that dies leaves the last complete
state. A FAISS file beside it speeds up the search of large indexes and is made from the database.
"""

import secrets
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from index.chunking import ChunkingSettings
from index.documents import Document, DocumentSummary, Passage
from index.encoder import Encoder
from index.errors import EncoderMismatch, IndexCorrupt, UnknownDocument
from index.identity import check_identities
from index.interface import Filter, OnProgress, PassageIndex, Ranking
from index.local import entries, records, selecting, verify
from index.local.database import FORMAT, Database, damaged_settings, read_settings, write_setting
from index.local.nearest import EXACT_LIMIT, NearestPassages, build_file, needs_file
from index.local.ties import best
from index.local.words import score_words
from index.retriever import Candidate, best_fused, reranked

DATABASE_NAME = "index.sqlite"
_ABANDONED_SECONDS = 3600.0


class LocalIndex(PassageIndex):
    """The documents of one folder."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        """Use :meth:`open` or :meth:`create`; made directly, nothing is checked, which repairing needs."""
        self.folder = folder
        self.encoder = encoder
        self._database = Database(folder / DATABASE_NAME)
        self._lock = threading.Lock()
        self._nearest = NearestPassages(folder)
        # The identity of the index, a generation of it, and how many passages that has.
        self._counted: tuple[str | None, str, int] = (None, "", 0)

    @classmethod
    def open(cls, folder: Path, encoder: Encoder) -> "LocalIndex":
        """Open an existing index.

        Raises:
            IndexMissing: there is none in ``folder``.
            IndexCorrupt: its database cannot be read, or another version of Footnote made it.
            EncoderMismatch: it was built with another encoder than ``encoder``.
        """
        index = cls(folder, encoder)
        index._check_encoder(index.settings())
        return index

    @classmethod
    def create(cls, folder: Path, encoder: Encoder, chunking: ChunkingSettings | None = None) -> "LocalIndex":
        """Open the index in ``folder``, making an empty one first if there is none. Raises as :meth:`open`."""
        index = cls(folder, encoder)
        if not index._database.is_made():
            sizes = ChunkingSettings() if chunking is None else chunking
            index._database.create(
                {
                    "format": str(FORMAT),
                    # Tells it from one that is made in its place.
                    "identity": secrets.token_hex(16),
                    "generation": "0",
                    "removals": "0",
                    "vector_file": "",
                    "vector_file_sha256": "",
                    "vector_file_before": "",
                    "vectors_covered": "0",
                    "encoder": encoder.name,
                    "encoder_fingerprint": encoder.fingerprint,
                    "dimension": str(encoder.dimension),
                    "max_tokens": str(sizes.max_tokens),
                    "overlap_tokens": str(sizes.overlap_tokens),
                }
            )
        return cls.open(folder, encoder)

    @property
    def location(self) -> str:
        """The folder."""
        return str(self.folder)

    def bytes_stored(self) -> int:
        """Size of all files of the index, in bytes."""
        size = 0
        for path in self.folder.iterdir():
            # What SQLite keeps beside the database comes and goes.
            with suppress(FileNotFoundError):
                size += path.stat().st_size if path.is_file() else 0
        return size

    def settings(self) -> dict[str, str]:
        """See :meth:`PassageIndex.settings`."""
        return self._database.read(read_settings)

    def documents(self) -> list[DocumentSummary]:
        """See :meth:`PassageIndex.documents`."""
        return self._database.read(records.read_summaries)

    def document(self, document_id: str) -> Document:
        """See :meth:`PassageIndex.document`."""
        document = self._database.read(lambda connection: records.read_document(connection, document_id))
        if document is None:
            raise UnknownDocument(f"There is no document {document_id!r}. See them with: qa list")
        return document

    def document_from(self, source: str) -> DocumentSummary | None:
        """See :meth:`PassageIndex.document_from`."""
        found = self._database.read(lambda connection: records.read_summaries(connection, source))
        return found[0] if found else None

    def put(self, documents: Sequence[Document], on_progress: OnProgress | None = None) -> None:
        """See :meth:`PassageIndex.put`.

        Raises:
            InputError: two documents have the same id or source, or one has the id or the source of another in the index.
            EncoderMismatch: another process has made the vectors anew with another encoder.
        """
        spans, vectors = self.embed(documents, on_progress)
        with self._database.writing() as connection:
            settings = read_settings(connection)
            self._check_encoder(settings)
            check_identities(documents, records.read_identities(connection, documents))
            gone = [row for document in documents for row in records.delete_document(connection, document.id)]
            first = 0
            for document, passages in zip(documents, spans, strict=True):
                records.insert_document(connection, document, passages, vectors[first : first + len(passages)])
                first += len(passages)
            records.note_change(connection, settings, gone)

    def remove(self, document_ids: Sequence[str]) -> None:
        """See :meth:`PassageIndex.remove`."""
        with self._database.writing() as connection:
            settings = read_settings(connection)
            gone: list[int] = []
            for document_id in dict.fromkeys(document_ids):
                if not records.is_there(connection, document_id):
                    raise UnknownDocument(f"There is no document {document_id!r}. See them with: qa list")
                gone.extend(records.delete_document(connection, document_id))
            records.note_change(connection, settings, gone)

    def rebuild(self, on_progress: OnProgress | None = None) -> None:
        """See :meth:`PassageIndex.rebuild`. A text that is no UTF-8 any more gets no passages: :meth:`problems` names it.

        Raises:
            IndexCorrupt: another version of Footnote made it.
        """
        # The lock is held while embedding: what is rebuilt must be what the index holds when this ends.
        with self._database.writing() as connection:
            settings = read_settings(connection)
            self._check_format(settings)
            keys = records.read_keys(connection)
            characters = sum(length for _, _, length in keys)
            records.delete_passages(connection)
            done = 0
            for key, _, length in keys:
                text = records.intact_text(connection, key)
                entries.mend_entry(connection, key)
                entries.note_entry(connection, key, again=False)
                spans = self.chunk(text)
                vectors = self.encoder.encode([text[span.start : span.end] for span in spans])
                records.insert_passages(connection, key, text, spans, vectors)
                done += length
                if on_progress is not None:
                    on_progress(done, characters)
            for name, value in (
                ("encoder", self.encoder.name),
                ("encoder_fingerprint", self.encoder.fingerprint),
                ("dimension", str(self.encoder.dimension)),
                ("vector_file", ""),
                ("vector_file_sha256", ""),
                ("vector_file_before", settings["vector_file"]),
                ("vectors_covered", "0"),
                # All former passages have gone: who has them in memory must let go of them.
                ("removals", str(int(settings["removals"]) + 1)),
            ):
                write_setting(connection, name, value)
            records.note_change(connection, settings, [])
        self.optimise()
        self._tidy()

    def optimise(self, on_progress: OnProgress | None = None, limit: int = EXACT_LIMIT) -> bool:
        """See :meth:`PassageIndex.optimise`; ``limit`` is the number of vectors up to which all are searched exactly."""
        with self._database.reading() as connection:
            if not needs_file(connection, limit):
                return False
            before = read_settings(connection)
            name, digest, inside = build_file(connection, self.folder, on_progress=on_progress)
        with self._database.writing() as connection:
            settings = read_settings(connection)
            if settings["vector_file"] != before["vector_file"]:
                return False  # another process was faster
            # Passages that went away while the file was made are in it all the same.
            gone = np.setdiff1d(inside, np.array(selecting.passage_ids(connection), dtype=np.int64))
            connection.execute("DELETE FROM removed")
            connection.executemany("INSERT INTO removed VALUES (?)", [(int(row),) for row in gone])
            for key, value in (
                ("vector_file", name),
                ("vector_file_sha256", digest),
                ("vectors_covered", str(int(inside[-1]))),
                ("vector_file_before", before["vector_file"]),
                ("generation", str(int(settings["generation"]) + 1)),
            ):
                write_setting(connection, key, value)
        self._tidy()
        return True

    def problems(self) -> list[str]:
        """See :meth:`PassageIndex.problems`.

        Raises:
            IndexMissing: there is no index.
            IndexCorrupt: its database cannot be read at all.
        """
        return self._database.read(lambda connection: verify.find_problems(connection, self.folder, self.encoder))

    def search(
        self, question: str, *, top: int, within: Filter | None = None, ranking: Ranking | None = None
    ) -> list[Passage]:
        """See :meth:`PassageIndex.search`.

        Raises:
            EncoderMismatch: another process has made the vectors anew with another encoder.
        """
        chosen = Ranking() if ranking is None else ranking
        query = self.encoder.encode([question])[0]

        def look(connection: sqlite3.Connection) -> list[Passage]:
            # The first row that is read decides which state is seen. These follow one after the other, so none is older than
            # what the vectors already follow.
            with self._lock:
                self._check_encoder(read_settings(connection))
                self._nearest.follow(connection)
                everything = within is None or within.everything
                among = None if everything else selecting.passage_ids(connection, within)
                ids = None if among is None else np.array(among, dtype=np.int64)
                near = self._nearest.search(connection, query, chosen.candidates, ids)
            bm25 = score_words(connection, question)
            if among is not None:
                inside = set(among)
                bm25 = {row: score for row, score in bm25.items() if row in inside}
            rows = sorted({*near, *best(connection, bm25, chosen.candidates)})
            cosines = records.read_vectors(connection, rows, len(query)) @ query
            places = records.read_passages(connection, rows)
            candidates = [
                Candidate(
                    row,
                    (places[row].document_id, places[row].start, places[row].end),
                    float(cosine),
                    bm25.get(row, 0.0),
                )
                for row, cosine in zip(rows, cosines, strict=True)
            ]
            found = best_fused(candidates, top, chosen)
            whole = {name: records.read_text(connection, name) for name in {row.key[0] for row, _ in found}}
            texts = [whole[row.key[0]][row.key[1] : row.key[2]] for row, _ in found]
            return [
                Passage(*row.key, text, score) for row, score, text in reranked(question, found, texts, chosen)[:top]
            ]

        return self._database.read(look, self._forget)

    def passage_count(self, within: Filter | None = None) -> int:
        """See :meth:`PassageIndex.passage_count`."""

        def count(connection: sqlite3.Connection) -> int:
            if within is not None and not within.everything:
                return len(selecting.passage_ids(connection, within))
            settings = read_settings(connection)
            present = (settings.get("identity"), settings["generation"])
            *seen, passages = self._counted
            if tuple(seen) != present:
                passages = selecting.count_passages(connection)
                self._counted = (*present, passages)
            return passages

        return self._database.read(count, self._forget)

    def _check_encoder(self, settings: dict[str, str]) -> None:
        """Raise ``EncoderMismatch`` or ``IndexCorrupt`` when the vectors are of another encoder or the files of another
        version; another process may have made them anew."""
        self._check_format(settings)
        if settings.get("encoder_fingerprint") != self.encoder.fingerprint:
            raise EncoderMismatch(
                f"{self.folder} was built with the encoder {settings.get('encoder')}, not with {self.encoder.name}. "
                "Rebuild its vectors with: qa verify --repair"
            )

    def _check_format(self, settings: dict[str, str]) -> None:
        if settings.get("format") != str(FORMAT):
            raise IndexCorrupt(
                f"{self.folder} was made by another version of Footnote (format {settings.get('format')}, this one reads "
                f"{FORMAT}). Add the documents to a new index."
            )
        damaged = damaged_settings(settings)
        if damaged is not None:
            raise IndexCorrupt(f"{self.folder}: {damaged}")

    def _forget(self) -> None:
        """Let go of what was seen of the index."""
        with self._lock:
            self._nearest = NearestPassages(self.folder)
            self._counted = (None, "", 0)

    def _tidy(self) -> None:
        """Delete vector files that no reader can need.

        The one before the present stays: a reader that began before the change may be about to open it.
        """
        settings = self.settings()
        needed = {settings["vector_file"], settings["vector_file_before"]}
        now = time.time()
        for path in self.folder.glob("vectors-*"):
            # Another process may be writing; what has not grown for an hour was left behind by one that died.
            with suppress(FileNotFoundError):
                abandoned = path.suffix == ".faiss" or now - path.stat().st_mtime > _ABANDONED_SECONDS
                if path.name not in needed and abandoned:
                    path.unlink()
