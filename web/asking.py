"""Asking in the background while the page shows how far it is."""

import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

from qa.models import Answer

Ask = Callable[[Callable[[str], None]], Answer]
"""Asks one question; it is given a function to call with the name of each stage."""


def ask_in_stages(ask: Ask) -> Iterator[str | Answer]:
    """Run ``ask`` in a thread of its own.

    Yields:
        The name of each stage when it begins, and last of all the answer.

    Raises:
        Whatever ``ask`` raises.
    """
    reports: SimpleQueue[str | Answer | BaseException] = SimpleQueue()

    def work() -> None:
        try:
            reports.put(ask(reports.put))
        except BaseException as error:  # raised again below, in the caller's thread
            reports.put(error)

    threading.Thread(target=work, name="footnote-ask", daemon=True).start()
    while True:
        report = reports.get()
        if isinstance(report, BaseException):
            raise report
        yield report
        if isinstance(report, Answer):
            return
