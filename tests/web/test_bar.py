"""What the dialogs of the bar are told."""

from pathlib import Path

import pytest

from tests.web.fakes import FakeAssistant, make_document
from web import bar
from web.bar import server_calls
from web.chat import Chat
from web.history import History
from web.page import Page

DOCUMENT = make_document("doc", "The answer is forty-two.")


def test_how_many_conversations_are_not_listed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bar, "_LISTED", 2)
    chat = Chat(Page(lambda: FakeAssistant([DOCUMENT], {})))
    conversations = server_calls(chat)[0]
    for count, told in ((2, False), (3, True)):
        while len(chat.history.listed()) < count:
            list(chat.ask("", "Who?"))
        listed = conversations()
        assert len(listed["conversations"]) == 2
        assert ("The newest 2 of 3 are listed" in listed["where"]) == told


@pytest.mark.parametrize("lasting", [True, False])
def test_who_can_see_the_conversations_is_told(tmp_path: Path, lasting: bool) -> None:
    history = History(tmp_path) if lasting else History()
    chat = Chat(Page(lambda: FakeAssistant([DOCUMENT], {}), history=history))
    alone, shared = (server_calls(chat, shared=shared)[0]()["where"] for shared in (False, True))
    assert ("this computer only" in alone) == lasting
    assert "Everyone" not in alone
    assert "this computer only" not in shared
    assert "Everyone who can use this page can read, export and delete these." in shared
