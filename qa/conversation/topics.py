"""Whether a question goes on about the documents of the turns before it, or turns to something else.

A question with a name of its own tells by itself. One without ("How many people died?") is asked of the documents that the
last turns were about, and of everything.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from index import Filter
from qa.conversation import lexicon
from qa.conversation.mentions import mentions_in
from qa.conversation.turns import Turn
from qa.conversation.words import tokens
from qa.models import Answer

RECENT = 2
"""How many turns back the documents that they were about are still looked in."""
MOVED = 2.9
"""From this sum of two differences on, a question is taken to be about something else: of the logits of the confidences, and
of the retrieval scores of the best passages. Fitted by logistic regression, with about equal weights, to 99 such follow-ups
of the development conversations and 107 such questions asked after a conversation about another article; of two thresholds
that did equally well for the latter, the one that costs fewer follow-ups."""
ELSEWHERE = 0.5
"""How much surer the reader has to be of an answer from elsewhere for a question that leans on the turns before it, where it
refuses what it would give from their documents."""
_LEAST = 0.01


def names_something(question: str) -> bool:
    """Whether ``question`` has a name, so that it can be asked of everything; a number or a time is none."""
    return any(mention.named and mention.kind not in ("number", "time") for mention in mentions_in(question))


def documents_about(turns: Sequence[Turn], within: Filter | None) -> Filter | None:
    """The documents that the last turns were about, as far as ``within`` takes them in; ``None`` if there are none.

    "When was the stadium built?" is asked of the article that spoke of the stadium, not of every stadium. A turn was about the
    documents that its answer cites and about that of the passage found first: where the answer was refused or comes from the
    wrong article, that is still the right one most of the time.
    """
    documents = tuple(dict.fromkeys(name for turn in reversed(turns[-RECENT:]) for name in turn.about))
    allowed = Filter() if within is None else within
    if allowed.documents is not None:
        documents = tuple(document for document in documents if document in allowed.documents)
    return replace(allowed, documents=documents) if documents else None


def goes_on(question: str, turns: Sequence[Turn]) -> bool:
    """Whether ``question`` has a word that says something in common with the last ``turns``, their questions and answers."""
    said = {
        token.lower
        for turn in turns[-RECENT:]
        for text in (turn.standalone, turn.answer.answer)
        if text is not None
        for token in tokens(text)
    }
    return any(token.is_word and token.lower in said - lexicon.FUNCTION for token in tokens(question))


def has_moved(near: Answer, anywhere: Answer, documents: Sequence[str]) -> bool:
    """Whether a question that leans on no turn is about something else than the last turns.

    Args:
        near: the answer from the documents that these were about.
        anywhere: that from all documents.
        documents: ids of the former.
    """
    scores = [passage.score for passage in anywhere.passages]
    if not scores:
        return False
    # Of what was not found among the best passages of all documents the last one's score is the most it can have.
    close = max((hit.score for hit in anywhere.passages if hit.document_id in documents), default=scores[-1])
    return _logit(anywhere.confidence) - _logit(near.confidence) + max(scores) - close > MOVED


def _logit(confidence: float) -> float:
    held = min(max(confidence, _LEAST), 1 - _LEAST)
    return math.log(held / (1 - held))
