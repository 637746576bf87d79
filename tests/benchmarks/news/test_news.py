"""The news benchmark: built from its sources, offsets right, and composed as its data card says."""

import calendar
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from benchmarks.news.build import FOLDER, build, stale
from benchmarks.news.gold import PLAIN_KINDS, SourceError, Span, marked_spans, read_articles, read_gold
from qa.evaluation.datasets import load_dataset

Row = dict[str, Any]
SPECIAL = ("partial", "list", "conflict", "agree", "followup")


def read(name: str) -> list[Row]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


ROWS = read("questions.jsonl")
BY_ID = {row["id"]: row for row in ROWS}
KINDS = Counter(row["kind"] for row in ROWS)
TEXTS = {f"articles/{path.name}": path.read_bytes().decode("utf-8") for path in (FOLDER / "articles").iterdir()}


def located(row: Row) -> list[tuple[str, Row]]:
    """Every span of a row, with the document that it belongs to."""
    here = [*row["answers"], *row.get("plausible_answers", [])]
    found = [(row["document"], span) for span in here]
    for claim in row.get("claims", []):
        found += [(claim["document"], span) for span in [*claim["speaker"], *claim["answers"]]]
    for other in row.get("also_in", []):
        found += [(other["document"], span) for span in other["answers"]]
    return found


def test_the_files_are_what_the_sources_say() -> None:
    assert list(stale()) == []


@pytest.mark.parametrize("name", ["questions.jsonl", "standalone.jsonl"])
def test_the_evaluation_reads_them(name: str) -> None:
    dataset = load_dataset(FOLDER / name)
    assert [question.id for question in dataset.questions] == list(BY_ID)
    assert sorted(context.text for context in dataset.contexts) == sorted(TEXTS.values())
    assert [question.answerable for question in dataset.questions] == [not row["is_impossible"] for row in ROWS]


def test_every_span_stands_at_its_offset() -> None:
    for row in ROWS:
        for document, span in located(row):
            start = span["answer_start"]
            assert TEXTS[document][start : start + len(span["text"])] == span["text"], row["id"]


def test_items_of_lists_stand_somewhere() -> None:
    for row in ROWS:
        spans = [(span["answer_start"], span["text"]) for _, span in located(row)]
        for item in row.get("set", []):
            assert item, row["id"]
            assert {(span["answer_start"], span["text"]) for span in item} <= set(spans), row["id"]


def test_ids_and_questions_occur_once() -> None:
    assert len(BY_ID) == len(ROWS)
    assert len({row["question"] for row in read("standalone.jsonl")}) == len(ROWS)


def test_no_answer_is_listed_twice() -> None:
    for row in ROWS:
        spans = [(span["answer_start"], span["text"]) for span in row["answers"]]
        assert len(spans) == len(set(spans)), row["id"]


def test_there_is_enough_of_each_kind() -> None:
    unanswerable = sum(row["is_impossible"] for row in ROWS)
    assert len(TEXTS) >= 12
    assert len(ROWS) >= 240
    assert 0.3 <= (unanswerable + KINDS["partial"]) / len(ROWS) <= 0.37
    assert KINDS["followup"] >= 40
    assert KINDS["conflict"] >= 30
    assert KINDS["agree"] >= 15
    assert KINDS["list"] >= 30
    assert all(KINDS[kind] for kind in PLAIN_KINDS)


def test_articles_are_of_the_length_promised() -> None:
    for name, text in TEXTS.items():
        assert 250 <= len(text.split()) <= 500, name
        assert text == text.strip() + "\n", name
        assert "\n\n\n" not in text, name


def test_follow_ups_follow_a_question_on_the_same_article() -> None:
    order = list(BY_ID)
    for row in ROWS:
        assert ("follows" in row) == ("standalone" in row) == (row["kind"] == "followup")
        if "follows" in row:
            assert BY_ID[row["follows"]]["document"] == row["document"]
            assert order.index(row["follows"]) < order.index(row["id"])
            assert row["standalone"] != row["question"]


def test_conflicts_differ_and_agreeing_claims_do_not() -> None:
    for row in ROWS:
        if row["kind"] in {"conflict", "agree"}:
            assert row["agree"] is (row["kind"] == "agree")
            assert len(row["claims"]) > 1
            assert row["kind"] == "agree" or all(claim["speaker"] for claim in row["claims"]), row["id"]


def test_unanswerable_questions_have_a_near_miss_and_partial_ones_say_what_is_missing() -> None:
    for row in ROWS:
        assert row["is_impossible"] is (not row["answers"])
        assert not row["is_impossible"] or row["plausible_answers"], row["id"]
        assert ("missing" in row) == (row["kind"] == "partial"), row["id"]
        assert row["kind"] != "partial" or row["answers"], row["id"]


def test_the_date_of_an_article_is_that_of_its_first_lines() -> None:
    for row in ROWS:
        day = date.fromisoformat(row["date"])
        assert f", {day.day} {calendar.month_name[day.month]} {day.year} (" in TEXTS[row["document"]]


def test_the_data_card_counts_right() -> None:
    lines = (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
    table = {cells[1].strip("`* "): [int(cell) for cell in cells[3:11]] for cells in map(card_cells, lines) if cells}
    assert len(table) == len(TEXTS) + 1
    for name, numbers in table.items():
        rows = [row for row in ROWS if name == "all" or row["document"] == f"articles/{name}.txt"]
        kinds = Counter(row["kind"] for row in rows)
        plain = sum(kinds[kind] for kind in PLAIN_KINDS)
        unanswerable = sum(row["is_impossible"] for row in rows)
        assert numbers == [plain, *(kinds[kind] for kind in SPECIAL), len(rows), unanswerable], name


def card_cells(line: str) -> list[str]:
    """The cells of a row of the composition table; nothing for any other line."""
    cells = line.split("|")
    return cells if len(cells) == 12 and cells[9].strip().isdigit() else []


def test_brackets_mark_nested_spans() -> None:
    text = "He met the retired diplomat Ana Quill there."
    spans = marked_spans("the [[retired diplomat [[Ana Quill]]]] there", "a", text)
    assert spans == [Span("a", 11, "retired diplomat Ana Quill"), Span("a", 28, "Ana Quill")]


@pytest.mark.parametrize(
    ("quote", "message"),
    [
        ("the [[cat]]", "occurs 2 times"),
        ("a [[dog]]", "occurs 0 times"),
        ("no cat", "must stand in"),
        ("a [[cat", "must stand in"),
        ("a cat]]", "was not opened"),
        ("saw[[ the cat]]", "begins or ends with a space"),
    ],
)
def test_a_faulty_quotation_is_refused(quote: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        marked_spans(quote, "a", "the cat saw the cat, no cat")


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("== 01 riddle\nQ: Who?", "a block begins with"),
        ("== 01 who\nQ: Who?", "near miss"),
        ("== 01 who\nQ: Who?\nA@nowhere: [[Ann]] said", "no article nowhere"),
        ("== 01 list\nQ: Who?\nIT: [[Ann]] said", "at least two items"),
        ("== 01 partial\nQ: Who?\nA: [[Ann]] said", "has M and A"),
        ("== 01 followup\nQ: Who?\nA: [[Ann]] said", "has F and S"),
        ("== 01 who\nQ: Who?\nQ: When?", "Q occurs twice"),
        ("== 01 who\nIS: [[six]] died", "nothing before it"),
        (
            "== 01 conflict\nQ: How many?\nBY: [[Ann]] said\nIS: said [[six]] died\nBY: [[Bo]] said\nIS: said [[six]].",
            "must not share",
        ),
    ],
)
def test_a_faulty_block_is_refused(tmp_path: Path, block: str, message: str) -> None:
    gold = tmp_path / "a.gold"
    gold.write_text(f"date: 2024-03-16\n\n{block}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        read_gold(gold, {"a": "Ann said six died. Bo said six."})


def test_a_follow_up_must_come_after_its_question(tmp_path: Path) -> None:
    for name, text in {"articles/a.txt": "Ann came.\n", "questions/a.gold": FORWARD}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="does not come before"):
        build(tmp_path)


FORWARD = """date: 2024-03-16

== 01 followup
Q: Who?
F: 02
S: Who came?
A: [[Ann]] came

== 02 who
Q: Who was it?
A: [[Ann]] came
"""


def test_articles_must_be_canonical(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"Ann came.\r\n")
    with pytest.raises(SourceError, match="LF"):
        read_articles(tmp_path)
