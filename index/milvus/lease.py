"""One writer at a time: the right to change an index, held for a while and prolonged.

Milvus has no locks, but who reads sees every write that ended before. So a writer puts down a row and then looks: whoever
sees the row of another one that has not run out takes its own back and waits for a random time. Two who begin at once may
both step back, but never both go on. The row of a process that died runs out by itself. Clocks of machines that write to one
index must agree to within half a minute.
"""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from index.errors import IndexBusy
from index.milvus.engine import Engine
from index.milvus.rows import bookkeeping_row

SECONDS = 120.0
"""For how long the right is held without being prolonged."""
_WAIT_SECONDS = 30.0
_BUSY = "Another process is writing to the index. Wait for it to finish and try again."

# Threads of this process wait for one another here; milvus-lite would mix up writes of two at once.
_guard = threading.Lock()
_turns: dict[str, threading.Lock] = {}


class Lease:
    """The right to change one index, until it runs out."""

    def __init__(self, engine: Engine, records: str) -> None:
        """Not held yet."""
        self._engine = engine
        self._records = records
        self._row = ""
        self._until = 0.0

    def take(self) -> bool:
        """Try to get it; whether that worked."""
        if self._others():
            return False
        self._put()
        if self._others():
            self.give_back()
            return False
        self._engine.delete(self._records, f'kind == "lease" and key < {_milliseconds(time.time())}')
        return True

    def prolong(self) -> None:
        """Hold it on, when half of its time is over. Call it now and then during long work.

        Raises:
            IndexBusy: it has run out.
        """
        if self._until - time.time() > SECONDS / 2:
            return
        self.check()
        former = self._row
        self._put()
        self._engine.delete(self._records, f'pk == "{former}"')

    def check(self) -> None:
        """Make sure that it is still held, for long enough to finish.

        Raises:
            IndexBusy: it has run out, so another process may be writing.
        """
        if self._until - time.time() < SECONDS / 10 or not self._engine.count(self._records, f'pk == "{self._row}"'):
            raise IndexBusy(
                "Writing took so long that another process may have begun to write. Nothing was changed; run it again."
            )

    def give_back(self) -> None:
        """Let others write."""
        self._engine.delete(self._records, f'pk == "{self._row}"')

    def _put(self) -> None:
        self._until = time.time() + SECONDS
        row = bookkeeping_row("lease", str(uuid4()), _milliseconds(self._until), 0)
        self._engine.insert(self._records, [row])
        self._row = row["pk"]

    def _others(self) -> bool:
        now = _milliseconds(time.time())
        return bool(
            self._engine.query(self._records, f'kind == "lease" and key >= {now} and pk != "{self._row}"', ["pk"])
        )


def _milliseconds(moment: float) -> int:
    """Seconds since 1970 as a whole number, which Milvus compares exactly."""
    return round(moment * 1000)


@contextmanager
def held_lease(engine: Engine, records: str) -> Iterator[Lease]:
    """The right to change the index with that collection of records, for as long as the block lasts.

    Raises:
        IndexBusy: others held it for 30 seconds.
    """
    with _guard:
        turn = _turns.setdefault(engine.address.key, threading.Lock())
    if not turn.acquire(timeout=_WAIT_SECONDS):
        raise IndexBusy(_BUSY)
    try:
        lease = Lease(engine, records)
        if engine.address.file is not None:
            # milvus-lite lets in one process at a time: what another put down, it left behind.
            engine.delete(records, 'kind == "lease"')
        deadline = time.monotonic() + _WAIT_SECONDS
        while not lease.take():
            if time.monotonic() > deadline:
                raise IndexBusy(_BUSY)
            time.sleep(random.uniform(0.05, 0.5))  # noqa: S311 - no secret, only not all at once
        try:
            yield lease
        finally:
            lease.give_back()
    finally:
        turn.release()
