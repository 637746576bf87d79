"""Whom "he", "she" and "it" may stand for: what sentences begin with, and which naming fits which pronoun."""

import re

from index import Span
from qa import people
from qa.claims import patterns
from qa.claims.genders import is_person, may_be

_FULL_NAME = re.compile(r"\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+")
# "Winnie Strake", "Hotel owner Winnie Strake".
_LEADING_NAME = re.compile(
    r"(?:[A-Z][\w’-]+(?: [a-z][\w’-]+){1,3} (?=[A-Z][\w’-]+ [A-Z]))?(?!The )[A-Z][\w’-]+(?: [A-Z][\w’-]+)*"
)
# "Dunmore's manager, Alan Price, was", "One of them, retired driver Harold Moss, wept".
_BESIDE_NAME = re.compile(
    r"(?P<role>(?:(?:The|An?|Its|His|Her|Their|One|Another)\s|[A-Z][\w-]+['’]s?\s)[^,;:.\n\"“”]{2,60}), "
    r"(?P<name>(?:[a-z][\w-]* ){0,4}[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+)(?=, )"
)
# "In Bonn, Karl Moss saw it", "Yesterday Karl Moss saw it".
_BEFORE_NAME = re.compile(
    r"(?:(?:And|But|Yet|So|Then|Yesterday|Today|Earlier|Later|Meanwhile|However|Last \w+|On \w+day),?\s+"
    r"|(?:In|On|At|By|From|During|After|Before|For|With|Under|Outside|Inside) [^,;:.\n\"“”]{1,50},\s+)+"
)
# "For Mayor Karl Moss it is over."
_FOR_NAME = re.compile(r"(?:For|To) (?P<name>(?:[a-z][\w-]* ){0,3}[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)+)")
_LEADING_GROUP = re.compile(
    r"(?P<naming>(?:The|Its|A|An) [^,;:.\n]{3,90}?)"
    r"(?= (?:[a-z]+ed|has|had|is|are|was|were|will|would|came|comes|put|gave|went) )"
)
SAYING_GROUP = re.compile(
    r"\b(?:agency|ministry|government|company|office|union|association|federation|police|army|party|court|commission|committee"
    r"|council|service|department|authority|bank|club|league|board|group|cooperative|inspectorate|operator|survey|study|report|poll|analysis|newspaper|magazine|paper|statement)\b"
)
"""What speaks and is no person."""
_PERSONAL = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|man|woman|\w*spokes(?:man|woman)|minister|president|chief|director|mayor|secretary|lawyer|driver)\b",
    re.IGNORECASE,
)
_HEAD_END = re.compile(r",|\s(?:of|in|at|from|for|on|near|with|who|by)\s")
_PLURAL = re.compile(r"[a-z]{3,}(?<![su]s)(?<!is)s")
_MEN_LIST = "men women people police children residents witnesses neighbours workers locals others many several"
_SEVERAL = frozenset(_MEN_LIST.split()) | {f"{noun}s" for noun in people.PERSON_NOUNS}
"""Words for more than one, be they written with a capital."""


def family_names(text: str, start: int, end: int) -> frozenset[str]:
    """The last words of the full names in the characters ``[start, end)`` of ``text``."""
    return frozenset(match.group().split()[-1] for match in _FULL_NAME.finditer(text, start, end))


def leading_person(text: str, start: int, end: int, families: frozenset[str]) -> Span | None:
    """The person that a sentence begins with, perhaps after "In Bonn,": a full name, or a last name of ``families``.

    Args:
        text: of the document.
        start, end: of the sentence, or of the part of it that may name somebody.
        families: last names that stand alone for somebody.
    """
    before = _BEFORE_NAME.match(text, start, end)
    beside = _BESIDE_NAME.match(text, start, end)
    if beside is not None and (
        patterns.FINITE.search(beside["role"]) is None and patterns.REGULAR_PAST.search(beside["role"]) is None
    ):
        whole = not beside["role"].startswith(("One ", "Another "))
        return Span(beside.start() if whole else beside.start("name"), beside.end("name"))
    if (taken_for := _FOR_NAME.match(text, start, end)) is not None:
        return Span(taken_for.start("name"), taken_for.end("name"))
    match = _LEADING_NAME.match(text, start if before is None else before.end(), end)
    # "In Bonn" alone is nobody.
    if match is None or patterns.ADVERBIAL.match(match.group()) is not None:
        return None
    known = " " in match.group() or match.group() in families
    return Span(match.start(), match.end()) if known else None


def leading_group(text: str, start: int, end: int) -> Span | None:
    """What the sentence ``[start, end)`` begins with, if it is no person and may say something: "The agency"."""
    match = _LEADING_GROUP.match(text, start, end)
    if match is None or SAYING_GROUP.search(match["naming"]) is None:
        return None
    return Span(match.start("naming"), match.end("naming"))


def fits(pronoun: str, naming: str) -> bool:
    """Whether ``naming`` may be what a pronoun, in lower case, stands for; what is not known may be."""
    named = _FULL_NAME.search(naming) is not None
    if pronoun in {"he", "she", "i", "who"}:
        person = named or _PERSONAL.search(naming) is not None or is_person(naming)
        definite = re.match(r"the [a-z]", naming, re.IGNORECASE) is not None and not named
        if pronoun in {"he", "she"} and _is_plural(naming):
            return False
        return (person or not definite) and may_be(pronoun, naming)
    # "Its director" does not speak as "it".
    return pronoun != "it" or _PERSONAL.search(naming) is None


def _is_plural(naming: str) -> bool:
    """Whether a naming is of more than one: "Prosecutors in Bonn", "two officers", but not "Mr Rogers"."""
    head = _HEAD_END.split(naming, maxsplit=1)[0].split()
    if not head:
        return False
    last = head[-1]
    if last.lower() in _SEVERAL and (last[0].islower() or len(head) == 1):
        return True
    return last[0].islower() and _PLURAL.fullmatch(last) is not None
