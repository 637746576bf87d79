"""The shapes of the contract: what ``qa ask --json`` prints and what the web page shows.

Offsets are in code points of a document's canonical text, and ``document.text[start:end] == text`` holds for every
citation and passage. Confidences lie in 0..1, times are in milliseconds.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from qa.phrasing.models import Phrased

Agreement = Literal["single", "same", "list", "differing"]
"""How the claims of an answer relate: one at one place; one that stands in several places; several answers that all hold;
answers to the same question that exclude each other."""


class Frozen(BaseModel):
    """Base of the contract's shapes: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sentence(Frozen):
    """The sentence or sentences that a cited span stands in."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class Citation(Frozen):
    """The exact words of a source that an answer came from."""

    document_id: str
    title: str
    source: str
    sha256: str
    page: int | None
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str
    sentence: Sentence
    score: float


class Alternative(Frozen):
    """Another candidate answer."""

    answer: str
    confidence: float = Field(ge=0, le=1)
    citations: list[Citation]


class Claim(Frozen):
    """One answer and who says so.

    Attributes:
        answer: the words of the best place.
        speaker: the words that name who says so there, or at the first other place in that document that names somebody;
            ``None`` when the article itself does.
        citations: the places, at least one, the best first.
        speakers: for each citation the words that name who says so there, or ``None``.
        dates: for each citation the date of its document (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``), or ``None``.
        confidence: probability in 0..1 that this answers the question.
        newest: whether it stands in the newest document, where the documents of all claims have different dates.
    """

    answer: str
    speaker: Citation | None
    citations: list[Citation] = Field(min_length=1)
    speakers: list[Citation | None]
    dates: list[str | None]
    confidence: float = Field(ge=0, le=1)
    newest: bool = False


class PassageHit(Frozen):
    """A passage that was searched for the answer, best first."""

    document_id: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    score: float
    text: str


class Timings(Frozen):
    """How long the parts of an answer took, in milliseconds."""

    retrieve: float = Field(ge=0)
    read: float = Field(ge=0)
    total: float = Field(ge=0)


class Answer(Frozen):
    """The answer to one question. ``answer`` is ``None`` exactly when ``abstained``; then ``reason`` says why.

    ``claims`` are all answers with their speakers, the best first, and ``agreement`` tells how they relate; there are none
    when the question was refused. ``answer`` and ``citations`` are the best one, and ``confidence`` is its. It is below the
    reader's threshold where claims differ and only one of them, whichever, is likely enough right.
    ``standalone_question`` is what a follow-up means, standing alone; it may have been read with the last answer in front.
    ``phrased`` is what the user's LLM made of it, if there is one and it was asked.
    """

    question: str
    standalone_question: str
    answer: str | None
    confidence: float = Field(ge=0, le=1)
    abstained: bool
    reason: str | None
    citations: list[Citation]
    alternatives: list[Alternative]
    passages: list[PassageHit]
    timings_ms: Timings
    claims: list[Claim] = []
    agreement: Agreement = "single"
    phrased: Phrased | None = None
