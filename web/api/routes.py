"""All addresses under ``/api``, put together from one router a subject."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from web.api.asking import asking_router
from web.api.documents import documents_router
from web.api.errors import DOCUMENTED, error_response
from web.api.evaluations import evaluations_router
from web.api.feedback import feedback_router
from web.api.openapi import add_openapi
from web.api.pages import pages_router
from web.page import Page
from web.programs import Programs

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def api_router(page: Page, programs: Programs | None = None) -> APIRouter:
    """Everything under ``/api`` for one page.

    Args:
        page: what the page does.
        programs: what programs can do; by default with a queue of their own.
    """
    router = APIRouter(prefix="/api", responses={422: DOCUMENTED[422]})
    router.include_router(asking_router(Programs(page) if programs is None else programs))
    router.include_router(feedback_router(page))
    router.include_router(documents_router(page))
    router.include_router(evaluations_router(page))
    router.include_router(pages_router(page))
    # Other subjects above this line: what follows describes them, and takes what none of them took.
    add_openapi(router)

    @router.api_route("", methods=_METHODS, include_in_schema=False)
    @router.api_route("/{path:path}", methods=_METHODS, include_in_schema=False)
    def unknown() -> JSONResponse:
        """Say that there is no such address."""
        return error_response(404, "unknown_address", "There is no such address or method. See: /api/openapi.json")

    return router
