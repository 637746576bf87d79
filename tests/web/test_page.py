import logging
import threading
from typing import Any

import pytest

from index.errors import IndexCorrupt, IndexMissing
from qa.models import Answer
from tests.web.fakes import FakeAssistant, make_document
from web.asking import ask_in_stages
from web.page import Page

DOCUMENT = make_document("doc", "The answer is forty-two.", title="Deep thought")
KNOWN = {"what?": [("doc", "forty-two")]}


def page_of(assistant: Any) -> Page:
    return Page(lambda: assistant)


def test_reply_goes_through_the_stages_to_the_answer() -> None:
    replies = list(page_of(FakeAssistant([DOCUMENT], KNOWN)).reply("what?"))
    assert [reply.count("Searching") for reply in replies] == [1, 0, 0]
    assert "Reading" in replies[1]
    assert "forty&#45;two" in replies[2]


def test_known_error_is_told_in_the_chat() -> None:
    *_, last = page_of(FakeAssistant([DOCUMENT], KNOWN)).reply("x" * 2000)
    assert "The question is too long" in last


def test_unknown_error_is_told_without_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeAssistant):
        def ask(self, *arguments: Any, **settings: Any) -> Answer:
            raise ZeroDivisionError("secret detail")

    with caplog.at_level(logging.ERROR):
        *_, last = page_of(Broken([DOCUMENT], KNOWN)).reply("what?")
    assert "Something went wrong" in last
    assert "secret" not in last
    assert "secret detail" in caplog.text


def test_missing_index_is_looked_for_again() -> None:
    found: list[FakeAssistant] = []

    def open_assistant() -> FakeAssistant:
        if not found:
            raise IndexMissing("There is no index.")
        return found[0]

    page = Page(open_assistant)
    assert "qa add PATH" in page.front()
    assert "qa add PATH" in list(page.reply("what?"))[-1]
    assert "no longer available" in page.open_source("cite/doc/0-3")
    found.append(FakeAssistant([DOCUMENT], KNOWN))
    assert "Deep thought" in page.front()
    assert "forty&#45;two" in list(page.reply("what?"))[-1]


def test_index_without_documents_tells_what_to_do() -> None:
    page = page_of(FakeAssistant([], {}))
    assert "qa add PATH" in page.front()
    assert "qa add PATH" in list(page.reply("what?"))[-1]


def test_damaged_index_is_told_at_the_start() -> None:
    def open_assistant() -> FakeAssistant:
        raise IndexCorrupt("The index is damaged.")

    with pytest.raises(IndexCorrupt):
        Page(open_assistant).assistant()


def test_several_documents_are_listed_one_is_shown() -> None:
    second = make_document("second", "More.", title="Second")
    assert "<article" in page_of(FakeAssistant([DOCUMENT], KNOWN)).front()
    assert "2 articles" in page_of(FakeAssistant([DOCUMENT, second], KNOWN)).front()


def test_way_back_to_the_list_stands_beside_one_of_several() -> None:
    page = page_of(FakeAssistant([DOCUMENT, make_document("second", "More.")], KNOWN))
    assert 'href="#cite/"' in page.open_source("cite/doc/0-3")
    assert "2 articles" in page.open_source("cite/")
    assert 'href="#cite/"' not in page_of(FakeAssistant([DOCUMENT], KNOWN)).open_source("cite/doc/0-3")


def test_source_is_lit() -> None:
    html = page_of(FakeAssistant([DOCUMENT], KNOWN)).open_source("cite/doc/14-23")
    assert ">forty-two</mark>" in html


@pytest.mark.parametrize(
    "reference",
    [
        "cite/gone/0-3",
        "cite/doc/0-25",
        "cite/doc/23-999999",
        "cite/doc/5-5",
        "../../etc/passwd",
        " ",
        None,
        7,
        {"a": 1},
        ["cite/doc/0-3"],
    ],
)
def test_source_that_is_not_there_says_so(reference: object) -> None:
    assert "Source no longer available" in page_of(FakeAssistant([DOCUMENT], KNOWN)).open_source(reference)


def test_document_can_be_opened_without_a_span() -> None:
    assert "<mark" not in page_of(FakeAssistant([DOCUMENT], KNOWN)).open_source("cite/doc")


def test_questions_wait_for_the_models_and_say_so() -> None:
    may_go = threading.Event()
    began = threading.Event()

    class Slow(FakeAssistant):
        def warm_up(self) -> None:
            began.set()
            may_go.wait(10)

    page = page_of(Slow([DOCUMENT], KNOWN))
    warming = threading.Thread(target=page.warm_up)
    warming.start()
    began.wait(10)
    replies = page.reply("what?")
    assert "Getting ready" in next(replies)
    may_go.set()
    assert "forty&#45;two" in list(replies)[-1]
    warming.join(10)


def test_failed_warm_up_leaves_the_reason_to_the_first_question(caplog: pytest.LogCaptureFixture) -> None:
    class Missing(FakeAssistant):
        def warm_up(self) -> None:
            raise IndexMissing("The models are missing.")

    page_of(Missing([DOCUMENT], KNOWN)).warm_up()
    assert "The models are missing." in caplog.text


def test_stages_come_before_the_answer_and_errors_come_through() -> None:
    assistant = FakeAssistant([DOCUMENT], KNOWN)
    *stages, answer = ask_in_stages(lambda on_stage: assistant.ask("what?", on_stage=on_stage))
    assert stages == ["searching", "reading"]
    assert isinstance(answer, Answer)

    def fail(on_stage: Any) -> Answer:
        on_stage("searching")
        raise ValueError("no")

    reports = ask_in_stages(fail)
    assert next(reports) == "searching"
    with pytest.raises(ValueError, match="no"):
        next(reports)
