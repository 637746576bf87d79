"""The command line where something slips: options, outputs that cannot be written, names that are not whole."""

import contextlib
import json
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from index import UnknownDocument, add_texts, create_index
from index.errors import QuestionError
from qa.cli import documents
from qa.cli.app import printable, state, with_index
from qa.cli.commands import app
from qa.models import Answer
from tests.fakes import FakeEncoder
from tests.qa.test_cli import ROOT, Cli


@pytest.fixture
def qa(tmp_path: Path) -> Cli:
    return Cli(tmp_path)


def test_the_version_needs_no_index(qa: Cli) -> None:
    assert qa.ok("--version").startswith("footnote ")


def test_the_next_step_is_about_the_index_that_was_named(qa: Cli, tmp_path: Path) -> None:
    place = tmp_path / "an index"
    assert f"qa add PATH --index '{place}'" in qa.fails(1, "ask", "Who?", "--index", place)
    assert "--index" not in qa.fails(1, "ask", "Who?")


def test_an_index_of_another_version_is_not_offered_to_be_repaired(qa: Cli, tmp_path: Path) -> None:
    place = tmp_path / "index"
    create_index(place, FakeEncoder())
    with contextlib.closing(sqlite3.connect(place / "index.sqlite")) as connection:
        connection.execute("UPDATE settings SET value = '3' WHERE name = 'format'")
        connection.commit()
    for options in ((), ("--repair",)):
        told = qa.fails(1, "verify", *options, "--index", place)
        assert "format 3" in told
        assert "--repair" not in told


def test_commands_in_messages_name_the_index_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    message = "See: qa list. Or: qa add PATH or qa verify --repair"
    monkeypatch.setattr(state, "index", None)
    assert with_index(message) == message
    monkeypatch.setattr(state, "index", "my index")
    named = "--index 'my index'"
    assert with_index(message) == f"See: qa list {named}. Or: qa add PATH {named} or qa verify --repair {named}"
    assert with_index("Open the page: qa chat") == f"Open the page: qa chat {named}"


def test_the_next_step_of_copying_and_of_evaluating_names_the_index_too(qa: Cli, tmp_path: Path) -> None:
    place = tmp_path / "an index"
    told = f"qa add PATH --index '{place}'"
    assert told in qa.fails(1, "copy", place, tmp_path / "to")
    questions = "examples/karabakh_questions.json"
    assert told in qa.fails(1, "eval", questions, "--mode", "retrieval", "--index", place)


def test_scores_are_shown_though_their_report_cannot_be_written(qa: Cli, tmp_path: Path) -> None:
    questions = {
        "data": [
            {
                "title": "t",
                "paragraphs": [
                    {
                        "context": "Anna won.",
                        "qas": [{"id": "1", "question": "Who won?", "answers": [{"text": "Anna", "answer_start": 0}]}],
                    }
                ],
            }
        ]
    }
    (tmp_path / "squad.json").write_text(json.dumps(questions), encoding="utf-8")
    (tmp_path / "answers.json").write_text('{"1": "Anna"}', encoding="utf-8")
    (tmp_path / "file").touch()
    done = qa("score", tmp_path / "answers.json", tmp_path / "squad.json", "--report", tmp_path / "file")
    assert done.returncode == 1
    assert "file cannot be written" in done.stderr
    assert "Usage" not in done.stderr
    assert "squad.json" in done.stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("ask", "Who?", "--since", "2020-13"), "'2020-13' is no date"),
        (("ask", "Who?", "--until", "soon"), "'soon' is no date"),
        (("chat", "--port", "99999", "--no-browser"), "65535"),
    ],
)
def test_an_option_that_cannot_be_is_wrong_usage(qa: Cli, words: tuple[str, ...], reason: str) -> None:
    assert reason in qa.fails(2, *words)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk_is_told_in_one_line(qa: Cli) -> None:
    command = [sys.executable, "-c", "from qa.cli import main; main()", "--help"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=qa.environment(), check=False
        )
    assert done.returncode == 1
    assert done.stderr == "The output cannot be written: No space left on device.\n"


def test_ctrl_c_is_quiet_whenever_it_comes(qa: Cli) -> None:
    code = "import qa.cli; print('begun', flush=True); qa.cli.main()"
    for seconds in (0.05, 0.2):
        with subprocess.Popen(
            [sys.executable, "-c", code, "eval", "--help"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=qa.environment(),
        ) as running:
            if running.stdout is None:
                raise RuntimeError("it has no output")
            running.stdout.readline()
            time.sleep(seconds)
            running.send_signal(signal.SIGINT)
            _, errors = running.communicate(timeout=60)
        assert "Traceback" not in errors
        # Ended before, stopped, or stopped while it was ending.
        assert running.returncode in (0, 130, -signal.SIGINT)


def test_no_id_is_removed_by_its_beginning(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    add_texts(index, [("memory/ferry.txt", "The ferry", "It sank.")])
    (known,) = (summary.id for summary in index.documents())
    assert index.resolve(known[:4]) == known
    assert index.resolve("The ferry", whole=True) == known
    with pytest.raises(UnknownDocument, match=f"Did you mean {known}"):
        index.resolve(known[:4], whole=True)


def test_a_command_without_standard_output_ends_as_it_should(qa: Cli) -> None:
    command = f"exec {shlex.quote(sys.executable)} -c 'from qa.cli import main; main()' --version >&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, cwd=ROOT, env=qa.environment(), check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_control_characters_of_a_text_go_into_pipes_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = create_index(tmp_path / "index", FakeEncoder())
    (name,) = add_texts(store, [("esc", "Esc", "The \x1b[31mred\x07 tram.")])
    monkeypatch.setattr(documents, "open_existing", lambda _location: store)
    text = store.document(name).text
    documents.show(name, "index")
    assert capsys.readouterr().out == text
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    documents.show(name, "index")
    assert capsys.readouterr().out == printable(text) + "\n"


@pytest.mark.parametrize(
    "words",
    [("list", "--index"), ("ask", "Who?", "--index"), ("verify", "--index"), ("check",), ("eval",), ("compare", "x")],
)
def test_a_place_that_cannot_be_looked_at_is_told_in_a_line(qa: Cli, words: tuple[str, ...]) -> None:
    told = qa.fails(1, *words, "x" * 300)
    assert len(told.splitlines()) <= 2
    assert "qa add" not in told


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_takes_a_folder_with_a_blank_in_its_name(tmp_path: Path) -> None:
    place = tmp_path / "my clone"
    place.mkdir()
    shutil.copy(ROOT / "Makefile", place)
    (place / "pyproject.toml").touch()
    told = subprocess.run(
        ["make", "-n", "chat", "CONSTRAINTS="], cwd=place, capture_output=True, text=True, check=True
    ).stdout
    for line in (line for line in told.splitlines() if "--index" in line):
        assert str(place / ".demo" / "index") in shlex.split(line)
    assert told.count("--index") == 2


def test_the_times_of_an_answer_in_json_are_taken_with_the_models_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    did: list[str] = []

    class Slow:
        def warm_up(self) -> None:
            did.append("load")

        def ask(self, question: str, **_options: object) -> Answer:
            did.append("ask")
            raise QuestionError(question)

    monkeypatch.setattr("qa.assistant.open_assistant", lambda _index, _reader: Slow())
    CliRunner().invoke(app, ["ask", "Who?", "--json", "--index", "index"])
    assert did == ["load", "ask"]
