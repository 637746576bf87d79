"""The password in front of the page: a login page for people, HTTP Basic for programs."""

import base64
import binascii
import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs

import anyio
import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.api.errors import error_response
from web.login import login_page
from web.passwords import Accounts
from web.sessions import LONGEST_WAIT_OF_A_NAME, Sessions, Throttle

_OPEN = ("/health", "/api/health")
_FOR_PROGRAMS = ("/api/", "/mcp")
_LONGEST_FORM = 16_384
_WRONG = "That name and password do not go together."
_CHECKS_AT_ONCE, _CHECKS_WAITING = 2, 20


@dataclass(slots=True)
class _Check:
    """A check of one name and password that is under way; ``right`` stays ``None`` if it broke off."""

    done: anyio.Event
    right: bool | None = None


class AccountGuard:
    """ASGI middleware that lets nobody through who has not logged in."""

    def __init__(
        self,
        app: ASGIApp,
        accounts: Accounts,
        sessions: Sessions | None = None,
        addresses: Throttle | None = None,
        names: Throttle | None = None,
    ) -> None:
        """Guard ``app`` for ``accounts``.

        Args:
            app: what to guard.
            accounts: who may pass.
            sessions: who has logged in.
            addresses, names: wrong passwords by where they came from and by whose they should be. What is on this
                computer, a proxy or a guesser, can name any address as the one that it speaks for, but has to name the
                user that it is after.
        """
        self._app = app
        self._accounts = accounts
        self._sessions = Sessions() if sessions is None else sessions
        self._addresses = Throttle() if addresses is None else addresses
        self._names = Throttle(longest=LONGEST_WAIT_OF_A_NAME) if names is None else names
        # Programs send the password each time; what was right once is known by a keyed hash, so scrypt runs once.
        self._key = secrets.token_bytes(32)
        self._known: set[bytes] = set()
        self._running: dict[bytes, _Check] = {}
        self._checking: anyio.CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket") or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # the page uses none
            return
        response: Response | None
        request = Request(scope, receive)
        if scope["path"] == "/login":
            response = await self._login(request)
        elif scope["path"] == "/logout":
            response = self._logout(request)
        else:
            response = await self._refusal(request)
        await (self._app if response is None else response)(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        """``None`` for those who may pass."""
        if self._user(request) is not None:
            return None
        given = _basic(request.headers)
        if given is not None:
            wait = await self._check(request, *given)
            if wait == 0:
                return None
            if wait is not None:
                return _told(error_response(429, "too_many_guesses", "Too many wrong passwords. Wait."), wait)
        if not request.url.path.startswith(_FOR_PROGRAMS) and "text/html" in request.headers.get("accept", ""):
            return login_page(401)
        refusal = error_response(401, "login_needed", "Log in first, or send the name and password as HTTP Basic.")
        if "sec-fetch-mode" not in request.headers:
            # Not to browsers, which would ask in a window of their own.
            refusal.headers["WWW-Authenticate"] = 'Basic realm="Footnote", charset="UTF-8"'
        return refusal

    async def _login(self, request: Request) -> Response:
        if request.method != "POST":
            return login_page(200)
        try:
            form = await _form(request)
        except (ValueError, ClientDisconnect):
            return login_page(400, "The form could not be read. Try again.")
        user, password = form.get("user", ""), form.get("password", "")
        wait = await self._check(request, user, password)
        if wait is None:
            return login_page(401, _WRONG)
        if wait > 0:
            seconds = math.ceil(wait)
            return login_page(429, f"Too many wrong passwords. Try again in {seconds} seconds.", retry=seconds)
        response = RedirectResponse("/", 303)
        response.set_cookie(
            _cookie(request),
            self._sessions.begin(user),
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
            path="/",
        )
        return response

    def _logout(self, request: Request) -> Response:
        if request.method != "POST":  # so that no link or picture can log anybody out
            return RedirectResponse("/", 303)
        self._sessions.end(_token(request))
        response = RedirectResponse("/login", 303, {"Clear-Site-Data": '"cache", "storage"'})
        response.delete_cookie(_cookie(request), httponly=True, samesite="strict", path="/")
        return response

    def _user(self, request: Request) -> str | None:
        token = _token(request)
        return self._sessions.user_of(token) if token else None

    async def _check(self, request: Request, user: str, password: str) -> float | None:
        """0 when the password is right, ``None`` when it is wrong, else the seconds to wait before it is looked at."""
        pair = hmac.digest(self._key, f"{user}\0{password}".encode("utf-8", "surrogatepass"), hashlib.sha256)
        # A program may begin with many requests at once: they share one check, and count as one try.
        while (running := self._running.get(pair)) is not None:
            await running.done.wait()
            if running.right is not None:
                return 0.0 if running.right else None
        if pair in self._known:
            return 0.0
        address = request.client.host if request.client else ""
        wait = max(self._addresses.wait(address), self._names.wait(user))
        if wait > 0:
            return wait
        if self._checking is None:
            self._checking = anyio.CapacityLimiter(_CHECKS_AT_ONCE)
        if self._checking.statistics().tasks_waiting >= _CHECKS_WAITING:
            return 1.0
        # Counted before it is checked, or else many guesses sent at once would all be free.
        self._addresses.failed(address)
        self._names.failed(user)
        check = self._running[pair] = _Check(anyio.Event())
        try:
            check.right = await anyio.to_thread.run_sync(self._accounts.check, user, password, limiter=self._checking)
        finally:
            del self._running[pair]
            check.done.set()
        if not check.right:
            return None
        self._addresses.succeeded(address)
        self._names.succeeded(user)
        self._known.add(pair)
        return 0.0


def _basic(headers: Headers) -> tuple[str, str] | None:
    """Name and password of HTTP Basic authentication (RFC 7617), or ``None``."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, password) if colon else None


async def _form(request: Request) -> dict[str, str]:
    """Fields of a form; raises ``ValueError`` when it is none or too long."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise ValueError("not a form")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_FORM:
            raise ValueError("too long")
    fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10)
    return {name: values[0] for name, values in fields.items()}


def _cookie(request: Request) -> str:
    """Name of the cookie: browsers send cookies to every port, and several pages may run on one computer."""
    server = request.scope.get("server")
    return f"footnote-{server[1] if server else 0}"


def _token(request: Request) -> str:
    # Not by http.cookies, which gives up at the first cookie of another program on this host that it does not like.
    return request.cookies.get(_cookie(request), "")


def _told(response: Response, wait: float) -> Response:
    response.headers["Retry-After"] = str(math.ceil(wait))
    return response
