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

from collections.abc import Sequence

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
    """Mean scores in 0..1 over questions whose first hits have these ranks.

    - recall@k: 1 if the rank is at most k, else 0.
    - mrr@10: 1 / rank if the rank is at most 10, else 0 (Voorhees 1999, TREC-8 question answering).
    - ndcg@10: 1 / log2(1 + rank) if the rank is at most 10, else 0 (Järvelin and Kekäläinen 2002, one relevant item).

    Raises:
        ValueError: there are no questions.
    """
    if not ranks:
        raise ValueError("no question to score a ranking on")
    # Here, not at the top: it takes a while to import, and only this function needs it.
    import ir_measures
    from ir_measures import RR, R, nDCG

    measures = {"recall@1": R @ 1, "recall@5": R @ 5, "recall@20": R @ 20, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10}
    wanted = [ir_measures.Qrel(str(number), "hit", 1) for number in range(len(ranks))]
    # A run of fillers up to the hit, with falling scores so that no tie is left to the library's rule.
    run = [
        ir_measures.ScoredDoc(str(number), "hit" if place == rank else f"filler-{place}", -float(place))
        for number, rank in enumerate(ranks)
        if rank is not None
        for place in range(1, rank + 1)
    ]
    means = ir_measures.calc_aggregate(list(measures.values()), wanted, run)
    return {name: float(means[measure]) for name, measure in measures.items()}
