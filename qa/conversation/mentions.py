"""What a text speaks of: names, noun phrases, times and numbers, with a guess at what kind of thing each is.

There is no parser here. Names are sequences of capitalised words, noun phrases run from a determiner to the next word of a
closed list, and kinds come from closed lists of titles, first names and common nouns, or from the words around.
"""

from dataclasses import dataclass, replace
from typing import Literal

from qa.conversation import lexicon
from qa.conversation.words import Token, is_past, tokens

Kind = Literal["person", "place", "group", "time", "number", "thing", "name"]
"""``name`` is a name of which nothing more is known."""

Gender = Literal["he", "she", ""]

_INNER = lexicon.word_set("of the de van von der al bin el la del di da du")
_PLACE_BEFORE = lexicon.word_set("in at from near")
_PLURALS = lexicon.word_set("people police men women children troops forces")
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
_MAX_WORDS = 14


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
    toks = tokens(text)
    found: list[Mention] = []
    end = 0
    for at, token in enumerate(toks):
        if at >= end and _begins_name(toks, at):
            end = _name_end(toks, at)
            adjective = is_adjective(toks, at, end)
            if not adjective:
                found.append(_named(text, toks, at, end))
            elif at == 0 or toks[at - 1].lower not in lexicon.DETERMINERS:
                phrase = _noun_phrase(text, toks, at)
                found += [phrase] if phrase is not None else []
        elif token.text[0].isdigit() and not (at and toks[at - 1].is_name and toks[at - 1].lower not in lexicon.MONTHS):
            found.append(_number(toks, at))
        begins = (
            token.lower in lexicon.DETERMINERS - lexicon.DEMONSTRATIVES or _bare_plural(toks, at) or _wh_noun(toks, at)
        )
        if begins or (at + 1 < len(toks) and toks[at + 1].text in ("'s", "’s") and token.is_name):
            phrase = _noun_phrase(text, toks, at)
            if phrase is not None:
                found.append(phrase)
    found = [_joined(text, mention, found) for mention in found]
    # What begins within one phrase and ends beyond it was cut wrongly.
    found = [one for one in found if not any(o.start < one.start < o.end < one.end for o in found)]
    return sorted(dict.fromkeys(found), key=lambda mention: (mention.start, -mention.end))


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
    first = asked.split(" ")[0].lower() if asked else ""
    if first in ("who", "whom") and kind in ("name", "thing", "place"):
        kind = "person"
    elif first == "where":
        kind = "place"
    elif first == "when":
        kind = "time"
    elif asked.lower().startswith(("how many", "how much")):
        kind = "number"
    if best is not None and best.start == 0 and best.end >= len(text.rstrip(".")):
        return replace(best, kind=kind)
    if " and " in text and kind in ("person", "name", "place", "group"):
        plural = True
    named = any(token.is_name or token.text[0].isdigit() for token in toks)
    return Mention(text.strip(), 0, len(text), kind, plural, gender, named, toks[-1].lower)


def kind_of_noun(noun: str) -> Kind:
    """What a common noun in lower case stands for."""
    for form in (noun, noun.removesuffix("s"), noun.removesuffix("es")):
        if form in lexicon.PERSON_NOUNS:
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


def _begins_name(toks: list[Token], at: int) -> bool:
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


def _name_end(toks: list[Token], at: int) -> int:
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


def is_plural_name(name: str) -> bool:
    """Whether a name speaks of several: "the Beatles", "the Normans", but not "Mr Williams"."""
    parts = name.split()
    return len(parts) == 1 and is_plural(parts[0].lower()) and parts[0].lower().endswith(("ans", "ns", "ts", "rs"))


def _number(toks: list[Token], at: int) -> Mention:
    token = toks[at]
    year = len(token.text) == 4 and token.text.isdigit() and token.text[0] in "12"
    month = at and toks[at - 1].lower in lexicon.MONTHS
    kind: Kind = "time" if year or month else "number"
    return Mention(token.text, token.start, token.end, kind, False, "", True, token.lower)


def _wh_noun(toks: list[Token], at: int) -> bool:
    """Whether a noun phrase begins with "which", "what" or "whose" here: "Which company"."""
    if toks[at].lower not in ("which", "what", "whose") or at + 1 >= len(toks):
        return False
    after = toks[at + 1]
    return after.is_word and after.lower not in lexicon.FUNCTION and not is_past(after.text)


def _bare_plural(toks: list[Token], at: int) -> bool:
    token = toks[at]
    if not token.is_word or token.lower in lexicon.FUNCTION or not is_plural(token.lower) or token.is_name:
        return False
    before = toks[at - 1] if at else None
    free = before is None or before.lower in lexicon.FUNCTION or before.text[0].isdigit() or before.is_name
    return free and not (
        before is not None and before.lower in lexicon.DETERMINERS | lexicon.PRONOUNS | {"who", "what"}
    )


def _noun_phrase(text: str, toks: list[Token], at: int) -> Mention | None:
    determiner = toks[at].lower in lexicon.DETERMINERS or toks[at].lower in lexicon.QUESTION_WORDS
    end = at + 1 if determiner else at
    while end < len(toks) and end - at < 8:
        token = toks[end]
        if token.text in ("'s", "’s", "'", "’"):
            end += 1
            continue
        if not token.is_word or (
            token.lower in lexicon.FUNCTION and not (token.is_name and end > at and toks[end - 1].is_name)
        ):
            break
        inside = end - at - determiner > 0
        if inside and (is_past(token.text) or (token.lower.endswith("ing") and end - at > 1)) and not token.is_name:
            break
        end += 1
    end = _without_verb(toks, at, end)
    inner = [token for token in toks[at + determiner : end] if token.is_word]
    if not inner:
        return None
    head = inner[-1]
    if end < len(toks) and toks[end].lower == "of" and not head.text[0].isdigit():
        end = _of_phrase(toks, end)
    if head.is_name and not determiner:
        return None
    noun = head.lower
    named = any(token.is_name or token.text[0].isdigit() for token in toks[at + determiner : end])
    kind = kind_of_noun(noun) if not head.is_name else "name"
    begin = toks[at].start
    span = text[begin : toks[end - 1].end]
    return Mention(span, begin, toks[end - 1].end, kind, is_plural(noun), gender_of_noun(noun), named, noun)


def _without_verb(toks: list[Token], at: int, end: int) -> int:
    """``end`` without the verb that a phrase right after "did" and its like runs into: "did the talks [begin]"."""
    if at == 0 or toks[at - 1].lower not in lexicon.AUXILIARIES - lexicon.BE:
        return end
    if end < len(toks) and toks[end].lower in ("of", "have", "be"):
        return end
    return end - 1 if end - at > 2 or (end - at == 2 and toks[at].lower not in lexicon.DETERMINERS) else end


def _of_phrase(toks: list[Token], of: int) -> int:
    """Number of the token after the phrase that the "of" at token ``of`` begins."""
    end = of + 1
    if end < len(toks) and toks[end].lower in lexicon.DETERMINERS:
        end += 1
    began = end
    while end < len(toks) and toks[end].is_word and end - began < 5:
        token = toks[end]
        joins = token.lower == "and" and end > began and end + 1 < len(toks) and toks[end + 1].is_name
        if token.lower in lexicon.FUNCTION and not joins:
            break
        if end > began and not token.is_name and (toks[end - 1].is_name or is_past(token.text)):
            break
        end += 1
    return end if end > began else of


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
