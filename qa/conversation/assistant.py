"""Asking within a conversation."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from index import Filter, IndexMissing, UnknownDocument
from qa.assistant import check_question
from qa.conversation.approaches import DEFAULT, Approach, readings_by
from qa.conversation.mentions import mentions_in
from qa.conversation.pronouns import has_pronoun
from qa.conversation.turns import Conversation
from qa.models import Answer, Timings

MARGIN = 0.1
"""How much surer of another reading's answer the reader has to be than of the likeliest one's; 0 to 0.2 did equally well on
questions made from development files."""


TOPIC_MARGIN = 0.2
"""How much surer the reader has to be of an answer from elsewhere than of one from the documents of the last answer, for a
question that names nothing."""
RECENT = 2
"""How many turns back the documents of an answer are still looked in."""


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

        near = None if read_as is not None or self.approach != "chosen" else _near(conversation, within)

        def read(candidate: str) -> Answer:
            def ask(place: Filter | None) -> Answer:
                return self.assistant.ask(candidate, within=place, answer_all=answer_all, on_stage=on_stage)

            if near is None or names_something(candidate):
                return ask(within)
            try:
                close = ask(near)
            except (UnknownDocument, IndexMissing):
                # The document of the last answer is gone.
                return ask(within)
            if candidate != asked or has_pronoun(candidate):
                return close
            free = ask(within)
            moved = free.confidence > close.confidence + TOPIC_MARGIN or (close.abstained and not free.abstained)
            both = _sum(close.timings_ms, free.timings_ms)
            return (free if moved else close).model_copy(update={"timings_ms": both})

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


def names_something(question: str) -> bool:
    """Whether ``question`` has a name, so that it can be asked of everything; a number or a time is none."""
    return any(mention.named and mention.kind not in ("number", "time") for mention in mentions_in(question))


def _near(conversation: Conversation, within: Filter | None) -> Filter | None:
    """The documents of the last answer, as far as ``within`` takes them in; ``None`` if there are none.

    "When was the stadium built?" is asked of the article that spoke of the stadium, not of every stadium.
    """
    documents = next((turn.documents for turn in conversation.turns[: -RECENT - 1 : -1] if turn.documents), ())
    allowed = Filter() if within is None else within
    if allowed.documents is not None:
        documents = tuple(document for document in documents if document in allowed.documents)
    return replace(allowed, documents=documents) if documents else None


def _sum(one: Timings, other: Timings) -> Timings:
    return Timings(retrieve=one.retrieve + other.retrieve, read=one.read + other.read, total=one.total + other.total)
