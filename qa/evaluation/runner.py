"""The three runs behind ``qa eval``: reading, retrieval and answering.

- **Reading** asks each question of its own context.
- **Retrieval** ranks the passages of an index, usually of all the file's contexts, for each question.
- **Answering** runs the whole assistant over such an index.

A question that the system will not take (too long, say) counts as left unanswered, and its result says why. One
question is asked at a time; its time is that of the call that answers it, with all models loaded before.
"""

import time
from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from index.documents import Span
from index.errors import DatasetError, QuestionError
from index.interface import PassageIndex
from qa.evaluation import outcomes, scoring
from qa.evaluation.breakdown import with_breakdown
from qa.evaluation.columns import Results
from qa.evaluation.corpus import Corpus
from qa.evaluation.datasets import Dataset, Question
from qa.evaluation.journal import Journal
from qa.evaluation.report import QuestionResult, Report, RetrievalScores
from qa.evaluation.retrieval import DEPTH, gold_rank, ranking_scores
from qa.evaluation.shapes import FoundSpan
from qa.evaluation.spool import Selected
from qa.evaluation.stages import Evidence, evidence_of

if TYPE_CHECKING:
    # Only their shapes are needed here: a run is handed ready-made objects, and these modules load much more.
    from qa.assistant import Assistant
    from qa.models import Answer
    from qa.reader.reading import Reading

Progress = Callable[[int, int], None]
"""Called with (questions done, questions in all)."""


class SpanReader(Protocol):
    """What the reading run needs of a reader; see :class:`qa.reader.reader.Reader`."""

    @property
    def threshold(self) -> float:
        """Confidence in 0..1 below which it abstains."""
        ...

    def read(self, question: str, texts: Sequence[str]) -> "Reading":
        """Find the spans of ``texts`` that answer ``question``; raises ``QuestionError`` if it cannot be read."""
        ...

    def describe(self) -> dict[str, str]:
        """What it is: name, version, fingerprint."""
        ...


def evaluate_reading(
    dataset: Dataset,
    reader: SpanReader,
    *,
    answer_all: bool = False,
    limit: int | None = None,
    progress: Progress | None = None,
    journal: Journal[QuestionResult] | None = None,
) -> Report:
    """Ask each question of its own context.

    Args:
        dataset: the questions.
        reader: what to measure.
        answer_all: always give the best span, however doubtful.
        limit: ask this many questions, spread evenly over the file (:meth:`Dataset.sample`); all for ``None``.
        progress: told about every question.
        journal: keeps the results as they come; questions that it has are not asked again.
    """

    def ask(question: Question) -> QuestionResult:
        text = dataset.contexts[question.context].text
        began = time.perf_counter()
        try:
            reading = reader.read(question.text, [text])
        except QuestionError as error:
            return outcomes.not_asked(question, time.perf_counter() - began, error)
        seconds = time.perf_counter() - began
        if not reading.spans:
            return outcomes.answered(
                question, seconds, given="", best="", confidence=reading.confidence, cited=None, evidence=Evidence(True)
            )
        best = reading.spans[0]
        answer = text[best.start : best.end]
        given, cited = "", None
        if answer_all or not reading.abstained:
            golds = outcomes.gold_spans(question) if question.answerable else None
            given, cited = answer, outcomes.cited_span(Span(best.start, best.end), answer, text, golds)
        evidence = Evidence(
            retrieved=True,
            others=tuple(text[span.start : span.end] for span in reading.spans[1:]),
            found=FoundSpan(context=question.context, start=best.start, end=best.end),
        )
        return outcomes.answered(
            question, seconds, given=given, best=answer, confidence=reading.confidence, cited=cited, evidence=evidence
        )

    results, seconds = ask_all(dataset.sample(limit), ask, progress, journal, located=lambda _: True)
    threshold = None if answer_all else reader.threshold
    models = {"reader": reader.describe()}
    report = scoring.answer_report(dataset.name, "reading", results, seconds, threshold, models)
    return with_breakdown(report, dataset)


def evaluate_retrieval(
    dataset: Dataset,
    index: PassageIndex,
    corpus: Corpus,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
    journal: Journal[QuestionResult] | None = None,
) -> Report:
    """Rank the passages of ``index`` for each question; what counts as a hit is told in :mod:`qa.evaluation.retrieval`.

    Args:
        dataset: the questions.
        index: what to measure.
        corpus: where the contexts stand in ``index``. Questions about a context that does not are left out
            and counted.
        limit: ask this many questions, spread evenly over the file; all for ``None``.
        progress: told about every question.
        journal: keeps the results as they come; questions that it has are not asked again.

    Raises:
        DatasetError: none of the contexts stands in the index.
    """
    sample = dataset.sample(limit)
    places = array("Q")
    for place, question in enumerate(sample):
        if corpus.document_ids[question.context] is not None:
            places.append(place)
    questions = Selected(sample, places)
    if not questions:
        raise DatasetError(
            f"{dataset.name}: none of its contexts is a document of the index, so no rank can be judged."
        )
    # The encoder loads when it is first used, which is no part of the first question's time.
    index.encoder.encode(["warm up"])

    def ask(question: Question) -> QuestionResult:
        began = time.perf_counter()
        passages = index.search(question.text, top=DEPTH)
        seconds = time.perf_counter() - began
        document_id = corpus.document_ids[question.context]
        golds = outcomes.gold_spans(question)
        rank = None if document_id is None else gold_rank(passages, document_id, golds)
        return outcomes.ranked(question, seconds, rank)

    results, seconds = ask_all(questions, ask, progress, journal)
    ranks = [None if rank < 0 else rank for rank in results.columns["rank"].tolist()]
    return Report(
        dataset=dataset.name,
        mode="retrieval",
        questions=len(results),
        not_in_index=len(sample) - len(questions) if len(questions) < len(sample) else None,
        retrieval=RetrievalScores.model_validate(ranking_scores(ranks)),
        latency_ms=scoring.latency(results.columns),
        questions_per_second=scoring.rate(len(results), seconds),
        models={"encoder": encoder_facts(index)},
        seconds=seconds,
        results=results,
    )


def evaluate_answering(
    dataset: Dataset,
    assistant: "Assistant",
    corpus: Corpus,
    *,
    answer_all: bool = False,
    limit: int | None = None,
    progress: Progress | None = None,
    journal: Journal[QuestionResult] | None = None,
) -> Report:
    """Ask the whole assistant each question, over everything in its index.

    Of an answer with several citations the first one is scored, the best place of its words.

    Args:
        dataset: the questions.
        assistant: what to measure.
        corpus: where the contexts stand in the assistant's index. Citations of answers to questions about a context
            that does not are only checked to be verbatim.
        answer_all: always give the best span, however doubtful.
        limit: ask this many questions, spread evenly over the file; all for ``None``.
        progress: told about every question.
        journal: keeps the results as they come; questions that it has are not asked again.
    """
    assistant.warm_up()

    def ask(question: Question) -> QuestionResult:
        began = time.perf_counter()
        try:
            answer = assistant.ask(question.text, answer_all=answer_all)
        except QuestionError as error:
            return outcomes.not_asked(question, time.perf_counter() - began, error)
        seconds = time.perf_counter() - began
        return score_answer(question, answer, seconds, corpus)

    def located(context: int) -> bool:
        return corpus.document_ids[context] is not None

    results, seconds = ask_all(dataset.sample(limit), ask, progress, journal, located=located)
    threshold = None if answer_all else assistant.reader.threshold
    models = {"encoder": encoder_facts(assistant.index), "reader": assistant.reader.describe()}
    report = scoring.answer_report(dataset.name, "answering", results, seconds, threshold, models)
    return with_breakdown(report, dataset)


def score_answer(question: Question, answer: "Answer", seconds: float, corpus: Corpus) -> QuestionResult:
    """The result of a question that the assistant has answered.

    Args:
        question: what was to be answered.
        answer: of the assistant.
        seconds: how long it took.
        corpus: where the contexts stand in the assistant's index.
    """
    gold_document, golds = corpus.document_ids[question.context], outcomes.gold_spans(question)
    given, cited = "", None
    if answer.answer is not None:
        given, first = answer.answer, answer.citations[0]
        known = None
        if golds and gold_document is not None:
            known = golds if first.document_id == gold_document else ()
        text = corpus.document(first.document_id).text
        cited = outcomes.cited_span(Span(first.start, first.end), given, text, known, first.document_id)
    # An answer that is held back heads the alternatives.
    held_back = answer.alternatives[0].answer if answer.alternatives else ""
    return outcomes.answered(
        question,
        seconds,
        given=given,
        best=held_back if answer.answer is None else given,
        confidence=answer.confidence,
        cited=cited,
        rank=None if gold_document is None else gold_rank(answer.passages, gold_document, golds),
        evidence=evidence_of(answer, gold_document, golds, corpus.document_ids),
    )


def ask_all(
    questions: Sequence[Question],
    ask: Callable[[Question], QuestionResult],
    progress: Progress | None,
    journal: Journal[QuestionResult] | None = None,
    *,
    located: Callable[[int], bool] | None = None,
) -> tuple[Results, float]:
    """Ask one question after the other, those that the journal has excepted.

    Args:
        questions: what to ask.
        ask: asks one.
        progress: told about every question.
        journal: has results of an earlier run, and keeps these.
        located: whether it is known where the gold spans of the context at a position stand, where answers are asked for.

    Returns:
        The results in order, and the seconds that all of them took, in this run and in the earlier ones.
    """
    results = Results()
    earlier = 0.0
    began = time.perf_counter()
    for question in questions:
        result = None if journal is None else journal.get(question.id)
        if result is not None:
            earlier += 0.0 if result.seconds is None else result.seconds
        else:
            result = ask(question)
            if journal is not None:
                journal.add(result)
        if located is not None:
            result = result.model_copy(update={"located": located(result.context)})
        results.append(result)
        if progress is not None:
            progress(len(results), len(questions))
    return results, earlier + time.perf_counter() - began


def encoder_facts(index: PassageIndex) -> dict[str, str]:
    """What a report says of the encoder of ``index``."""
    return {"name": index.encoder.name, "sha256": index.encoder.fingerprint}
