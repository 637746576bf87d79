"""Asking the questions that a calibration is fitted on, with the reader that ships."""

import json
import math
from pathlib import Path

import pytest

from index import DatasetError, MiniLMEncoder
from qa.reader.loading import BUNDLED
from qa.training.calibrate import FEATURES
from qa.training.calibration_run import ARTICLES, ask_articles

FILLING = " ".join(f"The road to village number {number} was mended in spring by the county." for number in range(40))
FIRST = f"Ida Brenn opened the Marn bridge in 1954. {FILLING} It cost nine million crowns."
SECOND = f"The ferry Hope sank off Tesk with 31 people. {FILLING} Captain Olm survived."


def written(folder: Path, rows: list[tuple[str, str, str | None]]) -> Path:
    path = folder / "articles.jsonl"
    lines = [
        {
            "id": str(number),
            "question": question,
            "context": text,
            "answers": [] if answer is None else [{"text": answer, "answer_start": text.index(answer)}],
        }
        for number, (question, text, answer) in enumerate(rows)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.models
def test_articles_are_asked_all_at_once_and_each_alone(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        [
            ("Who opened the Marn bridge?", FIRST, "Ida Brenn"),
            ("What did the Marn bridge cost?", FIRST, "nine million crowns"),
            ("Which ferry sank off Tesk?", SECOND, "Hope"),
            ("Who owned the ferry Hope?", SECOND, None),
        ],
    )
    told: list[tuple[str, int, int]] = []
    asked = ask_articles(BUNDLED, [path], MiniLMEncoder(), None, lambda *what: told.append(what))
    assert [item.answerable for item in asked] == [True, True, True, False] * 2
    # Two of eight questions have no answer, and count as a third of all: 2 * 1.5 = (6 + 2 * 1.5) / 3.
    assert [item.weight for item in asked] == pytest.approx(
        [ARTICLES] * 3 + [ARTICLES * 1.5] + [ARTICLES] * 3 + [ARTICLES * 1.5]
    )
    sizes = [math.exp(item.features[0, FEATURES.index("collection")]) for item in asked]
    assert min(sizes[:4]) == pytest.approx(max(sizes[:4]))
    assert sizes[4] + sizes[7] == pytest.approx(sizes[0])
    assert all(item.right.any() for item in asked if item.answerable)
    assert {what for what, _, _ in told} == {"articles.jsonl, among its articles", "articles.jsonl, in its own article"}
    with pytest.raises(DatasetError, match="one kind"):
        ask_articles(BUNDLED, [path], MiniLMEncoder(), 1, lambda *what: None)
