"""Take the pictures of the documentation: ``python docs/screenshots.py`` (needs Chromium and playwright).

``chat``: the sample article is added to a new index and asked a question, the citation is clicked, and the other states are
gone through; the pictures named in ``IN_DOCS`` are kept. ``report``: a hundred questions of the news benchmark are asked, and
the report of that is opened. Name one of the two to take only that. With ``--all FOLDER`` every state of the page is taken,
wide and narrow, light and dark, to be looked at.
"""

import argparse
import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as BrowserPage

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
# States of the page with a picture in the documentation, and its name.
IN_DOCS = {
    "wide-light-lit": "chat",
    "wide-light-refusal": "refusal",
    "wide-light-differ": "differ",
    "wide-light-documents": "documents",
    "wide-light-evaluation": "evaluation",
    "wide-dark-lit": "chat-dark",
    "wide-dark-documents": "documents-dark",
    "phone-light-answer": "phone",
    "phone-light-documents": "phone-documents",
    "phone-dark-lit": "phone-dark",
}
REPORT_QUESTIONS = 100
DIFFERING = "How many soldiers were killed?"


def take(
    browser: Browser, url: str, size: str, scheme: str, question: str, save: Callable[[str, BrowserPage], None]
) -> None:
    """Go through the states of the page and hand each to ``save`` under its name."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]

    page.set_default_timeout(120_000)

    def shot(state: str) -> None:
        page.wait_for_timeout(900)
        save(f"{size}-{scheme}-{state}", page)

    def asked(text: str, replies: int) -> None:
        page.locator("#question textarea").fill(text)
        page.keyboard.press("Enter")
        page.wait_for_function("n => document.querySelectorAll('#chat .reply').length === n", arg=replies)

    page.goto(url)
    page.wait_for_selector("#panel .source-title")
    shot("start")
    asked(question, 1)
    shot("answer")
    page.locator(CITATION).first.click()
    page.wait_for_selector("#panel mark")
    shot("lit")
    asked("What is the capital of France?", 2)
    shot("refusal")
    asked(DIFFERING, 3)
    page.locator("#chat .claims a.cite").first.click()
    page.locator("#chat .claims a.cite[aria-current]").first.wait_for()
    shot("differ")
    page.get_by_role("tab", name="Documents").click()
    page.wait_for_selector("#documents tbody tr")
    shot("documents")
    page.get_by_role("tab", name="Evaluation").click()
    page.wait_for_selector("#evaluation button:visible")
    shot("evaluation")
    page.close()


def take_chat(browser: Browser, question: str, folder: Path | None) -> None:
    """Take the pictures of the page in ``docs``, or every state of it into ``folder``."""
    with tempfile.TemporaryDirectory() as temporary:
        # As a text rather than a file, so that the picture does not show where this copy of Footnote lies.
        article = "examples/karabakh.txt"
        text = (ROOT / article).read_text(encoding="utf-8")
        add_texts(create_index(Path(temporary), MiniLMEncoder()), [(article, "karabakh", text)])
        page = Page(partial(open_assistant, Path(temporary)))
        page.warm_up()
        examples = read_examples(ROOT / "examples" / "karabakh_questions.json")
        target = ROOT / "docs" if folder is None else folder
        target.mkdir(parents=True, exist_ok=True)

        def save(state: str, shown: BrowserPage) -> None:
            name = state if folder is not None else IN_DOCS.get(state)
            if name is not None:
                write_small(shown.screenshot(), target / f"{name}.png")

        with serving_in_background(ui.make_app(page, examples=examples)) as url:
            for size in SIZES:
                for scheme in ("light", "dark"):
                    if folder is not None or any(state.startswith(f"{size}-{scheme}") for state in IN_DOCS):
                        take(browser, url, size, scheme, question, save)


def write_small(picture: bytes, path: Path) -> None:
    """Write a picture with 256 colours, which a page of text and flat areas does not miss."""
    with Image.open(io.BytesIO(picture)) as image:
        # The colours that differ most are kept, so that a small red dot stays red.
        few = image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(path, optimize=True)


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
        write_small(page.screenshot(full_page=True, clip=area), ROOT / "docs" / "report.png")  # type: ignore[arg-type]
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
