"""The command line as a user meets it: output, errors in one line, exit status, and an index that bad input never harms."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from qa.cli.app import printable

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"


class Cli:
    """Runs ``qa`` in a process of its own with an index in a temporary folder."""

    def __init__(self, folder: Path) -> None:
        self.index = folder / "index"

    def __call__(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from qa.cli import main; main()", *map(str, words)]
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", timeout=200, cwd=ROOT, env=self.environment(), check=False
        )
        assert "Traceback" not in done.stderr
        return done

    def environment(self) -> dict[str, str]:
        import os

        return {**os.environ, "QA_INDEX": str(self.index), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}

    def ok(self, *words: str | Path) -> str:
        done = self(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fails(self, status: int, *words: str | Path) -> str:
        done = self(*words)
        assert done.returncode == status, (done.returncode, done.stderr)
        assert done.stdout == ""
        return done.stderr


@pytest.fixture
def qa(tmp_path: Path) -> Cli:
    return Cli(tmp_path)


def test_help_names_every_command(qa: Cli) -> None:
    text = qa.ok("--help")
    for command in ("add", "list", "remove", "show", "info", "verify", "ask", "chat", "copy", "eval"):
        assert f"  {command} " in text


def test_without_an_index_the_next_step_is_named(qa: Cli) -> None:
    for command in (["list"], ["info"], ["verify"], ["show", "x"], ["remove", "x"], ["ask", "Who?"]):
        message = qa.fails(1, *command)
        assert "qa add PATH" in message
        assert message.count("\n") == 1
    assert not qa.index.exists()


@pytest.mark.parametrize("question", ["", "   ", "?!", "x" * 10_000])
def test_questions_that_cannot_be_asked_are_wrong_usage(qa: Cli, question: str) -> None:
    assert qa.fails(2, "ask", question).count("\n") == 1


def test_unusable_paths_leave_no_index_behind(qa: Cli, tmp_path: Path) -> None:
    assert "no such file" in qa.fails(1, "add", tmp_path / "nope.txt")
    assert not qa.index.exists()


def test_control_characters_never_reach_a_terminal() -> None:
    assert printable("a\x1b[2Jb\x07\u202ec\n\td é 😀") == "a�[2Jb�\ufffdc\n\td é 😀"
    bidirectional = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    for character in f"\r\x00\x7f\x85\x9b\u2028\u2029\ud800\ue000\uffff\u0378{bidirectional}":
        assert printable(f"a{character}b") == "a\N{REPLACEMENT CHARACTER}b"


def test_spaces_and_what_joins_characters_reach_a_terminal_as_they_are() -> None:
    text = "10\u00a0000\u202feuros, \u3000「東京」 می\u200cخواهم 👨\u200d👩\u200d👧 soft\u00adhyphen \ufeffmark \u2060x"
    assert printable(text) == text


@pytest.mark.models
def test_the_main_job_from_adding_to_removing(qa: Cli, tmp_path: Path) -> None:
    out = qa.ok("add", EXAMPLES)
    assert out.startswith("new")
    assert qa.ok("add", EXAMPLES).startswith("unchanged")

    answer = json.loads(qa.ok("ask", "Who called for a ceasefire?", "--json"))
    assert "Putin" in answer["answer"]
    assert answer["abstained"] is False
    assert 0 <= answer["confidence"] <= 1
    for citation in [*answer["citations"], *(one for other in answer["alternatives"] for one in other["citations"])]:
        place = ("--start", str(citation["start"]), "--end", str(citation["end"]))
        assert qa.ok("show", citation["document_id"], *place) == citation["text"]

    whole = (EXAMPLES / "karabakh.txt").read_bytes().decode().replace("\r\n", "\n")
    assert qa.ok("show", "karabakh.txt") == whole
    assert "Putin" in qa.ok("ask", "Who called for a ceasefire?", "--document", "karabakh")
    assert json.loads(qa.ok("info", "--json"))["documents"] == 1
    assert qa.ok("verify") == "The index is whole.\n"

    before = qa.ok("list", "--json")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "binary.txt").write_bytes(b"\x00\x01\x02" * 99)
    (tmp_path / "folder").mkdir()
    for name, reason in (("empty.txt", "empty"), ("binary.txt", "binary"), ("folder", "no files"), ("gone", "no such")):
        message = qa.fails(1, "add", tmp_path / name)
        assert reason in message
        assert message.count("\n") == 1
    assert "not inside it" in qa.fails(2, "show", "karabakh", "--start", "5", "--end", "1")
    assert "no document" in qa.fails(1, "show", "nope")
    assert qa.ok("list", "--json") == before
    assert qa.ok("verify") == "The index is whole.\n"

    assert qa.ok("remove", "karabakh").startswith("removed")
    assert json.loads(qa.ok("list", "--json")) == []
    assert "qa add PATH" in qa.fails(1, "ask", "Who called for a ceasefire?")


@pytest.mark.models
def test_scores_follow_the_contract(qa: Cli, tmp_path: Path) -> None:
    scores = json.loads(
        qa.ok(
            "eval", EXAMPLES / "karabakh_questions.json", "--mode", "answering", "--json", "--report", tmp_path / "run"
        )
    )
    assert {"dataset", "mode", "questions", "exact_match", "f1", "answerable", "unanswerable"} <= scores.keys()
    assert scores["questions"] == 20
    assert scores["citation"]["verbatim"] == 1.0
    assert len((tmp_path / "run" / "results.jsonl").read_text().splitlines()) == 20


def test_a_file_that_holds_no_questions_is_named(qa: Cli) -> None:
    message = qa.fails(1, "eval", EXAMPLES / "karabakh.txt")
    assert "karabakh.txt" in message


@pytest.mark.parametrize(("content", "reason"), [(b"", "0 bytes"), (b"no database at all " * 99, "damaged")])
def test_a_damaged_index_is_named_and_left_alone(qa: Cli, content: bytes, reason: str) -> None:
    qa.index.mkdir()
    (qa.index / "index.sqlite").write_bytes(content)
    for command in (["ask", "Who called?"], ["list"], ["add", EXAMPLES], ["verify"]):
        message = qa.fails(1, *command)
        assert reason in message
        assert message.count("\n") == 1
    assert (qa.index / "index.sqlite").read_bytes() == content


def test_an_index_of_another_encoder_is_refused(qa: Cli) -> None:
    from index import create_index
    from tests.fakes import FakeEncoder

    create_index(qa.index, FakeEncoder())
    for command in (["ask", "Who called?"], ["add", EXAMPLES], ["list"]):
        assert "built with the encoder fake" in qa.fails(1, *command)
