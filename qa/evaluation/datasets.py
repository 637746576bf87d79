"""Question files: SQuAD v1.1 and v2.0 JSON, a JSON-lines form of the same, and CSV.

**SQuAD** (any file name that does not end as those of the other forms)::

    {"data": [{"title": "...", "paragraphs": [{"context": "...", "qas": [
        {"id": "...", "question": "...", "answers": [{"text": "...", "answer_start": 17}], "is_impossible": false}]}]}]}

**JSON lines** (``.jsonl`` or ``.ndjson``): one question a line, blank lines ignored::

    {"id": "q1", "question": "...", "context": "...", "title": "...", "answers": [{"text": "...", "answer_start": 17}]}
    {"id": "q2", "question": "...", "document": "articles/a.txt", "answers": [], "is_impossible": true}

Either ``context`` holds the text, or ``document`` names an article file relative to the question file, which is read as
``qa add`` reads it: the offsets then point into its canonical text. ``title`` may be left out.

**CSV** (``.csv``): column names in the first line, commas between cells, one question a row, blank rows ignored::

    id,question,document,answer,answer_start,answer2
    q1,Who wrote it?,articles/a.txt,Ada,17,Ada Lovelace
    q2,Who read it?,articles/a.txt,,,

``question``, ``answer`` and ``document`` (or ``context``) are needed; ``id``, ``title``, ``answer_start`` and other columns
may be left out. Further accepted answers stand in ``answer2``, ``answer3`` ... (offsets in ``answer_start2`` ...), or in
further rows with the same id, question and text. An answer without its ``answer_start`` must occur exactly once in the
text. Without any answer a question is unanswerable. Without an id a question is called by the number of its row, with
``row `` in front if that is the id of another one. Line ends in an answer about a ``document`` count as LF.

In the two JSON forms:

- ``answer_start`` counts characters (Unicode code points) of the context, and
  ``context[answer_start:answer_start + len(text)] == text`` must hold. Once read, a context is its canonical text, with
  every line end as LF, and the offsets are moved accordingly.
- ``id`` is a string or an integer that occurs once in the file.
- ``answers`` lists every accepted answer. It is empty for an unanswerable question, and ``is_impossible`` may say so
  too; if it is left out, an empty list alone makes the question unanswerable, as in the official scorer.
- Unknown keys are ignored, as are unknown columns.
"""

import json
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

from index.errors import DatasetError
from qa.evaluation.articles import Articles
from qa.evaluation.csv_files import collect_csv
from qa.evaluation.rows import (
    Collector,
    Context,
    GoldAnswer,
    Question,
    RowFault,
    digest,
    parse_row,
    row_name,
    stored_contexts,
    stored_questions,
)
from qa.evaluation.spool import Selected
from qa.evaluation.squad_files import paragraphs
from qa.evaluation.texts import read_lines, read_text

__all__ = [
    "LINE_SUFFIXES",
    "Context",
    "Dataset",
    "GoldAnswer",
    "Question",
    "collect",
    "combine",
    "load_dataset",
    "read_text",
]

LINE_SUFFIXES = frozenset({".jsonl", ".ndjson"})
"""Extensions of files with one question a line."""

CSV_SUFFIX = ".csv"
"""Extension of files with one question a row."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A question file: every distinct context once, in the order of the file, and the questions that point to them.

    Those that are read from a file are kept on disk (:class:`qa.evaluation.spool.Spool`): go through them, rather than put
    them all in a list.
    """

    name: str
    contexts: Sequence[Context]
    questions: Sequence[Question]

    def sample(self, limit: int | None) -> Sequence[Question]:
        """At most ``limit`` questions, spread evenly over the file; all of them for ``None``.

        Question ``i`` of the sample is question ``i * total // limit`` of the file. The first ``limit`` questions would
        come from one or two articles, since the questions of an article stand together.

        Raises:
            DatasetError: ``limit`` is less than 1.
        """
        if limit is not None and limit < 1:
            raise DatasetError(f"The limit must be at least 1 question, not {limit}.")
        total = len(self.questions)
        if limit is None or limit >= total:
            return self.questions
        return Selected(self.questions, _Spread(total, limit))


class _Spread(Sequence[int]):
    """``limit`` positions below ``total``, spread evenly."""

    def __init__(self, total: int, limit: int) -> None:
        self._total, self._limit = total, limit

    def __len__(self) -> int:
        return self._limit

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> list[int]: ...

    def __getitem__(self, place: int | slice) -> int | list[int]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(self._limit))]
        return range(self._limit)[place] * self._total // self._limit


def load_dataset(
    path: Path | str, on_fault: Callable[[str], None] | None = None, articles: Articles | None = None
) -> Dataset:
    """Read and check a question file.

    Args:
        path: the file.
        on_fault: told of each faulty row, by question id or line number; then these are left out and are no error.
        articles: reads the articles that the file names; those beside the file when ``None``.

    Raises:
        DatasetError: the file cannot be read, has no questions, or, without ``on_fault``, has faulty ones; the first three
            faults are named.
    """
    path = Path(path)
    collector = Collector()
    collect(path, collector, articles)
    collector.finish(path, on_fault)
    return Dataset(path.name, collector.contexts, collector.questions)


def collect(path: Path, collector: Collector, articles: Articles | None = None) -> None:
    """Read a question file; its questions and its faults go into ``collector``.

    Args:
        path: of the file.
        collector: takes the questions and the faults.
        articles: reads the articles that the file names; those beside the file when ``None``.

    Raises:
        DatasetError: the file cannot be read at all.
    """
    named = Articles(path.parent) if articles is None else articles
    if path.suffix.lower() in LINE_SUFFIXES:
        _collect_lines(path, named, collector)
    elif path.suffix.lower() == CSV_SUFFIX:
        collect_csv(path, collector, named)
    else:
        _collect_squad(path, collector)


def combine(datasets: Sequence[Dataset]) -> Dataset:
    """One data set of the questions of several; a context that stands in more than one of them counts once.

    Ids that occur more than once get their file's name before them, and files of one name a number.

    Raises:
        DatasetError: there are none.
    """
    if not datasets:
        raise DatasetError("There is no question file. Name at least one.")
    if len(datasets) == 1:
        return datasets[0]
    places: dict[int, int] = {}
    contexts, questions = stored_contexts(), stored_questions()
    asked = [dataset for dataset in datasets if dataset.questions]
    # Those of a single file are known to be different.
    counts = Counter(digest(question.id) for dataset in asked if len(asked) > 1 for question in dataset.questions)
    for dataset, label in zip(datasets, _labels([dataset.name for dataset in datasets]), strict=True):
        # Those that no question is asked of are kept: they are what the others have to be told from.
        moved = array("Q")
        for context in dataset.contexts:
            place = places.setdefault(digest(context.text), len(contexts))
            moved.append(place)
            if place == len(contexts):
                contexts.append(context)
        for question in dataset.questions:
            name = question.id if counts[digest(question.id)] <= 1 else f"{label}:{question.id}"
            questions.append(replace(question, id=name, context=moved[question.context]))
    name = " + ".join(dataset.name for dataset in datasets if dataset.questions)
    return Dataset(name, contexts, questions)


def _labels(names: Sequence[str]) -> list[str]:
    """``names``, each once: those that occur more than once are numbered."""
    times, so_far = Counter(names), Counter[str]()
    labels = []
    for name in names:
        so_far[name] += 1
        labels.append(name if times[name] == 1 else f"{name}#{so_far[name]}")
    return labels


def _collect_squad(path: Path, collector: Collector) -> None:
    for paragraph in paragraphs(path):
        where, found = f"article {paragraph.article}", paragraph.value
        if not paragraph.position:
            collector.fault(where, "it needs a list called paragraphs")
            continue
        where = f"{where}, paragraph {paragraph.position}"
        if not isinstance(found, dict):
            collector.fault(where, "it is not an object")
            continue
        context, rows = found.get("context"), found.get("qas")
        if not isinstance(context, str) or not isinstance(rows, list):
            collector.fault(where, "it needs a context (text) and qas (a list)")
            continue
        if not rows and not context.strip():
            collector.fault(where, "the context is empty")
        for number, raw in enumerate(rows, start=1):
            name = row_name(raw)
            try:
                collector.add(parse_row(raw), context, paragraph.title)
            except RowFault as fault:
                collector.fault(f"question {name}" if name else f"{where}, question {number}", fault)


def _collect_lines(path: Path, articles: Articles, collector: Collector) -> None:
    # A file's own lines, not splitlines(): JSON texts may hold U+2028 and its like unescaped, and those end no line here.
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            raw = json.loads(line)
            name = row_name(raw)
            where = f"line {number} (id {name})" if name else where
            row = parse_row(raw)
            collector.add(row, *articles.context(row.context, row.document, row.title))
        except RowFault as fault:
            collector.fault(where, fault)
        except (ValueError, RecursionError) as error:
            collector.fault(where, f"not valid JSON ({error})")
