"""Where it is not sure, the reader reads on: the best passages at once, and what surrounds the answer.

Passages that were read apart never see each other: each may hold something that looks like an answer as long as nothing
better stands beside it. In one window the network holds them against each other and against "not here", as it learned to
with distracting passages before and after the right one. And a passage begins and ends in the middle of an article: what
stands before and after it may say that the answer is another one, or none. Whether the same answer is found there, and how
surely, tells more of whether it is right than anything about the passages apart (RUNS.md).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from qa.reader.heard import Found
from qa.reader.reading import ReadSpan

PASSAGES = 3
"""How many passages are read at once: about what fits a window. Two, or five in a longer window, told less on development
questions (RUNS.md)."""
_BETWEEN = "\n\n"
_LEAST_SHARED = 20
"""Characters that the end of one passage and the beginning of another must have in common to be taken as the same."""

_COMPARED = 4000
"""Characters of the end of one passage and the beginning of another that are compared at the most."""

Surroundings = Callable[[int, int], tuple[str, int] | None]
"""For the number of a passage and an offset in it, what surrounds that in its document, and where it is there; ``None`` if
that is no more than the passage."""

CLOSE = 0.5
"""How far (a logit) a span may be behind the best one and still come first in the light of the passages read at once."""


def best_retrieved(retrieval: Sequence[float] | None, passages: int, answering: int) -> list[int]:
    """The passages that are read at once, by number, in the order in which they are read.

    Args:
        retrieval: for each passage the score it was retrieved with; without, their order says which are best.
        passages: how many there are.
        answering: the passage of the best span, which takes the last one's place where it is not among them.
    """
    best = sorted(range(passages), key=lambda place: 0.0 if retrieval is None else -retrieval[place])[:PASSAGES]
    return best if answering in best else [*best[:-1], answering]


def joined(texts: Sequence[str]) -> str:
    """``texts`` as one. Where one begins with what another ends with, as neighbouring passages of a document do, that
    stands there once."""
    pieces: list[str] = []
    for text in texts:
        for place, piece in enumerate(pieces):
            if shared := _shared(piece, text):
                pieces[place] = piece + text[shared:]
                break
            if shared := _shared(text, piece):
                pieces[place] = text + piece[shared:]
                break
        else:
            pieces.append(text)
    return _BETWEEN.join(pieces)


def overtaken(spans: Sequence[ReadSpan], texts: Sequence[str], found: Found, weight: float) -> list[ReadSpan]:
    """``spans`` with the one that comes first in the light of what was found in several texts at once.

    Args:
        spans: best first, at least one.
        texts: what they stand in.
        found: in several of these at once.
        weight: how much a span's score there counts beside its own.

    Returns:
        The same spans, best first; one that overtakes gets a score just above that of the first.
    """
    best = spans[0]
    near = [place for place, span in enumerate(spans) if best.score - span.score < CLOSE]
    first = max(near, key=lambda place: spans[place].score + weight * found.behind(words(spans[place], texts)))
    ordered = list(spans)
    if first != 0:
        ahead = replace(ordered.pop(first), score=math.nextafter(best.score, math.inf))
        ordered.insert(0, ahead)
    return ordered


def words(span: ReadSpan, texts: Sequence[str]) -> str:
    """The words of ``span``, which stands in one of ``texts``."""
    return texts[span.passage][span.start : span.end]


def _shared(first: str, second: str) -> int:
    """How many characters the end of ``first`` has in common with the beginning of ``second``; 0 if they are too few."""
    longest = min(len(first), len(second), _COMPARED)
    return next((size for size in range(longest, _LEAST_SHARED - 1, -1) if first.endswith(second[:size])), 0)
