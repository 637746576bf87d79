"""What the page keeps of questions that were answered long ago: little of each, and of closed windows nothing."""

import gc
import json
import secrets
import tracemalloc
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.fakes import FakeAssistant, make_document
from web.page import Page
from web.serving import serving_in_background

pytestmark = pytest.mark.browser  # loads gradio

WINDOWS = 5
MOST_BYTES = 20_000
"""For one question in a window of its own. Its conversation is on disk; what remains is what lets its answer be judged, and
a queue that gradio keeps of a window: 6,000 bytes, and up to 12,000 beside other tests. Windows kept whole take 44,000."""
DOCUMENT = make_document("doc", "The answer is forty-two. " * 40)
KNOWN = {"what?": [("doc", "forty-two")]}


class Window:
    """A window of the page as the server sees it, without a browser."""

    def __init__(self, http: httpx.Client) -> None:
        self.session, self.http = secrets.token_hex(6), http
        found = self.http.get("/config").json()
        self.ids = {part["props"].get("elem_id"): part["id"] for part in found["components"]}
        self.function = next(
            one["id"] for one in found["dependencies"] if (self.ids["question"], "submit") in map(tuple, one["targets"])
        )

    def ask(self, question: str) -> str:
        """What the chat is given at the end, as it is sent."""
        body = {
            "data": [question, None, None],
            "fn_index": self.function,
            "session_hash": self.session,
            "trigger_id": self.ids["question"],
        }
        self.http.post("/gradio_api/queue/join", json=body).raise_for_status()
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as events:
            for line in events.iter_lines():
                told: dict[str, Any] = json.loads(line[5:]) if line.startswith("data:") else {}
                if told.get("msg") == "process_completed":
                    assert told["success"], told
                    return line
        raise AssertionError("the question was not answered")


# With the browser, though nothing is drawn: gradio takes the event loop that it finds, and would leave one of its own open.
def test_memory_does_not_grow_with_windows_and_questions(
    chromium: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import ui
    from web.history import History

    monkeypatch.setattr(ui, "_SESSIONS", WINDOWS)
    assistant = FakeAssistant([DOCUMENT], KNOWN)
    page = Page(lambda: assistant, history=History(tmp_path))

    def asked(http: httpx.Client, windows: int) -> int:
        """Bytes in use after so many more windows of a question each."""
        for _ in range(windows):
            assert "forty" in Window(http).ask("What?")
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    with (
        serving_in_background(ui.make_app(page)) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as http,
    ):
        tracemalloc.start()
        try:
            before = asked(http, 4 * WINDOWS)
            grown = (asked(http, 8 * WINDOWS) - before) / (8 * WINDOWS)
        finally:
            tracemalloc.stop()
    assert grown < MOST_BYTES
