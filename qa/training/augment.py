"""Change the text around an answer without ever losing its place.

Every function takes and returns a :class:`Passage`; when ``span`` is not None, ``text[span[0]:span[1]]`` is the
answer before and after. All randomness comes from the ``random.Random`` given.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.training.negatives import holds

MASK = "[MASK]"
"""What stands in a text for an answer that is known already; one token of BERT's vocabulary."""
# Rough on purpose: a wrong cut at an abbreviation only makes an odd crop, and it needs no model.
BOUNDARY = re.compile(r"""(?<=[.!?])["'”’)\]]*(?:\[\d+\])*\s+(?=["'“‘(\[]?[A-Z0-9])|\n+""")


@dataclass(frozen=True)
class Passage:
    """A text and the span ``(start, end)`` of the answer in it, or None when it holds none."""

    text: str
    span: tuple[int, int] | None


def sentences(text: str) -> list[tuple[int, int]]:
    """The ``(start, end)`` of the sentences of ``text``, without the white space between them."""
    cuts = [0]
    for match in BOUNDARY.finditer(text):
        cuts.extend((match.start() + len(match.group().rstrip()), match.end()))
    cuts.append(len(text))
    pairs = zip(cuts[::2], cuts[1::2], strict=True)
    return [(start, end) for start, end in pairs if text[start:end].strip()]


def _around(parts: list[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int] | None:
    """First and last sentence that the span touches; None when part of it lies between sentences."""
    touched = [i for i, (start, end) in enumerate(parts) if start < span[1] and span[0] < end]
    if not touched or parts[touched[0]][0] > span[0] or parts[touched[-1]][1] < span[1]:
        return None
    return touched[0], touched[-1]


def crop(passage: Passage, rng: random.Random) -> Passage:
    """A random run of sentences that holds the whole answer; the passage itself when it cannot be cut."""
    if passage.span is None:
        return passage
    parts = sentences(passage.text)
    around = _around(parts, passage.span)
    if around is None or len(parts) < 2:
        return passage
    first = rng.randint(0, around[0])
    last = rng.randint(around[1], len(parts) - 1)
    start, end = parts[first][0], parts[last][1]
    return Passage(passage.text[start:end], (passage.span[0] - start, passage.span[1] - start))


def without_answer(passage: Passage, answers: Sequence[str]) -> Passage | None:
    """The passage without the sentences that hold the answer.

    None when nothing of at least 40 characters is left, or when what is left still holds one of ``answers`` (compared
    case-folded): it might still answer the question.
    """
    if passage.span is None:
        return None
    parts = sentences(passage.text)
    around = _around(parts, passage.span)
    if around is None:
        return None
    before = passage.text[: parts[around[0]][0]].rstrip()
    after = passage.text[parts[around[1]][1] :].lstrip()
    rest = f"{before} {after}".strip()
    if len(rest) < 40 or any(holds(rest.casefold(), answer.casefold()) for answer in answers):
        return None
    return Passage(rest, None)


def with_distractor(passage: Passage, other: str, longest: int, rng: random.Random) -> Passage:
    """Put a run of sentences of ``other``, of at most ``longest`` characters, before or after the passage."""
    parts = sentences(other)
    if not parts:
        return passage
    first = rng.randrange(len(parts))
    last = first
    while last + 1 < len(parts) and parts[last + 1][1] - parts[first][0] <= longest:
        last += 1
    extra = other[parts[first][0] : parts[last][1]][:longest].strip()
    if not extra:
        return passage
    if rng.random() < 0.5:
        return Passage(f"{passage.text} {extra}", passage.span)
    shift = len(extra) + 1
    span = passage.span
    moved = None if span is None else (span[0] + shift, span[1] + shift)
    return Passage(f"{extra} {passage.text}", moved)


def among(passage: Passage, others: Sequence[str], rng: random.Random) -> Passage:
    """Put the passage at a random place among whole ``others``, all separated by one space."""
    place = rng.randint(0, len(others))
    before = " ".join(others[:place])
    after = " ".join(others[place:])
    shift = len(before) + 1 if before else 0
    text = " ".join(part for part in (before, passage.text, after) if part)
    span = passage.span
    return Passage(text, None if span is None else (span[0] + shift, span[1] + shift))


def masked(passage: Passage, hidden: Sequence[tuple[int, int]]) -> Passage:
    """The passage with :data:`MASK` in place of every span of ``hidden``; of those that overlap, or that share a character
    with the answer, the later ones stay."""
    parts: list[str] = []
    span, end = passage.span, 0
    moved = span
    for first, last in sorted(hidden):
        if first < end or (span is not None and first < span[1] and span[0] < last):
            continue
        parts.extend((passage.text[end:first], MASK))
        end = last
        if span is not None and moved is not None and last <= span[0]:
            shift = len(MASK) - (last - first)
            moved = moved[0] + shift, moved[1] + shift
    return Passage("".join([*parts, passage.text[end:]]), moved)
