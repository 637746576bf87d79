"""A long run takes no more memory than a short one: measured from outside, on whole commands."""

import csv
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.evaluation import spool
from qa.evaluation.datasets import load_dataset
from qa.reader.reading import Reading, ReadSpan

ROOT = Path(__file__).parents[3]
ASKED_OF_A_CONTEXT = 5
CONTEXTS_OF_AN_ARTICLE = 40
SHORT, LONG, LONGEST = 1_000, 10_000, 30_000
BUFFERS_MB = 16
"""What a run of ten thousand questions may take beyond one of a thousand: buffers of a fixed size are full by then."""
GROWTH_MB = 6
"""What twenty thousand more may take: some hundred bytes of numbers each. Their results are more than a kilobyte each."""
RUN = """
import sys
import qa.reader
from qa.cli.commands import app
from tests.qa.evaluation.test_memory import FirstWord
qa.reader.load_reader = lambda name: FirstWord()
app(sys.argv[1:], standalone_mode=False)
"""


class FirstWord:
    """Answers with the first word, more or less surely."""

    threshold = 0.5
    comparer = None

    def facts(self) -> dict[str, object]:
        return {"reader": self.describe(), "threshold": self.threshold}

    def read(self, question: str, texts: Sequence[str]) -> Reading:
        confidence = len(question) * 7919 % 997 / 997
        span = ReadSpan(0, 0, texts[0].index(" "), confidence, confidence)
        return Reading((span,), confidence, confidence < self.threshold)

    def describe(self) -> dict[str, str]:
        return {"name": "first word", "version": "1", "sha256": "0" * 64}


def contexts(number: int) -> Iterator[dict[str, Any]]:
    """Paragraphs of different words, with questions of which every third has no answer."""
    for place in range(number // ASKED_OF_A_CONTEXT):
        context = " ".join(f"Person{place} built engine{place}x{part} in year{part}." for part in range(6))
        yield {
            "context": context,
            "qas": [
                {
                    "id": f"question-{place}-{part}",
                    "question": f"Who built the engine{place}x{part}?",
                    "answers": [] if part % 3 == 2 else [{"text": f"Person{place}", "answer_start": 0}],
                }
                for part in range(ASKED_OF_A_CONTEXT)
            ],
        }


def squad(path: Path, number: int) -> Path:
    """A SQuAD file of this many questions, written piece by piece."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"version": "v2.0", "data": [')
        for place, paragraph in enumerate(contexts(number)):
            if place % CONTEXTS_OF_AN_ARTICLE == 0:
                article = place // CONTEXTS_OF_AN_ARTICLE
                file.write(f'{"]}, " if place else ""}{{"title": "Article {article}", "paragraphs": [')
            file.write((", " if place % CONTEXTS_OF_AN_ARTICLE else "") + json.dumps(paragraph))
        file.write("]}]}")
    return path


def lines(path: Path, number: int) -> Path:
    """The same as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for paragraph in contexts(number):
            for row in paragraph["qas"]:
                file.write(json.dumps({**row, "context": paragraph["context"]}) + "\n")
    return path


def table(path: Path, number: int) -> Path:
    """The same as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "question", "context", "answer", "answer_start"])
        for paragraph in contexts(number):
            for row in paragraph["qas"]:
                cells = [(answer["text"], answer["answer_start"]) for answer in row["answers"]]
                rows.writerow([row["id"], row["question"], paragraph["context"], *(cells[0] if cells else ("", ""))])
    return path


def peak(*arguments: str | Path) -> float:
    """Most memory in MB that the command held."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, "eval", *map(str, arguments), "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout)
    assert isinstance(scores["peak_memory_mb"], float)
    return scores["peak_memory_mb"]


@pytest.mark.skipif(sys.platform == "win32", reason="the memory of a process is not known there")
@pytest.mark.timeout(900)
def test_thirty_thousand_questions_take_no_more_memory_than_ten_thousand(tmp_path: Path) -> None:
    peaks = {}
    for number in (SHORT, LONG, LONGEST):
        folder = tmp_path / str(number)
        peaks[number] = peak(squad(tmp_path / f"{number}.json", number), "--report", folder)
        with (folder / "results.jsonl").open(encoding="utf-8") as results:
            assert sum(1 for _ in results) == number
    assert peaks[LONG] - peaks[SHORT] < BUFFERS_MB, peaks
    assert peaks[LONGEST] - peaks[LONG] < GROWTH_MB, peaks


@pytest.mark.parametrize("form", [squad, lines, table])
def test_reading_a_file_takes_memory_for_a_few_numbers_a_question(
    form: Callable[[Path, int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So much is in memory in any case, and would look like growth.
    monkeypatch.setattr(spool, "IN_MEMORY", 1 << 10)
    suffix = {squad: "json", lines: "jsonl", table: "csv"}[form]
    peaks = []
    for number in (SHORT, 4 * SHORT):
        path = form(tmp_path / f"{number}.{suffix}", number)
        tracemalloc.start()
        assert len(load_dataset(path).questions) == number
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 3 * SHORT * 200, peaks
