"""What the systems read: questions, each with ten passages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.chunking import ChunkingSettings, TokenSpans, passage_spans
from index.documents import Span
from index.encoder import Encoder
from index.errors import DatasetError
from qa.evaluation.datasets import Dataset, load_dataset

Cut = Literal["sentences", "tokens"]
"""``sentences``: whole sentences, at most ``size`` tokens, as Footnote's index cuts them. ``tokens``: exactly ``size``."""


@dataclass(frozen=True)
class Item:
    """A question and the passages to read for it."""

    question: str
    passages: tuple[str, ...]


def load_items(
    path: Path, token_spans: TokenSpans, *, questions: int, passages: int, size: int, cut: Cut
) -> list[Item]:
    """Answerable questions of a SQuAD file, spread evenly over it, each with its passage and the ones around it.

    Contexts of one title are joined to a document again, since passages are cut from whole articles. Only the documents
    that are asked about are cut.

    Args:
        path: a file that ``qa eval`` reads.
        token_spans: tokenizer of the reader.
        questions: how many questions at the most.
        passages: how many passages for each.
        size: tokens of a passage.
        cut: how documents are cut.

    Raises:
        DatasetError: the file cannot be read, or none of its questions has an answer.
    """
    dataset = load_dataset(path)
    answerable = [question for question in dataset.questions if question.answerable]
    if not answerable:
        raise DatasetError(f"{path}: none of its questions has an answer.")
    chosen = Dataset(dataset.name, dataset.contexts, tuple(answerable)).sample(questions)
    documents = _Documents(dataset, lambda text: cut_text(text, token_spans, size, cut))
    items: list[Item] = []
    for question in chosen:
        text, spans, offset = documents.of(question.context)
        gold = question.answers[0].start + offset
        near = neighbours(spans, gold, passages)
        items.append(Item(question.text, tuple(text[span.start : span.end] for span in near)))
    return items


class _Documents:
    """Contexts joined by title, cut when first asked for."""

    def __init__(self, dataset: Dataset, cut: Callable[[str], list[Span]]) -> None:
        self._cut = cut
        self._texts: dict[str, str] = {}
        self._offsets: list[tuple[str, int]] = []
        self._spans: dict[str, list[Span]] = {}
        for context in dataset.contexts:
            before = self._texts.get(context.title, "")
            joined = f"{before}\n\n" if before else ""
            self._offsets.append((context.title, len(joined)))
            self._texts[context.title] = joined + context.text

    def of(self, context: int) -> tuple[str, list[Span], int]:
        """The document that context number ``context`` stands in, its passages, and where the context begins in it."""
        title, offset = self._offsets[context]
        if title not in self._spans:
            self._spans[title] = self._cut(self._texts[title])
        return self._texts[title], self._spans[title], offset


def cut_text(text: str, token_spans: TokenSpans, size: int, cut: Cut) -> list[Span]:
    """Passages of ``text``, as :data:`Cut` says; of exactly cut ones the last, shorter one is left out if there are others."""
    if cut == "sentences":
        return passage_spans(text, token_spans, ChunkingSettings(max_tokens=size, overlap_tokens=size // 4))
    tokens = token_spans(text)
    whole = [Span(tokens[first][0], tokens[first + size - 1][1]) for first in range(0, len(tokens) - size + 1, size)]
    return whole or [Span(tokens[0][0], tokens[-1][1])]


def neighbours(spans: Sequence[Span], position: int, count: int) -> list[Span]:
    """``count`` passages in the order of the text, the one that holds character ``position`` about in the middle.

    A document with fewer passages is repeated from its beginning.
    """
    home = max((number for number, span in enumerate(spans) if span.start <= position), default=0)
    first = max(0, min(home - count // 2, len(spans) - count))
    return [spans[(first + step) % len(spans)] for step in range(count)]


def retrieval_scores(items: Sequence[Item], encoder: Encoder) -> dict[tuple[str, ...], list[float]]:
    """By (question, *passages), the scores with which an index of the passages of all items retrieves those of one."""
    from index import add_texts, create_index

    texts = list(dict.fromkeys(passage for item in items for passage in item.passages))
    found: dict[tuple[str, ...], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        index = create_index(folder, encoder)
        add_texts(index, [(str(number), str(number), text) for number, text in enumerate(texts)])
        places = {summary.id: int(summary.source) for summary in index.documents()}
        for item in items:
            hits = index.search(item.question, top=index.passage_count(None))
            best: dict[str, float] = {}
            for hit in hits:
                text = texts[places[hit.document_id]]
                best[text] = max(hit.score, best.get(text, hit.score))
            low = min(best.values())
            found[(item.question, *item.passages)] = [best.get(passage, low) for passage in item.passages]
    return found
