"""Feedback on the answers of the chat: what may be said about which answer, and keeping it.

Every answer shown gets an id, which stands in its message (``#feedback/<id>``); what was answered is remembered here, so
that the browser sends nothing but the id and what the person said. The words of a correction come back as offsets and as
text; they are kept only if both say the same of the document as it is now.
"""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from index.documents import DocumentSummary
from index.errors import IndexMissing, InputError
from qa.feedback import (
    Collected,
    Entry,
    FeedbackStore,
    Given,
    Place,
    ReaderFacts,
    Verdict,
    collect_feedback,
    folder_beside,
)
from qa.feedback.entries import given_of, now
from qa.models import Answer, Frozen
from web.escape import writable

if TYPE_CHECKING:
    from web.page import Asker

REMEMBERED = 2_000
"""Answers that can still be judged, at about 1 KB each; the oldest are forgotten first."""
MAX_WORDS = 2_000
"""Longest correction in characters."""

_FORGOTTEN = (
    "This answer was given before Footnote was last started. Ask the question again, then say what you think of it."
)


@runtime_checkable
class HasReader(Protocol):
    """An assistant that tells about its reader."""

    @property
    def reader(self) -> "DescribedReader":
        """What gives the answers."""
        ...


class DescribedReader(Protocol):
    """What is kept about a reader."""

    @property
    def threshold(self) -> float:
        """Confidence in 0..1 below which it abstains."""
        ...

    def describe(self) -> dict[str, str]:
        """Name, version and fingerprint."""
        ...


@runtime_checkable
class HasLocation(Protocol):
    """An index that is kept somewhere."""

    @property
    def location(self) -> str:
        """Where: a folder or an address."""
        ...


class Remembered(Frozen):
    """An answer that was shown."""

    question: str
    standalone_question: str
    given: Given
    reader: ReaderFacts | None


class Feedback:
    """The feedback on one page's answers. Safe to use from several threads."""

    def __init__(self, assistant: "Callable[[], Asker | None]", remembered: int = REMEMBERED) -> None:
        """Keep feedback beside the index of what ``assistant`` gives; nothing is kept while that is ``None``."""
        self._assistant = assistant
        self._limit = remembered
        self._answers: OrderedDict[str, bytes] = OrderedDict()  # as JSON: objects would take six times as much
        self._lock = threading.Lock()
        self._store: FeedbackStore | None = None
        self._said: dict[str, Verdict] = {}  # by the id of the answer, as the file told when it had this stamp
        self._stamp: tuple[int, int] | None = None

    def remember(self, answer: Answer, answer_id: str | None = None) -> str | None:
        """Note an answer that is about to be shown.

        Args:
            answer: what is shown.
            answer_id: its id, if it has one from before.

        Returns:
            Its id, for :func:`feedback_mark`; ``None`` where feedback cannot be kept.
        """
        assistant = self._assistant()
        if assistant is None or not isinstance(assistant.index, HasLocation):
            return None
        threshold, facts = None, None
        if isinstance(assistant, HasReader):
            threshold = assistant.reader.threshold
            told = assistant.reader.describe()
            facts = ReaderFacts(name=told["name"], version=told["version"], sha256=told["sha256"])
        titles: dict[str, tuple[str, str]] = {}
        if not answer.citations and answer.passages:
            titles = _titles(assistant.index.documents(), answer.passages[0].document_id)
        given = given_of(answer, threshold, titles)
        identity = uuid.uuid4().hex if answer_id is None else answer_id
        remembered = Remembered(
            question=writable(answer.question),
            standalone_question=writable(answer.standalone_question),
            given=given,
            reader=facts,
        )
        kept = remembered.model_dump_json().encode()
        with self._lock:
            self._answers[identity] = kept
            self._answers.move_to_end(identity)
            while len(self._answers) > self._limit:
                self._answers.popitem(last=False)
        return identity

    def knows(self, answer_id: str) -> bool:
        """Whether an answer can still be judged."""
        with self._lock:
            return answer_id in self._answers

    def about(self, answer_id: str) -> Remembered:
        """What was answered.

        Raises:
            InputError: no answer of that id is remembered.
        """
        with self._lock:
            if answer_id not in self._answers:
                raise InputError(_FORGOTTEN)
            kept = self._answers[answer_id]
        return Remembered.model_validate_json(kept)

    def give(self, answer_id: str, verdict: Verdict, selected: tuple[str, int, int, str] | None = None) -> Entry:
        """Keep what a person said about an answer; it is on the disk when this returns.

        Args:
            answer_id: of :meth:`remember`.
            verdict: what was said.
            selected: of a correction the document, the characters ``[start, end)`` and the words there; white space at
                either end is left out of what is kept.

        Raises:
            InputError: no such answer is remembered, the words are not there, or it cannot be written.
            UnknownDocument: the document is gone.
        """
        answer = self.about(answer_id)
        if (selected is not None) != (verdict == "corrected"):
            raise InputError("Select the right words in the article, and send them as a correction.")
        entry = Entry(
            id=uuid.uuid4().hex,
            answer_id=answer_id,
            time=now(),
            verdict=verdict,
            question=answer.question,
            standalone_question=answer.standalone_question,
            given=answer.given,
            gold=None if selected is None else self._selected(*selected),
            reader=answer.reader,
        )
        self._kept().add(entry)
        return entry

    def said(self, answer_ids: Iterable[str]) -> dict[str, Verdict]:
        """What was said last about each of these answers; those that nothing counts about are left out.

        Raises:
            InputError: the feedback cannot be read.
        """
        store = self._kept()
        stamp = store.stamp()  # another page may write to the same file
        with self._lock:
            if stamp != self._stamp:
                # By time, as what is collected: a copied index may have added older ones to the end.
                entries = sorted(store.read().entries, key=lambda entry: entry.time)
                self._said, self._stamp = {entry.answer_id: entry.verdict for entry in entries}, stamp
            known = {answer_id: self._said.get(answer_id) for answer_id in answer_ids}
        return {name: verdict for name, verdict in known.items() if verdict is not None and verdict != "withdrawn"}

    def collected(self) -> tuple[Collected, tuple[str, ...]]:
        """The data set that the feedback amounts to, and a line about each entry that cannot be read.

        Raises:
            IndexMissing: there is no index.
            InputError: the feedback cannot be read.
        """
        assistant = self._assistant()
        if assistant is None:
            raise IndexMissing("There is no index yet. Add articles with: qa add PATH")
        kept = self._kept().read()
        return collect_feedback(kept.entries, assistant.index.document), kept.faults

    def _kept(self) -> FeedbackStore:
        assistant = self._assistant()
        if assistant is None or not isinstance(assistant.index, HasLocation):
            raise InputError("There is no index folder to keep feedback in.")
        with self._lock:
            if self._store is None:
                self._store = FeedbackStore(folder_beside(assistant.index.location, "feedback"))
            return self._store

    def _selected(self, document_id: str, start: int, end: int, text: str) -> Place:
        assistant = self._assistant()
        if assistant is None:
            raise InputError("There are no articles any more.")
        document = assistant.index.document(document_id)
        # A browser cannot show the character NUL; the panel has another in its place.
        shown = document.text[start:end].replace("\0", "\N{REPLACEMENT CHARACTER}")
        if not 0 <= start < end <= len(document.text) or shown != text:
            raise InputError("The article has changed since it was opened. Open it again, then select the words.")
        words = document.text[start:end]
        start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
        if start >= end:
            raise InputError("Only white space is selected. Select the words that answer the question.")
        if end - start > MAX_WORDS:
            raise InputError(f"{end - start:,} characters are selected; an answer has at most {MAX_WORDS:,}.")
        return Place(
            document_id=document.id,
            title=document.title,
            sha256=document.sha256,
            start=start,
            end=end,
            text=document.text[start:end],
        )


def feedback_mark(answer_id: str) -> str:
    """What goes into an answer's message for the page's script to put buttons beside it: a link that is not shown."""
    return f"[Feedback](#feedback/{answer_id})"


def _titles(documents: list[DocumentSummary], wanted: str) -> dict[str, tuple[str, str]]:
    return {document.id: (document.title, document.sha256) for document in documents if document.id == wanted}
