import re
from typing import Any

import pytest

from index.errors import IndexCorrupt, IndexMissing
from tests.web.fakes import FakeAssistant, make_document
from web.answers import answer_message
from web.page import Page

DOCUMENT = make_document("doc", "The answer is forty-two.", title="Deep thought")
KNOWN = {"what?": [("doc", "forty-two")]}


def page_of(assistant: Any) -> Page:
    return Page(lambda: assistant)


def test_missing_index_is_looked_for_again() -> None:
    found: list[FakeAssistant] = []

    def open_assistant() -> FakeAssistant:
        if not found:
            raise IndexMissing("There is no index.")
        return found[0]

    page = Page(open_assistant)
    assert "qa add PATH" in page.front()
    assert "no longer available" in page.open_source("cite/doc/0-3")
    found.append(FakeAssistant([DOCUMENT], KNOWN))
    assert "Deep thought" in page.front()


def test_index_without_documents_tells_what_to_do() -> None:
    page = page_of(FakeAssistant([], {}))
    assert "qa add PATH" in page.front()


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


def test_source_that_has_other_words_by_now_says_so() -> None:
    assistant = FakeAssistant([DOCUMENT], KNOWN)
    page = page_of(assistant)
    answer = assistant.ask("what?")
    shown = answer_message(answer, {}) + answer_message(assistant.ask("Who?"), {})
    links = list(dict.fromkeys(re.findall(r'href="#([^"]*)"', shown)))
    assert [re.sub("/[^/]*$", "", link) for link in links] == ["cite/doc/14-23", "cite/doc/0-24"]
    assert ["<mark" in page.open_source(link) for link in links] == [True, True]
    # Words that have not moved are still those that were cited, whatever has become of the rest.
    assistant.index.held["doc"] = make_document("doc", "The number is forty-two: that is all.")
    assert [">forty-two</mark>" in page.open_source(link) for link in links] == [True, False]
    assistant.index.held["doc"] = make_document("doc", "Entirely other words stand here now.")
    assert ["Source no longer available" in page.open_source(link) for link in links] == [True, True]
    # An address that was shared before references told their words is opened as it was.
    assert "<mark" in page.open_source("cite/doc/14-23")


def test_source_that_is_being_removed_is_gone_at_once() -> None:
    page = page_of(FakeAssistant([DOCUMENT, make_document("second", "More.")], KNOWN))
    removal = page.library.remove(["doc"])
    for reference in ("cite/doc/14-23", "cite/doc"):
        assert "Source no longer available" in page.open_source(reference)
    assert page.library.undo(removal.id)
    assert "<mark" in page.open_source("cite/doc/14-23")


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


def test_failed_warm_up_leaves_the_reason_to_the_first_question(caplog: pytest.LogCaptureFixture) -> None:
    class Missing(FakeAssistant):
        def warm_up(self) -> None:
            raise IndexMissing("The models are missing.")

    page_of(Missing([DOCUMENT], KNOWN)).warm_up()
    assert "The models are missing." in caplog.text
