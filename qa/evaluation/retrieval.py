"""Passage ranking: where the gold passage stands, and the usual scores of that.

A passage is a *hit* if it is of the gold document and overlaps an accepted answer. For an unanswerable question every
passage of the document that it was written about is a hit: there is no answer to overlap, yet those are the passages
that a refusal should show.

Each question has one information need, met by the first hit. Further hits are ignored, because overlapping passages
hold the same words: recall@k is therefore the share of questions with a hit among the first k, and the scores do not
depend on how finely articles are cut.

The scores are computed by ir_measures (kept up, one name for each measure, and trec_eval's own code beneath); bare
pytrec_eval would need its measure names and cut-offs translated here, and ranx brings numba, a compiler, for the same.
"""

import math
from collections.abc import Mapping, Sequence

from index.documents import Passage, Span
from qa.models import PassageHit

DEPTH = 20
"""How many passages are looked at: the largest cut-off of the scores."""


def gold_rank(passages: Sequence[Passage | PassageHit], document_id: str, golds: Sequence[Span]) -> int | None:
    """Rank of the first hit, counted from 1; ``None`` if there is none.

    Args:
        passages: best first.
        document_id: the gold document.
        golds: accepted answers in that document; empty for an unanswerable question.
    """
    for rank, passage in enumerate(passages, start=1):
        if passage.document_id == document_id and (
            not golds or any(passage.start < gold.end and gold.start < passage.end for gold in golds)
        ):
            return rank
    return None


def ranking_scores(ranks: Sequence[int | None]) -> dict[str, float]:
    """Mean scores in 0..1 over questions whose first hits have these ranks; see :func:`question_scores`.

    Raises:
        ValueError: there are no questions.
    """
    return mean_scores(question_scores(ranks))


def question_scores(ranks: Sequence[int | None]) -> list[dict[str, float]]:
    """The scores in 0..1 of each question, whose first hit has the given rank.

    - recall@k: 1 if the rank is at most k, else 0.
    - mrr@10: 1 / rank if the rank is at most 10, else 0 (Voorhees 1999, TREC-8 question answering).
    - ndcg@10: 1 / log2(1 + rank) if the rank is at most 10, else 0 (Järvelin and Kekäläinen 2002, one relevant item).

    Raises:
        ValueError: there are no questions.
    """
    # Questions of the same rank have the same scores, so each rank is worked out once.
    distinct = {rank: str(rank) for rank in ranks}
    fillers = {
        name: [] if rank is None else [*(f"filler-{place}" for place in range(1, rank)), "hit"]
        for rank, name in distinct.items()
    }
    scores = graded_scores({name: {"hit": 1} for name in fillers}, fillers)
    return [scores[distinct[rank]] for rank in ranks]


def mean_scores(scores: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each score over questions; raises ``ValueError`` if there are none."""
    if not scores:
        raise ValueError("no question to score a ranking on")
    return {name: math.fsum(row[name] for row in scores) / len(scores) for name in scores[0]}


def graded_scores(
    judgements: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    """The scores in 0..1 of each judged question, by its id.

    - recall@k: share of the relevant items that are among the first k.
    - mrr@10: 1 / rank of the first relevant item if that is at most 10, else 0.
    - ndcg@10: gain over the best possible gain of ten items, where an item gains its relevance / log2(1 + rank)
      (Järvelin and Kekäläinen 2002, with linear gains as in trec_eval).

    Args:
        judgements: by question, the relevance of items by their names; relevant is what has 1 or more.
        rankings: by question, the names of items, best first; a question without any scores 0.

    Raises:
        ValueError: there are no questions.
    """
    if not judgements:
        raise ValueError("no question to score a ranking on")
    # Here, not at the top: it takes a while to import, and only this function needs it.
    import ir_measures
    from ir_measures import RR, R, nDCG

    measures = {"recall@1": R @ 1, "recall@5": R @ 5, "recall@20": R @ 20, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10}
    wanted = [
        ir_measures.Qrel(question, item, grade)
        for question, items in judgements.items()
        for item, grade in items.items()
    ]
    # Falling scores, so that no tie is left to the library's rule.
    run = [
        ir_measures.ScoredDoc(question, item, -float(place))
        for question in judgements
        for place, item in enumerate(rankings.get(question, ()))
    ]
    names = {measure: name for name, measure in measures.items()}
    scores = {question: dict.fromkeys(measures, 0.0) for question in judgements}
    for metric in ir_measures.iter_calc(list(names), wanted, run):
        scores[metric.query_id][names[metric.measure]] = float(metric.value)
    return scores
