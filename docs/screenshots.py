"""Take the pictures of the documentation: ``python docs/screenshots.py`` (needs Chromium and playwright).

``chat.png``: the sample article is added to a new index and asked a question, and the citation is clicked. ``report.png``:
a hundred questions of the news benchmark are asked, and the report of that is opened. Name one of the two to take only
that. With ``--all FOLDER`` every state of the chat is taken, wide and narrow, light and dark, to be looked at.
"""

import argparse
import shutil
import sys
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ui  # noqa: E402 - found by the line above
from index import MiniLMEncoder, add_texts, create_index  # noqa: E402
from qa.assistant import Assistant, open_assistant  # noqa: E402
from qa.cli.reporting import settings_of  # noqa: E402
from qa.evaluation.certainty import complete  # noqa: E402
from qa.evaluation.corpus import pooled_index  # noqa: E402
from qa.evaluation.datasets import load_dataset  # noqa: E402
from qa.evaluation.page import render  # noqa: E402
from qa.evaluation.runner import evaluate_answering  # noqa: E402
from qa.reader import load_reader  # noqa: E402
from web.examples import read_examples  # noqa: E402
from web.page import Page  # noqa: E402
from web.serving import serving_in_background  # noqa: E402

SIZES = {"wide": (1280, 800), "phone": (390, 844)}
CITATION = "#chat a[href^='#cite/']"
REPORT_QUESTIONS = 100


def take(
    browser: Browser, url: str, size: str, scheme: str, question: str, folder: Path, only: str | None = None
) -> None:
    """Go through the states of the page and save a picture of each, or only of the one called ``only``."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]

    def save(state: str) -> None:
        page.wait_for_timeout(900)
        if only is None:
            page.screenshot(path=folder / f"{size}-{scheme}-{state}.png")
        elif only == state:
            page.screenshot(path=folder / "chat.png")

    page.goto(url)
    page.wait_for_selector("#panel .source-title")
    save("start")
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .answer")
    save("answer")
    page.locator(CITATION).first.click()
    page.wait_for_selector("#panel mark")
    save("lit")
    page.locator("#question textarea").fill("What is the capital of France?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#chat .refusal")
    save("refusal")
    page.close()


def take_chat(browser: Browser, question: str, folder: Path | None) -> None:
    """Take ``docs/chat.png``, or every state of the chat into ``folder``."""
    with tempfile.TemporaryDirectory() as temporary:
        # As a text rather than a file, so that the picture does not show where this copy of Footnote lies.
        article = "examples/karabakh.txt"
        text = (ROOT / article).read_text(encoding="utf-8")
        add_texts(create_index(Path(temporary), MiniLMEncoder()), [(article, "karabakh", text)])
        page = Page(partial(open_assistant, Path(temporary)))
        page.warm_up()
        examples = read_examples(ROOT / "examples" / "karabakh_questions.json")
        with serving_in_background(ui.make_app(page, examples=examples)) as url:
            if folder is None:
                take(browser, url, "wide", "light", question, ROOT / "docs", only="lit")
                return
            folder.mkdir(parents=True, exist_ok=True)
            for size in SIZES:
                for scheme in ("light", "dark"):
                    take(browser, url, size, scheme, question, folder)


def take_report(browser: Browser) -> None:
    """Take ``docs/report.png``: the top of the report of a run over some of the news benchmark."""
    questions = ROOT / "benchmarks" / "news" / "standalone.jsonl"
    dataset = load_dataset(questions)
    with pooled_index(dataset, MiniLMEncoder()) as (index, corpus):
        result = complete(evaluate_answering(dataset, Assistant(index, load_reader), corpus, limit=REPORT_QUESTIONS))
    settings = settings_of([questions], limit=REPORT_QUESTIONS, answer_all=False)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "report.html"
        path.write_text(render(result, dataset, settings, datetime.now().astimezone()), encoding="utf-8")
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(path.as_uri())
        # From the top to the end of the first row of tables: one look, and small enough for a README.
        table = page.locator(".tables > div").nth(1).bounding_box()
        if table is None:
            raise SystemExit(
                "The report has no tables to end the picture with. Look at qa/evaluation/templates/report.html."
            )
        area = {"x": 0, "y": 0, "width": 1280, "height": table["y"] + table["height"] + 6}
        page.screenshot(path=ROOT / "docs" / "report.png", full_page=True, clip=area)  # type: ignore[arg-type]
        page.close()


def main() -> None:
    """Take the pictures of the documentation, or all states of the chat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", nargs="?", choices=("chat", "report"), help="take only this one")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="take every state of the chat, into this folder")
    parser.add_argument("--question", default="Who called for a ceasefire?", help="what to ask")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        if options.picture != "report":
            take_chat(browser, options.question, options.all)
        if options.picture != "chat" and options.all is None:
            take_report(browser)
        browser.close()


if __name__ == "__main__":
    main()
