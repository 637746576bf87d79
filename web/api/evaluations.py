"""Evaluations over HTTP: what the Evaluation tab calls."""

from typing import Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from index.errors import InputError
from qa.evaluation.comparison import Comparison
from web.api.errors import PlainErrorRoute
from web.evaluations import Evaluations, JobState, QuestionSet, RunFacts, RunRequest
from web.evaluations.questions import MAX_BYTES
from web.evaluations.runs import DOWNLOADS, WorstQuestions
from web.page import Page

_ID = r"^(?:[0-9a-f]{16}|feedback)$"
Name = Annotated[str, Path(pattern=_ID)]
# For the OpenAPI document: FastAPI cannot tell what a route reads from the stream itself.
_BYTES_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}
# The page names its own style and script by hash in a policy of its own; besides, nothing in it may reach this origin.
_REPORT_HEADERS = {
    "Content-Security-Policy": "sandbox allow-scripts; base-uri 'none'; connect-src 'none'; form-action 'none'; "
    "frame-ancestors 'none'; object-src 'none'",
    "Cache-Control": "no-store",
}


class Limits(BaseModel):
    """What an upload may bring."""

    upload_bytes: int


class Overview(BaseModel):
    """Everything the tab shows at first."""

    datasets: list[QuestionSet]
    runs: list[RunFacts]
    limits: Limits


class StartRun(BaseModel):
    """What to run; see :class:`web.evaluations.RunRequest`."""

    model_config = ConfigDict(extra="forbid")
    dataset: str = Field(pattern=_ID)
    mode: Literal["reading", "retrieval", "answering"]
    over: Literal["own", "index"] = "own"
    answer_all: bool = False
    limit: int | None = Field(default=None, ge=1, le=10_000_000)
    skip_faulty: bool = False


class RunDetails(BaseModel):
    """A past run: its facts, its scores in words, and its plots as numbers."""

    facts: RunFacts
    tiles: list[dict[str, Any]]
    plots: list[dict[str, Any]]


def evaluations_router(page: Page) -> APIRouter:
    """The routes of the Evaluation tab of ``page``."""
    router = APIRouter(prefix="/evaluation", tags=["evaluation"], route_class=PlainErrorRoute)
    evaluations = Evaluations(page.assistant, page.feedback)

    @router.get("")
    def overview() -> Overview:
        """List data sets and past runs."""
        return Overview(
            datasets=evaluations.datasets(), runs=evaluations.runs.every(), limits=Limits(upload_bytes=MAX_BYTES)
        )

    @router.post("/datasets", status_code=201, openapi_extra=_BYTES_BODY)
    async def upload(request: Request, name: Annotated[str, Query(min_length=1, max_length=1_000)]) -> QuestionSet:
        """Take a question file, which is the body of the request; its faulty rows are named in the answer."""
        data = bytearray()
        async for chunk in request.stream():
            data += chunk
            if len(data) > MAX_BYTES:
                raise InputError(f"The file is too large: at most {MAX_BYTES:,} bytes are taken.")
        return await anyio.to_thread.run_sync(evaluations.upload, name, bytes(data))

    @router.post("/datasets/sample", status_code=201)
    def add_sample() -> QuestionSet:
        """Add the questions about the sample article, whose text they bring along."""
        return evaluations.add_sample()

    @router.delete("/datasets/{name}", status_code=204)
    def remove_dataset(name: Name) -> Response:
        """Remove an uploaded data set."""
        evaluations.sets.remove(name)
        return Response(status_code=204)

    @router.post("/job", status_code=202)
    def start(request: StartRun) -> JobState:
        """Begin a run."""
        return evaluations.start(RunRequest(**request.model_dump()))

    @router.get("/job")
    def job() -> JobState:
        """Say how the run stands."""
        return evaluations.job.state()

    @router.delete("/job")
    def cancel() -> JobState:
        """Ask the run to stop."""
        evaluations.job.cancel()
        return evaluations.job.state()

    @router.get("/runs/{name}")
    def run(name: Name) -> RunDetails:
        """Show a past run."""
        return RunDetails(facts=evaluations.runs.facts(name), **evaluations.runs.summary(name))

    @router.delete("/runs/{name}", status_code=204)
    def remove_run(name: Name) -> Response:
        """Remove a past run."""
        evaluations.runs.remove(name)
        return Response(status_code=204)

    @router.get("/runs/{name}/questions")
    def questions(
        name: Name,
        first: Annotated[int, Query(ge=0)] = 0,
        count: Annotated[int, Query(ge=1, le=50)] = 10,
        only: Literal["all", "wrong"] = "wrong",
    ) -> WorstQuestions:
        """Show the worst questions of a run, with what was expected and what was found in their sources."""
        index = evaluations.index()
        return evaluations.runs.worst(
            name, lambda document: index.document(document).text, first=first, count=count, only=only
        )

    @router.get("/runs/{name}/report")
    def report(name: Name) -> Response:
        """Show the report's page."""
        return Response(evaluations.runs.page(name), media_type="text/html", headers=_REPORT_HEADERS)

    @router.get("/runs/{name}/files/{file}")
    def file(name: Name, file: str) -> Response:
        """Give a file of a run to take along."""
        text = evaluations.runs.file(name, file)
        headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
        return Response(text, media_type=DOWNLOADS[file], headers=headers)

    @router.get("/comparison")
    def compare(a: Annotated[str, Query(pattern=_ID)], b: Annotated[str, Query(pattern=_ID)]) -> Comparison:
        """Hold two runs against each other."""
        return evaluations.runs.compare(a, b)

    return router
