"""The runtime of the shipped reader: what it reads, and clear words about files that are no model."""

from pathlib import Path

import pytest

from index.errors import ModelError
from qa.reader import load_reader
from qa.reader.onnx import OnnxBackend

ARTICLE = (
    "The harbour of Aldmoor was closed on Monday, said harbour master Jane Coates. Two ships waited outside for six hours. "
    "The town's mayor, Tom Reed, denied that the lock had been damaged. It was built in 1932 and cost two million pounds."
)
QUESTIONS = {
    "Who is the mayor?": "Tom Reed",
    "When was the lock built?": "1932",
    "How many ships waited outside?": "Two",
    "Who is the harbour master?": "Jane Coates",
}


@pytest.mark.models
def test_the_shipped_reader_answers_plain_questions() -> None:
    reader = load_reader()
    spans = [reader.read(question, [ARTICLE]).spans[0] for question in QUESTIONS]
    assert [ARTICLE[span.start : span.end] for span in spans] == list(QUESTIONS.values())


@pytest.mark.models
def test_relevance_tells_the_passage_that_answers_from_others() -> None:
    about, other = load_reader().relevance("Who is the mayor?", [ARTICLE, "It rained in the hills all week."])
    assert about > other + 1


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"this is no model")
    with pytest.raises(ModelError, match=r"model\.onnx"):
        OnnxBackend(path)


@pytest.mark.models
def test_a_text_is_read_alike_alone_and_beside_others() -> None:
    reader = load_reader()
    texts = [ARTICLE, "It rained in the hills all week.", ARTICLE[:118], f"{ARTICLE} " * 9]
    question = "How many ships waited outside?"
    together = {(span.passage, span.start, span.end): span.score for span in reader.candidates(question, texts, 200)}
    compared = 0
    for number, text in enumerate(texts):
        for span in reader.candidates(question, [text], 20):
            if (number, span.start, span.end) in together:
                assert span.score == pytest.approx(together[number, span.start, span.end], abs=1e-3)
                compared += 1
    assert compared >= 20
