"""Turns that are no questions: thanks, "ok", "Tell me about the clash."."""

from collections.abc import Sequence

from qa.conversation import lexicon
from qa.conversation.shape import shape_of
from qa.conversation.turns import Turn
from qa.conversation.words import tokens

_COURTESIES = lexicon.word_set(
    "thanks thank thx cheers ok okay great good nice fine perfect cool wow hello hi hey bye goodbye sorry please yes yeah no "
    "right sure interesting understood"
)
_WITH_THEM = lexicon.word_set("you very much so a lot and well all then for that")


def is_courtesy(text: str) -> bool:
    """Whether ``text`` asks for nothing: "ok", "Thanks a lot!"."""
    said = {token.lower for token in tokens(text) if token.is_word}
    return bool(said & _COURTESIES) and said <= _COURTESIES | _WITH_THEM


def spoken(turns: Sequence[Turn]) -> Sequence[Turn]:
    """``turns`` without those at the end that nothing can be asked about: thanks, to which there was no answer."""
    end = len(turns)
    while end and _says_nothing(turns[end - 1]):
        end -= 1
    return turns[:end]


def _says_nothing(turn: Turn) -> bool:
    return turn.answer.answer is None and shape_of(turn.standalone).form == "other" and is_courtesy(turn.standalone)
