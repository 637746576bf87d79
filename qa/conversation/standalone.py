"""From a follow-up to a question that stands alone, by rules; see the package for how it is used.

The rules are tried in this order, and the first that has something to say decides:

1. a question of nothing but asking words ("When?", "And how many?", "Where was that?") takes the rest of the last question;
2. a new part ("What about Armenia?", "And in 2015?") goes into the place of the alike part of the last question;
3. pronouns, possessives and demonstratives ("his", "there", "that meeting") give way to what they mean;
4. a question without a name of its own whose noun was spoken of more fully ("the meeting") gets the fuller words;
5. a question that shows that it leaves something out ("And how many were wounded?") gets it from the last question.

Everything else is complete and stays as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from qa.conversation.demonstratives import read_echo
from qa.conversation.ellipsis import leaves_out, read_ellipsis, without_connective
from qa.conversation.owners import of_the_same
from qa.conversation.question_words import read_question_word
from qa.conversation.readings import Standalone
from qa.conversation.references import read_references
from qa.conversation.substitution import new_part, read_substitution
from qa.conversation.talk import is_courtesy, spoken
from qa.conversation.turns import Turn
from qa.conversation.words import plain

MAX_CHARACTERS = 400
"""A reading that would be longer is no question any more, and the question is left as it is."""

_ROUNDS = 4
_WHO_SAYS = frozenset({"says who", "said who", "according to whom", "according to who", "by whose account", "who says"})
"""Questions that mean "Who says so?" after an answer."""
_SAYS_SO = re.compile(r"(?:and )?who (?:says|said|claims|claimed) (?:so|that|this|it)$")


def standalone(question: str, turns: Sequence[Turn]) -> Standalone:
    """What ``question`` means after ``turns``.

    Reading what comes out of this once more changes nothing. Any text is taken; what is no follow-up comes back unchanged
    but for its white space.

    Args:
        question: as it was asked.
        turns: the conversation so far, oldest first.
    """
    return readings(question, turns)[0]


def readings(question: str, turns: Sequence[Turn]) -> tuple[Standalone, ...]:
    """The readings of ``question`` after ``turns``, at least one, the likeliest by the rules first.

    A question that is complete by its form but names nothing ("How many people died?") is read as it is, and with what the
    last turn was about as a second reading.
    """
    asked = " ".join(question.split())
    complete = Standalone(asked, asked)
    turns = spoken(turns)
    if not turns or not any(character.isalnum() for character in asked) or len(asked) > MAX_CHARACTERS:
        return (complete,)
    if is_courtesy(asked):
        return (complete,)
    once = _once(asked, turns)
    found = [settled for one in once if (settled := _settled(one, turns)) is not None]
    if not found:
        more = [] if once else read_ellipsis(asked, turns, guess=True)
        found = [complete, *(one for one in more if len(one.question) <= MAX_CHARACTERS)]
    distinct: dict[str, Standalone] = {}
    for one in found:
        distinct.setdefault(one.question, one)
    return tuple(distinct.values())


def _once(asked: str, turns: Sequence[Turn]) -> list[Standalone]:
    """Readings by one pass of the rules; none if the question is complete."""
    if plain(asked) in _WHO_SAYS:
        asked_so = _once("Who says so?", turns)
        return [replace(one, asked=asked) for one in asked_so]
    found = read_question_word(asked, turns)
    if found:
        return found
    part = new_part(asked)
    if part is not None:
        inner = read_references(part, turns)
        inner = [] if _is_of_the_same(part, inner, turns[-1]) else inner
        for reading in inner[:1]:
            first = reading.filled[0].text if reading.filled else ""
            keeps = reading.question.startswith(first[:1].upper() + first[1:]) and first
            part = first + reading.question[len(first) :] if keeps else part[:1] + reading.question[1:]
        return [
            replace(one, filled=(*one.filled, *(f for r in inner[:1] for f in r.filled)))
            for one in read_substitution(part, asked, _before_who_says(turns))
        ]
    bare = without_connective(asked)
    found = read_references(bare, turns) or read_question_word(bare, turns, pronouns=True) or read_echo(bare, turns)
    if not found and leaves_out(asked):
        found = read_ellipsis(bare, turns)
    return [replace(one, asked=asked) for one in found if one.question != bare]


def _is_of_the_same(part: str, inner: Sequence[Standalone], turn: Turn) -> bool:
    """Whether the "its" of "its profit" means whose revenue was asked for, and not "Norvik's revenue" as ``inner`` has it."""
    first = next((filled for reading in inner[:1] for filled in reading.filled), None)
    if first is None or first.replaced.lower() not in ("its", "their") or of_the_same(part, turn.standalone) is None:
        return False
    return first.text.removesuffix("'s") in turn.standalone and bool(re.search(r"['’]s? \w| of ", first.text))


def _before_who_says(turns: Sequence[Turn]) -> Sequence[Turn]:
    """``turns`` without those at the end that only asked who says so: "And the police?" is about what was said."""
    end = len(turns)
    while end > 1 and (plain(turns[end - 1].question) in _WHO_SAYS or _SAYS_SO.match(plain(turns[end - 1].question))):
        end -= 1
    return turns[:end]


def _settled(reading: Standalone, turns: Sequence[Turn]) -> Standalone | None:
    """``reading`` once the rules have nothing more to say to it; ``None`` if that does not come about."""
    filled = reading.filled
    # What was filled in may have line ends and other white space of its document.
    question = " ".join(reading.question.split())
    for _ in range(_ROUNDS):
        if len(question) > MAX_CHARACTERS:
            return None
        again = _once(question, turns)
        if not again or " ".join(again[0].question.split()) == question:
            return replace(reading, question=question, filled=filled)
        question, filled = " ".join(again[0].question.split()), (*filled, *again[0].filled)
    return None
