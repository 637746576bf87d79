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
    PhrasingError,
    QuestionError,
    TooManyQuestions,
    UnknownDocument,
)
from index.ingest import AddReport, add_files, add_texts
from index.interface import Filter, PassageIndex, Ranking
from index.opening import create_index, open_index, unchecked_index
from index.sentences import sentence_spans, sentences_around

__all__ = [
    "AddReport",
    "ChunkingSettings",
    "DatasetError",
    "Document",
    "DocumentError",
    "DocumentSummary",
    "Encoder",
    "EncoderMismatch",
    "Filter",
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
    "PhrasingError",
    "QuestionError",
    "Ranking",
    "Span",
    "TooManyQuestions",
    "UnknownDocument",
    "add_files",
    "add_texts",
    "create_index",
    "open_index",
    "passage_spans",
    "sentence_spans",
    "sentences_around",
    "unchecked_index",
]
