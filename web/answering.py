"""Answering in the background: through the gate to the answer, then, if the user has an LLM, to how that puts it."""

import logging
import threading
from collections.abc import Callable, Iterator

from index.errors import InputError, PhrasingError
from qa import conversation as follow_ups
from qa.models import Answer
from web.asking import Ask, Asking, AskingStopped
from web.conversations import Conversation, Turn
from web.page import Page

_log = logging.getLogger(__name__)

STOPPED = "Stopped."
_BROKEN = "Something went wrong. The terminal in which Footnote runs says more."


class Answering:
    """What is being answered on one page. Safe to use from several threads."""

    def __init__(self, page: Page) -> None:
        """Answer from the documents of ``page``."""
        self._page = page
        self._running: dict[str, Asking] = {}
        self._lock = threading.Lock()

    def answer(
        self, before: Conversation, question: str, visitor: str | None, read_as: str | None, answer_all: bool
    ) -> Iterator[str | Answer]:
        """Answer ``question`` as it reads after the turns ``before``, or as ``read_as`` says.

        Yields:
            The stages, and last of all the answer.

        Raises:
            AskingStopped: it was stopped.
            FootnoteError: it cannot be answered.
        """
        assistant = self._page.assistant()
        if assistant is None or not self._page.documents():
            raise InputError(self._page.no_articles())
        reading = follow_ups.ConversationalAssistant(assistant)
        turns = tuple(follow_ups.Turn(turn.answer) for turn in before.turns if turn.answer is not None)

        def ask(on_stage: Callable[[str], None]) -> Answer:
            if self._page.loading:
                on_stage("loading")
            self._page.wait_until_loaded()
            within = self._page.library.within(visitor)
            if self._page.gate.waiting():
                on_stage("waiting")
            with self._page.gate.turn():
                answer, _ = reading.ask(
                    question,
                    follow_ups.Conversation(turns),
                    read_as=read_as,
                    within=within,
                    answer_all=answer_all,
                    on_stage=on_stage,
                )
                return answer

        yield from self._run(before.id, ask)

    def phrase(self, conversation_id: str, turn: Turn) -> Iterator[str | Turn]:
        """Have the answer of ``turn`` phrased, if there is an LLM and an answer.

        It takes as long as the LLM may take. The gate is not held meanwhile: the models of the page are free for others.

        Yields:
            The stage, and last of all the turn with its answer phrased, or with the reason why it was not.
        """
        phraser, answer = self._page.phraser, turn.answer
        if phraser is None or answer is None or answer.answer is None:
            return

        def phrase(on_stage: Callable[[str], None]) -> Answer:
            on_stage("phrasing")
            phrased = phraser.phrase(answer)
            return answer if phrased is None else answer.model_copy(update={"phrased": phrased})

        try:
            for report in self._run(conversation_id, phrase):
                yield turn.model_copy(update={"answer": report}) if isinstance(report, Answer) else report
            return
        except AskingStopped:
            reason = STOPPED
        except PhrasingError as error:
            reason = str(error)
        except Exception:  # the answer stands; the terminal gets the traceback
            _log.exception("cannot phrase")
            reason = _BROKEN
        yield turn.model_copy(update={"not_phrased": reason})

    def stop(self, conversation_id: object) -> None:
        """Stop what is being answered or phrased in a conversation."""
        with self._lock:
            asking = self._running.get(conversation_id) if isinstance(conversation_id, str) else None
        if asking is not None:
            asking.stop()

    def _run(self, conversation_id: str, ask: Ask) -> Iterator[str | Answer]:
        """The stages of ``ask`` and what it gives; :meth:`stop` ends it."""
        asking = Asking(ask)
        with self._lock:
            self._running[conversation_id] = asking
        try:
            yield from asking.stages()
        finally:
            with self._lock:
                if self._running.get(conversation_id) is asking:
                    del self._running[conversation_id]
