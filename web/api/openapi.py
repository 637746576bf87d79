"""The OpenAPI document of everything under ``/api``: plain JSON, read by programs; there is no page that needs scripts."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

_DESCRIPTION = (
    "Answers to questions about your articles, in their exact words. Every citation is a pair of offsets into a "
    "document's text. Errors have one shape: an error with a code and a message."
)


def add_openapi(router: APIRouter) -> None:
    """Serve the description of the routes that ``router`` has so far at ``openapi.json``."""
    described = list(router.routes)
    made: dict[str, Any] = {}

    @router.get("/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        """Describe the addresses under ``/api``."""
        if not made:
            made.update(
                get_openapi(
                    title="Footnote", version=version("footnote-qa"), description=_DESCRIPTION, routes=described
                )
            )
        return JSONResponse(made)
