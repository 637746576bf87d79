"""The chat: what is asked in a window, what it shows, and the conversations that are kept.

A window knows nothing but the id of its conversation, so any number of them can be open without mixing. It sends that
id with each question, so it outlives a restart of Footnote; what it sends may be anything. What is shown is made anew
from the turns each time. A follow-up is understood from the turns of its own conversation and of no other. The answer
in the words of the source is shown and kept before an LLM, if there is one, gets to phrase it.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from index.errors import FootnoteError, InputError
from qa.models import Answer
from web import answers
from web.answering import STOPPED, Answering
from web.asking import AskingStopped
from web.conversations import Conversation, Turn
from web.escape import html_text, writable
from web.exporting import FORMATS, turn_text
from web.history import is_id, new_id
from web.messages import BROKEN, SHOWN, Message, Messages, View, asked, said
from web.page import Page

_log = logging.getLogger(__name__)

_STAGES = {
    "waiting": "Waiting for other questions …",
    "loading": "Getting ready …",
    "searching": "Searching …",
    "reading": "Reading …",
    "phrasing": "Phrasing …",
}
_UNANSWERED = (
    "The answer has not come: it may still be on its way, or the page was closed or reloaded before. "
    "Reload the page to see, or ask again."
)
_GONE = "This conversation is not there any more."
_EDITING = {
    "edit": "You are changing an earlier question; the turns after it will go.",
    "reread": "You are changing how the question was read; the turns after it will go.",
}
_UNEDIT = '<button class="fn-button fn-quiet" value="unedit">Cancel</button>'
_JUDGED = 50  # answers of a reopened conversation that can still be called right or wrong


class Chat:
    """The conversations of one page. Safe to use from several threads."""

    def __init__(self, page: Page) -> None:
        """Let people ask ``page``."""
        self.page = page
        self.history = page.history
        self._messages = Messages(page)
        self._answering = Answering(page)

    def ask(
        self,
        conversation_id: str,
        question: str,
        *,
        visitor: str | None = None,
        drop_from: str | None = None,
        drop_to: str | None = None,
        read_as: str | None = None,
        answer_all: bool = False,
        after: str | None = None,
    ) -> Iterator[View]:
        """Ask a question and show how far it is, then the answer, then how the user's LLM puts it.

        Args:
            conversation_id: of the conversation it belongs to; ``""``, and whatever is no id, begins one.
            question: what was asked.
            visitor: who asks, see :mod:`web.selection`; it decides which documents are asked.
            drop_from: id of the turn that is asked anew; it is dropped with those that follow it.
            drop_to: id of the last of them that was there when it was begun to be changed; later ones stay.
            read_as: how the question is to be read, when the user has said so.
            answer_all: give the best guess even if it is unlikely.
            after: id of the turn whose question is asked once more; it is understood from the turns before that one.
        """
        named = is_id(conversation_id)
        identity = conversation_id if named else new_id()
        # A browser can send half characters; neither the models nor the file nor the way back to it take them.
        question, read_as = writable(question), None if read_as is None else writable(read_as)
        try:
            # What is asked anew may be any turn; else only what is shown, and read for follow-ups, is needed.
            last = SHOWN if drop_from is None else None
            found = self.history.get(identity, last) if named else None
        except InputError as error:
            yield View(identity, [said(answers.error_message(str(error)))])
            return
        kept = Conversation(identity) if found is None else found
        before = kept.before(drop_from)
        titles = self._messages.titles()
        shown = [
            *self._messages.of(before, titles, room=SHOWN - 1),
            asked(answers.question_message(question, answer_all=answer_all)),
        ]
        turn = Turn(
            id=new_id(), asked_at=datetime.now(UTC), question=question, error=_UNANSWERED, answer_all=answer_all
        )
        # What was there when it was asked, and is not any more, was deleted meanwhile.
        begin, drop = found is None, (drop_from, drop_to) if before != kept else (None, None)
        if drop_to is not None and kept.turn(drop_to) is None:  # what a window sends may be anything
            drop = drop[0], None
        # It is kept before it is answered, for this ends where it waits when the window is closed, or Footnote is stopped;
        # and what is dropped is what was there when it was asked, not what another window has asked until it is answered.
        unkept = self._added(identity, turn, drop, begin=begin)
        try:
            for report in self._answering.answer(before.before(after), turn, visitor, read_as):
                if isinstance(report, Answer):
                    turn = turn.model_copy(update={"answer": report, "error": None})
                    self.page.feedback.remember(report, turn.id)
                else:
                    stage = _STAGES.get(report, report)
                    yield View(identity, [*shown, said(answers.stage_message(stage, f"{identity}/{turn.id}"))])
        except AskingStopped:
            turn = turn.model_copy(update={"error": STOPPED})
        except FootnoteError as error:
            turn = turn.model_copy(update={"error": str(error)})
        except Exception:  # the chat must go on; the terminal gets the traceback
            _log.exception("cannot answer")
            turn = turn.model_copy(update={"error": BROKEN})
        messages = self._messages.of(before.followed_by(turn), titles)
        # Not in its place but once more: it comes to the end if another window has dropped it meanwhile.
        trouble = self._added(identity, turn, drop if unkept else (None, None), begin=begin and bool(unkept))
        shown = [*messages, *trouble]
        for phrasing in self._answering.phrase(turn):
            if isinstance(phrasing, Turn):
                shown = [*self._messages.of(before.followed_by(phrasing), titles), *trouble]
                shown += self._replaced(identity, phrasing)
            else:  # under the answer, in its message: what is read aloud is the answer
                stage = answers.stage_message(_STAGES[phrasing], f"{identity}/{turn.id}")
                yield View(identity, [*messages[:-1], said(f"{messages[-1]['content']}\n\n{stage}"), *trouble])
        yield View(identity, shown)

    def send(self, conversation_id: str, text: str, editing: object, visitor: str | None = None) -> Iterator[View]:
        """Ask what stands in the question box; nothing when it is empty.

        Args:
            conversation_id: as for :meth:`ask`.
            text: what was typed.
            editing: what :meth:`edit` gave; anything else for a new question.
            visitor: as for :meth:`ask`.
        """
        how, turn_id, seen, *_ = f"{editing if isinstance(editing, str) else ''}///".split("/")
        if not text.strip():
            return
        try:
            turn = self.turn(conversation_id, turn_id)
        except InputError as error:
            yield View(conversation_id, [said(answers.error_message(str(error)))])
            return
        if turn is None:
            yield from self.ask(conversation_id, text, visitor=visitor)
            return
        question, read_as = (turn.question, text) if how == "reread" else (text, None)
        yield from self.ask(
            conversation_id, question, visitor=visitor, drop_from=turn.id, drop_to=seen, read_as=read_as
        )

    def edit(self, conversation_id: str, how: object) -> tuple[str, str, str]:
        """Begin to change a question.

        Args:
            conversation_id: where it stands.
            how: ``edit/<turn>`` to change the question, ``reread/<turn>`` what it was read as; anything else ends it.

        Returns:
            What :meth:`send` is to be given, a note on what will happen or why nothing can, as HTML, and what goes into the
            question box.
        """
        kind, _, turn_id = how.partition("/") if isinstance(how, str) else ("", "", "")
        try:
            conversation = self.history.get(conversation_id)
        except InputError as error:
            return "", f'<p class="editing">{html_text(str(error))}</p>', ""
        turn = None if conversation is None else conversation.turn(turn_id)
        if conversation is None or turn is None or kind not in _EDITING:
            return "", "", ""
        reread = kind == "reread" and turn.answer is not None
        text = turn.answer.standalone_question if reread and turn.answer is not None else turn.question
        return (
            f"{kind}/{turn_id}/{conversation.turns[-1].id}",
            f'<p class="editing">{_EDITING[kind]} {_UNEDIT}</p>',
            text,
        )

    def again(self, conversation_id: str, turn_id: str, visitor: str | None = None) -> Iterator[View]:
        """Ask the question of a turn once more, this time for an answer even if it is unlikely."""
        try:
            turn = self.turn(conversation_id, turn_id)
        except InputError as error:
            yield View(conversation_id, [said(answers.error_message(str(error)))])
            return
        if turn is None:
            yield View(conversation_id, [said(answers.error_message(_GONE))])
            return
        read_as = None if turn.answer is None else turn.answer.standalone_question
        yield from self.ask(
            conversation_id, turn.question, visitor=visitor, read_as=read_as, answer_all=True, after=turn.id
        )

    def stop(self, turn_id: object) -> None:
        """Stop what is being answered or phrased, which its button names; its window is told by the :meth:`ask` that runs."""
        self._answering.stop(turn_id)

    def open(self, conversation_id: object, *, whole: bool = False) -> View:
        """A conversation that was kept, as a window shows it, ``whole`` however long it is; an empty one for ``""``."""
        if conversation_id == "":
            return View("", [])
        try:
            conversation = self.history.get(conversation_id, None if whole else SHOWN)
        except InputError as error:
            return View("", [said(answers.error_message(str(error)))])
        if conversation is None:
            return View("", [said(answers.error_message(_GONE))])
        for turn in conversation.turns[-_JUDGED:]:
            if turn.answer is not None:
                self.page.feedback.remember(turn.answer, turn.id)
        return View(conversation.id, self._messages.of(conversation, self._messages.titles(), whole=whole))

    def turn(self, conversation_id: object, turn_id: object) -> Turn | None:
        """A turn of a conversation; ``None`` when either is not there.

        Raises:
            InputError: the conversation cannot be read.
        """
        if not isinstance(turn_id, str) or not turn_id:
            return None
        conversation = self.history.get(conversation_id)
        return None if conversation is None else conversation.turn(turn_id)

    def export(self, conversation_id: object, form: object, turn_id: object = None) -> str:
        """A conversation as a file, or one of its answers as text.

        Args:
            conversation_id: which.
            form: one of :data:`web.exporting.FORMATS`, or ``"text"`` for one answer.
            turn_id: the answer.

        Raises:
            InputError: there is no such conversation, form or answer.
        """
        conversation = self.history.get(conversation_id)
        if conversation is None:
            raise InputError(_GONE)
        if form == "text":
            turn = conversation.turn(turn_id) if isinstance(turn_id, str) else None
            if turn is None:
                raise InputError("This answer is not there any more.")
            return turn_text(turn)
        write: Callable[[Conversation], str] | None = FORMATS.get(form) if isinstance(form, str) else None
        if write is None:
            raise InputError("A conversation is exported as md, html or json.")
        return write(conversation)

    def _added(
        self, conversation_id: str, turn: Turn, drop: tuple[str | None, str | None], *, begin: bool
    ) -> list[Message]:
        """Keep a turn, as :meth:`web.history.History.add`; a message if that cannot be done."""
        try:
            self.history.add(conversation_id, turn, drop[0], drop_to=drop[1], begin=begin)
        except InputError as error:
            return [said(answers.error_message(str(error)))]
        return []

    def _replaced(self, conversation_id: str, turn: Turn) -> list[Message]:
        """Keep what has become of a turn; a message if that cannot be done."""
        try:
            self.history.replace(conversation_id, turn)
        except InputError as error:
            return [said(answers.error_message(str(error)))]
        return []
