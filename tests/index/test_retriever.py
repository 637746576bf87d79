"""Fusing two rankings."""

import numpy as np
import pytest

from index.interface import Ranking
from index.retriever import Candidate, best_fused, fuse, reranked, standardized


def test_fusion_ranks_by_both_scores_and_breaks_ties_by_place() -> None:
    rows = [
        Candidate(1, ("b", 0, 5), 0.9, 0.0),
        Candidate(2, ("a", 7, 9), 0.1, 8.0),
        Candidate(3, ("a", 0, 5), 0.1, 8.0),
    ]
    # Cosines 0.9, 0.1, 0.1: z = sqrt(2), -sqrt(1/2) twice; BM25 0, 8, 8: the same with opposite signs.
    # At equal weights every sum is 0, so the places alone decide.
    assert [candidate.id for candidate, _ in fuse(rows)] == [3, 2, 1]
    assert [candidate.id for candidate, _ in fuse(rows, dense_weight=1.0)] == [1, 3, 2]
    assert [score for _, score in fuse(rows, dense_weight=1.0)] == pytest.approx([2**0.5, -(0.5**0.5), -(0.5**0.5)])


def test_equal_scores_standardize_to_zero() -> None:
    assert standardized(np.array([0.1 + 0.2, 0.3, 0.3])).tolist() == [0.0, 0.0, 0.0]


def test_fusion_refuses_a_weight_out_of_range() -> None:
    with pytest.raises(ValueError, match="dense_weight"):
        fuse([], dense_weight=1.5)


def test_the_wording_of_the_best_passages_decides_between_near_equals() -> None:
    rows = [
        Candidate(1, ("a", 0, 5), 0.52, 4.0),
        Candidate(2, ("b", 0, 5), 0.5, 4.0),
        Candidate(3, ("c", 0, 5), 0.1, 0.0),
    ]
    ranking = Ranking(dense_weight=0.5, compared=2, pairs_weight=1.0, coverage_weight=2.0)
    found = best_fused(rows, 1, ranking)
    assert [row.id for row, _ in found] == [1, 2]  # the third is not compared
    texts = ["The town has a bridge. It was painted red.", "Somebody painted the bridge in the town red."]
    ranked = reranked("Who painted the bridge?", found, texts, ranking)
    # The question has the words "paint" and "bridge", one pair. Of the first passage a sentence has one of the two words and
    # no pair; the second has both.
    fused = {row.id: score for row, score in found}
    assert [(row.id, score) for row, score, _ in ranked] == [
        (2, pytest.approx(fused[2] + 1.0 + 2.0)),
        (1, pytest.approx(fused[1] + 0.0 + 1.0)),
    ]
    assert [text for _, _, text in ranked] == texts[::-1]
    plain = Ranking(dense_weight=0.5, compared=0)
    assert [row.id for row, _, _ in reranked("Who painted the bridge?", found, texts, plain)] == [1, 2]
