import asyncio
import base64
import hashlib
import json
from typing import Any

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse

from index.errors import InputError
from web.security import PageGuard, host_names, warning


def request(
    path: str = "/",
    *,
    method: str = "GET",
    host: str | None = "127.0.0.1:7860",
    names: tuple[str, ...] = (),
    **headers: str,
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of one request through the guard."""
    sent: list[dict[str, Any]] = []
    pairs = [] if host is None else [(b"host", host.encode())]
    pairs += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "method": method, "path": path, "headers": pairs, "query_string": b"", "scheme": "http",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(PageGuard(PlainTextResponse("through"), names)(scope, receive, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, sent[1]["body"].decode()


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "127.0.0.1", "localhost:7860", "LOCALHOST", "[::1]:7860", "192.168.1.5:7860"]
)
def test_addresses_and_localhost_are_let_through(host: str) -> None:
    assert request(host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:7860",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1:x",
        "localhost@evil.example",
        "[::1",
        "[::1]x",
        ":7860",
    ],
)
def test_other_names_are_refused(host: str | None) -> None:
    assert request(host=host)[0] == 403


def test_given_name_is_let_through() -> None:
    assert request(host="laptop.local:7860", names=("laptop.local",))[0] == 200


@pytest.mark.parametrize("name", ["footnote.example.org", "Footnote.Example.ORG.", "xn--bcher-kva.example", "nas"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "laptop.local"])  # noqa: S104 - only a name is asked for
def test_further_name_is_let_through(name: str, host: str) -> None:
    """A web server in front hands on the Host and the Origin that the browser sent."""
    names = tuple(host_names(host, [name, "other.example"]))
    sent = name.lower().rstrip(".")
    assert request(host=sent, names=names, method="POST", origin=f"https://{sent}")[0] == 200
    assert request(host=f"{sent}:8443", names=names, method="POST", origin=f"https://{sent}:8443")[0] == 200
    assert request(host=sent, names=names, method="POST", origin="https://evil.example")[0] == 403
    assert request(host="evil.example", names=names)[0] == 403
    assert request(host=host if host == "laptop.local" else "127.0.0.1", names=names)[0] == 200


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "https://footnote.example.org",
        "footnote.example.org:443",
        "*.example.org",
        "a/b",
        "bücher.example",
        ".",
    ],
)
def test_what_is_no_name_of_a_host_is_told(name: str) -> None:
    with pytest.raises(InputError, match=r"--name footnote\.example\.org"):
        host_names("127.0.0.1", [name])


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_own_origin_is_let_through(method: str) -> None:
    assert request(method=method, origin="http://127.0.0.1:7860")[0] == 200


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:7860", "file://"]
)
def test_other_origins_are_refused(method: str, origin: str) -> None:
    assert request(method=method, origin=origin)[0] == 403


def test_cross_site_post_without_origin_is_refused() -> None:
    assert request(method="POST", sec_fetch_site="cross-site")[0] == 403
    assert request(method="POST", sec_fetch_site="same-origin")[0] == 200
    assert request(method="GET", sec_fetch_site="cross-site")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=http://evil.example/x",
        "/gradio_api/file=/etc/passwd",
        "//gradio_api/file=http://x",
        "/gradio_api/upload",
        "/gradio_api/proxy=http://evil.example",
        "/gradio_api/vibe-edit",
        "/gradio_api/call/answer",
        "/x/gradio_api/upload",
        "/gradio_api//upload",
        "/gradio_api/run/answer",
        "/gradio_api/stream/x",
        "/gradio_api/deep_link",
    ],
)
def test_parts_of_gradio_that_the_page_does_not_need_are_closed(path: str) -> None:
    assert request(path)[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/queue/join",
        "/gradio_api/component_server",
        "/gradio_api/heartbeat/x",
        "/config",
        "/assets/x.js",
    ],
)
def test_parts_that_the_page_needs_are_open(path: str) -> None:
    assert request(path)[0] == 200


def test_documents_may_be_called_like_those_parts() -> None:
    assert request("/api/documents/gradio_api guide.txt/text")[0] == 200
    assert request("/api")[0] == 200
    assert request("/apis/gradio_api/upload")[0] == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_every_response_carries_the_headers(host: str) -> None:
    _, headers, _ = request(host=host)
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_names_of_the_host_it_is_bound_to() -> None:
    assert host_names("127.0.0.1") == []
    assert host_names("::1") == []
    assert host_names("laptop.local") == ["laptop.local"]
    assert len(host_names("0.0.0.0")) == 1  # noqa: S104 - only a name is asked for


@pytest.mark.parametrize("path", ["/api/ask", "/api/documents/doc/text", "/mcp", "/api/openapi.json"])
def test_other_sites_may_not_even_read_what_programs_read(path: str) -> None:
    assert request(path, sec_fetch_site="cross-site")[0] == 403
    assert request(path, sec_fetch_site="same-site")[0] == 403
    assert request(path)[0] == 200  # programs send no such header
    assert request(path, sec_fetch_site="same-origin")[0] == 200


@pytest.mark.parametrize("path", ["/api/health", "/api/ask"])
@pytest.mark.parametrize(
    "sent", [{"origin": "http://evil.example"}, {"host": "evil.example"}, {"sec_fetch_site": "cross-site"}]
)
def test_programs_are_refused_in_the_shape_of_every_error(path: str, sent: dict[str, Any]) -> None:
    status, headers, body = request(path, **sent)
    error = json.loads(body)["error"]
    assert (status, headers["content-type"], error["code"]) == (403, "application/json", "not_allowed")
    assert "Footnote" in error["message"]
    assert "content-security-policy" in headers
    assert request("/", host="evil.example")[1]["content-type"].startswith("text/plain")


def page_with(html: str, path: str = "/", **headers: str) -> str:
    """The policy that goes with a page."""
    sent: list[Any] = []
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "scheme": "http",
        "headers": [(b"host", b"127.0.0.1"), (b"accept-encoding", b"gzip, br")],
    }  # fmt: skip
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(dict(scope["headers"]))
        await HTMLResponse(html, headers=headers)(scope, receive, send)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(PageGuard(app)(scope, receive, send))
    assert b"".join(message.get("body", b"") for message in sent[1:]) == html.encode()
    assert (b"accept-encoding" in seen[0]) is (path != "/")
    return next(value.decode() for name, value in sent[0]["headers"] if name == b"content-security-policy")


def scripts_of(policy: str) -> list[str]:
    return next(part for part in policy.split("; ") if part.startswith("script-src")).split()[1:]


def test_own_scripts_of_the_page_are_named_by_hash() -> None:
    policy = page_with('<script>one()</script><script src="/x.js"></script><SCRIPT type="module">\ntwo()\n</SCRIPT>')
    digests = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (b"one()", b"\ntwo()\n")]
    assert sorted(scripts_of(policy)) == sorted(["'self'", "'unsafe-eval'", *(f"'sha256-{d}'" for d in digests)])


def test_scripts_of_no_other_page_are() -> None:
    for path in ("/file.html", "/api/x", "//"):
        assert scripts_of(page_with("<script>one()</script>", path)) == ["'self'", "'unsafe-eval'"]


def test_stricter_policy_of_a_page_is_kept() -> None:
    strict = "default-src 'none'"
    assert page_with("<script>one()</script>", **{"content-security-policy": strict}) == strict


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.5.0.1"])
def test_nothing_is_warned_of_on_this_computer(host: str) -> None:
    assert warning(host, protected=False) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "laptop.local"])  # noqa: S104 - not bound to
def test_page_that_others_can_reach_is_warned_of(host: str) -> None:
    open_to_all = warning(host, protected=False) or ""
    assert "qa password" in open_to_all
    assert "conversations" in open_to_all
    assert "conversations" in (warning(host, protected=True) or "")
    assert "HTTPS" in (warning(host, protected=True) or "")


def test_page_that_has_a_name_is_warned_of() -> None:
    open_to_all = warning("127.0.0.1", protected=False, names=["footnote.example.org"]) or ""
    assert "footnote.example.org" in open_to_all
    assert "qa password" in open_to_all
    protected = warning("127.0.0.1", protected=True, names=["footnote.example.org"]) or ""
    assert "conversations" in protected
    assert "in the clear" not in protected  # what is in front of it can reach it, and nothing else
