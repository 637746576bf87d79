"""Ranking the passages of one state of a Milvus index."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.documents import Passage
from index.interface import Ranking
from index.milvus.contents import passages_by_id, slices, vectors_of
from index.milvus.engine import MOST_HITS, Engine
from index.milvus.state import State
from index.milvus.terms import question_terms
from index.retriever import Candidate, best_fused, reranked


def ranked(
    engine: Engine,
    records: str,
    state: State,
    question: str,
    query: NDArray[np.float32],
    top: int,
    ranking: Ranking,
    keys: Sequence[int] | None,
) -> list[Passage]:
    """The best passages for ``question``; see :meth:`PassageIndex.search`.

    Args:
        engine, records, state: what is searched.
        question: free text.
        query: its vector, float32 of shape (dimension,), of length 1.
        top: how many at the most.
        ranking: how to rank.
        keys: when given, only documents with these keys.

    Returns:
        As :meth:`PassageIndex.search`. The engine puts forward both kinds of candidates. It scores words; cosines are
        computed here from the stored vectors, so that an approximate index only decides who is a candidate.
    """
    if keys is not None and not keys:
        return []
    condition = state.live if keys is None else f"key in {list(keys)}"
    words = question_terms(question)
    asked = MOST_HITS if engine.condition_changes_scores else ranking.candidates
    found = engine.matching(state.passages, words, asked, condition) if words else []
    near = engine.nearest(state.passages, query, ranking.candidates, condition)
    ids = sorted({*near, *(row for row, _ in found[: ranking.candidates])})
    if not ids:
        return []
    bm25 = dict(found)
    # A passage that only its cosine put forward may still share words with the question.
    missing = [row for row in ids if row not in bm25]
    if words and missing and not engine.condition_changes_scores:
        bm25.update(engine.matching(state.passages, words, len(missing), f"id in {missing}"))
    rows = passages_by_id(engine, state, ids)
    cosines = vectors_of(rows.values(), len(query)) @ query
    candidates = [
        Candidate(
            row, (str(facts["document"]), int(facts["start"]), int(facts["end"])), float(cosine), bm25.get(row, 0.0)
        )
        for (row, facts), cosine in zip(rows.items(), cosines, strict=True)
    ]
    best = best_fused(candidates, top, ranking)
    texts = slices(engine, records, [(int(rows[candidate.id]["key"]), *candidate.key) for candidate, _ in best])
    return [Passage(*row.key, text, score) for row, score, text in reranked(question, best, texts, ranking)[:top]]
