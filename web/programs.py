"""What other programs can do with an index, over HTTP or as tools of a language model: ask, search and read. Nothing else.

Requests are checked here; :mod:`web.api.asking` and :mod:`web.mcp_tools` only carry them.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from index.documents import Document
from index.errors import IndexMissing, InputError
from index.interface import Filter, check_date
from qa.assistant import MAX_QUESTION, check_question
from qa.conversation import Conversation, ConversationalAssistant, Turn
from qa.models import Answer, PassageHit
from web.gate import Gate
from web.page import Asker, Page

LONGEST_SLICE = 200_000
"""Most characters that are given at a time."""
_NAMES = 1_000
_TURNS = 20


def _whole(text: str) -> str:
    """``text``; JSON can hold half of a character that takes two units in UTF-16, which cannot be written back."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("holds half a character (a lone surrogate)")
    return text


_Text = Annotated[str, AfterValidator(_whole)]
_Names = list[Annotated[_Text, Field(max_length=4_096)]]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Scope(_Request):
    """Which documents are looked at; all of them when nothing is given."""

    documents: _Names | None = Field(
        None, max_length=_NAMES, description="Only these: ids, titles, file names or paths.", examples=[["karabakh"]]
    )
    sources: _Names | None = Field(
        None, max_length=_NAMES, description="Only documents from paths like these, with *, ? and [...]."
    )
    since: str | None = Field(
        None, max_length=10, description="First date, as YYYY, YYYY-MM or YYYY-MM-DD.", examples=["2020-05"]
    )
    until: str | None = Field(None, max_length=10, description="Last date, included whole.", examples=["2021"])


class AskRequest(Scope):
    """A question."""

    question: _Text = Field(
        description=f"What you want to know, at most {MAX_QUESTION:,} characters.",
        examples=["Who called for a ceasefire?"],
    )
    answer_all: bool = Field(False, description="Give the best guess even when it is doubtful.")
    turns: list[Answer] = Field(
        default=[],
        max_length=_TURNS,
        description=f"Answers to the questions before this one as they were given, oldest first, the last {_TURNS} at most: "
        "then it may be a follow-up such as 'When?', and standalone_question is what it was read as.",
    )


class SearchRequest(Scope):
    """Words or a question to find passages for."""

    question: _Text = Field(description=f"What to look for, at most {MAX_QUESTION:,} characters.")
    top: int = Field(10, ge=1, le=100, description="How many passages at the most.")


class SearchResult(BaseModel):
    """Passages, the best first."""

    passages: list[PassageHit]


class DocumentInfo(BaseModel):
    """A document without its text. ``size`` is in bytes of the source, ``characters`` in code points of the text."""

    id: str
    title: str
    source: str
    sha256: str
    added_at: datetime
    size: int
    characters: int
    passages: int
    date: str | None


class DocumentList(BaseModel):
    """Documents by title; ``total`` is how many there are."""

    total: int
    documents: list[DocumentInfo]


class TextSlice(BaseModel):
    """Characters ``[start, end)`` of a document, counted in Unicode code points; ``characters`` is how many it has."""

    document_id: str
    title: str
    source: str
    sha256: str
    characters: int
    start: int
    end: int
    text: str


class Programs:
    """Reads one index for programs. Safe to use from several threads."""

    def __init__(self, page: Page, gate: Gate | None = None) -> None:
        """Serve what ``page`` shows, letting as many in at a time as ``gate`` does."""
        self._page = page
        self._gate = page.gate if gate is None else gate

    def ask(self, request: AskRequest) -> Answer:
        """Answer a question.

        Raises:
            QuestionError, InputError, UnknownDocument: the request cannot be met.
            IndexMissing: there is nothing to look in.
            TooManyQuestions: too many are waiting.
        """
        asked = check_question(request.question)
        before = Conversation(tuple(Turn(answer) for answer in request.turns))
        with self._gate.turn():
            assistant = self._assistant()
            within = self._within(assistant, request)
            self._page.wait_until_loaded()
            reading = ConversationalAssistant(assistant)
            answer, _ = reading.ask(asked, before, within=within, answer_all=request.answer_all)
        return answer.model_copy(update={"question": request.question})

    def search(self, request: SearchRequest) -> SearchResult:
        """The passages most likely to answer a question; raises as :meth:`ask`."""
        asked = check_question(request.question)
        with self._gate.turn():
            assistant = self._assistant()
            within = self._within(assistant, request)
            self._page.wait_until_loaded()
            found = assistant.index.search(asked, top=request.top, within=within)
        return SearchResult(
            passages=[
                PassageHit(document_id=hit.document_id, start=hit.start, end=hit.end, score=hit.score, text=hit.text)
                for hit in found
            ]
        )

    def documents(self, first: int = 0, count: int | None = None) -> DocumentList:
        """``count`` documents from number ``first`` on, or all of them."""
        every = self._page.documents()
        shown = every[first:] if count is None else every[first : first + count]
        return DocumentList(
            total=len(every),
            documents=[DocumentInfo(**{name: getattr(d, name) for name in DocumentInfo.model_fields}) for d in shown],
        )

    def document(self, name: str) -> DocumentInfo:
        """One document.

        Raises:
            UnknownDocument: none goes by that name, or several do.
            IndexMissing: there is no index.
        """
        found = self._resolve(self._assistant(), name)
        return next(document for document in self.documents().documents if document.id == found)

    def text(self, name: str, start: int = 0, end: int | None = None, default: int = LONGEST_SLICE) -> TextSlice:
        """Characters ``[start, end)`` of a document; without an ``end``, ``default`` of them or as many as there are.

        Raises:
            UnknownDocument: no document goes by that name, or several do.
            IndexMissing: there is no index.
            InputError: the document has no such characters, or they are more than :data:`LONGEST_SLICE`.
        """
        assistant = self._assistant()
        document = assistant.index.document(self._resolve(assistant, name))
        last = min(len(document.text), start + default) if end is None else end
        _check_slice(document, start, last)
        return TextSlice(
            document_id=document.id,
            title=document.title,
            source=document.source,
            sha256=document.sha256,
            characters=len(document.text),
            start=start,
            end=last,
            text=document.text[start:last],
        )

    def _assistant(self) -> Asker:
        assistant = self._page.assistant()
        if assistant is None:
            raise IndexMissing("There is no index yet. Add articles with: qa add PATH")
        return assistant

    def _resolve(self, assistant: Asker, name: str) -> str:
        """The id of a document that the page shows too; one that is being removed is gone for programs as well."""
        return assistant.index.resolve(name, without=self._page.library.removals.hidden())

    def _within(self, assistant: Asker, scope: Scope) -> Filter:
        if scope.documents is None:
            shown = self._page.library.within(None)
            documents = None if shown is None else shown.documents
        else:
            documents = tuple(self._resolve(assistant, name) for name in scope.documents)
        return Filter(
            documents=documents,
            sources=None if scope.sources is None else tuple(scope.sources),
            since=None if scope.since is None else check_date(scope.since),
            until=None if scope.until is None else check_date(scope.until),
        )


def _check_slice(document: Document, start: int, end: int) -> None:
    if not 0 <= start <= end <= len(document.text):
        raise InputError(
            f"{document.id} has no characters {start:,} to {end:,}: its text goes from 0 to {len(document.text):,}."
        )
    if end - start > LONGEST_SLICE:
        raise InputError(f"At most {LONGEST_SLICE:,} characters are given at a time. Ask for fewer.")
