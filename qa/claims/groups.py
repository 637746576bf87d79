"""Places that give the same answer."""

from dataclasses import dataclass, replace

from qa.claims.denials import asks_for_denied, denial_before
from qa.claims.places import Place
from qa.claims.words import Kind


@dataclass(frozen=True, slots=True)
class Group:
    """Places of one value, the best first, and the probability in 0..1 that they answer the question."""

    places: list[Place]
    confidence: float


def without_reversal(question: str, kind: Kind, group: Group, *, listed: bool) -> Group:
    """``group`` so that nobody seems to say what they deny.

    Args:
        question: what was asked; one that asks for what was denied is answered by that.
        kind: what it asks for.
        group: places that say the same.
        listed: whether it is an item of a list.

    Returns:
        A group in which a place right behind a verb of denial begins at the verb or, where a figure, a date or a name was
        asked for and in a list, has no speaker.
    """
    if asks_for_denied(question):
        return group
    return Group([_told(kind, place, listed) for place in group.places], group.confidence)


def _told(kind: Kind, place: Place, listed: bool) -> Place:
    verb = denial_before(place.document.text, place.sentence.start, place.start)
    if verb is None:
        return place
    return replace(place, start=verb) if kind in {"whether", "open"} and not listed else replace(place, unnamed=True)
