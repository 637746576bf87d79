"""Words of questions and sentences: which ones carry meaning, and what kind of answer a question asks for."""

import re
from functools import lru_cache
from typing import Literal

from qa.claims.patterns import OWN_VIEW

Kind = Literal["number", "date", "name", "place", "whether", "open"]
"""What a question asks for."""

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")

_EMPTY_LIST = """
a about after all also an and any are as at be been before being but by can could did do does each for from had has
    have he her hers him his how i if in into is it its many may more most much my no not of on one or other our out over
    people per shall she should so some such than that the their them then there these they this those to under until up upon
    very was we were what when where whether which while who whom whose why will with would you your number amount share
    according say says said claim claims claimed tell told announce announced state stated report reported think thinks
    believe believes"""
_EMPTY = frozenset(_EMPTY_LIST.split())
_ENDINGS = ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ied", "ers", "er", "ed", "es", "s", "e", "y")
_SPOKEN = r"sa(?:y|ys|id)|claim(?:s|ed)?|tell|told|announced?|states?d?|reports?|think|believe|estimate|put|promise"
# Who gives or offers something to somebody does more than speak of it.
_SPOKEN += r"|demand|propose|want|expect|suspect|reckon|argue|maintain|insist|admit|deny|fear|(?:give|offer)(?! to\b)"

_NUMBER = re.compile(
    r"\b(?:how (?:many|much|long|far|old|fast|large|big|high|tall|deep|wide|often|heavy|strong|warm|hot|cold)"
    r"|(?:what|which) (?:is |was |were |are )?(?:the )?(?:[\w-]+ ){0,2}?(?:number|amount|share|percentage|percent|proportion"
    r"|rate|price|cost|value|size|length|height|age|speed|sum|toll|total|figure|temperature|distance)"
    r"|what (?:does|do|did|is|are|was|were|will|would) .*\b(?:cost|worth))\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:when|until when|since when|(?:what|which) (?:day|date|year|month|time|week|decade|century))\b", re.IGNORECASE
)
_NAME = re.compile(r"\b(?:who|whom|whose)\b", re.IGNORECASE)
_PLACE = re.compile(r"\bwhere\b", re.IGNORECASE)
# "What happened to the man who fell when the bus left?" asks for no name and no date; "What about Stroud, when did she
# fall?" does.
_OPEN = re.compile(r"\b(?:what|which|why|how)\b(?! about\b)", re.IGNORECASE)
_WHETHER = re.compile(
    r"^(?:did|do|does|is|are|was|were|has|have|had|will|would|can|could|should|must|may)\b", re.IGNORECASE
)
_SINGLE = re.compile(r"^how (?:many|much|long|far|old|fast|large|big|high|tall|deep|wide|often|heavy)\b", re.IGNORECASE)
_WHICH_ONE = re.compile(r"which (?!of\b)", re.IGNORECASE)
_NO_ADJECTIVE = r"(?:is|was|are|were|has|have|had|do|does|did|will|would|can|could|should)"
_PLURAL_NOUN = rf"(?!{_NO_ADJECTIVE}\b|this\b|its\b)(?:[\w-]*[^\Ws_]s|people|men|women|children)\b"
# "Which island firms lost", but not "Which airline takes the".
_NO_VERB = r"(?=\s+\w)(?!\s+(?:(?:the|an?|its|his|her|their|our|no)\b|(?-i:[A-Z])))"
_GOES_ON = (
    r"(?=\s+(?:are|were|have|had|does?|did|will|would|can|could|should|must|may|might|of|in|from|on|at|for|with|that|who|to"
    r"|took|came|went|lost|won|held|met|made|left|got|\w+ed)\b|\W*$)"
)
_ADJECTIVES = rf"(?:(?!{_NO_ADJECTIVE}\b)[\w’'-]+ ){{0,2}}?"
_PLURAL = re.compile(
    rf"\b(?:which {_ADJECTIVES}{_PLURAL_NOUN}{_NO_VERB}|what {_ADJECTIVES}{_PLURAL_NOUN}{_GOES_ON}"
    r"|(?:who|what|which|where) (?:are|were|all)\b|name (?:the|all)\b"
    r"|what (?:do|does|did|has|have|had|will) .+ (?:say|said|claim(?:ed)?|announced?|promised?|demand(?:ed)?|proposed?"
    r"|accused?|want(?:ed)?|offer(?:ed)?|report(?:ed)?)\b)",
    re.IGNORECASE,
)


def content_words(text: str) -> list[str]:
    """The stems of the words of ``text`` that carry meaning, in order, with repetitions."""
    return list(_stems(text))


# Of the places of one question the same sentences are asked for again and again.
@lru_cache(maxsize=256)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in WORD.findall(text.lower()) if word not in _EMPTY and not word.isdigit())


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """``word``, in lower case, without its ending; crude, but equal for most forms of one word."""
    word = word.removesuffix("'s").removesuffix("’s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def coverage(asked: list[str], text: str) -> float:
    """Share of the words ``asked`` (stems) that ``text`` has, in 0..1; 0 when nothing is asked.

    Two stems are the same when one begins with the other, since endings are cut crudely.
    """
    if not asked:
        return 0.0
    present = set(content_words(text))
    return sum(_present(word, present) for word in asked) / len(asked)


def _present(word: str, present: set[str]) -> bool:
    if word in present:
        return True
    return len(word) > 3 and any(
        len(other) > 3 and (word.startswith(other) or other.startswith(word)) for other in present
    )


def kind_of(question: str) -> Kind:
    """What ``question`` asks for."""
    asked = question.strip()
    if _WHETHER.match(asked):
        return "whether"
    # The first question word decides: "How many said when ..." is about a number.
    tests: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("number", _NUMBER),
        ("date", _DATE),
        ("name", _NAME),
        ("place", _PLACE),
        ("open", _OPEN),
    )
    found = [(match.start(), order, kind) for order, (kind, test) in enumerate(tests) if (match := test.search(asked))]
    return min(found)[2] if found else "open"


def asks_for_one(question: str) -> bool:
    """Whether ``question`` asks for one figure, so that several answers to it can only differ."""
    return kind_of(question) in {"number", "date", "whether"} or _SINGLE.match(question.strip()) is not None


def allows_several(question: str) -> bool:
    """Whether several answers to ``question`` may hold beside each other: not to "How many" and "Which airline"."""
    if asks_for_one(question):
        return False
    return asks_for_several(question) or _WHICH_ONE.match(question.strip()) is None


def asks_for_several(question: str) -> bool:
    """Whether the form of ``question`` expects more than one answer: "Which ministers", "Who are"."""
    return not asks_for_one(question) and _PLURAL.search(question) is not None


_DETERMINER = r"(?:the|a|an|its|his|her)"
# "The state" is somebody; it is not "the" who states.
_NAMED = rf"(?P<name>(?:{_DETERMINER} )?(?!{_DETERMINER}\b)[^,;?]+?)"
_ACCORDING = re.compile(rf"\baccording to {_NAMED}(?=[,;?]|$)", re.IGNORECASE)
_IN_VIEW = re.compile(rf"\b(?:by|in|on) (?P<name>(?:the )?(?:[\w-]+ ){{0,3}}?[\w-]+)['’]s? {OWN_VIEW}", re.IGNORECASE)
_VIEW_OF = re.compile(
    r"\b(?:in|by|on) the (?:[\w-]+ )?(?:opinion|view|eyes|words|account|version|count|tally|estimate|reckoning|judge?ment)s?"
    rf" of {_NAMED}(?=[,;?]|$)",
    re.IGNORECASE,
)
_DID_SAY = re.compile(
    rf"\b(?:does|do|did|has|have|had) {_NAMED} (?:himself |herself |themselves |now |still |also )?(?:{_SPOKEN})\b",
    re.IGNORECASE,
)


def named_speaker(question: str) -> str | None:
    """The speaker whose words ``question`` asks for ("according to X", "did X say"); ``None`` if it names none."""
    for pattern in (_ACCORDING, _IN_VIEW, _VIEW_OF, _DID_SAY):
        if (match := pattern.search(question)) is not None:
            return match["name"].strip()
    return None
