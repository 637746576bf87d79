"""A run of qa eval --mode conversation that was cut off goes on, and comes to what a run in one go does."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import index
import qa.reader
from qa.cli.commands import app
from qa.evaluation.conversation import Asked
from qa.evaluation.journal import Journal
from qa.reader.reading import Reading
from tests.fakes import FakeEncoder, FakeReader

STEERED = "The captain Nordal steered home. A gull followed."
SLEPT = "A gull cried. Yesterday the captain Nordal slept ashore."


def row(name: str, question: str, context: str, answer: str, **more: Any) -> dict[str, Any]:
    answers = [{"text": answer, "answer_start": context.index(answer)}] if answer else []
    return {"id": name, "question": question, "context": context, "answers": answers, **more}


ROWS = [
    row("steered", "Had captain Nordal steered?", STEERED, "home"),
    row("slept", "Had he slept?", SLEPT, "ashore", follows="steered", standalone="Had captain Nordal slept?"),
    row("plain", "Who cried?", SLEPT, ""),
    row("again", "Had he steered?", STEERED, "home", follows="slept", standalone="Had captain Nordal steered?"),
    row("followed", "Who followed?", STEERED, "gull", follows="slept", standalone="Who followed?"),
]
NEVER = 10**9
TIMES = ("seconds", "latency_ms", "questions_per_second", "peak_memory_mb")


class Stopped(Exception):
    """Stands for a power cut."""


class Stopping(FakeReader):
    """Stops at reading number ``last`` + 1; ``questions`` are those read."""

    questions: list[str] = []  # noqa: RUF012 - of all readers together
    last = NEVER

    def read(self, question: str, *arguments: Any, **options: Any) -> Reading:
        if len(self.questions) >= self.last:
            raise Stopped
        self.questions.append(question)
        return super().read(question, *arguments, **options)


@pytest.fixture(autouse=True)
def _small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MiniLMEncoder", FakeEncoder)
    monkeypatch.setattr(qa.reader, "load_reader", lambda name: Stopping())
    monkeypatch.setattr(Stopping, "last", NEVER)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "talk.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return path


def run(talk: Path, folder: Path, *more: str, last: int = NEVER) -> tuple[Result, list[str]]:
    """A run that stops after ``last`` readings, of which the first warms up, and what was read after that one."""
    Stopping.questions, Stopping.last = [], last
    words = ("eval", str(talk), "--mode", "conversation", "--report", str(folder), *more)
    done = CliRunner().invoke(app, words)
    return done, Stopping.questions[1:]


def outcome(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The scores and the results in a folder, without what depends on the clock."""
    scores = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    results = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert all(one.pop("seconds") > 0 for one in results)
    return {name: score for name, score in scores.items() if name not in TIMES}, results


def test_a_run_that_was_cut_off_anywhere_comes_to_the_same(tmp_path: Path, talk: Path) -> None:
    done, read = run(talk, tmp_path / "whole")
    assert done.exit_code == 0, (done.output, done.exception)
    whole = outcome(tmp_path / "whole")
    scores, results = whole
    assert (scores["follow_ups"]["questions"], scores["follow_ups"]["after_right"]) == (3, 1)
    assert [(one["id"], one["read_as"]) for one in results] == [
        ("steered", None),
        ("slept", "Had captain Nordal slept?"),
        ("plain", None),
        ("again", "Had captain Nordal steered?"),
        ("followed", None),
    ]
    kept = set()
    for last in range(len(read) + 1):
        folder = tmp_path / str(last)
        done, _ = run(talk, folder, last=last)
        assert isinstance(done.exception, Stopped)
        lines = 0
        if (folder / "unfinished.jsonl").exists():
            assert "the same command goes on from there" in done.stderr
            lines = (folder / "unfinished.jsonl").read_bytes().count(b"\n") - 1
        done, _ = run(talk, folder)
        assert done.exit_code == 0, (done.output, done.exception)
        assert outcome(folder) == whole
        assert not (folder / "unfinished.jsonl").exists()
        assert (f"Going on with an earlier run: {lines} results are in" in done.stderr) == (lines > 0)
        kept.add(lines)
    # Also within the conversation, with a question of another one in between.
    assert kept == {0, 1, 2, 3, 4}


def test_only_a_conversation_that_goes_on_is_asked_again(tmp_path: Path, talk: Path) -> None:
    _, read = run(talk, tmp_path / "whole")
    # All but the last reading, which is of the full form of the last question.
    run(talk, tmp_path / "run", last=len(read))
    _, again = run(talk, tmp_path / "run")
    assert set(again) >= {"Had captain Nordal steered?", "Had captain Nordal slept?", "Who followed?"}
    assert "Who cried?" not in again
    # Of a conversation that is in the journal as a whole nothing is asked.
    ended = talk.with_name("ended.jsonl")
    ended.write_text("\n".join(map(json.dumps, ROWS[:3])), encoding="utf-8")
    _, read = run(ended, tmp_path / "whole")
    run(ended, tmp_path / "run", last=len(read))
    _, again = run(ended, tmp_path / "run")
    assert set(again) == {"Who cried?"}


def test_a_run_of_other_settings_begins_anew(tmp_path: Path, talk: Path) -> None:
    _, read = run(talk, tmp_path / "whole", "--answer-all")
    _, plain = run(talk, tmp_path / "answering", "--mode", "answering")
    for more, all_of_them in ((("--answer-all",), read), (("--mode", "answering"), plain)):
        assert isinstance(run(talk, tmp_path / "run", last=len(plain))[0].exception, Stopped)
        done, again = run(talk, tmp_path / "run", *more)
        assert done.exit_code == 0, (done.output, done.exception)
        assert "Going on" not in done.stderr
        assert again == all_of_them
    # How many questions are asked is no setting.
    assert isinstance(run(talk, tmp_path / "run", last=len(plain))[0].exception, Stopped)
    done, again = run(talk, tmp_path / "run", "--limit", "1")
    assert "Going on with an earlier run" in done.stderr
    assert not again


def test_what_was_being_written_is_asked_again(tmp_path: Path, talk: Path) -> None:
    run(talk, tmp_path / "whole")
    _, read = run(talk, tmp_path / "run")
    run(talk, tmp_path / "run", last=len(read))
    unfinished = tmp_path / "run" / "unfinished.jsonl"
    unfinished.write_bytes(unfinished.read_bytes()[:-40])
    done, _ = run(talk, tmp_path / "run")
    assert "Going on with an earlier run: 3 results" in done.stderr
    assert outcome(tmp_path / "run") == outcome(tmp_path / "whole")


def test_the_time_of_the_earlier_run_counts(tmp_path: Path, talk: Path) -> None:
    _, read = run(talk, tmp_path / "run")
    run(talk, tmp_path / "run", last=len(read))
    unfinished = tmp_path / "run" / "unfinished.jsonl"
    header, *lines = unfinished.read_text(encoding="utf-8").splitlines()
    slow = [json.dumps({**json.loads(line), "seconds": 100.0}) for line in lines]
    unfinished.write_text("\n".join([header, *slow, ""]), encoding="utf-8")
    run(talk, tmp_path / "run")
    scores = json.loads((tmp_path / "run" / "scores.json").read_text(encoding="utf-8"))
    assert 100.0 * len(slow) < scores["seconds"] < 100.0 * len(slow) + 100.0


def test_a_journal_gives_back_what_it_was_given(tmp_path: Path, talk: Path) -> None:
    _, read = run(talk, tmp_path / "run")
    run(talk, tmp_path / "run", last=len(read))
    header = json.loads((tmp_path / "run" / "unfinished.jsonl").read_text(encoding="utf-8").splitlines()[0])
    journal = Journal(tmp_path / "run", header, Asked)
    one = journal.get("steered")
    assert one is not None
    assert (one.full, one.after_right) == (None, True)
    other = Asked(True, one.result.model_copy(update={"id": "new"}), one.result, None, 0.1 + 0.2)
    journal.add(other)
    journal.close()
    journal = Journal(tmp_path / "run", header, Asked)
    assert journal.get("new") == other
    assert journal.get("steered") == one
    assert journal.get("gone") is None
    journal.finish()
