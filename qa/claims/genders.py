"""Whether a naming is of a person, and whether that may be a man or a woman, by closed lists of words."""

import re

from qa import people

_WORD = re.compile(r"[\w’'-]+")
# Women are bishops and actors too, and "the count" may be one of votes.
_OF_BOTH = frozenset({"bishop", "actor", "count"})
_MALE = (people.MALE_TITLES | people.MALE_NOUNS) - _OF_BOTH
_FEMALE = people.FEMALE_TITLES | people.FEMALE_NOUNS


def is_person(naming: str) -> bool:
    """Whether a word of ``naming`` is a noun for a person: "the governor", "a farmer from Osta"."""
    return not people.PERSON_NOUNS.isdisjoint(word.lower() for word in _WORD.findall(naming))


def may_be(pronoun: str, naming: str) -> bool:
    """Whether ``naming`` may be of whom ``pronoun`` stands for: not "he" for a woman, nor "she" for a man.

    Args:
        pronoun: in lower case; anything may be meant by one other than "he" and "she".
        naming: the words that name somebody; of "his wife, Ana Lund's brother" both may be meant.
    """
    if pronoun not in {"he", "she"}:
        return True
    male, female = _genders(naming)
    mine, other = (male, female) if pronoun == "he" else (female, male)
    return mine or not other


def _genders(naming: str) -> tuple[bool, bool]:
    """Whether ``naming`` has a title, a noun or a first name of a man, and one of a woman."""
    male = female = False
    words = _WORD.findall(naming)
    named = False
    for place, word in enumerate(words):
        lower = word.lower()
        followed = place + 1 < len(words) and words[place + 1][0].isupper()
        # A last name may be "King" or "Thomas"; a title or a first name has another one behind it.
        if word[0].islower() or followed or (place > 0 and words[place - 1].lower() == "the"):
            male, female = male or lower in _MALE, female or lower in _FEMALE
        if word[0].isupper() and followed and not named:
            male, female = male or lower in people.MALE_NAMES, female or lower in people.FEMALE_NAMES
        # In "Jose Maria Lund" the first one tells.
        named = word[0].isupper() and (named or lower not in people.PERSON_TITLES)
    return male, female
