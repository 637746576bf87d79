"""What stands between the network and the page.

The page answers from private documents on a computer that also visits other web sites. So a request must name this
computer in ``Host`` (or else another site could reach the page by pointing its own name here), must not come from
another site's page (``Origin``), and must not use any part of gradio but those that this page needs: others fetch
addresses or take files. Every response tells the browser to load nothing from anywhere else.
"""

import ipaddress
import socket
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# gradio compiles its templates in the browser and writes scripts into its page, hence the two unsafe words; nothing may
# be fetched from, sent to or framed by another origin, which is what keeps documents from leaving.
_CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
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
_HEADERS = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
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

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        responder: ASGIApp = self._app if refusal is None else PlainTextResponse(refusal, status_code=403)
        await responder(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> str | None:
        """Why a request is not let through, or ``None`` when it is."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not self._is_own_host(host):
            return "This address is not one of Footnote's. Open the address that was printed when it started."
        origins = headers.getlist("origin")
        if any(origin.lower() not in (f"http://{host.lower()}", f"https://{host.lower()}") for origin in origins):
            return "Footnote does not answer other web sites."
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and scope.get("method") not in ("GET", "HEAD"):
            return "Footnote does not answer other web sites."
        _, found, inner = scope["path"].partition(_GRADIO)
        if found and not inner.lstrip("/").startswith(_OPEN_IN_GRADIO):
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


def host_names(host: str) -> list[str]:
    """Names under which a page bound to ``host`` may be visited: that name, or this computer's if others may come."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return [host]
    return [] if address.is_loopback else [socket.gethostname()]


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
