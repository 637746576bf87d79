"""How well a passage's own wording fits a question: neighbouring words, and one sentence that has them all.

Two shares, both in 0..1, both known to help beside the scores of whole passages: pairs of neighbouring words of the question
that are neighbours in the passage too (the ordered pairs of the sequential dependence model, Metzler and Croft 2005), and the
words of the question that a single sentence of the passage has, at the most (words that stand close together, Tao and Zhai
2007). They need no statistics of the whole index, so they are the same on every backend.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from index.sentences import sentence_spans

_WORD = re.compile(r"\w+")
# Words that nearly every question has: they cost time and say nothing about a passage.
STOP_WORDS = frozenset(
    _WORD.findall(
        "a an and are as at be by did do does for from had has have how in is it of on or that the their there they "
        "this to was were what when where which who whom whose why will with"
    )
)
_ENDINGS = ("ing", "ed", "es", "s")
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a passage fits a question.

    Attributes:
        pairs: share of the question's pairs of neighbours that are neighbours in the passage, 0..1; stop words are no
            neighbours. 0 for a question of a single word.
        coverage: the largest share of the question's words that one sentence of the passage has, 0..1.
    """

    pairs: float
    coverage: float


class Wording:
    """The telling words of one question, to compare passages with."""

    def __init__(self, question: str) -> None:
        """Take the words of ``question`` that are no stop words; all of them when it has no others."""
        words = _WORD.findall(_composed(question).lower())
        telling = [_stem(word) for word in words if word not in STOP_WORDS]
        chosen = telling if telling else [_stem(word) for word in words]
        self._stops = STOP_WORDS if telling else frozenset[str]()
        self._words = frozenset(chosen)
        self._pairs = frozenset(pairwise(chosen))

    def compared(self, text: str) -> Fit:
        """How well ``text`` fits the question."""
        text = _composed(text)
        last = ""
        pairs: set[tuple[str, str]] = set()
        found: list[tuple[int, str]] = []
        for match in _WORD.finditer(text):
            word = match.group().lower()
            if word in self._stops:
                continue
            stem = _stem(word)
            if stem in self._words:
                found.append((match.start(), stem))
                if (last, stem) in self._pairs:
                    pairs.add((last, stem))
            last = stem
        return Fit(
            pairs=len(pairs) / len(self._pairs) if self._pairs else 0.0,
            coverage=_most_in_one_sentence(text, found) / len(self._words) if found else 0.0,
        )


def _most_in_one_sentence(text: str, found: Sequence[tuple[int, str]]) -> int:
    """How many different words of ``found``, which are (place, word) in ascending order, one sentence holds at the most."""
    words = {word for _, word in found}
    if len(words) == 1:
        return 1
    # A passage begins where a sentence does, which is in the middle of a line where lines are wrapped by hand.
    ends = [span.end for span in sentence_spans(text, part=True)]
    sentences: dict[int, set[str]] = {}
    for place, word in found:
        sentences.setdefault(bisect_right(ends, place), set()).add(word)
    return max(map(len, sentences.values()))


def _composed(text: str) -> str:
    """``text`` with letters and their accents as one character: apart, as in many a PDF, an accent would end a word."""
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    """``word`` without a common English ending: enough for "clash" and "clashes" to be the same."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word
