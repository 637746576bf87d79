"""Columns that a PDF draws row by row, put one after the other again.

Most programs draw a column to its end before they begin the next, and their order is kept. Where a page is drawn straight
across its columns, lines have the same wide gap below each other, with running text on both sides of it. A table has such a gap
too, but its cells rarely go on in the row below; it stays in rows, and its gaps are drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from index.loaders.blocks import CELL_GAP
from index.loaders.pdf_layout import NO_GLYPH, Line

_ROWS = 3  # fewest rows that make columns
_CHARACTERS = 15  # fewest characters on half of the lines of a column
_RUNNING = 1 / 3  # share of the lines of a column that begin in the middle of a sentence


@dataclass(frozen=True, slots=True)
class _Gutter:
    """What lies between two columns, from ``left`` to ``right``."""

    left: float
    right: float


def unwoven(lines: Sequence[Line]) -> list[Line]:
    """``lines`` with those that run across columns cut at the gap between them, and those of tables marked as rows."""
    result: list[Line] = []
    start = 0
    while start < len(lines):
        end, gutter = _rows(lines, start)
        halves = [] if gutter is None else [_cut(line, gutter) for line in lines[start:end]]
        rows = [(left.text, right.text) for left, right in halves if left is not None and right is not None]
        running = [
            sum(text[0].islower() for text in column) >= _RUNNING * len(rows) for column in zip(*rows, strict=True)
        ]
        long = [median(len(text) for text in column) >= _CHARACTERS for column in zip(*rows, strict=True)]
        if len(rows) >= _ROWS and all(running) and all(long):
            result += [left for left, _ in halves if left is not None]
            result += unwoven([right for _, right in halves if right is not None])
        elif (
            len(rows) > 1
            and not all(running)
            and gutter is not None
            and gutter.right - gutter.left > 1.2 * lines[start].size
        ):
            result += [_table_row(line) for line in lines[start:end]]
        else:
            end = start + 1
            result.append(lines[start])
        start = end
    return result


def _table_row(line: Line) -> Line:
    """``line`` with its gaps drawn as in the tables of other formats."""
    text, origins = line.text, tuple(line.origins)
    for gap in reversed(line.gaps):
        text = text[: gap.at] + CELL_GAP + text[gap.at + 1 :]
        origins = (*origins[: gap.at], *[NO_GLYPH] * len(CELL_GAP), *origins[gap.at + 1 :])
    return replace(line, text=text, origins=origins, gaps=(), is_row=True)


def _rows(lines: Sequence[Line], start: int) -> tuple[int, _Gutter | None]:
    """How far the lines from ``start`` on share a gap, and what they share of it."""
    top = lines[start]
    if not top.gaps:
        return start + 1, None
    gutter = _Gutter(top.gaps[0].left, top.gaps[0].right)
    end = start + 1
    while end < len(lines):
        line = lines[end]
        pitch = lines[end - 1].baseline - line.baseline
        if line.turn != top.turn or not 0 < pitch < 3 * top.size:
            break
        shared = gutter if line.right <= gutter.right or line.left >= gutter.left else None
        for gap in line.gaps:
            left, right = max(gutter.left, gap.left), min(gutter.right, gap.right)
            if right - left > 0.5 * top.size:
                shared = _Gutter(left, right)
                break
        if shared is None:
            break
        gutter = shared
        end += 1
    return end, gutter


def _cut(line: Line, gutter: _Gutter) -> tuple[Line | None, Line | None]:
    """The parts of ``line`` on either side of ``gutter``."""
    for number, gap in enumerate(line.gaps):
        if gap.left <= gutter.left and gap.right >= gutter.right:
            left = replace(
                line, text=line.text[: gap.at], origins=line.origins[: gap.at], right=gap.left, gaps=line.gaps[:number]
            )
            after = gap.at + 1
            right = replace(
                line,
                text=line.text[after:],
                origins=line.origins[after:],
                left=gap.right,
                first_word=gap.next_word,
                gaps=tuple(replace(other, at=other.at - after) for other in line.gaps[number + 1 :]),
            )
            return left, right
    return (line, None) if line.left < gutter.left else (None, line)
