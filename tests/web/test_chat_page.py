"""The chat's manners and the pages of PDFs in a real Chromium; each page load checks several things."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from qa.models import Answer
from tests.index.making import pdf_file
from tests.web.fakes import FakeAssistant, make_document
from tests.web.test_pdf_pages import document_at

pytestmark = pytest.mark.browser

TEXT = "The answer is forty-two. Mayor Jane Roe spoke on Monday. Mayor Jane Roe left."
DOCUMENT = make_document("doc", TEXT, title="Deep thought")
KNOWN = {
    "what?": [("doc", "forty-two")],
    "who spoke?": [("doc", "Mayor Jane Roe"), ("doc", "Monday")],
    "when did mayor jane roe speak?": [("doc", "Monday")],
}
Visit = Callable[..., Any]


class Assistant(FakeAssistant):
    """Cites the answer "Mayor Jane Roe" at both of its places, guesses when it has to, and can be held up."""

    held: threading.Event | None = None

    def ask(self, question: str, *, answer_all: bool = False, **settings: Any) -> Answer:
        answer = super().ask(question, **settings)
        if self.held is not None:
            self.held.wait(20)
        if answer.answer == "Mayor Jane Roe":
            again = TEXT.rindex("Mayor Jane Roe")
            second = answer.citations[0].model_copy(update={"start": again, "end": again + 14})
            return answer.model_copy(update={"citations": [answer.citations[0], second]})
        if answer.abstained and answer_all:
            guess = super().ask("what?").model_copy(update={"question": question, "standalone_question": question})
            return guess.model_copy(update={"confidence": 0.08})
        return answer


def test_words_written_from_right_to_left_stand_in_their_order(visit: Visit) -> None:
    question, sentence = "מי פתח את הגשר?", "משה פתח את הגשר אתמול."
    document = make_document("doc", sentence, title="הגשר (2021): מה קרה?")
    other = make_document("other", "Something else.")
    in_order = """node => {
        const words = [], walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
        for (let text; (text = walker.nextNode()); ) {
          if (text.parentElement.closest("button, .where, a")) continue;
          for (const found of text.data.matchAll(/[א-ת]+|[?.]/g)) {
            const range = document.createRange();
            range.setStart(text, found.index);
            range.setEnd(text, found.index + found[0].length);
            words.push(range.getBoundingClientRect().left);
          }
        }
        return words.length > 1 && words.every((left, at) => at === 0 || left < words[at - 1]);
    }"""
    assistant = FakeAssistant([document, other], {question: [("doc", "משה")], "מתי?": [("doc", "אתמול")]})
    with visit(assistant) as watched:
        page = watched.page
        expect(page.locator("#panel li bdi").first).to_have_css("direction", "rtl")
        for asked in (question, "מתי?"):
            box = page.locator("#question textarea")
            box.fill(asked)
            assert box.evaluate("box => getComputedStyle(box).unicodeBidi") == "plaintext"
            watched.ask(asked)
            quote = page.locator("#chat blockquote").last
            expect(page.locator("#chat .user-row").last).to_contain_text(asked)
            expect(page.locator("#chat .answer").last).to_have_text("משה" if asked == question else "אתמול")
            assert quote.evaluate(in_order)
            assert page.locator("#chat .user-row .prose").last.evaluate(in_order)
        quote.locator("a.cite").click()
        for title in (quote.locator(".where bdi"), page.locator("#panel .source-title bdi")):
            expect(title).to_have_text(document.title)
            expect(title).to_have_css("direction", "rtl")


def test_a_conversation_from_follow_up_to_export(visit: Visit, tmp_path: Path) -> None:
    with visit(Assistant([DOCUMENT], KNOWN), permissions=["clipboard-read", "clipboard-write"]) as watched:
        page = watched.page
        answers, box = page.locator("#chat .answer"), page.locator("#question textarea")
        live = page.locator("#bar [data-part=live]")
        watched.ask("Who spoke?")
        expect(answers).to_have_text("Mayor Jane Roe")
        expect(live).to_contain_text("Mayor Jane Roe. High confidence")

        # Next and previous place of one answer, by button and by key, and round again.
        page.locator("#chat a.cite").first.click()
        expect(page.locator("#panel .step-count")).to_have_text("1 of 2")
        page.get_by_role("button", name="Next place").click()
        expect(page.locator("#panel .step-count")).to_have_text("2 of 2")
        assert f"-{TEXT.rindex('Mayor Jane Roe') + 14}/" in page.url
        expect(page.locator("#chat a.cite").nth(1)).to_have_attribute("aria-current", "true")
        page.keyboard.press("j")
        expect(page.locator("#panel .step-count")).to_have_text("1 of 2")
        page.keyboard.press("k")
        expect(page.locator("#panel .step-count")).to_have_text("2 of 2")
        page.keyboard.press("/")
        expect(box).to_be_focused()

        # A follow-up tells how it was read, and the reading can be changed.
        watched.ask("When?")
        expect(answers).to_have_text(["Mayor Jane Roe", "Monday"])
        expect(box).to_have_value("")
        expect(page.locator("#chat .read-as q")).to_have_text("When did Mayor Jane Roe speak?")
        page.get_by_role("button", name="Change").click()
        expect(box).to_have_value("When did Mayor Jane Roe speak?")
        watched.ask("What?")
        expect(answers).to_have_text(["Mayor Jane Roe", "forty-two"])
        expect(page.locator("#chat .read-as q")).to_have_text("What?")

        # A key begins to edit the last question, and Escape leaves it.
        page.locator("#chat .confidence").last.focus()
        page.keyboard.press("e")
        expect(page.locator("#editing")).to_contain_text("changing an earlier question")
        expect(box).to_have_value("When?")
        box.focus()
        page.keyboard.press("Escape")
        expect(page.locator("#editing .editing")).to_have_count(0)
        expect(box).to_have_value("")

        # Exports hold what is shown.
        page.get_by_role("button", name="Export").click()
        for name, form in (("Markdown", "md"), ("HTML", "html"), ("JSON", "json")):
            if not page.get_by_role("button", name=name).is_visible():
                page.get_by_role("button", name="Export").click()
            with page.expect_download() as download:
                page.get_by_role("button", name=name).click()
            path = tmp_path / f"saved.{form}"
            download.value.save_as(path)
            assert download.value.suggested_filename.endswith(f".{form}")
        exported = json.loads((tmp_path / "saved.json").read_text())
        assert [turn["question"] for turn in exported["turns"]] == ["Who spoke?", "When?"]
        for citation in (citation for turn in exported["turns"] for citation in turn["citations"]):
            assert TEXT[citation["start"] : citation["end"]] == citation["text"]

        # Editing the first question drops what followed.
        page.locator("#chat .user-row").first.hover()
        page.locator("#chat button.edit").first.click()
        expect(box).to_have_value("Who spoke?")
        watched.ask("What?")
        expect(answers).to_have_text(["forty-two"])


def test_refusal_history_and_the_bar(visit: Visit) -> None:
    with visit(Assistant([DOCUMENT], KNOWN), color_scheme="dark") as watched:
        page = watched.page
        answers = page.locator("#chat .answer")
        dark = "document.body.classList.contains('dark')"
        assert page.evaluate(dark)
        watched.ask("Why not?")
        expect(page.locator("#chat .refusal")).to_be_visible()
        page.get_by_role("button", name="Answer anyway").click()
        expect(answers).to_have_text("forty-two")
        expect(page.locator("#chat .confidence")).to_contain_text("Low confidence")
        expect(page.locator("#chat .user-row .anyway")).to_have_text("Answer anyway")

        page.get_by_role("button", name="New").click()
        expect(page.locator("#chat .message")).to_have_count(0)
        expect(page.locator("#question textarea")).to_be_focused()
        watched.ask("What?")
        expect(answers).to_have_text("forty-two")

        # Past conversations: reopened, gone on with, deleted after a second click.
        history = page.locator("#bar [data-part=history]")
        page.get_by_role("button", name="History").click()
        expect(history.locator(".history-title")).to_have_text(["What?", "Why not?"])
        history.get_by_text("Why not?").click()
        expect(history).to_be_hidden()
        expect(page.locator("#chat .refusal")).to_be_visible()
        watched.ask("Who spoke?")
        expect(answers).to_have_text(["forty-two", "Mayor Jane Roe"])
        page.get_by_role("button", name="History").click()
        row = history.locator("li", has_text="What?")
        row.get_by_role("button", name="Delete").click()
        row.get_by_text("Really delete?").click()
        expect(history.locator(".history-title")).to_have_text(["Why not?"])
        page.keyboard.press("Escape")

        # Keys: help, light and dark (kept for the next visit); none of them while a question is typed, or when switched off.
        page.locator("#chat .confidence").last.focus()
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("d")
        assert not page.evaluate(dark)
        page.locator("#question textarea").press_sequentially("d?")
        expect(page.locator("#question textarea")).to_have_value("d?")
        assert not page.evaluate(dark)
        page.get_by_role("button", name="Help").click()
        page.get_by_label("Use single keys as shortcuts").uncheck()
        page.get_by_role("button", name="Close").last.click()
        page.locator("#chat .confidence").last.focus()
        page.keyboard.press("d")
        assert not page.evaluate(dark)
        watched.open()
        assert not page.evaluate(dark)
        page.get_by_role("button", name="Light or dark").click()
        assert page.evaluate(dark)


def test_stopping_and_two_windows(visit: Visit) -> None:
    assistant = Assistant([DOCUMENT], KNOWN)
    assistant.held = threading.Event()
    with visit(assistant) as watched:
        page = watched.page
        watched.ask("What?")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#chat .error")).to_have_text("Stopped.")
        watched.ask("Who spoke?")
        expect(page.locator("#chat .stage")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#chat .error")).to_have_count(2)
        assistant.held.set()
        assistant.held = None
        other = page.context.new_page()
        other.goto(watched.url)
        other.wait_for_selector("#panel .source-title")
        other.locator("#question textarea").fill("What?")
        other.keyboard.press("Enter")
        expect(other.locator("#chat .answer")).to_have_text("forty-two")
        watched.ask("Who spoke?")
        expect(page.locator("#chat .answer")).to_have_text("Mayor Jane Roe")
        expect(page.locator("#chat .user-row")).to_have_count(3)
        expect(other.locator("#chat .user-row")).to_have_count(1)


def test_pdf_citation_boxes_the_words_on_its_pages(visit: Visit, tmp_path: Path) -> None:
    content = pdf_file([["one", "two", "three", "four"], ["five", "six."], ["seven"]])
    document = document_at(tmp_path / "a.pdf", content)
    across = document.text[document.text.index("four") : document.text.index("five") + 4]
    with visit(FakeAssistant([document], {"which?": [("pdf", across)]}), width=390, height=844) as watched:
        page = watched.page
        watched.ask("Which?")
        page.locator("#chat a.cite").first.click()
        pages = page.locator("#panel .pdf-page")
        expect(pages).to_have_count(2)
        expect(page.locator("#panel .source-page")).to_have_text("pages 1 to 2 of 3")
        expect(pages.first.locator("figcaption")).to_have_text("Page 1 of 3")
        page.wait_for_function(
            "[...document.querySelectorAll('#panel .pdf-sheet img')].every(image => image.complete && image.naturalWidth)"
        )
        # A box on the screen lies over the ink of the picture: what it covers holds dark pixels, and the strip above none.
        for sheet in page.locator("#panel .pdf-sheet").all():
            assert sheet.locator(".pdf-box").count() == 1
            darkest = sheet.evaluate("""async sheet => {
              const image = sheet.querySelector("img"), box = sheet.querySelector(".pdf-box").style;
              const canvas = document.createElement("canvas");
              [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
              const drawing = canvas.getContext("2d");
              drawing.drawImage(image, 0, 0);
              const [x, y, w, h] = [box.left, box.top, box.width, box.height].map(parseFloat).map(
                (share, at) => (share / 100) * (at % 2 ? canvas.height : canvas.width));
              return Math.min(...drawing.getImageData(x, y, w, h).data.filter((_, at) => at % 4 === 0));
            }""")
            assert darkest < 128
        page.get_by_role("button", name="Text", exact=True).click()
        expect(page.locator("#panel mark")).to_be_focused()
        assert watched.lit() == across
        page.get_by_role("button", name="Page", exact=True).click()
        expect(pages.first).to_be_visible()
        page.get_by_role("button", name="Back to the answer").click()
        expect(page.locator("#chat a.cite").first).to_be_focused()
        # The file goes: the text view says so.
        Path(document.source).unlink()
        page.locator("#chat a.cite").first.click()
        expect(page.locator("#panel .fn-notice")).to_contain_text("The original file is gone")
        assert watched.lit() == across
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
