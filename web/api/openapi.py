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
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
# What stands before the routes, or around each of them, answers with these.
_EVERYWHERE = {
    "401": {"description": "There is a password, and it was not sent.", "content": _ERROR},
    "403": {"description": "Another web site asks, or Host names another computer.", "content": _ERROR},
    "500": {"description": "Something went wrong; the terminal that runs Footnote says more.", "content": _ERROR},
}
_OPEN = "/health"  # the end of the one address that needs no password


def add_openapi(router: APIRouter) -> None:
    """Serve the description of the routes that ``router`` has so far at ``openapi.json``."""
    described = list(router.routes)
    made: dict[str, Any] = {}

    @router.get("/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        """Describe the addresses under ``/api``."""
        if not made:
            document = get_openapi(
                title="Footnote", version=version("footnote-qa"), description=_DESCRIPTION, routes=described
            )
            for path, methods in document["paths"].items():
                for method in methods.values():
                    for status, response in _EVERYWHERE.items():
                        if status != "401" or not path.endswith(_OPEN):
                            method["responses"].setdefault(status, response)
            made.update(document)
        return JSONResponse(made)
