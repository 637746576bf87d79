"""``qa ask --llm`` as a user meets it: the answer first and always, the LLM after it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from qa.cli.phrasing import phraser_of
from tests.qa.phrasing.conftest import FakeServer
from tests.qa.test_cli import EXAMPLES, ROOT, Cli

QUESTION = "Who called for a ceasefire?"


@pytest.fixture
def qa(tmp_path: Path) -> Cli:
    return Cli(tmp_path)


@pytest.mark.parametrize(
    ("address", "model", "seconds", "message"),
    [
        ("http://127.0.0.1:1", None, 20, "--llm-model NAME"),
        (None, "m", 20, "--llm URL"),
        ("http://llm.example", "m", 20, "unencrypted"),
        ("127.0.0.1", "m", 20, "Ollama"),
        ("http://127.0.0.1", "m", 0, "more than 0"),
    ],
)
def test_wrong_options_are_wrong_usage(address: str | None, model: str | None, seconds: float, message: str) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        phraser_of(address, model, seconds)


@pytest.mark.parametrize("command", [["ask", QUESTION], ["chat"]])
def test_an_address_without_a_model_is_wrong_usage(qa: Cli, command: list[str]) -> None:
    assert "--llm-model NAME" in " ".join(qa.fails(2, *command, "--llm", "http://127.0.0.1").split())


def test_the_help_says_where_the_usual_servers_are(qa: Cli) -> None:
    for command in ("ask", "chat"):
        text = " ".join(qa.ok(command, "--help").split())
        assert "http://127.0.0.1:11434/v1 (Ollama)" in text
        assert "QA_LLM_KEY" in text


def test_that_passages_leave_the_machine_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    assert phraser_of(None, None, 20) is None
    assert phraser_of("http://127.0.0.1:1", "m", 20) is not None
    assert capsys.readouterr().err == ""
    assert phraser_of("https://llm.example/v1", "m", 20) is not None
    assert capsys.readouterr().err.startswith("Passages leave this machine: ")


# Runs qa and says on standard error whether the client was loaded; any use of the network would be an error.
WITHOUT_NETWORK = """
import socket, sys
def refuse(*_): raise AssertionError("the network was used")
socket.socket.connect = socket.getaddrinfo = refuse
from qa.cli import main
try:
    main()
finally:
    print("httpx" in sys.modules, "qa.phrasing.client" in sys.modules, file=sys.stderr)
"""


@pytest.mark.models
def test_the_answer_stands_first_and_whatever_the_llm_does(qa: Cli, server: FakeServer) -> None:
    qa.ok("add", EXAMPLES)
    command = [sys.executable, "-c", WITHOUT_NETWORK, "ask", QUESTION]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=qa.environment(), check=True)
    plain = done.stdout
    assert "Putin" in plain
    assert done.stderr == "False False\n"

    # The LLM takes its time, and the answer can be read while it has not even begun to write.
    llm = ("--llm", server.url, "--llm-model")
    command = [sys.executable, "-c", "from qa.cli import main; main()", "ask", QUESTION, *llm, "late"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=qa.environment()) as process:
        assert process.stdout is not None
        assert "".join(process.stdout.readline() for _ in plain.splitlines()) == plain
        assert process.poll() is None
        added = process.stdout.read()
    assert process.returncode == 0
    assert "Paul Graves knew of it. [1]  (struck: name not in source)" in added
    assert "Russian President Vladimir Putin has called" in added

    done = qa("ask", QUESTION, "--json", *llm, "500")
    assert done.returncode == 0
    assert json.loads(done.stdout)["phrased"] is None
    assert "Putin" in json.loads(done.stdout)["answer"]
    assert done.stderr.startswith("Not phrased: ")
    assert done.stderr.count("\n") == 1
