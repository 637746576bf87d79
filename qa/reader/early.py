"""Which passages of a question are read to the end.

After its first layers the network already tells most passages that hold no answer from those that may
(:class:`qa.reader.backends.Look`). Passages of one question compete: what is far behind the best is left there, so a question
among many passages costs little more than the reading of a few.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from qa.reader.names import names_shared


class EarlyExit(BaseModel):
    """When a passage is given up: it is more than ``margin`` behind the best, and ``least`` others are before it. Of several
    documents one of the best one's own may be :data:`SAME_DOCUMENT` times as far behind.

    Passages are compared by their early logit plus ``retrieval`` times their fused retrieval score, where they were
    retrieved. All three are fitted on questions that the network was not trained on, and stored beside its weights.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    margin: float = Field(ge=0)
    retrieval: float
    least: int = Field(ge=1)


@dataclass(frozen=True, slots=True)
class Origin:
    """The document that a passage is of, and the names in the passage."""

    document: str
    names: frozenset[str]


SAME_DOCUMENT = 2.0
"""How many margins a passage may be behind that is of the best one's document, where others compete with that. Among
articles on like events the best passage is before the others of its article by much more than among the paragraphs that
the margin is fitted on, and where there is one article only; benchmarks/development/README.md has the figures."""
RELATED = 0.25
"""Share of names from which on passages of two documents are taken to be about one event."""
_LEAST_NAMES = 2
MOST_RELATED = 2
"""How many passages are read on because what another document says of the same event may differ."""


def promising(
    early: Sequence[float],
    retrieval: Sequence[float] | None,
    rule: EarlyExit,
    origins: Sequence[Origin] | None = None,
) -> list[int]:
    """The passages that are read on, by number, ascending.

    Args:
        early: for each passage its early logit, that of its best window.
        retrieval: for each passage the score it was retrieved with, if it was.
        rule: what to go by.
        origins: of each passage; without them each counts as a document of its own. Of other documents that seem to be about
            the same event as the best passage the best passages are read on too, however far they are behind.
    """
    values = list(early)
    if retrieval is not None:
        values = [value + rule.retrieval * score for value, score in zip(early, retrieval, strict=True)]
    order = sorted(range(len(values)), key=lambda place: (-values[place], place))
    own: set[int] = set()
    if origins is not None and len({origin.document for origin in origins}) > 1:
        own = {place for place in order if origins[place].document == origins[order[0]].document}
    kept: list[int] = []
    for rank, place in enumerate(order):
        margin = SAME_DOCUMENT * rule.margin if place in own else rule.margin
        if rank < rule.least or values[order[0]] - values[place] <= margin:
            kept.append(place)
    return sorted(kept if origins is None or not kept else kept + _related(order, kept, origins))


def _related(order: Sequence[int], kept: Sequence[int], origins: Sequence[Origin]) -> list[int]:
    """The first passages in ``order`` of documents of which none is in ``kept``, but which share names with the best one."""
    documents = {origins[place].document for place in kept}
    best = origins[order[0]].names
    found: list[int] = []
    for place in order:
        origin = origins[place]
        if origin.document in documents or len(found) == MOST_RELATED:
            continue
        if len(best & origin.names) >= _LEAST_NAMES and names_shared(best, origin.names) >= RELATED:
            found.append(place)
            documents.add(origin.document)
    return found
