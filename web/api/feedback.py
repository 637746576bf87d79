"""Feedback over HTTP: what the page sends when somebody says what they think of an answer."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from qa.feedback import Verdict
from web.api.errors import PlainErrorRoute
from web.feedback import MAX_WORDS, Feedback
from web.page import Page

_ID = r"^[A-Za-z0-9_-]{8,64}$"
AnswerId = Annotated[str, Path(pattern=_ID)]


class SelectedWords(BaseModel):
    """Characters ``[start, end)`` of a document's text, in code points, and the words there as the person saw them."""

    model_config = ConfigDict(extra="forbid", strict=True)
    document_id: str = Field(pattern=r"^[a-z0-9-]{1,255}$")
    start: int = Field(ge=0)
    end: int = Field(ge=1)
    text: str = Field(min_length=1, max_length=MAX_WORDS + 1_000)


class GiveFeedback(BaseModel):
    """What a person says about an answer; ``selected`` goes with the verdict ``corrected``, and only with it."""

    model_config = ConfigDict(extra="forbid")
    answer_id: str = Field(pattern=_ID)
    verdict: Verdict
    selected: SelectedWords | None = None


class Kept(BaseModel):
    """What was kept; ``words`` are those of a correction."""

    verdict: Verdict
    question: str
    words: str | None


class JudgedAnswer(BaseModel):
    """An answer of the chat as it can be judged, and where it stands."""

    question: str
    answer: str | None
    document_id: str | None
    title: str | None
    start: int | None
    end: int | None


class Answers(BaseModel):
    """Ids of answers."""

    model_config = ConfigDict(extra="forbid")
    answer_ids: list[Annotated[str, Field(pattern=_ID)]] = Field(max_length=1_000)


class Said(BaseModel):
    """What was said last about answers, by their ids."""

    verdicts: dict[str, Verdict]


class LeftOutQuestion(BaseModel):
    """A question that has feedback but is not in the data set, and why."""

    question: str
    reason: str


class FeedbackSummary(BaseModel):
    """What the feedback amounts to as a data set."""

    questions: int
    unanswerable: int
    wrong: int
    left_out: list[LeftOutQuestion]
    faults: list[str]


def feedback_router(page: Page) -> APIRouter:
    """The routes for feedback on the answers of ``page``."""
    router = APIRouter(prefix="/feedback", tags=["feedback"], route_class=PlainErrorRoute)
    feedback: Feedback = page.feedback

    @router.post("", status_code=201)
    def give(request: GiveFeedback) -> Kept:
        """Keep what a person says about an answer."""
        chosen = request.selected
        selected = None if chosen is None else (chosen.document_id, chosen.start, chosen.end, chosen.text)
        entry = feedback.give(request.answer_id, request.verdict, selected)
        return Kept(
            verdict=entry.verdict,
            question=entry.standalone_question,
            words=None if entry.gold is None else entry.gold.text,
        )

    @router.get("/answers/{answer_id}")
    def about(answer_id: AnswerId) -> JudgedAnswer:
        """Say what was answered, and where it stands."""
        answer = feedback.about(answer_id)
        place = answer.given.places[0] if answer.given.places else None
        return JudgedAnswer(
            question=answer.standalone_question,
            answer=answer.given.answer,
            document_id=None if place is None else place.document_id,
            title=None if place is None else place.title,
            start=None if place is None else place.start,
            end=None if place is None else place.end,
        )

    @router.post("/verdicts")
    def verdicts(request: Answers) -> Said:
        """Say what was said about answers."""
        return Said(verdicts=feedback.said(request.answer_ids))

    @router.get("")
    def summary() -> FeedbackSummary:
        """Say how many questions the feedback makes, and which are left out."""
        found, faults = feedback.collected()
        return FeedbackSummary(
            questions=found.questions,
            unanswerable=found.unanswerable,
            wrong=found.wrong,
            left_out=[LeftOutQuestion(question=out.question, reason=out.reason) for out in found.left_out],
            faults=list(faults),
        )

    @router.get("/dataset")
    def dataset() -> Response:
        """Give the feedback as a file of questions in SQuAD's form."""
        found, _ = feedback.collected()
        headers = {"Content-Disposition": 'attachment; filename="feedback.json"', "Cache-Control": "no-store"}
        return Response(found.to_json(), media_type="application/json", headers=headers)

    return router
