"""Cutting a document into passages.

A passage is a run of whole sentences of at most ``max_tokens`` model tokens; the next one begins with the last sentences of
the one before, as many as fit into ``overlap_tokens``. Only a sentence that is longer than a passage is cut, between words
where it has any, and never inside a character cluster (a letter and its combining marks, an emoji sequence).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.cutting import cut_before
from index.documents import Span
from index.sentences import sentence_spans

TokenSpans = Callable[[str], Sequence[tuple[int, int]]]
"""Gives the model tokens of a text as (start, end) character offsets in ascending order."""

# Bytes that a tokenizer reads at once are bounded, so that a line of a million characters does not need gigabytes.
_TOKENIZE_CHARACTERS = 20_000
# Few scripts have more characters to a token; a run of letters without a space is one token, however long.
_TOKEN_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class ChunkingSettings:
    """Sizes of passages in tokens of the encoder, special tokens not counted.

    ``max_tokens`` is the most that a passage holds, ``overlap_tokens`` the most that it repeats of the one before it.
    """

    max_tokens: int = 128
    overlap_tokens: int = 32

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for sizes that cannot work."""
        if self.max_tokens < 8:
            raise ValueError(f"max_tokens is {self.max_tokens}, but passages need at least 8 tokens")
        if not 0 <= self.overlap_tokens <= self.max_tokens // 2:
            raise ValueError(
                f"overlap_tokens is {self.overlap_tokens}, but must lie between 0 and half of max_tokens "
                f"({self.max_tokens // 2})"
            )


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a piece of one that is longer than a passage, and its size in tokens: as many as the tokenizer makes of
    it, and no fewer than a sixteenth of its characters."""

    span: Span
    tokens: int


def passage_spans(text: str, token_spans: TokenSpans, settings: ChunkingSettings | None = None) -> list[Span]:
    """Cut ``text`` into passages.

    Args:
        text: canonical text of a document.
        token_spans: tokenizer of the encoder.
        settings: sizes; the defaults of :class:`ChunkingSettings` when ``None``.

    Returns:
        Spans in ascending order of start. Every character of ``text`` that is not white space lies in at least one.
    """
    sizes = ChunkingSettings() if settings is None else settings
    units: list[_Unit] = []
    for sentence in sentence_spans(text):
        units.extend(_units(text, sentence, token_spans, sizes.max_tokens))

    passages: list[Span] = []
    first = 0
    while first < len(units):
        last, total = first, units[first].tokens
        while last + 1 < len(units) and total + units[last + 1].tokens <= sizes.max_tokens:
            last += 1
            total += units[last].tokens
        passages.append(Span(units[first].span.start, units[last].span.end))
        if last + 1 == len(units):
            break
        first = _next_start(units, first, last, sizes)
    return passages


def _next_start(units: Sequence[_Unit], first: int, last: int, sizes: ChunkingSettings) -> int:
    """Where the passage after ``units[first..last]`` begins: some sentences back, but always further than ``first``.

    The overlap is given up where it would leave no room for the next sentence, or the next passage would hold nothing new.
    """
    room = min(sizes.overlap_tokens, sizes.max_tokens - units[last + 1].tokens)
    start = last + 1
    overlap = 0
    while start - 1 > first and overlap + units[start - 1].tokens <= room:
        start -= 1
        overlap += units[start].tokens
    return start


def _units(text: str, sentence: Span, token_spans: TokenSpans, max_tokens: int) -> list[_Unit]:
    """The sentence itself, or, when it is longer than ``max_tokens``, pieces of it that are not."""
    units: list[_Unit] = []
    for part in _bounded(text, sentence, _TOKENIZE_CHARACTERS):
        tokens = token_spans(text[part.start : part.end])
        cut = [_Unit(part, len(tokens))] if len(tokens) <= max_tokens else _cut(text, part, tokens, max_tokens)
        for unit in cut:
            pieces = _bounded(text, unit.span, max_tokens * _TOKEN_CHARACTERS)
            units.extend(
                _Unit(
                    piece, max(unit.tokens if len(pieces) == 1 else 1, (piece.end - piece.start) // _TOKEN_CHARACTERS)
                )
                for piece in pieces
            )
    return units


def _bounded(text: str, span: Span, characters: int) -> list[Span]:
    """``span`` in pieces of at most ``characters``; nearly always the span itself."""
    pieces: list[Span] = []
    start = span.start
    while span.end - start > characters:
        cut = cut_before(text, start, start + characters)
        pieces.append(Span(start, cut))
        start = cut
    pieces.append(Span(start, span.end))
    return pieces


def _cut(text: str, span: Span, tokens: Sequence[tuple[int, int]], max_tokens: int) -> list[_Unit]:
    """Cut one overlong sentence into pieces of at most ``max_tokens`` tokens each."""
    units: list[_Unit] = []
    start, first = span.start, 0
    while len(tokens) - first > max_tokens:
        limit = span.start + tokens[first + max_tokens][0]
        cut = cut_before(text, start, limit)
        count = sum(1 for token in tokens[first : first + max_tokens + 1] if span.start + token[0] < cut)
        units.append(_Unit(Span(start, cut), count))
        start, first = cut, first + count
    units.append(_Unit(Span(start, span.end), len(tokens) - first))
    return units
