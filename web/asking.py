"""Asking in the background while the page shows how far it is, and stopping that."""

import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

from qa.models import Answer

Ask = Callable[[Callable[[str], None]], Answer]
"""Asks one question; it is given a function to call with the name of each stage."""


class AskingStopped(Exception):
    """The user does not want the answer any more."""


class Asking:
    """One question that is being answered. :meth:`stop` may be called from any thread."""

    def __init__(self, ask: Ask) -> None:
        """Answer with ``ask``, in a thread that :meth:`stages` begins."""
        self._ask = ask
        self._reports: SimpleQueue[str | Answer | BaseException] = SimpleQueue()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End it now for whoever waits, and for the models when the next stage would begin."""
        self._stopped.set()
        self._reports.put(AskingStopped())

    def stages(self) -> Iterator[str | Answer]:
        """Ask.

        Yields:
            The name of each stage when it begins, and last of all the answer.

        Raises:
            AskingStopped: it was stopped.
            Exception: whatever asking raises.
        """
        threading.Thread(target=self._work, name="footnote-ask", daemon=True).start()
        try:
            while True:
                report = self._reports.get()
                if isinstance(report, BaseException):
                    raise report
                yield report
                if isinstance(report, Answer):
                    return
        finally:
            self._stopped.set()  # nobody listens any more, whether it was answered or the window was closed

    def _work(self) -> None:
        try:
            self._reports.put(self._ask(self._on_stage))
        except BaseException as error:  # raised again in stages(), in the thread that waits
            self._reports.put(error)

    def _on_stage(self, stage: str) -> None:
        if self._stopped.is_set():
            raise AskingStopped
        self._reports.put(stage)


def ask_in_stages(ask: Ask) -> Iterator[str | Answer]:
    """As :meth:`Asking.stages`, for a question that nobody stops."""
    return Asking(ask).stages()
