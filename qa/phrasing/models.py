"""The shapes of a phrased answer. Offsets are in code points of a document's canonical text."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Reason = Literal["no citation", "quote not in source", "number not in source", "name not in source"]
"""Why a sentence was struck."""


class _Shape(BaseModel):
    """Immutable, and strict about unknown fields. Not the base of qa.models, which imports this module."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Verbatim(_Shape):
    """Words of a document that a phrased sentence repeats: ``document.text[start:end] == text``.

    ``citation`` is the number of the source that they were found in. The sentence may have other white space, other shapes
    of quotation marks, and lack marks such as [1].
    """

    citation: int = Field(ge=1)
    document_id: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class PhrasedSource(_Shape):
    """What ``[number]`` stands for: the cited words, and so the same place as the citation of the answer."""

    number: int = Field(ge=1)
    document_id: str
    title: str
    page: int | None
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class PhrasedSentence(_Shape):
    """A sentence that the LLM wrote.

    Attributes:
        text: the sentence without its citation marks; a mark that stands for no source stays in it.
        citations: numbers of the sources it cites, each once, in the order of the text.
        struck: whether it failed a check and must not be shown as part of the answer.
        reason: what it failed; ``None`` exactly when it was not struck.
        verbatim: the words of it that the sources have just so; none when it was struck.
    """

    text: str
    citations: list[int]
    struck: bool
    reason: Reason | None
    verbatim: list[Verbatim]


class Phrased(_Shape):
    """An answer as an LLM put it, every sentence of it, the struck ones too.

    Attributes:
        model: name of the LLM.
        server: address it was asked at.
        sentences: in the order in which they were written; at least one.
        sources: what the numbers stand for, from 1 on without gaps.
    """

    model: str
    server: str
    sentences: list[PhrasedSentence] = Field(min_length=1)
    sources: list[PhrasedSource]

    @property
    def kept(self) -> list[PhrasedSentence]:
        """The sentences that passed."""
        return [sentence for sentence in self.sentences if not sentence.struck]
