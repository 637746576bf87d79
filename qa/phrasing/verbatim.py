"""Whether words stand in a source just so, and where.

What an LLM wrote has no offsets, so this is the one place where words are looked for; what comes out are offsets again, and
only of the passages that the sentence itself cites. Two texts count as the same words when they differ only in

* white space: any run of it is one space, and none is needed at the ends;
* the shape of quotation marks: “ ” „ « » 「 」 are ", and ‘ ’ ‚ ‹ › ` are ';
* citation marks such as [1] with the white space before them, which count for nothing.

Case, spelling, punctuation and everything else must agree, and the words must be whole: "12" does not stand in "112", nor in
"12 million" or "12%".
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from qa.phrasing.models import Verbatim
from qa.phrasing.numbers import unknown_numbers
from qa.phrasing.sources import Piece, Source

MARK = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
"""A citation mark, ``[1]`` or ``[1, 2]``, with the white space before it."""
DOUBLE_MARKS = '"“”„‟«»＂❝❞「」『』｢｣〝〞〟'
SINGLE_MARKS = "'‘’‚‛‹›`´"
_SHAPES = {**dict.fromkeys(DOUBLE_MARKS, '"'), **dict.fromkeys(SINGLE_MARKS, "'")}


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in the form that words are compared in; its character ``i`` came from ``[starts[i], ends[i])``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@lru_cache(maxsize=64)
def fold(text: str) -> Folded:
    """``text`` with white space, quotation marks and citation marks evened out."""
    marked = {place for mark in MARK.finditer(text) for place in range(*mark.span())}
    characters: list[str] = []
    places: list[tuple[int, int]] = []
    for place, character in enumerate(text):
        if place in marked:
            continue
        if not character.isspace():
            characters.append(_SHAPES.get(character, character))
            places.append((place, place + 1))
        elif characters and characters[-1] != " ":
            characters.append(" ")
            places.append((place, place + 1))
    if characters and characters[-1] == " ":
        characters.pop()
        places.pop()
    return Folded("".join(characters), tuple(start for start, _ in places), tuple(end for _, end in places))


def find(words: str, sources: Iterable[Source]) -> Verbatim | None:
    """Where ``words`` stand in one of ``sources``; ``None`` if in none, or if there is nothing to look for.

    Words that stand there several times are given where they touch the cited words, else the first time.
    """
    wanted = fold(words).text
    if not wanted:
        return None
    found: Verbatim | None = None
    for source in sources:
        for piece in source.pieces:
            places = _places(wanted, piece)
            if places and unknown_numbers(words, [MARK.sub("", piece.text)]):
                continue  # an end of the words goes through a number
            for start, end in places:
                there = Verbatim(
                    citation=source.number,
                    document_id=piece.document_id,
                    start=piece.start + start,
                    end=piece.start + end,
                    text=piece.text[start:end],
                )
                cited = source.citation
                if there.document_id == cited.document_id and there.start < cited.end and cited.start < there.end:
                    return there
                found = found or there
    return found


def _places(wanted: str, piece: Piece) -> list[tuple[int, int]]:
    """Offsets into the piece's text."""
    places: list[tuple[int, int]] = []
    folded = fold(piece.text)
    at = folded.text.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if not _cuts(folded.text, at) and not _cuts(folded.text, end):
            places.append((folded.starts[at], folded.ends[end - 1]))
        at = folded.text.find(wanted, at + 1)
    return places


def _cuts(text: str, at: int) -> bool:
    """Whether a cut at ``at`` would go through a word or a number."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if _of_word(before) and _of_word(after):
        return True
    # "30,000" and "3.5" are one number each.
    if before in ".,'":
        return at > 1 and text[at - 2].isdigit() and after.isdigit()
    return before.isdigit() and after in ".,'" and at + 1 < len(text) and text[at + 1].isdigit()


def _of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")
