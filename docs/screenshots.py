"""Take the pictures of the documentation: ``python docs/screenshots.py`` (needs Chromium and playwright).

The sample article is added to a new index and asked a question, and the citation is clicked. With ``--all FOLDER``
every state is taken, wide and narrow, light and dark, to be looked at.
"""

import argparse
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import ui  # noqa: E402 - found by the line above
from index import MiniLMEncoder, add_texts, create_index  # noqa: E402
from qa.assistant import open_assistant  # noqa: E402
from web.examples import read_examples  # noqa: E402
from web.page import Page  # noqa: E402
from web.serving import serving_in_background  # noqa: E402

SIZES = {"wide": (1280, 800), "phone": (390, 844)}
CITATION = "#chat a[href^='#cite/']"


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


def main() -> None:
    """Take ``docs/chat.png``, or all states."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="take every state, into this folder")
    parser.add_argument("--question", default="Who called for a ceasefire?", help="what to ask")
    options = parser.parse_args()
    folder, question = options.all, options.question
    with tempfile.TemporaryDirectory() as temporary:
        # As a text rather than a file, so that the picture does not show where this copy of Footnote lies.
        article = "examples/karabakh.txt"
        text = (ROOT / article).read_text(encoding="utf-8")
        add_texts(create_index(Path(temporary), MiniLMEncoder()), [(article, "karabakh", text)])
        page = Page(partial(open_assistant, Path(temporary)))
        page.warm_up()
        examples = read_examples(ROOT / "examples" / "karabakh_questions.json")
        with serving_in_background(ui.make_app(page, examples=examples)) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
            )
            if folder is None:
                take(browser, url, "wide", "light", question, ROOT / "docs", only="lit")
            else:
                folder.mkdir(parents=True, exist_ok=True)
                for size in SIZES:
                    for scheme in ("light", "dark"):
                        take(browser, url, size, scheme, question, folder)
            browser.close()


if __name__ == "__main__":
    main()
