"""The addresses of the Evaluation tab."""

import time
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.web.evaluations.making import ROWS, lines, open_assistant
from tests.web.fakes import FakeAssistant, make_document
from web.api import evaluations as routes_module
from web.api.evaluations import evaluations_router
from web.page import Page


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    assistant = open_assistant(tmp_path / "index")
    app = FastAPI()
    app.include_router(evaluations_router(Page(lambda: assistant)))
    return TestClient(app)


def upload(client: TestClient, name: str = "set.jsonl", data: bytes | None = None) -> dict[str, Any]:
    reply = client.post("/evaluation/datasets", params={"name": name}, content=lines(ROWS) if data is None else data)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


def run(client: TestClient, **request: Any) -> str:
    reply = client.post("/evaluation/job", json={"mode": "reading", **request})
    assert reply.status_code == 202, reply.text
    deadline = time.monotonic() + 60
    while (state := client.get("/evaluation/job").json())["state"] == "running" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert state["state"] == "done", state
    return str(state["result"])


def test_upload_run_look_and_remove(client: TestClient) -> None:
    assert client.get("/evaluation").json()["datasets"] == []
    given = upload(client, "Café “1”.jsonl")
    assert given["name"] == "Café “1”.jsonl"
    name = run(client, dataset=given["id"])
    overview = client.get("/evaluation").json()
    assert [one["id"] for one in overview["runs"]] == [name]
    details = client.get(f"/evaluation/runs/{name}").json()
    assert details["facts"]["questions"] == 4
    assert len(details["plots"]) == 3
    questions = client.get(f"/evaluation/runs/{name}/questions", params={"only": "all", "count": 3}).json()
    assert (questions["total"], len(questions["questions"])) == (4, 3)
    table = client.get(f"/evaluation/runs/{name}/files/results.csv")
    assert table.headers["content-disposition"] == 'attachment; filename="results.csv"'
    assert client.get("/evaluation/comparison", params={"a": name, "b": name}).json()["improvements"] == 0
    assert client.delete(f"/evaluation/runs/{name}").status_code == 204
    assert client.delete(f"/evaluation/datasets/{given['id']}").status_code == 204
    overview = client.get("/evaluation").json()
    assert (overview["runs"], overview["datasets"]) == ([], [])


def test_the_report_comes_with_a_strict_policy(client: TestClient) -> None:
    name = run(client, dataset=upload(client)["id"])
    reply = client.get(f"/evaluation/runs/{name}/report")
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "allow-same-origin" not in policy
    assert "connect-src 'none'" in policy
    assert "default-src 'none'; script-src 'sha256-" in reply.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/evaluation/runs/0000000000000000", 422),
        ("/evaluation/runs/..%2F..%2Findex.sqlite", 404),
        ("/evaluation/runs/zzzz", 422),
        ("/evaluation/runs/0000000000000000/files/..%2F..%2Fabout.json", 404),
        ("/evaluation/runs/0000000000000000/questions?count=1000", 422),
        ("/evaluation/comparison?a=../x&b=y", 422),
    ],
)
def test_what_is_not_there_is_told_plainly(client: TestClient, path: str, status: int) -> None:
    reply = client.get(path)
    assert reply.status_code == status
    assert "Traceback" not in reply.text


def spoil(path: Path, content: bytes | None) -> None:
    path.unlink()
    if content is not None:
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("address", "file", "content"),
    [
        ("", "summary.json", None),
        ("", "summary.json", b'{"tiles": []'),
        ("", "summary.json", b'{"tiles": []}'),
        ("", "summary.json", b'{"tiles": 3, "plots": {}}'),
        ("/questions", "questions.json", None),
        ("/questions", "questions.json", b"[]"),
        ("/questions", "questions.json", b"\xff\xfe"),
        ("/questions", "questions.json", b'{"questions": [{"right": false}]}'),
        ("/questions", "questions.json", b'{"questions": 3, "contexts": {}}'),
        ("/questions", "questions.json", b'{"questions": ["a"], "contexts": {}}'),
        (
            "/questions",
            "questions.json",
            b'{"questions": [{"right": false, "f1": 0, "confidence": null, "gold": [["a"]], "found": null}], "contexts": {}}',
        ),
        ("/report", "report.html", None),
        ("/report", "report.html", b"\xff\xfe"),
        ("/files/results.csv", "results.csv", b"\xff\xfe"),
    ],
)
def test_a_run_with_a_file_that_is_gone_or_cut_is_told_plainly(
    client: TestClient, tmp_path: Path, address: str, file: str, content: bytes | None
) -> None:
    name = run(client, dataset=upload(client)["id"])
    (path,) = tmp_path.rglob(file)
    spoil(path, content)
    reply = client.get(f"/evaluation/runs/{name}{address}")
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "bad_request")
    assert reply.json()["error"]["message"] == "This run cannot be read any more."
    assert client.delete(f"/evaluation/runs/{name}").status_code == 204


def test_only_the_files_meant_for_it_can_be_taken_along(client: TestClient) -> None:
    name = run(client, dataset=upload(client)["id"])
    assert client.get(f"/evaluation/runs/{name}/files/about.json").status_code == 422
    assert client.get(f"/evaluation/runs/{name}/files/scores.json").status_code == 200


def test_uploads_beyond_the_limit_are_refused(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes_module, "MAX_BYTES", 100)
    reply = client.post("/evaluation/datasets", params={"name": "a.json"}, content=b"x" * 101)
    assert reply.status_code == 422
    assert "at most 100 bytes" in reply.json()["error"]["message"]
    assert client.post("/evaluation/datasets", content=b"{}").status_code == 422


@pytest.mark.parametrize("change", [{"mode": "guessing"}, {"limit": 0}, {"dataset": "../x"}, {"more": 1}])
def test_requests_that_make_no_sense_are_refused(client: TestClient, change: dict[str, Any]) -> None:
    body = {"dataset": "0" * 16, "mode": "reading", **change}
    assert client.post("/evaluation/job", json=body).status_code == 422
    assert client.get("/evaluation/job").json()["state"] == "idle"


def test_a_page_without_an_index_says_so() -> None:
    assistant = FakeAssistant([make_document("a", "Text.")], {})
    app = FastAPI()
    app.include_router(evaluations_router(Page(lambda: assistant)))  # type: ignore[arg-type]
    reply = TestClient(app).get("/evaluation")
    assert reply.status_code == 422
    assert reply.json()["error"]["message"]
