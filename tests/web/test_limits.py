from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from web.limits import BodyLimit

LIMITS = (("/api/big", None), ("/api/", 10), ("PUT /api/file/", None), ("/", 20))


async def length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def unread(request: Request) -> PlainTextResponse:
    return PlainTextResponse("unread")


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/api/unread", unread, methods=["POST"]), Route("/{path:path}", length, methods=["POST", "PUT"])]
    return TestClient(BodyLimit(Starlette(routes=routes), LIMITS))


def parts(count: int) -> Iterator[bytes]:
    """A body whose length is not announced."""
    for _ in range(count):
        yield b"x"


@pytest.mark.parametrize(("path", "size", "status"), [
    ("/api/x", 10, 200), ("/api/x", 11, 413), ("/other", 20, 200), ("/other", 21, 413), ("/api/big/1", 1000, 200),
])  # fmt: skip
def test_longest_beginning_of_the_path_decides(client: TestClient, path: str, size: int, status: int) -> None:
    for response in (client.post(path, content=b"x" * size), client.post(path, content=parts(size))):
        assert response.status_code == status
        if status == 200:
            assert response.text == str(size)
        else:
            assert response.json()["error"]["code"] == "too_large"
            assert "at most" in response.json()["error"]["message"]


def test_limit_can_be_that_of_one_method(client: TestClient) -> None:
    assert client.put("/api/file/1", content=b"x" * 1000).text == "1000"
    assert client.post("/api/file/1", content=b"x" * 11).status_code == 413
    assert client.put("/api/other", content=b"x" * 11).status_code == 413


def test_body_that_nobody_reads_needs_no_limit(client: TestClient) -> None:
    assert client.post("/api/unread", content=parts(50)).text == "unread"


@pytest.mark.parametrize("announced", ["-1", "x", "1e9", ""])
def test_length_that_is_no_number_does_not_help(client: TestClient, announced: str) -> None:
    response = client.post("/api/x", content=b"x" * 11, headers={"content-length": announced})
    assert response.status_code == 413


def test_fault_of_the_application_comes_through() -> None:
    async def broken(request: Request) -> PlainTextResponse:
        raise ZeroDivisionError

    app = BodyLimit(Starlette(routes=[Route("/", broken, methods=["POST"])]))
    with pytest.raises(ZeroDivisionError):
        TestClient(app).post("/", content=b"x")
