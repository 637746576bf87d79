"""Building the result of one question."""

from collections.abc import Sequence
from functools import lru_cache

from index.documents import Span
from index.sentences import sentence_spans
from qa.evaluation import citation, scoring
from qa.evaluation.datasets import Question
from qa.evaluation.report import CitedSpan, QuestionResult
from qa.evaluation.squad import exact_match, f1
from qa.evaluation.stages import Evidence, stage_of


def answered(
    question: Question,
    seconds: float,
    *,
    given: str,
    best: str,
    confidence: float,
    cited: CitedSpan | None,
    rank: int | None = None,
    evidence: Evidence | None = None,
) -> QuestionResult:
    """The result of a question that the system dealt with.

    Args:
        question: what was asked.
        seconds: how long it took.
        given: the answer; empty if none was given.
        best: the best answer, given or not; empty if there was none at all.
        confidence: probability in 0..1 that ``best`` is right.
        cited: the citation of ``given``.
        rank: of the first passage that is a hit, if passages were ranked.
        evidence: what the run saw on the way to the answer; without it the question's stage is not known.
    """
    return QuestionResult(
        id=question.id,
        question=question.text,
        golds=question.golds,
        context=question.context,
        prediction=given,
        best=best,
        confidence=confidence,
        exact_match=exact_match(given, question.golds),
        f1=f1(given, question.golds),
        right=scoring.is_right(best, question.golds),
        citation=cited,
        gold_rank=rank,
        seconds=seconds,
        stage=None if evidence is None else stage_of(question.golds, given, best, evidence),
        found=None if evidence is None else evidence.found,
        in_gold_passage=None if evidence is None else evidence.in_gold_passage,
    )


def not_asked(question: Question, seconds: float, error: Exception) -> QuestionResult:
    """The result of a question that the system would not take: no answer, and certainly none that is right."""
    result = answered(question, seconds, given="", best="", confidence=0.0, cited=None)
    return result.model_copy(update={"error": str(error), "stage": "not_asked"})


def ranked(question: Question, seconds: float, rank: int | None) -> QuestionResult:
    """The result of a question that passages were only ranked for."""
    return QuestionResult(
        id=question.id,
        question=question.text,
        golds=question.golds,
        context=question.context,
        gold_rank=rank,
        seconds=seconds,
    )


def cited_span(
    span: Span, answer: str, text: str, golds: Sequence[Span] | None, document_id: str | None = None
) -> CitedSpan:
    """The citation of an answer, and how it fits.

    Args:
        span: the characters cited.
        answer: what they are said to be.
        text: canonical text of the document they are cited from.
        golds: the gold spans in that document, none if it is not the gold document; ``None`` if the question has no
            gold spans or nobody knows where they stand.
        document_id: of that document, if it has one.
    """
    return CitedSpan(
        document_id=document_id,
        start=span.start,
        end=span.end,
        verbatim=citation.is_verbatim(answer, text, span),
        iou=None if golds is None else citation.iou(span, golds),
        sentence_recall=None if golds is None else citation.sentence_recall(span, golds, _sentences(text)),
    )


def gold_spans(question: Question) -> tuple[Span, ...]:
    """Where the accepted answers stand in the question's context."""
    return tuple(Span(answer.start, answer.end) for answer in question.answers)


# The questions of an article stand together in a file, so a few texts are enough to remember.
@lru_cache(maxsize=32)
def _sentences(text: str) -> tuple[Span, ...]:
    return tuple(sentence_spans(text))
