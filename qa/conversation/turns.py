"""What a conversation remembers: its turns, and nothing of any other conversation."""

from collections.abc import Iterator
from dataclasses import dataclass

from qa.models import Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its answer.

    Attributes:
        answer: as the assistant gave it; its ``question`` is what was asked, its ``standalone_question`` what that was
            read as.
    """

    answer: Answer

    @property
    def question(self) -> str:
        """What was asked."""
        return self.answer.question

    @property
    def standalone(self) -> str:
        """What the question was read as."""
        return self.answer.standalone_question

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences that the cited spans stand in, each once, in the order of the citations."""
        return tuple(dict.fromkeys(citation.sentence.text for citation in self.answer.citations))

    @property
    def documents(self) -> tuple[str, ...]:
        """Ids of the documents cited, each once, in the order of the citations."""
        return tuple(dict.fromkeys(citation.document_id for citation in self.answer.citations))

    @property
    def about(self) -> tuple[str, ...]:
        """Ids of the documents cited, and of that of the passage found first, each once."""
        return tuple(dict.fromkeys([*self.documents, *(passage.document_id for passage in self.answer.passages[:1])]))


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns so far, oldest first. Immutable: :meth:`after` makes the next one, so conversations cannot mix."""

    turns: tuple[Turn, ...] = ()

    def after(self, answer: Answer) -> "Conversation":
        """This conversation with one more turn."""
        return Conversation((*self.turns, Turn(answer)))

    def __iter__(self) -> Iterator[Turn]:
        """The turns, oldest first."""
        return iter(self.turns)

    def __len__(self) -> int:
        """How many turns there were."""
        return len(self.turns)
