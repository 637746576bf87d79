"""What the page's server holds in memory after many questions, asked through its queue as a browser asks them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import httpx


def resident(process: int) -> float:
    """MiB that a process holds in memory (Linux)."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class Window:
    """A window of the page as the server sees it, without a browser that draws it."""

    def __init__(self, http: httpx.Client) -> None:
        """Load the page over ``http``."""
        self._http, self._session = http, secrets.token_hex(6)
        http.get("/").raise_for_status()
        found = http.get("/config").json()
        parts = {part["props"].get("elem_id"): part["id"] for part in found["components"]}
        self._box = parts["question"]
        self._function = next(
            one["id"] for one in found["dependencies"] if [self._box, "submit"] in map(list, one["targets"])
        )

    def ask(self, question: str) -> None:
        """Ask as the page does, and read the answer to its end; raises ``RuntimeError`` when there is none."""
        body = {"fn_index": self._function, "session_hash": self._session, "trigger_id": self._box}
        self._http.post("/gradio_api/queue/join", json={**body, "data": [question, None, None]}).raise_for_status()
        with self._http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self._session}) as events:
            for line in events.iter_lines():
                if line.startswith("data:") and '"process_completed"' in line:
                    if not json.loads(line[5:])["success"]:
                        raise RuntimeError(f"The page could not answer: {line[:300]}")
                    return
        raise RuntimeError("The page ended before it answered.")


def watch_memory(name: str, url: str, process: int, asked: Sequence[str], count: int, per_window: int) -> None:
    """Ask ``count`` questions, ``per_window`` of them in each conversation, and print what the server then holds."""
    if count == 0:
        return
    print(f"| questions, {name} | memory of the server |\n|---|---|", flush=True)
    with httpx.Client(base_url=url, timeout=300, trust_env=False) as http:
        for number in range(count):
            if number % per_window == 0:
                window = Window(http)
            window.ask(asked[number % len(asked)])
            if number + 1 in (10, 25) or (number + 1) % 50 == 0:
                print(f"| {number + 1} | {resident(process):,.0f} MiB |", flush=True)
    print(flush=True)
