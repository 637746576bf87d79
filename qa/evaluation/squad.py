"""Exact match and F1 as SQuAD 2.0 defines them.

Source: Rajpurkar et al. 2016, section 6.1 (https://arxiv.org/abs/1606.05250) for the two scores, Rajpurkar et al. 2018
(https://arxiv.org/abs/1806.03822) for unanswerable questions, and the behaviour of the official scorer
(``evaluate-v2.0.py``, https://rajpurkar.github.io/SQuAD-explorer/) where the papers leave room.

In this module an empty prediction means "no answer given", and an unanswerable question has no gold answers.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

ABOUT = 0.5
"""From this F1 of their words on, two spans are about the same answer."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """``text`` in the form that answers are compared in.

    In this order: lower case; ASCII punctuation deleted (not replaced: "U.S." becomes "us"); the whole words "a", "an"
    and "the" blanked; white space of any kind collapsed to single spaces and trimmed.
    """
    lowered = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", lowered).split())


def exact_match(prediction: str, golds: Sequence[str]) -> float:
    """1.0 if the normalised prediction equals one of the normalised gold answers, else 0.0.

    Args:
        prediction: the answer given; empty for none.
        golds: the accepted answers; empty for an unanswerable question, which scores 1.0 only for no answer.
    """
    given = normalise(prediction)
    return float(any(given == gold for gold in _comparable(golds)))


def f1(prediction: str, golds: Sequence[str]) -> float:
    """Harmonic mean of token precision and recall against the gold answer it fits best, in 0..1.

    Tokens are the words of the normalised texts, counted with their repetitions. Between a text without tokens and
    another, F1 is 1.0 if both are without, else 0.0: so an unanswerable question scores 1.0 only for no answer.

    Args:
        prediction: the answer given; empty for none.
        golds: the accepted answers; empty for an unanswerable question.
    """
    given = Counter(normalise(prediction).split())
    return max(words_f1(given, Counter(gold.split())) for gold in _comparable(golds))


def _comparable(golds: Sequence[str]) -> list[str]:
    """Normalised golds without the empty ones; ``[""]`` if none is left, as the official scorer has it."""
    return [gold for gold in map(normalise, golds) if gold] or [""]


# The same words are compared again and again.
@lru_cache(maxsize=2048)
def _counted(text: str) -> Counter[str]:
    """The words of ``text``, normalised, with their repetitions; not to be changed, as it is kept."""
    return Counter(normalise(text).split())


def about_the_same(one: str, other: str) -> bool:
    """Whether two spans share so many words (F1 of :data:`ABOUT` at least) that they are about the same answer."""
    return words_f1(_counted(one), _counted(other)) >= ABOUT


def words_f1(given: Counter[str], gold: Counter[str]) -> float:
    """Harmonic mean of precision and recall of words counted with their repetitions, in 0..1; see :func:`f1`."""
    if not given or not gold:
        return float(given == gold)
    shared = (given & gold).total()
    # 2PR / (P + R) with P = shared / given and R = shared / gold; this form has no division by zero.
    return 2 * shared / (given.total() + gold.total())
