"""Feedback in a real Chromium: selecting words, and what is kept of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from qa.evaluation.datasets import Dataset, load_dataset
from qa.feedback import FeedbackStore, collect_feedback
from tests.web.fakes import FakeAssistant, make_document
from tests.web.payloads import PAYLOADS

pytestmark = pytest.mark.browser

FILLER = "Nothing of note 🐝 happened on this day, and the day after was much the same.\n"
TEXT = (
    FILLER * 30
    + "Café 👩‍👩‍👧‍👦 owner Zoe\u0301 Müller called for a ceasefire on Sunday.\nIt was 5 < 6 & 7 > 6.\n"
    + FILLER * 30
    + "The clashes 🇦🇿 started overnight Friday.\n"
)
WHO, RIGHT, WHEN = "ceasefire", "owner Zoe\u0301 Müller", "🇦🇿 started overnight"
DOCUMENT = make_document("karabakh", TEXT, title="karabakh.txt")
QUESTION = "Who called for a ceasefire?"
HOSTILE = PAYLOADS[::12]  # all of them go through the other texts of the page in test_hostile
Visit = Callable[..., Any]


@pytest.fixture
def assistant(tmp_path: Path) -> FakeAssistant:
    made = FakeAssistant([DOCUMENT], {QUESTION: [("karabakh", WHO)]})
    made.index.location = str(tmp_path)  # type: ignore[attr-defined]
    return made


def dataset_of(assistant: FakeAssistant, tmp_path: Path) -> Dataset:
    """What the feedback amounts to, read as the evaluation reads it."""
    kept = FeedbackStore(tmp_path / "feedback").read()
    assert kept.faults == ()
    path = tmp_path / "feedback.json"
    path.write_text(collect_feedback(kept.entries, assistant.index.document).to_json(), encoding="utf-8")
    return load_dataset(path)


def select(page: Page, words: str, *, whole_document: str = TEXT) -> None:
    """Select words of the source panel as a mouse would: from a place in one text node to a place in another."""
    expect(page.locator("#panel .source-text[contenteditable=true]")).to_be_focused()
    page.evaluate(
        """([from, to]) => {
            const root = document.querySelector("#panel .source-text");
            const place = (units) => {
              for (const node of textNodes(root)) {
                if (units <= node.data.length) return [node, units];
                units -= node.data.length;
              }
            };
            function* textNodes(node) {
              if (node.nodeType === 3) yield node;
              else for (const child of node.childNodes) yield* textNodes(child);
            }
            const [a, b] = [place(from), place(to)];
            document.getSelection().setBaseAndExtent(a[0], a[1], b[0], b[1]);
        }""",
        [units(whole_document[: whole_document.index(words)]), units(whole_document[: end_of(whole_document, words)])],
    )


def end_of(text: str, words: str) -> int:
    return text.index(words) + len(words)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def ask(watched: Any, question: str = QUESTION) -> None:
    buttons = watched.page.locator("#chat .feedback")
    before = buttons.count()
    watched.ask(question)
    expect(buttons).to_have_count(before + 1)


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_selected_words_become_a_question_with_exactly_these_characters(
    visit: Visit, assistant: FakeAssistant, tmp_path: Path, size: tuple[int, int]
) -> None:
    with visit(assistant, width=size[0], height=size[1]) as watched:
        page = watched.page
        ask(watched)
        bar = page.get_by_role("region", name="What is the right answer?")
        for words in (RIGHT, WHEN, "5 < 6 & 7 > 6.\nNothing"):
            page.get_by_role("button", name="This answer is wrong").click()
            expect(bar).to_be_visible()
            expect(bar.locator("bdi")).to_have_text(QUESTION)
            expect(page.locator("#panel mark")).to_have_text(WHO)
            select(page, words)
            expect(bar.locator("output")).to_have_text(f"“{words}”")
            bar.get_by_role("button", name="Keep these words").click()
            expect(bar).to_be_hidden()
            expect(page.locator(".feedback-status")).to_contain_text(f"Kept as the right answer: “{words}”")
            expect(page.get_by_role("button", name="This answer is wrong")).to_have_attribute("aria-pressed", "true")
            # The latest word on the question is the one that counts.
            (question,) = dataset_of(assistant, tmp_path).questions
            (answer,) = question.answers
            assert question.text == QUESTION
            assert DOCUMENT.text[answer.start : answer.end] == answer.text == words
            assert answer.start == TEXT.index(words)


def test_by_keyboard_alone(visit: Visit, assistant: FakeAssistant, tmp_path: Path) -> None:
    with visit(assistant) as watched:
        page = watched.page
        ask(watched)
        wrong = page.get_by_role("button", name="This answer is wrong")
        wrong.focus()
        page.keyboard.press("Enter")
        text = page.get_by_role("textbox", name="Text of the article: select the right words")
        expect(text).to_be_focused()
        page.keyboard.press("Control+Home")
        for _ in range(3):
            page.keyboard.press("Shift+Control+ArrowRight")
        page.keyboard.type("typed text changes nothing")
        page.keyboard.press("Delete")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        expect(page.locator(".feedback-words")).to_have_text("No words selected yet.")
        assert text.text_content() == TEXT
        text.focus()
        page.keyboard.press("Control+Home")
        for _ in range(3):
            page.keyboard.press("Shift+Control+ArrowRight")
        expect(page.locator(".feedback-words")).to_have_text("“Nothing of note”")
        page.keyboard.press("Enter")
        expect(wrong).to_be_focused()
        expect(page.locator("#panel [contenteditable]")).to_have_count(0)
        # The button is a way too, and Escape gives up.
        page.keyboard.press("Enter")
        expect(text).to_be_focused()
        page.keyboard.press("Escape")
        expect(wrong).to_be_focused()
        expect(page.locator(".feedback-bar")).to_be_hidden()
    assert dataset_of(assistant, tmp_path).questions[0].golds == ("Nothing of note",)


def test_the_bar_goes_with_its_answer_and_its_tab(visit: Visit, assistant: FakeAssistant) -> None:
    with visit(assistant) as watched:
        page = watched.page
        bar, box = page.get_by_role("region", name="What is the right answer?"), page.locator("#question textarea")
        ask(watched)
        page.get_by_role("button", name="This answer is wrong").click()
        expect(bar).to_be_visible()
        select(page, RIGHT)
        # Over the other tabs it does not stand, and is there again with its own.
        for tab, there in (("Documents", False), ("Ask", True)):
            page.get_by_role("tab", name=tab).click()
            expect(bar).to_be_visible(visible=there)
        expect(bar.locator("output")).to_have_text(f"“{RIGHT}”")
        # Another question draws the chat anew: the answer is still there, and so is what was selected.
        ask(watched, "What else?")
        page.wait_for_timeout(1000)
        expect(bar.locator("output")).to_have_text(f"“{RIGHT}”")
        # By key from its own heading, another conversation takes it away.
        bar.locator("h2").focus()
        page.keyboard.press("n")
        expect(page.locator("#chat .message")).to_have_count(0)
        expect(bar).to_be_hidden()
        expect(page.locator("#panel [contenteditable]")).to_have_count(0)
        expect(box).to_be_focused()


def test_right_is_kept_and_can_be_taken_back(visit: Visit, assistant: FakeAssistant, tmp_path: Path) -> None:
    with visit(assistant) as watched:
        ask(watched)
        right = watched.page.get_by_role("button", name="This answer is right")
        right.click()
        expect(right).to_have_attribute("aria-pressed", "true")
        (question,) = dataset_of(assistant, tmp_path).questions
        assert [TEXT[answer.start : answer.end] for answer in question.answers] == [WHO]
        # Another question draws the chat anew; what was said stays.
        ask(watched, "What else?")
        expect(watched.page.locator("#chat .feedback")).to_have_count(2)
        expect(right.first).to_have_attribute("aria-pressed", "true")
        right.first.click()
        expect(right.first).to_have_attribute("aria-pressed", "false")
    kept = FeedbackStore(tmp_path / "feedback").read()
    assert [entry.verdict for entry in kept.entries] == ["right", "withdrawn"]
    assert kept.entries[0].given.confidence == assistant.confidence


def test_there_is_no_answer(visit: Visit, assistant: FakeAssistant, tmp_path: Path) -> None:
    with visit(assistant) as watched:
        page = watched.page
        ask(watched)
        page.get_by_role("button", name="This answer is wrong").click()
        page.get_by_role("button", name="There is no answer").click()
        expect(page.locator(".feedback-status")).to_contain_text("without an answer")
    (question,) = dataset_of(assistant, tmp_path).questions
    assert not question.answerable


def test_a_refusal_is_right_or_its_answer_is_shown(visit: Visit, assistant: FakeAssistant, tmp_path: Path) -> None:
    with visit(assistant) as watched:
        page = watched.page
        ask(watched, "When did it start?")
        page.get_by_role("button", name="This answer is right").click()
        expect(page.locator(".feedback-status")).to_contain_text("Kept")
        assert not dataset_of(assistant, tmp_path).questions[0].answerable
        page.get_by_role("button", name="This answer is wrong").click()
        expect(page.locator("#panel mark")).to_be_attached()
        select(page, WHEN)
        page.get_by_role("button", name="Keep these words").click()
        expect(page.locator(".feedback-status")).to_contain_text(WHEN)
    (question,) = dataset_of(assistant, tmp_path).questions
    assert question.golds == (WHEN,)


def test_an_article_that_changed_meanwhile_is_not_marked_wrongly(
    visit: Visit, assistant: FakeAssistant, tmp_path: Path
) -> None:
    with visit(assistant) as watched:
        page = watched.page
        ask(watched)
        page.get_by_role("button", name="This answer is wrong").click()
        expect(page.locator("#panel mark")).to_be_attached()
        select(page, WHEN)
        assistant.index.held["karabakh"] = make_document("karabakh", "!" + TEXT)
        page.get_by_role("button", name="Keep these words").click()
        expect(page.locator(".feedback-bar [role=alert]")).to_contain_text("has changed since")
        watched.errors.clear()  # the browser notes the refused request
        page.keyboard.press("Escape")
        expect(page.locator(".feedback-bar")).to_be_hidden()
    assert [entry.verdict for entry in FeedbackStore(tmp_path / "feedback").read().entries] == ["wrong"]


def test_hostile_words_questions_and_titles_are_kept_and_shown_and_do_nothing(visit: Visit, tmp_path: Path) -> None:
    document = make_document("doc", "\n\n".join(PAYLOADS), title=PAYLOADS[0])
    known = {payload: [("doc", "window")] for payload in HOSTILE}
    assistant = FakeAssistant([document], known)
    assistant.index.location = str(tmp_path)  # type: ignore[attr-defined]
    with visit(assistant) as watched:
        page = watched.page
        for payload in HOSTILE:
            ask(watched, payload)
            page.get_by_role("button", name="This answer is wrong").last.click()
            expect(page.locator(".feedback-bar bdi")).to_contain_text(payload.split()[0][:12])
            expect(page.locator("#panel .source-text")).to_have_attribute("contenteditable", "true")
            select(page, payload, whole_document=document.text)
            expect(page.locator(".feedback-words")).to_contain_text(payload.split()[0][:12])
            page.get_by_role("button", name="Keep these words").click()
            expect(page.locator(".feedback-bar")).to_be_hidden()
        assert page.locator(".feedback-bar img, .feedback-status img, .feedback-bar script").count() == 0
    questions = dataset_of(assistant, tmp_path).questions
    assert {question.golds[0] for question in questions} <= set(HOSTILE)
    assert len(questions) == len({" ".join(payload.split()).casefold().rstrip(" ?.!") for payload in HOSTILE})


def test_exported_file_is_what_the_address_gives(visit: Visit, assistant: FakeAssistant, tmp_path: Path) -> None:
    with visit(assistant) as watched:
        ask(watched)
        watched.page.get_by_role("button", name="This answer is right").click()
        expect(watched.page.locator(".feedback-status")).to_contain_text("Kept")
        told = watched.page.evaluate("fetch('/api/feedback/dataset').then((response) => response.json())")
    (row,) = told["data"][0]["paragraphs"][0]["qas"]
    assert row["answers"] == [{"text": WHO, "answer_start": TEXT.index(WHO)}]
    path = tmp_path / "set.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    assert load_dataset(path).questions[0].golds == (WHO,)
