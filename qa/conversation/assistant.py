"""Asking within a conversation."""

from collections.abc import Callable

from index import Filter
from qa.assistant import Assistant, check_question
from qa.conversation.approaches import DEFAULT, Approach, readings_by
from qa.conversation.turns import Conversation
from qa.models import Answer


class ConversationalAssistant:
    """An assistant that understands follow-ups. It keeps no conversation itself, so one serves any number of them."""

    def __init__(self, assistant: Assistant, approach: Approach = DEFAULT) -> None:
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
        answers = [
            self.assistant.ask(one, within=within, answer_all=answer_all, on_stage=on_stage) for one in candidates
        ]
        # Of equal ones the first, which is the likeliest by the rules.
        found = max(answers, key=lambda answer: answer.confidence)
        answer = found.model_copy(update={"question": question})
        return answer, conversation.after(answer)
