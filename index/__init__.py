"""Articles in, ranked passages out: loading, chunking, embedding, storing and searching documents."""

from index.chunking import ChunkingSettings, passage_spans
from index.documents import Document, DocumentSummary, Page, Passage, Span
from index.encoder import Encoder, MiniLMEncoder
from index.errors import (
    DatasetError,
    DocumentError,
    EncoderMismatch,
    FootnoteError,
    IndexBusy,
    IndexCorrupt,
    IndexMissing,
    IndexStateError,
    InputError,
    ModelError,
    QuestionError,
    UnknownDocument,
)
from index.ingest import AddReport, add_files, add_texts
from index.sentences import sentence_spans, sentences_around
from index.store import PassageIndex

__all__ = [
    "AddReport",
    "ChunkingSettings",
    "DatasetError",
    "Document",
    "DocumentError",
    "DocumentSummary",
    "Encoder",
    "EncoderMismatch",
    "FootnoteError",
    "IndexBusy",
    "IndexCorrupt",
    "IndexMissing",
    "IndexStateError",
    "InputError",
    "MiniLMEncoder",
    "ModelError",
    "Page",
    "Passage",
    "PassageIndex",
    "QuestionError",
    "Span",
    "UnknownDocument",
    "add_files",
    "add_texts",
    "passage_spans",
    "sentence_spans",
    "sentences_around",
]
