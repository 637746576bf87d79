"""The page in a real Chromium, with an assistant that needs no models."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from qa.models import Answer
from tests.web.fakes import FakeAssistant, make_document
from web.references import Reference

pytestmark = pytest.mark.browser

FILLER = "Nothing of note happened on this day, and the day after was much the same.\n"
TEXT = (
    FILLER * 40
    + "Café 👩‍👩‍👧‍👦 owner Zoe\u0301 Müller called for a ceasefire on Sunday.\nIt was 5 < 6 & 7 > 6.\n"
    + FILLER * 40
    + "The clashes started overnight Friday.\n"
    + FILLER * 40
)
WHO = "👩‍👩‍👧‍👦 owner Zoe\u0301 Müller"
WHEN = "overnight Friday"
WHAT = "5 < 6 & 7 > 6"
DOCUMENT = make_document("karabakh", TEXT, title="karabakh.txt")
KNOWN = {
    "who called for a ceasefire?": [("karabakh", WHO), ("karabakh", WHAT)],
    "when did the clashes start?": [("karabakh", WHEN)],
}
CITATION = "#chat a[href^='#cite/']"
Visit = Callable[..., Any]


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant([DOCUMENT], KNOWN)


def slice_of(href: str | None) -> str:
    """The characters that a citation link names."""
    assert href is not None
    start, end = map(int, href.split("/")[2].split("-"))
    return TEXT[start:end]


def test_ask_click_and_see_the_words_lit(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        expect(page.locator("#question textarea")).to_be_focused()
        watched.ask("Who called for a ceasefire?")
        expect(page.locator("#chat .answer")).to_have_text(WHO)
        expect(page.locator("#question textarea")).to_have_value("")
        expect(page.locator("#chat blockquote strong")).to_have_text(WHO)
        expect(page.locator("#chat .confidence")).to_have_text(re.compile("High confidence\\s*· 93%"))
        link = page.locator(CITATION).first
        link.click()
        mark = page.locator("#panel mark")
        expect(mark).to_be_focused()
        assert watched.lit() == slice_of(link.get_attribute("href")) == WHO
        assert page.locator("#panel .source-text").text_content() == TEXT
        expect(link).to_have_attribute("aria-current", "true")
        pane, lit = page.locator("#panel .source-scroll").bounding_box(), mark.bounding_box()
        assert 0.2 < (lit["y"] - pane["y"]) / pane["height"] < 0.45
        assert "#cite/karabakh/" in page.url


def test_keyboard_alone_is_enough(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        watched.ask("When did the clashes start?")
        link = page.locator(CITATION).first
        for key in ("Enter", " "):
            link.focus()
            page.keyboard.press(key)
            expect(page.locator("#panel mark")).to_be_focused()
            assert watched.lit() == WHEN
            page.keyboard.press("Escape")
            expect(link).to_be_focused()


def test_other_candidates_unfold_and_light_their_own_words(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        watched.ask("Who called for a ceasefire?")
        other = watched.page.locator("#chat details a")
        expect(other).to_be_hidden()
        watched.page.locator("#chat summary").click()
        other.click()
        expect(watched.page.locator("#panel mark")).to_have_text(WHAT)
        assert watched.lit() == slice_of(other.get_attribute("href"))


def test_last_of_several_quick_clicks_wins(visit: Visit, assistant: FakeAssistant) -> None:
    class SlowIndex(type(assistant.index)):  # type: ignore[misc]
        first = True

        def document(self, document_id: str) -> Any:
            if SlowIndex.first and threading.current_thread() is not threading.main_thread() and self.slow:
                SlowIndex.first = False
                held.wait(10)
            return super().document(document_id)

    held = threading.Event()
    with visit(assistant) as watched:
        page = watched.page
        for question in KNOWN:
            watched.ask(question)
            expect(page.locator("#chat .answer").last).to_be_visible()
            page.wait_for_function(
                "n => document.querySelectorAll('#chat .answer').length >= n", arg=list(KNOWN).index(question) + 1
            )
        assistant.index.__class__ = SlowIndex
        assistant.index.slow = True  # type: ignore[attr-defined]
        first, last = page.locator("#chat .answer + a.cite").first, page.locator("#chat .answer + a.cite").last
        page.evaluate("links => links.forEach(link => link.click())", [first.element_handle(), last.element_handle()])
        expect(page.locator("#panel mark")).to_have_text(WHEN)
        held.set()
        page.wait_for_timeout(500)
        assert watched.lit() == WHEN
        expect(last).to_have_attribute("aria-current", "true")
        expect(first).not_to_have_attribute("aria-current", "true")


def test_refusal_shows_the_closest_passage(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        watched.ask("What is the capital of France?")
        expect(page.locator("#chat .refusal")).to_have_text("The articles do not answer this.")
        link = page.locator(CITATION)
        link.click()
        expect(page.locator("#panel mark")).to_be_focused()
        assert watched.lit() == slice_of(link.get_attribute("href"))


def test_source_that_was_removed_says_so(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        watched.ask("When did the clashes start?")
        expect(watched.page.locator("#chat .answer")).to_be_visible()
        assistant.index.held.clear()
        watched.page.locator(CITATION).first.click()
        expect(watched.page.locator("#panel .source-title")).to_have_text("Source no longer available")
        expect(watched.page.locator("#panel .source-title")).to_be_focused()


def test_click_that_the_server_does_not_answer_says_so(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        watched.ask("When did the clashes start?")
        expect(page.locator("#chat .answer")).to_be_visible()
        page.route(re.compile("component_server"), lambda route: route.abort())
        page.locator(CITATION).first.click()
        expect(page.locator("#panel .source-title")).to_have_text("The source could not be opened")
        watched.errors.clear()  # the browser notes the failed request


def test_citation_opens_while_the_next_answer_is_on_its_way(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        watched.ask("When did the clashes start?")
        expect(page.locator("#chat .answer")).to_be_visible()
        assistant.delay = 2.0
        watched.ask("Who called for a ceasefire?")
        expect(page.locator("#chat .stage")).to_contain_text("Searching")
        page.locator(CITATION).first.click()
        expect(page.locator("#panel mark")).to_have_text(WHEN)
        expect(page.locator("#chat .stage")).to_contain_text("Reading")
        expect(page.locator("#chat .answer")).to_have_count(2)
        expect(page.locator(CITATION).first).to_have_attribute("aria-current", "true")


def test_list_of_articles_opens_each_and_can_be_returned_to(visit: Visit, assistant: FakeAssistant) -> None:
    assistant.index.held["other"] = make_document("other", "Other words.", title="Other article")
    with visit(assistant) as watched:
        page = watched.page
        title = page.locator("#panel .source-title")
        expect(title).to_have_text("2 articles")
        page.get_by_role("link", name="Other article").click()
        expect(title).to_have_text("Other article")
        expect(title).to_be_focused()
        watched.ask("When did the clashes start?")
        page.locator(CITATION).first.click()
        expect(page.locator("#panel mark")).to_have_text(WHEN)
        page.get_by_role("link", name="All articles").click()
        expect(title).to_have_text("2 articles")


def test_example_question_is_asked_by_a_click(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant, examples=("When did the clashes start?",)) as watched:
        watched.page.get_by_role("button", name="When did the clashes start?").click()
        expect(watched.page.locator("#chat .answer")).to_have_text(WHEN)


def test_half_typed_question_survives_the_answer(visit: Visit, assistant: FakeAssistant) -> None:
    assistant.delay = 0.4
    with visit(assistant) as watched:
        watched.ask("When did the clashes start?")
        expect(watched.page.locator("#chat .stage")).to_be_visible()
        watched.page.locator("#question textarea").fill("And who")
        expect(watched.page.locator("#chat .answer")).to_be_visible()
        expect(watched.page.locator("#question textarea")).to_have_value("And who")


def test_error_is_a_message_in_the_chat(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        watched.ask("x" * 1001)
        expect(watched.page.locator("#chat .error")).to_contain_text("at most 1,000 can be read")
        watched.ask("When did the clashes start?")
        expect(watched.page.locator("#chat .answer")).to_have_text(WHEN)


def test_address_of_a_citation_can_be_shared(visit: Visit, assistant: FakeAssistant) -> None:
    start = TEXT.index(WHEN)
    with visit(assistant, fragment=f"#cite/karabakh/{start}-{start + len(WHEN)}") as watched:
        page = watched.page
        expect(page.locator("#panel mark")).to_have_text(WHEN)
        # One that was shared before references told their words leads to the citation of the same place all the same.
        watched.ask("When did the clashes start?")
        expect(page.locator("#chat .answer")).to_have_text(WHEN)
        place = page.url.partition("#")[2]
        page.evaluate("() => { location.hash = '' }")
        page.evaluate("place => { location.hash = place }", place)
        expect(page.locator(CITATION).first).to_have_attribute("aria-current", "true")


def test_an_article_with_other_words_than_were_cited_is_not_shown(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        watched.ask("When did the clashes start?")
        page.locator(CITATION).first.click()
        expect(page.locator("#panel mark")).to_have_text(WHEN)
        assistant.index.held["karabakh"] = make_document("karabakh", FILLER * 200)
        page.locator(CITATION).first.click()
        expect(page.locator("#panel .source-title")).to_have_text("Source no longer available")
        expect(page.locator("#panel mark")).to_have_count(0)


def test_answer_copies_with_its_quote_and_source(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant, permissions=["clipboard-read", "clipboard-write"]) as watched:
        page = watched.page
        watched.ask("Who called for a ceasefire?")
        page.get_by_role("button", name="Copy", exact=True).click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        start = TEXT.index(WHO)
        assert copied.startswith(f"Who called for a ceasefire?\n\n{WHO} [1]\n[1] “")
        assert f"karabakh.txt; /articles/karabakh.txt; characters {start}-{start + len(WHO)}; sha256 " in copied
        page.locator(CITATION).first.click()
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("button", name="Link copied")).to_be_visible()
        link = page.evaluate("navigator.clipboard.readText()")
        assert link == f"{watched.url}/#{Reference.to_words('karabakh', start, start + len(WHO), WHO)}"


def test_no_width_needs_sideways_scrolling(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant, width=390, height=844, examples=tuple(KNOWN)) as watched:
        page = watched.page
        watched.ask("Who called for a ceasefire?")
        link = page.locator(CITATION).first
        for width in (390, 360, 799, 800, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            link.click()
            expect(page.locator("#panel mark")).to_be_focused()
            expect(page.locator("#panel mark")).to_be_in_viewport()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            chat, panel = page.locator("#chat").bounding_box(), page.locator("#panel").bounding_box()
            assert (panel["y"] > chat["y"] + chat["height"]) is (width < 800)
            page.get_by_role("button", name="Back to the answer").click()
            expect(link).to_be_focused()
            expect(link).to_be_in_viewport()


def test_parallel_visitors_get_their_own_answers(visit: Visit, assistant: FakeAssistant) -> None:
    assistant.delay = 0.2
    with visit(assistant) as watched:
        other = watched.page.context.new_page()
        other.goto(watched.url)
        other.wait_for_selector("#panel .source-title")
        watched.ask("When did the clashes start?")
        other.locator("#question textarea").fill("Who called for a ceasefire?")
        other.keyboard.press("Enter")
        expect(watched.page.locator("#chat .answer")).to_have_text(WHEN)
        expect(other.locator("#chat .answer")).to_have_text(WHO)


def test_nothing_but_an_empty_index(visit: Visit) -> None:
    with visit(FakeAssistant([], {})) as watched:
        expect(watched.page.locator("#panel")).to_contain_text("qa add PATH")
        watched.ask("Anything?")
        expect(watched.page.locator("#chat .error")).to_contain_text("qa add PATH")


def test_answers_stay_of_the_contract(assistant: FakeAssistant) -> None:
    assert isinstance(assistant.ask("When did the clashes start?"), Answer)
