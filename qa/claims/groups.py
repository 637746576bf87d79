"""Places that give the same answer."""

from dataclasses import dataclass

from qa.claims.places import Place


@dataclass(frozen=True, slots=True)
class Group:
    """Places of one value, the best first, and the probability in 0..1 that they answer the question."""

    places: list[Place]
    confidence: float
