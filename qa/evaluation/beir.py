"""Folders in the form of BEIR: documents, queries, and how relevant one is to the other; for retrieval only.

::

    corpus.jsonl     {"_id": "d1", "title": "...", "text": "..."}      one document a line; the title may be left out
    queries.jsonl    {"_id": "q1", "text": "..."}                      one query a line
    qrels/test.tsv   query-id<TAB>corpus-id<TAB>score                  that header, then one judgement a line

Source: Thakur et al. 2021 (https://arxiv.org/abs/2104.08663) and the data sets published with it. A title stands before
the text, with an empty line between them, since BEIR searches both. Scores are whole numbers, 0 for a document that is
not relevant. Queries that ``test.tsv`` does not judge are of other splits and are left out.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from index.errors import DatasetError
from index.loading import canonical_newlines
from qa.evaluation.datasets import Dataset
from qa.evaluation.rows import Collector, Context, Question, RowFault, check_text, model_fault, shorten
from qa.evaluation.texts import read_lines, read_text

Judgements = Mapping[str, Mapping[int, int]]
"""By query id: the relevance of documents, by their position in ``Dataset.contexts``. 0 and less is not relevant."""

CORPUS, QUERIES, JUDGED = "corpus.jsonl", "queries.jsonl", "qrels/test.tsv"
_HEADER = ["query-id", "corpus-id", "score"]


@dataclass(frozen=True, slots=True)
class JudgedDataset:
    """Documents as contexts, queries as questions without answers, and the judgements.

    ``dataset.questions`` has the judged queries in the order of their file; the ``context`` of each is the document that is
    the most relevant to it, of several the first one. ``own`` has, by query id, the position of the document of the same id.
    """

    dataset: Dataset
    judgements: Judgements
    own: Mapping[str, int]


class _Row(BaseModel):
    model_config = ConfigDict(strict=True)
    id: str | int = Field(alias="_id")
    title: str | None = None
    text: str


def load_beir(folder: Path, on_fault: Callable[[str], None] | None = None) -> JudgedDataset:
    """Read and check a folder.

    Args:
        folder: the folder.
        on_fault: told of each faulty line; then these are left out and are no error.

    Raises:
        DatasetError: a file cannot be read, nothing is judged, or, without ``on_fault``, there are faults; the first three
            are named by line.
    """
    collector = Collector()
    judged = collect_beir(folder, collector)
    collector.finish(folder, on_fault)
    return judged


def collect_beir(folder: Path, collector: Collector) -> JudgedDataset:
    """Read a folder; the faults go into ``collector``, and what is faulty is left out of the result.

    Raises:
        DatasetError: a file is missing or cannot be read.
    """
    missing = [name for name in (CORPUS, QUERIES, JUDGED) if not (folder / name).is_file()]
    if missing:
        raise DatasetError(f"{folder}: this folder has no {', '.join(missing)}, which a folder in BEIR's form needs.")
    documents: dict[str, int] = {}
    for where, row in _lines(folder, CORPUS, collector):
        body = "\n\n".join(part for part in (row.title, row.text) if part is not None and part.strip())
        if _accept(where, "document", str(row.id), body, documents, collector):
            documents[str(row.id)] = len(collector.contexts)
            collector.contexts.append(Context(row.title if row.title is not None else "", canonical_newlines(body)))
    texts: dict[str, str] = {}
    for where, row in _lines(folder, QUERIES, collector):
        if _accept(where, "query", str(row.id), row.text, texts, collector):
            texts[str(row.id)] = row.text
    judgements = _judgements(folder, texts, documents, collector)
    chosen = [name for name in texts if name in judgements]
    for name in chosen:
        collector.questions.append(Question(name, texts[name], _most_relevant(judgements[name]), ()))
    dataset = Dataset(folder.resolve().name, collector.contexts, collector.questions)
    return JudgedDataset(dataset, judgements, {name: documents[name] for name in chosen if name in documents})


def _lines(folder: Path, file: str, collector: Collector) -> Iterator[tuple[str, _Row]]:
    # A file's own lines, not splitlines(): JSON texts may hold U+2028 and its like unescaped, and those end no line here.
    for number, line in enumerate(read_lines(folder / file), start=1):
        if not line.strip():
            continue
        where = f"{file} line {number}"
        try:
            yield where, _Row.model_validate(json.loads(line))
        except ValidationError as error:
            collector.fault(where, model_fault(error))
        except (ValueError, RecursionError) as error:
            collector.fault(where, f"not valid JSON ({error})")


def _accept(where: str, kind: str, name: str, text: str, known: Mapping[str, Any], collector: Collector) -> bool:
    """Whether a document or a query can be used; if not, it is among the faults."""
    where = f"{where} (_id {shorten(name)})"
    if name in known:
        collector.fault(where, "the _id occurs twice")
        return False
    try:
        check_text(kind, text)
    except RowFault as fault:
        collector.fault(where, fault)
        return False
    return True


def _most_relevant(grades: Mapping[int, int]) -> int:
    return min(grades, key=lambda place: (-grades[place], place))


def _judgements(
    folder: Path, queries: Mapping[str, str], documents: Mapping[str, int], collector: Collector
) -> dict[str, dict[int, int]]:
    judgements: dict[str, dict[int, int]] = {}
    lines = read_text(folder / JUDGED).split("\n")
    if [cell.strip() for cell in lines[0].split("\t")] != _HEADER:
        raise DatasetError(
            f"{folder / JUDGED}: its first line must be query-id, corpus-id and score, with tabs between."
        )
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        where, cells = f"{JUDGED} line {number}", [cell.strip() for cell in line.split("\t")]
        if len(cells) != len(_HEADER):
            collector.fault(where, f"it has {len(cells)} cells instead of 3, with tabs between them")
            continue
        query, document, score = cells
        try:
            grade = int(score)
        except ValueError:
            collector.fault(where, f"the score {shorten(score)!r} is no whole number")
            continue
        if query not in queries:
            collector.fault(where, f"there is no sound query {shorten(query)!r} in {QUERIES}")
        elif document not in documents:
            collector.fault(where, f"there is no sound document {shorten(document)!r} in {CORPUS}")
        elif documents[document] in judgements.get(query, {}):
            collector.fault(where, f"the pair {shorten(query)}, {shorten(document)} is judged twice")
        else:
            judgements.setdefault(query, {})[documents[document]] = grade
    return judgements
