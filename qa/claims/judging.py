"""What a network makes of the words around two places, beside what the signals say of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from qa.claims.equality import equal
from qa.claims.evidence import Likelihood
from qa.claims.places import Place
from qa.claims.signals import Asked
from qa.reader.calibration import probability
from qa.reader.comparing import Compared, Comparison, Marked, Mixture

WORTH = 0.06
"""From this probability on that it differs, by the signals, a place is worth being compared."""
MOST = 3
"""How many places of a question are compared at the most: the likeliest."""
_BEFORE = 120
"""Characters of a paragraph before the sentence of a place that are read with it: who or what is meant often stands there."""
_LEAST = 1e-6


class Comparer(Protocol):
    """Compares places by their words; see :class:`qa.reader.comparing.Comparer`."""

    @property
    def comparison(self) -> Comparison:
        """How much what it says counts beside the signals."""
        ...

    def compare(self, question: str, pairs: Sequence[tuple[Marked, Marked]]) -> list[Compared]:
        """The logits of each pair's second place beside its first."""
        ...


def judged(
    asked: Asked, best: Place, places: Sequence[Place], likely: Sequence[Likelihood], comparer: Comparer
) -> list[Likelihood]:
    """How likely ``places`` answer too, and differ, in the light of their words.

    Args:
        asked: the question.
        best: the place of the answer.
        places: those that may answer too.
        likely: for each what the signals say.
        comparer: weighs the words. It is not asked of places that hardly differ by the signals, or that say the same as the
            best one, for what these are is known.
    """
    worth = [
        number
        for number, one in enumerate(likely)
        if one.differs >= WORTH and not equal(best.value, places[number].value)
    ]
    chosen = sorted(worth, key=lambda number: (-likely[number].differs, number))[:MOST]
    answer = excerpt(best)
    found = comparer.compare(asked.text, [(answer, excerpt(places[number])) for number in chosen])
    told = list(likely)
    mixture = comparer.comparison
    for number, compared in zip(chosen, found, strict=True):
        answers = mixed(mixture.answers, likely[number].answers, compared.answers)
        told[number] = Likelihood(answers, mixed(mixture.differs, likely[number].differs, compared.differs))
    return told


def mixed(mixture: Mixture, signals: float, network: float) -> float:
    """A probability in 0..1 from that of the signals and the logit of the network."""
    clipped = min(max(signals, _LEAST), 1 - _LEAST)
    logit = math.log(clipped / (1 - clipped))
    return probability(mixture.constant + mixture.signals * logit + mixture.network * network)


def excerpt(place: Place) -> Marked:
    """The sentence of a place with what stands before it in its paragraph, cut at a word."""
    text, start = place.document.text, place.sentence.start
    begin = max(start - _BEFORE, text.rfind("\n", 0, start) + 1)
    if begin > 0 and text[begin - 1] != "\n" and begin < start:
        space = text.find(" ", begin, start)
        begin = start if space < 0 else space + 1
    return Marked(text[begin : place.sentence.end], place.start - begin, place.end - begin)
