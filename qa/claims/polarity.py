"""Whether a place affirms or denies, for questions that are answered with yes or no."""

import re

from qa.claims.places import Place

_NEGATION = re.compile(
    r"\b(?:not|no|never|nobody|none|nothing|neither|nor|without|cannot|den(?:y|ies|ied)|reject(?:s|ed)?|refus(?:e|es|ed)"
    r"|fail(?:s|ed)?|dismiss(?:es|ed)|disput(?:es|ed)|contradict(?:s|ed)?"
    r"|refut(?:es|ed)|false|untrue|forgery|ruled out|lack(?:s|ed)?)\b|n['’]t\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied)|reject(?:s|ed)?|dismiss(?:es|ed)|disput(?:es|ed)|contradict(?:s|ed)?|refut(?:es|ed)|false|untrue"
    r"|forgery|invented|lies?|wrong)\b",
    re.IGNORECASE,
)
_AGREED = re.compile(r"\b(?:too|also|likewise|both|confirm(?:s|ed)?|agree[sd]?)\b", re.IGNORECASE)
_CLAUSE = re.compile(r";|[.!?](?=[\"”]?\s+[\"“]?[A-Z])|,?\s+but\s|,\s+(?:and|while|although|though)\s")
# What is told of the speaker in passing is no part of what is said.
_ASIDE = re.compile(r",\s+(?:who|which|whose)\b[^,;]*,")


def negated(place: Place) -> bool:
    """Whether the clause that a place stands in is negated; a double negation affirms."""
    text, start, end = place.document.text, place.sentence.start, place.sentence.end
    for cut in _CLAUSE.finditer(text, start, end):
        if cut.end() <= place.start:
            start = cut.end()
        elif cut.start() >= place.end:
            end = cut.start()
            break
    return len(_NEGATION.findall(_ASIDE.sub(" ", text[start:end]))) % 2 == 1


def denies(place: Place) -> bool:
    """Whether the sentence of a place denies what somebody else says, in whatever words that was."""
    return _DENIAL.search(place.sentence_text) is not None


def opposed(one: Place, other: Place) -> bool:
    """Whether one of two places denies what the other affirms, and neither says that it agrees."""
    agreed = _AGREED.search(one.sentence_text) or _AGREED.search(other.sentence_text)
    return negated(one) != negated(other) and not (agreed and not (denies(one) or denies(other)))
