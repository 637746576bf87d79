import asyncio
import base64
import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from web.auth import AccountGuard
from web.passwords import Accounts, hash_password
from web.protection import protection
from web.sessions import FREE_GUESSES, IDLE_SECONDS, LONGEST_WAIT_OF_A_NAME, Sessions, Throttle


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


def guard_of(clock: Clock) -> AccountGuard:
    return AccountGuard(
        INSIDE, QuickAccounts(), Sessions(clock), Throttle(clock), Throttle(clock, LONGEST_WAIT_OF_A_NAME)
    )


@pytest.fixture
def client(clock: Clock) -> Iterator[TestClient]:
    guard = guard_of(clock)
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


@pytest.mark.parametrize(
    "other",
    [
        'prefs={"theme":"dark","n":1}',
        "x=a b c",
        "x[y]=1",
        "noequals",
        "name@x=1",
        "a/b=1",
        "path=/x",
        "expires=soon",
        "naïve=é",
        "=v",
    ],
)
def test_cookies_of_other_programs_on_this_computer_do_not_matter(client: TestClient, other: str) -> None:
    client.post("/login", data=RIGHT)
    ((name, token),) = client.cookies.items()
    client.cookies.clear()
    for sent in (f"{other}; {name}={token}", f"{name}={token}; {other}"):
        assert client.get("/", headers={"cookie": sent.encode("latin-1")}).status_code == 200
    both = {"cookie": f"{other}; {name}={token}".encode("latin-1")}
    assert client.post("/logout", headers=both).status_code == 303
    assert client.get("/", headers=both).status_code == 401


def test_cookies_may_come_in_headers_of_their_own(client: TestClient) -> None:
    client.post("/login", data=RIGHT)
    ((name, token),) = client.cookies.items()
    client.cookies.clear()
    apart = client.build_request("GET", "/")
    cookies = [(b"cookie", b"noequals"), (b"cookie", f"{name}={token}".encode()), (b"cookie", b"other=1")]
    apart.headers = type(apart.headers)([(b"host", b"127.0.0.1:7860"), *cookies])
    assert client.send(apart).status_code == 200


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


@pytest.mark.parametrize("user", ["anna", "nobody of that name"])
def test_guessing_gets_slow_from_many_addresses_too(clock: Clock, user: str) -> None:
    """Whoever connects from this computer can say that it is for another address, a new one each time."""
    guard = guard_of(clock)
    addresses = iter(range(1, 250))

    def guess(password: str) -> httpx.Response:
        from_there = TestClient(guard, "http://127.0.0.1:7860", client=(f"10.0.0.{next(addresses)}", 1))
        return from_there.post("/api/ask", headers=basic(user, password))

    for number in range(FREE_GUESSES):
        assert guess(f"guess {number}").status_code == 401
    waits = []
    for number in range(7):
        refused = guess(f"other {number}")
        assert refused.status_code == 429
        waits.append(int(refused.headers["retry-after"]))
        clock.now += waits[-1]
        assert guess(f"another {number}").status_code == 401
    assert waits == [2, 4, 8, 16, 30, 30, 30]  # no more: else anybody could keep somebody else out for long
    other = TestClient(guard, "http://127.0.0.1:7860", client=("10.0.0.250", 1))
    assert other.post("/api/ask", headers=basic("ben", "x")).status_code == 401  # other names are free


def test_right_password_ends_the_wait_for_its_name(clock: Clock) -> None:
    guard = guard_of(clock)
    for number in range(FREE_GUESSES):
        guesser = TestClient(guard, "http://127.0.0.1:7860", client=(f"10.0.0.{number}", 1))
        guesser.post("/api/ask", headers=basic("anna", "guess"))
    own = TestClient(guard, "http://127.0.0.1:7860", follow_redirects=False, client=("10.0.0.99", 1))
    assert own.post("/login", data=RIGHT).status_code == 429
    clock.now += 2
    assert own.post("/login", data=RIGHT).status_code == 303
    assert own.post("/login", data=WRONG).status_code == 401
    assert own.post("/login", data=WRONG).status_code == 401
    assert own.post("/login", data=RIGHT).status_code == 303


class SlowAccounts(QuickAccounts):
    """Takes a moment, and counts how often it is asked."""

    def __init__(self) -> None:
        self.checks = 0
        self._lock = threading.Lock()

    def check(self, user: str, password: str) -> bool:
        with self._lock:
            self.checks += 1
        time.sleep(0.1)
        return super().check(user, password)


def statuses_of(accounts: QuickAccounts, passwords: list[str]) -> Counter[int]:
    """Statuses of requests that come at the same moment, one with each password."""

    async def run() -> Counter[int]:
        transport = httpx.ASGITransport(AccountGuard(INSIDE, accounts))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
            asked = [client.post("/api/ask", headers=basic("anna", password)) for password in passwords]
            return Counter(response.status_code for response in await asyncio.gather(*asked))

    return asyncio.run(run())


def test_program_may_begin_with_many_requests_at_once() -> None:
    accounts = SlowAccounts()
    assert statuses_of(accounts, ["correct horse"] * 40) == {200: 40}
    assert accounts.checks == 1


def test_guesses_at_once_are_not_free() -> None:
    accounts = SlowAccounts()
    assert statuses_of(accounts, [f"guess {number}" for number in range(12)]) == {401: 5, 429: 7}
    assert accounts.checks == 5
    accounts = SlowAccounts()
    assert statuses_of(accounts, ["the same guess"] * 12) == {401: 12}
    assert accounts.checks == 1


def test_check_that_broke_off_leaves_nobody_waiting() -> None:
    class Breaking(SlowAccounts):
        def check(self, user: str, password: str) -> bool:
            if super().check(user, password) and self.checks == 1:
                raise MemoryError
            return True

    async def run() -> list[int | type[BaseException]]:
        transport = httpx.ASGITransport(AccountGuard(INSIDE, Breaking()))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
            asked = [client.post("/api/ask", headers=basic("anna", "correct horse")) for _ in range(3)]
            given = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 30)
        return [type(one) if isinstance(one, BaseException) else one.status_code for one in given]

    assert asyncio.run(run()) == [MemoryError, 200, 200]


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


def test_logging_in_works_behind_a_web_server_that_speaks_https() -> None:
    accounts = Accounts({"anna": hash_password("correct horse")})
    app = Starlette(routes=INSIDE.routes, middleware=protection("127.0.0.1", accounts, ["footnote.example.org"]))
    client = TestClient(app, base_url="https://footnote.example.org", follow_redirects=False)
    response = client.post("/login", data=RIGHT, headers={"origin": "https://footnote.example.org"})
    assert response.status_code == 303
    assert "secure" in response.headers["set-cookie"].lower()
    assert client.get("/").text == "inside /"
    assert client.get("/", headers={"host": "evil.example"}).status_code == 403


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
