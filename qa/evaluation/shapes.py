"""Shapes of the parts of a report that tell where a run fails; what they mean is told where they are made.

The stages are defined in :mod:`qa.evaluation.stages`, the groups of a breakdown in :mod:`qa.evaluation.breakdown`.
"""

from typing import Literal, get_args

from pydantic import Field

from qa.models import Frozen

Stage = Literal[
    "right",
    "not_asked",
    "not_retrieved",
    "unplaced",
    "ranked_wrongly",
    "read_wrongly",
    "wrongly_refused",
    "wrongly_answered",
]
"""What became of a question: right, or the stage that lost it."""

STAGES: tuple[Stage, ...] = get_args(Stage)
"""Every stage, in the order in which reports list them."""


class FoundSpan(Frozen):
    """Where the best answer stands, whether it was given or held back.

    ``[start, end)`` are characters of the canonical text of a document. ``context`` is the position of that text among
    the distinct contexts of the question file, ``None`` if it is none of them; ``document_id`` is ``None`` where there
    is no index.
    """

    context: int | None
    document_id: str | None = None
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class StageCounts(Frozen):
    """How many questions ended at each stage; those of a run add up to its questions.

    A stage that the mode does not have is ``None``, and absent from the JSON.
    """

    right: int
    not_asked: int
    not_retrieved: int | None = None
    unplaced: int | None = None
    ranked_wrongly: int
    read_wrongly: int
    wrongly_refused: int
    wrongly_answered: int


class Group(Frozen):
    """Some of the questions of a run: how many, and their mean scores in percent."""

    name: str
    questions: int = Field(ge=1)
    exact_match: float = Field(ge=0, le=100)
    f1: float = Field(ge=0, le=100)


class Breakdown(Frozen):
    """The questions of a run grouped in several ways; the groups of each way hold every question once.

    ``documents`` are the worst ones first, ``other_documents`` all the rest as one group, ``None`` if there is no rest.
    ``wrong_in_gold_passage`` and ``wrong_elsewhere`` count the questions that were ranked or read wrongly, by whether the
    best answer stands in a passage with a gold span; ``None`` unless passages were retrieved.
    """

    type: tuple[Group, ...]
    answer_length: tuple[Group, ...]
    documents: tuple[Group, ...]
    other_documents: Group | None = None
    stage: tuple[Group, ...] | None = None
    wrong_in_gold_passage: int | None = None
    wrong_elsewhere: int | None = None
