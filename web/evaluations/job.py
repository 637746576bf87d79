"""The run that is under way: one at a time, in a thread of its own, behind the questions of the chat."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from index.errors import FootnoteError, InputError

_log = logging.getLogger(__name__)

State = Literal["idle", "running", "done", "failed", "cancelled"]
Advance = Callable[[str, int, int], None]
"""Called with (what is being done, steps done, steps in all)."""

_NICENESS = 10  # so that the chat's own threads come first
_BROKEN = "Something went wrong. The terminal in which Footnote runs says more."


class _Cancelled(Exception):
    """Somebody asked the run to stop."""


@dataclass(frozen=True, slots=True)
class JobState:
    """How the run stands.

    Attributes:
        state: ``idle`` when there was none yet.
        title: what is run.
        stage: what is being done.
        done, total: steps of the stage; both 0 while they are not known.
        seconds_left: until the stage ends; ``None`` while too little is done to tell.
        message: why it failed.
        result: what the work gave, once it is done.
        stopping: whether it was asked to stop and has not stopped yet.
        number: of the run, from 1; a page that sees another number sees another run.
    """

    state: State = "idle"
    title: str = ""
    stage: str = ""
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    message: str = ""
    result: str | None = None
    stopping: bool = False
    number: int = 0


class Job:
    """Runs one piece of work at a time. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start idle; ``clock`` gives seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._ended.set()
        self._stop = False
        self._state: State = "idle"
        self._title, self._stage, self._message = "", "", ""
        self._done, self._total, self._number = 0, 0, 0
        self._began = 0.0
        self._result: str | None = None

    def start(self, title: str, work: Callable[[Advance], str]) -> JobState:
        """Begin.

        Args:
            title: what is run.
            work: does it and gives its result. It calls what it is given all along, which is where it is stopped.

        Raises:
            InputError: another run is under way.
        """
        with self._lock:
            if self._state == "running":
                raise InputError("Another evaluation is running. Wait until it is done, or cancel it.")
            self._state, self._title, self._stage, self._message = "running", title, "Getting ready", ""
            self._done, self._total, self._result, self._stop = 0, 0, None, False
            self._number += 1
            self._began = self._clock()
            self._ended.clear()
        threading.Thread(target=self._run, args=(work,), name="footnote-evaluate", daemon=True).start()
        return self.state()

    def cancel(self) -> None:
        """Ask the run to stop; nothing happens when there is none."""
        with self._lock:
            self._stop = True

    def wait(self, seconds: float) -> bool:
        """Wait until nothing runs, ``seconds`` at the most; whether that is so."""
        return self._ended.wait(seconds)

    def state(self) -> JobState:
        """How it stands."""
        with self._lock:
            running = self._state == "running"
            passed = self._clock() - self._began
            left = None
            if running and self._done >= 3 and passed >= 1.0:
                left = passed / self._done * (self._total - self._done)
            return JobState(
                state=self._state,
                title=self._title,
                stage=self._stage,
                done=self._done,
                total=self._total,
                seconds_left=left,
                message=self._message,
                result=self._result,
                stopping=running and self._stop,
                number=self._number,
            )

    def _advance(self, stage: str, done: int, total: int) -> None:
        with self._lock:
            if self._stop:
                raise _Cancelled
            if stage != self._stage or done == 0:
                self._stage, self._began = stage, self._clock()
            self._done, self._total = done, total

    def _run(self, work: Callable[[Advance], str]) -> None:
        _step_back()
        state: State = "failed"
        message, result = _BROKEN, None
        try:
            result = work(self._advance)
            state, message = "done", ""
        except _Cancelled:
            state, message = "cancelled", ""
        except FootnoteError as error:
            message = str(error)
        except Exception:  # the page must go on; the terminal gets the traceback
            _log.exception("cannot evaluate")
        finally:
            with self._lock:
                self._state, self._message, self._result = state, message, result
            self._ended.set()


def _step_back() -> None:
    """Let other threads of this process go first, where the system has priorities of single threads."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
