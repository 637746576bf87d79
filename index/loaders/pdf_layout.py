"""The lines of a PDF page as paragraphs, with the origin of every character.

A PDF knows glyphs and where they stand, not paragraphs. Lines are joined when a reader would read on, so that sentences
come out whole; the decision looks at sizes, gaps, indents and whether the next word would still have fitted on the line.
Everything here is a function of one page alone: a page's text can be made again without reading the pages before it.

Lengths are in points in a frame turned so that the text reads from left to right: ``left`` and ``right`` run along the line,
``baseline`` upwards.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

NO_GLYPH = -1
"""Origin of a character that stands for a gap between lines and not for a glyph."""

_BULLETS = "•‣◦▪▫■□●○·–—*"
_HYPHENS = "-\u2010\u00ad"
_SENTENCE_END = ".!?:;…。！？"
_CLOSING = "\"'”’»)]}"


@dataclass(frozen=True, slots=True)
class Gap:
    """A wide space in a line: the character ``at``, between ``left`` and ``right``, before a word of length ``next_word``."""

    at: int
    left: float
    right: float
    next_word: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text as it was drawn.

    Attributes:
        text: its characters, without white space at the ends and with single spaces between words; never empty.
        origins: for each character the index of its glyph on the page.
        left, right: where it begins and ends.
        baseline: how high it stands.
        size: height of its font.
        turn: quarter turns of its text.
        first_word: length of its first word.
        gaps: spaces in it that are wider than its size, from left to right.
        is_row: whether it is a row of a table.
        ends_small: whether its last character is smaller than others, as raised and lowered ones are.
    """

    text: str
    origins: Sequence[int]
    left: float
    right: float
    baseline: float
    size: float
    turn: int
    first_word: float
    gaps: tuple[Gap, ...] = ()
    is_row: bool = False
    ends_small: bool = False


@dataclass(frozen=True, slots=True)
class PageText:
    """Canonical text of a page; ``origins[i]`` is the glyph index of ``text[i]``, or :data:`NO_GLYPH`."""

    text: str
    origins: "array[int]"


def page_text(lines: Sequence[Line]) -> PageText:
    """Join lines to paragraphs: a space between lines of one, a blank line between two, nothing within a divided word."""
    parts: list[str] = []
    origins: array[int] = array("l")
    drawn = "\n".join(line.text for line in lines)
    previous: Line | None = None
    paragraph = 0  # lines of the paragraph so far
    for group in _groups(lines):
        for number, line in enumerate(group):
            if previous is not None:
                gap, drop = _gap(previous, line, group if number else None, paragraph, drawn)
                if drop:
                    parts[-1] = parts[-1][:-1]
                    origins.pop()
                parts.append(gap)
                origins.extend([NO_GLYPH] * len(gap))
                paragraph = 0 if gap == "\n\n" else paragraph
            parts.append(line.text)
            origins.extend(line.origins)
            paragraph += 1
            previous = line
    return PageText("".join(parts), origins)


def gap_between_pages(before: str, after: str) -> str:
    """What stands between the texts of two pages: nothing or a space where a sentence runs on, else a blank line."""
    if not after[:1].islower() or _ends_sentence(before):
        return "\n\n"
    return "" if before[-1:] in _HYPHENS and before[-2:-1].isalpha() else " "


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    """Runs of lines that follow each other down the page in one size at one distance."""
    pitches: dict[int, list[float]] = {}
    for above, below in pairwise(lines):
        pitch = above.baseline - below.baseline
        if _alike(above, below) and 0.3 * above.size < pitch < 3 * above.size:
            pitches.setdefault(round(above.size), []).append(pitch)
    groups: list[list[Line]] = []
    for line in lines:
        above_line = groups[-1][-1] if groups else None
        if above_line is not None and _alike(above_line, line):
            pitch = above_line.baseline - line.baseline
            usual = median_low(pitches.get(round(above_line.size), [1.2 * above_line.size]))
            if 0.3 * line.size < pitch < 1.35 * usual and pitch < 3 * line.size:
                groups[-1].append(line)
                continue
        groups.append([line])
    return groups


def _alike(a: Line, b: Line) -> bool:
    """Whether two lines are set in the same size and direction."""
    return a.turn == b.turn and max(a.size, b.size) < 1.15 * min(a.size, b.size)


def _gap(before: Line, line: Line, group: Sequence[Line] | None, paragraph: int, drawn: str) -> tuple[str, bool]:
    """What stands between two lines, and whether the hyphen that ends the first one is left out.

    Args:
        before: the line before.
        line: the line.
        group: the run that both belong to; ``None`` when ``line`` begins a new one.
        paragraph: how many lines the paragraph of ``before`` has so far.
        drawn: all lines of the page.
    """
    if before.is_row or line.is_row:
        return "\n\n", False
    if before.text[-1] in _HYPHENS and before.text[-2:-1].isalnum() and line.text[0].isalnum() and _alike(before, line):
        if not (before.text[-2].isalpha() and line.text[0].islower()):
            return "", False
        return "", not _is_compound(before.text, line.text, drawn)
    goes_on = line.text[0].islower() and not _ends_sentence(before.text)
    if group is None:
        # The next column, most likely: its first line may be in the middle of a sentence. Columns follow each other to the
        # right; a line that is not right of the one before it comes after a footer that was drawn before the words above it.
        is_right = line.left > before.right - 0.5 * line.size
        jumped = _alike(before, line) and line.baseline > before.baseline and is_right
        return (" ", False) if jumped and goes_on else ("\n\n", False)
    if goes_on:
        return " ", False
    if line.text[0] in _BULLETS and line.text[1:2] in ("", " "):
        return "\n\n", False
    room = max(other.right for other in group) - before.right
    if line.first_word + 0.25 * line.size < room:
        return "\n\n", False
    if _ends_sentence(before.text):
        indented = line.left - before.left > 0.8 * line.size
        outdented = before.left - line.left > 0.8 * line.size and paragraph > 1
        if indented or outdented:
            return "\n\n", False
    return " ", False


def _ends_sentence(text: str) -> bool:
    return text.rstrip(_CLOSING)[-1:] in _SENTENCE_END


def _is_compound(before: str, after: str, drawn: str) -> bool:
    """Whether a word at a line end has a hyphen of its own, told by how the page writes it elsewhere."""
    first = before[:-1].split()[-1]
    second = after.split()[0].rstrip(".,;:!?" + _CLOSING)
    return first + second not in drawn and f"{first}-{second}" in drawn
