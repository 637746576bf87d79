"""Sharing the processor with other work.

A niced process with two threads crawls as soon as one other process is busy: the thread beside it waits at every
barrier for the one that hardly runs. With one thread it gets a whole core. So the number of threads follows what
others do."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

STAT = Path("/proc/stat")


@dataclass
class Sharing:
    """How many threads to use next, out of ``most``, by how busy others kept the ``cores`` since the last call."""

    most: int
    cores: int
    _before: tuple[int, int] | None = field(default=None, init=False)

    def threads(self) -> int:
        """At least 1. Counts other processes that were not niced; where the system does not tell, ``most``."""
        now = busy_and_total()
        before, self._before = self._before, now
        if now is None or before is None or now[1] <= before[1]:
            return self.most
        others = self.cores * (now[0] - before[0]) / (now[1] - before[1])
        # Up to a quarter of a core is background noise and our own system calls.
        return max(1, self.most - int(others + 0.75))


def busy_and_total() -> tuple[int, int] | None:
    """Processor time that other un-niced processes have taken, and all time that passed, in ticks; None if not on Linux."""
    try:
        fields = [int(field) for field in STAT.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    except (OSError, ValueError):
        return None
    if len(fields) != 8:
        return None
    # Our own time is among that of the un-niced, unless we are niced ourselves.
    ours = 0 if os.nice(0) > 0 else round(os.times().user * os.sysconf("SC_CLK_TCK"))
    return fields[0] - ours, sum(fields)
