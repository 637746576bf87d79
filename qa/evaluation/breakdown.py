"""The scores of a run by kinds of questions: by type, by length of the answer, by document, by stage.

**Type** and **answer length**: see :mod:`qa.evaluation.kinds`.

**Document**: contexts with the same title are one document; those without a title are one each. The worst mean F1 comes
first, of equal ones the larger. The first 50 are listed, the rest is one group.

**Stage**: see :mod:`qa.evaluation.stages`.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from qa.evaluation.columns import Columns, columns_of
from qa.evaluation.datasets import Context, Dataset
from qa.evaluation.kinds import LENGTHS, TYPES, answer_length, question_type
from qa.evaluation.report import QuestionResult, Report
from qa.evaluation.shapes import STAGES, Breakdown, Group
from qa.evaluation.stages import count_stages

__all__ = [
    "DOCUMENTS_LISTED",
    "LENGTHS",
    "TYPES",
    "answer_length",
    "break_down",
    "document_name",
    "question_type",
    "table_lines",
    "with_breakdown",
]

DOCUMENTS_LISTED = 50
"""How many documents a breakdown lists by name."""

_DOCUMENTS_PRINTED = 5


def document_name(contexts: Sequence[Context], position: int) -> str:
    """What the document of a context is called: its title, or the number of the context, counted from 1."""
    return contexts[position].title.strip() or f"context {position + 1}"


def with_breakdown(report: Report, dataset: Dataset) -> Report:
    """``report`` with the counts of its stages and its breakdown.

    Args:
        report: of a run in which answers were asked for.
        dataset: the question file; the results' contexts are positions in it.
    """
    return report.model_copy(
        update={
            "stages": count_stages(report.results, report.mode),
            "breakdown": break_down(report.results, dataset.contexts),
        }
    )


def break_down(results: Sequence[QuestionResult], contexts: Sequence[Context]) -> Breakdown:
    """The scores of ``results`` by kinds of questions.

    Args:
        results: at least one; all with an exact match and an F1.
        contexts: of the question file; the results' contexts are positions in it.

    Raises:
        ValueError: a result has no exact match or no F1.
    """
    columns = columns_of(results)
    if not columns["scored"].all():
        raise ValueError("a question without an exact match or an F1 cannot be broken down")
    names, groups = _documents(columns, contexts)
    documents = sorted(_groups(columns, groups, names), key=lambda group: (group.f1, -group.questions, group.name))
    rest = documents[DOCUMENTS_LISTED:]
    unlisted = {group.name for group in rest}
    of_rest = np.isin(groups, [place for place, name in enumerate(names) if name in unlisted])
    stages, placed = columns["stage"], columns["in_gold_passage"]
    lost = placed[np.isin(stages, [STAGES.index("ranked_wrongly"), STAGES.index("read_wrongly")])]
    known = bool((placed >= 0).any())
    return Breakdown(
        type=tuple(_groups(columns, columns["type"], TYPES)),
        answer_length=tuple(_groups(columns, columns["length"], LENGTHS)),
        documents=tuple(documents[:DOCUMENTS_LISTED]),
        other_documents=_group(columns, of_rest, f"{len(rest)} other documents") if rest else None,
        stage=tuple(_groups(columns, stages, STAGES)) if (stages >= 0).all() else None,
        wrong_in_gold_passage=int((lost == 1).sum()) if known else None,
        wrong_elsewhere=int((lost == 0).sum()) if known else None,
    )


def table_lines(breakdown: Breakdown) -> list[str]:
    """The breakdown as lines for a terminal, with the worst few of the documents."""
    worst = breakdown.documents[:_DOCUMENTS_PRINTED]
    tables = [("by type", breakdown.type), ("by answer length", breakdown.answer_length), ("worst documents", worst)]
    if breakdown.stage is not None:
        tables.append(("by stage", breakdown.stage))
    lines: list[str] = []
    for heading, groups in tables:
        lines.append(f"{heading:<28} {'questions':>9} {'EM':>6} {'F1':>6}")
        for group in groups:
            name = " ".join(group.name.split())
            name = name if len(name) <= 24 else name[:23] + "…"
            lines.append(f"  {name:<26} {group.questions:>9} {group.exact_match:>6.1f} {group.f1:>6.1f}")
    return lines


def _documents(columns: Columns, contexts: Sequence[Context]) -> tuple[list[str], NDArray[np.int64]]:
    """The names of the documents asked about, and for each question the position of its document's."""
    asked, positions = np.unique(columns["context"], return_inverse=True)
    places: dict[str, int] = {}
    of_context = [places.setdefault(document_name(contexts, int(place)), len(places)) for place in asked]
    return list(places), np.array(of_context, dtype=np.int64)[positions]


def _groups(columns: Columns, places: NDArray[np.integer], names: Sequence[str]) -> Iterable[Group]:
    """The group of each name, in their order, without those that no question is in.

    Args:
        columns: of the results.
        places: for each question the position of its name.
        names: what the groups are called.
    """
    counts = np.bincount(places, minlength=len(names))
    exact = np.bincount(places, weights=columns["exact_match"], minlength=len(names))
    f1 = np.bincount(places, weights=columns["f1"], minlength=len(names))
    return [
        _of(name, int(count), float(one), float(other))
        for name, count, one, other in zip(names, counts, exact, f1, strict=True)
        if count
    ]


def _group(columns: Columns, members: NDArray[np.bool_], name: str) -> Group:
    return _of(
        name,
        int(members.sum()),
        float(columns["exact_match"][members].sum()),
        float(columns["f1"][members].sum()),
    )


def _of(name: str, questions: int, exact: float, f1: float) -> Group:
    # The sum of many shares of 1.0 may come out a rounding error above their number.
    return Group(
        name=name,
        questions=questions,
        exact_match=min(100.0, 100.0 * exact / questions),
        f1=min(100.0, 100.0 * f1 / questions),
    )
