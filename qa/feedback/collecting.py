"""From feedback to a data set in SQuAD 2.0's form, which ``qa eval`` reads.

The latest entry on a question decides. An answer called right is its own gold, with all its places in the document cited
first; a correction is the gold in place of the answer; a refusal called right, and a question said to have no answer, are
unanswerable. A question that was only called wrong, or whose feedback was taken back, gives nothing. The context is the whole
canonical text of the document, so that offsets stay what they were; a document that has changed since is left out and named.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from index.documents import Document
from index.errors import UnknownDocument
from qa.feedback.entries import Entry, Place

if TYPE_CHECKING:
    from qa.evaluation.datasets import Dataset


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A question that is not in the data set, and why."""

    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class Collected:
    """A data set made of feedback.

    Attributes:
        data: the object of a SQuAD 2.0 file.
        questions: how many it has.
        unanswerable: how many of these have no answer.
        wrong: questions whose answer was called wrong, without saying what is right.
        left_out: questions whose document is gone or has changed.
    """

    data: dict[str, Any]
    questions: int
    unanswerable: int
    wrong: int
    left_out: tuple[LeftOut, ...]

    def to_json(self) -> str:
        """The content of the SQuAD file."""
        return json.dumps(self.data, ensure_ascii=False, indent=1) + "\n"

    def dataset(self, name: str) -> "Dataset":
        """What ``qa eval`` would read from the SQuAD file, called ``name``."""
        # Here, not at the top: writing the file does not need it.
        from qa.evaluation.datasets import Dataset
        from qa.evaluation.rows import Collector, parse_row

        collector = Collector()
        for article in self.data["data"]:
            for paragraph in article["paragraphs"]:
                for row in paragraph["qas"]:
                    collector.add(parse_row(row), paragraph["context"], article["title"])
        return Dataset(name, tuple(collector.contexts), tuple(collector.questions))


@dataclass(slots=True)
class _Article:
    """A document with its questions so far."""

    document: Document
    questions: list[dict[str, Any]] = field(default_factory=list)


def collect_feedback(entries: Iterable[Entry], document: Callable[[str], Document]) -> Collected:
    """The data set that ``entries`` amount to.

    Args:
        entries: in any order; those of one time as they come.
        document: gives a document by its id; raises ``UnknownDocument``.
    """
    latest: dict[str, Entry] = {}
    # Not as they stand in the file, to which a copied index may have added older ones.
    for entry in sorted(entries, key=lambda entry: entry.time):
        latest.pop(entry.key, None)  # a question stands where its latest entry does
        latest[entry.key] = entry
    articles: dict[str, _Article] = {}
    left_out: list[LeftOut] = []
    wrong = 0
    for key, entry in latest.items():
        if entry.verdict == "withdrawn":
            continue
        if entry.verdict == "wrong":
            wrong += 1
            continue
        places, answerable = _gold(entry)
        found = _document(places, answerable, document)
        if isinstance(found, str):
            left_out.append(LeftOut(entry.standalone_question, found))
            continue
        article = articles.setdefault(found.id, _Article(found))
        inside = [place for place in places if place.document_id == found.id] if answerable else []
        article.questions.append(
            {
                "id": hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16],
                "question": entry.standalone_question,
                "answers": [{"text": place.text, "answer_start": place.start} for place in inside],
                "is_impossible": not answerable,
            }
        )
    rows = [question for article in articles.values() for question in article.questions]
    data = {
        "version": "v2.0",
        "data": [
            {
                "title": article.document.title,
                "paragraphs": [{"context": article.document.text, "qas": article.questions}],
            }
            for article in articles.values()
        ],
    }
    unanswerable = sum(bool(row["is_impossible"]) for row in rows)
    return Collected(data, len(rows), unanswerable, wrong, tuple(left_out))


def _gold(entry: Entry) -> tuple[tuple[Place, ...], bool]:
    """Where the right words stand and whether there are any; without, the places say which document was looked at."""
    if entry.gold is not None:
        return (entry.gold,), True
    return entry.given.places, entry.verdict == "right" and entry.given.answer is not None


def _document(places: tuple[Place, ...], answerable: bool, document: Callable[[str], Document]) -> Document | str:
    """The document of the first place; in words, why it cannot be used."""
    if not places:
        return "no document was shown with it"
    first = places[0]
    try:
        found = document(first.document_id)
    except UnknownDocument:
        return f"{first.title} is no longer in the index"
    inside = [place for place in places if place.document_id == found.id]
    if any(place.sha256 != found.sha256 for place in inside):
        return f"{found.title} has changed since"
    # The same file may have been read by another version of Footnote, whose text is another.
    if answerable and any(found.text[place.start : place.end] != place.text for place in inside):
        return f"{found.title} has changed since"
    return found
