"""What the documents panel and its addresses tell each other."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from web.jobs import State
from web.listing import Status

_CHOSEN = 20_000

DocumentId = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,255}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class DocumentRow(BaseModel):
    """A document in the list; ``size`` in bytes, ``asked`` whether it is among those chosen for asking."""

    id: str
    title: str
    source: str
    size: int
    added: datetime
    date: str | None
    passages: int
    characters: int
    status: Status
    asked: bool


class RemovalView(BaseModel):
    """A removal that can be undone for ``seconds`` more; ``problem`` says why it failed and the documents are back."""

    id: str
    documents: int
    title: str
    seconds: float
    problem: str | None


class LimitsView(BaseModel):
    """What one upload may bring: bytes of a file and of all, how many files; characters of a pasted text."""

    file: int
    total: int
    files: int
    pasted: int


class DocumentPage(BaseModel):
    """A part of the list of documents, and what the panel needs to know besides."""

    documents: list[DocumentRow]
    offset: int
    matching: int
    total: int
    passages: int
    asked: int
    removals: list[RemovalView]
    limits: LimitsView
    keeps_originals: bool


class AnnouncedFile(_Body):
    """A file about to be uploaded: its name as the browser gives it, and its size in bytes."""

    name: str = Field(max_length=5_000)
    size: int = Field(ge=0)


class BeginUpload(_Body):
    """Files about to be uploaded together."""

    files: list[AnnouncedFile] = Field(min_length=1, max_length=10_000)


class UploadView(BaseModel):
    """An upload; ``names`` are those that its files will be kept by, in order."""

    id: str
    names: list[str]


class FinishUpload(_Body):
    """What becomes of files whose names other documents have."""

    on_conflict: Literal["ask", "replace", "keep_both"] = "ask"


class PastedText(_Body):
    """A pasted text. Without a title it gets its first words."""

    title: str = Field("", max_length=5_000)
    text: str


class ResultView(BaseModel):
    """What became of a document."""

    source: str
    kind: Literal["new", "changed", "unchanged", "failed"]
    document_id: str | None
    message: str | None


class JobView(BaseModel):
    """How far adding is. ``share`` is of the whole work, 0..1; times in seconds; ``results`` has the first 500 of a kind,
    ``notes`` what is to be known of files beyond their documents."""

    id: str
    title: str
    state: State
    stopping: bool
    documents_done: int
    documents_total: int
    new: int
    changed: int
    unchanged: int
    failed: int
    passages: int
    passages_per_second: float | None
    share: float
    seconds: float
    seconds_left: float | None
    doing: str
    sample: bool
    results: list[ResultView]
    notes: list[str]


class JobList(BaseModel):
    """Jobs that run or wait, and the last ones that have ended, oldest first."""

    jobs: list[JobView]


class Chosen(_Body):
    """Ids of documents; of a choice, none means all."""

    documents: list[DocumentId] = Field(max_length=_CHOSEN)


class ChoiceView(BaseModel):
    """What this browser asks: ``documents`` of ``total``; all when there are none."""

    documents: list[str]
    total: int
    title: str | None


class MatchingIds(BaseModel):
    """Ids of all documents that match."""

    documents: list[str]
