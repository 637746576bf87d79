"""How fast the page is, what it holds in memory, and whether users mix: ``python -m benchmarks.page``.

A new index is filled with about 1,000 passages: the news articles of this benchmark and others made of their sentences, or
the texts under ``--texts`` alone. Then ``qa chat`` is started as a user starts it and driven in a real Chromium. Times in
the page are taken inside the browser, from the key or click to the change of the document.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.page_memory import resident, watch_memory
from index import MiniLMEncoder, add_files, add_texts, create_index, sentence_spans
from web.examples import read_examples

NEWS = Path(__file__).parent / "news"
REPLY = "#chat .reply"
RETRIES = 400
# Notes when things happen, with the browser's own clock: the key, the first stage, the answer, the click, the lit words.
WATCH = """
() => {
  const times = (window.footnoteTimes = {});
  const shows = (what) => document.querySelector(`#chat ${what}`) !== null;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.closest("#question")) return;
    for (const name of Object.keys(times)) delete times[name];
    times.asked = performance.now();
  }, true);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#chat a[href^='#cite/']")) return;
    delete times.lit;
    times.clicked = performance.now();
  }, true);
  document.addEventListener("focusin", (event) => {
    if (event.target.closest("#panel mark")) times.lit ??= performance.now();
  }, true);
  new MutationObserver(() => {
    if (times.asked === undefined) return;
    if (times.stage === undefined && shows(".stage")) times.stage = performance.now();
    // Replies cannot be counted: of a long conversation the page draws the last turns.
    const answered = times.stage !== undefined && !shows(".stage") && shows(".reply");
    if (times.answered === undefined && answered) times.answered = performance.now();
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}
"""


def made_up(count: int, seed: int = 1) -> Iterator[tuple[str, str, str]]:
    """Texts of ten paragraphs whose sentences are drawn from the news articles: (source, title, text)."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((NEWS / "articles").glob("*.txt"))]
    sentences = [text[span.start : span.end].strip() for text in texts for span in sentence_spans(text)]
    draw = random.Random(seed)  # noqa: S311 - the same texts each time
    for number in range(count):
        paragraphs = [" ".join(draw.sample(sentences, draw.randint(3, 6))) for _ in range(10)]
        yield f"made-up/{number}.txt", f"Made-up article {number}", "\n\n".join(paragraphs)


def fill(folder: Path, passages: int, texts: Path | None) -> tuple[int, int]:
    """Make an index of about so many passages; gives documents and passages."""
    index = create_index(folder, MiniLMEncoder())

    def held() -> int:
        return sum(document.passages for document in index.documents())

    if texts is None:
        add_files(index, [NEWS / "articles"])
        per_article = 10
        add_texts(index, list(made_up(max(0, passages - held()) // per_article)))
    else:
        for path in sorted(texts.rglob("*.txt")):
            if held() >= passages:
                break
            add_files(index, [path])
    documents = index.documents()
    return len(documents), sum(document.passages for document in documents)


def questions(count: int, file: Path | None = None) -> list[str]:
    """Questions of the news benchmark that an article answers, or of a SQuAD file, spread evenly."""
    if file is not None:
        return read_examples(file, count)
    lines = (NEWS / "standalone.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [row["question"] for row in map(json.loads, lines) if not row["is_impossible"]]
    return [asked[number * len(asked) // count] for number in range(count)]


@contextmanager
def served(index: Path) -> Iterator[tuple[str, int, float]]:
    """``qa chat`` in a process of its own: address, process id of the page, seconds until it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    begun = time.perf_counter()
    command = [sys.executable, "-m", "ui", "--index", str(index), "--port", str(port), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as page:  # noqa: S603 - our own module
        try:
            while True:
                try:
                    urllib.request.urlopen(f"{url}/health", timeout=5).close()  # noqa: S310 - our own address
                    break
                except (urllib.error.URLError, OSError):
                    if page.poll() is not None or time.perf_counter() - begun > 120:
                        raise SystemExit("The page did not start. Start it by hand to see why: qa chat") from None
                    time.sleep(0.02)
            yield url, page.pid, time.perf_counter() - begun
        finally:
            page.send_signal(signal.SIGINT)


def over_http(url: str, question: str) -> dict[str, Any]:
    """The answer of ``/api/ask``."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{url}/api/ask", json.dumps({"question": question}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as response:  # noqa: S310
        found: dict[str, Any] = json.load(response)
    return found


def opened(browser: Browser, url: str) -> Page:
    """The page, in a browser profile of its own, ready for a question."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.set_default_timeout(120_000)
    page.goto(url)
    page.wait_for_selector("#question textarea")
    page.wait_for_selector("#panel .source-title")
    page.evaluate(WATCH)
    return page


def send(page: Page, question: str) -> None:
    """Type a question and press Enter, again where the page had not yet done with the question before."""
    box = page.locator("#question textarea")
    box.fill(question)
    page.keyboard.press("Enter")
    for waited in range(RETRIES):
        page.wait_for_timeout(50)
        if not box.input_value():
            return
        if waited % 40 == 39:
            box.press("Enter")


def ask(page: Page, question: str) -> dict[str, float]:
    """Ask, wait for the answer, and give the times in milliseconds since Enter."""
    send(page, question)
    page.wait_for_function("() => window.footnoteTimes.answered !== undefined", polling=50)
    times: dict[str, float] = page.evaluate("() => ({ ...window.footnoteTimes })")
    return {name: times[name] - times["asked"] for name in ("stage", "answered") if name in times}


def light(page: Page) -> float:
    """Click the newest citation; milliseconds until its words are lit and in focus."""
    page.locator("#chat a.cite:visible").last.click()
    page.wait_for_function("() => window.footnoteTimes.lit !== undefined", polling=50)
    lit: float = page.evaluate("() => window.footnoteTimes.lit - window.footnoteTimes.clicked")
    return lit


def at_once(browser: Browser, url: str, asked: Sequence[str]) -> tuple[int, float]:
    """One user for each question, all at the same moment: how many got their own answer, and seconds until the last."""
    expected = [over_http(url, question)["answer"] for question in asked]
    pages = [opened(browser, url) for _ in asked]
    for page, question in zip(pages, asked, strict=True):
        page.locator("#question textarea").fill(question)
    begun = time.perf_counter()
    for page in pages:
        page.locator("#question textarea").press("Enter", no_wait_after=True)
    right = 0
    for page, answer in zip(pages, expected, strict=True):
        page.wait_for_selector(REPLY)
        shown = page.locator("#chat .answer").all_text_contents()[:1]
        refused = page.locator("#chat .refusal").count() == 1
        right += page.locator(REPLY).count() == 1 and (
            refused if answer is None else shown == [" ".join(answer.split())]
        )
    taken = time.perf_counter() - begun
    for page in pages:
        page.context.close()
    return right, taken


def told(name: str, values: Sequence[float]) -> str:
    """A line of a table: median and 95th percentile in whole milliseconds."""
    p95 = statistics.quantiles(values, n=20, method="inclusive")[18]
    return f"| {name} | {statistics.median(values):,.0f} ms | {p95:,.0f} ms | {len(values)} |"


def main() -> None:
    """Measure, and print the tables of ``PAGE.md``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=1000, help="about how many passages to index")
    parser.add_argument(
        "--texts", type=Path, metavar="FOLDER", help="index texts under this folder instead of made-up ones"
    )
    parser.add_argument("--ask", type=Path, metavar="FILE", help="ask questions of this SQuAD file instead")
    parser.add_argument("--questions", type=int, default=50, help="how many questions to time")
    parser.add_argument("--many", type=int, default=500, help="how many questions to ask while memory is watched")
    parser.add_argument("--long", type=int, default=500, help="how many more in one conversation")
    parser.add_argument(
        "--drawn", action="store_true", help="ask --many in the browser too, ten in a window; takes longer"
    )
    parser.add_argument("--users", type=int, default=10, help="how many users ask at once")
    options = parser.parse_args()
    asked = questions(options.questions, options.ask)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary) / "index"
        documents, passages = fill(folder, options.passages, options.texts)
        print(
            f"{passages:,} passages in {documents:,} documents; load of the machine {os.getloadavg()[0]:.1f}\n",
            flush=True,
        )
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        with served(folder) as (url, process, up):
            begun = time.perf_counter()
            page = opened(browser, url)
            ready = time.perf_counter() - begun
            over_http(url, asked[0])
            warm = time.perf_counter() - begun
            print(f"Start to answering: {up:.1f} s. Page in the browser: {ready:.1f} s more.")
            print(
                f"First answer: {up + warm:.1f} s after the start. Memory then: {resident(process):,.0f} MiB.\n",
                flush=True,
            )
            timed = [ask(page, question) for question in asked]
            print("| from … to | p50 | p95 | times |\n|---|---|---|---|")
            print(told("Enter to the first stage", [times["stage"] for times in timed if "stage" in times]))
            print(told("Enter to the answer", [times["answered"] for times in timed]))
            sys.stdout.flush()
            print(told("click to the lit words", [light(page) for _ in range(20)]) + "\n", flush=True)
            page.context.close()
            right, taken = at_once(browser, url, asked[: options.users])
            print(
                f"{options.users} users at once: {right} got the answer to their own question, the last after {taken:.1f} s.\n"
            )
            watch_memory("ten in a conversation", url, process, asked, options.many, 10)
            watch_memory("in one conversation", url, process, asked, options.long, options.long)
            if options.drawn:
                print("| questions, ten in a window of the browser | memory of the server |\n|---|---|", flush=True)
            done = 0 if options.drawn else options.many
            while done < options.many:
                page = opened(browser, url)
                for number in range(done, min(done + 10, options.many)):
                    ask(page, asked[number % len(asked)])
                done = min(done + 10, options.many)
                page.context.close()
                if done == 10 or done % 50 == 0:
                    print(f"| {done} | {resident(process):,.0f} MiB |", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
