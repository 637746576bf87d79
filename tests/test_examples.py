"""The sample article's questions fit the sample article."""

import json
from pathlib import Path

from index.loading import parse, read_source
from qa.evaluation.datasets import load_dataset

EXAMPLES = Path(__file__).parent.parent / "examples"
QUESTIONS = EXAMPLES / "karabakh_questions.json"


def test_the_context_is_the_canonical_text_of_the_article() -> None:
    article = (EXAMPLES / "karabakh.txt").read_bytes().decode("utf-8").replace("\r\n", "\n")
    assert [context.text for context in load_dataset(QUESTIONS).contexts] == [article]
    assert parse(read_source(EXAMPLES / "karabakh.txt")).text == article


def test_twenty_questions_of_which_six_have_no_answer() -> None:
    questions = load_dataset(QUESTIONS).questions
    assert len(questions) == len({question.text for question in questions}) == 20
    assert sum(question.answerable for question in questions) == 14


def test_every_answer_stands_at_its_offset() -> None:
    # Read without the loader, which checks the same.
    for paragraph in json.loads(QUESTIONS.read_text(encoding="utf-8"))["data"][0]["paragraphs"]:
        for question in paragraph["qas"]:
            assert question["is_impossible"] is (not question["answers"])
            for answer in question["answers"]:
                start = answer["answer_start"]
                assert paragraph["context"][start : start + len(answer["text"])] == answer["text"]


def test_no_gold_answer_is_listed_twice() -> None:
    for question in load_dataset(QUESTIONS).questions:
        spans = [(answer.start, answer.end) for answer in question.answers]
        assert len(spans) == len(set(spans))
