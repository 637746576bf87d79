"""The addresses for programs, called as a program calls them."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from index import add_texts, create_index
from index.errors import IndexCorrupt, IndexMissing
from index.interface import Filter
from qa.models import Answer
from tests.fakes import FakeEncoder
from tests.web.fakes import FakeAssistant, make_document
from web.api import api_router
from web.gate import Gate
from web.page import Page
from web.programs import LONGEST_SLICE, Programs

TEXT = "Café 👩‍👩‍👧‍👦 said: the answer is forty-two.\nAnd more words follow."
DOCUMENTS = [make_document("doc", TEXT, title="Deep thought"), make_document("other", "Nothing here.")]
KNOWN = {"what?": [("doc", "forty-two")]}


def client_of(assistant: Any, gate: Gate | None = None) -> TestClient:
    page = Page(lambda: assistant)
    app = FastAPI(openapi_url=None)
    app.include_router(api_router(page, Programs(page, gate)))
    return TestClient(app)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with client_of(FakeAssistant(DOCUMENTS, KNOWN)) as client:
        yield client


def test_answer_is_the_contract_and_its_offsets_hold(client: TestClient) -> None:
    response = client.post("/api/ask", json={"question": "what?"})
    assert response.status_code == 200
    answer = Answer.model_validate(response.json())
    citation = answer.citations[0]
    assert answer.answer == citation.text == TEXT[citation.start : citation.end] == "forty-two"
    read = client.get("/api/documents/doc/text", params={"start": citation.start, "end": citation.end}).json()
    assert read["text"] == citation.text
    assert read["sha256"] == citation.sha256


def test_refusal_is_an_answer_too(client: TestClient) -> None:
    response = client.post("/api/ask", json={"question": "who?"})
    assert response.status_code == 200
    answer = Answer.model_validate(response.json())
    assert (answer.answer, answer.abstained) == (None, True)
    assert answer.passages


def test_question_is_confined_as_asked() -> None:
    seen: list[tuple[Filter | None, bool]] = []

    class Watching(FakeAssistant):
        def ask(self, question: str, *, within: Filter | None = None, answer_all: bool = False, **rest: Any) -> Answer:
            seen.append((within, answer_all))
            return super().ask(question, **rest)

    client = client_of(Watching(DOCUMENTS, KNOWN))
    client.post(
        "/api/ask",
        json={
            "question": "what?",
            "documents": ["doc"],
            "sources": ["*/articles/*"],
            "since": "2020-05",
            "until": "2021",
            "answer_all": True,
        },
    )
    client.post("/api/ask", json={"question": "what?", "documents": []})
    client.post("/api/ask", json={"question": "what?"})
    assert seen == [
        (Filter(("doc",), ("*/articles/*",), "2020-05", "2021"), True),
        (Filter(documents=()), False),
        (Filter(), False),
    ]


@pytest.mark.parametrize(
    ("body", "status", "code", "told"),
    [
        ({"question": "  "}, 422, "bad_question", "empty"),
        ({"question": "why " * 500}, 422, "bad_question", "at most 1,000"),
        ({"question": 7}, 422, "bad_request", "question"),
        ({}, 422, "bad_request", "question"),
        ([], 422, "bad_request", "object"),
        ({"question": "what?", "answer_all": "yes"}, 422, "bad_request", "answer_all"),
        ({"question": "what?", "answerall": True}, 422, "bad_request", "answerall"),
        ({"question": "what?", "since": "May"}, 422, "bad_request", "2020-05-31"),
        ({"question": "what?", "documents": ["gone"]}, 404, "unknown_document", "gone"),
    ],
)
def test_what_does_not_fit_is_told_plainly(client: TestClient, body: Any, status: int, code: str, told: str) -> None:
    response = client.post("/api/ask", json=body)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert told in error["message"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"question": "what?",}'])
def test_what_is_not_json_is_told(client: TestClient, body: bytes) -> None:
    response = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "not_json")


def test_bytes_that_are_no_text_are_told(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    response = client.post("/api/ask", content=b'{"\xff', headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "unreadable")
    assert caplog.records == []


def test_form_of_a_web_page_is_not_taken(client: TestClient) -> None:
    """A foreign page can send these types without being asked whether it may."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        response = client.post("/api/ask", content=b'{"question": "what?"}', headers={"content-type": kind})
        assert response.status_code == 422
        assert response.json()["error"]["message"] == "Send the body as JSON, with Content-Type: application/json."
    for kind in ("application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"):
        response = client.post("/api/ask", content=b'{"question": "what?"}', headers={"content-type": kind})
        assert response.status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_missing_body_is_told(client: TestClient, kind: str) -> None:
    error = client.post("/api/ask", content=b"", headers={"content-type": kind}).json()["error"]
    assert (error["code"], error["message"]) == ("bad_request", "The body is missing: send a JSON object.")


def test_half_a_character_pair_is_refused_rather_than_breaking_the_answer(client: TestClient) -> None:
    body = b'{"question": "what \\ud800?"}'
    response = client.post("/api/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422


def test_follow_up_is_read_with_the_turns_before_it() -> None:
    asked: list[str] = []

    class Watching(FakeAssistant):
        def ask(self, question: str, **rest: Any) -> Answer:
            asked.append(question)
            return super().ask(question, **rest)

    client = client_of(Watching(DOCUMENTS, {"who called for a ceasefire?": [("doc", "forty-two")]}))
    first = client.post("/api/ask", json={"question": "Who called for a ceasefire?"}).json()
    second = client.post("/api/ask", json={"question": "When?", "turns": [first]}).json()
    assert asked[1].lower().startswith("when did")
    assert "ceasefire" in asked[1]
    assert (second["question"], second["standalone_question"]) == ("When?", asked[1])
    assert client.post("/api/ask", json={"question": "When?", "turns": ["Who?"]}).status_code == 422
    assert client.post("/api/ask", json={"question": "When?", "turns": [first] * 21}).status_code == 422


def test_document_that_is_being_removed_is_gone_for_programs_too() -> None:
    page = Page(lambda: assistant)
    assistant = FakeAssistant(DOCUMENTS, KNOWN)
    app = FastAPI()
    app.include_router(api_router(page))
    client = TestClient(app)
    page.library.removals.hidden = lambda: frozenset({"doc"})  # type: ignore[method-assign]
    for response in (
        client.get("/api/documents/doc"),
        client.get("/api/documents/doc/text"),
        client.post("/api/ask", json={"question": "what?", "documents": ["doc"]}),
    ):
        assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_document")
    assert client.post("/api/search", json={"question": "answer words"}).json() == {"passages": []}


def test_a_name_that_a_removed_document_shares_means_the_other_one(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    old, new = add_texts(index, [("quay.txt", "Quay", "The quay is long."), ("quay.md", "Quay", "The quay is short.")])
    assistant: Any = SimpleNamespace(index=index)
    page = Page(lambda: assistant)
    app = FastAPI()
    app.include_router(api_router(page))
    client = TestClient(app)
    assert client.get("/api/documents/Quay").json()["error"]["code"] == "unknown_document"
    page.library.remove([old])
    assert client.get("/api/documents/Quay").json()["id"] == new
    assert client.get("/api/documents/Quay/text").json()["text"] == "The quay is short."


def test_search_gives_passages(client: TestClient) -> None:
    found = client.post("/api/search", json={"question": "answer words", "top": 1}).json()["passages"]
    assert [(hit["document_id"], hit["text"]) for hit in found] == [("doc", TEXT)]
    assert client.post("/api/search", json={"question": "answer", "top": 0}).status_code == 422


def test_documents_are_listed_described_and_read(client: TestClient) -> None:
    listed = client.get("/api/documents").json()
    assert (listed["total"], [document["id"] for document in listed["documents"]]) == (2, ["doc", "other"])
    second = client.get("/api/documents", params={"first": 1, "count": 5}).json()
    assert (second["total"], [document["id"] for document in second["documents"]]) == (2, ["other"])
    described = client.get("/api/documents/doc").json()
    assert (described["title"], described["characters"]) == ("Deep thought", len(TEXT))
    assert client.get("/api/documents/doc/text").json()["text"] == TEXT
    assert client.get("/api/documents/doc/text?start=5&end=5").json()["text"] == ""


@pytest.mark.parametrize("place", ["start=-1", "start=5&end=4", "end=1000", "start=1000", "start=x"])
def test_characters_that_are_not_there_are_told(client: TestClient, place: str) -> None:
    response = client.get(f"/api/documents/doc/text?{place}")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_request")


@pytest.mark.parametrize("name", ["gone", "..%2f..%2fetc%2fpasswd", "..", "%00"])
def test_document_that_is_not_there_is_told(client: TestClient, name: str) -> None:
    for path in (f"/api/documents/{name}", f"/api/documents/{name}/text"):
        assert client.get(path).status_code == 404


def test_long_text_comes_in_parts() -> None:
    text = "Long. " * 50_000
    client = client_of(FakeAssistant([make_document("long", text)], {}))
    first = client.get("/api/documents/long/text").json()
    assert (first["end"], first["characters"]) == (LONGEST_SLICE, len(text))
    rest = client.get("/api/documents/long/text", params={"start": first["end"]}).json()
    assert first["text"] + rest["text"] == text
    assert client.get(f"/api/documents/long/text?end={LONGEST_SLICE + 1}").status_code == 422


def test_the_most_that_is_given_at_a_time_is_described(client: TestClient) -> None:
    read = client.get("/api/openapi.json").json()["paths"]["/api/documents/{name}/text"]["get"]
    (end,) = [parameter for parameter in read["parameters"] if parameter["name"] == "end"]
    assert f"{LONGEST_SLICE:,} characters" in end["description"]


def test_the_sample_for_programs_reads_a_citation_beyond_that(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Long. " * 50_000 + "A ceasefire was called for by forty-two."
    question = "Who called for a ceasefire?"
    client = client_of(FakeAssistant([make_document("long", text)], {question: [("long", "forty-two")]}))
    monkeypatch.setattr("httpx.Client", lambda **_: client)
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
    exec(page.split("```python\n")[1].split("```")[0], {})  # noqa: S102 - our own documentation


def test_names_with_slashes_are_names(client: TestClient) -> None:
    named = [make_document("AC/DC tour", TEXT), make_document("/articles/text", TEXT), *DOCUMENTS]
    client = client_of(FakeAssistant(named, KNOWN))
    for name, path in (("AC/DC tour", "AC%2FDC tour"), ("AC/DC tour", "AC/DC%20tour")):
        assert client.get(f"/api/documents/{path}").json()["id"] == name
        assert client.get(f"/api/documents/{path}/text?end=4").json()["text"] == "Café"
    assert client.get("/api/documents/%2Farticles%2Ftext/text?end=4").json()["document_id"] == "/articles/text"
    assert client.get("/api/documents/a%2Fb").json()["error"]["code"] == "unknown_document"


def test_unknown_address_is_told(client: TestClient) -> None:
    for method, path in (
        ("GET", "/api/nothing"),
        ("GET", "/api/ask"),
        ("DELETE", "/api/info"),
        ("HEAD", "/api/documents"),
        ("OPTIONS", "/api/ask"),
        ("GET", "/api"),
        ("POST", "/api"),
        ("GET", "/api/"),
    ):
        response = client.request(method, path)
        assert (response.status_code, response.headers["content-type"]) == (404, "application/json")
        if method != "HEAD":
            assert response.json()["error"]["code"] == "unknown_address"


def test_health_can_be_asked_for_without_its_body(client: TestClient) -> None:
    assert client.head("/api/health").status_code == 200
    assert "head" not in client.get("/api/openapi.json").json()["paths"]["/api/health"]


def test_name_that_no_path_can_have_is_unknown(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", FakeEncoder())
    assistant: Any = SimpleNamespace(index=index)
    add_texts(index, [("quay.txt", "Quay", "The quay is long.")])
    app = FastAPI()
    app.include_router(api_router(Page(lambda: assistant)))
    client = TestClient(app)
    for response in (
        client.get("/api/documents/a%00b"),
        client.get("/api/documents/a%00b/text"),
        client.post("/api/search", json={"question": "quay", "documents": ["a\0b"]}),
    ):
        assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_document")


def test_no_index_is_told_and_a_damaged_one_too() -> None:
    def missing() -> FakeAssistant:
        raise IndexMissing("There is no index.")

    app = FastAPI()
    app.include_router(api_router(Page(missing)))
    client = TestClient(app)
    response = client.post("/api/ask", json={"question": "what?"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "no_documents")
    assert client.get("/api/documents").json() == {"total": 0, "documents": []}

    class Broken(FakeAssistant):
        def ask(self, question: str, **rest: Any) -> Answer:
            raise IndexCorrupt("The index is damaged.")

    response = client_of(Broken(DOCUMENTS, KNOWN)).post("/api/ask", json={"question": "what?"})
    assert (response.status_code, response.json()["error"]["message"]) == (503, "The index is damaged.")


def test_fault_of_ours_is_told_without_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    class Faulty(FakeAssistant):
        def ask(self, question: str, **rest: Any) -> Answer:
            raise RuntimeError("secret")

    response = client_of(Faulty(DOCUMENTS, KNOWN)).post("/api/ask", json={"question": "what?"})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "secret" in caplog.text


def test_full_queue_is_told_with_when_to_come_back() -> None:
    gate = Gate(running=1, waiting=0)
    client = client_of(FakeAssistant(DOCUMENTS, KNOWN), gate)
    with gate.turn():
        response = client.post("/api/ask", json={"question": "what?"})
        assert (response.status_code, response.json()["error"]["code"]) == (429, "busy")
        assert int(response.headers["retry-after"]) > 0
        assert client.get("/api/documents").status_code == 200  # reading goes on
    assert client.post("/api/ask", json={"question": "what?"}).status_code == 200


def test_ten_at_once_get_their_own_answers() -> None:
    text = " ".join(f"word{number}" for number in range(10))
    known = {f"question {number}": [("doc", f"word{number}")] for number in range(10)}
    client = client_of(FakeAssistant([make_document("doc", text)], known, delay=0.02))
    given: dict[int, tuple[str, str]] = {}

    def ask(number: int) -> None:
        answer = client.post("/api/ask", json={"question": f"question {number}"}).json()
        given[number] = (answer["question"], answer["answer"])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert given == {number: (f"question {number}", f"word{number}") for number in range(10)}


def test_everything_is_described(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert set(described["paths"]) >= {
        "/api/ask",
        "/api/search",
        "/api/documents",
        "/api/documents/{name}",
        "/api/documents/{name}/text",
        "/api/health",
        "/api/info",
    }
    ask = described["paths"]["/api/ask"]["post"]
    assert ask["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Answer")
    assert {"400", "404", "413", "422", "429", "503"} <= set(ask["responses"])
    assert "HTTPValidationError" not in described["components"]["schemas"]
    assert client.get("/api/health").json()["status"] == "ok"
    assert client.get("/api/info").json()["documents"] == 2


def test_bodies_and_refusals_are_described(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    for address, method, kind in (
        ("/api/library/uploads/{upload_id}/{number}", "put", "application/octet-stream"),
        ("/api/library/texts", "post", "application/json"),
        ("/api/evaluation/datasets", "post", "application/octet-stream"),
    ):
        body = paths[address][method]["requestBody"]
        assert (body["required"], list(body["content"])) == (True, [kind])
    pasted = paths["/api/library/texts"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (set(pasted["properties"]), pasted["required"]) == ({"title", "text"}, ["text"])
    for address, methods in paths.items():
        for method in methods.values():
            assert {"403", "500"} <= set(method["responses"])
            assert ("401" in method["responses"]) == (address != "/api/health")
    assert {"409", "413", "429"} <= set(paths["/api/library/uploads/{upload_id}/finish"]["post"]["responses"])
    assert "413" in paths["/api/library/uploads"]["post"]["responses"]
    assert "409" in paths["/api/library/removals/{removal_id}"]["delete"]["responses"]
    refused = paths["/api/ask"]["post"]["responses"]["403"]["content"]["application/json"]["schema"]
    assert refused == {"$ref": "#/components/schemas/ErrorBody"}
