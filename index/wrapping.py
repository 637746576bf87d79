"""Which line ends of a plain text only keep its lines short, as in a book, an e-mail or a README."""

import re
from itertools import pairwise

# Lines of hand-wrapped text are no longer than this; a longer line is a paragraph of its own.
_WRAP_WIDTH = 120
# In hand-wrapped text every line but the last of a paragraph fills at least this share of the longest line.
_WRAP_FILL = 0.6
_BULLET = re.compile(r"\s*(?:[-*+•‣▪◦·]|\(?(?:\d{1,2}|[a-z])[.)])\s+(?=\S)")
# How a line ends that something ends with.
_ENDED = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
# Columns of a table.
_COLUMNS = re.compile(r"\S(?:\t+| {3,}| \| )\S")
# Words that are written with a capital letter at the beginning of a sentence only.
_OPENING = re.compile(
    r"(?:An?|The|He|She|It|They|We|You|This|That|These|Those|There|In|On|At|By|For|From|But|And|As|After|Before|When|While|If)\b"
)


def lines_that_go_on(block: str, *, part: bool = False, wrapped: bool = False) -> list[bool]:
    """For each line of ``block`` whether its paragraph goes on in the next.

    Args:
        block: lines without a blank one among them, with their indents.
        part: whether the first line may have begun further left, with words that are not in ``block``.
        wrapped: whether other blocks of the same text are known to be wrapped by hand.

    Returns:
        One value for each line, ``False`` for the last.
    """
    lines = block.split("\n")
    # A line end before and after the block is none of its lines.
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    last = next((number for number in range(len(lines) - 1, first, -1) if lines[number].strip()), first)
    within = _joined(lines[first : last + 1], part=part and first == 0, wrapped=wrapped)
    return [False] * first + within + [False] * (len(lines) - last)


def is_wrapped(block: str) -> bool:
    """Whether sentences of ``block`` certainly run over line ends, because a line that goes on does so in small letters."""
    lines = block.split("\n")
    return any(goes_on and _small(line) for goes_on, line in zip(lines_that_go_on(block), lines[1:], strict=False))


def _small(line: str) -> bool:
    return line.lstrip()[:1].islower()


def _joined(lines: list[str], *, part: bool, wrapped: bool) -> list[bool]:
    """As :func:`lines_that_go_on`, for the line ends between ``lines`` only."""
    ends = range(len(lines) - 1)
    lengths = [len(line.strip()) for line in lines]
    longest = max(lengths)
    if longest > _WRAP_WIDTH:
        return [False for _ in ends]
    free = _without_layout(lines, part=part)
    small = [_small(line) for line in lines[1:]]
    joined = [False for _ in ends] if longest < _WRAP_WIDTH / 3 else _filled(lines, free, small, part=part)
    if part and ends and free[0] and not joined[0]:
        # How long the first line was is not known, so what follows decides.
        if wrapped or any(joined[number] and small[number] for number in ends):
            joined[0] = small[0] or not _OPENING.match(lines[1].strip())
        else:
            joined[0] = small[0] and longest >= _WRAP_WIDTH / 3 and all(joined[1:])
    return joined


def _filled(lines: list[str], free: list[bool], small: list[bool], *, part: bool) -> list[bool]:
    """Which of the line ends that are ``free`` are there because the line was full."""
    lengths = [len(line.strip()) for line in lines]
    full = [length >= _WRAP_FILL * max(lengths) for length in lengths[:-1]]
    able = [one and other for one, other in zip(free, full, strict=True)]
    inner = range(1 if part else 0, len(full))
    if all(full[number] for number in inner if free[number]):
        return able
    # Some paragraphs of the block end in short lines, so others may end in long ones. In a list or a poem most lines have
    # room for the first word of the next, and short lines that end nothing are the rule.
    forced = [one and not room for one, room in zip(able, _rooms(lines), strict=True)]
    joined = [one and other for one, other in zip(able, small, strict=True)]
    if any(joined):
        joined = [one or other for one, other in zip(joined, forced, strict=True)]
    torn = sum(free[number] and not full[number] and not _ENDED.search(lines[number].strip()) for number in inner)
    if 2 * sum(forced) < sum(able) or torn > sum(joined):
        return [False for _ in able]
    return joined


def _rooms(lines: list[str]) -> list[bool]:
    """For each line end whether the first word of the next line would have fitted, in lines as long as the longest."""
    longest = max(len(line.rstrip()) for line in lines)
    return [len(line.rstrip()) + 1 + len(after.split(maxsplit=1)[0]) <= longest for line, after in pairwise(lines)]


def _without_layout(lines: list[str], *, part: bool) -> list[bool]:
    """For each line end whether no bullet, indent or column says that it was wanted."""
    bullets = [_BULLET.match(line) for line in lines]
    # A line of a sentence may begin with a dash or "12." by chance, but hardly two of a block.
    listed = sum(bullet is not None for bullet in bullets) > 1
    columns = [_COLUMNS.search(line.strip()) is not None for line in lines]
    indents = [len(line[: len(line) - len(line.lstrip())].expandtabs()) for line in lines]
    rooms = _rooms(lines)
    free: list[bool] = []
    for number, line in enumerate(lines[:-1]):
        bullet, following = bullets[number], number + 1
        item = bullets[following] is not None and (listed or _ENDED.search(line.strip()) is not None)
        # An indented line before one that is less so begins a paragraph, unless that is the next item of a list.
        leads = (
            following + 1 < len(lines)
            and indents[following] > indents[following + 1]
            and bullets[following + 1] is None
            and (rooms[number] or (part and number == 0))
        )
        here = indents[number] if bullet is None else len(bullet.group().expandtabs())
        # How far the first line of a part was indented is not known.
        deeper = indents[following] > here and not (part and number == 0)
        free.append(not (item or leads or deeper or columns[number] or columns[following]))
    return free
