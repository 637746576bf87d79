"""Leaving a conversation, coming back to it, and asking while an answer is on its way, in a real Chromium."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import Route, expect

from qa.models import Answer
from tests.web.fakes import FakeAssistant, make_document
from tests.web.test_chat_page import KNOWN, TEXT, Assistant
from web.history import History
from web.page import Page

pytestmark = pytest.mark.browser

DOCUMENT = make_document("doc", TEXT, title="Deep thought")
Visit = Callable[..., Any]


class Held:
    """Keeps from the server what the page sends to have a question answered, until it is let go."""

    def __init__(self, page: Tab) -> None:
        self.routes: list[Route] | None = []
        page.route(re.compile("queue/join"), self._hold)

    def _hold(self, route: Route) -> None:
        if self.routes is None:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self) -> None:
        held, self.routes = self.routes or [], None
        for route in held:
            route.continue_()


def test_new_right_after_a_question_leaves_it_for_good(visit: Visit) -> None:
    assistant = Assistant([DOCUMENT], KNOWN)
    with visit(assistant) as watched:
        page = watched.page
        held = Held(page)
        watched.ask("What?")
        while not held.routes:
            page.wait_for_timeout(50)
        page.get_by_role("button", name="New").click()
        page.wait_for_timeout(300)
        held.let_go()
        expect(page.locator("#question textarea")).to_have_value("")
        expect(page.locator("#chat .message")).to_have_count(0)
        watched.ask("Who spoke?")
        expect(page.locator("#chat .answer")).to_have_text(["Mayor Jane Roe"])
        page.wait_for_timeout(500)
        expect(page.locator("#chat .answer")).to_have_text(["Mayor Jane Roe"])
        # In the middle of an answer too: a question that is typed at once belongs to the new conversation.
        assistant.held = threading.Event()
        watched.ask("What?")
        expect(page.locator("#chat .stage")).to_be_visible()
        page.get_by_role("button", name="New").click()
        watched.ask("Who spoke?")
        expect(page.locator("#chat .user-row")).to_have_count(1)
        assistant.held.set()
        expect(page.locator("#chat .answer")).to_have_text(["Mayor Jane Roe"])
        expect(page.locator("#chat .user-row")).to_have_count(1)


def test_a_conversation_outlives_a_reload(visit: Visit, tmp_path: Path) -> None:
    assistant = Assistant([DOCUMENT], KNOWN)
    with visit(assistant, desk=Page(lambda: assistant, history=History(tmp_path))) as watched:
        page = watched.page
        answers = page.locator("#chat .answer")
        watched.ask("Who spoke?")
        expect(answers).to_have_text(["Mayor Jane Roe"])
        for hidden in ("Conversation id", "Being changed"):
            expect(page.get_by_label(hidden)).to_be_hidden()
        watched.open()
        expect(answers).to_have_text(["Mayor Jane Roe"])
        watched.ask("When?")
        expect(answers).to_have_text(["Mayor Jane Roe", "Monday"])
        assert len(list(tmp_path.iterdir())) == 1
        page.get_by_role("button", name="New").click()
        expect(page.locator("#chat .message")).to_have_count(0)
        watched.open()
        page.wait_for_timeout(500)
        expect(page.locator("#chat .message")).to_have_count(0)


def test_a_question_outlives_a_reload_before_its_answer(visit: Visit, tmp_path: Path) -> None:
    assistant = Assistant([DOCUMENT], KNOWN)
    with visit(assistant, desk=Page(lambda: assistant, history=History(tmp_path))) as watched:
        page = watched.page
        for number, question in enumerate(("What?", "Who spoke?"), start=1):
            assistant.held = threading.Event()
            watched.ask(question)
            expect(page.locator("#chat .stage")).to_be_visible()
            page.wait_for_timeout(300)
            watched.open()
            watched.errors.clear()  # gradio complains of what the reload has cut off
            expect(page.locator("#chat .user-row")).to_have_count(number)
            expect(page.locator("#chat .user-row").last).to_contain_text(question)
            expect(page.locator("#chat .error").last).to_contain_text("ask again")
            assistant.held.set()
        page.locator("#chat .user-row").last.hover()
        page.locator("#chat button.edit").last.click()
        expect(page.locator("#question textarea")).to_have_value("Who spoke?")
        watched.ask("Who spoke?")
        expect(page.locator("#chat .answer").last).to_have_text("Mayor Jane Roe")
        expect(page.locator("#chat .user-row")).to_have_count(2)
        assert len(list(tmp_path.iterdir())) == 1


def test_what_is_clicked_during_an_answer_is_kept_or_told(visit: Visit) -> None:
    assistant = Assistant([DOCUMENT], KNOWN)

    class Phraser:
        notice = None
        held = threading.Event()

        def phrase(self, answer: Answer) -> None:
            self.held.wait(20)

    desk = Page(lambda: assistant, phraser=Phraser())
    with visit(assistant, desk=desk, examples=("Who spoke?",)) as watched:
        page = watched.page
        box, live = page.locator("#question textarea"), page.locator("#bar [data-part=live]")
        watched.ask("What?")
        expect(page.locator("#chat .stage")).to_have_text("Phrasing …")
        page.locator("#examples button").click()
        expect(live).to_have_text("Wait for the answer, or stop it.")
        # An earlier question that is begun to be changed meanwhile is still being changed when the answer is there.
        page.locator("#chat .user-row").first.hover()
        page.locator("#chat button.edit").first.click()
        expect(page.locator("#editing .editing")).to_be_visible()
        expect(box).to_have_value("What?")
        Phraser.held.set()
        expect(page.locator("#chat .stage")).to_have_count(0)
        page.wait_for_timeout(300)
        expect(page.locator("#editing .editing")).to_be_visible()
        watched.ask("Who spoke?")
        expect(page.locator("#chat .answer")).to_have_text(["Mayor Jane Roe"])


def test_deleting_can_be_followed_by_ear_and_by_keys(visit: Visit) -> None:
    assistant = FakeAssistant([DOCUMENT], KNOWN)
    with visit(assistant) as watched:
        page = watched.page
        for question in ("What?", "Who spoke?"):
            watched.ask(question)
            expect(page.locator("#chat .answer")).to_have_count(1)
            page.get_by_role("button", name="New").click()
            expect(page.locator("#chat .message")).to_have_count(0)
        page.get_by_role("button", name="History").click()
        history = page.locator("#bar [data-part=history]")
        for left in (1, 0):
            history.get_by_role("button", name="Delete").first.focus()
            page.keyboard.press("Enter")
            expect(history.get_by_role("button", name="Really delete? ")).to_be_focused()
            page.keyboard.press("Enter")
            expect(history.get_by_role("status")).to_have_text("Deleted.")
            expect(history.locator("li")).to_have_count(left)
            following = history.locator(".history-open" if left else "[data-do=close]")
            expect(following).to_be_focused()
