"""Adding documents in the background: one job at a time, the others wait; how far each is, and stopping it."""

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from index.errors import FootnoteError
from index.ingest import Outcome

_log = logging.getLogger(__name__)

State = Literal["queued", "running", "done", "cancelled", "failed"]
_ENDED = ("done", "cancelled", "failed")
_REMEMBERED = 20  # jobs that have ended
_KEPT_RESULTS = 500  # of each kind; an archive can have a hundred thousand members
_RATE_SECONDS = 15.0  # the rate is that of the last quarter minute
_BROKEN = "Something went wrong. The terminal in which Footnote runs says more."


class QueueFull(FootnoteError):
    """Too many jobs are waiting."""


class Cancelled(Exception):
    """Raised inside a job that was asked to stop."""


@dataclass(slots=True)
class Job:
    """One job. Changed by its worker only, except for the wish to stop it.

    Attributes:
        title: what is added.
        state: how it stands.
        documents_total: documents to settle, as far as known; members of archives are counted one by one.
        counts: settled documents by kind (new, changed, unchanged, failed).
        results: the settled ones, newest last, of each kind the first 500.
        passages: passages embedded so far.
        doing: what is being done now, or why it failed.
        sample: whether it adds the sample article.
        notes: what is to be known of files beyond their documents.
    """

    title: str
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    state: State = "queued"
    documents_total: int = 0
    counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0, "unchanged": 0, "failed": 0})
    results: list[Outcome] = field(default_factory=list)
    passages: int = 0
    doing: str = ""
    sample: bool = False
    notes: list[str] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic
    _done_share: float = 0.0  # of the whole work
    _began: float | None = None
    _ended: float | None = None
    _ticks: "deque[tuple[float, int]]" = field(default_factory=deque)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def documents_done(self) -> int:
        """How many documents are settled."""
        return sum(self.counts.values())

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in _ENDED

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop but has not stopped yet."""
        return self._stop.is_set() and not self.ended

    def check(self) -> None:
        """Raise ``Cancelled`` when it was asked to stop."""
        if self._stop.is_set():
            raise Cancelled

    def stop(self) -> None:
        """Ask it to stop."""
        self._stop.set()

    def begin(self) -> None:
        """The work begins."""
        self.state = "running"
        self._began = self.clock()
        self._ticks.append((self._began, 0))

    def end(self, state: State) -> None:
        """The work has ended."""
        self._ended = self.clock()
        self.state = state

    def settle(self, outcome: Outcome) -> None:
        """One document is settled."""
        self.counts[outcome.kind] += 1
        if self.counts[outcome.kind] <= _KEPT_RESULTS:
            self.results.append(outcome)

    def advance(self, share: float, passages: int = 0) -> None:
        """``share`` of the whole work is done, 0..1, and so many more passages are embedded."""
        now = self.clock()
        self._done_share = max(self._done_share, min(share, 1.0))
        self.passages += passages
        if passages:
            self._ticks.append((now, self.passages))
            while len(self._ticks) > 2 and now - self._ticks[0][0] > _RATE_SECONDS:
                self._ticks.popleft()

    @property
    def share(self) -> float:
        """How much of the work is done, 0..1."""
        return 1.0 if self.state == "done" else self._done_share

    @property
    def passages_per_second(self) -> float | None:
        """Passages a second lately; of a job that has ended, on the whole. ``None`` before there are any."""
        if not self.passages or self._began is None:
            return None
        if self._ended is not None:
            return self.passages / max(self._ended - self._began, 1e-3)
        first, last = self._ticks[0], self._ticks[-1]
        return (last[1] - first[1]) / max(last[0] - first[0], 1e-3) if last[1] > first[1] else None

    @property
    def seconds(self) -> float:
        """How long it has been running, in seconds."""
        if self._began is None:
            return 0.0
        return (self.clock() if self._ended is None else self._ended) - self._began

    @property
    def seconds_left(self) -> float | None:
        """How long it will take by the share of bytes done; ``None`` while too little is done to tell."""
        if self.state != "running" or self._done_share < 0.01 or self.seconds < 1:
            return None
        return self.seconds * (1 - self._done_share) / self._done_share


class JobQueue:
    """Runs one job at a time in a thread of its own. Safe to use from several threads."""

    def __init__(self, waiting: int = 8) -> None:
        """Let ``waiting`` jobs wait at the most."""
        self._waiting = waiting
        self._queue: deque[tuple[Job, Callable[[Job], None], Callable[[], None]]] = deque()
        self._jobs: list[Job] = []
        self._changed = threading.Condition()
        self._worker: threading.Thread | None = None

    def submit(self, job: Job, work: Callable[[Job], None], cleanup: Callable[[], None]) -> Job:
        """Queue a job.

        Args:
            job: stands for it.
            work: does it; may raise ``Cancelled`` and ``FootnoteError``.
            cleanup: called once it has ended, also when it never began.

        Raises:
            QueueFull: too many are waiting; then ``cleanup`` has been called.
        """
        with self._changed:
            full = len(self._queue) >= self._waiting
            if not full:
                self._queue.append((job, work, cleanup))
                self._jobs.append(job)
                if self._worker is None:
                    self._worker = threading.Thread(target=self._run, name="footnote-add", daemon=True)
                    self._worker.start()
                self._changed.notify_all()
        if full:
            cleanup()
            raise QueueFull(
                f"{self._waiting} uploads are waiting already. Wait until one is done or cancel one, then add again."
            )
        return job

    def jobs(self) -> list[Job]:
        """Jobs that run or wait, and the last ones that have ended, oldest first."""
        with self._changed:
            return list(self._jobs)

    def cancel(self, job_id: str) -> bool:
        """Stop a job, or forget one that has ended; whether there is one of that id."""
        with self._changed:
            job = next((job for job in self._jobs if job.id == job_id), None)
            if job is None:
                return False
            if job.ended:
                self._jobs.remove(job)
                return True
            job.stop()
            waiting = next((entry for entry in self._queue if entry[0] is job), None)
            if waiting is not None:
                self._queue.remove(waiting)
                job.end("cancelled")
        if waiting is not None:
            waiting[2]()
        return True

    def wait(self, timeout: float) -> bool:
        """Wait until all jobs have ended, ``timeout`` seconds at the most; whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: all(job.ended for job in self._jobs), timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._queue))
                job, work, cleanup = self._queue.popleft()
                job.begin()
            state: State = "done"
            try:
                work(job)
            except Cancelled:
                state = "cancelled"
            except FootnoteError as error:
                state, job.doing = "failed", str(error)
            except Exception:  # the next job must be able to run; the terminal gets the traceback
                _log.exception("cannot add documents")
                state, job.doing = "failed", _BROKEN
            finally:
                cleanup()
            with self._changed:
                job.end(state)
                for old in [job for job in self._jobs if job.ended][:-_REMEMBERED]:
                    self._jobs.remove(old)
                self._changed.notify_all()
