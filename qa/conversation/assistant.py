"""Asking within a conversation."""

from collections.abc import Callable, Sequence
from typing import Protocol

from index import Filter, IndexMissing, QuestionError, UnknownDocument
from qa.assistant import check_question
from qa.conversation.approaches import DEFAULT, Approach, readings_by
from qa.conversation.pronouns import has_pronoun
from qa.conversation.readings import Standalone
from qa.conversation.talk import spoken
from qa.conversation.topics import ELSEWHERE, documents_about, goes_on, has_moved, names_something
from qa.conversation.turns import Conversation
from qa.conversation.ways import Way, settled, voted, ways
from qa.models import Answer, Timings

MARGIN = 0.1
"""How much surer of another reading's answer the reader has to be than of the likeliest one's, where all documents are asked; 0
to 0.2 did equally well on questions made from development files."""


class Asker(Protocol):
    """What is asked; :class:`qa.assistant.Assistant` does."""

    def ask(
        self,
        question: str,
        *,
        wording: str | None = None,
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
            read_as: the standalone question, if the user has corrected it or asks the same once more; else it is worked out.
            within, answer_all, on_stage: as for :meth:`qa.assistant.Assistant.ask`.

        Returns:
            The answer, whose ``standalone_question`` is what was read, and the conversation with this turn.

        Raises:
            QuestionError, IndexMissing, UnknownDocument: as :meth:`qa.assistant.Assistant.ask`.
        """
        asked = check_question(question)
        if read_as is None:
            readings = readings_by(self.approach, asked, conversation.turns)
            candidates = [one.question for one in readings]
        else:
            candidates = [check_question(read_as)]
            readings = (Standalone(asked, candidates[0], "reference"),)

        def ask(standalone: str, place: Filter | None, wording: str | None = None) -> Answer:
            return self.assistant.ask(
                standalone, wording=wording, within=place, answer_all=answer_all, on_stage=on_stage
            )

        found = None
        if self.approach == "chosen":
            found, spent = self._close(asked, readings, conversation, within, ask, given=read_as is not None)
        if found is None:
            found, spent = self._surest(candidates, lambda standalone: ask(standalone, within))
        answer = found.model_copy(update={"question": question, "timings_ms": _sum(spent)})
        return answer, conversation.after(answer)

    @staticmethod
    def _close(
        asked: str,
        readings: Sequence[Standalone],
        conversation: Conversation,
        within: Filter | None,
        ask: Callable[[str, Filter | None, str | None], Answer],
        *,
        given: bool,
    ) -> tuple[Answer | None, list[Timings]]:
        """The answer from what the last turns were about, or from elsewhere if the question turns out to be about something
        else, and what asking took; ``None`` if it has a name of its own or there is nothing that they were about.

        A reading that the user has ``given`` is put in no other way, and asked elsewhere in any case.
        """
        turns = spoken(conversation.turns)
        free, read = readings[0].question == asked, readings[0].question
        near = None if free and names_something(asked) else documents_about(turns, within)
        if near is None or (given and not free and not goes_on(read, turns)):
            return None, []
        answers: list[Answer] = []
        for way in [Way(read, read)] if given else ways(asked, readings, turns[-1]):
            try:
                answers.append(ask(way.question, near, way.text))
            except (UnknownDocument, IndexMissing):
                # The documents are gone.
                return None, []
            except QuestionError:
                # What is filled in or put in front may make a question too long; put in another way it need not be.
                continue
            if settled(answers):
                break
        if not answers:
            return None, []
        found, spent = voted(answers), [answer.timings_ms for answer in answers]
        leaning = not free or has_pronoun(asked)
        if given or found.abstained or not leaning:
            try:
                anywhere = ask(read, within, None)
            except QuestionError:
                return found, spent
            spent.append(anywhere.timings_ms)
            if leaning:
                surer = anywhere.confidence > found.confidence + ELSEWHERE
                # What the user says it means is not misread, so nothing speaks against the only answer that there is.
                moved = not anywhere.abstained and (surer or (given and found.abstained))
            else:
                moved = has_moved(found, anywhere, near.documents or ())
            found = anywhere if moved else found
        return found, spent

    @staticmethod
    def _surest(candidates: Sequence[str], ask: Callable[[str], Answer]) -> tuple[Answer, list[Timings]]:
        """The answer to the likeliest of ``candidates``, unless the reader is clearly surer of another; and what all took."""
        found = first = ask(candidates[0])
        spent = [first.timings_ms]
        for other in candidates[1:]:
            # Where the first reading is this sure, none can be so much surer that it is taken instead.
            if first.confidence + MARGIN >= 1:
                break
            answer = ask(other)
            spent.append(answer.timings_ms)
            if answer.confidence > max(first.confidence + MARGIN, found.confidence):
                found = answer
        return found, spent


def _sum(timings: Sequence[Timings]) -> Timings:
    return Timings(
        retrieve=sum(one.retrieve for one in timings),
        read=sum(one.read for one in timings),
        total=sum(one.total for one in timings),
    )
