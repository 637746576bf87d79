"""What the page says can be seen, and what it shows can be reached, by mouse and by keyboard, in a real Chromium."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.fakes import make_document
from tests.web.test_chat_page import KNOWN, TEXT, Assistant

pytestmark = pytest.mark.browser

DOCUMENT = make_document("doc", TEXT, title="Deep thought")
OTHERS = [make_document(name, f"{name} was written on Friday.", title=name) for name in ("Second", "Third")]
WAIT = "Wait for the answer, or stop it."
Visit = Callable[..., Any]


@pytest.mark.parametrize("size", [(1280, 800), (375, 667)])
def test_a_question_of_one_long_word_is_read_from_its_beginning(visit: Visit, size: tuple[int, int]) -> None:
    with visit(Assistant([DOCUMENT], KNOWN), width=size[0], height=size[1]) as watched:
        page = watched.page
        watched.ask("https://example.com/" + "a" * 300)
        expect(page.locator("#chat .refusal")).to_be_visible()
        edge = page.locator("#chat").bounding_box()
        for part in (page.locator("#chat .user-row .user").first, page.locator("#chat button.edit")):
            box = part.bounding_box()
            assert edge["x"] <= box["x"]
            assert box["x"] + box["width"] <= edge["x"] + edge["width"]
        # Nor is what is exported wider than the screen.
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as loading:
            page.get_by_role("button", name="HTML").click()
        exported = page.context.new_page()
        exported.set_content(Path(loading.value.path()).read_text(encoding="utf-8"))
        assert exported.locator("h2").inner_text().endswith("aaa")
        assert exported.evaluate("document.documentElement.scrollWidth") == size[0]


def test_the_way_back_from_a_source_without_an_answer_leads_to_the_question(visit: Visit) -> None:
    with visit(Assistant([DOCUMENT], KNOWN), fragment="#cite/doc/14-23") as watched:
        page = watched.page
        expect(page.locator("#panel mark")).to_have_text(TEXT[14:23])
        page.get_by_role("button", name="Back to the answer").click()
        expect(page.locator("#question textarea")).to_be_focused()


def test_why_nothing_is_asked_or_left_is_seen(visit: Visit) -> None:
    assistant = Assistant([DOCUMENT], KNOWN)
    with visit(assistant, examples=("Who spoke?",)) as watched:
        page = watched.page
        live, field = page.locator("#bar [data-part=live]"), page.locator("#question")
        shown = "field => getComputedStyle(field, '::after').content"
        watched.ask("Why not?")
        expect(page.locator("#chat .refusal")).to_be_visible()
        assistant.held = threading.Event()
        watched.ask("What?")
        expect(page.locator("#chat .stage")).to_be_visible()
        for button in (page.locator("#examples button"), page.get_by_role("button", name="Answer anyway")):
            field.evaluate("field => field.removeAttribute('data-note')")
            button.click()
            expect(live).to_have_text(WAIT)
            expect(field).to_have_attribute("data-note", WAIT)
            assert field.evaluate(shown) == f'"{WAIT}"'
        # What waits to be asked says so too, and is asked.
        watched.ask("Who spoke?")
        expect(page.locator("#question[data-next]")).to_be_visible()
        assert "Asked next" in field.evaluate(shown)
        assistant.held.set()
        expect(page.locator("#chat .answer")).to_have_text(["forty-two", "Mayor Jane Roe"])
        expect(page.locator("#question[data-next]")).to_have_count(0)
        assert field.evaluate(shown) == "none"

        # Footnote does not answer any more.
        page.route("**/*", lambda route: route.abort())
        page.get_by_role("button", name="New").click()
        expect(field).to_have_attribute("data-note", "Footnote does not answer. Is it still running in its terminal?")
        watched.errors.clear()


def test_an_export_before_the_first_answer_says_that_there_is_none(visit: Visit) -> None:
    assistant = Assistant([DOCUMENT], KNOWN)
    assistant.held = threading.Event()
    with visit(assistant) as watched:
        page = watched.page
        failed = page.locator("#bar [data-part=failed]")
        for told in ("Nothing was asked yet.", "Nothing was answered yet."):
            page.get_by_role("button", name="Export").click()
            page.get_by_role("button", name="Markdown").click()
            expect(failed).to_have_text(told)
            page.keyboard.press("Escape")
            if told == "Nothing was asked yet.":
                watched.ask("What?")
                expect(page.locator("#chat .stage")).to_be_visible()
        assistant.held.set()
        expect(page.locator("#chat .answer")).to_be_visible()
        page.get_by_role("button", name="Export").click()
        with page.expect_download():
            page.get_by_role("button", name="Markdown").click()


def test_the_list_of_articles_is_of_today_however_it_was_opened(visit: Visit) -> None:
    assistant = Assistant([DOCUMENT, *OTHERS], KNOWN)
    with visit(assistant) as watched:
        page = watched.page
        titles = page.locator("#panel .source-list a")
        watched.ask("What?")
        page.locator("#chat a.cite").first.click()
        page.get_by_role("link", name="All articles").click()
        expect(titles).to_have_text(["Deep thought", "Second", "Third"])
        expect(page.locator("#panel .source-title")).to_be_focused()
        # Where the focus was in the list, it stays there.
        titles.last.focus()
        del assistant.index.held["Third"]
        page.evaluate("window.dispatchEvent(new Event('footnote:documents'))")
        expect(titles).to_have_text(["Deep thought", "Second"])
        expect(page.locator("#panel .source-title")).to_be_focused()
        # Elsewhere it is left alone; and a source that is read is not taken away.
        box = page.locator("#question textarea")
        box.focus()
        assistant.index.held["Third"] = OTHERS[1]
        page.evaluate("window.dispatchEvent(new Event('footnote:documents'))")
        expect(titles).to_have_text(["Deep thought", "Second", "Third"])
        expect(box).to_be_focused()
        page.locator("#chat a.cite").first.click()
        expect(page.locator("#panel mark")).to_be_visible()
        page.evaluate("window.dispatchEvent(new Event('footnote:documents'))")
        page.wait_for_timeout(500)
        expect(page.locator("#panel mark")).to_have_text("forty-two")


def test_enter_that_ends_a_composition_sends_nothing(visit: Visit) -> None:
    with visit(Assistant([DOCUMENT], KNOWN)) as watched:
        page = watched.page
        box = page.locator("#question textarea")
        box.fill("日本")
        for composing in (True, False):  # Safari ends the composition before the key that ends it
            box.evaluate(
                """(box, isComposing) => box.dispatchEvent(new KeyboardEvent("keydown",
                  { key: "Enter", code: "Enter", keyCode: 229, bubbles: true, cancelable: true, isComposing }))""",
                composing,
            )
            page.wait_for_timeout(500)
            expect(box).to_have_value("日本")
            expect(page.locator("#chat .message")).to_have_count(0)


def test_after_stop_by_keyboard_the_next_question_can_be_typed(visit: Visit) -> None:
    assistant = Assistant([DOCUMENT], KNOWN)
    assistant.held = threading.Event()
    with visit(assistant) as watched:
        page = watched.page
        watched.ask("What?")
        page.locator("#chat button.stop").focus()
        page.keyboard.press("Enter")
        assistant.held.set()
        expect(page.locator("#chat .stage")).to_have_count(0)
        expect(page.locator("#question textarea")).to_be_focused()
        expect(page.locator("#chat .user-row")).to_have_count(1)
