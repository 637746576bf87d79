"""Where a text may be cut when it must be cut somewhere."""

import regex

_CLUSTER = regex.compile(r"\X")


def cut_before(text: str, start: int, limit: int) -> int:
    """The best place in ``(start, limit]`` to cut ``text``: after white space, else between character clusters.

    When one single cluster reaches past ``limit`` (hundreds of combining marks on one letter), ``limit`` itself is the only
    place left.
    """
    for position in range(limit, start, -1):
        # The second test keeps a combining mark that follows a space with it.
        if text[position - 1].isspace() and not text[position : position + 1].isspace() and _is_edge(text, position):
            return position
    for position in range(limit, start, -1):
        if _is_edge(text, position):
            return position
    return limit


def _is_edge(text: str, position: int) -> bool:
    """Whether no character cluster of ``text`` lies across ``position`` (looking 64 characters around it)."""
    low = max(0, position - 64)
    for cluster in _CLUSTER.finditer(text, low, min(len(text), position + 64)):
        if cluster.start() == position:
            return True
        if cluster.start() > position:
            return False
    return position >= len(text)
