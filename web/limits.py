"""How much a request may bring: what is longer gets a plain error and is read no further."""

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.api.errors import error_response

_KIB, _MIB = 2**10, 2**20
# By the longest beginning of the path that fits, of any method or of one. The page sends the whole conversation back with
# each question.
_MOST_BYTES: tuple[tuple[str, int | None], ...] = (
    ("PUT /api/library/uploads/", None),  # a file; these two bound what they take themselves, while they read it
    ("/api/library/texts", None),
    ("/api/library/", 16 * _MIB),  # a choice names each of its documents
    ("/api/evaluation/", 64 * _MIB),
    ("/api/", _MIB),
    ("/login", 16 * _KIB),
    ("/mcp", _MIB),
    ("/", 16 * _MIB),
)


class BodyLimit:
    """ASGI middleware that answers 413 to bodies beyond a limit, whether announced or not."""

    def __init__(self, app: ASGIApp, most_bytes: tuple[tuple[str, int | None], ...] = _MOST_BYTES) -> None:
        """Guard ``app``.

        Args:
            app: what to guard.
            most_bytes: beginnings of paths with the most bytes a body may have there, ``None`` for any number. A
                method and a space in front confine one to that method; it goes before the same beginning without.
        """
        self._app = app
        parted = [(beginning.rpartition(" "), most) for beginning, most in most_bytes]
        self._most_bytes = sorted(
            ((method, path, most) for (method, _, path), most in parted),
            key=lambda entry: (-len(entry[1]), not entry[0]),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        most = self._limit(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if most is None:
            await self._app(scope, receive, send)
            return
        refusal = error_response(413, "too_large", f"The request is too large: at most {most:,} bytes are read here.")
        if _announced(scope) > most:
            await refusal(scope, receive, send)
            return
        read = 0
        started = False

        async def counted() -> Message:
            nonlocal read
            if read > most:
                return {"type": "http.disconnect"}
            message = await receive()
            if message["type"] == "http.request":
                read += len(message.get("body", b""))
                if read > most:
                    return {"type": "http.disconnect"}
            return message

        async def guarded(message: Message) -> None:
            nonlocal started
            if read > most and not started:
                return  # what the application says of a body that ended early
            started = True
            await send(message)

        try:
            await self._app(scope, counted, guarded)
        except ClientDisconnect:
            # What the application says of a body that ended early, because it was cut here.
            if read <= most:
                raise
        if read > most and not started:
            await refusal(scope, receive, send)

    def _limit(self, method: str, path: str) -> int | None:
        for only, beginning, most in self._most_bytes:
            if only in ("", method) and path.startswith(beginning):
                return most
        return None


def _announced(scope: Scope) -> int:
    """Length of the body as the headers tell it; 0 when they do not."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
