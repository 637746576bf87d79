"""Which stage of the pipeline lost a question: every line of the definition, and that exactly one of them applies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import PassageIndex, QuestionError, add_texts, create_index
from qa.assistant import Assistant
from qa.evaluation.corpus import locate, pool
from qa.evaluation.datasets import Context, Dataset, GoldAnswer, Question
from qa.evaluation.outcomes import gold_spans
from qa.evaluation.report import QuestionResult
from qa.evaluation.runner import evaluate_answering, evaluate_reading
from qa.evaluation.scoring import is_right
from qa.evaluation.shapes import STAGES, FoundSpan
from qa.evaluation.stages import Evidence, count_stages, evidence_of, stage_of
from qa.reader.reading import Reading, ReadSpan
from tests.fakes import FakeEncoder

ADA = "Ada Lovelace wrote the first program in 1843. Charles Babbage drew the engine in London."
BEES = "Bees dance to tell where flowers are. London keeps bees on roofs. A hive holds sixty thousand bees."
CONTEXTS = (Context("Ada", ADA), Context("Bees", BEES))


def question(text: str, context: int, *golds: str) -> Question:
    whole = CONTEXTS[context].text
    return Question(text, text, context, tuple(GoldAnswer(gold, whole.index(gold)) for gold in golds))


@dataclass
class Script:
    """A reader that puts forward the named words, wherever they stand, each first place with the same confidence."""

    words: Sequence[str]
    confidence: float = 0.9
    threshold: float = 0.5
    comparer: None = None

    def read(self, question: str, texts: Sequence[str], **_: Any) -> Reading:
        if question == "Is it warm?":
            return Reading((), 0.0, True)
        if len(question) > 60:
            raise QuestionError("That question is too long.")
        spans = tuple(
            ReadSpan(number, text.index(word), text.index(word) + len(word), 1.0, self.confidence)
            for word in self.words
            for number, text in enumerate(texts)
            if word in text
        )
        confidence = self.confidence if spans else 0.0
        return Reading(spans, confidence, confidence < self.threshold)

    def describe(self) -> dict[str, str]:
        return {"name": "script", "version": "1", "sha256": "00"}


WHO = question("Who drew the engine?", 0, "Charles Babbage")
NONE = question("Who paid for the engine?", 0)


def answering(asked: Question, script: Script, folder: Path, *, only: int | None = None) -> QuestionResult:
    """Ask over both contexts, or over an index that holds only one of them."""
    index: PassageIndex = create_index(folder / "index", FakeEncoder())
    dataset = Dataset("set.json", CONTEXTS, (asked,))
    if only is None:
        corpus = pool(dataset, index)
    else:
        add_texts(index, [("one", "One", CONTEXTS[only].text)])
        corpus = locate(dataset, index)
    assistant = Assistant(index, lambda: script)  # type: ignore[arg-type, return-value]
    (result,) = evaluate_answering(dataset, assistant, corpus).results
    return result


@pytest.mark.parametrize(
    ("asked", "script", "stage"),
    [
        (WHO, Script(["Charles Babbage"]), "right"),
        (WHO, Script(["Babbage"]), "right"),  # F1 2/3
        (WHO, Script(["Charles Babbage"], confidence=0.4), "wrongly_refused"),
        (WHO, Script(["Ada Lovelace", "Charles Babbage"]), "ranked_wrongly"),
        (WHO, Script(["Ada Lovelace", "Charles Babbage"], confidence=0.4), "ranked_wrongly"),
        (WHO, Script(["Ada Lovelace", "1843"]), "read_wrongly"),
        (WHO, Script(["Ada Lovelace"], confidence=0.4), "read_wrongly"),
        (WHO, Script([]), "read_wrongly"),
        (NONE, Script(["Charles Babbage"]), "wrongly_answered"),
        (NONE, Script(["Charles Babbage"], confidence=0.4), "right"),
        (NONE, Script([]), "right"),
        (question("Who " * 20, 0, "Ada Lovelace"), Script(["Ada Lovelace"]), "not_asked"),
        (question("Who " * 20, 0), Script(["Ada Lovelace"]), "not_asked"),
    ],
)
def test_each_stage_is_the_same_in_reading_and_answering(
    asked: Question, script: Script, stage: str, tmp_path: Path
) -> None:
    (reading,) = evaluate_reading(Dataset("set.json", CONTEXTS, (asked,)), script).results
    assert reading.stage == stage
    assert answering(asked, script, tmp_path).stage == stage


def test_the_place_of_the_best_answer_is_kept_also_when_it_is_held_back(tmp_path: Path) -> None:
    result = answering(WHO, Script(["sixty thousand", "1843"], confidence=0.4), tmp_path)
    assert result.prediction == ""
    assert result.found is not None
    assert result.found.context == 1
    assert BEES[result.found.start : result.found.end] == result.best == "sixty thousand"
    assert (result.stage, result.in_gold_passage) == ("read_wrongly", False)


def test_a_wrong_span_of_the_gold_passage_is_told_from_one_elsewhere(tmp_path: Path) -> None:
    result = answering(WHO, Script(["Ada Lovelace"]), tmp_path)
    assert (result.stage, result.in_gold_passage) == ("read_wrongly", True)


def test_a_wrong_span_of_the_gold_document_but_of_another_passage_stands_elsewhere(tmp_path: Path) -> None:
    paragraphs = [f"Charles Babbage drew the {number}th engine. " + "It was large. " * 30 for number in (4, 5)]
    text = "\n".join(paragraphs)
    asked = Question("q", "Who drew the 4th engine?", 0, (GoldAnswer("Charles Babbage", 0),))
    dataset = Dataset("set.json", (Context("Engines", text),), (asked,))
    index = create_index(tmp_path / "index", FakeEncoder())
    corpus = pool(dataset, index)
    for words, inside in (("4th engine", True), ("5th engine", False)):
        assistant = Assistant(index, lambda words=words: Script([words]))  # type: ignore[misc]
        (result,) = evaluate_answering(dataset, assistant, corpus).results
        assert (result.best, result.stage, result.in_gold_passage) == (words, "read_wrongly", inside)


@pytest.mark.parametrize("answer_all", [True, False])
def test_the_other_candidates_are_those_after_the_best_one(answer_all: bool, tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    corpus = pool(Dataset("set.json", CONTEXTS, (WHO,)), index)
    script = Script(["Ada Lovelace", "1843", "sixty thousand"], confidence=0.4)
    answer = Assistant(index, lambda: script).ask(WHO.text, answer_all=answer_all)  # type: ignore[arg-type, return-value]
    assert answer.abstained is not answer_all
    evidence = evidence_of(answer, corpus.document_ids[0], gold_spans(WHO), corpus.document_ids)
    assert evidence.others == ("1843", "sixty thousand")
    assert evidence.found is not None
    assert ADA[evidence.found.start : evidence.found.end] == "Ada Lovelace"


def test_a_gold_document_whose_gold_passage_was_not_given_to_the_reader_was_not_retrieved(tmp_path: Path) -> None:
    # Thirty passages of the gold document are more like the question than the one with the answer in it.
    filler = "".join(f"Who drew the engine, number {number}? " + "the engine " * 70 + ".\n" for number in range(30))
    text = filler + "It was made by " + "words of no matter " * 30 + "Charles Babbage."
    asked = Question("q", "Who drew the engine?", 0, (GoldAnswer("Charles Babbage", text.index("Charles")),))
    dataset = Dataset("set.json", (Context("Long", text),), (asked,))
    index = create_index(tmp_path / "index", FakeEncoder())
    corpus = pool(dataset, index)
    assistant = Assistant(index, lambda: Script(["number"]))  # type: ignore[arg-type, return-value]
    (result,) = evaluate_answering(dataset, assistant, corpus).results
    assert result.gold_rank is None
    assert (result.stage, result.in_gold_passage) == ("not_retrieved", False)
    assert result.found is not None
    assert result.found.context == 0


def test_without_the_gold_document_in_the_index_a_loss_cannot_be_placed(tmp_path: Path) -> None:
    result = answering(WHO, Script(["sixty thousand"]), tmp_path, only=1)
    assert (result.stage, result.in_gold_passage, result.gold_rank) == ("unplaced", None, None)


def test_right_words_elsewhere_are_right_though_the_gold_document_is_not_there(tmp_path: Path) -> None:
    where = question("Where was the engine drawn?", 0, "London")
    result = answering(where, Script(["London"]), tmp_path, only=1)
    assert result.stage == "right"


def test_the_counts_name_the_stages_of_the_mode(tmp_path: Path) -> None:
    dataset = Dataset("set.json", CONTEXTS, (WHO, NONE))
    report = evaluate_reading(dataset, Script(["Charles Babbage"]))
    assert report.stages is not None
    assert report.stages.model_dump(exclude_none=True) == {
        "right": 1,
        "not_asked": 0,
        "ranked_wrongly": 0,
        "read_wrongly": 0,
        "wrongly_refused": 0,
        "wrongly_answered": 1,
    }
    counts = count_stages(report.results, "answering")
    assert counts is not None
    assert (counts.not_retrieved, counts.unplaced) == (0, 0)


def test_stages_are_not_counted_when_one_is_unknown() -> None:
    report = evaluate_reading(Dataset("set.json", CONTEXTS, (WHO, NONE)), Script(["Charles Babbage"]))
    unknown = report.results[0].model_copy(update={"stage": None})
    assert count_stages([unknown, report.results[1]], "reading") is None


answers = st.sampled_from(["", "Babbage", "Charles Babbage", "Ada", "the", "the engine of Charles Babbage in London"])
evidences = st.builds(
    Evidence,
    retrieved=st.sampled_from([True, False, None]),
    others=st.lists(answers, max_size=3).map(tuple),
    found=st.sampled_from([None, FoundSpan(context=0, start=0, end=3)]),
)


@given(golds=st.lists(answers.filter(bool), max_size=2), best=answers, shown=st.booleans(), evidence=evidences)
def test_exactly_one_stage_applies_to_a_question(golds: list[str], best: str, shown: bool, evidence: Evidence) -> None:
    given_answer = best if shown else ""
    lost = bool(golds) and not is_right(best, golds)
    later = lost and evidence.retrieved is True
    among_others = any(is_right(other, golds) for other in evidence.others)
    # The lines of the definition, written as conditions that do not lean on their order.
    applies = {
        "wrongly_answered": not golds and given_answer != "",
        "right": given_answer == "" if not golds else is_right(best, golds) and given_answer != "",
        "wrongly_refused": bool(golds) and is_right(best, golds) and given_answer == "",
        "not_retrieved": lost and evidence.retrieved is False,
        "unplaced": lost and evidence.retrieved is None,
        "ranked_wrongly": later and among_others,
        "read_wrongly": later and not among_others,
    }
    assert set(applies) | {"not_asked"} == set(STAGES)
    assert [name for name, holds in applies.items() if holds] == [stage_of(golds, given_answer, best, evidence)]


@given(st.lists(st.tuples(answers, st.lists(answers.filter(bool), max_size=2), evidences), min_size=1, max_size=12))
def test_the_counts_of_the_stages_add_up_to_the_questions(rows: list[tuple[str, list[str], Evidence]]) -> None:
    results = [
        QuestionResult(
            id=str(number),
            question="Who?",
            golds=tuple(golds),
            context=0,
            seconds=0.1,
            stage=stage_of(golds, best, best, replace(evidence)),
        )
        for number, (best, golds, evidence) in enumerate(rows)
    ]
    counts = count_stages(results, "answering")
    assert counts is not None
    assert sum(counts.model_dump().values()) == len(results)
