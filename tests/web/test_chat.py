"""The chat without a browser: stages, follow-ups, editing, stopping, and what each window sees."""

import json
import logging
import threading
from pathlib import Path
from typing import Any

import pytest

from index import Filter
from index.errors import InputError
from qa.conversation import Standalone, approaches
from qa.models import Answer
from tests.web.fakes import FakeAssistant, make_document
from web.asking import Asking, AskingStopped, ask_in_stages
from web.bar import server_calls
from web.chat import Chat
from web.history import History, is_id
from web.messages import View
from web.page import Page

DOCUMENT = make_document("doc", "The answer is forty-two. Mayor Jane Roe spoke on Monday.", title="Deep thought")
KNOWN = {
    "what?": [("doc", "forty-two")],
    "who spoke?": [("doc", "Mayor Jane Roe")],
    "when did mayor jane roe speak?": [("doc", "Monday")],
}


def chat_of(assistant: Any, history: History | None = None) -> Chat:
    return Chat(Page(lambda: assistant, history=history))


class Counting(FakeAssistant):
    """Remembers what it was asked."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.asked: list[str] = []

    def ask(self, question: str, **settings: Any) -> Answer:
        self.asked.append(question)
        return super().ask(question, **settings)


def asked(chat: Chat, question: str, conversation: str = "", **options: Any) -> View:
    *_, last = chat.ask(conversation, question, **options)
    return last


@pytest.fixture
def chat() -> Chat:
    return chat_of(FakeAssistant([DOCUMENT], KNOWN))


def turns(chat: Chat, view: View) -> list[Any]:
    conversation = chat.history.get(view.conversation_id)
    assert conversation is not None
    return list(conversation.turns)


def test_goes_through_the_stages_to_the_answer(chat: Chat) -> None:
    contents = [view.messages[-1]["content"] for view in chat.ask("", "what?")]
    assert ["Searching" in contents[0], "Reading" in contents[1]] == [True, True]
    assert "forty&#45;two" in contents[2]


def test_known_error_is_told_and_the_question_can_be_edited(chat: Chat) -> None:
    view = asked(chat, "x" * 2000)
    assert "at most 1,000 can be read" in view.messages[-1]["content"]
    assert 'class="do edit"' in view.messages[0]["content"]


def test_unknown_error_is_told_without_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeAssistant):
        def ask(self, *arguments: Any, **settings: Any) -> Answer:
            raise ZeroDivisionError("secret detail")

    with caplog.at_level(logging.ERROR):
        last = asked(chat_of(Broken([DOCUMENT], KNOWN)), "what?").messages[-1]["content"]
    assert "Something went wrong" in last
    assert "secret" not in last
    assert "secret detail" in caplog.text


def test_without_articles_says_what_to_do() -> None:
    assert "qa add PATH" in asked(chat_of(FakeAssistant([], {})), "what?").messages[-1]["content"]


def test_first_question_is_asked_once_and_as_it_is() -> None:
    assistant = Counting([DOCUMENT], KNOWN)
    asked(chat_of(assistant), "What about  Who spoke?")
    assert assistant.asked == ["What about Who spoke?"]


def test_of_two_readings_that_is_taken_whose_answer_is_surer(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(question: str, turns: Any) -> tuple[Standalone, ...]:
        return Standalone(question, "Nothing known?"), Standalone(question, "When did Mayor Jane Roe speak?")

    monkeypatch.setattr(approaches, "readings", two)
    assistant = Counting([DOCUMENT], KNOWN)
    chat = chat_of(assistant)
    first = asked(chat, "Who spoke?")
    last = asked(chat, "When?", first.conversation_id).messages[-1]["content"]
    assert set(assistant.asked[1:]) == {"Nothing known?", "When did Mayor Jane Roe speak?"}
    assert ("Read as: <q>When did Mayor" in last, "Monday" in last) == (True, True)
    # What the user says it means is what is asked, whatever the rules see.
    before = len(assistant.asked)
    asked(chat, "When?", first.conversation_id, read_as="What?")
    assert assistant.asked[before:] == ["What?"]


def test_follow_up_is_read_within_its_own_conversation_only(chat: Chat) -> None:
    first = asked(chat, "Who spoke?")
    follow_up = asked(chat, "When?", first.conversation_id)
    assert "Read as: <q>When did Mayor Jane Roe speak&#63;</q>" in follow_up.messages[-1]["content"]
    assert "Monday" in follow_up.messages[-1]["content"]
    assert len(follow_up.messages) == 4
    other = asked(chat, "When?")
    assert "Read as" not in other.messages[-1]["content"]
    assert other.conversation_id != first.conversation_id


def test_edited_question_takes_the_place_of_the_old_one_and_of_what_followed(chat: Chat) -> None:
    first = asked(chat, "What?")
    asked(chat, "Who spoke?", first.conversation_id)
    editing, note, text = chat.edit(first.conversation_id, f"edit/{turns(chat, first)[0].id}")
    assert (text, "Cancel" in note) == ("What?", True)
    *_, view = chat.send(first.conversation_id, "Who spoke?", editing)
    assert [turn.question for turn in turns(chat, first)] == ["Who spoke?"]
    assert len(view.messages) == 2


def test_reading_can_be_corrected(chat: Chat) -> None:
    first = asked(chat, "Who spoke?")
    asked(chat, "When?", first.conversation_id)
    editing, _, text = chat.edit(first.conversation_id, f"reread/{turns(chat, first)[1].id}")
    assert text == "When did Mayor Jane Roe speak?"
    list(chat.send(first.conversation_id, "What?", editing))
    last = turns(chat, first)[-1]
    assert (last.question, last.answer.standalone_question, last.answer.answer) == ("When?", "What?", "forty-two")


@pytest.mark.parametrize("named", [None, 7, "x", "../../etc/passwd", "F" * 32, ["a"]])
def test_what_is_no_id_begins_a_conversation(chat: Chat, named: Any) -> None:
    *_, view = chat.send(named, "What?", named)
    assert is_id(view.conversation_id)
    assert [turn.question for turn in turns(chat, view)] == ["What?"]


def test_an_id_that_is_not_there_any_more_begins_a_conversation(chat: Chat) -> None:
    view = asked(chat, "What?", "f" * 32)
    assert (view.conversation_id, len(view.messages)) == ("f" * 32, 2)
    assert len(turns(chat, view)) == 1


def test_a_conversation_that_is_deleted_during_an_answer_stays_deleted(chat: Chat) -> None:
    first = asked(chat, "What?")
    views = chat.ask(first.conversation_id, "Who spoke?")
    next(views)
    chat.history.delete(first.conversation_id)
    *_, last = views
    assert "Mayor Jane Roe" in last.messages[-1]["content"]
    assert chat.history.listed() == []


@pytest.mark.parametrize("how", [None, 7, "", "edit/", "edit/gone", "drop/x", {"a": 1}])
def test_what_cannot_be_edited_ends_editing(chat: Chat, how: object) -> None:
    assert chat.edit(asked(chat, "What?").conversation_id, how) == ("", "", "")


def test_answer_anyway_asks_again_for_the_best_guess() -> None:
    class Refusing(FakeAssistant):
        def ask(self, question: str, *, answer_all: bool = False, **settings: Any) -> Answer:
            answer = super().ask("what?", **settings).model_copy(update={"confidence": 0.1})
            refused = {"answer": None, "abstained": True, "citations": [], "reason": "Not sure."}
            return answer if answer_all else answer.model_copy(update=refused)

    chat = chat_of(Refusing([DOCUMENT], KNOWN))
    refusal = asked(chat, "Why?")
    assert 'value="anyway/' in refusal.messages[-1]["content"]
    *_, view = chat.again(refusal.conversation_id, turns(chat, refusal)[0].id)
    assert "Low confidence" in view.messages[-1]["content"]
    assert "Answer anyway" in view.messages[-2]["content"]
    assert turns(chat, refusal)[-1].answer_all
    assert "not there any more" in next(iter(chat.again(refusal.conversation_id, "gone"))).messages[-1]["content"]


def test_answer_anyway_looks_where_was_looked_before() -> None:
    class Placing(FakeAssistant):
        """Remembers where it was asked to look, and found nothing but what it cites."""

        places: list[tuple[str, ...] | None]

        def ask(self, question: str, *, within: Filter | None = None, **settings: Any) -> Answer:
            self.places.append(None if within is None else within.documents)
            return super().ask(question, within=within, **settings).model_copy(update={"passages": []})

    other = make_document("other", "The Halvard company is based in Nordhaven.", title="Halvard")
    assistant = Placing(
        [DOCUMENT, other], {"who spoke?": KNOWN["who spoke?"], "where is halvard?": [("other", "Nordhaven")]}
    )
    assistant.places = []
    chat = chat_of(assistant)
    first = asked(chat, "Who spoke?")
    asked(chat, "When?", first.conversation_id)
    asked(chat, "Where is Halvard?", first.conversation_id)
    asked(chat, "Where is Halvard?", first.conversation_id)
    assistant.places.clear()
    list(chat.again(first.conversation_id, turns(chat, first)[1].id))
    assert assistant.places == [("doc",), None]
    assert [turn.question for turn in turns(chat, first)] == [
        "Who spoke?",
        "When?",
        *["Where is Halvard?"] * 2,
        "When?",
    ]


def test_stopping_ends_it_at_once_and_keeps_the_question() -> None:
    held = threading.Event()

    class Slow(FakeAssistant):
        def ask(self, question: str, *, on_stage: Any = None, **settings: Any) -> Answer:
            on_stage("searching")
            held.wait(10)
            return super().ask(question, on_stage=on_stage, **settings)

    chat = chat_of(Slow([DOCUMENT], KNOWN))
    views = chat.ask("", "What?")
    first = next(views)
    assert 'value="stop/' in first.messages[-1]["content"]
    chat.stop(first.conversation_id)
    *_, last = views
    assert "Stopped" in last.messages[-1]["content"]
    assert turns(chat, last)[0].question == "What?"
    held.set()
    for nothing in ("gone", None, 3, ["a"]):
        chat.stop(nothing)


def warming_up() -> tuple[Chat, threading.Event, threading.Thread]:
    """A chat whose models load until the event is set, and the thread that loads them."""
    may_go, began = threading.Event(), threading.Event()

    class Slow(FakeAssistant):
        def warm_up(self) -> None:
            began.set()
            may_go.wait(10)

    chat = chat_of(Slow([DOCUMENT], KNOWN))
    warming = threading.Thread(target=chat.page.warm_up)
    warming.start()
    began.wait(10)
    return chat, may_go, warming


def test_stopping_does_not_wait_for_the_models() -> None:
    chat, may_go, warming = warming_up()
    views = chat.ask("", "what?")
    first = next(views)
    chat.stop(first.conversation_id)
    *_, last = views
    assert not may_go.is_set()
    assert "Stopped" in last.messages[-1]["content"]
    may_go.set()
    warming.join(10)


def test_questions_wait_for_the_models_and_say_so() -> None:
    chat, may_go, warming = warming_up()
    views = chat.ask("", "what?")
    assert "Getting ready" in next(views).messages[-1]["content"]
    may_go.set()
    assert "forty&#45;two" in list(views)[-1].messages[-1]["content"]
    warming.join(10)


def test_reopened_conversation_is_shown_as_it_was(tmp_path: Path) -> None:
    assistant = FakeAssistant([DOCUMENT], KNOWN)
    before = asked(chat_of(assistant, History(tmp_path)), "What?")
    again = chat_of(assistant, History(tmp_path))
    assert again.open(before.conversation_id).messages == before.messages
    assert again.open("").messages == []
    for gone in ("f" * 32, "../../etc/passwd", None, 3):
        assert "not there any more" in again.open(gone).messages[-1]["content"]


def test_a_refusal_can_be_opened_after_its_closest_article_is_gone() -> None:
    assistant = FakeAssistant([DOCUMENT, make_document("other", "Something else.")], KNOWN)
    chat = chat_of(assistant)
    refused = asked(chat, "Who was alpha?")
    del assistant.index.held["doc"]
    messages = chat.open(refused.conversation_id).messages
    assert "do not answer this" in messages[-1]["content"]
    assert "#feedback/" in messages[-1]["content"]
    assert chat.page.feedback.about(turns(chat, refused)[0].id).given.places == ()


def test_a_refusal_is_shown_when_its_closest_article_goes_meanwhile() -> None:
    class Emptied(FakeAssistant):
        def ask(self, *arguments: Any, **settings: Any) -> Answer:
            answer = super().ask(*arguments, **settings)
            self.index.held.clear()
            return answer

    chat = chat_of(Emptied([DOCUMENT], KNOWN))
    view = asked(chat, "Who was alpha?")
    assert "do not answer this" in view.messages[-1]["content"]
    assert "#feedback/" in view.messages[-1]["content"]
    assert turns(chat, view)[0].error is None


def test_half_a_character_does_not_stop_the_chat(tmp_path: Path) -> None:
    chat = chat_of(FakeAssistant([DOCUMENT], KNOWN), History(tmp_path))
    first = asked(chat, "Who is \ud83d?")
    last = asked(chat, "what?", first.conversation_id, read_as="Who is \udc00?")
    json.dumps(last.messages, ensure_ascii=False).encode()  # as it goes to the browser
    assert [turn.question for turn in turns(chat, first)] == ["Who is ??", "what?"]
    assert turns(chat, first)[-1].answer.standalone_question == "Who is ??"
    assert chat.open(first.conversation_id).messages == last.messages


def test_answer_is_shown_even_when_it_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    contents = [
        m["content"]
        for m in asked(chat_of(FakeAssistant([DOCUMENT], KNOWN), History(tmp_path / "file")), "What?").messages
    ]
    assert "forty&#45;two" in contents[-2]
    assert "could not be kept" in contents[-1]


def test_calls_of_the_script_take_anything(chat: Chat) -> None:
    view = asked(chat, "What?")
    turn = turns(chat, view)[0].id
    calls = {call.__name__: call for call in server_calls(chat)}
    assert calls["conversations"]([])["conversations"][0]["title"] == "What?"
    assert "forty-two [1]" in calls["export"]([view.conversation_id, "text", turn])["text"]
    for form in ("md", "html", "json"):
        assert "forty" in calls["export"]([view.conversation_id, form])["text"]
    for sent in (
        None,
        7,
        [],
        ["gone", "md"],
        [view.conversation_id, "exe"],
        [view.conversation_id, "text", None],
        {"a": 1},
    ):
        assert "error" in calls["export"](sent)
        calls["stop"](sent)
    assert calls["forget"](["../x"]) == {"deleted": False}
    assert calls["forget"]([view.conversation_id]) == {"deleted": True}
    assert calls["conversations"](None)["conversations"] == []


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


def test_models_stop_when_the_next_stage_would_begin() -> None:
    go_on, ended = threading.Event(), threading.Event()

    def ask(on_stage: Any) -> Answer:
        on_stage("searching")
        go_on.wait(10)
        try:
            on_stage("reading")
        except AskingStopped:
            ended.set()
            raise
        raise InputError("was not stopped")

    asking = Asking(ask)
    stages = asking.stages()
    next(stages)
    asking.stop()
    with pytest.raises(AskingStopped):
        next(stages)
    go_on.set()
    assert ended.wait(10)
