"""Which passages of a question are read to the end.

After its first layers the network already tells most passages that hold no answer from those that may
(:class:`qa.reader.backends.Look`). Passages of one question compete: what is far behind the best is left there, so a question
among many passages costs little more than the reading of a few.
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field


class EarlyExit(BaseModel):
    """When a passage is given up: it is more than ``margin`` behind the best, and ``least`` others are before it.

    Passages are compared by their early logit plus ``retrieval`` times their fused retrieval score, where they were
    retrieved. All three are fitted on questions that the network was not trained on, and stored beside its weights.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    margin: float = Field(ge=0)
    retrieval: float
    least: int = Field(ge=1)


def promising(early: Sequence[float], retrieval: Sequence[float] | None, rule: EarlyExit) -> list[int]:
    """The passages that are read on, by number, ascending.

    Args:
        early: for each passage its early logit, that of its best window.
        retrieval: for each passage the score it was retrieved with, if it was.
        rule: what to go by.
    """
    values = list(early)
    if retrieval is not None:
        values = [value + rule.retrieval * score for value, score in zip(early, retrieval, strict=True)]
    order = sorted(range(len(values)), key=lambda place: (-values[place], place))
    return sorted(
        place
        for rank, place in enumerate(order)
        if rank < rule.least or values[order[0]] - values[place] <= rule.margin
    )
