"""What somebody denies must not be shown as what they say: "denied that she had been warned", not "she had been warned"."""

import re

_DENY = (
    r"(?:den(?:y|ies|ied)|reject(?:s|ed)?|dismiss(?:es|ed)?|dispute[sd]?|refute[sd]?|contradict(?:s|ed)?|rule[sd]? out)"
)
_STATEMENT = (
    r"(?:claim|charge|accusation|report|idea|allegation|talk|rumou?r|suggestion|warning|assertion|statement"
    r"|notion|theory)s?"
)
_ROUGHLY = (
    r"(?:about|around|some|only|just|nearly|almost|roughly|at least|at most|more than|fewer than|less than|up to)"
)
_DENIED_HERE = re.compile(
    rf"(?P<verb>\b{_DENY})(?:\s+(?:as \w+\s+)?(?:(?:the|all|any|such)\s+)?(?:[\w-]+\s+)?{_STATEMENT})?(?:\s+that)?"
    rf"\s+(?:{_ROUGHLY}\s+)?$",
    re.IGNORECASE,
)
_DENIED = re.compile(rf"\b{_DENY}\b", re.IGNORECASE)
# "Never denied that nine had died": so they had.
_NEGATED = re.compile(r"(?:\b(?:not|never|cannot|nobody|no one|hardly)|n['’]t)\s+(?:\w+\s+)?$", re.IGNORECASE)


def asks_for_denied(question: str) -> bool:
    """Whether ``question`` asks for what was denied, so that this is no reversal: "What did the minister deny?"."""
    return _DENIED.search(question) is not None


def denial_before(text: str, low: int, start: int) -> int | None:
    """Where the verb of denial begins that stands right before ``start`` in the sentence of ``text`` from ``low`` on.

    Returns:
        An offset into ``text``; ``None`` if there is none or it is negated itself.
    """
    found = _DENIED_HERE.search(text, low, start)
    return None if found is None or _NEGATED.search(text[low : found.start()]) is not None else found.start()
