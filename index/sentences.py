"""Sentences with exact offsets.

The splitting itself is sentencex's (Wikimedia's splitter: kept up, small, rules for many languages, and its boundaries are
offsets into the text rather than strings to be found again). It does not treat a single line break as a boundary, so a text
is first cut into the lines and paragraphs that its author made.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from index.documents import Span

# Lines of hand-wrapped text are no longer than this; a longer line is a paragraph of its own.
_WRAP_WIDTH = 120
# In hand-wrapped text every line but the last fills at least this share of the longest line.
_WRAP_FILL = 0.6
_BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")


def sentence_spans(text: str, language: str = "en") -> list[Span]:
    """Split ``text`` into sentences.

    Args:
        text: any text with ``\\n`` line ends.
        language: ISO 639-1 code of the rules to use.

    Returns:
        Spans in ascending order that do not overlap. White space around sentences belongs to no span, every other
        character belongs to exactly one, and no span is empty.
    """
    # Here, not at the top: importing this module must do no work, and the splitter is a compiled library.
    import sentencex

    spans: list[Span] = []
    for block in paragraph_spans(text):
        piece = text[block.start : block.end]
        cuts = [0]
        for boundary in sentencex.get_sentence_boundaries(language, piece):
            end = int(boundary["end_index"])
            if cuts[-1] < end < len(piece):
                cuts.append(end)
        cuts.append(len(piece))
        for start, end in pairwise(cuts):
            span = _strip(text, block.start + start, block.start + end)
            if span is not None:
                spans.append(span)
    return spans


def sentences_around(text: str, start: int, end: int) -> Span:
    """The sentence that the characters ``[start, end)`` stand in; from the first to the last one when there are several.

    Raises:
        ValueError: the characters are not inside ``text``, or are all white space.
    """
    if not 0 <= start < end <= len(text):
        raise ValueError(f"[{start}, {end}) is not inside a text of {len(text)} characters")
    # Blank lines always end a sentence, so only what lies between two of them is split.
    low = max((blank.end() for blank in _BLANK_LINE.finditer(text, 0, start)), default=0)
    following = _BLANK_LINE.search(text, end)
    high = len(text) if following is None else following.start()
    touched = [span for span in _sentences(text[low:high]) if span.start < end - low and span.end > start - low]
    if not touched:
        raise ValueError(f"there are no words in [{start}, {end})")
    return Span(low + touched[0].start, low + touched[-1].end)


@lru_cache(maxsize=64)
def _sentences(block: str) -> tuple[Span, ...]:
    """Those of one block; many places of it are asked for one after the other."""
    return tuple(sentence_spans(block))


def paragraph_spans(text: str) -> Iterator[Span]:
    """Cut ``text`` where its author did: at blank lines, and at line ends unless the paragraph is wrapped by hand.

    Yields:
        Non-empty spans in ascending order, without surrounding white space.
    """
    start = 0
    for blank in (*_BLANK_LINE.finditer(text), None):
        end = len(text) if blank is None else blank.start()
        if _is_hand_wrapped(text[start:end]):
            span = _strip(text, start, end)
            if span is not None:
                yield span
        else:
            line_start = start
            while line_start < end:
                newline = text.find("\n", line_start, end)
                line_end = end if newline < 0 else newline
                span = _strip(text, line_start, line_end)
                if span is not None:
                    yield span
                line_start = line_end + 1
        start = end if blank is None else blank.end()


def _is_hand_wrapped(block: str) -> bool:
    """Whether the line breaks of ``block`` only keep its lines short, as in a plain-text book or e-mail."""
    lengths = [len(line.strip()) for line in block.strip("\n").split("\n")]
    longest = max(lengths)
    if len(lengths) < 2 or longest > _WRAP_WIDTH or longest < _WRAP_WIDTH / 3:
        return False
    return all(length >= _WRAP_FILL * longest for length in lengths[:-1])


def _strip(text: str, start: int, end: int) -> Span | None:
    """The span ``[start, end)`` without white space at its ends; ``None`` when nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
