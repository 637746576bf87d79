"""What a common noun stands for, by closed lists and endings."""

from typing import Literal

from qa.conversation import lexicon

Kind = Literal["person", "place", "group", "time", "number", "thing", "name"]
"""``name`` is a name of which nothing more is known."""

Gender = Literal["he", "she", ""]

_NO_TITLES = lexicon.word_set("executive clerk keeper striker worker cook")
"""Nouns of persons that do not show a name to be one: "Cook Islands", "the Executive Council"."""
_PLURALS = lexicon.word_set("people police men women children troops forces")


def kind_of_noun(noun: str) -> Kind:
    """What a common noun in lower case stands for."""
    for form in (noun, noun.removesuffix("s"), noun.removesuffix("es")):
        if form in lexicon.PERSON_NOUNS | _NO_TITLES:
            return "person"
        if form in lexicon.PLACE_NOUNS:
            return "place"
        if form in lexicon.GROUP_NOUNS:
            return "group"
        if form in lexicon.TIME_NOUNS:
            return "time"
    return "thing"


def is_plural(noun: str) -> bool:
    """Whether a noun in lower case looks like a plural."""
    return noun in _PLURALS or (len(noun) > 3 and noun.endswith("s") and not noun.endswith(("ss", "us", "is")))


def gender_of_noun(noun: str) -> Gender:
    """The gender of a person's noun, if it has one."""
    return "he" if noun in lexicon.MALE_NOUNS else "she" if noun in lexicon.FEMALE_NOUNS else ""


def is_plural_name(name: str) -> bool:
    """Whether a name speaks of several: "the Beatles", "the Normans", but not "Mr Williams"."""
    parts = name.split()
    return len(parts) == 1 and is_plural(parts[0].lower()) and parts[0].lower().endswith(("ans", "ns", "ts", "rs"))
