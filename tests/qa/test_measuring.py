"""The commands that measure, as a user meets them: eval, check, score and compare, with a reader of shared words."""

import json
import shutil
import signal
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import index
import qa.reader
from qa.cli.commands import app
from qa.reader.calibration import Calibration
from qa.reader.reading import Reading
from tests.fakes import FakeEncoder, FakeReader

ADA = "Ada Lovelace wrote programs. Babbage built engines in London."
BEES = "Bees dance. A hive holds honey."
ROWS = [
    {
        "id": "wrote",
        "question": "Who wrote programs?",
        "context": ADA,
        "answers": [{"text": "Ada Lovelace", "answer_start": 0}],
    },
    {
        "id": "built",
        "question": "What had Babbage built?",
        "context": ADA,
        "answers": [{"text": "engines", "answer_start": 43}],
    },
    {
        "id": "hive",
        "question": "What does a hive hold?",
        "context": BEES,
        "answers": [{"text": "honey", "answer_start": 25}],
    },
    {"id": "died", "question": "When did the queen die?", "context": BEES, "answers": []},
]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MiniLMEncoder", FakeEncoder)
    monkeypatch.setattr(qa.reader, "load_reader", lambda name: FakeReader())


def qa_(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def scores_of(*words: str | Path) -> dict[str, object]:
    done = qa_(*words, "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    scores = json.loads(done.stdout)
    assert isinstance(scores, dict)
    return scores


def beir(folder: Path) -> Path:
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": "ada", "title": "Ada", "text": ADA}, {"_id": "bees", "text": BEES}]
    queries = [{"_id": "q1", "text": "Babbage engines London?"}, {"_id": "q2", "text": "hive honey?"}]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)), encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tada\t2\nq2\tbees\t1\n", encoding="utf-8"
    )
    return folder


def test_each_score_is_printed_with_its_interval(questions: Path) -> None:
    lines = qa_("eval", questions).stdout.splitlines()
    scores = scores_of("eval", questions)
    intervals = scores["intervals"]
    assert isinstance(intervals, dict)
    low, high = intervals["answerable.f1"]
    (line,) = [line for line in lines if line.startswith("answerable f1 ")]
    assert line.endswith(f"[{low:.3f}, {high:.3f}]")
    assert any("95 % interval, 1,000 resamples of 2 contexts" in line for line in lines)
    assert any(line.startswith("versions ") and "python 3." in line for line in lines)
    assert {"exact_match", "f1", "calibration.ece", "risk_coverage.aurc", "citation.iou"} <= intervals.keys()


def test_bounds_decide_the_exit_status_with_a_line_each(questions: Path) -> None:
    done = qa_("eval", questions, "--fail-under", "f1=101", "--fail-under", "f1=0", "--fail-over", "calibration.ece=-1")
    assert done.exit_code == 1
    assert "f1 " in done.stdout
    first, second = done.stderr.splitlines()
    assert first.endswith("which is under 101.")
    assert second.startswith("calibration.ece is ")
    assert second.endswith("which is over -1.")
    assert qa_("eval", questions, "--fail-under", "f1=0", "--fail-over", "calibration.ece=1").exit_code == 0
    assert qa_("eval", questions, "--fail-under", "nonsense=1").exit_code == 2
    assert qa_("eval", questions, "--mode", "retrieval", "--fail-under", "f1=1").exit_code == 1


def test_a_folder_is_ranked_by_its_judgements(tmp_path: Path) -> None:
    folder = beir(tmp_path / "beir")
    scores = scores_of("eval", folder, "--mode", "retrieval", "--report", tmp_path / "run")
    assert scores["retrieval"] == {"recall@1": 1, "recall@5": 1, "recall@20": 1, "mrr@10": 1, "ndcg@10": 1}
    assert scores["dataset"] == "beir"
    rows = (tmp_path / "run" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["gold_rank"] for row in rows] == [1, 1]


def test_a_folder_goes_with_retrieval_and_alone(tmp_path: Path, questions: Path) -> None:
    folder = beir(tmp_path / "beir")
    assert "--mode retrieval only" in qa_("eval", folder).stderr.replace("\n", " ")
    for more in ([questions], ["--distractors", questions]):
        done = qa_("eval", folder, "--mode", "retrieval", *more)
        assert done.exit_code == 2
        assert "evaluate it alone" in done.stderr.replace("\n", " ")


def test_check_names_every_fault_or_sums_up_in_a_line(tmp_path: Path, questions: Path) -> None:
    done = qa_("check", questions, beir(tmp_path / "beir"))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "No faults. Questions: 6, without an answer: 1, contexts: 4\n"
    bad = tmp_path / "bad.jsonl"
    bad.write_text("\n".join(json.dumps({"id": str(n), "question": ""}) for n in range(5)), encoding="utf-8")
    done = qa_("check", questions, bad, tmp_path / "gone.json")
    assert (done.exit_code, done.stdout) == (1, "")
    faults = done.stderr.splitlines()
    assert len(faults) == 6
    assert faults[4].startswith(f"{bad}: line 5 (id 4): ")
    assert "gone.json: cannot be read" in faults[5]


def test_predictions_made_elsewhere_are_scored_written_and_compared(tmp_path: Path, questions: Path) -> None:
    answers = {"wrote": "Ada Lovelace", "built": "engines", "hive": "", "other": "x"}
    chances = {"wrote": 0.1, "built": 0.2, "hive": 0.7}
    (tmp_path / "p.json").write_text(json.dumps(answers), encoding="utf-8")
    (tmp_path / "na.json").write_text(json.dumps(chances), encoding="utf-8")
    arguments = ("score", tmp_path / "p.json", questions, "--na-prob", tmp_path / "na.json")
    done = qa_(*arguments, "--report", tmp_path / "other", "--fail-under", "exact_match=75")
    assert done.exit_code == 0, (done.output, done.exception)
    first, second, third = done.stderr.splitlines()
    assert first == "1 of 4 questions have no prediction: scored as unanswered."
    assert second == "1 predictions are for none of the questions: passed over."
    assert third.startswith(f"Written to {tmp_path / 'other'}: scores.json, results.jsonl")
    scores = json.loads((tmp_path / "other" / "scores.json").read_text(encoding="utf-8"))
    assert (scores["mode"], scores["exact_match"], scores["without_prediction"]) == ("scored", 75, 1)
    assert "exact_match" in scores["intervals"]
    assert qa_(*arguments, "--fail-under", "exact_match=75.1").exit_code == 1

    scores_of("eval", questions, "--report", tmp_path / "own")
    found = scores_of("compare", tmp_path / "other", tmp_path / "own" / "scores.json")
    lines = qa_("compare", tmp_path / "other", tmp_path / "own").stdout.splitlines()
    assert found["questions"] == 4
    own = json.loads((tmp_path / "own" / "scores.json").read_text(encoding="utf-8"))
    differences, lost = found["scores"], found["regressions"]
    assert isinstance(differences, dict)
    assert isinstance(lost, list)
    assert differences["f1"]["difference"] == pytest.approx(own["f1"] - scores["f1"])
    (line,) = [line for line in lines if line.startswith("f1 ")]
    assert f"{differences['f1']['difference']:+.3f}" in line
    assert f"Right in A and wrong in B: {len(lost)}. Wrong in A and right in B: {found['improvements']}." in lines
    assert len(lost) >= 1
    assert all(any(line.startswith(f"  {change['id']}: ") for line in lines) for change in lost)
    assert any(line.startswith("McNemar's exact test, exact_match: only A right ") for line in lines)


def test_questions_that_an_index_cannot_rank_are_counted_and_told(tmp_path: Path, questions: Path) -> None:
    place = tmp_path / "index"
    index.add_texts(index.create_index(place, FakeEncoder()), [("bees", "Bees", BEES)])
    arguments = ("eval", questions, "--mode", "retrieval", "--index", place, "--report", tmp_path / "run", "--json")
    done = qa_(*arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    scores = json.loads(done.stdout)
    assert (scores["questions"], scores["not_in_index"]) == (2, 2)
    told = "2 of 4 questions are left out: their contexts are not in the index, so no rank can be judged."
    assert told in done.stderr.splitlines()
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "<dt>Left out</dt><dd><bdi>2 questions whose contexts are not in the index</bdi></dd>" in page
    assert "not_in_index" not in scores_of("eval", questions, "--mode", "retrieval")


def test_line_breaks_of_ids_and_answers_make_no_lines_of_the_comparison(tmp_path: Path) -> None:
    row = {
        **ROWS[0],
        "id": "a\nid",
        "context": "cold\n  A: fake",
        "answers": [{"text": "cold\n  A: fake", "answer_start": 0}],
    }
    file = tmp_path / "set.json.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")
    for name, answer in (("a", "cold\n  A: fake"), ("b", "warm\n  B: fake")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"a\nid": answer}), encoding="utf-8")
        assert qa_("score", tmp_path / f"{name}.json", file, "--report", tmp_path / name).exit_code == 0
    lines = qa_("compare", tmp_path / "a", tmp_path / "b").stdout.splitlines()
    assert lines[-2:] == [
        "  a id: Who wrote programs?",
        "    expected cold A: fake; A: cold A: fake; B: warm B: fake",
    ]


def test_what_cannot_be_compared_says_why(tmp_path: Path, questions: Path) -> None:
    scores_of("eval", questions, "--report", tmp_path / "all")
    scores_of("eval", questions, "--report", tmp_path / "some", "--limit", "2")
    scores_of("eval", questions, "--report", tmp_path / "ranks", "--mode", "retrieval")
    for other, reason in (
        ("some", "not of the same questions"),
        ("ranks", "different things"),
        ("gone", "cannot be read"),
    ):
        done = qa_("compare", tmp_path / "all", tmp_path / other)
        assert isinstance(done.exception, index.DatasetError)
        assert reason in str(done.exception)


class Stopped(Exception):
    """Stands for a power cut."""


class Stopping(FakeReader):
    """Stops at the question number ``last``; ``asked`` counts over all of them."""

    asked = 0
    last = 10**9

    def read(self, *arguments: Any, **options: Any) -> Reading:
        type(self).asked += 1
        if type(self).asked > type(self).last:
            raise Stopped
        return super().read(*arguments, **options)


@pytest.mark.parametrize("mode", ["reading", "answering"])
def test_a_run_that_was_cut_off_goes_on_where_it_stopped(
    tmp_path: Path, questions: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    whole = scores_of("eval", questions, "--mode", mode, "--report", tmp_path / "whole")
    warm_up = 1 if mode == "answering" else 0
    monkeypatch.setattr(qa.reader, "load_reader", lambda name: Stopping())
    monkeypatch.setattr(Stopping, "asked", 0)
    monkeypatch.setattr(Stopping, "last", 2 + warm_up)
    arguments = ("eval", questions, "--mode", mode, "--report", tmp_path / "run")
    done = qa_(*arguments)
    assert isinstance(done.exception, Stopped)
    assert "the same command goes on from there" in done.stderr
    unfinished = tmp_path / "run" / "unfinished.jsonl"
    lines = unfinished.read_bytes()
    assert lines.count(b"\n") == 3  # what is asked of what, and two results
    # The third result was being written.
    unfinished.write_bytes(lines + b'{"id":"hive","question"')

    monkeypatch.setattr(Stopping, "asked", 0)
    monkeypatch.setattr(Stopping, "last", 10**9)
    done = qa_(*arguments)
    assert done.exit_code == 0, (done.output, done.exception)
    assert "Going on with an earlier run: 2 results are in" in done.stderr
    assert Stopping.asked == 2 + warm_up  # the other two questions
    assert not unfinished.exists()
    resumed = json.loads((tmp_path / "run" / "scores.json").read_text(encoding="utf-8"))
    for changing in ("seconds", "latency_ms", "questions_per_second", "peak_memory_mb"):
        whole.pop(changing)
        resumed.pop(changing)
    assert resumed == whole


def test_a_run_that_is_told_to_end_leaves_no_index_behind(
    tmp_path: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ending(FakeReader):
        def read(self, *arguments: Any, **options: Any) -> Reading:
            signal.raise_signal(signal.SIGTERM)
            return super().read(*arguments, **options)

    (tmp_path / "temporary").mkdir()
    clear = shutil.rmtree

    def cleared(*arguments: Any, **options: Any) -> None:
        signal.raise_signal(signal.SIGTERM)  # once more
        clear(*arguments, **options)

    monkeypatch.setattr(shutil, "rmtree", cleared)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(qa.reader, "load_reader", lambda name: Ending())
    done = qa_("eval", questions, "--mode", "answering", "--report", tmp_path / "run")
    assert done.exit_code == 143
    assert list((tmp_path / "temporary").glob("footnote-eval-*")) == []
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_run_of_something_else_begins_anew(tmp_path: Path, questions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.reader, "load_reader", lambda name: Stopping())
    monkeypatch.setattr(Stopping, "asked", 0)
    monkeypatch.setattr(Stopping, "last", 2)
    assert isinstance(qa_("eval", questions, "--report", tmp_path / "run").exception, Stopped)
    monkeypatch.setattr(Stopping, "last", 10**9)
    monkeypatch.setattr(Stopping, "asked", 0)
    done = qa_("eval", questions, "--answer-all", "--report", tmp_path / "run")
    assert "Going on" not in done.stderr
    assert Stopping.asked == 4
    # The number of questions is no part of what is asked: four are enough for these two.
    monkeypatch.setattr(Stopping, "asked", 2)
    monkeypatch.setattr(Stopping, "last", 3)
    assert isinstance(qa_("eval", questions, "--report", tmp_path / "run").exception, Stopped)
    done = qa_("eval", questions, "--report", tmp_path / "run", "--limit", "1")
    assert "1 results are in" in done.stderr


@pytest.mark.parametrize("mode", ["reading", "answering"])
def test_a_run_of_a_reader_that_was_calibrated_since_begins_anew(
    tmp_path: Path, questions: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    warm_up = 1 if mode == "answering" else 0
    arguments = ("eval", questions, "--mode", mode, "--report", tmp_path / "run")
    changes: list[dict[str, object]] = [
        {},
        {"max_answer_tokens": 1},
        {"calibration": Calibration(bias=3.0, weights={"span": 1.0})},
    ]
    for change in changes:
        reader = Stopping()
        reader.settings = replace(reader.settings, **change)  # type: ignore[arg-type]
        monkeypatch.setattr(qa.reader, "load_reader", lambda name, reader=reader: reader)
        monkeypatch.setattr(Stopping, "asked", 0)
        monkeypatch.setattr(Stopping, "last", 2 + warm_up)
        done = qa_(*arguments)
        assert isinstance(done.exception, Stopped)
        assert "Going on" not in done.stderr


@pytest.mark.parametrize("mode", ["reading", "answering"])
def test_a_run_over_articles_that_were_changed_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    article = tmp_path / "ada.txt"
    article.write_text(ADA, encoding="utf-8")
    rows = [{**ROWS[0], "id": name, "document": article.name} for name in ("one", "two")]
    asked = tmp_path / "asked.jsonl"
    asked.write_text("\n".join(json.dumps({**row, "context": None}) for row in rows), encoding="utf-8")
    arguments = ["eval", asked, "--mode", mode, "--report", tmp_path / "run"]
    if mode == "answering":
        assert qa_("add", article, "--index", tmp_path / "index").exit_code == 0
        arguments += ["--index", tmp_path / "index"]
    warm_up = 1 if mode == "answering" else 0
    monkeypatch.setattr(qa.reader, "load_reader", lambda name: Stopping())
    for text, questions, found in ((ADA, 1, False), (ADA, 0, True), (ADA + " He died in London.", 1, False)):
        article.write_text(text, encoding="utf-8")
        monkeypatch.setattr(Stopping, "asked", 0)
        monkeypatch.setattr(Stopping, "last", questions + warm_up)
        done = qa_(*arguments)
        assert isinstance(done.exception, Stopped)
        assert ("Going on with an earlier run: 1 results are in" in done.stderr) is found


def test_faulty_rows_are_left_out_only_when_told_to(tmp_path: Path, questions: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    faulty = {"id": "moved", "question": "Who?", "context": ADA, "answers": [{"text": "Ada", "answer_start": 5}]}
    bad.write_text("\n".join(map(json.dumps, [ROWS[0], faulty, ROWS[3]])) + "\n{", encoding="utf-8")
    done = qa_("eval", bad, "--report", tmp_path / "run")
    assert isinstance(done.exception, index.DatasetError)
    assert "2 faulty entries" in str(done.exception)
    assert not (tmp_path / "run").exists()

    done = qa_("eval", bad, "--skip-invalid", "--report", tmp_path / "run", "--json")
    assert done.exit_code == 0, (done.output, done.exception)
    first, second = [line for line in done.stderr.splitlines() if line.startswith("left out  ")]
    assert f"{bad}: line 2 (id moved): the answer" in first
    assert f"{bad}: line 4: not valid JSON" in second
    scores = json.loads(done.stdout)
    assert (scores["questions"], scores["skipped_rows"]) == (2, 2)
    assert "Faulty rows left out" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert scores_of("eval", questions, "--skip-invalid")["skipped_rows"] == 0
    assert "skipped_rows" not in scores_of("eval", questions)

    bad.write_text("{", encoding="utf-8")
    assert "no questions without a fault" in str(qa_("eval", bad, "--skip-invalid").exception)
