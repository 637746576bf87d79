"""Articles of every form, added from files and asked in a real Chromium: the lit words are those of the document."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from index import add_files
from index.local import LocalIndex
from qa.assistant import Assistant
from tests.fakes import FakeEncoder, FakeReader
from tests.index.making import docx_file, html_page, pdf_file

pytestmark = pytest.mark.browser

# The reader of the tests gives the word after those shared with the question.
PLACES = {
    "harbour.txt": ("When did the harbour bridge open?", "harbour bridge", "Zoë"),
    "lantern.html": ("Where is the lantern festival?", "lantern festival", "Île"),
    "granite.docx": ("Who cut the granite column?", "granite column", "Müller"),
    "walnut.pdf": ("Which walnut table stands?", "walnut table", "Aqueduct"),
}
LINES = ["Nothing", "of", "note", "happened", "there."]


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    files = {}
    for name, (_, words, answer) in PLACES.items():
        said = [*LINES, *words.split(), answer, "they", "say."]
        files[name] = {
            "txt": lambda said=said: f"👩‍👩‍👧‍👦 {' '.join(LINES)}\r\n{' '.join(said)}\r\n".encode(),
            "html": lambda said=said: html_page([said, LINES, LINES]),
            "docx": lambda said=said: docx_file([LINES, LINES, said]),
            "pdf": lambda said=said: pdf_file([LINES, said]),
        }[name.rpartition(".")[2]]()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    index = LocalIndex.create(tmp_path / "index", FakeEncoder())
    add_files(index, [tmp_path / name for name in files])
    return Assistant(index, FakeReader)


def boxed(page: Page, file: Path) -> str:
    """What the glyphs under the boxes on the screen spell, as the PDF engine reads rectangles."""
    found = []
    pdf = pypdfium2.PdfDocument(file)
    for figure in page.locator("#panel .pdf-page").all():
        number = int(re.findall("[0-9]+", figure.locator("figcaption").text_content() or "")[0])
        sheet = pdf[number - 1]
        width, height = sheet.get_size()
        boxes = figure.locator(".pdf-box").evaluate_all(
            """all => all.map(box => {
              const own = box.getBoundingClientRect(), of = box.closest('.pdf-sheet').getBoundingClientRect();
              const edge = parseFloat(getComputedStyle(box).paddingLeft);
              return [(own.left + edge - of.left) / of.width, (own.right - edge - of.left) / of.width,
                      (own.top + edge - of.top) / of.height, (own.bottom - edge - of.top) / of.height];
            })"""
        )
        for left, right, top, bottom in boxes:
            text = sheet.get_textpage()
            found.append(
                text.get_text_bounded(left * width, (1 - bottom) * height, right * width, (1 - top) * height).strip()
            )
    pdf.close()
    return " ".join(found)


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_lit_words_are_those_of_the_document(
    visit: Callable[..., Any], assistant: Assistant, tmp_path: Path, size: tuple[int, int]
) -> None:
    with visit(assistant, width=size[0], height=size[1]) as watched:
        page = watched.page
        for name, (question, _, answer) in PLACES.items():
            # A new conversation: or else a question might be read as a follow-up.
            page.get_by_role("button", name="New").click()
            expect(page.locator("#chat .reply")).to_have_count(0)
            watched.ask(question)
            expect(page.locator("#chat .reply")).to_have_count(1)
            expect(page.locator("#chat .reply .answer").last).to_have_text(answer)
            link = page.locator("#chat .reply").last.locator(".line a.cite").first
            link.click()
            expect(link).to_have_attribute("aria-current", "true")
            _, document_id, place, _ = (link.get_attribute("href") or "").split("/")
            start, end = map(int, place.split("-"))
            document = assistant.index.document(document_id)
            assert document.source.endswith(name)
            assert document.text[start:end] == answer
            if name.endswith(".pdf"):
                expect(page.locator("#panel .source-page")).to_have_text("page 2 of 2")
                expect(page.locator("#panel .pdf-box")).to_have_count(1)
                # The PDF engine is not for two threads: the server's has to be done before this one asks it.
                page.wait_for_function(
                    "[...document.querySelectorAll('#panel .pdf-sheet img')].every(image => image.complete)"
                )
                assert boxed(page, tmp_path / name) == answer
                page.get_by_role("button", name="Text", exact=True).click()
            expect(page.locator("#panel mark")).to_be_focused()
            expect(page.locator("#panel mark")).to_be_in_viewport()
            assert watched.lit() == document.text[start:end]
            assert page.locator("#panel .source-text").text_content() == document.text


def test_the_right_words_of_a_pdf_are_chosen_by_keyboard_and_escape_gives_up(
    visit: Callable[..., Any], assistant: Assistant
) -> None:
    with visit(assistant) as watched:
        page = watched.page
        watched.ask(PLACES["walnut.pdf"][0])
        expect(page.locator("#chat .reply .answer").last).to_have_text("Aqueduct")
        page.locator("#chat .reply .line a.cite").first.click()
        expect(page.locator("#panel .pdf-box")).to_be_visible()
        wrong = page.get_by_role("button", name="This answer is wrong")
        bar = page.locator(".feedback-bar")
        for key in ("Escape", "Enter"):
            wrong.click()
            text = page.get_by_role("textbox", name="Text of the article: select the right words")
            expect(text).to_be_focused()
            expect(page.locator("#panel .source-pages")).to_be_hidden()
            expect(page.locator("#panel mark")).to_be_in_viewport()
            page.keyboard.press("Control+Home")
            page.keyboard.press("Shift+Control+ArrowRight")
            expect(page.locator(".feedback-words")).to_contain_text("Nothing")
            page.keyboard.press(key)
            expect(bar).to_be_hidden()
            expect(wrong).to_be_focused()
        expect(page.locator(".feedback-status")).to_contain_text("Kept as the right answer: “Nothing")
