"""The names in a text, which tell whether two texts are about one event."""

import re
from functools import lru_cache

# After a word or a comma, so that what begins a sentence is none.
_NAME_WITHIN = re.compile(r"(?<=[\w,] )[A-Z][\w’-]+")


@lru_cache(maxsize=128)
def names_within(text: str) -> frozenset[str]:
    """The capitalised words of ``text`` that do not only begin a sentence."""
    return frozenset(_NAME_WITHIN.findall(text))


def names_shared(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of the smaller set, in 0..1, that the other has too; 0 when one of them is empty."""
    fewest = min(len(one), len(other))
    return len(one & other) / fewest if fewest else 0.0
