"""Questions that leave out what they are about: "And how many were wounded?" after a question about a clash."""

import re
from collections.abc import Sequence

from qa.conversation import lexicon
from qa.conversation.mentions import mentions_in
from qa.conversation.nouns import kind_of_noun
from qa.conversation.readings import Edit, Standalone, edited
from qa.conversation.shape import shape_of
from qa.conversation.turns import Turn
from qa.conversation.words import Token, is_past, tokens

_CONNECTIVE = re.compile(r"^(?:(?:and|but|so|or|also|then|okay|ok|well|plus)\b[,\s]*)+", re.IGNORECASE)
_HOW_MANY = ("how many", "how much")


def without_connective(asked: str) -> str:
    """``asked`` without the "and" or "but" that it begins with."""
    rest = _CONNECTIVE.sub("", asked)
    return rest[:1].upper() + rest[1:] if rest else asked


def read_ellipsis(asked: str, turns: Sequence[Turn], *, guess: bool = False) -> list[Standalone]:
    """Readings of a question that names nothing itself, with what the last turn was about; none if it names something.

    The noun of "how many" comes from the last question that counted, and the place, time and event from the end of the last
    question: "How many soldiers were killed in the clash at Cold Ford?" gives "soldiers" and "in the clash at Cold Ford".

    Args:
        asked: the question.
        turns: the turns so far, at least one.
        guess: put in what the last question was about even where only an "of" can join it, which may not fit.
    """
    toks = tokens(asked)
    own = mentions_in(asked)
    if any(
        mention.named and not (mention.start == 0 and mention.text.isalpha() and " " not in mention.text)
        for mention in own
    ):
        return []
    last = len(turns) - 1
    edits: list[Edit] = []
    place = _uncounted(toks)
    # What something costs is asked without a noun.
    if place is not None and asked[:place].lower().endswith("many"):
        noun = _counted(turns)
        if noun:
            edits.append(Edit(place, place, f" {noun[0]}", noun[1]))
    context = "" if toks and _points_back(toks) else context_of(turns[last])
    if not guess and (context.startswith("of ") or _at_that_time(toks)):
        context = ""
    if context and not _repeats(context, asked):
        end = len(asked.rstrip("?.! "))
        edits.append(Edit(end, end, f" {context}", last))
    return [edited(asked, "ellipsis", edits)] if edits else []


def leaves_out(asked: str) -> bool:
    """Whether a question shows by its form that something is left out: it begins with "And", or counts without a noun."""
    begins = _CONNECTIVE.match(asked)
    return (begins is not None and begins.end() < len(asked.rstrip("?.! …"))) or _uncounted(tokens(asked)) is not None


def context_of(turn: Turn) -> str:
    """What the turn's question was about, as words to put at the end of another one; empty if it names nothing.

    That is the end of the question from the preposition before its first name in a phrase of place or time, else its first
    name, or else its last noun phrase, with "of" before it.
    """
    text = turn.standalone.rstrip("?.! ")
    shape = shape_of(text)
    begins = len(text) - len(shape.clause)
    toks = [token for token in tokens(text) if token.start >= begins]
    every = mentions_in(text)
    named = [mention for mention in every if mention.named and mention.kind != "number"]
    named = [mention for mention in named if mention.text.split(" ")[0].lower() not in lexicon.QUESTION_WORDS]
    for at, token in enumerate(toks):
        if token.lower == "to" and (_before_a_verb(toks, at) or toks[at - 1].lower.startswith("happen")):
            continue
        if token.lower in ("when", "while", "where") and token.start > begins:
            return text[token.start :]
        after = [mention for mention in named if mention.end > token.end]
        if token.lower in lexicon.PREPOSITIONS - {"of", "by", "as", "than", "for"} and token.start > begins and after:
            return text[token.start :]
    events = [mention for mention in every if mention.head.removesuffix("s") in lexicon.EVENT_NOUNS]
    if events:
        return f"in {_definite(events[0].text)}"
    if named:
        return f"{'in' if named[0].kind == 'place' else 'of'} {named[0].text}"
    things = [mention for mention in every if mention.text.split(" ")[0].lower() in ("the", "a", "an")]
    return f"of {_definite(things[-1].text)}" if things else ""


def _before_a_verb(toks: Sequence[Token], at: int) -> bool:
    """Whether the "to" at ``at`` belongs to a verb: "to arrest him", not "to the town" or "to Lowen"."""
    after = toks[at + 1] if at + 1 < len(toks) else None
    return after is not None and not after.is_name and after.lower not in lexicon.DETERMINERS


def _points_back(toks: Sequence[Token]) -> bool:
    """Whether the last word is "that" or its like, which says what the question is about, if vaguely."""
    said = [token for token in toks if token.is_word]
    return bool(said) and said[-1].lower in lexicon.DEMONSTRATIVES | lexicon.PRONOUNS


def _at_that_time(toks: Sequence[Token]) -> bool:
    """Whether a question ends in "that day" or its like, and so tells well enough what it is about."""
    said = [token.lower for token in toks if token.is_word]
    return len(said) > 1 and said[-2] in lexicon.DEMONSTRATIVES and kind_of_noun(said[-1]) == "time"


def _definite(text: str) -> str:
    return re.sub(r"^(?:a|an)\s", "the ", text)


def _uncounted(toks: Sequence[Token]) -> int | None:
    """Where the noun is missing after "how many", if it is."""
    for at in range(len(toks) - 2):
        if f"{toks[at].lower} {toks[at + 1].lower}" in _HOW_MANY:
            after = toks[at + 2]
            if after.lower in lexicon.BE | {"have", "had", "has", "could", "will", "would"} or is_past(after.text):
                return toks[at + 1].end
    return None


def _counted(turns: Sequence[Turn]) -> tuple[str, int] | None:
    """The noun that was counted last, and in which turn; "people" after a question for persons."""
    for number in range(len(turns) - 1, max(-1, len(turns) - 4), -1):
        shape = shape_of(turns[number].standalone)
        if shape.word == "how many" and shape.noun:
            return shape.noun, number
        if shape.word == "who":
            return "people", number
    return None


def _repeats(context: str, asked: str) -> bool:
    """Whether ``asked`` already ends with a phrase of the same kind, so that a second one would be odd."""
    own = {token.lower for token in tokens(asked)}
    said = {token.lower for token in tokens(context) if token.lower not in lexicon.FUNCTION}
    return said <= own
