"""Asking, searching and reading for other programs; see ``docs/api.md``.

The routes run in threads: answering computes, and everything else reads from the disk.
"""

from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from qa.models import Answer
from web.api.errors import DOCUMENTED, PlainErrorRoute
from web.programs import (
    LONGEST_SLICE,
    AskRequest,
    DocumentInfo,
    DocumentList,
    Programs,
    SearchRequest,
    SearchResult,
    TextSlice,
)

_END = (
    f"Where to stop, at most {LONGEST_SLICE:,} characters after start. If left out, that many are given, or as many as "
    "there are: the end in the response tells where to go on."
)


class Health(BaseModel):
    """That the page is up, and which version it is."""

    status: str
    version: str


class Info(BaseModel):
    """What is served: version, how many documents and passages."""

    version: str
    documents: int
    passages: int


def asking_router(programs: Programs) -> APIRouter:
    """The routes that answer programs."""
    router = APIRouter(route_class=PlainErrorRoute)
    footnote = version("footnote-qa")

    @router.head("/health", include_in_schema=False)  # as load balancers ask
    @router.get("/health", tags=["about"])
    def health() -> Health:
        """Say that the page is up. Open without a password."""
        return Health(status="ok", version=footnote)

    @router.get("/info", tags=["about"], responses=_errors(503))
    def info() -> Info:
        """Say what is served."""
        documents = programs.documents().documents
        return Info(version=footnote, documents=len(documents), passages=sum(d.passages for d in documents))

    @router.post("/ask", tags=["asking"], responses=DOCUMENTED)
    def ask(request: AskRequest) -> Answer:
        """Answer a question with the exact words of the documents, or refuse and say why.

        `answer` is null exactly when `abstained` is true; then `reason` says why and `passages` shows the closest ones.
        Offsets count Unicode code points of the document's text, and `text[start:end]` is what a citation quotes.
        """
        return programs.ask(request)

    @router.post("/search", tags=["asking"], responses=DOCUMENTED)
    def search(request: SearchRequest) -> SearchResult:
        """Find the passages most likely to answer a question, without reading them."""
        return programs.search(request)

    @router.get("/documents", tags=["documents"], responses=_errors(422, 503))
    def documents(
        first: Annotated[int, Query(ge=0, description="Number of the first document, from 0.")] = 0,
        count: Annotated[int | None, Query(ge=1, description="How many at the most.")] = None,
    ) -> DocumentList:
        """List the documents by title."""
        return programs.documents(first, count)

    # Names are paths here, for titles with a slash in them; so this one comes first, or the other would take its name.
    @router.get("/documents/{name:path}/text", tags=["documents"], responses=_errors(404, 422, 503))
    def text(
        name: str,
        start: Annotated[int, Query(description="First character, from 0.")] = 0,
        end: Annotated[int | None, Query(description=_END)] = None,
    ) -> TextSlice:
        """Read characters `start` to `end` of a document, exactly."""
        return programs.text(name, start, end)

    @router.get("/documents/{name:path}", tags=["documents"], responses=_errors(404, 422, 503))
    def document(name: str) -> DocumentInfo:
        """Describe one document, named by its id or the start of it, its title or its file name."""
        return programs.document(name)

    return router


def _errors(*statuses: int) -> dict[int | str, dict[str, object]]:
    return {status: DOCUMENTED[status] for status in statuses}
