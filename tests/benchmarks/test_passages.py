"""Questions with their passages."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.passages import Item, cut_text, load_items, neighbours, retrieval_scores
from index.documents import Span
from index.errors import DatasetError
from tests.fakes import FakeEncoder

TEXT = " ".join(f"Sentence {number} tells of thing {number}." for number in range(60))


def words(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two contexts of one article, and a short one of another; the second question has no answer."""
    half = TEXT.index("Sentence 30")
    first, second, other = TEXT[: half - 1], TEXT[half:], "A short note of Rome."

    def question(name: str, context: str, answer: str | None) -> dict[str, object]:
        found = [] if answer is None else [{"text": answer, "answer_start": context.index(answer)}]
        return {"id": name, "question": f"{name}?", "answers": found, "is_impossible": not found}

    paragraphs = [
        {"context": first, "qas": [question("q1", first, "thing 2"), question("none", first, None)]},
        {"context": second, "qas": [question("q2", second, "thing 45")]},
    ]
    note = {"context": other, "qas": [question("q3", other, "Rome")]}
    content = {"data": [{"title": "a", "paragraphs": paragraphs}, {"title": "b", "paragraphs": [note]}]}
    path = tmp_path / "data.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("cut", ["sentences", "tokens"])
def test_each_question_has_its_passage_among_its_own(data: Path, cut: str) -> None:
    items = load_items(data, words, questions=9, passages=4, size=14, cut=cut)  # type: ignore[arg-type]
    assert [item.question for item in items] == ["q1?", "q2?", "q3?"]
    for item, answer in zip(items, ["thing 2", "thing 45", "Rome"], strict=True):
        assert len(item.passages) == 4
        assert any(answer in passage for passage in item.passages)
    assert set(items[2].passages) == {"A short note of Rome."}


def test_passages_of_exactly_so_many_tokens() -> None:
    spans = cut_text(TEXT, words, 16, "tokens")
    assert {len(words(TEXT[span.start : span.end])) for span in spans} == {16}
    assert cut_text("two words", words, 16, "tokens") == [Span(0, 9)]


def test_neighbours_stay_within_the_document() -> None:
    spans = [Span(10 * number, 10 * number + 10) for number in range(6)]
    assert neighbours(spans, 0, 3) == spans[:3]
    assert neighbours(spans, 35, 3) == spans[2:5]
    assert neighbours(spans, 59, 3) == spans[3:]
    assert neighbours(spans[:2], 15, 5) == [spans[0], spans[1], spans[0], spans[1], spans[0]]


def test_a_file_without_answers_is_refused(tmp_path: Path) -> None:
    question = {"id": "1", "question": "Why?", "answers": [], "is_impossible": True}
    paragraphs = [{"context": "Rome.", "qas": [question]}]
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"data": [{"title": "a", "paragraphs": paragraphs}]}), encoding="utf-8")
    with pytest.raises(DatasetError, match="none of its questions"):
        load_items(path, words, questions=1, passages=1, size=16, cut="tokens")


def test_retrieval_scores_are_those_of_the_passages_in_their_order() -> None:
    bridge, rain, hill = "The bridge was built in 1874.", "It rained for six days.", "The hill is steep and green."
    items = [Item("When was the bridge built?", (rain, bridge)), Item("How steep is the hill?", (hill, bridge, hill))]
    scores = retrieval_scores(items, FakeEncoder())
    first, second = (scores[(item.question, *item.passages)] for item in items)
    assert first[1] > first[0]
    assert second[0] == second[2] > second[1]
