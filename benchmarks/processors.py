"""Giving every system of a benchmark the same processors. Imports nothing that starts threads."""

from __future__ import annotations

import os


def confine(cores: int) -> int:
    """Confine this process and those it starts to ``cores`` processors; returns how many it got.

    Called before any of the libraries is imported, because they look at their processors when they start.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
        cores = len(os.sched_getaffinity(0))
    os.environ.update({"OMP_NUM_THREADS": str(cores), "HF_HUB_OFFLINE": "1"})
    return cores
