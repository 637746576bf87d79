import base64
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from web.auth import AccountGuard
from web.passwords import Accounts, hash_password
from web.protection import protection
from web.sessions import FREE_GUESSES, IDLE_SECONDS, Sessions, Throttle


class QuickAccounts:
    """Knows one user without the work of scrypt."""

    def check(self, user: str, password: str) -> bool:
        return (user, password) == ("anna", "correct horse")


RIGHT = {"user": "anna", "password": "correct horse"}
WRONG = {"user": "anna", "password": "wrong horse"}
BROWSER = {"accept": "text/html,*/*", "sec-fetch-mode": "navigate"}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def inside(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"inside {request.url.path}")


METHODS = ["GET", "POST", "PUT", "DELETE"]
INSIDE = Starlette(routes=[Route("/{path:path}", inside, methods=METHODS), Route("/", inside, methods=METHODS)])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[TestClient]:
    guard = AccountGuard(INSIDE, QuickAccounts(), Sessions(clock), Throttle(clock))
    with TestClient(guard, base_url="http://127.0.0.1:7860", follow_redirects=False) as client:
        yield client


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    "path", ["/", "/config", "/gradio_api/queue/join", "/api/ask", "/api/library/uploads", "/mcp", "/assets/x.js"]
)
@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_open_without_a_password(client: TestClient, path: str, method: str) -> None:
    response = client.request(method, path)
    assert response.status_code == 401
    assert "inside" not in response.text


def test_health_is_open(client: TestClient) -> None:
    assert client.get("/health").text == "inside /health"
    assert client.get("/api/health").status_code == 200


def test_log_in_use_and_log_out(client: TestClient) -> None:
    shown = client.get("/", headers=BROWSER)
    assert (shown.status_code, "<form" in shown.text) == (401, True)
    response = client.post("/login", data=RIGHT)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    cookie = response.headers["set-cookie"].lower()
    assert cookie.startswith("footnote-")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/").text == "inside /"
    assert client.post("/api/ask").text == "inside /api/ask"
    stolen = dict(client.cookies)
    assert client.get("/logout").status_code == 303
    assert client.get("/").status_code == 200  # a link logs nobody out
    assert client.post("/logout").headers["location"] == "/login"
    client.cookies.update(stolen)
    assert client.get("/").status_code == 401


@pytest.mark.parametrize(
    "given", [WRONG, {"user": "ben", "password": "correct horse"}, {"user": "anna"}, {}, {"user": "", "password": ""}]
)
def test_wrong_ones_are_told_alike(client: TestClient, given: dict[str, str]) -> None:
    response = client.post("/login", data=given)
    assert response.status_code in (400, 401)
    assert "set-cookie" not in response.headers
    if response.status_code == 401:
        assert "do not go together" in response.text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"user=anna&password=correct+horse", "text/plain"),
        (b'{"user": "anna", "password": "correct horse"}', "application/json"),
        (b"user=anna&password=" + b"x" * 20_000, "application/x-www-form-urlencoded"),
        (b"user=\xff\xfe&password=x", "application/x-www-form-urlencoded"),
        (b"&a=1" * 50, "application/x-www-form-urlencoded"),
    ],
)
def test_other_forms_are_not_read(client: TestClient, body: bytes, kind: str) -> None:
    response = client.post("/login", content=body, headers={"content-type": kind})
    assert response.status_code == 400


@pytest.mark.parametrize(
    "cookie", ["footnote-7860=", "footnote-7860=guess", "footnote-7860=" + "x" * 5000, "a=b; \x7f; footnote-80", "=;=;"]
)
def test_made_up_cookie_opens_nothing(client: TestClient, cookie: str) -> None:
    assert client.get("/", headers={"cookie": cookie}).status_code == 401


def test_session_that_is_not_used_ends(client: TestClient, clock: Clock) -> None:
    client.post("/login", data=RIGHT)
    clock.now += IDLE_SECONDS - 1
    assert client.get("/").status_code == 200
    clock.now += IDLE_SECONDS - 1
    assert client.get("/").status_code == 200
    clock.now += IDLE_SECONDS + 1
    assert client.get("/").status_code == 401


def test_programs_send_the_password_themselves(client: TestClient) -> None:
    for path in ("/api/ask", "/mcp", "/"):
        assert client.post(path, headers=basic("anna", "correct horse")).status_code == 200
    assert client.post("/api/ask", headers=basic("anna", "wrong")).status_code == 401
    assert client.post("/api/ask", headers=basic("ben", "correct horse")).status_code == 401
    for value in ("Basic", "Basic !!!", "Basic YW5uYQ==", "Bearer correct horse", "Basic /w=="):
        assert client.post("/api/ask", headers={"authorization": value}).status_code == 401
    asked = client.post("/api/ask")
    assert asked.headers["www-authenticate"].startswith("Basic")
    assert asked.json()["error"]["code"] == "login_needed"
    assert "www-authenticate" not in client.post("/api/ask", headers={"sec-fetch-mode": "cors"}).headers


def test_guessing_gets_slow(client: TestClient, clock: Clock) -> None:
    for _ in range(FREE_GUESSES):
        assert client.post("/login", data=WRONG).status_code == 401
    waits = []
    for _ in range(12):
        refused = client.post("/login", data=RIGHT)  # not even the right one is looked at
        assert refused.status_code == 429
        assert "Try again in" in refused.text
        waits.append(int(refused.headers["retry-after"]))
        assert client.post("/api/ask", headers=basic("anna", "guess")).status_code == 429
        clock.now += waits[-1]
        assert client.post("/login", data=WRONG).status_code == 401
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    clock.now += 300
    assert client.post("/login", data=RIGHT).status_code == 303
    assert client.post("/login", data=WRONG).status_code == 401  # and counting starts again


def test_program_that_knows_the_password_is_not_held_up_by_one_that_guesses(client: TestClient) -> None:
    login = basic("anna", "correct horse")
    assert client.post("/api/ask", headers=login).status_code == 200
    for _ in range(FREE_GUESSES + 1):
        client.post("/api/ask", headers=basic("anna", "guess"))
    assert client.post("/api/ask", headers=basic("anna", "guess")).status_code == 429
    assert client.post("/api/ask", headers=login).status_code == 200


def test_waits_stay_bounded_however_often_somebody_guesses(clock: Clock) -> None:
    throttle = Throttle(clock)
    for _ in range(3_000):
        throttle.failed("address")
    assert throttle.wait("address") == 300
    clock.now += 300
    assert throttle.wait("address") == 0


def test_tables_do_not_grow_without_end(clock: Clock) -> None:
    sessions, throttle = Sessions(clock), Throttle(clock)
    first = sessions.begin("anna")
    for number in range(1_000):
        clock.now += 1
        sessions.begin("anna")
        throttle.failed(f"address {number}")
    assert sessions.user_of(first) is None
    assert len(sessions._used) == 1_000
    for number in range(12_000):
        throttle.failed(f"other {number}")
    assert len(throttle._failures) == 10_000


def test_login_page_allows_nothing_unsafe_and_repeats_nothing(client: TestClient) -> None:
    hostile = "<script>alert(1)</script>"
    response = client.post("/login", data={"user": hostile, "password": hostile})
    assert hostile not in response.text
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["cache-control"] == "no-store"
    assert "http://" not in response.text
    assert "https://" not in response.text


def test_everything_in_front_of_the_page_works_together() -> None:
    accounts = Accounts({"anna": hash_password("correct horse")})
    app = Starlette(routes=INSIDE.routes, middleware=protection("127.0.0.1", accounts))
    client = TestClient(app, base_url="http://127.0.0.1:7860", follow_redirects=False)
    foreign = client.post("/login", data=RIGHT, headers={"origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert "set-cookie" not in foreign.headers
    shown = client.get("/", headers=BROWSER)
    assert shown.status_code == 401
    assert "unsafe" not in shown.headers["content-security-policy"]
    assert shown.headers["x-frame-options"] == "DENY"
    assert client.post("/login", data=RIGHT, headers={"origin": "http://127.0.0.1:7860"}).status_code == 303
    assert client.get("/").text == "inside /"
