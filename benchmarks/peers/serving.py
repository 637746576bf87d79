"""The talk between the benchmark and a system: one JSON object a line, a task in, an answer out.

A task is ``{"question": str, "passages": [str, ...]}``, best passage first; for the baseline of sentences it is
``{"question": str, "within": [int, ...] or null}``. An answer is::

    {"answer": str, "refused": bool, "confidence": float or null, "passage": int or null, "start": int or null,
     "end": int or null, "seconds": float, "error": str or null}

``answer`` is the best one, also where the system's own settings would have held it back (``refused``); empty if there is
none. ``confidence`` lies in 0..1. ``[start, end)`` are characters of that passage, ``null`` where a system does not tell.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

Task = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """What a system says to a task; see the module's description."""

    answer: str = ""
    refused: bool = False
    confidence: float | None = None
    passage: int | None = None
    start: int | None = None
    end: int | None = None
    error: str | None = None


def serve(packages: tuple[str, ...], answer: Callable[[Task], Found]) -> None:
    """Answer the tasks on standard input until it ends. The first line out names the versions of ``packages``."""
    # Libraries may print; only answers belong on standard output.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    _put(out, {"versions": {name: version(name) for name in packages}})
    for line in sys.stdin:
        task = json.loads(line)
        began = time.perf_counter()
        found = answer(task)
        _put(out, {**asdict(found), "seconds": time.perf_counter() - began})


def _put(out: Any, message: dict[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()
