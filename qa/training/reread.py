"""What reading on tells of the candidates of a question, asked for when it is needed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qa.reader.heard import Found
from qa.reader.opinions import CLOSE

Places = tuple[int, ...]
"""Passages that are read at once, by number."""


@dataclass(frozen=True, slots=True)
class Reread:
    """What is found where the reader reads on (:mod:`qa.reader.opinions`).

    Attributes:
        answers: the words of each candidate.
        passages: for each candidate the passages that are read at once when it is the best by itself.
        at_once: what is found in some passages at once; ``None`` when there is nothing to read.
        surrounding: for the number of a candidate, what is found in what surrounds it; ``None`` when that is no more than its
            passage.
    """

    answers: tuple[str, ...]
    passages: tuple[Places, ...]
    at_once: Callable[[Places], Found | None]
    surrounding: Callable[[int], Found | None]
    _together: dict[Places, Found | None] = field(default_factory=dict)
    _around: dict[int, Found | None] = field(default_factory=dict)

    def of(self, kept: NDArray[np.bool_]) -> "Reread":
        """The same for some of the candidates; ``kept`` is of shape (candidates,)."""
        numbers = [int(number) for number in np.flatnonzero(kept)]
        return replace(
            self,
            answers=tuple(self.answers[number] for number in numbers),
            passages=tuple(self.passages[number] for number in numbers),
            surrounding=lambda place: self._surrounding(numbers[place]),
            _around={},
        )

    def first(self, scores: NDArray[np.float64], weight: float) -> int:
        """The candidate that comes first, as :func:`qa.reader.opinions.overtaken` has it.

        Args:
            scores: of each candidate by itself, float64 of shape (candidates,), at least one.
            weight: how much a candidate's score in the best passages at once counts beside its own.
        """
        best = int(scores.argmax())
        found = self.found(best)
        if found is None:
            return best
        near = np.flatnonzero(scores.max() - scores < CLOSE)
        behind = np.array([found.behind(self.answers[place]) for place in near])
        # Of two that are as good the better one by itself.
        return int(near[np.lexsort((scores[near], scores[near] + weight * behind))[-1]])

    def found(self, best: int) -> Found | None:
        """What is found in the best passages at once when ``best`` is the best candidate by itself."""
        places = self.passages[best]
        if places not in self._together:
            self._together[places] = self.at_once(places)
        return self._together[places]

    def together(self, place: int, best: int) -> dict[str, float]:
        """The features of a candidate that the best passages at once tell when ``best`` is the best by itself."""
        found = self.found(best)
        return {} if found is None else {"together": found.score, "behind": found.behind(self.answers[place])}

    def around(self, place: int) -> dict[str, float] | None:
        """The features of a candidate that its surroundings tell; ``None`` when they are no more than its passage."""
        found = self._surrounding(place)
        return None if found is None else {"around": found.score, "behind_around": found.behind(self.answers[place])}

    def _surrounding(self, place: int) -> Found | None:
        if place not in self._around:
            self._around[place] = self.surrounding(place)
        return self._around[place]
