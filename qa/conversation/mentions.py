"""What a text speaks of: names, noun phrases, times and numbers, with a guess at what kind of thing each is.

There is no parser here. Names are sequences of capitalised words, noun phrases run from a determiner to the next word of a
closed list, and kinds come from closed lists of titles, first names and common nouns, or from the words around.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from qa.conversation import lexicon
from qa.conversation.nouns import Gender, Kind, gender_of_noun, is_plural, is_plural_name, kind_of_noun
from qa.conversation.phrases import (
    bare_plural,
    begins_name,
    is_adjective,
    name_end,
    of_phrase,
    wh_noun,
    without_verb,
)
from qa.conversation.words import Token, is_past, tokens

_PLACE_BEFORE = lexicon.word_set("in at from near")
_MAX_WORDS = 14
_ORDER = lexicon.word_set("first last next only most other same few several many")
"""Words that tell which or how many, and that a noun phrase may begin with: "the last strike"."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that a text speaks of, at characters ``[start, end)`` of it.

    Attributes:
        text: its words.
        kind: what it seems to be.
        plural: whether it is several.
        gender: of a person, if there is a hint.
        named: whether it has a name or a number in it.
        head: its main noun in lower case.
    """

    text: str
    start: int
    end: int
    kind: Kind
    plural: bool = False
    gender: Gender = ""
    named: bool = True
    head: str = ""


def mentions_in(text: str) -> list[Mention]:
    """Everything that ``text`` speaks of, in its order; noun phrases hold the names within them as well as by themselves."""
    return list(_mentions_in(text))


# A question looks at the same few turns again and again.
@lru_cache(maxsize=128)
def _mentions_in(text: str) -> tuple[Mention, ...]:
    toks = tokens(text)
    found: list[Mention] = []
    end = 0
    for at, token in enumerate(toks):
        if at >= end and begins_name(toks, at):
            end = name_end(toks, at)
            adjective = is_adjective(toks, at, end)
            if not adjective:
                found.append(_named(text, toks, at, end))
            elif at == 0 or toks[at - 1].lower not in lexicon.DETERMINERS:
                phrase = _noun_phrase(text, toks, at)
                found += [phrase] if phrase is not None else []
        elif token.text[0].isdigit() and not (at and toks[at - 1].is_name and toks[at - 1].lower not in lexicon.MONTHS):
            found.append(_number(toks, at))
        begins = (
            token.lower in lexicon.DETERMINERS - lexicon.DEMONSTRATIVES or bare_plural(toks, at) or wh_noun(toks, at)
        )
        if begins or (at + 1 < len(toks) and toks[at + 1].text in ("'s", "’s") and token.is_name):
            phrase = _noun_phrase(text, toks, at)
            if phrase is not None:
                found.append(phrase)
    found = [_joined(text, mention, found) for mention in found]
    # What begins within one phrase and ends beyond it was cut wrongly.
    found = [one for one in found if not any(o.start < one.start < o.end < one.end for o in found)]
    return tuple(sorted(dict.fromkeys(found), key=lambda mention: (mention.start, -mention.end)))


def whole(text: str, asked: str = "") -> Mention | None:
    """``text``, an answer to a question that begins with the question words ``asked``, as one mention.

    ``None`` if it is too long to stand for a thing, or has no word.
    """
    toks = [token for token in tokens(text) if token.is_word]
    if not toks or len(toks) > _MAX_WORDS:
        return None
    inner = mentions_in(text)
    best = next((mention for mention in inner if mention.kind != "number"), inner[0] if inner else None)
    kind: Kind = best.kind if best is not None else kind_of_noun(toks[-1].lower)
    plural = best.plural if best is not None else is_plural(toks[-1].lower)
    gender: Gender = best.gender if best is not None else ""
    gender = gender or next((one.gender for one in inner if one.gender and one.end == len(text)), "")
    asking = tokens(asked)
    first = next((token.lower for token in asking if token.lower in lexicon.QUESTION_WORDS), "")
    timed = first in ("which", "what") and kind_of_noun(asking[-1].lower) == "time"
    # "Party leader Anna Stone" is no party.
    led = kind == "group" and any(mention.kind == "person" and mention.end == len(text) for mention in inner)
    if first in ("who", "whom") and (kind in ("name", "thing", "place") or led):
        kind = "person"
    elif first == "where":
        kind = "place"
    elif first == "when" or timed:
        kind = "time"
    elif asked.lower().startswith(("how many", "how much")):
        kind = "number"
    if best is not None and best.start == 0 and best.end >= len(text.rstrip(".")):
        return replace(best, kind=kind, gender=gender)
    if " and " in text and kind in ("person", "name", "place", "group"):
        plural = True
    named = any(token.is_name or token.text[0].isdigit() for token in toks)
    return Mention(text.strip(), 0, len(text), kind, plural, gender, named, toks[-1].lower)


def _named(text: str, toks: list[Token], at: int, end: int) -> Mention:
    parts = [token.lower for token in toks[at:end] if token.is_word]
    before = toks[at - 1].lower if at else ""
    kind: Kind = "name"
    gender: Gender = ""
    for title in (before, *parts[:-1]):
        if title in lexicon.PERSON_TITLES and len(parts) + (title == before) > 1:
            kind = "person"
            gender = (
                "he"
                if title in lexicon.MALE_TITLES
                else "she"
                if title in lexicon.FEMALE_TITLES
                else gender_of_noun(title)
            )
    for part in parts[:2] if kind == "person" else parts[:1]:
        if part in lexicon.MALE_NAMES or part in lexicon.FEMALE_NAMES:
            kind, gender = "person", gender or ("he" if part in lexicon.MALE_NAMES else "she")
    if kind == "name":
        nouns = {kind_of_noun(part) for part in parts}
        if all(part in lexicon.MONTHS or part[0].isdigit() for part in parts):
            kind = "time"
        elif "place" in nouns:
            kind = "place"
        elif "group" in nouns or (len(parts) == 1 and parts[0].upper() == toks[at].text and len(parts[0]) > 1):
            kind = "group"
        elif before in _PLACE_BEFORE:
            kind = "place"
    # "captain Nordal" says more than the name, and more surely whom.
    begin = toks[at - 1].start if before in lexicon.PERSON_TITLES else toks[at].start
    span = text[begin : toks[end - 1].end]
    return Mention(span, begin, toks[end - 1].end, kind, is_plural_name(span), gender, True, parts[-1])


def _number(toks: list[Token], at: int) -> Mention:
    token = toks[at]
    year = len(token.text) == 4 and token.text.isdigit() and token.text[0] in "12"
    month = at and toks[at - 1].lower in lexicon.MONTHS
    kind: Kind = "time" if year or month else "number"
    return Mention(token.text, token.start, token.end, kind, False, "", True, token.lower)


def _noun_phrase(text: str, toks: list[Token], at: int) -> Mention | None:
    determiner = toks[at].lower in lexicon.DETERMINERS or toks[at].lower in lexicon.QUESTION_WORDS
    end = noun = at + 1 if determiner else at
    while end < len(toks) and end - at < 8:
        token = toks[end]
        if token.text in ("'s", "’s", "'", "’"):
            end += 1
            continue
        if end > at and _leads(toks, end):
            noun = end + 1
            end += 1
            continue
        if not token.is_word or (
            token.lower in lexicon.FUNCTION and not (token.is_name and end > at and toks[end - 1].is_name)
        ):
            break
        inside = end > noun
        if not determiner and end > at and toks[at].is_word and not toks[at].is_name and not is_plural(token.lower):
            break
        if inside and not token.is_name and token.lower in lexicon.VERBS:
            return _phrase_of(text, toks, at, end, determiner)
        if (
            inside
            and (is_past(token.text) or (token.lower.endswith("ing") and end - max(at, noun - 1) > 1))
            and not token.is_name
        ):
            break
        end += 1
    return _phrase_of(text, toks, at, without_verb(toks, at, end), determiner)


def _leads(toks: list[Token], at: int) -> bool:
    """Whether token ``at`` stands before the noun of a phrase and tells which one: "the [last] strike", "her [first] book"."""
    before = toks[at - 1]
    first = before.lower in lexicon.DETERMINERS | _ORDER or before.text in ("'s", "’s") or before.text[0].isdigit()
    return first and toks[at].lower in _ORDER


def _phrase_of(text: str, toks: list[Token], at: int, end: int, determiner: bool) -> Mention | None:
    """The noun phrase of tokens ``at`` to ``end``, with an "of" phrase after it; ``None`` if there is no noun in it."""
    inner = [token for token in toks[at + determiner : end] if token.is_word]
    if not inner or inner[-1].lower in _ORDER:
        return None
    head = inner[-1]
    if end < len(toks) and toks[end].lower == "of" and not head.text[0].isdigit():
        of, end = end, of_phrase(toks, end)
        # "What does the head of the clinic need?"
        open_end = end == len(toks) or not toks[end].is_word
        if (
            at
            and toks[at - 1].lower in lexicon.AUXILIARIES - lexicon.BE
            and open_end
            and end - of > 2 + (toks[of + 1].lower in lexicon.DETERMINERS)
        ):
            end -= not toks[end - 1].is_name
    if head.is_name and not determiner:
        return None
    noun = head.lower
    named = any(token.is_name or token.text[0].isdigit() for token in toks[at + determiner : end])
    kind = kind_of_noun(noun) if not head.is_name else "name"
    begin = toks[at].start
    span = text[begin : toks[end - 1].end]
    return Mention(span, begin, toks[end - 1].end, kind, is_plural(noun), gender_of_noun(noun), named, noun)


def _joined(text: str, mention: Mention, found: list[Mention]) -> Mention:
    """``mention`` with the one after it, where "and" joins two names: "Tarvenia and Kesmar"."""
    gap = text[mention.end : mention.end + 5]
    if not gap.startswith(" and ") or not mention.named:
        return mention
    after = next((other for other in found if other.start == mention.end + 5 and other.named), None)
    if after is None or "number" in (mention.kind, after.kind):
        return mention
    span = text[mention.start : after.end]
    return replace(mention, text=span, end=after.end, plural=True, gender="")
