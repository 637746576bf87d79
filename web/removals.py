"""Removing documents in a way that can be undone for some seconds.

A removed document is hidden at once and leaves the index only when the time to undo is over. Until then it is in the index
as before, so nothing can lose it: undoing is forgetting the wish, and if Footnote is killed meanwhile the document is back
at the next start. Removing at once and adding again from a kept copy would lose it if that second step failed.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from index.errors import FootnoteError, IndexBusy

_log = logging.getLogger(__name__)

_BUSY_RETRIES = 5


@dataclass(slots=True)
class Removal:
    """Documents on their way out.

    Attributes:
        documents: SHA-256 of each document's source, by document id, when it was removed.
        titles: title of each, by document id.
        due: when they leave the index, on the monotonic clock.
        problem: why they could not be removed; then they are back.
    """

    documents: dict[str, str]
    titles: dict[str, str]
    due: float
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    leaving: bool = False
    problem: str | None = None

    @property
    def seconds_left(self) -> float:
        """How long it can still be undone."""
        return max(self.due - time.monotonic(), 0.0)


class Removals:
    """The removals that can still be undone. Safe to use from several threads."""

    def __init__(self, remove: Callable[[Mapping[str, str]], None], seconds: float) -> None:
        """Wait ``seconds``, then call ``remove`` with SHA-256 by document id."""
        self._remove = remove
        self.seconds = seconds
        self._pending: dict[str, Removal] = {}
        self._lock = threading.Lock()

    def add(self, documents: Mapping[str, tuple[str, str]]) -> Removal:
        """Hide documents now and remove them later; ``documents`` has (SHA-256, title) by id."""
        removal = Removal(
            {name: sha256 for name, (sha256, _) in documents.items()},
            {name: title for name, (_, title) in documents.items()},
            time.monotonic() + self.seconds,
        )
        with self._lock:
            self._pending[removal.id] = removal
        timer = threading.Timer(self.seconds, self._finish, [removal.id])
        timer.daemon = True
        timer.start()
        return removal

    def pending(self) -> list[Removal]:
        """Removals that can be undone, or that failed, oldest first."""
        with self._lock:
            return [removal for removal in self._pending.values() if not removal.leaving]

    def hidden(self) -> frozenset[str]:
        """Ids of documents that are not to be shown or asked."""
        with self._lock:
            return frozenset(
                name for removal in self._pending.values() if removal.problem is None for name in removal.documents
            )

    def undo(self, removal_id: str) -> bool:
        """Take a removal back; whether it was not too late."""
        with self._lock:
            removal = self._pending.get(removal_id)
            if removal is None or removal.leaving:
                return False
            del self._pending[removal_id]
            return True

    def keep(self, document_id: str) -> None:
        """Take one document out of every removal: it was added again meanwhile. A removal of nothing else is over."""
        with self._lock:
            for removal in list(self._pending.values()):
                if not removal.leaving:
                    removal.documents.pop(document_id, None)
                    removal.titles.pop(document_id, None)
                    if not removal.documents:
                        del self._pending[removal.id]

    def finish(self) -> None:
        """Carry out all removals now."""
        for removal in self.pending():
            self._finish(removal.id)

    def _finish(self, removal_id: str) -> None:
        with self._lock:
            removal = self._pending.get(removal_id)
            if removal is None or removal.leaving or removal.problem is not None:
                return
            removal.leaving = True
        problem: str | None = None
        try:
            self._try(removal.documents)
        except FootnoteError as error:
            problem = str(error)
        except Exception:  # this is a thread of its own; the terminal gets the traceback
            _log.exception("cannot remove documents")
            problem = "Something went wrong. The terminal in which Footnote runs says more."
        with self._lock:
            if problem is None:
                del self._pending[removal_id]
            else:
                removal.problem, removal.leaving = problem, False

    def _try(self, documents: Mapping[str, str]) -> None:
        """Remove; another process that keeps writing is waited for."""
        for left in reversed(range(_BUSY_RETRIES)):
            try:
                self._remove(documents)
                return
            except IndexBusy:
                if left == 0:
                    raise
