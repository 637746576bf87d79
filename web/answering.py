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
        self._running: dict[str, Asking] = {}  # by the id of the turn: windows may share a conversation
        self._lock = threading.Lock()

    def answer(
        self, before: Conversation, turn: Turn, visitor: str | None, read_as: str | None
    ) -> Iterator[str | Answer]:
        """Answer the question of ``turn`` as it reads after the turns ``before``, or as ``read_as`` says.

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
        turns = tuple(follow_ups.Turn(earlier.answer) for earlier in before.turns if earlier.answer is not None)

        def ask(on_stage: Callable[[str], None]) -> Answer:
            if self._page.loading:
                on_stage("loading")
            self._page.wait_until_loaded()
            within = self._page.library.within(visitor)
            if self._page.gate.waiting():
                on_stage("waiting")
            with self._page.gate.turn():
                answer, _ = reading.ask(
                    turn.question,
                    follow_ups.Conversation(turns),
                    read_as=read_as,
                    within=within,
                    answer_all=turn.answer_all,
                    on_stage=on_stage,
                )
                return answer

        yield from self._run(turn.id, ask)

    def phrase(self, turn: Turn) -> Iterator[str | Turn]:
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
            for report in self._run(turn.id, phrase):
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

    def stop(self, turn_id: object) -> None:
        """Stop answering or phrasing a turn."""
        with self._lock:
            asking = self._running.get(turn_id) if isinstance(turn_id, str) else None
        if asking is not None:
            asking.stop()

    def _run(self, turn_id: str, ask: Ask) -> Iterator[str | Answer]:
        """The stages of ``ask`` and what it gives; :meth:`stop` ends it."""
        asking = Asking(ask)
        with self._lock:
            self._running[turn_id] = asking
        try:
            yield from asking.stages()
        finally:
            with self._lock:
                del self._running[turn_id]
