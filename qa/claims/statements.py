"""What somebody said: "What did the union claim?" asks for all of it, sentence by sentence."""

import re
from collections.abc import Sequence

from qa.claims.groups import Group
from qa.claims.places import Place
from qa.claims.signals import same_speaker
from qa.claims.words import content_words, stem

BEHIND = 2.0
"""How far below the best span (a calibrated logit) something else that was said may score."""
_LEAST_WORDS = 2
"""Fewest words with a meaning that make a statement."""

_ASKED = re.compile(
    r"^what (?:else )?(?:do|does|did|has|have|had) (?P<name>[^,;?]+?)(?<! to) (?:also |himself |herself )?(?P<verb>say|said"
    r"|claim|claimed|state|stated|announce|announced|report|reported|tell|told|promise|promised|demand|demanded|propose"
    r"|proposed|accuse|accused|deny|denied|warn|warned)\b(?! (?:to|that)\b)",
    re.IGNORECASE,
)
_SAYING_LIST = "say claim state announce report tell"
_SAYING = frozenset(stem(word) for word in _SAYING_LIST.split())


def asks_for_all_of_it(question: str) -> bool:
    """Whether ``question`` asks what somebody said, about whatever it was, so that everything they said answers it."""
    asked = _ASKED.match(question.strip())
    return asked is not None and not question.strip()[asked.end() :].strip(" ?.!")


def statements(question: str, best: Place, reached: Sequence[Place]) -> list[Group]:
    """The best place and other things that its speaker said, one of a sentence, best first.

    Args:
        question: what was asked.
        best: the answer.
        reached: places, best first, which may overlap.

    Returns:
        A group for each; the best place alone where it is not asked what somebody said, or somebody else is, or said no more.
    """
    asked = _ASKED.match(question.strip())
    groups = [Group([best], best.confidence)]
    if asked is None or best.speaker is None or not same_speaker(asked["name"], best.speaker_text):
        return groups
    verb = stem(asked["verb"].lower())
    for place in reached:
        if place.score < best.score - BEHIND:
            break
        told = any(
            place.document.id == other.places[0].document.id and place.sentence.start == other.places[0].sentence.start
            for other in groups
        )
        naming = place.speaker_text
        if told or not naming or not (same_speaker(asked["name"], naming) and same_speaker(best.speaker_text, naming)):
            continue
        # Who promised one thing may have said another, but who is asked what he said said that he promised.
        if verb not in _SAYING and stem(place.verb.lower()) != verb:
            continue
        if len(content_words(place.text)) >= _LEAST_WORDS:
            groups.append(Group([place], min(best.confidence, place.confidence)))
    return groups
