"""Small things of the page that were wrong once, in a real Chromium on a desk and on a phone."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.evaluations.making import open_assistant
from tests.web.fakes import FakeAssistant, make_document
from web.conversations import Turn
from web.gate import Gate
from web.history import History, new_id
from web.messages import SHOWN
from web.page import Page

pytestmark = pytest.mark.browser

TEXT = "The answer is forty-two. " + "And so on and on. " * 200
DOCUMENT = make_document("doc", TEXT)
KNOWN = {"what?": [("doc", "forty-two")]}
EXAMPLES = ("What?", "Why did the president ask both sides to show restraint?", "How many were said to be wounded?")
SIZES = pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
Visit = Callable[..., Any]


@SIZES
def test_examples_are_whole_and_buttons_of_an_answer_stand_in_one_row(visit: Visit, size: tuple[int, int]) -> None:
    assistant = FakeAssistant([DOCUMENT], KNOWN)
    with visit(assistant, width=size[0], height=size[1], examples=EXAMPLES) as watched:
        page = watched.page
        edge = page.locator("#talk").bounding_box()
        for example in page.locator("#examples button").all():
            box = example.bounding_box()
            assert box["x"] >= edge["x"]
            assert box["x"] + box["width"] <= edge["x"] + edge["width"]
            assert example.evaluate("button => button.scrollWidth <= button.clientWidth")
        page.get_by_role("button", name="What?").click()
        buttons = page.locator("#chat .actions button")
        expect(buttons).to_have_count(3)
        boxes = [button.bounding_box() for button in buttons.all()]
        middles = [box["y"] + box["height"] / 2 for box in boxes]
        assert max(middles) - min(middles) < 3
        page.get_by_role("button", name="This answer is right").click()
        # A new answer draws the chat anew; the buttons come back, as they were.
        watched.ask("What is the capital of France?")
        expect(page.locator("#chat .actions button")).to_have_count(7)
        expect(page.locator("#chat .feedback-right").first).to_be_visible()


@SIZES
def test_a_long_answer_is_seen_from_its_beginning(visit: Visit, size: tuple[int, int]) -> None:
    class Long(FakeAssistant):
        def ask(self, question: str, **settings: Any) -> Any:
            answer = super().ask(question, **settings)
            return answer.model_copy(update={"citations": answer.citations * 12})

    with visit(Long([make_document("doc", "It is so and so on. " * 30)], {"what?": [("doc", "so and so")]})) as watched:
        page = watched.page
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for number in (1, 2, 3):
            watched.ask("What?")
            expect(page.locator("#chat .reply")).to_have_count(number)
            page.locator("#chat .places").last.evaluate("places => { places.open = true }")
            expect(page.locator("#chat .user-row .user").last).to_be_in_viewport(ratio=1)
            expect(page.locator("#chat .answer").last).to_be_in_viewport(ratio=1)


def test_too_many_questions_are_told_to_come_back(visit: Visit) -> None:
    held = threading.Event()

    class Held(FakeAssistant):
        def ask(self, question: str, **settings: Any) -> Any:
            settings["on_stage"]("searching")
            held.wait(30)
            return super().ask(question, **settings)

    desk = Page(lambda: assistant)
    assistant = Held([DOCUMENT], KNOWN)
    desk.gate = Gate(running=1, waiting=0)
    with visit(assistant, desk=desk) as watched:
        page = watched.page
        watched.ask("What?")
        expect(page.locator("#chat .stage")).to_be_visible()
        other = page.context.new_page()
        other.goto(watched.url)
        other.wait_for_selector("#panel .source-title")
        other.locator("#question textarea").fill("What?")
        other.keyboard.press("Enter")
        expect(other.locator("#chat .error")).to_contain_text("Try again in a moment")
        held.set()
        expect(page.locator("#chat .answer")).to_have_text("forty-two")


def test_one_document_has_nothing_to_choose_and_two_have(visit: Visit) -> None:
    assistant = FakeAssistant([DOCUMENT], KNOWN)
    with visit(assistant) as watched:
        page = watched.page
        page.get_by_role("tab", name="Documents").click()
        expect(page.locator(".library-choice")).to_have_text("Asking this one document.")
        expect(page.locator("#documents tbody input")).to_be_hidden()
        assistant.index.held["other"] = make_document("other", "Other words.")
        watched.open()
        page.get_by_role("tab", name="Documents").click()
        expect(page.get_by_role("checkbox", name="Ask only: other")).not_to_be_checked()
        expect(page.get_by_role("columnheader", name="Ask only")).to_be_visible()
        expect(page.locator(".library-choice")).to_contain_text("Asking all 2 documents. Tick some to ask only these.")


@SIZES
def test_the_first_evaluation_is_one_click_away(visit: Visit, tmp_path: Path, size: tuple[int, int]) -> None:
    with visit(open_assistant(tmp_path / "index"), width=size[0], height=size[1]) as watched:
        page = watched.page
        page.get_by_role("tab", name="Evaluation").click()
        empty = page.get_by_role("region", name="No runs yet")
        expect(empty).to_contain_text("Collected feedback")
        empty.get_by_role("button", name="Try it with 20 sample questions").click()
        expect(page.locator("#ev-result-title")).to_have_text("Sample questions.json")
        expect(empty).to_be_hidden()
        expect(page.locator("#ev-set option")).to_have_text(["Sample questions.json"])
        # Without its run, the same data set is taken again.
        page.get_by_role("button", name="Remove the run of").click()
        empty.get_by_role("button", name="Try it with 20 sample questions").click()
        expect(page.locator("#ev-result-title")).to_be_focused()
        expect(page.locator("#ev-set option")).to_have_text(["Sample questions.json"])


@SIZES
def test_a_question_asked_too_soon_is_asked_next_and_once(visit: Visit, size: tuple[int, int]) -> None:
    class Held(FakeAssistant):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.asked: list[str] = []
            self.go = threading.Event()

        def ask(self, question: str, **settings: Any) -> Any:
            self.asked.append(question)
            settings["on_stage"]("searching")
            assert self.go.wait(20)
            return super().ask(question, **settings)

    assistant = Held([DOCUMENT], KNOWN)
    with visit(assistant, width=size[0], height=size[1]) as watched:
        page = watched.page
        box = page.locator("#question textarea")
        box.fill("What?")
        box.press("Enter")
        box.press("Enter")
        expect(page.locator("#chat .stage")).to_be_visible()
        expect(box).to_have_value("")
        box.fill("Who wrote to the mayor of Lisbon on Monday?")
        box.press("Enter")
        expect(page.locator("#question[data-next]")).to_be_visible()
        expect(page.locator("#bar [data-part=live]")).to_have_text("This is asked as soon as the answer is there.")
        assert assistant.asked == ["What?"]
        assistant.go.set()
        expect(page.locator("#chat .refusal")).to_have_count(1)
        expect(page.locator("#chat .user-row")).to_have_count(2)
        expect(box).to_have_value("")
        expect(page.locator("#question[data-next]")).to_have_count(0)
        assert assistant.asked == ["What?", "Who wrote to the mayor of Lisbon on Monday?"]

        # What is typed but taken back is not asked, nor is it in another conversation.
        assistant.go.clear()
        for take_back in (lambda: box.fill("Why"), lambda: page.get_by_role("button", name="New").click()):
            page.get_by_role("button", name="New").click()
            expect(page.locator("#chat .user-row")).to_have_count(0)
            box.fill("What?")
            box.press("Enter")
            expect(page.locator("#chat .stage")).to_be_visible()
            box.fill("Who wrote to the mayor of Lisbon on Monday?")
            box.press("Enter")
            expect(page.locator("#question[data-next]")).to_be_visible()
            take_back()
            expect(page.locator("#question[data-next]")).to_have_count(0)
            count = len(assistant.asked)
            assistant.go.set()
            page.wait_for_timeout(600)
            assert len(assistant.asked) == count
            assistant.go.clear()


def test_of_a_long_conversation_the_last_turns_are_drawn_and_all_when_asked_for(visit: Visit) -> None:
    history = History()
    name = new_id()
    for number in range(SHOWN + 5):
        history.add(name, Turn(id=new_id(), asked_at=datetime.now(UTC), question=f"Question {number}?", error="No."))
    assistant = FakeAssistant([DOCUMENT], KNOWN)
    with visit(assistant, desk=Page(lambda: assistant, history=history)) as watched:
        page = watched.page
        page.get_by_role("button", name="History").click()
        page.get_by_text("Question 0?").click()
        questions = page.locator("#chat .user-row")
        expect(questions).to_have_count(SHOWN)
        expect(page.locator("#chat .left-out")).to_have_text("5 earlier questions not shown. Show all")
        watched.ask("What?")
        expect(page.locator("#chat .answer")).to_have_text("forty-two")
        expect(questions).to_have_count(SHOWN)
        expect(page.locator("#chat .left-out")).to_contain_text("6 earlier questions")
        page.get_by_role("button", name="Show all").click()
        expect(questions).to_have_count(SHOWN + 6)
        expect(page.locator("#chat .left-out")).to_have_count(0)
        expect(questions.first).to_contain_text("Question 0?")
