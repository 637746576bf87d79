"""What reading on tells of the candidates of a question, asked for when it is needed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qa.reader.heard import Found
from qa.reader.opinions import CLOSE


@dataclass(frozen=True, slots=True)
class Reread:
    """What is found where the reader reads on (:mod:`qa.reader.opinions`).

    Attributes:
        best: in the best passages at once.
        answers: the words of each candidate.
        surrounding: for the number of a candidate, what is found in what surrounds it; ``None`` when that is no more than its
            passage.
    """

    best: Found
    answers: tuple[str, ...]
    surrounding: Callable[[int], Found | None]
    _known: dict[int, Found | None] = field(default_factory=dict)

    def of(self, kept: NDArray[np.bool_]) -> "Reread":
        """The same for some of the candidates; ``kept`` is of shape (candidates,)."""
        numbers = [int(number) for number in np.flatnonzero(kept)]
        return replace(
            self,
            answers=tuple(self.answers[number] for number in numbers),
            surrounding=lambda place: self._found(numbers[place]),
            _known={},
        )

    def first(self, scores: NDArray[np.float64], weight: float) -> int:
        """The candidate that comes first, as :func:`qa.reader.opinions.overtaken` has it.

        Args:
            scores: of each candidate by itself, float64 of shape (candidates,), at least one.
            weight: how much a candidate's score in the best passages at once counts beside its own.
        """
        near = np.flatnonzero(scores.max() - scores < CLOSE)
        behind = np.array([self.best.behind(self.answers[place]) for place in near])
        # Of two that are as good the better one by itself.
        return int(near[np.lexsort((scores[near], scores[near] + weight * behind))[-1]])

    def together(self, place: int) -> dict[str, float]:
        """The features of a candidate that the best passages at once tell."""
        return {"together": self.best.score, "behind": self.best.behind(self.answers[place])}

    def around(self, place: int) -> dict[str, float] | None:
        """The features of a candidate that its surroundings tell; ``None`` when they are no more than its passage."""
        found = self._found(place)
        return None if found is None else {"around": found.score, "behind_around": found.behind(self.answers[place])}

    def _found(self, place: int) -> Found | None:
        if place not in self._known:
            self._known[place] = self.surrounding(place)
        return self._known[place]
