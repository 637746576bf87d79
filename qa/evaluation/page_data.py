"""What the report's page holds of every question: plain data for its script.

Texts are not escaped here: they are data, which the template writes as JSON without a ``<``, and which the script shows as
text.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from index.documents import Span
from qa.evaluation.breakdown import document_name
from qa.evaluation.columns import columns_of
from qa.evaluation.datasets import Dataset, Question
from qa.evaluation.kinds import answer_length, question_type
from qa.evaluation.outcomes import gold_spans
from qa.evaluation.report import QuestionResult, Report
from qa.evaluation.scoring import RIGHT_F1

TEXT_BUDGET = 5_000_000
"""Bytes (UTF-8) of contexts up to which they are in the page whole."""

REACH = 400
"""Characters kept on either side of a span where contexts are shortened."""

_NOWHERE = Span(0, 0)


class PageData:
    """The questions of a run and the contexts that they need, each once, made one by one as they are asked for.

    Attributes:
        shortened: whether contexts are shortened to the surroundings of their spans.
        ranked: whether passages were ranked for any of the questions, and a hit was among them.
    """

    def __init__(self, report: Report, dataset: Dataset, budget: int = TEXT_BUDGET) -> None:
        """Find out which contexts and which places in them are needed.

        Args:
            report: of a run over questions of ``dataset``, with the results.
            dataset: the question file.
            budget: bytes of contexts beyond which they are shortened.
        """
        self._report, self._dataset = report, dataset
        spans = (array("i"), array("q"), array("q"))
        for result, question in paired(report.results, dataset.questions):
            # Without a gold span the context is needed all the same.
            marked = [(result.context, span) for span in gold_spans(question)] or [(result.context, _NOWHERE)]
            found = result.found
            if found is not None and found.context is not None:
                marked.append((found.context, Span(found.start, found.end)))
            for context, span in marked:
                for column, number in zip(spans, (context, span.start, span.end), strict=True):
                    column.append(number)
        order = np.argsort(np.array(spans[0]), kind="stable")
        self._contexts, self._starts, self._ends = (np.array(column)[order] for column in spans)
        self.asked = np.unique(self._contexts)
        size = sum(len(dataset.contexts[position].text.encode()) for position in self.asked.tolist())
        self.shortened = size > budget
        self.ranked = bool((columns_of(report.results)["rank"] >= 0).any())

    def contexts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """For each context its position in the file, and its name, its length in characters and its ``parts``."""
        for position in self.asked.tolist():
            first, end = np.searchsorted(self._contexts, [position, position + 1])
            spans = zip(self._starts[first:end].tolist(), self._ends[first:end].tolist(), strict=True)
            marked = [Span(*span) for span in spans if span != (_NOWHERE.start, _NOWHERE.end)]
            text = self._dataset.contexts[position].text
            yield (
                str(position),
                {
                    "name": document_name(self._dataset.contexts, position),
                    "length": len(text),
                    "parts": parts(text, marked if self.shortened else None),
                },
            )

    def questions(self) -> Iterator[dict[str, Any]]:
        """The questions in the order of the run."""
        for result, question in paired(self._report.results, self._dataset.questions):
            yield _question(result, question)


def page_data(report: Report, dataset: Dataset, budget: int = TEXT_BUDGET) -> tuple[dict[str, Any], bool]:
    """The data of :class:`PageData` at once.

    Returns:
        The data, and whether contexts were shortened. ``contexts`` maps a position in the file to the name, the length in
        characters and the ``parts`` of a context, each its offset and its text; ``questions`` is in the order of the run.
    """
    data = PageData(report, dataset, budget)
    whole = {"contexts": dict(data.contexts()), "questions": list(data.questions()), "ranked": data.ranked}
    return whole, data.shortened


def paired(
    results: Sequence[QuestionResult], questions: Sequence[Question]
) -> Iterator[tuple[QuestionResult, Question]]:
    """Each result with its question; quick where both are in the order of the file, as those of a run are.

    Raises:
        ValueError: a result is of none of the questions.
    """
    left = iter(questions)
    for result in results:
        question = next((one for one in left if one.id == result.id), None)
        if question is None:
            left = iter(questions)
            question = next((one for one in left if one.id == result.id), None)
        if question is None:
            raise ValueError(f"there is no question {result.id!r} in the file")
        yield result, question


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
        "read_as": result.read_as,
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
