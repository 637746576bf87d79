"""What is asked: the questions of a file, each of its own context, or over the contexts of many files pooled."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from benchmarks.retrieval import Cut, open_pool
from index import MiniLMEncoder, PassageIndex, Span, create_index, sentence_spans
from qa.assistant import Assistant
from qa.evaluation.certainty import versions
from qa.evaluation.corpus import Corpus, contents, pool
from qa.evaluation.datasets import Dataset, combine
from qa.evaluation.journal import Journal
from qa.evaluation.report import Report
from qa.evaluation.runner import Progress, evaluate_answering, evaluate_reading
from qa.reader import Reader


@dataclass(frozen=True)
class Place:
    """A text that a task shows: characters from ``start`` of the context at this position of the data set."""

    context: int
    start: int
    text: str


@dataclass(frozen=True)
class Task:
    """A question for the peers: its passages, best first, with their retrieval scores if they were retrieved."""

    id: str
    question: str
    context: int
    passages: tuple[Place, ...]
    scores: tuple[float, ...] | None


@dataclass(frozen=True)
class Section:
    """Part of the results: the questions, and the texts that they are asked of.

    Attributes:
        title: what stands above its table.
        dataset: the questions that are asked, and all contexts.
        mode: ``reading`` or ``answering``.
        chosen_on: whether thresholds may be chosen on it.
        index, corpus: the pooled contexts; ``None`` when reading.
    """

    title: str
    dataset: Dataset
    mode: Literal["reading", "answering"]
    chosen_on: bool
    index: PassageIndex | None = None
    corpus: Corpus | None = None

    def footnote(self, reader: Reader, folder: Path, progress: Progress) -> Report:
        """Footnote's own report, as ``qa eval`` makes it; results that ``folder`` has of the same run are taken from there."""
        facts: dict[str, object] = {
            "mode": self.mode,
            "contexts": sha256("\0".join(context.text for context in self.dataset.contexts).encode()).hexdigest(),
            "questions": questions_digest(self.dataset),
            "versions": versions(),
            **reader.facts(),
        }
        if self.index is None or self.corpus is None:
            with closing(Journal(folder, facts)) as journal:
                return evaluate_reading(self.dataset, reader, progress=progress, journal=journal)
        assistant = Assistant(self.index, lambda: reader)
        facts |= {"index": contents(self.index), "assistant": asdict(assistant.settings)}
        with closing(Journal(folder, facts)) as journal:
            return evaluate_answering(self.dataset, assistant, self.corpus, progress=progress, journal=journal)

    def tasks(self, passages: int) -> list[Task]:
        """What the peers are asked; with an index, of as many passages as it gives for the question."""
        contexts = self.dataset.contexts
        if self.index is None or self.corpus is None:
            return [
                Task(item.id, item.text, item.context, (Place(item.context, 0, contexts[item.context].text),), None)
                for item in self.dataset.questions
            ]
        places = {name: position for position, name in enumerate(self.corpus.document_ids) if name is not None}
        found: list[Task] = []
        for item in self.dataset.questions:
            hits = self.index.search(item.text, top=passages)
            shown = tuple(Place(places[hit.document_id], hit.start, hit.text) for hit in hits)
            found.append(Task(item.id, item.text, item.context, shown, tuple(hit.score for hit in hits)))
        return found

    def sentences(self) -> list[Place]:
        """Every sentence of every context."""
        return [
            Place(position, span.start, context.text[span.start : span.end])
            for position, context in enumerate(self.dataset.contexts)
            for span in _sentence_spans(context.text)
        ]


def questions_digest(dataset: Dataset) -> str:
    """A digest of the questions: their ids, texts, contexts and accepted answers."""
    found = sha256()
    for item in dataset.questions:
        line = [item.id, item.text, item.context, [[answer.text, answer.start] for answer in item.answers]]
        # In ASCII, because an id may hold half a character.
        found.update(json.dumps(line).encode("ascii") + b"\n")
    return found.hexdigest()


def reading(file: Dataset, limit: int | None) -> Section:
    """Each question of its own context."""
    asked = replace(file, questions=file.sample(limit))
    return Section(f"Reading: {file.name}", asked, "reading", chosen_on=True)


def pooled(files: Sequence[Dataset], others: Sequence[Dataset], work: Path, limit: int | None) -> list[Section]:
    """The questions of each of ``files`` over the contexts of all of them and of ``others``.

    The index is kept in ``work``: embedding takes long, and the next run finds it there.
    """
    index = open_pool(work, Cut(128, 32, titled=False), [*files, *others])
    by_source = {summary.source: summary.id for summary in index.documents()}
    passages = sum(summary.passages for summary in index.documents())
    sections: list[Section] = []
    for file in files:
        rest = [replace(other, questions=()) for other in (*files, *others) if other is not file]
        dataset = combine([replace(file, questions=file.sample(limit)), *rest])
        names = [f"pool:{sha256(context.text.encode()).hexdigest()[:16]}" for context in dataset.contexts]
        corpus = Corpus(tuple(by_source[name] for name in names), index.document)
        title = f"Answering: {file.name}, over {len(by_source):,} texts in {passages:,} passages"
        sections.append(Section(title, dataset, "answering", chosen_on=True, index=index, corpus=corpus))
    return sections


def articles(file: Dataset, folder: Path, limit: int | None) -> Section:
    """The questions of a file over its own contexts; thresholds are not chosen on it. ``folder`` takes the index."""
    index = create_index(folder, MiniLMEncoder())
    corpus = pool(file, index)
    asked = replace(file, questions=file.sample(limit))
    title = f"Answering: {file.name}, over its {len(file.contexts)} articles"
    return Section(title, asked, "answering", chosen_on=False, index=index, corpus=corpus)


def write_sentences(places: Sequence[Place], file: Path) -> None:
    """The texts of ``places`` as JSON strings, one a line."""
    file.write_text("".join(json.dumps(place.text) + "\n" for place in places), encoding="utf-8")


def peer_task(task: Task) -> dict[str, Any]:
    """``task`` as readers take it."""
    return {"question": task.question, "passages": [place.text for place in task.passages]}


def baseline_task(task: Task, section: Section, of_context: Callable[[int], list[int]]) -> dict[str, Any]:
    """``task`` as the baseline takes it; ``of_context`` gives the numbers of the sentences of a context."""
    return {"question": task.question, "within": of_context(task.context) if section.mode == "reading" else None}


# Sections share most of their contexts.
@cache
def _sentence_spans(text: str) -> tuple[Span, ...]:
    return tuple(sentence_spans(text))
