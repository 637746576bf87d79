"""What a report's folder holds, and what its page says of the question files."""

import hashlib
import json
from pathlib import Path

import pytest

from index.errors import DatasetError
from qa.cli.reporting import settings_of, sha256_of, write_report
from qa.evaluation.datasets import Context, Dataset, GoldAnswer, Question
from qa.evaluation.runner import evaluate_reading
from qa.reader.reading import Reading, ReadSpan


class First:
    threshold = 0.5
    comparer = None

    def read(self, question: str, texts: object) -> Reading:
        return Reading((ReadSpan(0, 0, 3, 1.0, 0.9),), 0.9, False)

    def describe(self) -> dict[str, str]:
        return {"name": "first", "version": "1", "sha256": "0" * 64}


DATASET = Dataset("set.json", (Context("Ada", "Ada wrote it."),), (Question("q", "Who?", 0, (GoldAnswer("Ada", 0),)),))


def test_a_report_is_five_files_that_agree(tmp_path: Path) -> None:
    result = evaluate_reading(DATASET, First())
    write_report(tmp_path / "new" / "run", result, DATASET, [("Questions asked", "all")])
    files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "new" / "run").iterdir()}
    assert set(files) == {"scores.json", "curves.json", "results.jsonl", "results.csv", "report.html"}
    assert json.loads(files["scores.json"]) == json.loads(result.to_json())
    assert json.loads(files["results.jsonl"])["stage"] == "right"
    assert files["results.csv"].splitlines()[1].startswith("Ada,q,Who?,,who,1,Ada,Ada,Ada,right,True,1.0,1.0,0.9,")
    assert "<dt>Questions asked</dt><dd><bdi>all</bdi></dd>" in files["report.html"]


def test_a_report_leaves_no_file_of_the_report_before_it(tmp_path: Path) -> None:
    result = evaluate_reading(DATASET, First())
    write_report(tmp_path, result, DATASET, [])
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    write_report(tmp_path, result.model_copy(update={"diagnostics": None}), DATASET, [])
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"scores.json", "results.jsonl", "results.csv", "report.html", "notes.txt"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DatasetError, match="file cannot be written"):
        write_report(tmp_path / "file", evaluate_reading(DATASET, First()), DATASET, [])


def test_settings_name_files_by_their_digest_and_not_by_their_place(tmp_path: Path) -> None:
    file = tmp_path / "set.json"
    file.write_bytes(b"questions")
    digest = hashlib.sha256(b"questions").hexdigest()
    settings = settings_of([file], [file], limit=1000, answer_all=True, index="milvus://host:19530/news")
    assert settings == [
        ("Questions from", f"set.json · sha256 {digest}"),
        ("Distractors from", f"set.json · sha256 {digest}"),
        ("Questions asked", "at most 1,000, spread evenly over the file"),
        ("Refusing", "never (--answer-all)"),
        ("Index", "news"),
    ]
    assert settings_of([file])[1:] == [("Questions asked", "all")]
    assert not [value for _, value in settings if str(tmp_path) in value]


def test_the_digest_of_a_folder_depends_on_names_and_contents_of_its_files(tmp_path: Path) -> None:
    def folder(name: str, files: dict[str, str]) -> str:
        for file, text in files.items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(text)
        return sha256_of(tmp_path / name)

    same = folder("one", {"corpus.jsonl": "a", "qrels/test.tsv": "b"})
    assert folder("two", {"qrels/test.tsv": "b", "corpus.jsonl": "a"}) == same
    others = [
        {"corpus.jsonl": "b", "qrels/test.tsv": "a"},
        {"corpus.jsonl": "a", "test.tsv": "b"},
        {"corpus.jsonl": "a"},
    ]
    assert same not in [folder(f"other {number}", files) for number, files in enumerate(others)]
