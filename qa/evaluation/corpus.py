"""Where the contexts of a question file stand in an index."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from index.documents import Document
from index.encoder import Encoder
from index.ingest import add_texts
from index.interface import PassageIndex
from index.opening import create_index
from qa.evaluation.datasets import Dataset
from qa.evaluation.rows import digest


@dataclass(frozen=True, slots=True)
class Corpus:
    """The contexts of a question file as documents of an index.

    Attributes:
        document_ids: for each context, in the order of the file, the document whose canonical text it is; ``None`` if
            the index has none.
        document: looks a document up by its id.
    """

    document_ids: tuple[str | None, ...]
    document: Callable[[str], Document]


@contextmanager
def pooled_index(
    dataset: Dataset, encoder: Encoder, on_progress: Callable[[int, int], None] | None = None
) -> Iterator[tuple[PassageIndex, Corpus]]:
    """An index of nothing but the contexts of a question file, in a temporary folder that goes when the block ends."""
    with tempfile.TemporaryDirectory(prefix="footnote-eval-") as folder:
        index = create_index(folder, encoder)
        yield index, pool(dataset, index, on_progress)


def pool(dataset: Dataset, index: PassageIndex, on_progress: Callable[[int, int], None] | None = None) -> Corpus:
    """Add every context of a question file to ``index`` as a document of its own.

    All contexts are added even if only some of the questions will be asked: the others are what retrieval has to tell
    the right one from.

    Args:
        dataset: the question file.
        index: where to add them, usually the one of :func:`pooled_index`.
        on_progress: called with (passages embedded, passages in all).
    """
    stem = dataset.name.rpartition(".")[0] or dataset.name
    texts = (
        (f"{stem}-{number}", context.title or f"{stem} {number}", context.text)
        for number, context in enumerate(dataset.contexts, start=1)
    )
    return Corpus(tuple(add_texts(index, texts, on_progress)), index.document)


def contents(index: PassageIndex) -> str:
    """A digest of what an index holds: the same for the same documents, cut into as many passages."""
    rows = sorted(f"{found.id} {found.sha256} {found.passages}" for found in index.documents())
    return sha256("\n".join(rows).encode()).hexdigest()


def texts_digest(dataset: Dataset) -> str:
    """A digest of the contexts of a question file, some of which may be articles that stand in files of their own."""
    found = sha256()
    for context in dataset.contexts:
        found.update(digest(context.text).to_bytes(16, "big"))
    return found.hexdigest()


def locate(dataset: Dataset, index: PassageIndex) -> Corpus:
    """Find the contexts of a question file among the documents of an existing index, by equality of the whole text."""
    by_length: dict[int, list[str]] = {}
    for summary in index.documents():
        by_length.setdefault(summary.characters, []).append(summary.id)
    found: list[str | None] = []
    for context in dataset.contexts:
        candidates = by_length.get(len(context.text), [])
        found.append(next((name for name in candidates if index.document(name).text == context.text), None))
    return Corpus(tuple(found), index.document)
