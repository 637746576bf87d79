"""What kind of a question it is: by its words, and by the length of its answer.

**Type**, from the words of the question: the first question word in it decides. "how many" and "how much" make ``how many``,
any other "how" makes ``how``; "who", "whom" and "whose" make ``who``; "what" and "which" make ``what``; "when", "where"
and "why" make types of their own; without any of these it is ``other``. Words are runs of letters, so "who's" counts as
"who". The rule knows English and no grammar: "When she left, who came?" is ``when``.

**Answer length**: tokens of the first accepted answer, as F1 counts them (:func:`qa.evaluation.squad.normalise`): 1, 2 to 3,
4 to 7, 8 or more. The few answers of nothing but articles and punctuation have none and stand under 1. Questions without
an answer make a group of their own.
"""

import re
from collections.abc import Sequence

from qa.evaluation.squad import normalise

TYPES = ("who", "what", "when", "where", "why", "how many", "how", "other")
"""Every type of question, in the order in which reports list them."""

UNANSWERABLE = "unanswerable"
LENGTHS = ("1", "2-3", "4-7", "8+", UNANSWERABLE)
"""Every length of an answer, in the order in which reports list them."""

_WORD = re.compile(r"[^\W\d_]+")
_TYPE_OF_WORD = {"who": "who", "whom": "who", "whose": "who", "what": "what", "which": "what"} | {
    word: word for word in ("when", "where", "why", "how")
}


def question_type(question: str) -> str:
    """The type of a question, one of :data:`TYPES`; see the module's description."""
    words = _WORD.findall(question.lower())
    for place, word in enumerate(words):
        if word == "how" and words[place + 1 : place + 2] in (["many"], ["much"]):
            return "how many"
        if word in _TYPE_OF_WORD:
            return _TYPE_OF_WORD[word]
    return "other"


def answer_length(golds: Sequence[str]) -> str:
    """The length of a question's first accepted answer, one of :data:`LENGTHS`; see the module's description."""
    if not golds:
        return UNANSWERABLE
    tokens = len(normalise(golds[0]).split())
    if tokens <= 1:
        return "1"
    if tokens <= 3:
        return "2-3"
    return "4-7" if tokens <= 7 else "8+"
