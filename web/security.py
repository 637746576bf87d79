"""What stands between the network and the page.

The page answers from private documents on a computer that also visits other web sites. So a request must name this
computer in ``Host`` (or else another site could reach the page by pointing its own name here), must not come from
another site's page (``Origin``), and must not use any part of gradio but those that this page needs: others fetch
addresses or take files. Every response tells the browser to load nothing from anywhere else.
"""

import base64
import hashlib
import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index.errors import InputError
from web.api.errors import error_response

# gradio compiles its templates in the browser, hence 'unsafe-eval', and styles what it draws, hence 'unsafe-inline' there.
# The scripts that it writes into its page are named by their hashes instead, so no other script in the page runs, nor
# any onclick or onerror. Nothing may be fetched from, sent to or framed by another origin: no document can leave.
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval'{scripts}",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?")
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script", re.DOTALL | re.IGNORECASE)
_POLICY = "Content-Security-Policy"
_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Not no-referrer: with that, a form of the page would be sent with the Origin of nobody, and refused.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_FOR_PROGRAMS = ("/api/", "/mcp")
_GRADIO = "gradio_api"
# What the page in the browser uses of gradio's own interface. The rest can fetch any address, take files without limit
# or change the running page.
_OPEN_IN_GRADIO = (
    "app_id",
    "cancel",
    "component_server",
    "heartbeat/",
    "info",
    "queue/",
    "reset",
    "startup-events",
    "theme.css",
)


class PageGuard:
    """ASGI middleware that refuses requests that did not come from the page itself, and adds the headers."""

    def __init__(self, app: ASGIApp, host_names: Iterable[str] = ()) -> None:
        """Guard ``app``.

        Args:
            app: what to guard.
            host_names: names besides ``localhost`` under which the page may be visited; addresses always may.
        """
        self._app = app
        self._host_names = frozenset({"localhost", *(name.lower() for name in host_names)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return

        document = scope["path"] == "/" and refusal is None
        if document:
            # Its scripts have to be read, so it must not come compressed.
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        held: list[Message] = []

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                own_policy = _POLICY in headers
                if not own_policy:
                    headers[_POLICY] = _policy(())
                if document and not own_policy and headers.get("content-type", "").startswith("text/html"):
                    held.append(message)
                    return
            elif held:
                held.append(message)
                if not message.get("more_body", False):
                    page = b"".join(part.get("body", b"") for part in held[1:])
                    MutableHeaders(scope=held[0])[_POLICY] = _policy(_INLINE_SCRIPT.findall(page))
                    for part in held:
                        await send(part)
                    held.clear()
                return
            await send(message)

        responder: ASGIApp = self._app if refusal is None else _refused(scope["path"], refusal)
        await responder(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> str | None:
        """Why a request is not let through, or ``None`` when it is."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not self._is_own_host(host):
            return (
                "This address is not one of Footnote's. Open the address that was printed when it started, or start it with "
                "this one's name: qa chat --name NAME"
            )
        origins = headers.getlist("origin")
        if any(origin.lower() not in (f"http://{host.lower()}", f"https://{host.lower()}") for origin in origins):
            return "Footnote does not answer other web sites."
        from_elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        # A link on another site's page may lead here, to the page itself.
        if from_elsewhere and (scope.get("method") not in ("GET", "HEAD") or scope["path"].startswith(_FOR_PROGRAMS)):
            return "Footnote does not answer other web sites."
        _, found, inner = scope["path"].partition(_GRADIO)
        # Not below /api/, where it can only be part of a document's name.
        if found and not scope["path"].startswith("/api/") and not inner.lstrip("/").startswith(_OPEN_IN_GRADIO):
            return "This part is closed."
        return None

    def _is_own_host(self, host: str) -> bool:
        """Whether ``host``, the value of a Host header, is an address or one of the known names."""
        name = _without_port(host)
        if name is None:
            return False
        if name.rstrip(".") in self._host_names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _refused(path: str, why: str) -> Response:
    """The response that says why a request is not let through: programs get it in the shape of every error."""
    if path.startswith("/api/"):
        return error_response(403, "not_allowed", why)
    return PlainTextResponse(why, status_code=403)


def _policy(scripts: Iterable[bytes]) -> str:
    """The Content-Security-Policy of a page with these inline scripts."""
    hashes = {base64.b64encode(hashlib.sha256(script).digest()).decode("ascii") for script in scripts}
    return _CONTENT_SECURITY_POLICY.format(scripts="".join(f" 'sha256-{digest}'" for digest in sorted(hashes)))


def is_only_here(host: str) -> bool:
    """Whether a page bound to ``host``, an address or a name, can be reached from this computer only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def warning(host: str, protected: bool, names: Sequence[str] = ()) -> str | None:
    """What to tell someone who lets others reach the page; ``None`` when only this computer can.

    Args:
        host: address or name that it is bound to.
        protected: whether it asks for a password.
        names: further names under which it may be visited, such as that of a web server in front.
    """
    only_here = is_only_here(host)
    if only_here and not names:
        return None
    if not protected:
        name = names[0] if only_here else host
        return (
            f"Anyone who can reach {name} over the network can read, add and remove documents here, and conversations.\n"
            "Set a password: qa password USER > FILE, then: qa chat --auth FILE"
        )
    shared = "Everyone with an account can read, export and delete the conversations of the others."
    if only_here:
        return shared
    return (
        f"{shared}\nThe password crosses the network in the clear. Put a web server that speaks HTTPS in front where others "
        "listen, and name it: --name NAME"
    )


def host_names(host: str, names: Sequence[str] = ()) -> list[str]:
    """Names under which a page may be visited.

    Args:
        host: address or name that it is bound to: that name, or this computer's if others may come.
        names: further ones, such as that of a web server in front; without port, and as browsers send them.

    Raises:
        InputError: one of ``names`` is no name of a host.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise InputError(
                f"{name!r} is no name of a host. Give it alone, without https:// and port: --name footnote.example.org"
            )
    further = [name.rstrip(".") for name in names]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return [host, *further]
    return further if address.is_loopback else [socket.gethostname(), *further]


def _without_port(host: str) -> str | None:
    """The name or address in a Host header, in lower case; ``None`` when it is malformed."""
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        port = port.removeprefix(":") if port.startswith(":") else port
        well_formed = bracket == "]" and (not port or port.isdigit())
    else:
        name, _, port = host.partition(":")
        well_formed = not port or port.isdigit()
    return name.lower() if well_formed and name else None
