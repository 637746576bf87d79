"""Whole runs with a scripted reader, every number of the report worked out by hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from index import DatasetError, PassageIndex, QuestionError, add_texts, create_index
from qa.assistant import Assistant
from qa.evaluation.corpus import locate, pool, pooled_index
from qa.evaluation.datasets import Context, Dataset, GoldAnswer, Question
from qa.evaluation.report import Report
from qa.evaluation.runner import evaluate_answering, evaluate_reading, evaluate_retrieval
from qa.reader.reading import Reading, ReadSpan
from tests.fakes import FakeEncoder

ADA = "Ada Lovelace wrote the first program. Babbage built the engine in London."
BEES = "Bees dance to tell where flowers are. A hive holds sixty thousand bees."


def ask(identity: str, question: str, context: int, *golds: str) -> Question:
    text = (ADA, BEES)[context]
    return Question(identity, question, context, tuple(GoldAnswer(gold, text.index(gold)) for gold in golds))


QUESTIONS = (
    ask("wrote", "Who wrote the first program?", 0, "Ada Lovelace", "Ada"),
    ask("built", "Who built the engine?", 0, "Babbage"),
    ask("where", "Where was the engine built?", 0, "London"),
    ask("died", "When did Babbage die in London?", 0),
    ask("hive", "How many bees does a hive hold?", 1, "sixty thousand"),
    ask("honey", "How much honey do the bees of a hive make?", 1),
)
DATASET = Dataset("set.json", (Context("Ada", ADA), Context("", BEES)), QUESTIONS)

# What the reader says to each question, and how sure it is; it refuses below 0.5.
SCRIPT = {
    "Who wrote the first program?": ("Ada Lovelace", 0.9),  # right: EM 1, F1 1
    "Who built the engine?": ("Babbage built the engine", 0.8),  # shared 1 of 3 and 1: P 1/3, R 1, F1 1/2
    "Where was the engine built?": ("London", 0.4),  # right but held back
    "When did Babbage die in London?": ("London", 0.3),  # rightly held back
    "How many bees does a hive hold?": ("tell where", 0.7),  # wrong
    "How much honey do the bees of a hive make?": ("sixty thousand", 0.6),  # should have been held back
}


class ScriptedReader:
    """Says what the script says, wherever the words stand; takes no question that is not in it."""

    threshold = 0.5
    comparer = None

    def read(
        self,
        question: str,
        texts: Sequence[str],
        *,
        top: int = 5,
        retrieval: Sequence[float] | None = None,
        collection: int | None = None,
        documents: Sequence[str] | None = None,
        surroundings: object = None,
        several: bool = False,
    ) -> Reading:
        if question == "Is it warm?":
            return Reading((), 0.0, True)
        if question not in SCRIPT:
            raise QuestionError("That question is too long.")
        answer, confidence = SCRIPT[question]
        spans = tuple(
            ReadSpan(number, text.index(answer), text.index(answer) + len(answer), 1.0, confidence)
            for number, text in enumerate(texts)
            if answer in text
        )
        return Reading(spans, confidence, confidence < self.threshold)

    def describe(self) -> dict[str, str]:
        return {"name": "scripted", "version": "1", "sha256": "00"}


def keys(report: Report) -> dict[str, object]:
    """The JSON's keys, with those of the objects in it, but not what changes from run to run."""
    return {
        name: sorted(value) if isinstance(value, dict) else None for name, value in json.loads(report.to_json()).items()
    }


def test_reading_by_hand() -> None:
    steps: list[tuple[int, int]] = []
    report = evaluate_reading(DATASET, ScriptedReader(), progress=lambda done, total: steps.append((done, total)))
    assert steps == [(number, 6) for number in range(1, 7)]
    assert (report.dataset, report.mode, report.questions) == ("set.json", "reading", 6)
    # wrote 1, built 0, where 0 (held back), died 1 (held back), hive 0, honey 0
    assert report.exact_match == pytest.approx(100 * 2 / 6)
    assert report.f1 == pytest.approx(100 * 2.5 / 6)
    assert report.answerable is not None
    assert report.answerable.questions == 4
    assert report.answerable.exact_match == pytest.approx(25)
    assert report.answerable.f1 == pytest.approx(100 * 1.5 / 4)
    assert report.unanswerable is not None
    assert report.unanswerable.questions == 2
    assert report.unanswerable.accuracy == 0.5
    # Answerable .9 .8 .4 .7 against unanswerable .3 .6: .4 loses to .6, the other seven pairs are right.
    assert report.no_answer is not None
    assert report.no_answer.auroc == pytest.approx(7 / 8)
    assert report.no_answer.threshold == 0.5
    assert report.no_answer.precision == 0.5  # of "where" and "died" only the second
    assert report.no_answer.recall == 0.5  # of "died" and "honey" only the first
    # Each in a bin of its own; right are .9, .8 and .4: |1-.9| + |1-.8| + |1-.4| + .3 + .7 + .6 = 2.5
    assert report.calibration is not None
    assert report.calibration.ece == pytest.approx(2.5 / 6)
    # Citations of the answerable: 1; "Babbage" in "Babbage built the engine" is 7 of 24; none; elsewhere.
    assert report.citation is not None
    assert report.citation.verbatim == 1.0
    assert report.citation.iou == pytest.approx((1 + 7 / 24 + 0 + 0) / 4)
    assert report.citation.sentence_recall == pytest.approx((1 + 1 + 0 + 0) / 4)
    assert report.models == {"reader": {"name": "scripted", "version": "1", "sha256": "00"}}
    assert report.questions_per_second == pytest.approx(6 / report.seconds)


def test_reading_keeps_the_result_of_every_question() -> None:
    report = evaluate_reading(DATASET, ScriptedReader())
    by_id = {result.id: result for result in report.results}
    held_back = by_id["where"]
    assert (held_back.prediction, held_back.best, held_back.right) == ("", "London", True)
    assert (held_back.exact_match, held_back.f1, held_back.citation) == (0.0, 0.0, None)
    shown = by_id["honey"]
    assert (shown.golds, shown.prediction, shown.right, shown.confidence) == ((), "sixty thousand", False, 0.6)
    assert shown.citation is not None
    assert (shown.citation.verbatim, shown.citation.iou) == (True, None)
    assert BEES[shown.citation.start : shown.citation.end] == "sixty thousand"
    assert by_id["wrote"].golds == ("Ada Lovelace", "Ada")
    assert all(result.seconds >= 0 and result.error is None for result in report.results)
    assert "results" not in json.loads(report.to_json())
    assert report.diagnostics is not None
    # An exact match is right for .9 and .4 only: "Babbage" at .8 now costs .8 instead of .2.
    assert report.diagnostics.exact_ece == pytest.approx(3.1 / 6)
    assert len(report.diagnostics.reliability) == 10
    assert report.diagnostics.risk_coverage[-1].coverage == 1.0
    # Wrong in the order of confidence: no, no, yes, yes, no, yes
    assert report.diagnostics.aurc == pytest.approx((0 + 0 + 1 / 3 + 2 / 4 + 2 / 5 + 3 / 6) / 6)


def test_answering_everything_refuses_nothing() -> None:
    report = evaluate_reading(DATASET, ScriptedReader(), answer_all=True)
    assert [result.prediction for result in report.results] == [answer for answer, _ in SCRIPT.values()]
    assert report.answerable is not None
    assert report.answerable.exact_match == pytest.approx(50)
    assert report.unanswerable is not None
    assert report.unanswerable.accuracy == 0.0
    assert json.loads(report.to_json())["no_answer"] == {"auroc": pytest.approx(7 / 8)}


def test_the_keys_of_reading_are_those_of_the_contract() -> None:
    assert keys(evaluate_reading(DATASET, ScriptedReader())) == {
        "dataset": None,
        "mode": None,
        "questions": None,
        "exact_match": None,
        "f1": None,
        "answerable": ["exact_match", "f1", "questions"],
        "unanswerable": ["accuracy", "questions"],
        "no_answer": ["auroc", "precision", "recall", "threshold"],
        "calibration": ["ece"],
        "citation": ["iou", "sentence_recall", "verbatim"],
        "stages": ["not_asked", "ranked_wrongly", "read_wrongly", "right", "wrongly_answered", "wrongly_refused"],
        "breakdown": ["answer_length", "documents", "stage", "type"],
        "latency_ms": ["p50", "p95"],
        "questions_per_second": None,
        "models": ["reader"],
        "seconds": None,
    }


def test_a_file_without_unanswerable_questions_has_no_scores_of_refusal() -> None:
    dataset = Dataset("answerable", DATASET.contexts, tuple(q for q in QUESTIONS if q.answerable))
    scores = json.loads(evaluate_reading(dataset, ScriptedReader()).to_json())
    assert not {"no_answer", "unanswerable"} & set(scores)
    assert scores["answerable"]["f1"] == scores["f1"]


def test_a_file_with_only_unanswerable_questions() -> None:
    dataset = Dataset("unanswerable", DATASET.contexts, tuple(q for q in QUESTIONS if not q.answerable))
    scores = json.loads(evaluate_reading(dataset, ScriptedReader()).to_json())
    assert "answerable" not in scores
    assert scores["no_answer"] == {"threshold": 0.5, "precision": 1.0, "recall": 0.5}
    assert scores["citation"] == {"verbatim": 1.0}


def test_a_question_that_is_not_taken_is_left_unanswered() -> None:
    dataset = Dataset("long", DATASET.contexts, (ask("long", "Who " * 999, 0, "Ada"), QUESTIONS[0]))
    report = evaluate_reading(dataset, ScriptedReader(), answer_all=True)
    refused, answered = report.results
    assert (refused.prediction, refused.confidence, refused.right) == ("", 0.0, False)
    assert refused.error == "That question is too long."
    assert answered.error is None
    assert report.exact_match == 50.0


def test_limit_spreads_over_the_file() -> None:
    report = evaluate_reading(DATASET, ScriptedReader(), limit=3)
    assert [result.id for result in report.results] == ["wrote", "where", "hive"]
    assert report.questions == 3


def test_retrieval_over_the_pooled_contexts() -> None:
    with pooled_index(DATASET, FakeEncoder()) as (index, corpus):
        folder = index.folder
        assert [index.document(str(name)).text for name in corpus.document_ids] == [ADA, BEES]
        assert [document.title for document in index.documents()] == ["Ada", "set 2"]
        report = evaluate_retrieval(DATASET, index, corpus)
    assert not folder.exists()
    # Each context is one passage, and every question shares most words with its own.
    assert [result.gold_rank for result in report.results] == [1] * 6
    scores = json.loads(report.to_json())
    assert scores["retrieval"] == {"recall@1": 1, "recall@5": 1, "recall@20": 1, "mrr@10": 1, "ndcg@10": 1}
    assert keys(report) == {
        "dataset": None,
        "mode": None,
        "questions": None,
        "retrieval": ["mrr@10", "ndcg@10", "recall@1", "recall@20", "recall@5"],
        "latency_ms": ["p50", "p95"],
        "questions_per_second": None,
        "models": ["encoder"],
        "seconds": None,
    }


def test_retrieval_from_an_index_that_holds_some_of_the_contexts(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    add_texts(index, [("other", "Other", ADA.replace("Ada", "Eve"))])
    nowhere = locate(DATASET, index)
    # As long as the context, but not the same text.
    assert nowhere.document_ids == (None, None)
    with pytest.raises(DatasetError, match="none of its contexts"):
        evaluate_retrieval(DATASET, index, nowhere)
    (bees,) = add_texts(index, [("bees", "Bees", BEES)])
    corpus = locate(DATASET, index)
    assert corpus.document_ids == (None, bees)
    report = evaluate_retrieval(DATASET, index, corpus)
    assert [result.id for result in report.results] == ["hive", "honey"]
    assert (report.questions, report.not_in_index) == (2, len(DATASET.questions) - 2)


def assistant(index: PassageIndex) -> Assistant:
    return Assistant(index, ScriptedReader)  # type: ignore[arg-type]


def test_answering_by_hand(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    corpus = pool(DATASET, index)
    report = evaluate_answering(DATASET, assistant(index), corpus)
    reading = evaluate_reading(DATASET, ScriptedReader())
    # The words of the script stand in one context only, so both runs find the same answers at the same places.
    for field in ("exact_match", "f1", "answerable", "unanswerable", "no_answer", "calibration", "citation"):
        assert getattr(report, field) == getattr(reading, field)
    assert report.mode == "answering"
    assert report.models == {
        "encoder": {"name": "fake", "sha256": "0" * 64},
        "reader": {"name": "scripted", "version": "1", "sha256": "00"},
    }
    by_id = {result.id: result for result in report.results}
    assert by_id["wrote"].citation is not None
    assert by_id["wrote"].citation.document_id == corpus.document_ids[0]
    assert (by_id["where"].prediction, by_id["where"].best) == ("", "London")
    assert [result.gold_rank for result in report.results] == [1] * 6


def test_answering_everything_over_an_index() -> None:
    with pooled_index(DATASET, FakeEncoder()) as (index, corpus):
        report = evaluate_answering(DATASET, assistant(index), corpus, answer_all=True, limit=4)
    assert [result.prediction for result in report.results] == [
        "Ada Lovelace",
        "Babbage built the engine",
        "London",
        "tell where",
    ]
    assert json.loads(report.to_json())["no_answer"] == {"auroc": 1.0}  # .9, .8 and .7 against .3


def test_a_citation_of_another_document_fits_nothing(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    dataset = Dataset("one", DATASET.contexts, (ask("hive", "Who built the engine?", 1, "A hive"),))
    report = evaluate_answering(dataset, assistant(index), pool(dataset, index))
    citation = report.results[0].citation
    assert citation is not None
    # Its offsets do overlap those of "A hive", but in another text.
    assert (citation.start, citation.end) == (ADA.index("Babbage"), ADA.index("Babbage") + 24)
    assert (citation.verbatim, citation.iou, citation.sentence_recall) == (True, 0.0, 0.0)


def test_citations_in_an_index_without_the_context_are_only_checked_to_be_verbatim(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    add_texts(index, [("both", "Both", ADA + "\n" + BEES)])
    report = evaluate_answering(DATASET, assistant(index), locate(DATASET, index))
    assert json.loads(report.to_json())["citation"] == {"verbatim": 1.0}
    assert report.exact_match == pytest.approx(100 * 2 / 6)
    assert {result.gold_rank for result in report.results} == {None}


def test_a_reader_that_finds_nothing_at_all() -> None:
    class Blind(ScriptedReader):
        def read(self, *_: object, **__: object) -> Reading:
            return Reading((), 0.0, True)

    scores = json.loads(evaluate_reading(DATASET, Blind(), answer_all=True).to_json())
    assert (scores["exact_match"], scores["calibration"]["ece"]) == (pytest.approx(100 * 2 / 6), 0.0)
    assert scores["citation"] == {"iou": 0.0, "sentence_recall": 0.0}
