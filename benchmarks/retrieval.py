"""How well passages are ranked: dense, lexical, fused in several ways, and fused with the reader's relevance.

    python -m benchmarks.retrieval DATASET... --distractors FILE... --work DIR

The questions of the data sets are asked over the contexts of all files pooled into one index. Indexes are kept in the
work folder, so a second run only asks. Prints a Markdown table for each way of cutting passages.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from benchmarks.tables import command
from index import MiniLMEncoder, Passage, PassageIndex, Ranking, Span, add_texts
from index.chunking import ChunkingSettings
from index.documents import Document
from index.encoder.graph import Precision
from index.local import LocalIndex
from index.retriever import standardized
from qa.evaluation.datasets import Dataset, Question, load_dataset
from qa.evaluation.outcomes import gold_spans
from qa.evaluation.retrieval import DEPTH, gold_rank, ranking_scores
from qa.reader import Reader, load_reader

RANK_OFFSET = 60
"""The constant of reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009)."""
SCORES = ("recall@1", "recall@5", "recall@20", "mrr@10", "ndcg@10")

_GROUP = 500

Ranker = Callable[[str], Sequence[Passage]]


class TitledIndex(LocalIndex):
    """A local index whose passages are embedded with their document's title before them."""

    def embedded_text(self, document: Document, span: Span) -> str:
        """See :meth:`index.interface.PassageIndex.embedded_text`."""
        return f"{document.title}. {document.text[span.start : span.end]}"


@dataclass(frozen=True)
class Asked:
    """A question with the document that its context became, and the accepted answers there."""

    text: str
    document_id: str
    golds: tuple[Span, ...]


@dataclass(frozen=True)
class Cut:
    """How passages are cut: most tokens, tokens of overlap, and whether titles are embedded too."""

    size: int
    overlap: int
    titled: bool

    @classmethod
    def parse(cls, text: str) -> Cut:
        """From ``128:32`` or ``128:32:titled``."""
        parts = text.split(":")
        return cls(int(parts[0]), int(parts[1]), len(parts) > 2)

    def __str__(self) -> str:
        """As it is shown above a table."""
        return f"{self.size} tokens, {self.overlap} overlap" + (", titles embedded too" if self.titled else "")


def open_pool(work: Path, cut: Cut, files: Sequence[Dataset], precision: Precision | None = None) -> PassageIndex:
    """The index of all contexts of ``files`` under that cut, made when it is not there or of other texts.

    ``precision`` is that of the encoder, ``None`` for the usual one.
    """
    texts = {context.text: context.title for dataset in files for context in dataset.contexts}
    name = sha256("\0".join(texts).encode()).hexdigest()[:10]
    folder = work / f"pool-{name}-{cut.size}-{cut.overlap}{'-titled' if cut.titled else ''}"
    if precision is not None:
        folder = folder.with_name(f"{folder.name}-{precision}")
    kind = TitledIndex if cut.titled else LocalIndex
    index = kind.create(folder, MiniLMEncoder(precision=precision), ChunkingSettings(cut.size, cut.overlap))
    held = {summary.source for summary in index.documents()}
    rows = [(f"pool:{sha256(text.encode()).hexdigest()[:16]}", title, text) for text, title in texts.items()]
    missing = [row for row in rows if row[0] not in held]
    # In groups, so that a run that is cut off can go on.
    for first in range(0, len(missing), _GROUP):
        _say(f"{cut}: {len(held) + first:,} of {len(texts):,} texts embedded")
        add_texts(index, missing[first : first + _GROUP])
    return index


def questions_of(index: PassageIndex, datasets: Sequence[Dataset], limit: int | None) -> list[Asked]:
    """What is asked: ``limit`` questions of each data set, spread evenly."""
    by_source = {summary.source: summary.id for summary in index.documents()}

    def asked(dataset: Dataset, question: Question) -> Asked:
        text = dataset.contexts[question.context].text
        source = f"pool:{sha256(text.encode()).hexdigest()[:16]}"
        return Asked(question.text, by_source[source], tuple(gold_spans(question)))

    return [asked(dataset, question) for dataset in datasets for question in dataset.sample(limit)]


def reciprocal_ranks(lists: Sequence[Sequence[Passage]]) -> list[Passage]:
    """Passages by the sum of 1 / (60 + rank) over the lists that hold them."""
    scores: dict[tuple[str, int, int], float] = {}
    found: dict[tuple[str, int, int], Passage] = {}
    for passages in lists:
        for rank, passage in enumerate(passages, start=1):
            key = (passage.document_id, passage.start, passage.end)
            found[key] = passage
            scores[key] = scores.get(key, 0.0) + 1 / (RANK_OFFSET + rank)
    return [found[key] for key in sorted(scores, key=lambda key: (-scores[key], key))]


def rerank(question: str, passages: Sequence[Passage], reader: Reader, weight: float) -> list[Passage]:
    """Passages by ``weight`` of the reader's relevance and the rest of the fused score, both standardized."""
    relevance = standardized(np.array(reader.relevance(question, [passage.text for passage in passages])))
    fused = standardized(np.array([passage.score for passage in passages]))
    order = np.argsort(-(weight * relevance + (1 - weight) * fused), kind="stable")
    return [passages[place] for place in order]


def rankers(
    index: PassageIndex, weights: Sequence[float], reader: Reader | None, read: int
) -> Iterator[tuple[str, Ranker]]:
    """What is compared, by name."""

    def by(weight: float, top: int = DEPTH) -> Ranker:
        ranking = Ranking(dense_weight=weight, compared=0)
        return lambda question: index.search(question, top=top, ranking=ranking)

    def default(top: int = DEPTH) -> Ranker:
        return lambda question: index.search(question, top=top)

    yield "dense", by(1.0)
    yield "lexical", by(0.0)
    yield "reciprocal ranks", lambda question: reciprocal_ranks([by(1.0, 100)(question), by(0.0, 100)(question)])
    for weight in weights:
        yield f"standardized scores, dense {weight:g}", by(weight)
    yield "the default: standardized scores and wording", default()
    if reader is not None:
        for share in (0.3, 0.5, 0.7):
            yield (
                f"the default, then relevance {share:g} of the first {read}",
                lambda question, share=share: rerank(question, default(read)(question), reader, share),
            )


def measure(ranker: Ranker, questions: Sequence[Asked], name: str) -> list[str]:
    """Cells of a table row: name, scores, and the median and 95th percentile of the milliseconds a question takes."""
    ranks: list[int | None] = []
    times: list[float] = []
    for number, asked in enumerate(questions, start=1):
        began = time.perf_counter()
        passages = ranker(asked.text)
        times.append(1000 * (time.perf_counter() - began))
        ranks.append(gold_rank(passages[:DEPTH], asked.document_id, asked.golds))
        if number % 50 == 0:
            _say(f"{name}: {number} of {len(questions)}")
    scores = ranking_scores(ranks)
    p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return [name, *(f"{scores[score]:.3f}" for score in SCORES), f"{statistics.median(times):.0f}", f"{p95:.0f}"]


def main(
    datasets: Annotated[list[Path], typer.Argument(help="Question files that are asked.")],
    work: Annotated[Path, typer.Option(help="Folder for the indexes.")],
    distractors: Annotated[list[Path] | None, typer.Option(help="More files, for their contexts.")] = None,
    cuts: Annotated[
        list[str] | None, typer.Option("--cut", help="Tokens and overlap, as 128:32 or 128:32:titled.")
    ] = None,
    weights: Annotated[list[float] | None, typer.Option("--weight", help="Shares of the cosine to try.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Questions of each file.")] = None,
    relevance: Annotated[
        int, typer.Option(min=0, help="Read this many passages for the reader's relevance; 0: none.")
    ] = 20,
    precision: Annotated[
        Precision | None, typer.Option(help="What texts and questions are embedded in; default: the usual.")
    ] = None,
    only: Annotated[str, typer.Option(help="Leave out rankings whose names do not begin with this.")] = "",
) -> None:
    """Compare rankings."""
    asked_files = [load_dataset(path) for path in datasets]
    files = [*asked_files, *(load_dataset(path) for path in distractors or [])]
    work.mkdir(parents=True, exist_ok=True)
    typer.echo(f"    {command('benchmarks.retrieval', sys.argv[1:])}\n")
    for cut in [Cut.parse(text) for text in cuts or ["128:32"]]:
        index = open_pool(work, cut, files, precision)
        questions = questions_of(index, asked_files, limit)
        passages = sum(summary.passages for summary in index.documents())
        index.search("warm up", top=1)
        reader = load_reader() if relevance else None
        typer.echo(f"{cut}: {passages:,} passages, {len(questions):,} questions\n")
        typer.echo("| ranking | " + " | ".join(SCORES) + " | p50 ms | p95 ms |\n|---|" + "---:|" * (len(SCORES) + 2))
        for name, ranker in rankers(index, weights or [0.3, 0.4, 0.5, 0.6, 0.7], reader, relevance):
            if not name.startswith(only):
                continue
            typer.echo("| " + " | ".join(measure(ranker, questions, name)) + " |")
        typer.echo("")


def _say(text: str) -> None:
    sys.stderr.write(f"\r{text}\033[K")
    sys.stderr.flush()


if __name__ == "__main__":
    typer.run(main)
