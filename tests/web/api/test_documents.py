"""The documents panel over HTTP, behind the page's guard."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.types import Message, Scope

from index.local.store import LocalIndex
from tests.fakes import FakeEncoder
from web.api.documents import documents_router
from web.library import Library
from web.limits import BodyLimit
from web.security import PageGuard
from web.selection import COOKIE
from web.uploads import UploadLimits

URL = "http://127.0.0.1:7860"
LIMITS = UploadLimits(file=10_000, total=20_000, files=5, spare=0)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    held: list[LocalIndex] = []

    def make() -> None:
        held.append(LocalIndex.create(tmp_path / "index", FakeEncoder()))

    return Library(lambda: held[0] if held else None, make, limits=LIMITS, waiting=2, undo_seconds=30)


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    app = FastAPI(middleware=[Middleware(PageGuard), Middleware(BodyLimit)])
    page: Any = SimpleNamespace(library=library)
    app.include_router(documents_router(page), prefix="/api")
    with TestClient(app, base_url=URL) as client:
        client.headers["origin"] = URL
        yield client


def upload(client: TestClient, **files: bytes) -> str:
    """Send files; gives the id of the upload."""
    named = {name.replace("__", "."): content for name, content in files.items()}
    begun = client.post(
        "/api/library/uploads",
        json={"files": [{"name": name, "size": len(content)} for name, content in named.items()]},
    )
    assert begun.status_code == 201, begun.text
    for number, content in enumerate(named.values()):
        assert client.put(f"/api/library/uploads/{begun.json()['id']}/{number}", content=content).status_code == 204
    return str(begun.json()["id"])


def add(client: TestClient, library: Library, **files: bytes) -> dict[str, Any]:
    """Send files and wait until they are indexed; gives the job."""
    queued = client.post(f"/api/library/uploads/{upload(client, **files)}/finish", json={"on_conflict": "replace"})
    assert queued.status_code == 202
    assert library.jobs.wait(30)
    return next(job for job in client.get("/api/library/jobs").json()["jobs"] if job["id"] == queued.json()["id"])


def rows(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    found = client.get("/api/library/documents", params=asked)
    assert found.status_code == 200, found.text
    return list(found.json()["documents"])


def test_upload_list_and_job(client: TestClient, library: Library) -> None:
    assert client.get("/api/library/documents").json()["total"] == 0
    job = add(client, library, one__txt=b"The river rose.", two__txt=b"The bridge fell.", bad__txt=b"")
    assert (job["state"], job["new"], job["failed"], job["documents_done"]) == ("done", 2, 1, 3)
    listed = client.get("/api/library/documents", params={"sort": "size", "descending": True, "limit": 1}).json()
    assert (listed["total"], listed["matching"], listed["keeps_originals"]) == (2, 2, True)
    (row,) = listed["documents"]
    assert (row["title"], row["size"], row["passages"], row["status"], row["asked"]) == ("two", 16, 1, "ready", False)
    assert [found["title"] for found in rows(client, words="ONE")] == ["one"]
    assert client.delete(f"/api/library/jobs/{job['id']}").status_code == 204
    assert client.delete(f"/api/library/jobs/{job['id']}").status_code == 404


def test_names_that_are_taken_are_listed(client: TestClient, library: Library) -> None:
    add(client, library, one__txt=b"First.")
    waiting = upload(client, one__txt=b"Second.")
    asked = client.post(f"/api/library/uploads/{waiting}/finish", json={})
    assert asked.status_code == 409
    assert asked.json()["error"]["code"] == "names_taken"
    assert asked.json()["error"]["message"].split("\n")[1:] == ["one.txt"]
    assert client.post(f"/api/library/uploads/{waiting}/finish", json={"on_conflict": "keep_both"}).status_code == 202
    assert library.jobs.wait(30)
    assert [row["title"] for row in rows(client)] == ["one", "one (2)"]


def test_pasted_text_and_sample(client: TestClient, library: Library) -> None:
    assert (
        client.post("/api/library/texts", json={"title": "Note", "text": "The tide comes at nine."}).status_code == 202
    )
    assert client.post("/api/library/sample").status_code == 202
    assert library.jobs.wait(30)
    assert [row["title"] for row in rows(client)] == ["karabakh", "Note"]
    assert len(client.get("/api/library/sample/questions").json()) == 3


def test_removal_and_undo(client: TestClient, library: Library) -> None:
    add(client, library, one__txt=b"First.", two__txt=b"Second.")
    names = [row["id"] for row in rows(client)]
    removal = client.post("/api/library/removals", json={"documents": names[:1]})
    assert removal.status_code == 201
    assert (removal.json()["title"], removal.json()["documents"]) == ("one", 1)
    listed = client.get("/api/library/documents").json()
    assert [row["title"] for row in listed["documents"]] == ["two"]
    assert [pending["id"] for pending in listed["removals"]] == [removal.json()["id"]]
    assert client.delete(f"/api/library/removals/{removal.json()['id']}").status_code == 204
    assert client.delete(f"/api/library/removals/{removal.json()['id']}").status_code == 409
    assert [row["title"] for row in rows(client)] == ["one", "two"]


def test_each_browser_has_a_choice_of_its_own(client: TestClient, library: Library) -> None:
    add(client, library, one__txt=b"First.", two__txt=b"Second.")
    second = rows(client)[1]["id"]
    assert client.get("/api/library/selection").json() == {"documents": [], "total": 2, "title": None}
    assert COOKIE not in client.cookies
    chosen = client.put("/api/library/selection", json={"documents": [second, "gone"]})
    assert chosen.json() == {"documents": [second], "total": 2, "title": "two"}
    cookie = chosen.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert [row["asked"] for row in rows(client)] == [False, True]
    assert client.get("/api/library/matching", params={"words": "two"}).json() == {"documents": [second]}
    visitor = client.cookies[COOKIE]
    within = library.within(visitor)
    assert within is not None
    assert within.documents == (second,)
    client.cookies.clear()
    assert client.get("/api/library/selection").json()["documents"] == []


# ---- refusals ----


def test_limits_are_told(client: TestClient) -> None:
    def begin(*sizes: int) -> Any:
        return client.post(
            "/api/library/uploads", json={"files": [{"name": f"{n}.txt", "size": size} for n, size in enumerate(sizes)]}
        )

    for sizes, words in (((10_001,), "more than the"), ((9_000,) * 3, "Together"), ((1,) * 6, "6 files")):
        refused = begin(*sizes)
        assert refused.status_code == 413
        assert words in refused.json()["error"]["message"]
    begun = begin(10).json()["id"]
    assert client.put(f"/api/library/uploads/{begun}/0", content=b"x" * 11).status_code == 413
    assert client.put(f"/api/library/uploads/{begun}/0", content=b"x" * 9).status_code == 413
    assert client.put(f"/api/library/uploads/{begun}/1", content=b"x").status_code == 413
    assert client.post(f"/api/library/uploads/{begun}/finish", json={}).status_code == 413
    assert client.put(f"/api/library/uploads/{begun}/0", content=b"x" * 10).status_code == 204
    assert client.delete(f"/api/library/uploads/{begun}").status_code == 204
    assert client.post(f"/api/library/uploads/{begun}/finish", json={}).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/uploads", {"files": []}, 422),
        ("POST", "/uploads", {"files": [{"name": "a", "size": -1}]}, 422),
        ("POST", "/uploads", {"files": [{"name": "a" * 6000, "size": 1}]}, 422),
        ("POST", "/removals", {"documents": ["../x"]}, 422),
        ("POST", "/removals", {"documents": ["gone"]}, 404),
        ("POST", "/removals", {"documents": []}, 404),
        ("PUT", "/selection", {"documents": ["<script>"]}, 422),
        ("PUT", "/selection", {"documents": "all"}, 422),
        ("POST", "/texts", {"text": ""}, 422),
        ("POST", "/texts", {"text": "null\x00"}, 422),
        ("POST", "/texts", {"title": "no text"}, 422),
        ("GET", "/documents?sort=secret", None, 422),
        ("GET", "/documents?limit=100000", None, 422),
        ("GET", "/documents?offset=-1", None, 422),
    ],
)
def test_what_does_not_fit_is_refused(client: TestClient, method: str, path: str, body: Any, status: int) -> None:
    refused = client.request(method, f"/api/library{path}", json=body)
    assert refused.status_code == status, refused.text
    assert set(refused.json()["error"]) == {"code", "message"}


def test_a_text_that_is_too_long_is_not_read_to_its_end(client: TestClient) -> None:
    refused = client.post("/api/library/texts", content=b"x" * 17_000_000)
    assert refused.status_code == 413


@pytest.mark.parametrize("path", ["/uploads", "/uploads/{}/finish", "/removals"])
def test_only_the_bytes_of_files_are_taken_without_a_limit(
    client: TestClient, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    begun = client.post("/api/library/uploads", json={"files": [{"name": "a.txt", "size": 1}]}).json()["id"]

    def spaces() -> Iterator[bytes]:
        for _ in range(17):
            yield b" " * 2**20

    for content in (b" " * 17 * 2**20, spaces()):
        refused = client.post(
            f"/api/library{path.format(begun)}", content=content, headers={"content-type": "application/json"}
        )
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_large")
    assert caplog.records == []


def test_a_large_file_is_taken(tmp_path: Path) -> None:
    held = [LocalIndex.create(tmp_path / "index", FakeEncoder())]
    app = FastAPI(middleware=[Middleware(BodyLimit)])
    page: Any = SimpleNamespace(library=Library(lambda: held[0], limits=UploadLimits(spare=0)))
    app.include_router(documents_router(page), prefix="/api")
    content = b"x" * (17 * 2**20)
    assert upload(TestClient(app), large__pdf=content)


def test_a_browser_that_goes_away_is_no_fault_of_ours(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    begun = client.post("/api/library/uploads", json={"files": [{"name": "a.txt", "size": 10}]}).json()["id"]

    async def part() -> Message:
        return messages.pop(0)

    async def told(message: Message) -> None:
        answers.append(message)

    for method, path in (("PUT", f"/uploads/{begun}/0"), ("POST", "/texts"), ("POST", "/uploads")):
        messages: list[Message] = [
            {"type": "http.request", "body": b"half", "more_body": True},
            {"type": "http.disconnect"},
        ]
        answers: list[Message] = []
        scope: Scope = {
            "type": "http",
            "method": method,
            "path": f"/api/library{path}",
            "query_string": b"",
            "headers": [(b"host", b"127.0.0.1:7860"), (b"origin", URL.encode())],
        }
        anyio.run(client.app, scope, part, told)
        assert answers[0]["status"] == 400, path
    assert caplog.records == []
    assert client.put(f"/api/library/uploads/{begun}/0", content=b"x" * 10).status_code == 204, "it can come again"


def test_a_full_queue_is_told(client: TestClient, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.jobs, "_waiting", 0)
    refused = client.post(f"/api/library/uploads/{upload(client, one__txt=b'First.')}/finish", json={})
    assert refused.status_code == 429
    assert "waiting already" in refused.json()["error"]["message"]
    assert "Retry-After" in refused.headers


def changing_routes() -> list[tuple[str, str]]:
    """Method and address of every route that changes something, as the router itself has them."""
    page: Any = SimpleNamespace(library=None)
    return sorted(
        (method, route.path.replace("{number}", "0").replace("{", "").replace("}", ""))
        for route in documents_router(page).routes
        for method in route.methods  # type: ignore[attr-defined]
        if method not in ("GET", "HEAD")
    )


def test_there_are_routes_that_change_something() -> None:
    assert len(changing_routes()) == 10


def test_other_sites_change_nothing(client: TestClient) -> None:
    foreign = (
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": URL, "sec-fetch-site": "cross-site"},
        {"host": "evil.example"},
    )
    for method, path in changing_routes():
        for headers in foreign:
            refused = client.request(method, f"/api{path}", headers=headers, content=b"{}")
            assert refused.status_code == 403, (method, path, headers)
    assert client.get("/api/library/jobs").json() == {"jobs": []}


def test_reading_from_another_site_is_refused_too(client: TestClient) -> None:
    assert client.get("/api/library/documents", headers={"origin": "http://evil.example"}).status_code == 403
