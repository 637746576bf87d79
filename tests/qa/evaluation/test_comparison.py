"""Two runs held against each other: differences, tests and regressions by hand, and what cannot be compared."""

import json
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import DatasetError
from qa.evaluation.certainty import complete
from qa.evaluation.comparison import compare, mcnemar
from qa.evaluation.report import QuestionResult, Report
from qa.evaluation.runs import Run, read_run
from tests.qa.evaluation.made_up import report_of, results


def row(number: int, prediction: str, golds: tuple[str, ...] = ("ada",), **changes: Any) -> QuestionResult:
    right = float(prediction in golds if golds else not prediction)
    facts: dict[str, Any] = {
        "id": f"q{number}",
        "question": f"Question {number}?",
        "golds": golds,
        "context": number,
        "prediction": prediction,
        "best": prediction,
        "confidence": 0.5,
        "exact_match": right,
        "f1": right,
        "right": right == 1.0 and bool(golds),
        "located": True,
        "seconds": None,
    }
    return QuestionResult.model_validate(facts | changes)


def run(name: str, *rows: QuestionResult) -> Run:
    report = complete(report_of(list(rows)))
    return Run(name, report.mode, json.loads(report.to_json()), report.results)


def ranked(name: str, *ranks: int | None) -> Run:
    rows = tuple(
        QuestionResult(id=f"q{number}", question="?", golds=(), context=number, gold_rank=rank, seconds=0.1)
        for number, rank in enumerate(ranks)
    )
    scores = {"mode": "retrieval", "questions": len(rows), "retrieval": {"recall@1": 0.0, "mrr@10": 0.0}}
    return Run(name, "retrieval", scores, rows)


def test_differences_and_regressions_by_hand() -> None:
    a = run("A", row(0, "ada"), row(1, "ada"), row(2, "eve"), row(3, "", ()), row(4, "eve", ()))
    b = run("B", row(4, "", ()), row(1, ""), row(2, "ada"), row(3, "", ()), row(0, "bob"))
    found = compare(a, b)
    assert (found.a, found.b, found.questions, found.mode) == ("A", "B", 5, "scored")
    exact = found.scores["exact_match"]
    # A has 0, 1 and 3 right, B has 2, 3 and 4.
    assert (exact.a, exact.b, exact.difference) == (60, 60, 0)
    answerable = found.scores["answerable.f1"]
    assert (answerable.a, answerable.b) == (pytest.approx(200 / 3), pytest.approx(100 / 3))
    assert answerable.difference == pytest.approx(-100 / 3)
    assert answerable.interval[0] < answerable.difference < answerable.interval[1]
    assert [(change.id, change.golds, change.a, change.b) for change in found.regressions] == [
        ("q0", ("ada",), "ada", "bob"),
        ("q1", ("ada",), "ada", ""),
    ]
    assert found.improvements == 2
    test = found.mcnemar["exact_match"]
    assert (test.only_a, test.only_b, test.p_value) == (2, 2, 1.0)
    # Decisions: A errs on q4 (it answers), B on q1 (it refuses).
    test = found.mcnemar["refusal"]
    assert (test.only_a, test.only_b, test.p_value) == (1, 1, 1.0)
    assert (found.bootstrap.unit, found.bootstrap.units, found.seed) == ("context", 5, 0)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [
        (0, 0, Fraction(1)),
        (1, 0, Fraction(1)),  # one toss of a coin is never uneven
        (0, 5, Fraction(2, 32)),  # all of five on one side: 2 / 2**5
        (1, 5, Fraction(14, 64)),  # at most one of six on a side: 2 * (1 + 6) / 2**6
        (5, 1, Fraction(14, 64)),
        (3, 3, Fraction(1)),
        (2, 8, Fraction(112, 1024)),  # 2 * (1 + 10 + 45) / 2**10
    ],
)
def test_mcnemar_by_hand(only_a: int, only_b: int, p: Fraction) -> None:
    pairs = [(True, False)] * only_a + [(False, True)] * only_b + [(True, True)] * 7 + [(False, False)] * 3
    found = mcnemar(pairs)
    assert (found.only_a, found.only_b) == (only_a, only_b)
    assert found.p_value == pytest.approx(float(p))


@given(st.integers(0, 40), st.integers(0, 40))
def test_mcnemar_is_twice_the_smaller_tail(only_a: int, only_b: int) -> None:
    total = only_a + only_b
    tail = sum(comb(total, few) for few in range(min(only_a, only_b) + 1))
    found = mcnemar([(True, False)] * only_a + [(False, True)] * only_b)
    assert found.p_value == pytest.approx(min(1.0, 2 * tail / 2**total))


@given(results(6))
def test_a_run_does_not_differ_from_itself(rows: list[QuestionResult]) -> None:
    one = run("A", *rows)
    found = compare(one, one)
    assert {(score.difference, score.interval) for score in found.scores.values()} == {(0.0, (0.0, 0.0))}
    assert found.regressions == ()
    assert found.improvements == 0
    assert {test.p_value for test in found.mcnemar.values()} == {1.0}
    assert set(found.scores) == set(one.scores["intervals"])


def test_a_difference_on_every_question_is_certain_though_the_scores_are_not() -> None:
    # The scores hang on which questions are drawn; that B gains a quarter on each of them does not.
    a = run("A", *(row(number, "x", exact_match=0.0, f1=number / 40) for number in range(30)))
    b = run("B", *(row(number, "x", exact_match=0.0, f1=number / 40 + 0.25) for number in range(30)))
    score = compare(a, b).scores["f1"]
    assert score.interval == (pytest.approx(25), pytest.approx(25))
    low, high = a.scores["intervals"]["f1"]
    assert high - low > 10


def test_ranks_are_compared_by_hits_among_the_first_five() -> None:
    found = compare(ranked("A", 1, 5, 6, None), ranked("B", 2, 6, 1, None))
    assert [(change.id, change.a, change.b) for change in found.regressions] == [("q1", 5, 6)]
    assert found.improvements == 1
    assert set(found.mcnemar) == {"hit@5"}
    assert set(found.scores) == {"retrieval.recall@1", "retrieval.mrr@10"}
    assert found.scores["retrieval.mrr@10"].difference == pytest.approx((1 / 2 + 1 / 6 + 1 - 1 - 1 / 5 - 1 / 6) / 4)


def test_runs_of_other_questions_or_modes_cannot_be_compared() -> None:
    one = run("A", row(0, "ada"), row(1, "ada"))
    with pytest.raises(DatasetError, match="1 are in A only, 0 in B only, such as 'q1'"):
        compare(one, run("B", row(0, "ada")))
    with pytest.raises(DatasetError, match="0 are in B only, 1 in A only, such as 'q1'"):
        compare(run("B", row(0, "ada")), one)
    with pytest.raises(DatasetError, match="'q1' has another text or other answers in A than in B"):
        compare(one, run("B", row(0, "ada"), row(1, "ada", ("ada", "eve"))))
    with pytest.raises(DatasetError, match="'q1' has another text or other answers"):
        compare(one, run("B", row(0, "ada"), row(1, "ada", question="Who?")))
    with pytest.raises(DatasetError, match="A is of --mode scored and R of --mode retrieval"):
        compare(one, ranked("R", 1, 2))
    reading, answering = (Run(mode, mode, one.scores, one.results) for mode in ("reading", "answering"))  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match="Run both in the same mode"):
        compare(reading, answering)
    assert compare(reading, one).mode == "reading, scored"


def written(folder: Path, report: Report) -> Path:
    folder.mkdir()
    (folder / "scores.json").write_text(report.to_json(), encoding="utf-8")
    lines = [result.model_dump_json(by_alias=True) for result in report.results]
    (folder / "results.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_a_written_report_is_read_back_from_its_folder_or_its_scores(tmp_path: Path) -> None:
    report = complete(report_of([row(0, "ada\u2028x"), row(1, "", ())]))
    folder = written(tmp_path / "run", report)
    for path in (folder, folder / "scores.json"):
        found = read_run(path)
        assert found == Run(str(path), "scored", json.loads(report.to_json()), tuple(report.results))


def test_reports_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    folder = written(tmp_path / "run", report_of([row(0, "ada"), row(1, "")]))
    lines = (folder / "results.jsonl").read_text(encoding="utf-8")

    def message(path: Path = folder) -> str:
        with pytest.raises(DatasetError) as caught:
            read_run(path)
        return str(caught.value)

    assert "cannot be read" in message(tmp_path / "gone")
    assert "Name a folder that qa eval --report wrote" in message(tmp_path)
    (folder / "results.jsonl").write_text(lines.split("\n")[0], encoding="utf-8")
    assert "scores.json is of 2 questions, but results.jsonl has 1 results of 1" in message()
    (folder / "results.jsonl").write_text(lines.split("\n")[0] + "\n" + lines.split("\n")[0], encoding="utf-8")
    assert "has 2 results of 1" in message()
    (folder / "results.jsonl").write_text('{"id": 3}', encoding="utf-8")
    assert "results.jsonl line 1: id: input should be a valid string" in message()
    (folder / "results.jsonl").unlink()
    assert "results.jsonl: cannot be read" in message()
    for content, fault in (("{", "not valid JSON"), ('{"mode": "other", "questions": 2}', "these are no scores")):
        (folder / "scores.json").write_text(content, encoding="utf-8")
        assert fault in message()
