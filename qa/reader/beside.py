"""Two passages that answer almost equally well are read once more, side by side.

Scores of passages that were read apart differ by what the network happens to see in each. In one window it sees both answers
at once and can hold them against each other, as it learned to with distracting passages before and after the right one.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qa.evaluation.squad import normalise
from qa.reader.windows import Window

CLOSE = 0.5
"""How far (a calibrated logit) the best answer of another passage may be behind the best one to be held against it. It only
limits what is read: on development questions 1.0 was no better, and took twice the windows."""
_BETWEEN = "\n\n"


class Scored(Protocol):
    """A span of one of several texts."""

    @property
    def passage(self) -> int:
        """Which text it stands in."""
        ...

    @property
    def start(self) -> int:
        """Offset of its first character."""
        ...

    @property
    def end(self) -> int:
        """Offset after its last character."""
        ...

    @property
    def score(self) -> float:
        """Its calibrated logit."""
        ...


def rival(spans: Sequence[Scored], texts: Sequence[str]) -> int | None:
    """Which of ``spans`` is the best one that stands in another text than the first and says something else.

    Args:
        spans: best first, at least one.
        texts: what they stand in.

    Returns:
        Its place in ``spans``; ``None`` if there is none that is close.
    """
    best = spans[0]
    known = {best.passage}
    for place, span in enumerate(spans):
        if best.score - span.score >= CLOSE:
            return None
        if span.passage not in known and not _alike(best, span, texts):
            return place
        known.add(span.passage)
    return None


def _alike(one: Scored, other: Scored, texts: Sequence[str]) -> bool:
    mine, yours = (normalise(texts[span.passage][span.start : span.end]) for span in (one, other))
    return mine == yours


def joined(first: Scored, second: Scored, texts: Sequence[str]) -> tuple[str, tuple[int, int], tuple[int, int]]:
    """The texts of two spans as one, that of ``first`` before that of ``second``, and where the spans stand in it, each as
    (start, end)."""
    before = texts[first.passage] + _BETWEEN
    moved = second.start + len(before), second.end + len(before)
    return before + texts[second.passage], (first.start, first.end), moved


def score_at(
    window: Window, starts: NDArray[np.float32], ends: NDArray[np.float32], span: tuple[int, int]
) -> float | None:
    """Start logit plus end logit of the characters ``span``.

    Args:
        window: what was read.
        starts, ends: its logits, float32 of shape (tokens of the window,).
        span: (start, end) in the window's text.

    Returns:
        ``None`` when no token of the window begins, or none ends, just there.
    """
    first = np.flatnonzero(window.starts == span[0])
    last = np.flatnonzero(window.ends == span[1])
    if not len(first) or not len(last):
        return None
    # Of several tokens within one character the outermost ones hold it whole.
    return float(starts[window.tokens[first[0]]]) + float(ends[window.tokens[last[-1]]])
