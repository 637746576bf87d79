"""The "it" that means nothing, as in "What time is it in Tokyo?" and "Did it snow?", or what was done, as in "Who did it?"."""

from collections.abc import Sequence

from qa.conversation import lexicon
from qa.conversation.nouns import kind_of_noun
from qa.conversation.words import Token

_PREDICATES = lexicon.word_set("raining snowing true possible necessary clear likely important")
_WEATHER = lexicon.word_set("rain rains rained snow snows snowed")
_JUDGED = lexicon.word_set(
    "safe dangerous risky legal illegal lawful normal common usual unusual hard easy difficult wise right wrong better best"
)
"""What may be said of doing something: "Is it safe to travel to Bresia?"."""
_FELT = lexicon.word_set("hot cold warm cool dark sunny windy humid")
_HERE = lexicon.word_set("there here outside now today")


def is_impersonal(toks: Sequence[Token], at: int) -> bool:
    """Whether the "it" that token ``at`` is means nothing that was spoken of, by the words around it."""
    before = [token.lower for token in toks[max(0, at - 3) : at] if token.is_word]
    rest = [token for token in toks[at + 1 :] if token.is_word]
    after = [token.lower for token in rest]
    first = after[0] if after else ""
    if first in ("called", "known", "that") and {"when", "that"} & set(after):
        return True  # "What is it called when ...", "When was it that ..."
    if first in ("take", "takes", "took") and "to" in after:
        return True  # "How long did it take to ..."
    if _PREDICATES & set(after) or _verb(after) in _WEATHER:
        return True
    if not before or before[-1] not in lexicon.BE:
        return False
    asked = before[-2] if len(before) > 1 else ""
    if before[-3:-2] == ["what"] and kind_of_noun(asked) == "time":
        return first in _HERE | {"when"} or _at_place(rest)
    if before[-3:-2] == ["how"] and asked == "far":
        return first in ("from", "to", "between") and bool({"to", "and"} & set(after[1:]))
    if before[-3:-2] == ["how"] and asked in _FELT:
        return first in _HERE or _at_place(rest)
    if first == "like":
        return _at_place(rest[1:])
    return first in _JUDGED and after[1:2] == ["to"] and _has_an_object(rest[2:])


def asks_who_did_it(toks: Sequence[Token]) -> bool:
    """Whether a question is "Who did it?" or its like, where "it" is what somebody did and "did" the verb."""
    said = [token.lower for token in toks if token.is_word]
    return (
        len(said) == 3
        and said[0] in ("who", "what")
        and said[1] in ("did", "does")
        and said[2] in lexicon.DEMONSTRATIVES | {"it", "so"}
    )


def _verb(after: Sequence[str]) -> str:
    """The first word that is no adverb: "Did it often [rain]"; empty if there is none."""
    return next((word for word in after if word not in lexicon.ADVERBS), "")


def _at_place(rest: Sequence[Token]) -> bool:
    """Whether ``rest`` begins with "in" or "at" and a place: "in Tokyo", not "in winter", where something named may be hot."""
    if len(rest) < 2 or rest[0].lower not in ("in", "at"):
        return False
    return rest[1].is_name and kind_of_noun(rest[1].lower) != "time"


def _has_an_object(rest: Sequence[Token]) -> bool:
    """Whether ``rest`` is a verb and what it is done to: "travel to Bresia", "close the school".

    In "Is it hard to find?" what is found is "it".
    """
    if len(rest) < 2 or rest[0].lower in lexicon.FUNCTION:
        return False
    return rest[1].lower in lexicon.DETERMINERS or any(token.is_name for token in rest[1:])
