import json
from pathlib import Path

import pytest

from index.errors import InputError
from web.examples import read_examples


def squad(*entries: dict[str, object]) -> str:
    return json.dumps(
        {"version": "v2.0", "data": [{"title": "t", "paragraphs": [{"context": "c", "qas": list(entries)}]}]}
    )


def test_questions_with_answers_are_taken_from_a_data_set(tmp_path: Path) -> None:
    path = tmp_path / "questions.json"
    path.write_text(
        squad(
            {"question": "First?", "answers": [{"text": "c", "answer_start": 0}]},
            {"question": "Unanswerable?", "answers": [], "is_impossible": True},
            {"question": "Long? " * 50, "answers": [{"text": "c", "answer_start": 0}]},
            {"question": " Second? ", "answers": [{"text": "c", "answer_start": 0}]},
        )
    )
    assert read_examples(path) == ["First?", "Second?"]
    assert read_examples(path, shown=1) == ["First?"]


def test_lines_of_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "questions.txt"
    path.write_text("\ufeffOne?\r\n\r\n  Two?  \n", encoding="utf-8")
    assert read_examples(path) == ["One?", "Two?"]


@pytest.mark.parametrize("text", ["{", '{"data": 1}', '{"data": [{"paragraphs": [{"qas": ["x"]}]}]}', '{"data": [[]]}'])
def test_other_files_are_refused_plainly(tmp_path: Path, text: str) -> None:
    path = tmp_path / "questions.json"
    path.write_text(text)
    with pytest.raises(InputError, match="neither a SQuAD data set nor"):
        read_examples(path)


def test_missing_and_binary_files_are_refused_plainly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_examples(tmp_path / "missing.json")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(InputError, match="cannot be read"):
        read_examples(tmp_path / "binary")


def test_questions_are_spread_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "questions.txt"
    path.write_text("\n".join(f"Question {number}?" for number in range(9)))
    assert read_examples(path, shown=3) == ["Question 0?", "Question 3?", "Question 6?"]
