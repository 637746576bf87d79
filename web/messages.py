"""A conversation as the messages of the chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.errors import FootnoteError
from web import answers
from web.conversations import Conversation, Turn
from web.feedback import HasReader, feedback_mark
from web.page import Page

Message = dict[str, Any]
"""A message as gradio's chat takes it: ``role`` and ``content``."""

SHOWN = 40
"""Turns that a window shows of a longer conversation unless it is asked for all: each is drawn anew with every answer."""
BROKEN = "Something went wrong while answering. The terminal in which Footnote runs says more. Please ask again."
"""What is said of an error that nobody foresaw."""


@dataclass(frozen=True, slots=True)
class View:
    """What a window shows: the id of its conversation and the messages."""

    conversation_id: str
    messages: list[Message]


def asked(content: str) -> Message:
    """A message of the user."""
    return {"role": "user", "content": content}


def said(content: str) -> Message:
    """A message of Footnote."""
    return {"role": "assistant", "content": content}


class Messages:
    """Shows the conversations of one page."""

    def __init__(self, page: Page) -> None:
        """Show conversations about the documents of ``page``."""
        self._page = page

    def of(
        self, conversation: Conversation, titles: Mapping[str, str], *, whole: bool = False, room: int = SHOWN
    ) -> list[Message]:
        """The messages of the last ``room`` turns, or of all if ``whole``; ``titles`` are those of the documents by ids."""
        threshold = self._threshold()
        left_out = 0 if whole else max(0, len(conversation.turns) - room)
        messages: list[Message] = []
        if left_out + conversation.earlier:
            messages.append(said(answers.earlier_message(left_out + conversation.earlier, conversation.id)))
        for turn in conversation.turns[left_out:]:
            ref = f"{conversation.id}/{turn.id}"
            messages.append(asked(answers.question_message(turn.question, ref, answer_all=turn.answer_all)))
            if turn.answer is None:
                messages.append(said(answers.error_message(turn.error or BROKEN)))
                continue
            text = answers.answer_message(
                turn.answer,
                titles,
                threshold=threshold,
                ref=ref,
                answer_all=turn.answer_all,
                not_phrased=turn.not_phrased,
            )
            messages.append(said(text + self._mark(turn)))
        return messages

    def _mark(self, turn: Turn) -> str:
        """What lets an answer be called right or wrong, as long as it is remembered."""
        if not self._page.feedback.knows(turn.id):
            return ""
        return f"\n\n{feedback_mark(turn.id)}"

    def titles(self) -> dict[str, str]:
        """Titles of the documents by their ids; none where the index cannot be read."""
        try:
            return {document.id: document.title for document in self._page.documents()}
        except FootnoteError:
            return {}  # asking will say what is wrong with the index

    def _threshold(self) -> float | None:
        """Confidence that an answer needs, where the assistant tells."""
        try:
            assistant = self._page.assistant()
        except FootnoteError:
            return None
        return assistant.reader.threshold if isinstance(assistant, HasReader) else None
