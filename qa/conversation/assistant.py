"""Asking within a conversation."""

from collections.abc import Callable

from index import Filter
from qa.assistant import Assistant, check_question
from qa.conversation.standalone import standalone
from qa.conversation.turns import Conversation
from qa.models import Answer


class ConversationalAssistant:
    """An assistant that understands follow-ups. It keeps no conversation itself, so one serves any number of them."""

    def __init__(self, assistant: Assistant) -> None:
        """Answer with ``assistant``."""
        self.assistant = assistant

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
        read = standalone(asked, conversation.turns).question if read_as is None else check_question(read_as)
        found = self.assistant.ask(read, within=within, answer_all=answer_all, on_stage=on_stage)
        answer = found.model_copy(update={"question": question})
        return answer, conversation.after(answer)
