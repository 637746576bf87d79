"""How likely a place answers the same question as the best one, and how likely it does so in another way.

Boosted regression trees (Friedman 2001) over the signals of :mod:`qa.claims.signals`, fitted by
``benchmarks/development/evidence.py`` on articles and questions written for that, which neither the reader nor the news
benchmark knows. Logistic regression, whose place they took, tells less: what distance, kind of question and agreeing words
mean depends on each other.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qa.claims.places import Place
from qa.claims.signals import Asked, opposes, signals
from qa.claims.trees import Trees
from qa.claims.values import comparable
from qa.claims.wider import counts_more
from qa.claims.words import coverage
from qa.reader.calibration import probability

FITTED = Path(__file__).parent / "evidence.json"
"""The names of the signals in their order, and both models."""
# "Nine horses fell ill, and six of them died."
_PART_OF_THEM = re.compile(r"\s(?:[\w-]+\s)?of (?:them|these|those|whom|which)\b")


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Probabilities in 0..1 of a place beside the best one: ``answers`` that it answers the question too, in the same way or
    another; ``differs`` that it is another answer, which speaks against the best one."""

    answers: float
    differs: float


@cache
def _models() -> tuple[list[str], Trees, Trees]:
    fitted = json.loads(FITTED.read_text(encoding="utf-8"))
    return fitted["signals"], Trees.from_fields(fitted["answers"]), Trees.from_fields(fitted["differs"])


def likelihood(asked: Asked, best: Place, other: Place) -> Likelihood:
    """How likely ``other`` answers the question that ``best`` answers."""
    names, answers, differs = _models()
    measured = signals(asked, best, other)
    row = [measured[name] for name in names]
    return Likelihood(probability(answers.value(row)), probability(differs.value(row)))


def counts_else(asked: Asked, best: Place, other: Place) -> bool:
    """Whether ``other`` counts something that was not asked for: visitors where ``best`` gives the number of sheep, or those
    killed or wounded where it gives the number of those killed, or "forty of them"."""
    if counts_more(asked.words, other.sentence_text) and not counts_more(asked.words, best.sentence_text):
        return True
    if _PART_OF_THEM.match(other.document.text, other.end) is not None:
        return True
    unit = other.value.unit
    if best.value.unit not in asked.words or unit == "" or unit in asked.words:
        return False
    return coverage(list(asked.words), other.sentence_text) == 0 and not opposes(other.sentence_text)


def may_answer(best: Place, other: Place) -> bool:
    """Whether ``other`` is of a sort that can answer the question that ``best`` answers."""
    return comparable(best.value, other.value)
