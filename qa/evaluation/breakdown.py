"""The scores of a run by kinds of questions: by type, by length of the answer, by document, by stage.

**Type**, from the words of the question: the first question word in it decides. "how many" and "how much" make ``how many``,
any other "how" makes ``how``; "who", "whom" and "whose" make ``who``; "what" and "which" make ``what``; "when", "where"
and "why" make types of their own; without any of these it is ``other``. Words are runs of letters, so "who's" counts as
"who". The rule knows English and no grammar: "When she left, who came?" is ``when``.

**Answer length**: tokens of the first accepted answer, as F1 counts them (:func:`qa.evaluation.squad.normalise`): 1, 2 to 3,
4 to 7, 8 or more. The few answers of nothing but articles and punctuation have none and stand under 1. Questions without
an answer are ``unanswerable``.

**Document**: contexts with the same title are one document; those without a title are one each. The worst mean F1 comes
first, of equal ones the larger. The first 50 are listed, the rest is one group.

**Stage**: see :mod:`qa.evaluation.stages`.
"""

import re
from collections.abc import Iterable, Sequence

from qa.evaluation.datasets import Context, Dataset
from qa.evaluation.report import QuestionResult, Report
from qa.evaluation.shapes import STAGES, Breakdown, Group
from qa.evaluation.squad import normalise
from qa.evaluation.stages import count_stages

DOCUMENTS_LISTED = 50
"""How many documents a breakdown lists by name."""

TYPES = ("who", "what", "when", "where", "why", "how many", "how", "other")
"""Every type of question, in the order in which reports list them."""

UNANSWERABLE = "unanswerable"
LENGTHS = ("1", "2-3", "4-7", "8+", UNANSWERABLE)
"""Every length of an answer, in the order in which reports list them."""

_DOCUMENTS_PRINTED = 5
_WORD = re.compile(r"[^\W\d_]+")
_TYPE_OF_WORD = {"who": "who", "whom": "who", "whose": "who", "what": "what", "which": "what"} | {
    word: word for word in ("when", "where", "why", "how")
}


def question_type(question: str) -> str:
    """The type of a question, one of :data:`TYPES`; see the module's description."""
    words = _WORD.findall(question.lower())
    for place, word in enumerate(words):
        if word == "how" and words[place + 1 : place + 2] in (["many"], ["much"]):
            return "how many"
        if word in _TYPE_OF_WORD:
            return _TYPE_OF_WORD[word]
    return "other"


def answer_length(golds: Sequence[str]) -> str:
    """The length of a question's first accepted answer, one of :data:`LENGTHS`; see the module's description."""
    if not golds:
        return UNANSWERABLE
    tokens = len(normalise(golds[0]).split())
    if tokens <= 1:
        return "1"
    if tokens <= 3:
        return "2-3"
    return "4-7" if tokens <= 7 else "8+"


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
    by_document = _grouped((document_name(contexts, result.context), result) for result in results)
    documents = sorted(
        (_group(name, members) for name, members in by_document.items()),
        key=lambda group: (group.f1, -group.questions, group.name),
    )
    listed = documents[:DOCUMENTS_LISTED]
    rest = [result for group in documents[DOCUMENTS_LISTED:] for result in by_document[group.name]]
    stages = [(result.stage, result) for result in results if result.stage is not None]
    lost = [result.in_gold_passage for result in results if result.stage in ("ranked_wrongly", "read_wrongly")]
    placed = any(result.in_gold_passage is not None for result in results)
    return Breakdown(
        type=_ordered(((question_type(result.question), result) for result in results), TYPES),
        answer_length=_ordered(((answer_length(result.golds), result) for result in results), LENGTHS),
        documents=tuple(listed),
        other_documents=_group(f"{len(documents) - len(listed)} other documents", rest) if rest else None,
        stage=_ordered(stages, STAGES) if len(stages) == len(results) else None,
        wrong_in_gold_passage=lost.count(True) if placed else None,
        wrong_elsewhere=lost.count(False) if placed else None,
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
            name = group.name if len(group.name) <= 24 else group.name[:23] + "…"
            lines.append(f"  {name:<26} {group.questions:>9} {group.exact_match:>6.1f} {group.f1:>6.1f}")
    return lines


def _grouped(named: Iterable[tuple[str, QuestionResult]]) -> dict[str, list[QuestionResult]]:
    groups: dict[str, list[QuestionResult]] = {}
    for name, result in named:
        groups.setdefault(name, []).append(result)
    return groups


def _ordered(named: Iterable[tuple[str, QuestionResult]], order: Sequence[str]) -> tuple[Group, ...]:
    groups = _grouped(named)
    return tuple(_group(name, groups[name]) for name in order if name in groups)


def _group(name: str, results: Sequence[QuestionResult]) -> Group:
    exact = [result.exact_match for result in results if result.exact_match is not None]
    f1 = [result.f1 for result in results if result.f1 is not None]
    if len(exact) < len(results) or len(f1) < len(results):
        raise ValueError("a question without an exact match or an F1 cannot be broken down")
    # The sum of many shares of 1.0 may come out a rounding error above their number.
    return Group(
        name=name,
        questions=len(results),
        exact_match=min(100.0, 100.0 * sum(exact) / len(exact)),
        f1=min(100.0, 100.0 * sum(f1) / len(f1)),
    )
