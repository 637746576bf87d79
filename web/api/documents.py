"""The documents panel over HTTP: list, add, remove and choose documents.

Files come one a request, their bytes as the body and not as a form: so they are written to the disk as they arrive, and a
file that is too large is refused before it is there.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError

from index.errors import DocumentError
from web.api.document_models import (
    BeginUpload,
    ChoiceView,
    Chosen,
    DocumentPage,
    DocumentRow,
    FinishUpload,
    JobList,
    JobView,
    LimitsView,
    MatchingIds,
    PastedText,
    RemovalView,
    ResultView,
    UploadView,
)
from web.api.errors import ErrorBody, PlainErrorRoute, error_response
from web.jobs import Job, QueueFull
from web.library import MAX_PASTED, Library, NamesTaken
from web.listing import SortKey, list_documents, status_of
from web.page import Page
from web.removals import Removal
from web.selection import COOKIE, new_visitor
from web.uploads import UploadRefused

_LISTED = 200
# For the OpenAPI document: FastAPI cannot tell what a route reads from the stream itself, nor what it may be refused with.
_BYTES_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}
_PASTED_BODY = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": PastedText.model_json_schema()}}}
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorBody, "description": "Names are taken, and on_conflict is ask; or it is too late."},
    413: {"model": ErrorBody, "description": "A limit is passed, or the upload is not there any more."},
    429: {"model": ErrorBody, "description": "Too many jobs are waiting; Retry-After says when to come back."},
}
_TEXT_BODY = 4 * MAX_PASTED + 10_000  # bytes; a character takes four of UTF-8 at the most


class _RefusalRoute(APIRoute):
    """Tells of errors that only this panel's addresses have."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that answers a request."""
        answer = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await answer(request)
            except NamesTaken as error:
                return error_response(409, "names_taken", "\n".join([str(error), *error.names]))
            except UploadRefused as error:
                return error_response(413, "upload_refused", str(error))
            except QueueFull as error:
                return error_response(429, "busy", str(error))

        return handler


class _Route(PlainErrorRoute, _RefusalRoute):
    """Asks :class:`_RefusalRoute` first; every other error is told as everywhere under ``/api``."""


def documents_router(page: Page) -> APIRouter:
    """The routes of the documents panel of ``page``."""
    router = APIRouter(prefix="/library", tags=["library"], route_class=_Route)
    library: Library = page.library

    def choice(visitor: str | None) -> ChoiceView:
        there = {summary.id: summary for summary in library.documents()}
        chosen = library.selections.chosen(visitor, there)
        title = there[chosen[0]].title if len(chosen) == 1 else None
        return ChoiceView(documents=list(chosen), total=len(there), title=title)

    @router.get("/documents")
    def documents(
        request: Request,
        words: Annotated[str, Query(max_length=500)] = "",
        sort: SortKey = "title",
        descending: bool = False,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=_LISTED)] = 50,
    ) -> DocumentPage:
        """List documents whose title or source has all the words."""
        summaries = library.documents()
        found = list_documents(summaries, words=words, sort=sort, descending=descending, offset=offset, limit=limit)
        chosen = frozenset(
            library.selections.chosen(request.cookies.get(COOKIE), {summary.id for summary in summaries})
        )
        limits = library.uploads.limits
        return DocumentPage(
            documents=[
                DocumentRow(
                    id=summary.id,
                    title=summary.title,
                    source=summary.source,
                    size=summary.size,
                    added=summary.added_at,
                    date=summary.date,
                    passages=summary.passages,
                    characters=summary.characters,
                    status=status_of(summary),
                    asked=summary.id in chosen,
                )
                for summary in found.documents
            ],
            offset=offset,
            matching=len(found.matching),
            total=found.total,
            passages=found.passages,
            asked=len(chosen),
            removals=[_removal_view(removal) for removal in library.removals.pending()],
            limits=LimitsView(file=limits.file, total=limits.total, files=limits.files, pasted=MAX_PASTED),
            keeps_originals=library.keeps_originals(),
        )

    @router.get("/matching")
    def matching(words: Annotated[str, Query(max_length=500)] = "") -> MatchingIds:
        """Name all documents whose title or source has all the words."""
        return MatchingIds(documents=list_documents(library.documents(), words=words).matching)

    @router.post("/uploads", status_code=201, responses=_refusals(413))
    def begin_upload(request: BeginUpload) -> UploadView:
        """Announce files; their bytes follow, one request each."""
        upload = library.begin_upload([(file.name, file.size) for file in request.files])
        return UploadView(id=upload.id, names=[file.name for file in upload.files])

    @router.put("/uploads/{upload_id}/{number}", status_code=204, responses=_refusals(413), openapi_extra=_BYTES_BODY)
    async def receive(upload_id: str, number: int, request: Request) -> None:
        """Take the bytes of a file: they are the body."""
        receiver = await anyio.to_thread.run_sync(library.receive, upload_id, number)
        try:
            async for chunk in request.stream():
                await anyio.to_thread.run_sync(receiver.write, chunk)
            await anyio.to_thread.run_sync(receiver.close)
        except OSError as error:
            receiver.abort()
            raise UploadRefused(
                f"The file cannot be written ({error.strerror}). Free some space, then add it again."
            ) from error
        except BaseException:  # also when the browser went away
            receiver.abort()
            raise

    @router.post("/uploads/{upload_id}/finish", status_code=202, responses=_refusals(409, 413, 429))
    def finish_upload(upload_id: str, request: FinishUpload) -> JobView:
        """Queue what has arrived for indexing."""
        return _job_view(library.finish_upload(upload_id, request.on_conflict))

    @router.delete("/uploads/{upload_id}", status_code=204)
    def drop_upload(upload_id: str) -> None:
        """Forget an upload."""
        library.uploads.drop(upload_id)

    @router.post("/texts", status_code=202, responses=_refusals(413, 429), openapi_extra=_PASTED_BODY)
    async def add_text(request: Request) -> JobView:
        """Queue a pasted text for indexing."""
        text = _pasted(await _body(request, _TEXT_BODY))
        return _job_view(await anyio.to_thread.run_sync(library.add_text, text.title, text.text))

    @router.post("/sample", status_code=202, responses=_refusals(413, 429))
    def add_sample() -> JobView:
        """Queue the sample article for indexing."""
        return _job_view(library.add_sample())

    @router.get("/sample/questions")
    def sample_questions() -> list[str]:
        """Give questions that the sample article answers."""
        return list(library.sample_questions())

    @router.get("/jobs")
    def jobs() -> JobList:
        """Say how far adding is."""
        return JobList(jobs=[_job_view(job) for job in library.jobs.jobs()])

    @router.delete("/jobs/{job_id}", status_code=204)
    def cancel(job_id: str) -> Response:
        """Stop a job; forget one that has ended."""
        if library.jobs.cancel(job_id):
            return Response(status_code=204)
        return error_response(404, "unknown_job", "There is no such job any more.")

    @router.post("/removals", status_code=201)
    def remove(request: Chosen) -> RemovalView:
        """Remove documents; this can be undone for some seconds."""
        return _removal_view(library.remove(request.documents))

    @router.delete("/removals/{removal_id}", status_code=204, responses=_refusals(409))
    def undo(removal_id: str) -> Response:
        """Undo a removal."""
        if library.undo(removal_id):
            return Response(status_code=204)
        return error_response(409, "too_late", "It is too late to undo this. Add the documents again.")

    @router.get("/selection")
    def selection(request: Request) -> ChoiceView:
        """Say which documents this browser asks."""
        return choice(request.cookies.get(COOKIE))

    @router.put("/selection")
    def select(chosen: Chosen, request: Request, response: Response) -> ChoiceView:
        """Choose which documents this browser asks."""
        visitor = request.cookies.get(COOKIE)
        if visitor is None:
            visitor = new_visitor()
            response.set_cookie(COOKIE, visitor, httponly=True, samesite="strict", path="/")
        library.selections.choose(visitor, chosen.documents)
        return choice(visitor)

    return router


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: _REFUSALS[status] for status in statuses}


def _removal_view(removal: Removal) -> RemovalView:
    return RemovalView(
        id=removal.id,
        documents=len(removal.documents),
        title=next(iter(removal.titles.values()), ""),
        seconds=removal.seconds_left,
        problem=removal.problem,
    )


def _job_view(job: Job) -> JobView:
    return JobView(
        id=job.id,
        title=job.title,
        state=job.state,
        stopping=job.stopping,
        documents_done=job.documents_done,
        documents_total=job.documents_total,
        **job.counts,
        passages=job.passages,
        passages_per_second=job.passages_per_second,
        share=job.share,
        seconds=job.seconds,
        seconds_left=job.seconds_left,
        doing=job.doing,
        sample=job.sample,
        results=[
            ResultView(source=result.source, kind=result.kind, document_id=result.document_id, message=result.message)
            for result in list(job.results)
        ],
        notes=list(job.notes),
    )


async def _body(request: Request, limit: int) -> bytes:
    """The body of a request, of at most ``limit`` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise UploadRefused("The text is too long to be pasted. Save it as a file and add that.")
    return bytes(body)


def _pasted(body: bytes) -> PastedText:
    try:
        return PastedText.model_validate_json(body)
    except ValidationError as error:
        raise DocumentError("The pasted text did not arrive as it should. Paste it again.") from error
