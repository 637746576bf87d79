"""A bounded queue in front of the models: a few questions at a time, some waiting, the rest told to come back."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from index.errors import TooManyQuestions

RUNNING = 2
"""Questions that are answered at the same time; more only take each other's processor."""
WAITING = 30
"""Questions that may wait for their turn."""
RETRY_SECONDS = 5
"""When to come back after being turned away."""


class Gate:
    """Lets ``running`` callers in at a time, in the order they came. Safe to use from several threads."""

    def __init__(self, running: int = RUNNING, waiting: int = WAITING) -> None:
        """Let ``running`` in at a time and ``waiting`` more wait."""
        self._running = running
        self._waiting = waiting
        self._inside = 0
        self._line: deque[object] = deque()
        self._moved = threading.Condition()

    def waiting(self) -> int:
        """How many are waiting for their turn."""
        with self._moved:
            return len(self._line)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, and have it for the length of a ``with`` block.

        Raises:
            TooManyQuestions: as many as may wait are waiting already.
        """
        ticket = object()
        with self._moved:
            if self._inside >= self._running and len(self._line) >= self._waiting:
                raise TooManyQuestions("Too many questions are waiting for an answer just now. Try again in a moment.")
            self._line.append(ticket)
            try:
                self._moved.wait_for(lambda: self._inside < self._running and self._line[0] is ticket)
            finally:
                self._line.remove(ticket)
            self._inside += 1
            self._moved.notify_all()  # there may be room for the next one too
        try:
            yield
        finally:
            with self._moved:
                self._inside -= 1
                self._moved.notify_all()
