"""Pages of PDFs as pictures, for the source panel."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from index.errors import IndexMissing
from web.api.errors import PlainErrorRoute
from web.page import Page


def pages_router(page: Page) -> APIRouter:
    """Pictures of the pages of the documents of ``page``."""
    router = APIRouter(prefix="/pages", route_class=PlainErrorRoute, include_in_schema=False)

    @router.get("/{document_id}/{number}.png")
    def picture(
        document_id: Annotated[str, Path(pattern=r"^[a-z0-9-]{1,255}$")], number: Annotated[int, Path(ge=1, le=10**6)]
    ) -> Response:
        """One page; the browser asks again each time, since the file may have changed."""
        assistant = page.assistant()
        if assistant is None:
            raise IndexMissing("There are no articles.")
        drawn = page.pdf_pages.picture(assistant.index.document(document_id), number)
        return Response(drawn, media_type="image/png", headers={"Cache-Control": "private, no-cache"})

    return router
