"""At which stage of the pipeline a question was lost.

Each question gets exactly one stage: the first line that applies. An answer is *right* if its F1 is at least 0.5, as for
the calibration (:mod:`qa.evaluation.scoring`), wherever its words stand: the same words elsewhere are right too.

1. ``not_asked``: the system would not take the question (too long, say).
2. ``wrongly_answered``: the question has no answer, and one was given.
3. ``right``: a right answer was given; or the question has no answer, and none was given.
4. ``wrongly_refused``: no answer was given, though the best candidate was right: the threshold lost it.
5. ``not_retrieved``: no passage that the reader was given overlaps a gold span in the gold document: retrieval lost it.
6. ``unplaced``: the index does not hold the question's context, so nobody knows whether a gold span was retrieved.
7. ``ranked_wrongly``: another of the candidates was right, but not the best one: the order of the candidates lost it.
8. ``read_wrongly``: none of the candidates was right, although a gold span was before the reader's eyes.

Stages 5 to 8 are of questions that have an answer and whose best candidate is wrong, whether it was given or held back:
refusing to give a wrong answer does not undo the loss before it.

The candidates are those that the system tells of. When reading alone these are the reader's spans. The assistant tells
of its claims and a few alternatives, at most :attr:`qa.assistant.AssistantSettings.alternatives`, and of overlapping spans only
of the best; so a right span inside a best one that is too long is ``read_wrongly``, and so is one further down the list.

In ``--mode reading`` the reader is given the question's own context: there is no ``not_retrieved`` and no ``unplaced``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.documents import Span
from qa.evaluation.columns import columns_of
from qa.evaluation.retrieval import gold_rank
from qa.evaluation.scoring import is_right
from qa.evaluation.shapes import STAGES, FoundSpan, Stage, StageCounts

if TYPE_CHECKING:
    from qa.evaluation.report import QuestionResult
    from qa.models import Answer

_NOT_WHEN_READING: frozenset[Stage] = frozenset({"not_retrieved", "unplaced"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run saw on the way to an answer.

    Attributes:
        retrieved: whether the reader was given a gold span; ``None`` if nobody knows where the gold spans stand. Of no
            meaning for a question without an answer.
        others: the candidates after the best one, best first.
        found: where the best candidate stands; ``None`` if there was none.
        in_gold_passage: whether it stands in a passage that overlaps a gold span; ``None`` if that is not known or no
            passages were retrieved.
    """

    retrieved: bool | None
    others: tuple[str, ...] = ()
    found: FoundSpan | None = None
    in_gold_passage: bool | None = None


def stage_of(golds: Sequence[str], given: str, best: str, evidence: Evidence) -> Stage:
    """The stage of a question that was asked; see the module's description.

    Args:
        golds: the accepted answers; empty for a question without an answer.
        given: the answer given; empty if none was.
        best: the best candidate, given or not; empty if there was none.
        evidence: what else the run saw.
    """
    if not golds:
        return "wrongly_answered" if given else "right"
    if is_right(best, golds):
        return "right" if given else "wrongly_refused"
    if evidence.retrieved is None:
        return "unplaced"
    if not evidence.retrieved:
        return "not_retrieved"
    return "ranked_wrongly" if any(is_right(other, golds) for other in evidence.others) else "read_wrongly"


def evidence_of(
    answer: "Answer", gold_document: str | None, golds: Sequence[Span], contexts: Sequence[str | None]
) -> Evidence:
    """What the assistant's answer tells about the way to it.

    Args:
        answer: of the assistant.
        gold_document: the document that the question is about; ``None`` if the index does not hold it.
        golds: the gold spans in that document; empty for a question without an answer.
        contexts: for each context of the question file the id of its document, ``None`` if it has none.
    """
    retrieved = None if gold_document is None else gold_rank(answer.passages, gold_document, golds) is not None
    # An answer that is held back heads the alternatives; one that is given is the first claim.
    head = 1 if answer.answer is None else 0
    claimed = [claim.answer for claim in answer.claims[1:]]
    others = (*claimed, *(other.answer for other in answer.alternatives[head:]))
    citations = (
        answer.citations if answer.answer is not None else [c for a in answer.alternatives[:1] for c in a.citations]
    )
    if not citations:
        return Evidence(retrieved, others)
    first = citations[0]
    place = contexts.index(first.document_id) if first.document_id in contexts else None
    found = FoundSpan(context=place, document_id=first.document_id, start=first.start, end=first.end)
    if gold_document is None or not golds:
        return Evidence(retrieved, others, found)
    around = [
        passage
        for passage in answer.passages
        if passage.document_id == first.document_id and passage.start <= first.start and first.end <= passage.end
    ]
    return Evidence(retrieved, others, found, gold_rank(around, gold_document, golds) is not None)


def count_stages(results: Sequence["QuestionResult"], mode: str) -> StageCounts | None:
    """How many questions ended at each stage; ``None`` if that of one of them is not known."""
    found = columns_of(results)["stage"]
    if (found < 0).any():
        return None
    counts = dict(zip(STAGES, np.bincount(found, minlength=len(STAGES)).tolist(), strict=True))
    return StageCounts(
        right=counts["right"],
        not_asked=counts["not_asked"],
        not_retrieved=None if mode == "reading" else counts["not_retrieved"],
        unplaced=None if mode == "reading" else counts["unplaced"],
        ranked_wrongly=counts["ranked_wrongly"],
        read_wrongly=counts["read_wrongly"],
        wrongly_refused=counts["wrongly_refused"],
        wrongly_answered=counts["wrongly_answered"],
    )
