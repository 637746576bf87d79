"""Conversations that are kept, and their exports."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InputError
from qa.models import Claim
from tests.web.fakes import FakeAssistant, make_document
from tests.web.payloads import EVIL, PAYLOADS
from web import conversations
from web.answers import answer_message
from web.conversations import Conversation, Turn
from web.exporting import as_html, as_json, as_markdown, turn_text
from web.history import History, history_of, new_id

DOCUMENT = make_document("doc", "Before. The answer is forty-two 👍. After.", title="Deep thought")
ANSWER = FakeAssistant([DOCUMENT], {"what?": [("doc", "forty-two 👍")]}).ask("what?")
REFUSAL = FakeAssistant([DOCUMENT], {}).ask("why?")


def turn(question: str = "what?", **changes: object) -> Turn:
    made = Turn(id=new_id(), asked_at=datetime(2026, 11, 22, tzinfo=UTC), question=question, answer=ANSWER)
    return made.model_copy(update=changes)


@pytest.fixture(params=["folder", "memory"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> History:
    return History(tmp_path / "conversations" if request.param == "folder" else None)


def test_turns_come_back_as_they_were(history: History) -> None:
    one, other = new_id(), new_id()
    turns = [turn(), turn("why?", answer=REFUSAL, answer_all=True), turn("x", answer=None, error="Too long.")]
    for made in turns:
        history.add(one, made)
    history.add(other, turn("else?"))
    kept = history.get(one)
    assert kept is not None
    assert list(kept.turns) == turns
    assert kept.turn(turns[1].id) == turns[1]
    assert history.get(new_id()) is None


def test_dropped_turns_are_gone_with_what_followed(history: History) -> None:
    name, first, second, anew = new_id(), turn("1"), turn("2"), turn("3")
    history.add(name, first)
    history.add(name, second)
    history.add(name, anew, drop_from=first.id)
    history.add(name, turn("4"), drop_from="no such turn")
    kept = history.get(name)
    assert kept is not None
    assert [made.question for made in kept.turns] == ["3", "4"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "replace", "drop", "drop some"]), st.integers(0, 9), st.integers(0, 9)),
        max_size=25,
    ),
    st.integers(1, 6),
)
def test_the_last_turns_are_those_of_the_whole_conversation(changes: list[tuple[str, int, int]], last: int) -> None:
    history, name = History(), new_id()
    model: list[Turn] = []
    for number, (change, place, to) in enumerate(changes):
        made = turn(f"question {number}?")
        old = model[place % len(model)] if model else None
        if change == "replace" and old is not None:
            history.replace(name, made.model_copy(update={"id": old.id}))
            model = [made.model_copy(update={"id": old.id}) if one.id == old.id else one for one in model]
        else:
            drop = old if change.startswith("drop") else None
            end = model[to % len(model)] if drop is not None and change == "drop some" else None
            drop_from, drop_to = (None if one is None else one.id for one in (drop, end))
            history.add(name, made, drop_from=drop_from, drop_to=drop_to)
            low = len(model) if drop is None else model.index(drop)
            model = [*model[:low], *([] if end is None else model[max(low, model.index(end)) + 1 :]), made]
    whole, some = history.get(name), history.get(name, last)
    assert (whole is None) == (some is None) == (not model)
    if whole is not None and some is not None:
        assert (list(whole.turns), whole.earlier) == (model, 0)
        assert (list(some.turns), some.earlier) == (model[-last:], max(0, len(model) - last))
    assert [one.title for one in history.listed()] == [one.question for one in model[:1]]


def test_a_line_that_cannot_be_read_leaves_what_stood_there_before(tmp_path: Path) -> None:
    history = History(tmp_path / "conversations")
    name, first = new_id(), turn("1")
    history.add(name, first)
    history.add(name, turn("2"))
    path = tmp_path / "conversations" / f"{name}.jsonl"
    broken = json.dumps({"instead": {"id": first.id, "asked_at": "never"}})
    path.write_text(path.read_text() + broken + '\n{"turn": {"id"', encoding="utf-8")
    kept = history.get(name)
    assert kept is not None
    assert [made.question for made in kept.turns] == ["1", "2"]


def test_what_was_deleted_meanwhile_stays_deleted(history: History) -> None:
    name = new_id()
    history.add(name, turn("1"))
    history.delete(name)
    history.add(name, turn("2"), begin=False)
    assert history.get(name) is None
    assert history.listed() == []


def test_list_is_by_last_change_and_deleting_forgets(history: History) -> None:
    names = [new_id(), new_id()]
    for name in names:
        history.add(name, turn(f"first of {name}"))
    history.add(names[0], turn("again"))
    assert {one.title for one in history.listed()} == {f"first of {name}" for name in names}
    assert history.listed() == sorted(history.listed(), key=lambda one: one.changed_at, reverse=True)
    assert history.delete(names[0])
    assert not history.delete(names[0])
    assert [one.id for one in history.listed()] == [names[1]]


def test_list_shows_the_first_question_that_is_left(history: History) -> None:
    name, wrong, right = new_id(), turn("Wrong first question?"), turn("Right question?")
    for made in (wrong, turn("A follow-up?")):
        history.add(name, made)
    assert [one.title for one in history.listed()] == ["Wrong first question?"]
    history.add(name, right, drop_from=wrong.id)
    history.add(name, turn("Another?"))
    assert [one.title for one in history.listed()] == ["Right question?"]
    history.replace(name, right.model_copy(update={"question": "Right question, phrased?"}))
    assert [one.title for one in history.listed()] == ["Right question, phrased?"]


@pytest.mark.parametrize(
    "torn",
    [
        '{"turn": {"id',
        "",
        '{"turn": {"id": "b", "asked_at": "never"}}',
        '{"drop_from": "none"}',
        '{"instead": {"id": "c"}}',
    ],
)
def test_a_first_line_that_cannot_be_read_hides_no_conversation(tmp_path: Path, torn: str) -> None:
    history, name = History(tmp_path), new_id()
    (tmp_path / f"{name}.jsonl").write_text(f"{torn}\n", encoding="utf-8")
    assert history.listed() == []
    history.add(name, turn("Still there?"))
    assert [(one.id, one.title) for one in history.listed()] == [(name, "Still there?")]
    assert history.delete(name)
    assert history.listed() == []


def test_listing_reads_little_of_long_conversations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history, names = History(tmp_path), [new_id() for _ in range(3)]
    for name in names:
        for number in range(20):
            history.add(name, turn(f"question {number}?"))
    parsed: list[bytes] = []
    parse = conversations._parsed

    def counting(kind: Any, data: bytes) -> Any:
        parsed.append(data)
        return parse(kind, data)

    monkeypatch.setattr(conversations, "_parsed", counting)
    assert len(history.listed()) == len(set(parsed)) == 3
    parsed.clear()
    history.add(names[0], turn("one more?"))
    assert len(history.listed()) == 3
    assert len(set(parsed)) == 1  # only what has changed is read again


def test_a_conversation_that_cannot_be_opened_hides_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    history, name, broken, gone = History(tmp_path), new_id(), new_id(), new_id()
    history.add(name, turn("Still there?"))
    (tmp_path / f"{broken}.jsonl").mkdir()
    (tmp_path / f"{gone}.jsonl").symlink_to("nowhere")  # as one that another process deletes just now
    assert [one.id for one in history.listed()] == [name]
    assert [broken in caplog.text, gone in caplog.text] == [True, False]
    with pytest.raises(InputError, match="cannot be read"):
        history.get(broken)


def test_a_folder_that_goes_while_it_is_listed_has_no_conversations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path)
    history.add(new_id(), turn())
    monkeypatch.setattr(Path, "open", lambda *_, **__: (_ for _ in ()).throw(FileNotFoundError(2, "gone")))
    assert history.listed() == []


def test_half_characters_are_kept_as_question_marks(history: History) -> None:
    name, answer = new_id(), ANSWER.model_copy(update={"question": "Who is \ud83d?", "standalone_question": "\udc00"})
    history.add(name, turn("Who is \ud83d?", answer=answer, error="no folder \udcff"))
    kept = history.get(name)
    assert kept is not None
    (made,) = kept.turns
    assert made.answer is not None
    assert (made.question, made.answer.question, made.answer.standalone_question) == ("Who is ??", "Who is ??", "?")
    assert made.error == "no folder ?"
    assert [one.title for one in history.listed()] == ["Who is ??"]


@pytest.mark.parametrize("name", ["", "..", "../x", "a" * 31, "A" * 32, "a" * 32 + "\n", "/etc/passwd", None, 3, ["a"]])
def test_only_ids_come_near_a_path(history: History, name: object) -> None:
    assert history.get(name) is None
    assert history.delete(name) is False
    with pytest.raises(InputError):
        history.add(name, turn())  # type: ignore[arg-type]


def test_files_are_private_and_survive_a_line_cut_off(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    history, name = History(tmp_path / "kept"), new_id()
    history.add(name, turn("1"))
    (file,) = (tmp_path / "kept").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    with file.open("ab") as broken:
        broken.write(b'{"turn": {"id')
    history.add(name, turn("2"))
    kept = History(tmp_path / "kept").get(name)
    assert kept is not None
    assert [made.question for made in kept.turns] == ["1", "2"]
    assert "cannot be read" in caplog.text


def test_memory_keeps_the_latest_only() -> None:
    history = History()
    names = [new_id() for _ in range(205)]
    for name in names:
        history.add(name, turn())
    assert len(history.listed()) == 200
    assert history.get(names[0]) is None
    assert history.get(names[-1]) is not None


def test_local_index_keeps_them_in_its_folder_a_server_in_memory(tmp_path: Path) -> None:
    history_of(str(tmp_path)).add(new_id(), turn())
    assert [path.parent.name for path in tmp_path.rglob("*.jsonl")] == ["conversations"]
    assert not history_of("milvus://localhost:19530/footnote").lasting


def test_json_export_can_be_checked_against_the_document() -> None:
    exported = json.loads(
        as_json(Conversation(new_id(), (turn(), turn("why?", answer=REFUSAL), turn(answer=None, error="No."))))
    )
    citation = exported["turns"][0]["citations"][0]
    assert DOCUMENT.text[citation["start"] : citation["end"]] == citation["text"] == "forty-two 👍"
    assert citation["sha256"] == DOCUMENT.sha256
    assert citation["sentence"]["text"].strip() == "The answer is forty-two 👍."
    assert (exported["turns"][1]["answer"], exported["turns"][1]["abstained"]) == (None, True)
    assert exported["turns"][2]["error"] == "No."


@pytest.mark.parametrize("form", [as_markdown, as_html])
def test_other_exports_have_quote_document_hash_and_offsets(form: object) -> None:
    text = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), form(Conversation(new_id(), (turn(),))))  # type: ignore[operator]
    citation = ANSWER.citations[0]
    for part in ("forty-two 👍", "Deep thought", DOCUMENT.sha256, f"characters {citation.start}-{citation.end}"):
        assert part in text
    assert "High confidence" in text


def test_html_export_takes_the_direction_of_the_writing() -> None:
    html = as_html(Conversation(new_id(), (turn(),)))
    for tag in (
        '<h2 dir="auto">what?',
        '<p class="answer" dir="auto">',
        '<blockquote dir="auto">',
        '<cite dir="ltr">[1] ',
    ):
        assert tag in html


def test_exports_are_as_sure_as_the_chat_is() -> None:
    unsure = {"confidence": 0.55}
    claims = [
        Claim(answer=words, speaker=None, citations=ANSWER.citations, speakers=[None], dates=[None], confidence=0.55)
        for words in ("a fire", "a flood")
    ]
    differing = ANSWER.model_copy(update={**unsure, "claims": claims, "agreement": "differing"})
    for answer, words, number in (
        (differing, "Medium confidence", "80%"),
        (ANSWER.model_copy(update=unsure), "Low confidence", "55%"),
    ):
        made = turn(answer=answer)
        conversation = Conversation(new_id(), (made,))
        assert f'{words}<span class="exact"> · {number}' in answer_message(answer, {})
        for text in (turn_text(made), as_markdown(conversation), as_html(conversation)):
            assert f"{words} ({number})" in text


def test_every_form_says_of_a_guess_that_it_is_one() -> None:
    made = turn(answer=ANSWER.model_copy(update={"confidence": 0.02}), answer_all=True)
    conversation = Conversation(new_id(), (made,))
    for text in (turn_text(made), as_markdown(conversation), as_html(conversation)):
        assert "Low confidence (2%), answered although it is below the threshold" in text


def test_answer_as_text() -> None:
    lines = turn_text(turn()).splitlines()
    assert lines[:5] == [
        "what?",
        "",
        "forty-two 👍 [1]",
        "[1] “The answer is forty-two 👍.”",
        f"    Deep thought; /articles/doc.txt; characters 22-33; sha256 {DOCUMENT.sha256}",
    ]
    assert "The articles do not answer this." in turn_text(turn("why?", answer=REFUSAL))
    assert "No answer: Stopped." in turn_text(turn(answer=None, error="Stopped."))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_exports_of_hostile_texts_are_inert(payload: str) -> None:
    document = make_document("doc", f"Before. {payload} After.", title=payload, source=payload)
    answer = FakeAssistant([document], {"q": [("doc", payload)]}).ask("q")
    conversation = Conversation(new_id(), (turn(payload, answer=answer),))
    tags = {tag.lower() for tag in re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", as_html(conversation))}
    assert tags <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "section",
        "p",
        "blockquote",
        "mark",
        "br",
        "cite",
    }
    assert not re.search(r"<[^>]*\bon\w+=", as_html(conversation))
    assert EVIL not in as_markdown(conversation)
    assert "<" not in as_markdown(conversation)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_question_comes_back(question: str) -> None:
    history, name = History(), new_id()
    history.add(name, turn(question))
    kept = history.get(name)
    assert kept is not None
    assert kept.turns[0].question == question
