"""Errors of the addresses under ``/api``: one JSON shape, and a status code that programs can go by."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from index.errors import (
    FootnoteError,
    IndexMissing,
    IndexStateError,
    InputError,
    ModelError,
    QuestionError,
    TooManyQuestions,
    UnknownDocument,
)
from web.gate import RETRY_SECONDS

_log = logging.getLogger(__name__)

# The first that fits counts.
_STATUS: tuple[tuple[type[FootnoteError], int, str], ...] = (
    (QuestionError, 422, "bad_question"),
    (UnknownDocument, 404, "unknown_document"),
    (InputError, 422, "bad_request"),
    (IndexMissing, 404, "no_documents"),
    (IndexStateError, 503, "index_unusable"),
    (ModelError, 503, "model_unusable"),
    (TooManyQuestions, 429, "busy"),
)


class Problem(BaseModel):
    """What went wrong: a word for programs, and one or two plain lines for people."""

    code: str
    message: str


class ErrorBody(BaseModel):
    """Body of every response that is not a success."""

    error: Problem


def error_response(status: int, code: str, message: str) -> JSONResponse:
    """An error as JSON."""
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 429 else None
    return JSONResponse(ErrorBody(error=Problem(code=code, message=message)).model_dump(), status, headers)


def response_to(error: FootnoteError) -> JSONResponse:
    """The response that tells of ``error``."""
    for kind, status, code in _STATUS:
        if isinstance(error, kind):
            return error_response(status, code, str(error))
    return error_response(500, "failed", str(error))


class PlainErrorRoute(APIRoute):
    """A route whose errors are told in :class:`ErrorBody`, never with a traceback."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that answers a request."""
        answer = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await answer(request)
            except FootnoteError as error:
                return response_to(error)
            except RequestValidationError as error:
                return _invalid(error, request.headers.get("content-type", ""))
            except HTTPException as error:
                # FastAPI says so of a body that cannot be decoded, or that ended early while FastAPI read it.
                return error_response(error.status_code, "unreadable", "The body of the request cannot be read.")
            except ClientDisconnect:
                # Whoever sent it went away and hears nothing, or sent too much: then the limit answers in place of this.
                return error_response(400, "cut_off", "The request did not arrive whole. Send it again.")
            # Nothing is above this but the server: programs get a plain error, the terminal the traceback.
            except Exception:
                _log.exception("cannot answer %s", request.url.path)
                return error_response(
                    500, "failed", "Something went wrong. The terminal in which Footnote runs says more."
                )

        return handler


def _invalid(error: RequestValidationError, content_type: str) -> JSONResponse:
    """400 for what is not JSON, 422 for JSON that does not fit; names the field and never repeats what was sent."""
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return error_response(400, "not_json", "The body of the request is not valid JSON.")
    whole = [fault for fault in faults if fault["loc"] == ("body",)]
    if any(fault["type"] == "missing" for fault in whole):
        return error_response(422, "bad_request", "The body is missing: send a JSON object.")
    if whole and not _is_json(content_type):
        # As what it was not read, which would be the message otherwise.
        return error_response(422, "bad_request", "Send the body as JSON, with Content-Type: application/json.")
    told = [
        f"{'.'.join(str(part) for part in fault['loc'][1:])}: {fault['msg']}".removeprefix(": ") for fault in faults[:5]
    ]
    return error_response(422, "bad_request", "; ".join(told))


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower().rpartition("/")[2]
    return kind == "json" or kind.endswith("+json")


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "The body is not JSON."},
    404: {"model": ErrorBody, "description": "There is no such document, or none to look in."},
    413: {"model": ErrorBody, "description": "The request is too large."},
    422: {"model": ErrorBody, "description": "A value does not fit: an empty question, a date that is none."},
    429: {"model": ErrorBody, "description": "Too many questions are waiting; Retry-After says when to come back."},
    503: {"model": ErrorBody, "description": "The index or a model cannot be used."},
}
"""Errors that a route may answer with, for the OpenAPI document."""
