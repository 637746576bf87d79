"""The chat without a browser: stages, follow-ups, editing, stopping, and what each window sees."""

import json
import logging
import re
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


def stop_button(view: View) -> str:
    """What the button to stop, under the last message, names."""
    found = re.search(rf'value="stop/{view.conversation_id}/([^"/]*)"', view.messages[-1]["content"])
    assert found is not None
    return found[1]


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


def test_a_question_is_kept_when_its_window_is_closed_before_the_answer(tmp_path: Path) -> None:
    chat = chat_of(FakeAssistant([DOCUMENT], KNOWN), History(tmp_path))
    first = asked(chat, "What?")
    views = chat.ask(first.conversation_id, "Who spoke?")
    next(views)
    # As if Footnote were killed here, or the window reloaded.
    again = chat_of(FakeAssistant([DOCUMENT], KNOWN), History(tmp_path))
    question, answer = again.open(first.conversation_id).messages[-2:]
    assert ("Who spoke" in question["content"], 'value="edit/' in question["content"]) == (True, True)
    assert "ask again" in answer["content"]
    assert "No answer: The answer has not come" in again.export(first.conversation_id, "md")
    views.close()
    assert [turn.question for turn in turns(chat, first)] == ["What?", "Who spoke?"]
    editing = f"edit/{turns(chat, first)[1].id}"
    *_, view = again.send(first.conversation_id, "Who spoke?", editing)
    assert [turn.error for turn in turns(again, view)] == [None, None]


def test_a_first_question_can_be_found_from_its_first_stage_on(chat: Chat) -> None:
    views = chat.ask("", "What?")
    first = next(views)
    assert len(chat.open(first.conversation_id).messages) == 2
    assert [one.title for one in chat.history.listed()] == ["What?"]
    *_, last = views
    assert chat.open(first.conversation_id).messages == last.messages
    assert [(turn.error, turn.answer is None) for turn in turns(chat, last)] == [(None, False)]
    # It can be deleted before it is answered, and stays so.
    views = chat.ask("", "Who spoke?")
    chat.history.delete(next(views).conversation_id)
    list(views)
    assert [one.title for one in chat.history.listed()] == ["What?"]


def test_editing_drops_nothing_that_another_window_asks_before_the_answer(chat: Chat) -> None:
    first = asked(chat, "Who spoke?")
    editing, _, _ = chat.edit(first.conversation_id, f"edit/{turns(chat, first)[0].id}")
    views = chat.send(first.conversation_id, "What?", editing)
    next(views)
    asked(chat, "When did Mayor Jane Roe speak?", first.conversation_id)
    list(views)
    kept = [(turn.question, turn.answer.answer) for turn in turns(chat, first)]
    assert kept == [("What?", "forty-two"), ("When did Mayor Jane Roe speak?", "Monday")]


def test_editing_drops_only_what_was_there_when_it_was_begun(chat: Chat) -> None:
    first = asked(chat, "Who spoke?")
    asked(chat, "When?", first.conversation_id)
    editing, _, _ = chat.edit(first.conversation_id, f"edit/{turns(chat, first)[0].id}")
    asked(chat, "When did Mayor Jane Roe speak?", first.conversation_id)
    list(chat.send(first.conversation_id, "What?", editing))
    kept = [turn.question for turn in turns(chat, first)]
    assert kept == ["When did Mayor Jane Roe speak?", "What?"]
    assert chat.history.listed()[0].title == kept[0]
    # Whatever a window sends as what it saw last, it drops nothing before the question that is changed.
    second = turns(chat, first)[1].id
    for seen in (turns(chat, first)[0].id, "gone", ""):
        list(chat.send(first.conversation_id, "What?", f"edit/{second}/{seen}"))
        second = turns(chat, first)[1].id
        assert [turn.question for turn in turns(chat, first)] == kept


def test_an_answer_that_comes_after_its_question_was_dropped_is_kept(chat: Chat) -> None:
    first = asked(chat, "Who spoke?")
    views = chat.ask(first.conversation_id, "When?")
    next(views)
    asked(chat, "What?", first.conversation_id, drop_from=turns(chat, first)[0].id)
    list(views)
    assert [turn.question for turn in turns(chat, first)] == ["What?", "When?"]
    assert turns(chat, first)[-1].answer.answer == "Monday"


def test_a_conversation_that_cannot_be_read_is_told_wherever_it_is_needed(tmp_path: Path) -> None:
    chat, name = chat_of(FakeAssistant([DOCUMENT], KNOWN), History(tmp_path)), "f" * 32
    (tmp_path / f"{name}.jsonl").mkdir()
    told = [
        list(chat.send(name, "What?", "edit/a"))[-1].messages[-1]["content"],
        list(chat.again(name, "a"))[-1].messages[-1]["content"],
        chat.open(name).messages[-1]["content"],
        chat.edit(name, "edit/a")[1],
    ]
    assert ["Is a directory" in one for one in told] == [True] * 4
    assert chat.edit(name, "edit/a")[0] == ""
    assert list(chat.send(name, " ", "edit/a")) == []


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
    chat.stop(stop_button(first))
    *_, last = views
    assert "Stopped" in last.messages[-1]["content"]
    assert turns(chat, last)[0].question == "What?"
    held.set()
    for nothing in ("gone", None, 3, ["a"]):
        chat.stop(nothing)


def test_stopping_in_one_window_leaves_the_question_of_another() -> None:
    held = threading.Event()

    class Slow(FakeAssistant):
        def ask(self, question: str, *, on_stage: Any = None, **settings: Any) -> Answer:
            on_stage("searching")
            held.wait(10)
            return super().ask(question, on_stage=on_stage, **settings)

    chat = chat_of(Slow([DOCUMENT], KNOWN), History())
    held.set()
    name = asked(chat, "What?").conversation_id
    held.clear()
    one, other = chat.ask(name, "What?"), chat.ask(name, "Who spoke?")
    first, second = next(one), next(other)
    chat.stop(stop_button(first))
    assert "Stopped" in list(one)[-1].messages[-1]["content"]
    chat.stop(stop_button(first))
    held.set()
    assert "Mayor Jane Roe" in list(other)[-1].messages[-1]["content"]
    assert stop_button(second) != stop_button(first)
    assert [turn.error for turn in turns(chat, first)] == [None, "Stopped.", None]


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
    chat.stop(stop_button(first))
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
    assert "<bdi>an article that cannot be found any more</bdi>" in messages[-1]["content"]
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
