"""Which of the best places answers, where the reader's scores hardly tell: each is compared with the best by its words.

The reader scores every passage by itself. Where two places score alike, the network that compares places
(:mod:`qa.reader.comparing`) sees both in one window, and says of the second whether it answers too; asked both ways round,
the one that does so more surely is the better one. That is so for places apart in one document: near ones the reader has read
beside each other, and the words around two places do not tell whether the articles they stand in are about what is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from index import Document
from qa.candidates import Candidate
from qa.claims.equality import equal
from qa.claims.judging import Comparer, excerpt
from qa.claims.making import compared
from qa.claims.places import Place
from qa.reader.comparing import Compared, Comparison, Marked

RIVALS = 2
"""How many of the next places may be compared with the best one."""
APART = 300
"""How many characters they are away from it at the least, in the same document."""
REACH = 2.0
"""How far behind the best score (a calibrated logit) they are at the most."""


@dataclass(frozen=True)
class Remembering:
    """A comparer that compares no two places twice, for one question."""

    comparer: Comparer
    known: dict[tuple[str, Marked, Marked], Compared] = field(default_factory=dict)

    @property
    def comparison(self) -> Comparison:
        """How much what it says counts."""
        return self.comparer.comparison

    def compare(self, question: str, pairs: Sequence[tuple[Marked, Marked]]) -> list[Compared]:
        """The logits of each pair's second place beside its first."""
        unknown = [pair for pair in dict.fromkeys(pairs) if (question, *pair) not in self.known]
        if unknown:
            for pair, told in zip(unknown, self.comparer.compare(question, unknown), strict=True):
                self.known[question, *pair] = told
        return [self.known[question, *pair] for pair in pairs]


def chosen(
    question: str, found: Sequence[Candidate], documents: Mapping[str, Document], comparer: Comparer
) -> list[Candidate]:
    """``found`` with the better of the best places first.

    Args:
        question: what was asked.
        found: what the reader puts forward, best first.
        documents: those that it stands in, by id.
        comparer: weighs the words around places.

    Returns:
        The same places. Where another one goes before the best, the two change their scores and confidences too, so that
        the first answer is as sure as before.
    """
    rival = comparer.comparison.rival
    # Most questions have nothing to choose from, which is seen without making places.
    if rival is None or not any(_may_be_rivals(found[0], one) for one in found):
        return list(found)
    asked, _, places = compared(question, found, documents)
    best, others = places[0], rivals(places)
    if not others:
        return list(found)
    own = excerpt(best)
    pairs = [pair for place in others for pair in ((own, excerpt(place)), (excerpt(place), own))]
    told = comparer.compare(asked.text, pairs)
    better = [
        rival.logit(place.score - best.score, there.answers, here.answers)
        for place, there, here in zip(others, told[::2], told[1::2], strict=True)
    ]
    highest = max(better)
    return list(found) if highest <= 0 else _before_the_first(found, others[better.index(highest)])


def rivals(places: Sequence[Place]) -> list[Place]:
    """Those of ``places``, best first, that may go before the best one."""
    best = places[0]
    return [
        place
        for place in places[1 : 1 + RIVALS]
        if place.document.id == best.document.id
        and abs(place.start - best.start) >= APART
        and place.score >= best.score - REACH
        and not equal(best.value, place.value)
    ]


def _may_be_rivals(best: Candidate, other: Candidate) -> bool:
    """Whether a place that is made of ``other`` can be one of :func:`rivals`; its beginning may be narrowed to its end."""
    near = max(abs(other.start - best.end), abs(other.end - best.start)) < APART
    return best.document_id == other.document_id and not near and other.score >= best.score - REACH


def _before_the_first(found: Sequence[Candidate], place: Place) -> list[Candidate]:
    """``found`` with the candidate that ``place`` was made of first."""
    # The beginning of a place may have been narrowed, its end is that of the candidate.
    at = next(
        number
        for number, one in enumerate(found)
        if (one.document_id, one.end, one.score) == (place.document.id, place.end, place.score)
        and one.start <= place.start
    )
    first, other = found[0], found[at]
    moved = list(found)
    moved[0] = replace(other, score=first.score, confidence=first.confidence)
    moved[at] = replace(first, score=other.score, confidence=other.confidence)
    return moved
