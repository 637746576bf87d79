"""The shapes of the contract: what ``qa ask --json`` prints and what the web page shows.

Offsets are in code points of a document's canonical text, and ``document.text[start:end] == text`` holds for every
citation and passage. Confidences lie in 0..1, times are in milliseconds.
"""

from pydantic import BaseModel, ConfigDict, Field


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
    """The answer to one question. ``answer`` is ``None`` exactly when ``abstained``; then ``reason`` says why."""

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
