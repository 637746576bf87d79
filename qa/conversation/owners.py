"""Another thing of the same owner: "What was Norvik's revenue in 2024?" and "And its net profit?"."""

import re

from qa.conversation import lexicon
from qa.conversation.nouns import kind_of_noun

_COPULA = re.compile(r"(?P<asks>who|what)\s+(?P<be>is|was|are|were)\s+(?P<rest>\S.*?)\W*$", re.IGNORECASE)
_OWNED = re.compile(
    r"(?P<owner>(?:the |an? )?[\w.-]+(?: [\w.-]+){0,3})(?P<s>['’]s?) (?P<thing>[\w-]+(?: [\w-]+){0,3})$"
)
_THING_OF = re.compile(r"the (?P<thing>[\w-]+(?: [\w-]+){0,3}?) of (?P<owner>\S.*)$")
_PART = re.compile(r"(?:the|its|their) (?P<thing>[a-z][\w-]*(?: [a-z][\w-]*){0,3})$")
_WHEN = re.compile(r" (?:in|on|at|during|since|before|after|last|this) .*$")


def of_the_same(part: str, base: str) -> str | None:
    """The question ``base`` for something else of whom or what it asks for, or for the same of somebody else.

    Args:
        part: what is asked about now: "the net profit", "its net profit", "Solaro's revenue".
        base: the last question, such as "What was Norvik's revenue in 2024?".

    Returns:
        The question, "What was Norvik's net profit in 2024?"; ``None`` if ``base`` asks for nothing of an owner, or ``part``
        is nothing that could be of one.
    """
    asked = _COPULA.match(base)
    if asked is None:
        return None
    rest = asked.group("rest")
    when = _WHEN.search(rest)
    asked_for = rest if when is None else rest[: when.start()]
    old = _OWNED.match(asked_for) or _THING_OF.match(asked_for)
    other, new = _OWNED.match(part), _PART.match(part)
    if old is None or (other is None and new is None):
        return None
    if other is not None:
        thing, owned = other.group("thing"), part
    else:
        thing = new.group("thing") if new is not None else ""
        apostrophe = old.groupdict().get("s")
        owned = (
            f"the {thing} of {old.group('owner')}"
            if apostrophe is None
            else f"{old.group('owner')}{apostrophe} {thing}"
        )
    if any(word in lexicon.FUNCTION for word in thing.split()):
        return None
    kind, kind_before = (kind_of_noun(one.rsplit(" ", 1)[-1]) for one in (thing, old.group("thing")))
    # A place or a firm has a mayor or a chairman, the fire whose cause was asked for has none, and neither has a police.
    of_nobody = kind == "person" and kind_before != "person" and not any(c.isupper() for c in old.group("owner"))
    if other is None and (kind in ("time", "group") or of_nobody):
        return None
    asks = "Who" if kind == "person" else "What"
    return f"{asks} {asked.group('be').lower()} {owned}{rest[len(asked_for) :]}?"
