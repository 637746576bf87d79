"""How likely it is that some of the claims shown are right, which decides whether they are worth showing."""

import math
from collections.abc import Iterable, Sequence

from qa.claims.amounts import amount
from qa.claims.statements import asks_for_all_of_it
from qa.claims.words import kind_of
from qa.models import Agreement, Answer, Claim


def any_of(confidences: Iterable[float]) -> float:
    """Probability in 0..1 that one of several claims is right, each of which is with the probability given, if they are
    independent."""
    return 1 - math.prod(1 - confidence for confidence in confidences)


def some_is_right(question: str, claims: Sequence[Claim], agreement: Agreement) -> float:
    """Probability in 0..1 that one of the claims shown is right.

    Claims that differ, and statements where all that somebody said is asked for, are taken as independent of each other. All
    others stand or fall with the first.

    Args:
        question: what was asked.
        claims: best first; 0 is returned where there are none.
        agreement: how they relate.
    """
    if not claims:
        return 0.0
    first, *others = claims
    if agreement == "differing" and not _counts_unasked(question, first.answer):
        # What another document says of something that the first one does not answer either proves nothing.
        document = first.citations[0].document_id
        beside = [claim.confidence for claim in others if claim.citations[0].document_id == document]
        return any_of([first.confidence, *sorted(beside)[-1:]])
    if agreement == "list" and asks_for_all_of_it(question):
        # Parts of one sentence stand and fall together.
        sentences: dict[tuple[str, int], float] = {}
        for claim in claims:
            citation = claim.citations[0]
            place = (citation.document_id, citation.sentence.start)
            sentences[place] = max(claim.confidence, sentences.get(place, 0.0))
        return any_of(sentences.values())
    return first.confidence


def _counts_unasked(question: str, answer: str) -> bool:
    """Whether an answer is a figure where none was asked for: two voices that count something answer no "Which prize"."""
    return kind_of(question) == "open" and amount(answer) is not None


def likelihood(answer: Answer) -> float:
    """Probability in 0..1 that what an answer shows is right; where it shows several claims, that some of them is."""
    return max(answer.confidence, some_is_right(answer.standalone_question, answer.claims, answer.agreement))
