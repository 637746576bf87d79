"""Where names and noun phrases begin and end in a sequence of tokens."""

from qa.conversation import lexicon
from qa.conversation.nouns import is_plural
from qa.conversation.words import Token, is_past

_INNER = lexicon.word_set("of the de van von der al bin el la del di da du")
ADJECTIVE_ENDS = (
    "ian",
    "ean",
    "can",
    "man",
    "ese",
    "ish",
    "ani",
    "aqi",
    "eli",
    "nch",
    "iet",
    "ek",
    "rab",
    "wiss",
    "ern",
)
"""How adjectives of countries end."""


def begins_name(toks: list[Token], at: int) -> bool:
    """Whether a name begins at token ``at``, and does not only go on there."""
    token = toks[at]
    if not token.is_name or token.lower in ("i",):
        return False
    if (
        at
        and toks[at - 1].is_name
        and toks[at - 1].lower not in lexicon.FUNCTION
        and toks[at - 1].end + 1 == token.start
    ):
        return False
    if at > 1 and toks[at - 1].text == "." and _abbreviated(toks[at - 2]):
        return False
    first = at == 0 or toks[at - 1].text in '.?!"“:'
    return not (first and token.lower in lexicon.FUNCTION) and token.lower not in lexicon.QUESTION_WORDS | lexicon.BE


def _abbreviated(token: Token) -> bool:
    """Whether a full stop after ``token`` ends no sentence: "J.", "Dr.", "Mrs."."""
    return token.is_name and (len(token.text) <= 2 or (len(token.text) <= 4 and token.lower in lexicon.PERSON_TITLES))


def name_end(toks: list[Token], at: int) -> int:
    """Number of the token after the name that begins at token ``at``."""
    end = at + 1
    while end < len(toks):
        token = toks[end]
        if token.text == "." and _abbreviated(toks[end - 1]) and end + 1 < len(toks) and toks[end + 1].is_name:
            end += 2
        elif (token.is_name and (token.lower not in lexicon.FUNCTION or len(token.text) > 4)) or (
            token.text[0].isdigit() and toks[end - 1].lower in lexicon.MONTHS
        ):
            end += 1
        elif token.lower in _INNER and token.lower != "the":
            after = end + 1
            while after < len(toks) and toks[after].lower in _INNER:
                after += 1
            if after >= len(toks) or not toks[after].is_name:
                break
            end = after + 1
        else:
            break
    return end


def is_adjective(toks: list[Token], at: int, end: int) -> bool:
    """Whether a name is an adjective before a noun, as in "Armenian soldiers"."""
    if end >= len(toks) or end - at > 1 or not toks[at].lower.endswith(ADJECTIVE_ENDS):
        return False
    after = toks[end]
    return after.is_word and not after.is_name and after.lower not in lexicon.FUNCTION and not is_past(after.text)


def wh_noun(toks: list[Token], at: int) -> bool:
    """Whether a noun phrase begins with "which", "what" or "whose" here: "Which company"."""
    if toks[at].lower not in ("which", "what", "whose") or at + 1 >= len(toks):
        return False
    after = toks[at + 1]
    return after.is_word and after.lower not in lexicon.FUNCTION and not is_past(after.text)


def bare_plural(toks: list[Token], at: int) -> bool:
    """Whether token ``at`` is a plural noun without anything before it: "soldiers"."""
    token = toks[at]
    if not token.is_word or token.lower in lexicon.FUNCTION or not is_plural(token.lower) or token.is_name:
        return False
    before = toks[at - 1] if at else None
    free = (
        before is None
        or is_past(before.text)
        or before.lower in lexicon.FUNCTION
        or before.text[0].isdigit()
        or before.is_name
    )
    return free and not (
        before is not None and before.lower in lexicon.DETERMINERS | lexicon.PRONOUNS | {"who", "what"}
    )


def without_verb(toks: list[Token], at: int, end: int) -> int:
    """``end`` without the verb that a phrase right after "did" and its like runs into: "did the talks [begin]"."""
    if at == 0 or toks[at - 1].lower not in lexicon.AUXILIARIES - lexicon.BE:
        return end
    # "How long did the other strike last?" has its verb after it.
    if end < len(toks) and (toks[end].lower in ("of", "have", "be", "last") or is_past(toks[end].text)):
        return end
    return end - 1 if end - at > 2 or (end - at == 2 and toks[at].lower not in lexicon.DETERMINERS) else end


def of_phrase(toks: list[Token], of: int) -> int:
    """Number of the token after the phrase that the "of" at token ``of`` begins."""
    end = of + 1
    if end < len(toks) and toks[end].lower in lexicon.DETERMINERS:
        end += 1
    began = end
    while end < len(toks) and (toks[end].is_word or toks[end].text[0] in "'’") and end - began < 5:
        token = toks[end]
        if not token.is_word:
            end += 1
            continue
        joins = token.lower == "and" and end > began and end + 1 < len(toks) and toks[end + 1].is_name
        if token.lower in lexicon.FUNCTION and not joins:
            break
        if end > began and not token.is_name and (toks[end - 1].is_name or is_past(token.text)):
            break
        end += 1
    return end if end > began else of
