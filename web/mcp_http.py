"""The tools of :mod:`web.mcp_tools` at ``/mcp``, over the protocol's streamable HTTP transport.

Every request stands by itself: no sessions are kept, so nothing grows and nothing has to be ended. The page's guard
checks Host and Origin, its limits the size, and its accounts the password, as for every other address.
"""

import threading
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from web.programs import Programs

_MISSING = "The Model Context Protocol is not installed. Install it with: pip install 'footnote-qa[mcp]'"


class McpEndpoint:
    """ASGI application that answers language models."""

    def __init__(self, programs: Programs) -> None:
        """Give them the tools of ``programs``; nothing heavy is loaded before the first request."""
        self._programs = programs
        self._tools: Any = None
        self._loading = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST":
            # A stream of notices is opened by GET and a session ended by DELETE; there are neither.
            refusal = JSONResponse({"error": "Only POST is answered here."}, 405, {"Allow": "POST"})
            await refusal(scope, receive, send)
            return
        import anyio.to_thread

        try:
            tools = await anyio.to_thread.run_sync(self._load)
        except ImportError:
            await JSONResponse({"error": _MISSING}, 501)(scope, receive, send)
            return
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        manager = StreamableHTTPSessionManager(tools, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(scope, receive, send)

    def _load(self) -> Any:
        with self._loading:
            if self._tools is None:
                from web.mcp_tools import lowlevel, make_tools

                self._tools = lowlevel(make_tools(self._programs))
            return self._tools
