"""From logits to spans: the exact best ones over all windows together.

The score of a span in a window is its start logit plus its end logit minus the window's null score, which is the same sum
at the first token ([CLS] or <s>), as in Devlin et al. 2019, section 4.3. Both ends are chosen jointly. Logits of different
windows differ by a constant that the null score takes with it, so scores are comparable across passages, and none is
normalised within one.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.reader.windows import Window

# This many times the wanted spans are looked at first; many share their characters only in odd texts.
_SLACK = 4


@dataclass(frozen=True, slots=True)
class SpanScore:
    """Characters ``[start, end)`` of text number ``passage`` and their score (a logit against "no answer")."""

    passage: int
    start: int
    end: int
    score: float
    relevance: float | None = None


def best_spans(
    windows: Sequence[Window],
    starts: Sequence[NDArray[np.float32]],
    ends: Sequence[NDArray[np.float32]],
    *,
    top: int,
    max_answer_tokens: int,
    whole_words: bool = True,
    one_sentence: bool = True,
    relevance: Sequence[float] | None = None,
    overlapping: int | None = None,
) -> list[SpanScore]:
    """The ``top`` best different spans over all windows.

    Args:
        windows: what was read.
        starts, ends: for each window its logits, float32 of shape (tokens of the window,).
        top: how many spans at the most, at least 1.
        max_answer_tokens: most tokens of a span, at least 1.
        whole_words: only spans that begin and end at word boundaries.
        one_sentence: only spans that stay within one sentence.
        relevance: for each window its relevance logit, handed on with its spans.
        overlapping: a span is left out when it overlaps this many better ones that are not, at least 1, so that the ways to cut
            one answer do not crowd out other places; ``None`` keeps all.

    Returns:
        Spans by score, highest first; equal scores by (passage, start, end). A span found in several overlapping windows
        counts once, with its highest score.

    Raises:
        ValueError: ``top``, ``max_answer_tokens`` or ``overlapping`` is less than 1.
    """
    if top < 1 or max_answer_tokens < 1 or (overlapping is not None and overlapping < 1):
        raise ValueError("top, max_answer_tokens and overlapping must be at least 1")
    if not windows:
        return []
    wanted: int | None = top * _SLACK
    while True:
        parts = [
            _best_places(window, start, end, wanted, max_answer_tokens, whole_words, one_sentence)
            for window, start, end in zip(windows, starts, ends, strict=True)
        ]
        scores = np.concatenate([part.scores for part in parts])
        owners = np.repeat(np.arange(len(parts)), [len(part.scores) for part in parts])
        order = highest(scores, wanted)
        passage = np.array([window.passage for window in windows])[owners][order]
        start = np.concatenate([window.starts[part.first] for window, part in zip(windows, parts, strict=True)])[order]
        end = np.concatenate([window.ends[part.last] for window, part in zip(windows, parts, strict=True)])[order]
        ranked = np.lexsort((end, start, passage, -scores[order]))
        at = owners[order][ranked]
        told = itertools.repeat(None) if relevance is None else (float(relevance[window]) for window in at)
        rows = zip(*(column[ranked].tolist() for column in (passage, start, end, scores[order])), told, strict=False)
        spans = _different(rows, top, overlapping)
        if len(spans) == top or len(order) == sum(part.possible for part in parts):
            return spans
        # Most of those were the same spans, in windows that overlap or by tokens within one character, or of few places.
        wanted = None if overlapping is None or wanted is None else wanted * _SLACK


def _different(
    rows: Iterable[tuple[int, int, int, float, float | None]], top: int, overlapping: int | None
) -> list[SpanScore]:
    """The first ``top`` different spans of ``rows``, which are the fields of :class:`SpanScore`, best first; of those that
    overlap ``overlapping`` ones kept before them, if that is a number, none."""
    kept: list[SpanScore] = []
    beside: dict[int, list[tuple[int, int]]] = {}
    seen: set[tuple[int, int, int]] = set()
    for passage, start, end, score, relevance in rows:
        if (passage, start, end) in seen:
            continue
        seen.add((passage, start, end))
        if overlapping is not None:
            others = beside.setdefault(passage, [])
            if sum(first < end and start < last for first, last in others) >= overlapping:
                continue
            others.append((start, end))
        kept.append(SpanScore(passage, start, end, score, relevance))
        if len(kept) == top:
            break
    return kept


@dataclass(frozen=True, slots=True)
class _Places:
    """The best spans of a window by its tokens: from ``first[n]`` to ``last[n]`` (int64) with ``scores[n]`` (float64), each of
    shape (spans,), of ``possible`` ones."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    scores: NDArray[np.float64]
    possible: int


def _best_places(
    window: Window,
    start_logits: NDArray[np.float32],
    end_logits: NDArray[np.float32],
    wanted: int | None,
    max_answer_tokens: int,
    whole_words: bool,
    one_sentence: bool,
) -> _Places:
    """The ``wanted`` best spans of one window and all that tie with the last of them; all spans for ``None``."""
    count = len(window.tokens)
    width = min(max_answer_tokens, count)
    # float64, so that a sum of two logits and its reference are equal whatever the order of addition.
    start = start_logits[window.tokens].astype(np.float64)
    end = end_logits[window.tokens].astype(np.float64)
    null = float(start_logits[0]) + float(end_logits[0])
    if whole_words:
        start = np.where(window.begins_word, start, -np.inf)
        end = np.where(window.ends_word, end, -np.inf)
    # scores[i, k] is the span from token i to token i + k.
    padded = np.concatenate([end, np.full(width, -np.inf)])
    table = start[:, None] + np.lib.stride_tricks.sliding_window_view(padded, width)[:count]
    if one_sentence:
        following = np.lib.stride_tricks.sliding_window_view(
            np.concatenate([window.segments, np.full(width, -1)]), width
        )
        table = np.where(following[:count] == window.segments[:, None], table, -np.inf)
    scores = table.ravel()
    possible = np.flatnonzero(np.isfinite(scores))
    kept = possible[highest(scores[possible], wanted)]
    first = kept // width
    return _Places(first, first + kept % width, scores[kept] - null, len(possible))


def highest(scores: NDArray[np.float64], wanted: int | None) -> NDArray[np.int64]:
    """Where the ``wanted`` highest of ``scores`` stand, and all that tie with the last of them, so that ties are broken by
    what they stand for alone; int64, ascending. Everything for ``None``."""
    if wanted is None or wanted >= len(scores):
        return np.arange(len(scores), dtype=np.int64)
    least = np.partition(scores, len(scores) - wanted)[len(scores) - wanted]
    return np.flatnonzero(scores >= least)
