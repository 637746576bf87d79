"""What the report's page holds of every question: plain data for its script.

Texts are not escaped here: they are data, which the template writes as JSON without a ``<``, and which the script shows as
text.
"""

from collections.abc import Sequence
from typing import Any

from index.documents import Span
from qa.evaluation.breakdown import answer_length, document_name, question_type
from qa.evaluation.datasets import Dataset, Question
from qa.evaluation.outcomes import gold_spans
from qa.evaluation.report import QuestionResult, Report
from qa.evaluation.scoring import RIGHT_F1

TEXT_BUDGET = 5_000_000
"""Bytes (UTF-8) of contexts up to which they are in the page whole."""

REACH = 400
"""Characters kept on either side of a span where contexts are shortened."""


def page_data(report: Report, dataset: Dataset, budget: int = TEXT_BUDGET) -> tuple[dict[str, Any], bool]:
    """The questions of a run and the contexts that they need, each once.

    Args:
        report: of a run over questions of ``dataset``, with the results.
        dataset: the question file.
        budget: bytes of contexts beyond which they are shortened to the surroundings of their spans.

    Returns:
        The data, and whether contexts were shortened. ``contexts`` maps a position in the file to the name, the length in
        characters and the ``parts`` of a context, each its offset and its text; ``questions`` is in the order of the run.
    """
    asked = {question.id: question for question in dataset.questions}
    spans: dict[int, list[Span]] = {}
    questions: list[dict[str, Any]] = []
    for result in report.results:
        question = asked[result.id]
        spans.setdefault(result.context, []).extend(gold_spans(question))
        if result.found is not None and result.found.context is not None:
            spans.setdefault(result.found.context, []).append(Span(result.found.start, result.found.end))
        questions.append(_question(result, question))
    size = sum(len(dataset.contexts[position].text.encode()) for position in spans)
    shortened = size > budget
    contexts = {
        str(position): {
            "name": document_name(dataset.contexts, position),
            "length": len(dataset.contexts[position].text),
            "parts": parts(dataset.contexts[position].text, marked if shortened else None),
        }
        for position, marked in sorted(spans.items())
    }
    ranked = any(result.gold_rank is not None for result in report.results)
    return {"contexts": contexts, "questions": questions, "ranked": ranked}, shortened


def parts(text: str, spans: Sequence[Span] | None, reach: int = REACH) -> list[tuple[int, str]]:
    """``text`` as pieces with their offsets: what lies within ``reach`` characters of a span, or all of it.

    Args:
        text: of a context.
        spans: what must be in a piece, whole; the beginning of the text stands in for none. ``None`` keeps everything.
        reach: characters kept before and after a span.
    """
    if spans is None:
        return [(0, text)]
    kept: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: span.start) if spans else [Span(0, 0)]:
        start, end = max(0, span.start - reach), min(len(text), span.end + reach)
        if kept and start <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], end))
        else:
            kept.append((start, end))
    return [(start, text[start:end]) for start, end in kept]


def went_right(result: QuestionResult) -> bool:
    """Whether the outcome was right: a right answer, no answer where there is none, or, of a ranking, a hit."""
    if result.prediction is None:
        return result.gold_rank is not None
    if not result.golds:
        return not result.prediction
    return result.f1 is not None and result.f1 >= RIGHT_F1


def _question(result: QuestionResult, question: Question) -> dict[str, Any]:
    found = result.found
    return {
        "id": result.id,
        "question": result.question,
        "type": question_type(result.question),
        # A query that documents were judged for has no expected answer, not even the one that there is none.
        "length": None if result.ranking is not None else answer_length(result.golds),
        "stage": result.stage,
        "right": went_right(result),
        "refused": result.prediction == "",
        "context": result.context,
        "golds": list(result.golds),
        "gold": [[span.start, span.end] for span in gold_spans(question)],
        "answer": result.prediction,
        "best": result.best,
        "found": None
        if found is None
        else {"context": found.context, "document": found.document_id, "span": [found.start, found.end]},
        "confidence": result.confidence,
        "exact": result.exact_match,
        "f1": result.f1,
        "rank": result.gold_rank,
        "ms": None if result.seconds is None else round(1000 * result.seconds, 2),
        "error": result.error,
    }
