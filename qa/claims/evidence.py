"""How likely a place answers the same question as the best one, and how likely it does so in another way.

Boosted regression trees (Friedman 2001) over the signals of :mod:`qa.claims.signals`, fitted by
``benchmarks/development/evidence.py`` on articles and questions that the reader used there had not learned from, and that
share nothing with the news benchmark.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qa.claims.equality import comparable
from qa.claims.places import Place
from qa.claims.signals import Asked, opposes, signals
from qa.claims.trees import Trees
from qa.claims.wider import counts_more
from qa.claims.words import coverage
from qa.reader.calibration import probability

FITTED = Path(__file__).parent / "evidence.json"
"""The names of the signals in their order, and both models."""
_HOW_LONG = re.compile(r"^how long\b", re.IGNORECASE)
# "Nine days after the hold-up, detectives ..." tells when, "Three weeks on, ..." too.
_TELLS_WHEN = re.compile(r"\s(?:after|later|ago|earlier|into|on,)(?!\w)")
_BEGINS = 12
"""Characters of a sentence within which what stands is at its beginning."""
_YEAR_ASKED = re.compile(r"\b(?:1\d{3}|20\d\d)\b")
_NEAR = 700
"""Characters of a paragraph before a place in which a year may be told that counts for it."""
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


def weigh(asked: Asked, best: Place, other: Place) -> Likelihood:
    """How likely ``other`` answers the question that ``best`` answers."""
    return weigh_all(asked, best, [other])[0]


def weigh_all(asked: Asked, best: Place, others: Sequence[Place]) -> list[Likelihood]:
    """The same of several places, which is faster than one after the other."""
    names, answers, differs = _models()
    rows = [[measured[name] for name in names] for measured in (signals(asked, best, other) for other in others)]
    return [
        Likelihood(probability(so), probability(otherwise))
        for so, otherwise in zip(answers.values(rows), differs.values(rows), strict=True)
    ]


def counts_else(asked: Asked, best: Place, other: Place) -> bool:
    """Whether ``other`` counts something that was not asked for: visitors where ``best`` gives the number of sheep, or those
    killed or wounded where it gives the number of those killed, or "forty of them", or tells of another year, or how long after
    something it was."""
    if counts_more(asked.words, other.sentence_text) and not counts_more(asked.words, best.sentence_text):
        return True
    text = other.document.text
    if _PART_OF_THEM.match(text, other.end) is not None or _is_of_another_year(asked, best, other):
        return True
    if (
        _HOW_LONG.match(asked.text)
        and other.start - other.sentence.start < _BEGINS
        and _TELLS_WHEN.match(text, other.end)
    ):
        return True
    unit = other.value.unit
    if best.value.unit not in asked.words or unit == "" or unit in asked.words:
        return False
    return coverage(list(asked.words), other.sentence_text) == 0 and not opposes(other.sentence_text)


def _is_of_another_year(asked: Asked, best: Place, other: Place) -> bool:
    """Whether the year that was asked about stands beside the best place, and nowhere near the other one."""
    years = set(_YEAR_ASKED.findall(asked.text)) & set(_YEAR_ASKED.findall(best.sentence_text))
    if not years or other.sentence_text == best.sentence_text:
        return False
    text = other.document.text
    low = max(0, text.rfind("\n", 0, other.sentence.start), other.sentence.start - _NEAR)
    date = other.document.date
    told = set(_YEAR_ASKED.findall(text[low : other.sentence.end])) | (set() if date is None else {date[:4]})
    return not years & told


def may_answer(best: Place, other: Place) -> bool:
    """Whether ``other`` is of a sort that can answer the question that ``best`` answers."""
    return comparable(best.value, other.value)
