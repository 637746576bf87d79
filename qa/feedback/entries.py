"""What is kept of one piece of feedback: a line of JSON.

Offsets are code points of a document's canonical text, as everywhere. What was asked, what was answered and with which
reader and threshold stand beside what the person said, so that an entry can be judged long after.
"""

import re
import unicodedata
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from qa.models import Answer, Frozen

Verdict = Literal["right", "wrong", "corrected", "no_answer", "withdrawn"]
"""``right``: the answer, or the refusal, is right. ``wrong``: it is not, and nothing more is known. ``corrected``: the right
words are ``gold``. ``no_answer``: the articles do not hold an answer. ``withdrawn``: earlier feedback no longer counts."""


class Place(Frozen):
    """Characters ``[start, end)`` of a document, the words there, and the hash of the file it was made from."""

    document_id: str
    title: str
    sha256: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class Given(Frozen):
    """What was answered.

    Attributes:
        answer: the words; ``None`` for a refusal.
        confidence: probability in 0..1 that the best answer is right.
        threshold: confidence in 0..1 below which the answer would be held back; ``None`` if it is not known.
        places: the citations of the answer; of a refusal the passage shown as the closest one, if there was any and its
            document was still there.
    """

    answer: str | None
    confidence: float = Field(ge=0, le=1)
    threshold: float | None = Field(default=None, ge=0, le=1)
    places: tuple[Place, ...] = ()


class ReaderFacts(Frozen):
    """Which reader gave the answer."""

    name: str
    version: str
    sha256: str


class Entry(Frozen):
    """One piece of feedback.

    Attributes:
        format: version of this form.
        id: of the entry.
        answer_id: of the answer, where the page keeps the conversation.
        time: when it was given.
        verdict: what was said.
        question: as it was typed.
        standalone_question: as it was looked for, with what a conversation leaves unsaid filled in.
        given: what was answered.
        gold: the right words; only of a correction, and then always.
        reader: what gave the answer; ``None`` if it is not known.
    """

    format: Literal[1] = 1
    id: str
    answer_id: str = ""
    time: AwareDatetime
    verdict: Verdict
    question: str
    standalone_question: str
    given: Given
    gold: Place | None = None
    reader: ReaderFacts | None = None

    @model_validator(mode="after")
    def _gold_of_corrections(self) -> "Entry":
        if (self.gold is not None) != (self.verdict == "corrected"):
            raise ValueError("gold goes with the verdict corrected, and with no other")
        return self

    @property
    def key(self) -> str:
        """What two entries on the same question share; later ones replace earlier ones."""
        return question_key(self.standalone_question)


def question_key(question: str) -> str:
    """``question`` without what does not change it: case, white space, marks at its end, and how characters are composed."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", question).casefold())
    return re.sub(r"[\s?.!]+$", "", " ".join(folded.split()))


def given_of(answer: Answer, threshold: float | None, titles: dict[str, tuple[str, str]]) -> Given:
    """What of an answer is kept.

    Args:
        answer: of the assistant.
        threshold: of its reader, if it is known.
        titles: title and hash of documents by their ids, for passages, which do not carry them; a passage of any other
            document, as of one that has been removed, is not kept.
    """
    places = [
        Place(
            document_id=citation.document_id,
            title=citation.title,
            sha256=citation.sha256,
            start=citation.start,
            end=citation.end,
            text=citation.text,
        )
        for citation in answer.citations
    ]
    if not places:
        for passage in answer.passages[:1]:
            if passage.document_id not in titles:
                continue  # a conversation may be opened long after one of its documents went
            title, sha256 = titles[passage.document_id]
            places.append(
                Place(
                    document_id=passage.document_id,
                    title=title,
                    sha256=sha256,
                    start=passage.start,
                    end=passage.end,
                    text=passage.text,
                )
            )
    return Given(answer=answer.answer, confidence=answer.confidence, threshold=threshold, places=tuple(places))


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now().astimezone()
