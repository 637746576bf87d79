"""Sentences with exact offsets.

The splitting itself is sentencex's (Wikimedia's splitter: kept up, small, rules for many languages, and its boundaries are
offsets into the text rather than strings to be found again). It does not treat a single line break as a boundary, so a text
is first cut into the lines and paragraphs that its author made; and it knows too few abbreviations, so some of its boundaries
are passed over.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from index.cutting import cut_before
from index.documents import Span
from index.wrapping import is_wrapped, lines_that_go_on

# The indent of the line that follows is left to it.
_BLANK_LINE = re.compile(r"\n(?:[^\S\n]*\n)+")
# A sentence that begins with a small letter: with a name such as iPhone, al-Sisi or de Gaulle, or with an address.
_SMALL_START = re.compile(
    r"\W*(?:[^\W\d_A-Z]+[-'’]?[A-Z]"
    r"|(?:[dl]e|l[ao]|d[aiu]|de[lnr]|des|v[ao]n|te[nr]|bin|ibn|af|zu)\s+(?:\w+\s+)?[A-Z]"
    r"|https?:|www\.)"
)
_FIRST = re.compile(r"\w")
# What may stand on both sides of a full stop that ends no sentence.
_HOUR = re.compile(r"\b[ap]\.m\.\s*$", re.IGNORECASE)
_AFTER_HOUR = re.compile(
    r"\s*(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day\b|\.)"
    r"|(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|(?:Nov|Dec)(?:ember)?)\.?\s+\d"
    r"|(?:[ECMP][SD]?T|GMT|UTC|BST|CES?T|EES?T|IST|JST|MSK|AE[SD]T|(?:Eastern|Central|Mountain|Pacific)\s)\b)"
)
_BEFORE_NAME = re.compile(r"\b(?:Ft|Ste|Amb|Atty|Pt|Cong|Spc|Ald|Br|Bp|Approx)\.\s*$")
_NAME = re.compile(r"\s*[^\W_a-z]")
_BEFORE_NUMBER = re.compile(r"\b(?:[Vv]ols?|[Ee]qs?|[Ff]igs|[Cc]h|[Pp]ar|[Aa]pprox|Apt|Rm|Rte)\.\s*$")
_NUMBER = re.compile(r"\s*(?:\d|(?:[IVXLC]+|[A-Z])\b)")
# No part of what is looked for before a boundary is longer.
_REACH = 16
# Beyond that many characters beside a place a sentence is cut there, so many from it: transcripts, tables and legal texts
# have no full stop for pages.
_LONGEST_SIDE, _CUT_SIDE = 600, 400


def sentence_spans(text: str, language: str = "en", *, part: bool = False) -> list[Span]:
    """Split ``text`` into sentences.

    Args:
        text: any text with ``\\n`` line ends.
        language: ISO 639-1 code of the rules to use.
        part: whether ``text`` was cut out of a longer one, so that its first line may have begun further left. With this
            a passage has the sentences that it has in its document.

    Returns:
        Spans in ascending order that do not overlap. White space around sentences belongs to no span, every other
        character belongs to exactly one, and no span is empty.
    """
    # Here, not at the top: importing this module must do no work, and the splitter is a compiled library.
    import sentencex

    spans: list[Span] = []
    for block in paragraph_spans(text, part=part):
        piece = text[block.start : block.end]
        cuts = [0]
        for boundary in sentencex.get_sentence_boundaries(language, piece):
            end = int(boundary["end_index"])
            if cuts[-1] < end < len(piece) and not _mistaken(piece, cuts[-1], end, language):
                cuts.append(end)
        cuts.append(len(piece))
        for start, end in pairwise(cuts):
            span = _strip(text, block.start + start, block.start + end)
            if span is not None:
                spans.append(span)
    return spans


def _mistaken(piece: str, start: int, cut: int, language: str) -> bool:
    """Whether the sentence that begins at ``start`` does not end at ``cut``, where the splitter ends it."""
    following = _FIRST.search(piece, cut)
    if following is None:
        return False
    if following.group().islower():
        first = _FIRST.search(piece, start, cut)
        # Where small letters begin sentences, as in chats, this one says nothing.
        small = first is None or first.group().islower()
        return not small and not _SMALL_START.match(piece, cut)
    if language != "en":
        return False
    before = piece[max(start, cut - _REACH) : cut]
    return any(
        ahead.search(before) is not None and behind.match(piece, cut) is not None
        for ahead, behind in ((_HOUR, _AFTER_HOUR), (_BEFORE_NAME, _NAME), (_BEFORE_NUMBER, _NUMBER))
    )


def sentences_around(text: str, start: int, end: int) -> Span:
    """The sentence that the characters ``[start, end)`` stand in; from the first to the last one when there are several.

    Where it goes on for more than 600 characters before or after them, it is cut between two words there.

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
    first, last = low + touched[0].start, low + touched[-1].end
    if start - first > _LONGEST_SIDE:
        first = cut_before(text, start - _LONGEST_SIDE, start - _CUT_SIDE)
    if last - end > _LONGEST_SIDE:
        last = cut_before(text, end + _CUT_SIDE, end + _LONGEST_SIDE)
        last -= len(text[end:last]) - len(text[end:last].rstrip())
    return Span(first, last)


@lru_cache(maxsize=64)
def _sentences(block: str) -> tuple[Span, ...]:
    """Those of one block; many places of it are asked for one after the other."""
    return tuple(sentence_spans(block))


def paragraph_spans(text: str, *, part: bool = False) -> Iterator[Span]:
    """Cut ``text`` where its author did: at blank lines, and at line ends but those that wrapping by hand has made.

    Args:
        text: any text with ``\\n`` line ends.
        part: as for :func:`sentence_spans`.

    Yields:
        Non-empty spans in ascending order, without surrounding white space.
    """
    blocks: list[tuple[int, int]] = []
    start = 0
    for blank in _BLANK_LINE.finditer(text):
        blocks.append((start, blank.start()))
        start = blank.end()
    blocks.append((start, len(text)))
    wrapped = part and any(is_wrapped(text[low:high]) for low, high in blocks[1:])
    for start, end in blocks:
        line_start = paragraph_start = start
        for goes_on in lines_that_go_on(text[start:end], part=part and start == 0, wrapped=wrapped):
            newline = text.find("\n", line_start, end)
            line_start = end if newline < 0 else newline + 1
            if not goes_on:
                span = _strip(text, paragraph_start, line_start)
                if span is not None:
                    yield span
                paragraph_start = line_start


def _strip(text: str, start: int, end: int) -> Span | None:
    """The span ``[start, end)`` without white space at its ends; ``None`` when nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None
