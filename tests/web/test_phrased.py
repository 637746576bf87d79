"""An LLM phrases answers in the chat: a fake one that does well, fails, is struck, or takes its time."""

import json
import logging
import re
import threading
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from index.errors import InputError, PhrasingError
from qa.models import Answer
from qa.phrasing.models import Phrased, PhrasedSentence, PhrasedSource
from tests.web.fakes import FakeAssistant, make_document
from tests.web.payloads import PAYLOADS
from web.chat import Chat
from web.conversations import Turn
from web.exporting import as_html, as_json, as_markdown
from web.history import History
from web.messages import View
from web.page import Page
from web.phrased import not_phrased_message, phrased_html, phrased_markdown, phrased_message
from web.phrasers import phraser_of
from web.references import Reference

DOCUMENT = make_document("doc", "The answer is forty-two. Mayor Jane Roe spoke on Monday.", title="Deep thought")
KNOWN = {"what?": [("doc", "forty-two")], "who spoke?": [("doc", "Mayor Jane Roe")]}


def sentence(text: str, *citations: int, reason: Any = None) -> PhrasedSentence:
    return PhrasedSentence(text=text, citations=list(citations), struck=reason is not None, reason=reason, verbatim=[])


def phrased_of(answer: Answer, *sentences: PhrasedSentence, model: str = "small") -> Phrased:
    cited = answer.citations[0]
    source = PhrasedSource(
        number=1,
        document_id=cited.document_id,
        title=cited.title,
        page=None,
        start=cited.start,
        end=cited.end,
        text=cited.text,
    )
    return Phrased(model=model, server="http://127.0.0.1:1/v1", sentences=list(sentences), sources=[source])


GOOD = sentence("It is forty-two.", 1)
STRUCK = sentence("It is 43.", 1, reason="number not in source")


class FakePhraser:
    """Says what it was told to, or does what it was told to."""

    def __init__(self, *sentences: PhrasedSentence, act: Callable[[], None] | None = None, notice: str | None = None):
        self.notice = notice
        self.sentences = sentences
        self.act = act
        self.asked: list[Answer] = []

    def phrase(self, answer: Answer) -> Phrased | None:
        self.asked.append(answer)
        if self.act is not None:
            self.act()
        return phrased_of(answer, *self.sentences) if self.sentences else None


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


def chat_of(phraser: FakePhraser, history: History | None = None) -> Chat:
    return Chat(Page(lambda: FakeAssistant([DOCUMENT], KNOWN), history=history, phraser=phraser))


def kept(chat: Chat, view: View) -> list[Turn]:
    conversation = chat.history.get(view.conversation_id)
    assert conversation is not None
    return list(conversation.turns)


def last(view: View) -> str:
    content: str = view.messages[-1]["content"]
    return content


def test_answer_stands_first_and_is_kept_before_it_is_phrased(tmp_path: Path) -> None:
    chat = chat_of(FakePhraser(GOOD), History(tmp_path))
    views = chat.ask("", "what?")
    for view in views:
        if "Phrasing" in last(view):
            break
    else:
        pytest.fail("the stage was never shown")
    assert 'class="answer">forty&#45;two' in last(view)
    assert 'value="stop/' in last(view)
    (before,) = kept(chat, view)
    assert before.answer is not None
    assert (before.answer.answer, before.answer.phrased) == ("forty-two", None)
    *_, end = views
    assert "As small puts it <span>(checked against the sources)" in last(end)
    assert "It is forty&#45;two&#46;" in last(end)
    assert "Phrasing" not in last(end)
    phrased = last(end)[last(end).index('class="phrased"') :]
    assert re.findall(r'href="#(.*?)"', phrased) == [str(Reference.to_words("doc", 14, 23, "forty-two"))]
    assert DOCUMENT.text[14:23] == "forty-two"
    # One turn, and after a restart the same again.
    assert [turn.answer.phrased.kept for turn in kept(chat, end) if turn.answer and turn.answer.phrased] == [[GOOD]]
    again = chat_of(FakePhraser(), History(tmp_path)).open(end.conversation_id)
    assert again.messages == end.messages


def test_struck_sentences_are_struck_with_the_reason() -> None:
    *_, end = chat_of(FakePhraser(STRUCK)).ask("", "what?")
    assert "<del>It is 43&#46;</del>" in last(end)
    assert "(struck: a number in it is not in the source)" in last(end)
    assert "No sentence passed the checks." in last(end)
    *_, mixed = chat_of(FakePhraser(STRUCK, GOOD)).ask("", "what?")
    assert last(mixed).index("It is 43") < last(mixed).index("It is forty")
    assert "No sentence passed" not in last(mixed)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            PhrasingError("The LLM did not answer in 20 s <b>."),
            "Not phrased: The LLM did not answer in 20 s &#60;b&#62;&#46;",
        ),
        (ZeroDivisionError("secret detail"), "Not phrased: Something went wrong&#46;"),
    ],
)
def test_failure_is_one_line_under_the_answer(
    error: Exception, line: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chat = chat_of(FakePhraser(act=raising(error)), History(tmp_path))
    with caplog.at_level(logging.ERROR):
        *_, end = chat.ask("", "what?")
    assert 'class="answer">forty&#45;two' in last(end)
    assert line in last(end)
    assert "secret" not in last(end)
    assert len(end.messages) == 2
    (turn,) = kept(chat, end)
    assert turn.answer is not None
    assert (turn.answer.answer, turn.error) == ("forty-two", None)
    assert chat.open(end.conversation_id).messages == end.messages


def test_nothing_to_phrase_asks_no_llm() -> None:
    phraser = FakePhraser(GOOD)
    *_, refusal = chat_of(phraser).ask("", "why?")
    assert "do not answer this" in last(refusal)
    *_, error = chat_of(phraser).ask("", "x" * 2000)
    assert "at most" in last(error)
    assert phraser.asked == []
    *_, none = chat_of(FakePhraser()).ask("", "what?")
    assert ("forty&#45;two" in last(none), "hrased" in last(none)) == (True, False)


def test_slow_llm_holds_up_nobody_and_can_be_stopped() -> None:
    held = threading.Event()
    chat = chat_of(FakePhraser(GOOD, act=lambda: held.wait(20) and None))
    slow = [chat.ask("", "what?") for _ in range(4)]  # more than are let in at a time
    shown = [next(view for view in views if "Phrasing" in last(view)) for views in slow]
    with chat.page.gate.turn():
        assert chat.page.gate.waiting() == 0
    for view, views in zip(shown, slow, strict=True):
        stop = re.search(r'value="stop/[^"/]*/([^"/]*)"', last(view))
        assert stop is not None
        chat.stop(stop[1])
        *_, end = views
        assert 'class="answer">forty&#45;two' in last(end)
        assert "Not phrased: Stopped&#46;" in last(end)
        assert [turn.error for turn in kept(chat, end)] == [None]
    held.set()


def test_answer_is_kept_when_the_window_goes_while_it_is_phrased() -> None:
    held = threading.Event()
    chat = chat_of(FakePhraser(GOOD, act=lambda: held.wait(20) and None))
    views = chat.ask("", "what?")
    view = next(view for view in views if "Phrasing" in last(view))
    views.close()  # type: ignore[attr-defined]
    held.set()
    (turn,) = kept(chat, view)
    assert turn.answer is not None
    assert turn.answer.answer == "forty-two"


@pytest.mark.parametrize("lasting", [True, False])
def test_what_was_deleted_or_asked_anew_meanwhile_stays_so(lasting: bool, tmp_path: Path) -> None:
    history = History(tmp_path) if lasting else History()
    gone: list[str] = []
    chat = chat_of(FakePhraser(GOOD, act=lambda: history.delete(gone[0]) and None), history)
    for view in chat.ask("", "what?"):
        gone.append(view.conversation_id)
    assert history.get(gone[0]) is None
    plain = Chat(Page(lambda: FakeAssistant([DOCUMENT], KNOWN), history=history))
    *_, first = plain.ask("", "what?")
    (turn,) = kept(plain, first)
    *_, _ = plain.ask(first.conversation_id, "who spoke?", drop_from=turn.id)
    history.replace(first.conversation_id, turn.model_copy(update={"question": "late"}))
    assert [one.question for one in kept(plain, first)] == ["who spoke?"]


class Elements(HTMLParser):
    """The elements, the addresses of links, and the text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href"]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("text", PAYLOADS)
def test_what_an_llm_writes_is_text(text: str) -> None:
    answer = FakeAssistant([DOCUMENT], KNOWN).ask("what?")
    sentences = (sentence(text, 1), sentence(text, 1, reason="no citation"))
    phrased = phrased_of(answer, *sentences, model=text)
    phrased = phrased.model_copy(update={"sources": [phrased.sources[0].model_copy(update={"title": text})]})
    shown = Elements(phrased_message(phrased))
    assert shown.tags == {"section", "h4", "span", "p", "del", "a"}
    assert shown.links == [f"#{Reference.to_words('doc', 14, 23, 'forty-two')}"] * 2
    assert " ".join(shown.text.split()).count(" ".join(text.replace("\0", "\ufffd").split())) >= 3
    assert Elements("".join(phrased_html(phrased))).tags == {"p", "span", "del"}
    assert Elements("".join(phrased_markdown(phrased))).tags == {"del"}
    assert Elements(not_phrased_message(text)).tags == {"p"}


def test_number_in_a_sentence_is_no_link() -> None:
    phrased = phrased_of(
        FakeAssistant([DOCUMENT], KNOWN).ask("what?"), sentence("See [1] and [7]."), sentence("So.", 7)
    )
    assert Elements(phrased_message(phrased)).links == []


def test_exports_have_it() -> None:
    chat = chat_of(FakePhraser(GOOD, STRUCK))
    *_, end = chat.ask("", "what?")
    conversation = chat.history.get(end.conversation_id)
    assert conversation is not None
    html, markdown = as_html(conversation), as_markdown(conversation)
    assert "<p>It is forty-two. [1] <del>It is 43. [1]</del> " in html
    assert "It is forty&#45;two&#46; &#91;1&#93; <del>It is 43&#46; &#91;1&#93;</del> (struck: a number" in markdown
    assert json.loads(as_json(conversation))["turns"][0]["phrased"]["sentences"][1]["struck"] is True


def test_options_make_a_phraser_or_say_what_is_missing() -> None:
    assert phraser_of(None, None, 20) is None
    here = phraser_of("http://127.0.0.1:11434/v1", "small", 5)
    assert here is not None
    assert here.notice is None
    away = phraser_of("https://llm.example/v1", "small", 5)
    assert away is not None
    assert "leave this machine" in str(away.notice)
    for options in (("http://127.0.0.1:1", None, 5), (None, "small", 5), ("http://127.0.0.1:1", "small", 0)):
        with pytest.raises(InputError):
            phraser_of(*options)


@pytest.mark.browser
def test_page_takes_the_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import typer

    import ui  # loads gradio

    launched: list[Any] = []
    monkeypatch.setattr(ui, "launch", lambda *_, phraser, **__: launched.append(phraser))
    app = typer.Typer()
    app.command()(ui.main)
    options = [
        "--index",
        str(tmp_path),
        "--llm",
        "http://127.0.0.1:11434",
        "--llm-model",
        "small",
        "--llm-timeout",
        "7",
    ]
    assert CliRunner().invoke(app, options).exit_code == 0
    assert (launched[0].model, launched[0].seconds, launched[0].server.url) == ("small", 7, "http://127.0.0.1:11434/v1")
    assert CliRunner().invoke(app, options[:4]).exit_code == 1
    assert len(launched) == 1
    assert CliRunner().invoke(app, options[:2]).exit_code == 0
    assert launched[1] is None


@pytest.mark.browser
def test_browser_shows_the_answer_then_the_phrasing_and_what_leaves(visit: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    held = threading.Event()
    phraser = FakePhraser(GOOD, STRUCK, act=lambda: held.wait(20) and None, notice="Passages leave this machine: <b>x.")
    assistant = FakeAssistant([DOCUMENT], KNOWN)
    with visit(assistant, desk=Page(lambda: assistant, phraser=phraser), width=390, height=844) as watched:
        page = watched.page
        expect(page.locator("#notice")).to_have_text("Passages leave this machine: <b>x.")
        watched.ask("What?")
        expect(page.locator("#chat .answer")).to_have_text("forty-two")
        expect(page.locator("#chat .stage")).to_contain_text("Phrasing")
        held.set()
        expect(page.locator("#chat .phrased .sentence")).to_contain_text("It is forty-two.")
        expect(page.locator("#chat .phrased del")).to_have_text("It is 43.")
        expect(page.locator("#bar [data-part=live]")).to_contain_text("As small puts it")
        page.locator("#chat .phrased a.cite").first.click()
        expect(page.locator("#panel mark")).to_be_focused()
        assert watched.lit() == "forty-two"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.browser
def test_reading_the_source_neither_stops_the_phrasing_nor_is_cut_off_by_it(visit: Callable[..., Any]) -> None:
    from playwright.sync_api import expect

    class Twice(FakeAssistant):
        def ask(self, question: str, **settings: Any) -> Answer:
            answer = super().ask(question, **settings)
            return answer.model_copy(update={"citations": [*answer.citations, self._cite("doc", "Monday")]})

    held = threading.Event()
    phraser = FakePhraser(GOOD, act=lambda: held.wait(20) and None)
    assistant = Twice([DOCUMENT], KNOWN)
    with visit(assistant, desk=Page(lambda: assistant, phraser=phraser)) as watched:
        page = watched.page
        watched.ask("What?")
        expect(page.locator("#chat .stage")).to_contain_text("Phrasing")
        link = page.locator("#chat .line a.cite").first
        link.click()
        expect(page.locator("#panel .step-count")).to_have_text("1 of 2")
        expect(page.locator("#panel mark")).to_be_focused()
        page.keyboard.press("Escape")
        expect(link).to_be_focused()
        link.click()
        expect(page.locator("#panel mark")).to_be_focused()
        held.set()
        # The answer is drawn anew with it: the places of the one before are no longer on the page.
        expect(page.locator("#chat .phrased .sentence")).to_contain_text("It is forty-two.")
        page.keyboard.press("j")
        expect(page.locator("#panel mark")).to_have_text("Monday")
        expect(page.locator("#panel .step-count")).to_have_text("2 of 2")
