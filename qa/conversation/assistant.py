"""Asking within a conversation."""

from collections.abc import Callable
from typing import Protocol

from index import Filter
from qa.assistant import check_question
from qa.conversation.approaches import DEFAULT, Approach, readings_by
from qa.conversation.turns import Conversation
from qa.models import Answer, Timings

MARGIN = 0.1
"""How much surer of another reading's answer the reader has to be than of the likeliest one's; 0 to 0.2 did equally well on
questions made from development files."""


class Asker(Protocol):
    """What is asked; :class:`qa.assistant.Assistant` does."""

    def ask(
        self,
        question: str,
        *,
        within: Filter | None = None,
        answer_all: bool = False,
        on_stage: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer one question that leans on no other."""


class ConversationalAssistant:
    """An assistant that understands follow-ups. It keeps no conversation itself, so one serves any number of them."""

    def __init__(self, assistant: Asker, approach: Approach = DEFAULT) -> None:
        """Answer with ``assistant``; ``approach`` tells how follow-ups are read."""
        self.assistant = assistant
        self.approach = approach

    def ask(
        self,
        question: str,
        conversation: Conversation,
        *,
        read_as: str | None = None,
        within: Filter | None = None,
        answer_all: bool = False,
        on_stage: Callable[[str], None] | None = None,
    ) -> tuple[Answer, Conversation]:
        """Answer one question in the light of the turns before it.

        Args:
            question: as it was asked.
            conversation: the turns before it.
            read_as: the standalone question, if the user has corrected it; else it is worked out.
            within, answer_all, on_stage: as for :meth:`qa.assistant.Assistant.ask`.

        Returns:
            The answer, whose ``standalone_question`` is what was read, and the conversation with this turn.

        Raises:
            QuestionError, IndexMissing, UnknownDocument: as :meth:`qa.assistant.Assistant.ask`.
        """
        asked = check_question(question)
        if read_as is None:
            candidates = [one.question for one in readings_by(self.approach, asked, conversation.turns)]
        else:
            candidates = [check_question(read_as)]

        def read(candidate: str) -> Answer:
            return self.assistant.ask(candidate, within=within, answer_all=answer_all, on_stage=on_stage)

        found = first = read(candidates[0])
        spent = first.timings_ms
        for other in candidates[1:]:
            # Where the first reading is this sure, none can be so much surer that it is taken instead.
            if first.confidence + MARGIN >= 1:
                break
            answer = read(other)
            spent = _sum(spent, answer.timings_ms)
            if answer.confidence > max(first.confidence + MARGIN, found.confidence):
                found = answer
        answer = found.model_copy(update={"question": question, "timings_ms": spent})
        return answer, conversation.after(answer)


def _sum(one: Timings, other: Timings) -> Timings:
    return Timings(retrieve=one.retrieve + other.retrieve, read=one.read + other.read, total=one.total + other.total)
