"""The fake LLM server, started once as a process of its own, and an assistant with something to phrase."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from index import add_texts, create_index
from qa.assistant import Assistant
from qa.models import Answer
from tests.fakes import FakeEncoder, FakeReader

ARTICLE = "The old harbour was closed by Mayor Anna Stone on Monday. Nobody knew why, but 12 ships waited outside."


@dataclass(frozen=True)
class FakeServer:
    url: str

    def requests(self, model: str) -> list[dict[str, Any]]:
        """What was asked of ``model``."""
        with urllib.request.urlopen(f"{self.url}/requests", timeout=10) as response:  # noqa: S310 - our own server
            asked = [json.loads(line) for line in response.read().splitlines()]
        return [one for one in asked if one["body"]["model"] == model]


@pytest.fixture(scope="session")
def server() -> Iterator[FakeServer]:
    command = [sys.executable, str(Path(__file__).with_name("server.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield FakeServer(f"http://127.0.0.1:{int(process.stdout.readline())}/v1")
        process.kill()


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    index = create_index(tmp_path / "index", FakeEncoder())
    add_texts(index, [("memory/harbour.txt", "Harbour", ARTICLE)])
    return Assistant(index, FakeReader)


@pytest.fixture
def answer(assistant: Assistant) -> Answer:
    found = assistant.ask("Who closed the old harbour?")
    assert not found.abstained
    return found
