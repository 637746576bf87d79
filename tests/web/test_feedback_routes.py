"""Feedback over HTTP, with an assistant that needs no models."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from index.errors import InputError
from qa.evaluation.datasets import load_dataset
from qa.feedback import FeedbackStore
from qa.feedback.storage import Stored
from tests.web.fakes import FakeAssistant, make_document
from web.api.feedback import feedback_router
from web.feedback import feedback_mark
from web.page import Page

TEXT = "Bees dance 🐝 on the comb. \0 They tell\r\nwhere flowers are."
DOCUMENT = make_document("bees", TEXT.replace("\r\n", "\n"), title="Bees")
QUESTION = "What do bees do?"


@pytest.fixture
def page(tmp_path: Path) -> Page:
    assistant = FakeAssistant([DOCUMENT], {QUESTION: [("bees", "dance")]})
    assistant.index.location = str(tmp_path)  # type: ignore[attr-defined]
    return Page(lambda: assistant)  # type: ignore[arg-type]


@pytest.fixture
def client(page: Page) -> TestClient:
    app = FastAPI()
    app.include_router(feedback_router(page))
    return TestClient(app)


def shown(page: Page, question: str = QUESTION) -> str:
    """Id of an answer that was just shown."""
    assistant = page.assistant()
    assert assistant is not None
    answer_id = page.feedback.remember(assistant.ask(question))
    assert answer_id is not None
    assert answer_id in feedback_mark(answer_id)
    return answer_id


def selected(words: str, **changes: object) -> dict[str, object]:
    start = DOCUMENT.text.index(words)
    text = words.replace("\0", "\ufffd")
    return {"document_id": "bees", "start": start, "end": start + len(words), "text": text, **changes}


def test_a_correction_is_kept_trimmed_and_exported(client: TestClient, page: Page, tmp_path: Path) -> None:
    body = {"answer_id": shown(page), "verdict": "corrected", "selected": selected(" They tell\nwhere ")}
    reply = client.post("/feedback", json=body)
    assert reply.status_code == 201
    assert reply.json() == {"verdict": "corrected", "question": QUESTION, "words": "They tell\nwhere"}
    path = tmp_path / "set.json"
    path.write_text(client.get("/feedback/dataset").text, encoding="utf-8")
    ((answer,),) = (question.answers for question in load_dataset(path).questions)
    assert DOCUMENT.text[answer.start : answer.end] == answer.text == "They tell\nwhere"
    assert client.get("/feedback").json()["questions"] == 1


def test_words_with_a_character_that_browsers_cannot_show_are_kept_as_they_are(client: TestClient, page: Page) -> None:
    body = {"answer_id": shown(page), "verdict": "corrected", "selected": selected("comb. \0 They")}
    assert client.post("/feedback", json=body).json()["words"] == "comb. \0 They"


@pytest.mark.parametrize(
    ("choice", "status"),
    [
        (selected("dance", text="other"), 422),
        (selected("dance", start=0), 422),
        (selected("dance", end=10_000), 422),
        (selected("dance", start=-1), 422),
        (selected("dance", document_id="../etc"), 422),
        (selected("dance", document_id="gone"), 404),
        (selected("\n"), 422),
        (selected("dance", text="x" * 4_000), 422),
        (None, 422),
    ],
)
def test_words_that_are_not_there_are_refused_and_nothing_is_kept(
    client: TestClient, page: Page, tmp_path: Path, choice: dict[str, object] | None, status: int
) -> None:
    body = {"answer_id": shown(page), "verdict": "corrected", "selected": choice}
    reply = client.post("/feedback", json=body)
    assert reply.status_code == status
    assert reply.json()["error"]["message"]
    assert FeedbackStore(tmp_path / "feedback").read().entries == ()


def test_unknown_answers_and_verdicts_are_refused(client: TestClient) -> None:
    unknown = client.post("/feedback", json={"answer_id": "a" * 32, "verdict": "right"})
    assert unknown.status_code == 422
    assert "Ask the question again" in unknown.json()["error"]["message"]
    assert client.post("/feedback", json={"answer_id": "../..", "verdict": "right"}).status_code == 422
    assert client.post("/feedback", json={"answer_id": "a" * 32, "verdict": "maybe"}).status_code == 422
    assert client.get("/feedback/answers/" + "a" * 32).status_code == 422


def test_what_was_said_is_told_again_also_after_a_restart(client: TestClient, page: Page) -> None:
    first, second, third = (shown(page) for _ in range(3))
    for answer_id, verdict in ((first, "right"), (second, "wrong"), (third, "right"), (third, "withdrawn")):
        assert client.post("/feedback", json={"answer_id": answer_id, "verdict": verdict}).status_code == 201
    asked = {"answer_ids": [first, second, third, "b" * 32]}
    told = {"verdicts": {first: "right", second: "wrong"}}
    assert client.post("/feedback/verdicts", json=asked).json() == told
    app = FastAPI()
    app.include_router(feedback_router(Page(page._open_assistant)))
    assert TestClient(app).post("/feedback/verdicts", json=asked).json() == told


def test_pages_on_one_index_see_what_was_said_on_the_other(client: TestClient, page: Page) -> None:
    app = FastAPI()
    app.include_router(feedback_router(Page(page._open_assistant)))
    other, first, second = TestClient(app), shown(page), shown(page)
    asked = {"answer_ids": [first, second]}
    for verdict in ("right", "wrong", "withdrawn", "right"):
        assert client.post("/feedback", json={"answer_id": first, "verdict": verdict}).status_code == 201
        told = {"verdicts": {} if verdict == "withdrawn" else {first: verdict}}
        for reader in (client, other):
            assert reader.post("/feedback/verdicts", json=asked).json() == told


def test_what_was_said_last_counts_not_what_stands_last(client: TestClient, page: Page, tmp_path: Path) -> None:
    answer_id = shown(page)
    for verdict in ("right", "wrong"):
        client.post("/feedback", json={"answer_id": answer_id, "verdict": verdict})
    path = tmp_path / "feedback" / "feedback.jsonl"
    path.write_text("".join(reversed(path.read_text(encoding="utf-8").splitlines(keepends=True))), encoding="utf-8")
    client.post("/feedback", json={"answer_id": shown(page), "verdict": "right"})  # else nothing tells that it changed
    told = client.post("/feedback/verdicts", json={"answer_ids": [answer_id]}).json()
    assert told == {"verdicts": {answer_id: "wrong"}}


def test_feedback_that_has_not_changed_is_not_read_again(
    client: TestClient, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/feedback", json={"answer_id": shown(page), "verdict": "right"})
    read, times = FeedbackStore.read, []

    def counting(store: FeedbackStore) -> Stored:
        times.append(store)
        return read(store)

    monkeypatch.setattr(FeedbackStore, "read", counting)
    for _ in range(3):
        client.post("/feedback/verdicts", json={"answer_ids": []})
    assert len(times) == 1


def test_an_answer_says_where_it_stands_and_a_refusal_where_it_looked(client: TestClient, page: Page) -> None:
    about = client.get(f"/feedback/answers/{shown(page)}").json()
    assert DOCUMENT.text[about["start"] : about["end"]] == about["answer"] == "dance"
    refused = client.get(f"/feedback/answers/{shown(page, 'Who won?')}").json()
    assert (refused["answer"], refused["document_id"], refused["start"]) == (None, "bees", 0)


def test_the_oldest_answers_are_forgotten_first(page: Page) -> None:
    page.feedback._limit = 2
    first, second, third = (shown(page) for _ in range(3))
    assert page.feedback.about(second)
    assert page.feedback.about(third)
    with pytest.raises(InputError, match="Ask the question again"):
        page.feedback.about(first)


def test_what_was_answered_is_kept_beside_what_was_said(client: TestClient, page: Page, tmp_path: Path) -> None:
    client.post("/feedback", json={"answer_id": shown(page), "verdict": "right"})
    (line,) = (tmp_path / "feedback" / "feedback.jsonl").read_text(encoding="utf-8").splitlines()
    kept = json.loads(line)
    assert kept["given"]["answer"] == "dance"
    assert kept["given"]["confidence"] == 0.93
    place = kept["given"]["places"][0]
    assert place["sha256"] == DOCUMENT.sha256
    assert DOCUMENT.text[place["start"] : place["end"]] == "dance"


def test_without_a_place_for_it_no_feedback_is_asked_for(page: Page) -> None:
    bare = FakeAssistant([DOCUMENT], {QUESTION: [("bees", "dance")]})
    answer = bare.ask(QUESTION)
    bare.index = SimpleNamespace(documents=bare.index.documents, document=bare.index.document)  # type: ignore[assignment]
    other = Page(lambda: bare)  # type: ignore[arg-type]
    assert other.feedback.remember(answer) is None
