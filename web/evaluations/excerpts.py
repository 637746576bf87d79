"""The words around gold and given spans, cut into pieces that a browser shows as they are, without counting anything."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Literal

from pydantic import BaseModel

from index.documents import Span

REACH = 220
"""Characters shown on either side of a span."""
_LONGEST = 1_200

_WHITE = re.compile(r"\s+")

Mark = Literal["", "gold", "given", "both"]


class Piece(BaseModel):
    """Some characters, and whether they are gold, given, both or neither."""

    text: str
    mark: Mark = ""


class Excerpt(BaseModel):
    """The surroundings of a span.

    Attributes:
        title: of the text.
        start: offset of the first character shown, in code points of the text.
        cut_before, cut_after: whether the text goes on there.
        pieces: what is shown; put together they are the text from ``start`` on.
    """

    title: str
    start: int
    cut_before: bool
    cut_after: bool
    pieces: list[Piece]


def excerpt(
    title: str,
    length: int,
    parts: Sequence[tuple[int, str]],
    focus: Span,
    gold: Sequence[Span] = (),
    given: Sequence[Span] = (),
) -> Excerpt | None:
    """What stands around ``focus``.

    Args:
        title: of the text.
        length: of the text in characters.
        parts: pieces of the text with their offsets, as :func:`qa.evaluation.page_data.parts` makes them.
        focus: what has to be seen; of a very long one the beginning.
        gold, given: spans of the text to mark.

    Returns:
        ``None`` if no part holds the focus.
    """
    last = min(focus.end, focus.start + _LONGEST)
    for offset, text in parts:
        if not offset <= focus.start < last <= offset + len(text):
            continue
        start, end = max(offset, focus.start - REACH), min(offset + len(text), last + REACH)
        # Whole words, where there are any: on either side up to the first white space.
        if start > offset:
            gap = _WHITE.search(text, start - offset - 1, focus.start - offset)
            start = start if gap is None else offset + gap.end()
        if end < offset + len(text):
            gap = _WHITE.search(text[last - offset : end - offset + 1][::-1])
            end = end if gap is None else end + 1 - gap.end()
        return Excerpt(
            title=title,
            start=start,
            cut_before=start > 0,
            cut_after=end < length,
            pieces=list(_pieces(text[start - offset : end - offset], start, gold, given)),
        )
    return None


def spans_of(pairs: Sequence[Any]) -> list[Span]:
    """Spans from pairs of offsets as JSON holds them."""
    return [Span(int(start), int(end)) for start, end in pairs]


def _pieces(text: str, start: int, gold: Sequence[Span], given: Sequence[Span]) -> Iterable[Piece]:
    end = start + len(text)
    edges = {start, end}
    for span in (*gold, *given):
        edges.update(at for at in (span.start, span.end) if start < at < end)
    places = sorted(edges)
    for first, last in pairwise(places):
        in_gold = any(span.start <= first < span.end for span in gold)
        in_given = any(span.start <= first < span.end for span in given)
        mark: Mark = "both" if in_gold and in_given else "gold" if in_gold else "given" if in_given else ""
        yield Piece(text=text[first - start : last - start], mark=mark)
